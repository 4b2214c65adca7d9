"""Last month's forecasts, now that the month is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin import score
from tocsin.forecast.forecast import Forecast
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId

DEATHS = 25
WORST = 3


@dataclass(frozen=True)
class Missed:
    """A month that lay outside the 80 % interval: what was expected of it, and what came."""

    area: AreaId
    expected: float
    low: float
    high: float
    deaths: int


@dataclass(frozen=True)
class Review:
    """Scores of one method's forecasts of one month, made the month before.

    month: which. areas: countries scored. crps: mean, deaths. brier: of at least 25 deaths in the month.
    held:  share inside the 80 % interval. missed: the worst above it, most deaths above first.
    """

    method: str
    month: int
    areas: int
    crps: float
    brier: float
    held: float
    missed: tuple[Missed, ...]


def review(panel: Panel, earlier: Sequence[Forecast]) -> tuple[Review, ...]:
    """Return how forecasts from the month before the panel's last did on that last month, one a method."""
    return tuple(found for made in earlier if (found := _review(panel, made)) is not None)


def _review(panel: Panel, made: Forecast) -> Review | None:
    month = panel.span.last
    if made.origin + 1 != month:
        return None
    series, covered = panel.series(made.target)[:, -1], panel.covered[:, -1]
    places = [panel.index(area) for area in made.areas]
    known = made.assessed & covered[places]
    if not known.any():
        return None
    draws, seen = made.draws[known, 0], series[places][known]
    areas = [area for area, held in zip(made.areas, known, strict=True) if held]
    low, high = np.quantile(draws, [0.1, 0.9], axis=1)
    above = seen - high
    worst = [int(row) for row in np.argsort(-above, kind="stable")[:WORST] if above[row] > 0]
    return Review(
        method=made.method, month=month, areas=len(areas), crps=float(score.crps(draws, seen).mean()),
        brier=float(score.brier((draws >= DEATHS).mean(axis=1), (seen >= DEATHS).astype(float)).mean()),
        held=float(((low <= seen) & (seen <= high)).mean()),
        missed=tuple(
            Missed(areas[row], float(draws[row].mean()), float(low[row]), float(high[row]), int(seen[row]))
            for row in worst
        ),
    )  # fmt: skip
