"""The past months that most resemble the present of an area, and what came after them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.forecast.analogues import Grown
from tocsin.forecast.laws import Floats
from tocsin.forecast.pool import FittedPool
from tocsin.forecast.reading import Present
from tocsin.forecast.seasons import by_month
from tocsin.kinds import Kind
from tocsin.panel.panel import AreaId

SHOWN = 5

EPISODE = 12
"""Months around a precedent that belong to the same episode of the same area."""


@dataclass(frozen=True)
class Precedent:
    """A past month like the present one.

    area, month: where and when. likeness: share of all weight that it and its episode have.
    before_3:    deaths in the 3 months up to it; None if not covered.
    next_3, next_12: deaths in the 3 and 12 months after it; next_12 is None where they are not yet known.
    scaled_3, scaled_12: the same, brought to the present level and time of the year as the forecast does.
    """

    area: AreaId
    month: int
    likeness: float
    before_3: int | None
    next_3: int
    next_12: int | None
    scaled_3: float
    scaled_12: float | None


@dataclass(frozen=True)
class Precedents:
    """What the analogues of an area come to.

    kind:    whose deaths they are compared by: the kind with the most deaths expected.
    months:  effective number of past months behind it, one over the sum of squared weights.
    reached: share of the weight on months after which the next 3 had at least the threshold, to scale.
    nearest: the five episodes with most weight, each by its month with most; none of the area itself within
             12 months of the origin, which tells of the present and not of what came after.
    """

    kind: Kind
    months: float
    reached: float
    nearest: tuple[Precedent, ...]


def precedents(pool: FittedPool, grown: Grown, present: Present, threshold: int) -> Precedents:
    """Return the precedents of the one area in `present`, by the forest of the first 3 months ahead."""
    history = pool.history
    season = by_month(present.seasons, history.origin + 1, 12)[0]
    alike = grown.analogues(present.described)
    pairs, weight = alike.of(0)
    ratio = alike.present[0] / alike.levels[pairs]
    rows, months = alike.rows[pairs], alike.months[pairs]
    after = (pool.reading.adjusted[rows[:, None], months[:, None] + np.arange(1, 4)] * season[:3]).sum(axis=1)
    reached = float(weight[np.rint(after * ratio) >= threshold].sum())
    here = rows == history.panel.index(present.areas[0])
    free = ~(here & (months >= history.series.shape[1] - 1 - EPISODE))
    episodes: list[tuple[float, int]] = []
    # By area and month where weights are equal, so that the order does not hang on the matrix.
    for best in np.lexsort((months, rows, -weight)):
        if free[best]:
            episode = free & (rows == rows[best]) & (np.abs(months - months[best]) <= EPISODE)
            free &= ~episode
            episodes.append((float(weight[episode].sum()), int(best)))
    chosen = sorted(episodes, key=lambda found: -found[0])[:SHOWN]
    nearest = tuple(
        _precedent(pool, int(rows[best]), int(months[best]), share, float(ratio[best]) * season)
        for share, best in chosen
    )
    return Precedents(history.target, float(1 / (weight**2).sum()), reached, nearest)


def _precedent(pool: FittedPool, row: int, month: int, likeness: float, scale: Floats) -> Precedent:
    """scale: float64 [12], what deaths with the seasons taken out are multiplied by in each month after."""
    history, adjusted = pool.history, pool.reading.adjusted[row]

    def total(first: int, stop: int) -> int | None:
        inside = first >= 0 and stop <= history.series.shape[1]
        if not inside or not history.covered[row, first:stop].all():
            return None
        return int(history.series[row, first:stop].sum())

    soon, later = int(history.series[row, month + 1 : month + 4].sum()), total(month + 1, month + 13)
    return Precedent(
        area=history.panel.areas[row], month=history.panel.span.first + month, likeness=likeness,
        before_3=total(month - 2, month + 1), next_3=soon, next_12=later,
        scaled_3=float(adjusted[month + 1 : month + 4] @ scale[:3]),
        scaled_12=None if later is None else float(adjusted[month + 1 : month + 13] @ scale),
    )  # fmt: skip
