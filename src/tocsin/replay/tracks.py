"""Tracks: what could be known on a past day, under one assumption, and what that knowledge is called."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tocsin import months
from tocsin import panel as panels
from tocsin.errors import NotAssessed
from tocsin.figures import Groups
from tocsin.panel import Panel
from tocsin.revision import Triangle
from tocsin.text import Language, say
from tocsin.vault import Vault
from tocsin.warn import Evidence, Rule, by_province

Label = Literal["true_vintage", "published_version", "reconstructed"]
"""Bytes that were there on the day; a release that was out on the day, in the bytes it has now; a later
release cut by an assumed lag."""


@dataclass(frozen=True, eq=False)
class Track:
    """One way to know the past.

    name:   short and stable: `lag-1`, `lag-7`, `vault`.
    label:  what every number made under it must be called.
    lag:    assumed whole months between a month's end and its publication; None where nothing is assumed.
    source: what was known on a day; it raises NotAssessed where nothing was.
    digest: of everything the track can ever show.
    revised: the vintages from which first reports are brought to what they are expected to become; None where
            they are taken as they are.
    """

    name: str
    label: Label
    lag: int | None
    source: Callable[[dt.date], Evidence]
    digest: str
    revised: Triangle | None = None

    def known(self, on: dt.date) -> Evidence:
        """Return what was known on a day: the countries covered in its last month, up to that month.

        NotAssessed where nothing was known.
        """
        evidence = self.source(on)
        origin = evidence.panel.newest()
        if origin is None:
            raise NotAssessed("replay.nothing_known", on=on.isoformat(), track=self.name)
        panel = evidence.panel.until(origin)
        living = [a for a, c in zip(panel.areas, panel.covered[:, -1], strict=True) if c]
        cut = {kind: places.until(origin) for kind, places in evidence.places.items()}
        return Evidence(panel.only(living), {k: held for k, held in cut.items() if held is not None})

    def series(self, basis: str) -> str:
        """Return what the warnings of this track are filed under: never that of another, never `live`."""
        if self.label == "reconstructed":
            return basis
        return self.label.replace("_", " ") + (", revised" if self.revised else "")

    def said(self, language: Language | None = None) -> str:
        """Return what the track is called."""
        return track_name(self.label, self.lag, language, revised=self.revised is not None)


def track_name(
    label: Label, lag: int | None, language: Language | None = None, *, revised: bool = False
) -> str:
    """Return what a track is called, by its label and lag."""
    if lag is None:
        key = f"replay.label.{label}"
        return say(f"{key}_revised" if revised else key, language)
    key = "replay.label.lagged_one" if lag == 1 else "replay.label.lagged"
    return say(key, language, lag=lag)


def lagged(
    panel: Panel, lags: Sequence[int], rules: Sequence[Rule], groups: Groups | None
) -> tuple[Track, ...]:
    """Return a track for each lag: a later release, cut so that a month is known `lag` months after its end.

    groups: events by province, for rules that ask of them.
    """
    whole = Evidence.of(panel, rules, groups)

    def source(lag: int) -> Callable[[dt.date], Evidence]:
        return lambda on: Evidence(panel.known(on, lag), whole.places)

    return tuple(Track(f"lag-{lag}", "reconstructed", lag, source(lag), whole.digest) for lag in lags)


def vaulted(vault: Vault, rules: Sequence[Rule], *, as_of: dt.date) -> Track:
    """Return the track of what the vault held on each day: nothing is assumed about when.

    Its numbers are true vintages if the vault retrieved all it holds by `as_of` itself, or has a stated day
    for it; they are published versions if a day is assumed for any.
    """
    # Days before it was withdrawn still read a vintage.
    held = (*vault.vintages(as_of=as_of), *vault.status(as_of=as_of).withdrawn)
    label: Label = "published_version" if any(v.basis == "assumed" for v in held) else "true_vintage"
    places = by_province(rules)

    # A walk asks for a day again: once ahead, to begin the forecast of it, then to look at it.
    @lru_cache(maxsize=2)
    def source(on: dt.date) -> Evidence:
        resolved = vault.resolve(as_of=on)
        panel = panels.of_resolved(resolved, as_of=on)
        return Evidence.of(panel, rules, Groups.of_events(resolved.events, panel) if places else None)

    return Track("vault", label, None, source, " ".join(sorted(v.sha256 for v in held)))


def vintaged(triangle: Triangle) -> tuple[Track, ...]:
    """Return two tracks of the vintages of one country: as published, and with their expected revision.

    Its panel has one area, so that there is no rank among countries.
    """

    def source(on: dt.date) -> Evidence:
        return Evidence(triangle.panel(on), {})

    plain = Track("vintage", "true_vintage", None, source, triangle.digest)
    return plain, dataclasses.replace(plain, name="vintage-revised", revised=triangle)


def observer(month: int) -> dt.date:
    """Return the day on which a month of a replay is looked at: its first."""
    return months.first_day(month)
