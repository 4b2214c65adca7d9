"""From a fitted method to its reasons: the forecast made again with one thing changed at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tocsin import forecast, kinds
from tocsin.errors import BadInput
from tocsin.forecast import (
    Baseline,
    Fitted,
    FittedBoosted,
    FittedPool,
    FittedSampler,
    FittedTotal,
    FittedWeighted,
    Forecast,
    Present,
    Zero,
)
from tocsin.forecast.forecast import not_assessed
from tocsin.forecast.signals import USUAL
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId
from tocsin.reasons.facts import FEWEST, YEARS, facts_of
from tocsin.reasons.precedents import precedents
from tocsin.reasons.record import AHEAD, THRESHOLD, Change, Reasons, Said

STEPS = tuple(range(1, AHEAD + 1))

GROUPS: Mapping[str, tuple[str, ...]] = {
    "level": (
        "last", "mean_3", "mean_6", "mean_12", "log_mean_12", "active_12", "max_12", "third_12", "spread_12",
        "decayed_1.5", "decayed_3", "decayed_6", USUAL,
    ),
    "events": ("events_1.5", "events_12", "events_36", "each_1.5", "each_12", "each_36", "steadied_1.5"),
    "others": ("others_1.5", "others_12", "others_36", "other_events_1.5", "other_events_12"),
    "trend": ("trend_3_12", "trend_12_36"),
    "past": ("mean_36", "mean_60", "mean_120", "active_36", "active_120", "max_36"),
    "quiet": ("since_any", "since_25"),
    "neighbours": (
        "neighbours_3", "neighbours_12", "neighbours_active", "near_events_1.5", "near_events_12",
    ),
    "season": (),
}  # fmt: skip
"""The features of the method `tocsin`, by what they speak of; the season is none but scales them all."""

KEEPERS = (FittedPool, FittedSampler, FittedBoosted, FittedWeighted)
"""The kinds of fitted method that keep the history they were fitted to."""

Make = Callable[[FittedPool], Present]


def explain(
    panel: Panel, *, origin: int, area: AreaId, target: str = "total", method: str = forecast.DEFAULT
) -> Reasons:
    """Return the reasons of the forecast of `area` from month `origin` for the 3 months after it.

    Errors as `forecast.fit`; UnknownName for an area the panel does not hold, NotAssessed for one that no
    release covers at the origin. To explain several areas, fit once and use `explain_fitted`.
    """
    return explain_fitted(forecast.fit(panel, origin=origin, target=target, method=method), area)


def explain_fitted(fitted: Fitted, area: AreaId, *, said: Forecast | None = None) -> Reasons:
    """Return the reasons of a fitted method's forecast of `area`; forests it has grown serve again.

    said: its forecast, steps 1 to 3 among its steps, where it is at hand. Of a method that does not look for
    analogues the reasons are the facts and how many months it reads. BadInput for a method that keeps no
    history, NotAssessed for an area that no release covers at the origin.
    """
    parts = fitted.parts if isinstance(fitted, FittedTotal) else (fitted,)
    chosen = [part for part in parts if isinstance(part, KEEPERS)]
    if len(chosen) != len(parts):
        raise BadInput("reasons.no_history", value=type(fitted).__name__)
    panel = chosen[0].history.panel
    row = panel.index(area)
    if not panel.covered[row, -1]:
        raise not_assessed(area, panel.level, panel.scheme, panel.span.last)
    made = said or fitted.predict(STEPS)
    told = Reasons(
        level=panel.level, scheme=panel.scheme, area=area, origin=made.origin, target=made.target,
        method=made.method, said=_said(made.total_over(1, AHEAD)[made.index(area)]),
        facts=facts_of(panel, area, kinds.target(made.target)), reads=None, whose="learnt",
        groups=(), precedents=None, whatif=(), inputs=made.digest,
    )  # fmt: skip
    pools = [part for part in chosen if isinstance(part, FittedPool)]
    if not pools:
        return _with_reads(told, chosen[0])
    draws = made.draws.shape[2]
    told = dataclasses.replace(told, whatif=_whatif(pools, area, draws))
    if not pools[0].learns:
        return dataclasses.replace(told, reads=pools[0].pool.recent.months, whose="seasonal")
    # Kinds that nobody has died of expect nothing: the most deadly is what the precedents are about.
    lead = max(pools, key=lambda pool: _drawn([pool], partial(_present, area=area), draws).mean())
    grown = lead.taught(STEPS)
    if grown is None:
        return dataclasses.replace(told, reads=lead.pool.recent.months, whose="seasonal")
    return dataclasses.replace(
        told,
        groups=_groups(pools, area, draws) if told.facts.usual_over >= FEWEST else (),
        precedents=precedents(lead, grown, _present(lead, area), THRESHOLD),
    )


def _groups(pools: Sequence[FittedPool], area: AreaId, draws: int) -> tuple[Change, ...]:
    read = [name for name in GROUPS if name == "season" or _columns(pools[0], name)]
    return tuple(
        Change(name, _said(_drawn(pools, partial(_usual, area=area, group=name), draws))) for name in read
    )


def _columns(pool: FittedPool, group: str) -> list[int]:
    """Return the columns of a group of features; none where the history does not tell of them."""
    return [column for column, name in enumerate(pool.reading.columns) if name in GROUPS[group]]


def _whatif(pools: Sequence[FittedPool], area: AreaId, draws: int) -> tuple[Change, ...]:
    row = pools[0].history.panel.index(area)
    last = [int(pool.history.series[row, -AHEAD:].sum()) for pool in pools]
    most = pools[int(np.argmax(last))]

    def other(name: str) -> Make:
        def make(pool: FittedPool) -> Present:
            series = pool.history.series[row].copy()
            if name == "shock":
                series[-1] = max(int(series[-1]), THRESHOLD) if pool is most else series[-1]
            else:
                series[-AHEAD:] = 0 if name == "quiet" else series[-AHEAD:] // 2
            return pool.imagined(area, series)

        return make

    halved = any((pool.history.series[row, -AHEAD:] > 1).any() for pool in pools)
    names = ["quiet"] if sum(last) else []
    names += ["half"] if halved else []
    names += ["shock"] if sum(last) < THRESHOLD else []
    return tuple(Change(name, _said(_drawn(pools, other(name), draws))) for name in names)


def _usual(pool: FittedPool, area: AreaId, group: str) -> Present:
    """Return the present of an area with one group of features at their median over its last ten years.

    For `level` the last months themselves become the median month, for the part of the draws made from them;
    for `season` the months ahead are as any other.
    """
    now, row = _present(pool, area), pool.history.panel.index(area)
    window = slice(-12 * YEARS, None)
    known = pool.history.covered[row, window]
    described = now.described.copy()
    columns = _columns(pool, group)
    described[0, columns] = np.median(pool.reading.described[row, window][known][:, columns], axis=0)
    values = now.values
    if group == "level":
        values = np.where(now.mask, np.median(pool.reading.adjusted[row, window][known]), 0.0)
    seasons = np.ones_like(now.seasons) if group == "season" else now.seasons
    return dataclasses.replace(now, described=described, values=values, seasons=seasons)


def _present(pool: FittedPool, area: AreaId) -> Present:
    whole, row = pool.present, pool.history.panel.index(area)
    one = slice(row, row + 1)
    return Present((area,), whole.described[one], whole.values[one], whole.mask[one], whole.seasons[one])


def _drawn(pools: Sequence[FittedPool], make: Make, draws: int) -> NDArray[np.int64]:
    """Return int64 [draw]: deaths over the next 3 months, all kinds together, from the presents of `make`."""
    sums = [pool.sample(make(pool), STEPS, draws)[0].sum(axis=0, dtype=np.int64) for pool in pools]
    total: NDArray[np.int64] = np.sum(sums, axis=0)
    return total


def _said(deaths: NDArray[np.int64]) -> Said:
    low, median, high = (float(value) for value in np.quantile(deaths, [0.1, 0.5, 0.9]))
    return Said(float((deaths >= THRESHOLD).mean()), float(deaths.mean()), low, median, high)


def _with_reads(told: Reasons, fitted: Fitted) -> Reasons:
    """Return the reasons with what a plain method reads."""
    sampler = fitted.sampler if isinstance(fitted, FittedSampler) else None
    if not isinstance(sampler, Baseline):
        return told
    reads = 0 if isinstance(sampler, Zero) else sampler.months
    return dataclasses.replace(told, reads=reads, whose=sampler.whose)
