"""The panel: a dense array of deaths per area, month and kind, and the mask of what was covered."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.kinds import KINDS, Kind, Target
from tocsin.months import Span
from tocsin.panel.arrays import Record, counts, frozen, ids
from tocsin.text import Language, say

Level = Literal["country", "cell", "admin1"]
AreaId = int | str
RECONSTRUCTED = "reconstructed"

Reason = Literal["outside_span", "no_such_state", "place_too_coarse", "outside_areas", "not_covered"]


@dataclass(frozen=True)
class LeftOut:
    """Events that found no place in a panel, counted.

    reason: `outside_span` (another month), `no_such_state` (its country code names no state in that month),
            `place_too_coarse` (for this level), `outside_areas` (not among the areas asked for),
            `not_covered` (in an area and month that no release in hand accounts for).
    events, deaths: how many; `codes`: country codes of those events as published, ascending.
    """

    reason: Reason
    events: int
    deaths: int
    codes: tuple[int, ...]

    def text(self, language: Language | None = None) -> str:
        """Return the count as a sentence."""
        codes = ", ".join(map(str, self.codes))
        return say(
            f"panel.left_out.{self.reason}", language, events=self.events, deaths=self.deaths, codes=codes
        )


def in_states(left_out: Iterable[LeftOut], codes: Collection[int] = ()) -> tuple[LeftOut, ...]:
    """Return one count a reason, in order, of what was left out in the states of `codes`, all when empty.

    A count of several states is whole where it touches one of them.
    """
    found: dict[Reason, LeftOut] = {}
    for left in left_out:
        if codes and not set(left.codes) & set(codes):
            continue
        so_far = found.get(left.reason, LeftOut(left.reason, 0, 0, ()))
        found[left.reason] = LeftOut(
            left.reason, so_far.events + left.events, so_far.deaths + left.deaths,
            tuple(sorted({*so_far.codes, *left.codes})),
        )  # fmt: skip
    return tuple(found.values())


@dataclass(frozen=True, eq=False, repr=False)
class Panel(Record):
    """Deaths per area, month and kind, as known on a day.

    areas:    ids in ascending order: Gleditsch-Ward codes (or VIEWS ids where `scheme` says so) for
              countries, PRIO-GRID gids for cells. For admin-1 `<state>:<name as published>` where `scheme`
              is `ucdp`, keys such as `ML09@2012` where it is `ocha`.
    span:     the months of the second axis.
    kinds:    the kinds of the third axis, a subset of `tocsin.kinds.KINDS` in its order.
    deaths:   int32 [area, month, kind], best estimates; 0 wherever `covered` is False.
    covered:  bool [area, month]; False means that no release in hand covers it: *not assessed*, never 0.
    as_of:    the day whose knowledge the panel holds.
    releases: names of the releases it was made from, sorted.
    basis:    `as published`, or `reconstructed, lag N` when an assumed publication lag cut a later release;
              the shipped figures say which part of them is estimated.
    lag:      the whole months of that assumed lag; None where none cut the panel. No part of the digest, for
              the basis names it.
    left_out: events that found no place in the panel, by reason; no part of the digest.
    events:   int32 [area, month, kind], how many events the deaths are of; None where no source says.
    beside:   a panel of the same areas and months, all kinds and their events, that a method may read besides
              this one; its own mask says where it knows. None where there is none.

    Arrays of other whole numbers become int32. An array that owns its memory is taken as it is and cannot be
    written to any more; one that looks into another is copied. BadInput for deaths or events that are no
    counts (NaN, -1, 2.5), areas or kinds out of order, shapes that differ, deaths where it is not covered.
    """

    level: Level
    scheme: str
    areas: tuple[AreaId, ...]
    span: Span
    kinds: tuple[Kind, ...]
    deaths: NDArray[np.int32]
    covered: NDArray[np.bool_]
    as_of: dt.date
    releases: tuple[str, ...]
    basis: str = "as published"
    left_out: tuple[LeftOut, ...] = ()
    events: NDArray[np.int32] | None = None
    beside: Panel | None = None
    lag: int | None = None

    def __post_init__(self) -> None:
        deaths, covered = counts(self.deaths, "deaths"), np.ma.filled(self.covered, False)
        events = None if self.events is None else counts(self.events, "events")
        areas, kinds = ids(self.areas, self.level), tuple(self.kinds)
        shape = (len(areas), len(self.span), len(kinds))
        if deaths.shape != shape or covered.shape != shape[:2]:
            raise BadInput(
                "panel.shape", deaths=str(deaths.shape), covered=str(covered.shape), expected=str(shape)
            )
        if events is not None and events.shape != shape:
            raise BadInput("panel.events_shape", events=str(events.shape), expected=str(shape))
        if covered.dtype != np.bool_:
            raise BadInput("panel.covered_not_bool", dtype=str(covered.dtype))
        if kinds != tuple(kind for kind in KINDS if kind in kinds):
            raise BadInput("panel.kinds", value=", ".join(map(str, kinds)), choices=", ".join(KINDS))
        if self.beside is not None and (self.beside.areas, self.beside.span) != (areas, self.span):
            raise BadInput(
                "panel.beside_differs", count=len(areas), span=str(self.span),
                beside_count=len(self.beside.areas), beside=str(self.beside.span),
            )  # fmt: skip
        if list(areas) != sorted(set(areas)):
            raise BadInput("panel.areas_unsorted")
        if deaths[~covered].any():
            raise BadInput("panel.deaths_uncovered")
        held = {
            "areas": areas, "kinds": kinds, "deaths": frozen(deaths), "covered": frozen(covered),
            "as_of": months.day(self.as_of, "as_of"), "releases": tuple(self.releases),
            "events": None if events is None else frozen(events),
        }  # fmt: skip
        for name, value in held.items():
            object.__setattr__(self, name, value)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything a model can read here."""
        more = [] if self.events is None else [self.events]
        return digest.of_parts(
            self.level, self.scheme, list(self.areas), str(self.span), list(self.kinds),
            self.deaths, self.covered, list(self.releases), self.basis,
            *more, *([] if self.beside is None else [self.beside.digest]),
        )  # fmt: skip

    def index(self, area: AreaId) -> int:
        """Return the row of an area; UnknownName if the panel does not hold it."""
        try:
            return self._rows[area]
        except KeyError:
            raise UnknownName("panel.unknown_area", value=area, level=self.level) from None

    @cached_property
    def _rows(self) -> dict[AreaId, int]:
        return {area: row for row, area in enumerate(self.areas)}

    def series(self, target: Target) -> NDArray[np.int32]:
        """Return int32 [area, month] of one kind, or of their sum for `total`; UnknownName for another."""
        if target == "total":
            total: NDArray[np.int32] = self.deaths.sum(axis=2, dtype=np.int32)
            return total
        if target not in self.kinds:
            raise UnknownName("panel.kind_absent", value=target, choices=", ".join(self.kinds))
        return self.deaths[:, :, self.kinds.index(target)]

    def until(self, origin: int) -> Panel:
        """Return the panel cut after month `origin`: what a forecast from that origin may read.

        NotAssessed for an origin outside the span; BadInput for one that is no whole number.
        """
        origin = months.whole(origin, "origin")
        if origin not in self.span:
            raise NotAssessed("panel.origin_outside", origin=months.label(origin), span=str(self.span))
        stop = origin - self.span.first + 1
        return dataclasses.replace(
            self, span=Span(self.span.first, origin), deaths=self.deaths[:, :stop].copy(),
            covered=self.covered[:, :stop].copy(),
            events=None if self.events is None else self.events[:, :stop].copy(),
            beside=None if self.beside is None else self.beside.until(origin),
        )  # fmt: skip

    def newest(self, *, before: int | None = None) -> int | None:
        """Return the last month that a release covers for any area, or the last of them before another month.

        None where there is none.
        """
        held = np.flatnonzero(self.covered.any(axis=0)) + self.span.first
        held = held if before is None else held[held < before]
        return int(held[-1]) if held.size else None

    def gaps(self, area: AreaId | None = None) -> tuple[Span, ...]:
        """Return the runs of months, between the first and the last covered, in which an area is not.

        Those in which no area is covered where None is named.
        """
        rows = self.covered if area is None else self.covered[[self.index(area)]]
        held = np.flatnonzero(rows.any(axis=0))
        if not held.size:
            return ()
        return months.runs((self.span.first + np.setdiff1d(np.arange(held[0], held[-1]), held)).tolist())

    def known(self, on: dt.date, lag: int) -> Panel:
        """Return the panel as an observer would have had it on a day, if data came out `lag` months late.

        A month is in it if `lag` whole months had passed on `on` since that month ended: with lag 1, January
        from 1 March. The values are those of the later release, so the basis is `reconstructed, lag N`.
        BadInput if `lag` is negative, or `on` no day or one later than the panel's `as_of`; NotAssessed if no
        month is left.
        """
        on, lag = months.day(on, "on"), months.whole(lag, "lag")
        if lag < 0:
            raise BadInput("panel.negative_lag", lag=lag)
        if on > self.as_of:
            raise BadInput("panel.known_later", on=on.isoformat(), as_of=self.as_of.isoformat())
        newest = months.of_date(on) - 1 - lag
        if newest < self.span.first:
            raise NotAssessed(
                "panel.nothing_known", on=on.isoformat(), lag=lag, first=months.label(self.span.first)
            )
        cut = self.until(min(newest, self.span.last))
        return dataclasses.replace(cut, as_of=on).reconstructed(lag)

    def reconstructed(self, lag: int) -> Panel:
        """Return the panel marked as a later release that was cut with an assumed lag of whole months."""
        return dataclasses.replace(self, basis=f"{RECONSTRUCTED}, lag {lag}", lag=lag)

    def unnamed(self) -> Panel:
        """Return the panel without the name of the lag that cut it: with the same months, it is the same."""
        return self if self.lag is None else dataclasses.replace(self, basis=RECONSTRUCTED, lag=None)

    def only(self, areas: Sequence[AreaId]) -> Panel:
        """Return the panel of some of its areas, in the panel's order."""
        rows = sorted(self.index(area) for area in areas)
        return dataclasses.replace(
            self, areas=tuple(self.areas[r] for r in rows), deaths=self.deaths[rows].copy(),
            covered=self.covered[rows].copy(),
            events=None if self.events is None else self.events[rows].copy(),
            beside=None if self.beside is None else self.beside.only(areas),
        )  # fmt: skip
