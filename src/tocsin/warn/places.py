"""Provinces: where in a country deaths fall, and how often violence reaches provinces that were quiet."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, digest
from tocsin.figures import Groups
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

# One province is called a region in some years and a district in others: no spread of violence.
_CALLED = "(?i) (region|district|department|province|state|governorate|division|county|oblast)$"


@dataclass(frozen=True, eq=False)
class Places:
    """Deaths by province and month, of some countries.

    gw: int64 [place], Gleditsch-Ward code; names: as published; deaths: int32 [place, month] of one kind, 0
    where not covered; covered: bool [place, month].
    """

    kind: Target
    gw: NDArray[np.int64]
    names: tuple[str, ...]
    deaths: NDArray[np.int32]
    covered: NDArray[np.bool_]
    span: Span

    @classmethod
    def of(cls, groups: Groups, kind: Target) -> Places | None:
        """Return the provinces that ever had deaths; those whose province is not known are in none.

        None where the groups cover no month.
        """
        span = groups.span
        if span is None:
            return None
        bare = groups.rows.drop_nulls("adm_1").with_columns(name=pl.col("adm_1").str.replace(_CALLED, ""))
        named = bare.with_columns(key=pl.col("name").map_elements(_key, return_dtype=pl.String))
        latest = pl.col("name").sort_by("month", "name").last()
        places = named.group_by("gw", "key").agg(latest).sort("gw", "name")
        at = {place: row for row, place in enumerate(places.select("gw", "key").iter_rows())}
        deaths = np.zeros((len(at), len(span)), dtype=np.int32)
        covered = np.zeros(deaths.shape, dtype=np.bool_)
        held = named if kind == "total" else named.filter(pl.col("kind") == kind)
        sums = held.group_by("gw", "key", "month").agg(pl.col("deaths").sum())
        for gw, key, month, count in sums.iter_rows():
            deaths[at[gw, key], month - span.first] = count
        for row, gw in enumerate(places["gw"]):
            covered[row, [month - span.first for month in groups.covered.get(gw, ())]] = True
        deaths[~covered] = 0
        codes = places["gw"].cast(pl.Int64).to_numpy()
        return cls(kind, codes, tuple(places["name"]), deaths, covered, span)

    @property
    def digest(self) -> str:
        """SHA-256 of the figures, and of what they cover where that is not all."""
        part = () if self.covered.all() else (self.covered,)
        return digest.of_parts(self.kind, self.gw, list(self.names), self.deaths, str(self.span), *part)

    def until(self, origin: int) -> Places | None:
        """Return the provinces cut after month `origin`; None if that leaves nothing."""
        if origin < self.span.first:
            return None
        last = min(origin, self.span.last)
        size = last - self.span.first + 1
        return Places(
            self.kind, self.gw, self.names, self.deaths[:, :size], self.covered[:, :size],
            Span(self.span.first, last),
        )  # fmt: skip


@cache
def _key(name: str) -> str:
    # One province is written with its accents in some years and without in others: no spread either.
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def ask(rule: Rule, places: Places, wanted: Sequence[AreaId], origin: int) -> Asked:
    """Return what a rule on provinces asks of each country of `wanted` from month `origin`.

    Not assessed: countries without provinces here, and origins without `quiet_months` of them covered. It
    applies to all others, since the provinces here are only those that had deaths at some time. One death
    settles it.
    """
    codes = np.array([int(area) for area in wanted])
    assessed = np.isin(codes, places.gw[_known(rule, places, origin)])
    return Asked(rule, origin, tuple(wanted), assessed, assessed, assessed.astype(np.int64))


def outcomes(asked: Asked, places: Places) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return what came of each question and after how many months, as `questions.outcomes` does."""
    result = np.where(asked.applies, OPEN, NOT_ASSESSED).astype(np.int8)
    after = np.zeros(len(result), dtype=np.int8)
    if not asked.applies.any():
        return result, after
    first = asked.origin + 1 - places.span.first
    months = slice(first, first + asked.rule.window)
    struck = (places.deaths[:, months] > 0) & _quiet(asked.rule, places, asked.origin)[:, None]
    closed = _closed(asked.rule, places, asked.origin)
    for row in np.flatnonzero(asked.applies):
        own = places.gw == int(asked.areas[row])
        mine = struck[own].any(axis=0)
        if mine.any():
            result[row], after[row] = TRUE, int(mine.argmax()) + 1
        elif closed[own].all():
            result[row] = FALSE
    return result, after


def closed(rule: Rule, places: Places, gw: int, origin: int) -> bool:
    """Return whether every month of a question has passed and is covered, whatever came of it."""
    own = places.gw == gw
    return bool(own.any() and _closed(rule, places, origin)[own].all())


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
    countries = np.array(
        [gw for gw in np.unique(known.gw[known.covered[:, -1]]) if int(gw) in panel.areas], dtype=np.int64
    )
    beside = _beside(countries, panel, asked.origin)
    happened, kinds = _past(asked.rule, known, panel, beside, months_ahead)
    now = _classes(beside, panel, asked.origin, asked.origin)[:, -1]
    for row in np.flatnonzero(asked.applies):
        alike = kinds == now[np.searchsorted(countries, int(asked.areas[row]))]
        result[row] = (happened[alike].sum() + 0.5) / (alike.sum() + 1.0)
    return result


def _known(rule: Rule, places: Places, origin: int) -> NDArray[np.bool_]:
    """Return bool [place]: whether the `quiet_months` up to month `origin` are covered."""
    return _covered(places, origin - rule.quiet_months + 1, origin)


def _closed(rule: Rule, places: Places, origin: int) -> NDArray[np.bool_]:
    """Return bool [place]: whether the months of a question asked from month `origin` are covered."""
    return _covered(places, origin + 1, origin + rule.window)


def _covered(places: Places, first: int, last: int) -> NDArray[np.bool_]:
    if first not in places.span or last not in places.span:
        return np.zeros(len(places.gw), dtype=np.bool_)
    held = places.covered[:, first - places.span.first : last - places.span.first + 1]
    return np.array(held.all(axis=1), dtype=np.bool_)


def _quiet(rule: Rule, places: Places, origin: int) -> NDArray[np.bool_]:
    """Return bool [place]: no deaths in the last `quiet_months`; so are provinces that never had any."""
    now = origin - places.span.first + 1
    lately = places.deaths[:, now - rule.quiet_months : now]
    return np.array(lately.max(axis=1) == 0, dtype=np.bool_)


def _past(
    rule: Rule, places: Places, panel: Panel, beside: Mapping[int, list[int]], window: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return whether it came true, and the class, at all origins whose windows have closed.

    Both are [country, origin]; the class is -1 where a month of the question, or of the quiet before it, is
    not covered.
    """
    size = places.deaths.shape[1]
    last = size - 1 - window
    # The class of a country is not known before its deaths are.
    begins = panel.span.first - places.span.first
    first = max(rule.quiet_months - 1, last - REMEMBERED + 1, begins)
    if last < first:
        return np.zeros((len(beside), 0), dtype=np.bool_), np.zeros((len(beside), 0), dtype=np.int64)
    now = np.arange(first, last + 1) + 1
    sums, covered = _sums(places.deaths), _sums(places.covered)
    came = (sums[:, now] == sums[:, now - rule.quiet_months]) & (sums[:, now + window] > sums[:, now])
    known = covered[:, now + window] - covered[:, now - rule.quiet_months] == window + rule.quiet_months
    happened = np.array([came[places.gw == gw].any(axis=0) for gw in beside])
    asked = np.array([known[places.gw == gw].all(axis=0) for gw in beside])
    kinds = _classes(beside, panel, places.span.first + first, places.span.first + last)
    return happened, np.where(asked, kinds, -1)


def _sums(months: NDArray[np.int32] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return int64 [row, month + 1]: sums of all months before each."""
    return np.pad(months.cumsum(axis=1, dtype=np.int64), ((0, 0), (1, 0)))


def _beside(countries: NDArray[np.int64], panel: Panel, month: int) -> dict[int, list[int]]:
    """Return, by country, the rows of its neighbours in a month."""
    # Who is next door now was so before, but for states that did not exist: nobody died in these.
    return {
        int(gw): [panel.index(one) for one in areas.neighbours(int(gw), month=month) if one in panel.areas]
        for gw in countries
    }


def _classes(beside: Mapping[int, list[int]], panel: Panel, first: int, last: int) -> NDArray[np.int64]:
    """Return int [country, origin]: the class of each country at each origin from `first` to `last`.

    beside: the rows of the neighbours of each.
    """
    sums = _sums(panel.series("total"))
    now = np.arange(first, last + 1) - panel.span.first + 1
    year = sums[:, now] - sums[:, np.maximum(now - YEAR, 0)]
    rows = []
    for gw, near in beside.items():
        own = np.searchsorted(STEPS, year[panel.index(gw)], side="right")
        loud = (year[near] >= NEAR).any(axis=0) if near else np.zeros(len(now), dtype=np.bool_)
        rows.append(own * 2 + loud)
    return np.array(rows, dtype=np.int64)
