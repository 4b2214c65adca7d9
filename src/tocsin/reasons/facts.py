"""What the data themselves say of an area and its neighbours at the origin, before any model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.features import contiguity
from tocsin.kinds import Target
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId

YEARS = 10
"""Years that "usual" looks back over."""

FEWEST = 24
"""Covered months without which nothing is called usual."""


@dataclass(frozen=True)
class Neighbour:
    """Deaths in an area that touches: in the last 3 months, and in the 3 before (None if not covered)."""

    area: AreaId
    last: int
    before: int | None


@dataclass(frozen=True)
class Facts:
    """Deaths up to the origin; None wherever a month of the sum is not covered.

    last_3, before_3:   deaths in the last 3 months and in the 3 before those.
    last_12, before_12: deaths in the last 12 months and in the 12 before those.
    usual_3:    median of deaths in 3 months in a row over the last 10 years; None with fewer than 24 of them.
    usual_over: covered months of these 10 years.
    rising:     months in a row, up to the origin, in which the last 3 months had more deaths than the 3
                before them; falling: in which they had fewer.
    quiet:      months since the last month with a death, counted back to the last gap at most; 0 if the
                origin has one, None if there is none.
    covered:    covered months up to the origin, without a gap.
    neighbours: those with deaths in the last 3 months, most deaths first; touching: how many areas touch;
    unknown:    how many of those are not covered in one of the last 3 months.
    """

    last_3: int | None
    before_3: int | None
    last_12: int | None
    before_12: int | None
    usual_3: float | None
    usual_over: int
    rising: int
    falling: int
    quiet: int | None
    covered: int
    neighbours: tuple[Neighbour, ...]
    touching: int
    unknown: int


def facts_of(panel: Panel, area: AreaId, target: Target) -> Facts:
    """Return the facts of an area at the last month of a panel; UnknownName for an area it does not hold."""
    series, row = panel.series(target), panel.index(area)
    own, known = series[row], panel.covered[row]
    gaps = np.flatnonzero(~known)
    threes = np.array([_sum(own, known, 3, back) for back in range(12 * YEARS)], dtype=np.float64)
    change = threes[:-3] - threes[3:]
    held = threes[~np.isnan(threes)]
    violent = np.flatnonzero(own > 0)
    covered = len(own) - 1 - int(gaps[-1]) if len(gaps) else len(own)
    touching = np.flatnonzero(contiguity(panel)[row])
    near = [
        Neighbour(panel.areas[other], last, _sum(series[other], panel.covered[other], 3, 3))
        for other in touching
        if (last := _sum(series[other], panel.covered[other], 3)) is not None
    ]
    return Facts(
        last_3=_sum(own, known, 3), before_3=_sum(own, known, 3, 3),
        last_12=_sum(own, known, 12), before_12=_sum(own, known, 12, 12),
        usual_3=float(np.median(held)) if len(held) >= FEWEST else None,
        usual_over=int(known[-12 * YEARS :].sum()),
        rising=_streak(change > 0), falling=_streak(change < 0),
        quiet=min(len(own) - 1 - int(violent[-1]), covered) if len(violent) else None,
        covered=covered,
        neighbours=tuple(sorted((n for n in near if n.last), key=lambda n: (-n.last, n.area))),
        touching=len(touching), unknown=len(touching) - len(near),
    )  # fmt: skip


def _sum(values: NDArray[np.int32], known: NDArray[np.bool_], months: int, back: int = 0) -> int | None:
    """Return the deaths of `months` months that end `back` months before the last; None unless covered."""
    stop = len(values) - back
    if stop < months or not known[stop - months : stop].all():
        return None
    return int(values[stop - months : stop].sum())


def _streak(true: NDArray[np.bool_]) -> int:
    """Return how many leading values are true."""
    return int(np.argmin(np.append(true, False)))
