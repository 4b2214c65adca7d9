"""The chart of an area: deaths month by month and the fan of the months ahead, as shapes of an SVG."""

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

WIDTH, HEIGHT = 880, 320
LEFT, RIGHT, TOP, BOTTOM = 62, 10, 14, 34
BANDS = (90, 80, 50)
SPIKY = 15.0
"""How far the largest value may exceed the typical one before the axis is drawn by orders of magnitude."""

LINEAR_TO = 10.0
"""Deaths up to which an axis by orders of magnitude is linear."""


@dataclass(frozen=True)
class Bar:
    """A rectangle of one month: what kind it is, and where it lies."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Hit:
    """The strip of one month, with the figures that are told when it is pointed at.

    observed: deaths, None where not covered or not yet known. median, low, high: forecast, 80 % interval.
    """

    x: float
    width: float
    month: str
    ahead: bool
    observed: int | None
    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Fan:
    """The whole chart: bars of the past, bands and medians ahead, ticks, and the line between."""

    bars: tuple[Bar, ...]
    hits: tuple[Hit, ...]
    y_ticks: tuple[tuple[float, float], ...]
    x_ticks: tuple[tuple[float, str], ...]
    unknown: tuple[float, ...]
    now: float
    spiky: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def fan(made: Forecast, gw: int, panel: Panel | None) -> Fan:
    """Return the chart of one country; without a panel it shows the forecast alone."""
    path = made.path(gw)
    past = _past(panel, gw)
    low, high = (np.quantile(path, [0.5 + s * b / 200 for b in BANDS], axis=1) for s in (-1, 1))
    middle = np.median(path, axis=1)
    seen = past[past > 0]
    top = max(float(high.max()), float(np.nanmax(past, initial=0.0)), 1.0)
    spiky = top > 100 and (not seen.size or top > SPIKY * float(np.median(seen)))
    up = _axis(top * (1.25 if spiky else 1.05), spiky)
    wide = (WIDTH - LEFT - RIGHT) / (past.size + len(made.steps))
    bars, hits, unknown = [], [], []
    base = up(0.0)
    for place, deaths in enumerate(past):
        x = LEFT + place * wide
        if np.isnan(deaths):
            unknown.append(x + wide / 2)
        elif deaths:
            bars.append(Bar("past", x + 0.1 * wide, up(deaths), 0.8 * wide, base - up(deaths)))
        month = months.label(made.origin - past.size + 1 + place)
        hits.append(Hit(x, wide, month, False, None if np.isnan(deaths) else int(deaths), None, None, None))
    for place, _ in enumerate(made.steps):
        x = LEFT + (past.size + place) * wide
        for band, (least, most) in zip(BANDS, zip(low[:, place], high[:, place], strict=True), strict=True):
            bars.append(Bar(f"band{band}", x, up(most), wide, up(least) - up(most)))
        bars.append(Bar("median", x, up(middle[place]) - 1.2, wide, 2.4))
        hits.append(
            Hit(
                x, wide, months.label(made.months[place]), True, None, float(middle[place]),
                float(low[1, place]), float(high[1, place]),
            )
        )  # fmt: skip
    labels = tuple(
        (hit.x + wide / 2, hit.month[:4]) for hit in hits if hit.month.endswith("-01") or wide > 60
    )
    ticks = tuple((up(value), value) for value in _ticks(top, spiky))
    now = LEFT + past.size * wide
    return Fan(tuple(bars), tuple(hits), ticks, labels, tuple(unknown), now, spiky)


def _past(panel: Panel | None, gw: int) -> NDArray[np.float64]:
    if panel is None or gw not in panel.areas:
        return np.zeros(0)
    row = panel.index(gw)
    past = panel.series("total")[row, -HISTORY:].astype(float)
    past[~panel.covered[row, -HISTORY:]] = np.nan
    return past


def _axis(top: float, spiky: bool) -> Callable[[float], float]:
    """Return where a number of deaths lies: linear, or by orders of magnitude above `LINEAR_TO`."""

    def height(value: float) -> float:
        if not spiky:
            return value
        return value / LINEAR_TO if value <= LINEAR_TO else 1 + float(np.log10(value / LINEAR_TO))

    whole = height(top)
    return lambda value: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * min(height(float(value)) / whole, 1.0)


def _ticks(top: float, spiky: bool) -> list[float]:
    if spiky:
        within = (1, 3) if top < 10_000 else (1,)
        return [v for v in (0, *(m * 10**p for p in range(1, 8) for m in within)) if v <= top * 1.25]
    step = next(s * 10**p for p in range(8) for s in (1, 2, 5) if top * 1.05 / (s * 10**p) <= 6)
    return [float(v) for v in range(0, int(top * 1.05) + 1, step)]
