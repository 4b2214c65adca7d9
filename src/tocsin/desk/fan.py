"""The chart of an area as figures: deaths month by month, and the law of each of the months ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import months
from tocsin.forecast import Forecast
from tocsin.panel import Panel

HISTORY = 60
"""Months of history in the chart."""

BANDS = (90, 80, 50)
"""Levels of the intervals, in percent, widest first."""

SPIKY = 15.0
"""How far the largest value may exceed the typical one before the axis is drawn by orders of magnitude."""

LINEAR_TO = 10.0
"""Deaths up to which an axis by orders of magnitude is linear."""


@dataclass(frozen=True)
class Past:
    """One month behind: deaths, None where not covered."""

    month: str
    deaths: int | None


@dataclass(frozen=True)
class Ahead:
    """One month ahead: the median, and intervals (low, high) by their level in percent."""

    month: str
    median: float
    intervals: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Fan:
    """Months behind and ahead, in their order.

    spiky: whether the axis is better drawn by orders of magnitude; top: deaths at its end; ticks: deaths at
    which to label it.
    """

    past: tuple[Past, ...]
    ahead: tuple[Ahead, ...]
    spiky: bool
    top: float
    ticks: tuple[float, ...]

    @property
    def axis(self) -> Callable[[float], float]:
        """How high a number of deaths stands: itself, or by orders of magnitude above `LINEAR_TO`."""
        return by_magnitude if self.spiky else float


def fan(made: Forecast, gw: int, panel: Panel | None) -> Fan:
    """Return the chart of one country; without a panel it shows the forecast alone."""
    path = made.path(gw)
    past = _past(panel, gw)
    low, high = (np.quantile(path, [0.5 + s * b / 200 for b in BANDS], axis=1) for s in (-1, 1))
    middle = np.median(path, axis=1)
    seen = past[past > 0]
    top = max(float(high.max()), float(np.nanmax(past, initial=0.0)), 1.0)
    spiky = top > 100 and (not seen.size or top > SPIKY * float(np.median(seen)))
    behind = (
        Past(months.label(made.origin - past.size + 1 + place), None if np.isnan(deaths) else int(deaths))
        for place, deaths in enumerate(past)
    )
    ahead = (
        Ahead(
            months.label(made.months[place]), float(middle[place]),
            {band: (float(low[row, place]), float(high[row, place])) for row, band in enumerate(BANDS)},
        )
        for place in range(len(made.steps))
    )  # fmt: skip
    whole = top * (1.25 if spiky else 1.05)
    return Fan(tuple(behind), tuple(ahead), spiky, whole, tuple(_ticks(top, spiky)))


def by_magnitude(deaths: float) -> float:
    """Return how high a number of deaths stands on an axis linear up to `LINEAR_TO`, then logarithmic."""
    return deaths / LINEAR_TO if deaths <= LINEAR_TO else 1 + float(np.log10(deaths / LINEAR_TO))


def _past(panel: Panel | None, gw: int) -> NDArray[np.float64]:
    if panel is None or gw not in panel.areas:
        return np.zeros(0)
    row = panel.index(gw)
    past = panel.series("total")[row, -HISTORY:].astype(float)
    past[~panel.covered[row, -HISTORY:]] = np.nan
    return past


def _ticks(top: float, spiky: bool) -> list[float]:
    if spiky:
        within = (1, 3) if top < 10_000 else (1,)
        return [v for v in (0, *(m * 10**p for p in range(1, 8) for m in within)) if v <= top * 1.25]
    step = next(s * 10**p for p in range(8) for s in (1, 2, 5) if top * 1.05 / (s * 10**p) <= 6)
    return [float(v) for v in range(0, int(top * 1.05) + 1, step)]
