"""One pass over sampled forecasts, a few rows at a time, so that a million-row file needs no second copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import BadInput

Floats = NDArray[np.float64]
Kernel = Callable[[Floats, Floats], Floats]
"""Scores of some rows: (draws [row, draw], outcomes [row]) to [row].

Rows whose draws are all zero come as one column, which stands for as many equal draws as there are.
"""

# 64 rows of 1,000 draws stay in the second-level cache through sorting and every kernel.
_BLOCK_VALUES = 65_536


def scan(draws: ArrayLike, observed: ArrayLike, *kernels: Kernel, ascending: bool) -> list[Floats]:
    """Return one array [...] for each kernel, from draws [..., draw] and outcomes [...].

    `ascending` says whether the kernels need each row sorted. Rows without any death skip the work, which is
    most rows of a grid. Raises BadInput when shapes do not match, and for what is no number of deaths: each
    is finite and at least 0, fractions allowed; an outcome alone may be NaN or masked, if not observed.
    """
    values, outcomes = _checked(draws, observed)
    rows = values.reshape(-1, values.shape[-1])
    flat = outcomes.reshape(-1)
    results = [kernel(np.zeros((flat.size, 1)), flat) for kernel in kernels]
    live = np.flatnonzero(rows.any(axis=1))
    step = max(1, _BLOCK_VALUES // rows.shape[1])
    for start in range(0, live.size, step):
        chosen = live[start : start + step]
        block = rows[chosen]
        if block.dtype.kind == "f" and not np.isfinite(block).all():
            raise BadInput("score.draws_not_finite", row=int(chosen[~np.isfinite(block).all(axis=1)][0]))
        if block.min() < 0:
            raise BadInput("score.draws_negative", row=int(chosen[(block < 0).any(axis=1)][0]))
        if ascending:
            block.sort(axis=1)
        wide = block.astype(np.float64)
        for result, kernel in zip(results, kernels, strict=True):
            result[chosen] = kernel(wide, flat[chosen])
    unobserved = np.isnan(flat)
    for result in results:
        result[unobserved] = np.nan
    return [result.reshape(outcomes.shape) for result in results]


def quantile(ascending: Floats, level: float) -> Floats:
    """Return the quantile of each sorted row by linear interpolation, as `numpy.quantile` does by default."""
    place = level * (ascending.shape[1] - 1)
    below = int(np.floor(place))
    above = min(below + 1, ascending.shape[1] - 1)
    low, high, part = ascending[:, below], ascending[:, above], place - below
    # From the nearer side, as numpy does: the same number to the last bit.
    result: Floats = low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
    return result


def central(ascending: Floats, level: float) -> tuple[Floats, Floats]:
    """Return both ends of the central interval of each sorted row."""
    tail = (1 - level) / 2
    return quantile(ascending, tail), quantile(ascending, 1 - tail)


def inside(ascending: NDArray[Any], observed: NDArray[Any], level: float) -> Floats:
    """Return 1 where the outcome lies in the closed central interval of its sorted row, 0 elsewhere."""
    lower, upper = central(ascending, level)
    return ((lower <= observed) & (observed <= upper)).astype(np.float64)


def check_level(level: float) -> float:
    """Return the level of an interval; BadInput unless it lies between 0 and 1."""
    if not 0 < level < 1:
        raise BadInput("score.level_outside", value=level)
    return level


def floats(values: ArrayLike) -> Floats:
    """Return an array of float64, with NaN for what a masked array (netCDF, raster) holds no value of."""
    # Not np.asarray, which drops the mask and takes what lies under it, mostly 0, for a value.
    return np.ma.asarray(values, dtype=np.float64).filled(np.nan)


def _checked(draws: ArrayLike, observed: ArrayLike) -> tuple[NDArray[Any], Floats]:
    values: np.ma.MaskedArray[Any, Any] = np.ma.asarray(draws)
    outcomes: np.ma.MaskedArray[Any, Any] = np.ma.asarray(observed)
    if values.ndim == 0 or values.shape[-1] == 0 or values.shape[:-1] != outcomes.shape:
        raise BadInput("score.shapes_differ", draws=str(values.shape), observed=str(outcomes.shape))
    for name, array in (("draws", values), ("observed", outcomes)):
        if array.dtype.kind not in "iuf":
            raise BadInput("score.not_numbers", name=name, dtype=str(array.dtype))
    seen = floats(outcomes)
    odd = (seen < 0) | np.isinf(seen)
    if odd.any():
        raise BadInput("score.no_outcome", row=int(np.argmax(odd)), value=float(seen[odd][0]))
    return floats(values) if np.ma.is_masked(values) else values.data, seen
