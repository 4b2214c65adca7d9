"""Two counts of the same country side by side: UCDP's as known on a day, and what another source says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from tocsin import areas, digest, months
from tocsin.errors import NotAssessed
from tocsin.months import Span
from tocsin.panel import Panel

MONTHS = 24
"""Months that both tell of, the last ones, over which the two are compared."""


@dataclass(frozen=True)
class Month:
    """One month: deaths by UCDP's count and by the other, and the other's events; None for not assessed."""

    month: int
    ucdp: int | None
    other: int | None
    events: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return {
            "month": months.label(self.month), "ucdp": self.ucdp, "other": self.other, "events": self.events,
        }  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The two counts of one country.

    months: those shown, up to the last of which the other source tells.
    both:   how many of the last months both tell of, `MONTHS` at most, up to `until` (None where there is
            none); `ucdp` and `other` are the deaths in these.
    changes: how often UCDP's count changed from one of them to the next month; together: in how many of
            these the other's changed the same way.
    ahead:  months after the last one that UCDP's count tells of; ahead_deaths: the other's deaths in these.
    inputs: digest of the two counts.
    """

    gw: int
    months: tuple[Month, ...]
    both: int
    until: int | None
    ucdp: int
    other: int
    changes: int
    together: int
    ahead: tuple[int, ...]
    ahead_deaths: int
    inputs: str

    @property
    def ratio(self) -> float | None:
        """Deaths of the other count for each of UCDP's; None where UCDP counts none."""
        return self.other / self.ucdp if self.ucdp else None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return {
            "gw": self.gw, "months": [one.to_dict() for one in self.months], "both": self.both,
            "until": None if self.until is None else months.label(self.until),
            "ucdp": self.ucdp, "other": self.other, "ratio": self.ratio, "changes": self.changes,
            "together": self.together, "ahead": [months.label(month) for month in self.ahead],
            "ahead_deaths": self.ahead_deaths, "inputs": self.inputs,
        }  # fmt: skip


def compare(panel: Panel, monthly: pl.DataFrame, gw: int, *, shown: int = MONTHS) -> Comparison:
    """Return the two counts of a country: all kinds of violence in `panel`, and `Shelf.monthly`.

    shown: how many months are listed, up to the last of which the other source tells.
    NotAssessed where the other source tells of no month of it.
    """
    told = {
        month: (deaths, events)
        for month, deaths, events in monthly.filter(pl.col("gw") == gw)
        .select("month", "deaths", "events")
        .iter_rows()
    }
    if not told:
        raise NotAssessed("tally.not_told", name=areas.country(gw).name())
    known = _known(panel, gw)
    both = sorted(told.keys() & known.keys())[-MONTHS:]
    pairs = [(known[month], told[month][0]) for month in both]
    steps = [
        (known[month] - known[month - 1], told[month][0] - told[month - 1][0])
        for month in both
        if month - 1 in both
    ]
    changed = [(here, there) for here, there in steps if here]
    ahead = tuple(sorted(month for month in told if month > max(known, default=0)))
    span = Span(max(max(told) - shown + 1, min({*told, *known})), max(told))
    return Comparison(
        gw=gw,
        months=tuple(Month(month, known.get(month), *told.get(month, (None, None))) for month in span),
        both=len(both), until=both[-1] if both else None,
        ucdp=sum(here for here, _ in pairs), other=sum(there for _, there in pairs),
        changes=len(changed), together=sum(here * there > 0 for here, there in changed),
        ahead=ahead, ahead_deaths=sum(told[month][0] for month in ahead),
        inputs=digest.of_parts(panel.digest, gw, sorted((m, *values) for m, values in told.items())),
    )  # fmt: skip


def countries(monthly: pl.DataFrame) -> tuple[int, ...]:
    """Return the codes of the countries that the other source tells of, ascending."""
    return tuple(monthly["gw"].unique().sort().to_list())


def _known(panel: Panel, gw: int) -> dict[int, int]:
    """Return the deaths of the months that UCDP's releases cover; none for a country outside the panel."""
    if gw not in panel.areas:
        return {}
    at = panel.index(gw)
    deaths = panel.deaths[at].sum(axis=1)
    return {m: int(deaths[i]) for i, m in enumerate(panel.span) if panel.covered[at, i]}
