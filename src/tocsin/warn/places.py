"""Provinces: where in a country deaths fall, and how often violence reaches provinces that were quiet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, digest, figures
from tocsin.errors import NotAssessed
from tocsin.kinds import Target
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId
from tocsin.warn.questions import FALSE, NOT_ASSESSED, OPEN, TRUE, Asked
from tocsin.warn.rules import Rule

YEAR = 12
REMEMBERED = 120
"""Origins from which it is learnt how often violence spreads."""

STEPS: tuple[int, ...] = (1, 25, 100, 500)
"""Deaths in a country in 12 months that divide the classes of countries."""

NEAR = 25
"""Deaths in one neighbour in 12 months that count as violence next door."""


@dataclass(frozen=True, eq=False)
class Places:
    """Deaths by province and month, of some countries, every event placed in a province.

    gw: int64 [place], Gleditsch-Ward code; names: as published; deaths: int32 [place, month] of one kind.
    """

    kind: Target
    gw: NDArray[np.int64]
    names: tuple[str, ...]
    deaths: NDArray[np.int32]
    span: Span
    releases: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the figures."""
        return digest.of_parts(self.kind, self.gw, list(self.names), self.deaths, str(self.span))

    def until(self, origin: int) -> Places | None:
        """Return the provinces cut after month `origin`; None if that leaves nothing."""
        if origin < self.span.first:
            return None
        last = min(origin, self.span.last)
        return Places(
            self.kind, self.gw, self.names, self.deaths[:, : last - self.span.first + 1],
            Span(self.span.first, last), self.releases,
        )  # fmt: skip


def shipped(*, as_of: dt.date, kind: Target = "total") -> Places | None:
    """Return the provinces of the shipped figures (eight West African countries, to 2021-12).

    None if they were not known on `as_of`. Deaths whose province is not known are in none.
    """
    try:
        rows = figures.groups(as_of=as_of)
    except NotAssessed:
        return None
    held = rows.filter(pl.col("adm_1").is_not_null())
    if kind != "total":
        held = held.filter(pl.col("kind") == kind)
    table = figures.manifest()["tables"]["west_africa_groups"]
    span = Span.parse("1989-01:2021-12")
    # One province is called a region in some years and a district in others: no spread of violence.
    bare = pl.col("adm_1").str.replace(r" (region|district|department)$", "")
    held, named = held.with_columns(adm_1=bare), rows.drop_nulls("adm_1").with_columns(adm_1=bare)
    places = named.select("gw", "adm_1").unique().sort("gw", "adm_1")
    sums = held.group_by("gw", "adm_1", "month").agg(pl.col("deaths").sum()).sort("gw", "adm_1", "month")
    at = {key: row for row, key in enumerate(places.iter_rows())}
    deaths = np.zeros((len(at), len(span)), dtype=np.int32)
    for gw, name, month, count in sums.iter_rows():
        deaths[at[gw, name], month - span.first] = count
    return Places(
        kind, places["gw"].cast(pl.Int64).to_numpy(), tuple(places["adm_1"]), deaths, span,
        tuple(table["releases"]),
    )  # fmt: skip


def ask(rule: Rule, places: Places, wanted: Sequence[AreaId], origin: int) -> Asked:
    """Return what a rule on provinces asks of each country of `wanted` from month `origin`.

    Not assessed: countries without provinces here, and origins without `quiet_months` of them. It applies
    to all others, since the provinces here are only those that had deaths at some time. One death settles it.
    """
    codes = np.array([int(area) for area in wanted])
    within = origin in places.span and origin - places.span.first + 1 >= rule.quiet_months
    assessed = np.isin(codes, places.gw) & within
    return Asked(rule, origin, tuple(wanted), assessed, assessed, assessed.astype(np.int64))


def outcomes(asked: Asked, places: Places) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return what came of each question and after how many months, as `questions.outcomes` does."""
    result = np.where(asked.applies, OPEN, NOT_ASSESSED).astype(np.int8)
    after = np.zeros(len(result), dtype=np.int8)
    if not asked.applies.any():
        return result, after
    first = asked.origin + 1 - places.span.first
    window = places.deaths[:, first : first + asked.rule.window]
    struck = (window > 0) & _quiet(asked.rule, places, asked.origin)[:, None]
    closed = window.shape[1] == asked.rule.window
    for row in np.flatnonzero(asked.applies):
        mine = struck[places.gw == int(asked.areas[row])].any(axis=0)
        if mine.any():
            result[row], after[row] = TRUE, int(mine.argmax()) + 1
        elif closed:
            result[row] = FALSE
    return result, after


def struck(rule: Rule, places: Places, gw: int, origin: int) -> tuple[str, ...]:
    """Return the provinces quiet at `origin` that had deaths in the window so far, by name."""
    first = origin + 1 - places.span.first
    window = places.deaths[:, first : first + rule.window]
    hit = (window > 0).any(axis=1) & _quiet(rule, places, origin) & (places.gw == gw)
    return tuple(places.names[row] for row in np.flatnonzero(hit))


def chance(asked: Asked, places: Places, panel: Panel, *, window: int | None = None) -> NDArray[np.float64]:
    """Return float64 [area]: how often the same question came true before; NaN where it is not asked.

    The share is taken over the countries that `panel` holds too, and the last 120 origins whose windows had
    closed, among those alike: deaths in the country in the last 12 months (0, 1-24, 25-99, 100-499, 500 or
    more) and whether a neighbour had 25 or more; with half an event on either side (Jeffreys).
    window: months, the rule's own when None.
    """
    months_ahead = asked.rule.window if window is None else window
    result = np.full(len(asked.areas), np.nan)
    if not asked.applies.any():
        return result
    known = places.until(asked.origin)
    assert known is not None
    happened, kinds = _past(asked.rule, known, panel, months_ahead)
    countries = _countries(places, panel)
    now = _classes(countries, panel, asked.origin, asked.origin)[:, -1]
    for row in np.flatnonzero(asked.applies):
        alike = kinds == now[np.searchsorted(countries, int(asked.areas[row]))]
        result[row] = (happened[alike].sum() + 0.5) / (alike.sum() + 1.0)
    return result


def _quiet(rule: Rule, places: Places, origin: int) -> NDArray[np.bool_]:
    """Return bool [place]: no deaths in the last `quiet_months`; so are provinces that never had any."""
    now = origin - places.span.first + 1
    lately = places.deaths[:, now - rule.quiet_months : now]
    return np.array(lately.max(axis=1) == 0, dtype=np.bool_)


def _past(
    rule: Rule, places: Places, panel: Panel, window: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return bool, int [country, origin]: came true, and class, at all origins whose windows have closed."""
    size = places.deaths.shape[1]
    last = size - 1 - window
    # The class of a country is not known before its deaths are.
    begins = panel.span.first - places.span.first
    first = max(rule.quiet_months - 1, last - REMEMBERED + 1, begins)
    countries = _countries(places, panel)
    if last < first:
        return np.zeros((len(countries), 0), dtype=np.bool_), np.zeros((len(countries), 0), dtype=np.int64)
    none = np.zeros((len(places.gw), 1), dtype=np.int64)
    sums = np.concatenate([none, places.deaths.cumsum(axis=1)], axis=1)
    now = np.arange(first, last + 1) + 1
    came = (sums[:, now] == sums[:, now - rule.quiet_months]) & (sums[:, now + window] > sums[:, now])
    happened = np.array([came[places.gw == gw].any(axis=0) for gw in countries])
    return happened, _classes(countries, panel, places.span.first + first, places.span.first + last)


def _countries(places: Places, panel: Panel) -> NDArray[np.int64]:
    return np.array([gw for gw in np.unique(places.gw) if int(gw) in panel.areas], dtype=np.int64)


def _classes(countries: NDArray[np.int64], panel: Panel, first: int, last: int) -> NDArray[np.int64]:
    """Return int [country, origin]: the class of each country at each origin from `first` to `last`."""
    series = panel.series("total")
    sums = np.concatenate([np.zeros((len(series), 1), dtype=np.int64), series.cumsum(axis=1)], axis=1)
    now = np.arange(first, last + 1) - panel.span.first + 1
    year = sums[:, now] - sums[:, np.maximum(now - YEAR, 0)]
    rows = []
    for gw in countries:
        own = np.searchsorted(STEPS, year[panel.index(int(gw))], side="right")
        # Borders between these states did not change in the span of the figures.
        near = [panel.index(other) for other in areas.neighbours(int(gw), month=last) if other in panel.areas]
        loud = (year[near] >= NEAR).any(axis=0) if near else np.zeros(len(now), dtype=np.bool_)
        rows.append(own * 2 + loud)
    return np.array(rows, dtype=np.int64)
