"""What a history says of itself at every month: features that read that month and earlier ones only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tocsin import areas
from tocsin.errors import UnknownName
from tocsin.forecast.laws import Floats
from tocsin.panel import Panel

LEVEL = "decayed_1.5"
"""The feature that stands for the present level of violence (log1p of deaths a month)."""

SIZES: tuple[str, ...] = (
    "last", "mean_3", "mean_6", "mean_12", "mean_36", "mean_120", "max_12", "third_12",
)  # fmt: skip
"""Features that are also read relative to the present level."""

FEATURES: tuple[str, ...] = (
    "last", "mean_3", "mean_6", "mean_12", "mean_36", "mean_60", "mean_120", "log_mean_12",
    "active_12", "active_36", "active_120", "since_any", "since_25", "max_12", "max_36", "third_12",
    "spread_12", "trend_3_12", "trend_12_36", LEVEL, "decayed_3", "decayed_6",
    "neighbours_3", "neighbours_12", "neighbours_active",
)  # fmt: skip
"""Names of the features, in order. Amounts are log1p of deaths a month; times are log1p of months."""

LONGEST = 120
"""Months after which a quiet spell counts as no longer."""


def features(
    series: Floats, covered: NDArray[np.bool_], contiguous: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return float32 [area, month, feature]; a month's features read that month and earlier ones only.

    series:     [area, month], deaths; covered: bool [area, month], what a release covers. Means are
                over the covered months of a window, so that a gap is neither calm nor violence.
    contiguous: bool [area, area], which areas touch.
    """
    deaths = np.where(covered, series, 0.0)
    logs = np.log1p(deaths)
    active = (deaths > 0).astype(np.float64)

    def mean(values: Floats, window: int) -> Floats:
        return windowed(values, covered, window)

    made: dict[str, Floats] = {"last": logs}
    for window in (3, 6, 12, 36, 60, 120):
        made[f"mean_{window}"] = np.log1p(mean(deaths, window))
    made["log_mean_12"] = mean(logs, 12)
    for window in (12, 36, 120):
        made[f"active_{window}"] = mean(active, window)
    made["since_any"] = np.log1p(_since(deaths > 0))
    made["since_25"] = np.log1p(_since(deaths >= 25))
    for window in (12, 36):
        made[f"max_{window}"] = _over(logs, window, lambda past: past.max(axis=-1))
    made["third_12"] = _over(logs, 12, lambda past: np.partition(past, -3, axis=-1)[..., -3])
    made["spread_12"] = np.sqrt(np.maximum(mean(logs**2, 12) - made["log_mean_12"] ** 2, 0))
    made["trend_3_12"] = made["mean_3"] - made["mean_12"]
    made["trend_12_36"] = made["mean_12"] - made["mean_36"]
    for half_life in (1.5, 3.0, 6.0):
        made[f"decayed_{half_life:g}"] = np.log1p(decayed(deaths, covered, half_life))
    touching = contiguous.astype(np.float64)
    for window in (3, 12):
        made[f"neighbours_{window}"] = np.log1p(touching @ mean(deaths, window))
    count = np.maximum(touching.sum(axis=1), 1)[:, None]
    made["neighbours_active"] = (touching @ made["log_mean_12"]) / count
    return np.stack([made[name] for name in FEATURES], axis=-1).astype(np.float32)


def contiguity(panel: Panel) -> NDArray[np.bool_]:
    """Return bool [area, area]: which areas of a country panel share a land border at its last month.

    Areas of other levels, and countries that the areas room does not know, touch none.
    """
    touch = np.zeros((len(panel.areas), len(panel.areas)), dtype=np.bool_)
    if panel.level != "country":
        return touch
    existing = {state.gw for state in areas.countries(month=panel.span.last)}
    rows = {_state(area, panel.scheme): row for row, area in enumerate(panel.areas)}
    for state in rows.keys() & existing:
        near = [rows[other] for other in areas.neighbours(state, month=panel.span.last) if other in rows]
        touch[rows[state], near] = True
    return touch


def regions(panel: Panel) -> NDArray[np.str_]:
    """Return the UCDP region of each area of a country panel, a string [area], at its last month.

    Empty for areas of other levels and for countries that the areas room does not know.
    """
    if panel.level != "country":
        return np.full(len(panel.areas), "")
    existing = {state.gw: state.region for state in areas.countries(month=panel.span.last)}
    return np.array([existing.get(_state(area, panel.scheme), "") for area in panel.areas])


def _state(area: int | str, scheme: str) -> int:
    try:
        return areas.by_views_id(int(area)).gw if scheme == "views" else int(area)
    except UnknownName:
        return 0


def windowed(values: Floats, covered: NDArray[np.bool_], window: int) -> Floats:
    """Return float64 [area, month]: means over the covered months of the `window` months up to each."""
    held = np.where(covered, values, 0.0)
    return _sum(held, window) / np.maximum(_sum(covered.astype(np.float64), window), 1)


def decayed(values: Floats, covered: NDArray[np.bool_], half_life: float) -> Floats:
    """Return float64 [area, month]: means whose weights halve every `half_life` months of age."""
    out = np.empty(values.shape)
    keep = 0.5 ** (1 / half_life)
    total, weight = np.zeros(len(values)), np.zeros(len(values))
    for month in range(values.shape[1]):
        total = total * keep + np.where(covered[:, month], values[:, month], 0.0)
        weight = weight * keep + covered[:, month]
        out[:, month] = total / np.maximum(weight, 1e-9)
    return out


def _sum(values: Floats, window: int) -> Floats:
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    stop = np.arange(1, values.shape[1] + 1)
    started = np.maximum(stop - window, 0)
    sums: Floats = total[:, stop] - total[:, started]
    return sums


def _over(values: Floats, window: int, summary: Callable[[Floats], Floats]) -> Floats:
    padded = np.concatenate([np.zeros((len(values), window - 1)), values], axis=1)
    past: Floats = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)
    return summary(past)


def _since(happened: NDArray[np.bool_]) -> Floats:
    out = np.empty(happened.shape)
    months = np.full(len(happened), float(LONGEST))
    for month in range(happened.shape[1]):
        months = np.where(happened[:, month], 0.0, np.minimum(months + 1, LONGEST))
        out[:, month] = months
    return out
