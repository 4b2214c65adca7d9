"""The local forecast against plain baselines: the same areas, the same outcomes, one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import forecast as states
from tocsin import months, score
from tocsin.forecast import DRAWS
from tocsin.forecast.laws import empirical
from tocsin.kinds import Target
from tocsin.local.layout import Layout
from tocsin.local.model import Training, fit
from tocsin.local.reconciliation import reconcile
from tocsin.local.record import LocalForecast
from tocsin.local.traces import LocalHistory
from tocsin.panel import Panel

BASELINES = ("zero", "conflictology-12", "conflictology-neighbours-12")
CLIMATOLOGY = 36

REFIT = 3
"""Months after which the model that ranks one month ahead is fitted anew (the commands do so each month)."""


@dataclass(frozen=True)
class Scores:
    """Means over areas and months: CRPS and MIS in deaths, IGN in bits."""

    crps: float
    ign: float
    mis: float


@dataclass(frozen=True)
class Window:
    """One year forecast from October of the year before (steps 3 to 14), scored.

    scores: by name: `traces`, BASELINES and, where asked for, `reconciled`. precision, climatology: average
    precision of occurrence one month ahead over the twelve months, of the model (fitted anew every REFIT
    months) and of the share of the last 36 months with deaths.
    rows, with_deaths: area-months scored, and those with any death.
    """

    year: int
    scores: Mapping[str, Scores]
    precision: float
    climatology: float
    rows: int
    with_deaths: int

    def ratio(self, measure: str, name: str = "traces") -> float:
        """Return the `crps`, `ign` or `mis` of the model (or `reconciled`) over that of the best baseline."""
        best = min(getattr(self.scores[plain], measure) for plain in BASELINES)
        return float(getattr(self.scores[name], measure) / best)


def evaluate(
    layout: Layout,
    panel: Panel,
    country: Panel,
    *,
    year: int,
    target: Target = "sb",
    scored: NDArray[np.bool_] | None = None,
    training: Training | None = None,
    method: str | None = None,
) -> Window:
    """Return the scores of one window.

    layout, panel, country: as for `LocalHistory`, to the end of the year at least.
    scored: bool [area], the areas scored; all when None.
    method: also score the forecast in agreement with that of the states by this method, as `reconciled`.
    """
    origin = months.month_id(year, 1) - 3
    fitted = fit(LocalHistory.of(layout, panel, country, origin, target), training)
    steps = tuple(range(3, 15))
    keep = np.ones(len(layout.areas), dtype=np.bool_) if scored is None else scored
    outcomes = _dense(layout, panel, target)
    found = {"traces": scores(fitted.predict(steps), layout, panel, scored=keep)}
    if method is not None:
        parent = states.fit(country, origin=origin, target=target, method=method)
        whole = parent.predict(steps)
        agreed = reconcile(fitted.predict(steps, parent=whole), whole)
        found["reconciled"] = scores(agreed.local, layout, panel, scored=keep)
    found |= baselines(layout, panel, origin, target, scored=keep)
    actual = outcomes[:, origin + 3 - panel.span.first :][:, :12]
    chances, plain, happened = [], [], []
    model = fitted
    for place, later in enumerate(range(origin + 2, origin + 14)):
        then = later - panel.span.first
        known = LocalHistory.of(layout, panel, country, later, target)
        model = model.at(known) if place % REFIT else fit(known, training)
        chances.append(model.probability([1])[keep, 0])
        plain.append((outcomes[keep, then - CLIMATOLOGY + 1 : then + 1] > 0).mean(axis=1))
        happened.append(outcomes[keep, then + 1] > 0)
    truth = np.concatenate(happened)
    return Window(
        year=year, scores=found,
        precision=average_precision(np.concatenate(chances), truth),
        climatology=average_precision(np.concatenate(plain), truth),
        rows=int(keep.sum()) * len(steps), with_deaths=int((actual[keep] > 0).sum()),
    )  # fmt: skip


def scores(
    made: LocalForecast, layout: Layout, panel: Panel, *, scored: NDArray[np.bool_] | None = None
) -> Scores:
    """Return the mean scores of a forecast's draws, over all areas of the layout or those `scored`.

    panel: holds the months forecast. An area without draws is a forecast of zero.
    """
    keep = np.ones(len(layout.areas), dtype=np.bool_) if scored is None else scored
    at = np.asarray(made.months) - panel.span.first
    return _score(made.rows, made.draws, _dense(layout, panel, made.target)[:, at], keep)


def baselines(
    layout: Layout, panel: Panel, origin: int, target: Target, *, scored: NDArray[np.bool_] | None = None
) -> dict[str, Scores]:
    """Return the scores of BASELINES for steps 3 to 14 from an origin, on the outcomes of `scores`."""
    keep = np.ones(len(layout.areas), dtype=np.bool_) if scored is None else scored
    outcomes, at = _dense(layout, panel, target), origin - panel.span.first
    actual, found = outcomes[:, at + 3 : at + 15], {}
    for name in BASELINES:
        rows, laws = _baseline(name, layout, outcomes[:, at - 11 : at + 1])
        found[name] = _score(rows, np.repeat(laws[:, None], actual.shape[1], axis=1), actual, keep)
    return found


def average_precision(chance: NDArray[np.float64], happened: NDArray[np.bool_]) -> float:
    """Return the average precision of a ranking: sum of precision times the step in recall, ties together."""
    order = np.argsort(-chance, kind="stable")
    hits = np.cumsum(happened[order])
    last = np.append(np.flatnonzero(np.diff(chance[order])), len(order) - 1)
    precision, recall = hits[last] / (last + 1), hits[last] / max(int(hits[-1]), 1)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def _dense(layout: Layout, panel: Panel, target: Target) -> NDArray[np.int32]:
    series = panel.series(target)
    out = np.zeros((len(layout.areas), series.shape[1]), dtype=np.int32)
    for row, area in enumerate(panel.areas):
        if area in layout.rows:
            out[layout.rows[area]] = series[row]
    return out


def _baseline(
    name: str, layout: Layout, last: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return the rows that have any death in a baseline's law, and their laws [row, draw]."""
    if name == "zero":
        return np.empty(0, dtype=np.intp), np.empty((0, DRAWS), dtype=np.int32)
    if name == "conflictology-12":
        rows = np.flatnonzero(last.any(axis=1))
        return rows, empirical(last[rows], np.ones_like(last[rows], dtype=np.bool_), DRAWS)
    near = layout.rings[0].tolil().rows
    rows = np.flatnonzero((layout.rings[0] @ last.sum(axis=1) > 0) | last.any(axis=1))
    laws = []
    for row in rows.tolist():
        pooled = last[[row, *near[row]]].reshape(1, -1)
        laws.append(empirical(pooled, np.ones_like(pooled, dtype=np.bool_), DRAWS)[0])
    return rows, np.array(laws, dtype=np.int32).reshape(len(rows), DRAWS)


def _score(
    rows: NDArray[np.intp],
    draws: NDArray[np.int32],
    actual: NDArray[np.int32],
    keep: NDArray[np.bool_],
) -> Scores:
    """Return mean scores over the areas kept; areas without draws are forecasts of zero."""
    inside = keep[rows]
    drawn = score.row_scores(draws[inside], actual[rows[inside]])
    bare = keep.copy()
    bare[rows] = False
    rest = actual[bare].reshape(-1)
    zero = np.where(rest > 0, -np.log2(1 / (DRAWS + 11)), -np.log2((DRAWS + 1) / (DRAWS + 11)))
    count = drawn.crps.size + rest.size
    return Scores(
        crps=float((drawn.crps.sum() + rest.sum()) / count),
        ign=float((drawn.ignorance.sum() + zero.sum()) / count),
        mis=float((drawn.interval.sum() + 20 * rest.sum()) / count),
    )
