"""Laws of the deaths in one month, each a pure function from a window of months to sorted draws.

    law(values [n, K], mask [n, K], draws M) -> int32 [n, M], ascending

A row is an area at an origin, so many origins go in at once. `mask` is False where a month is not covered;
such a month is left out. A row without a covered month has draws of zero, which the caller marks as not
assessed. The draws are the quantiles at levels (i + 1/2) / M rather than a random sample: the same window
always has the same law, without sampling noise. How months hang together is the business of `paths`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Counts = NDArray[np.int32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

LARGEST = 700_000_000
"""The most deaths a draw can hold, so that the sum of three kinds is still within int32."""


def levels(draws: int) -> Floats:
    """Return float64 [draws]: the levels (i + 1/2) / draws whose quantiles stand for a law."""
    return (np.arange(draws) + 0.5) / draws


def fading(age: NDArray[np.integer[Any]], half_life: float) -> Floats:
    """Return float64 like `age`: 1 at 0 and half as much at each `half_life` more; ages are whole, from 0.

    One power a number: those of a whole array differ in the last bit between processors, since one with
    AVX-512 makes its own, and where weights differ by a bit a forest may split otherwise.
    """
    held: Floats = np.array([0.5 ** (at / half_life) for at in range(int(age.max(initial=0)) + 1)])
    found: Floats = held[age]
    return found


_NOISES = 15
"""Levels of noise that stand for the lognormal law in `recent`."""


def zero(values: Counts, mask: Mask, draws: int) -> Counts:
    """Return draws of zero, whatever the window holds."""
    return np.zeros((len(values), draws), dtype=np.int32)


def empirical(values: Counts, mask: Mask, draws: int) -> Counts:
    """Return the law that gives each covered month of the window the same probability.

    Quantiles are values of the window (inverse of the step function), never between two of them.
    """
    ascending, held = _ascending(values, mask)
    rank = (2 * np.arange(draws) + 1) * held[:, None] // (2 * draws)
    return _taken(ascending, rank, held).astype(np.int32)


def poisson_last(values: Counts, mask: Mask, draws: int) -> Counts:
    """Return the Poisson law whose mean is the last month of the window (the challenge's `last`).

    Zero where that month is not covered. Hegre et al., VIEWS prediction challenge, `last_observed_poisson`.
    """
    return _poisson(np.where(mask[:, -1], values[:, -1], 0).astype(np.float64), draws)


def negative_binomial(values: Counts, mask: Mask, draws: int) -> Counts:
    """Return the negative binomial law with the mean and the sample variance of the window.

    Poisson where the variance does not exceed the mean or fewer than two months are covered. The form that
    Bodentien and Rueter found best among theirs in the VIEWS prediction challenge 2023/24.
    """
    from scipy import stats

    held = mask.sum(axis=1)
    mean = np.where(mask, values, 0).sum(axis=1) / np.maximum(held, 1)
    squares = np.where(mask, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    variance = squares / np.maximum(held - 1, 1)
    out = _poisson(mean, draws)
    wide = variance > mean
    if wide.any():
        m, v = mean[wide, None], variance[wide, None]
        out[wide] = _counts(stats.nbinom.ppf(levels(draws), m * m / (v - m), m / v))
    return out


def no_learning(values: Counts, mask: Mask, draws: int, *, zeros: float, spread: float, floor: int) -> Counts:
    """Return the window's months, capped, times lognormal noise, with a share of zeros.

    Each month is capped at twice the third largest of the window (at twice the smallest where fewer than
    three are covered), but never below `floor` deaths, then multiplied by exp(spread x N(0, 1)) and rounded;
    `zeros` is the probability put on no deaths at all. The cap keeps one massacre from setting the scale.
    """
    out = np.zeros((len(values), draws), dtype=np.int32)
    live = np.flatnonzero((values * mask).any(axis=1))
    if live.size == 0:
        return out
    ascending, held = _ascending(values[live], mask[live])
    third = np.maximum(held - 3, 0)
    cap = np.maximum(floor, 2 * ascending[np.arange(len(live)), third])
    noise = np.exp(spread * special.ndtri(levels(draws)))
    capped = np.where(np.isinf(ascending), np.inf, np.minimum(ascending, cap[:, None]))
    dressed = (capped[:, :, None] * noise).reshape(len(live), -1)
    dressed.sort(axis=1)
    above = np.maximum(levels(draws) - zeros, 0.0) / (1.0 - zeros)
    rank = (above * (held * draws)[:, None]).astype(np.intp)
    sampled = _taken(dressed, rank, held * draws)
    out[live] = _counts(np.where(levels(draws) < zeros, 0.0, sampled))
    return out


def recent(values: Floats, mask: Mask, draws: int, *, half_life: float, spread: float, floor: int) -> Counts:
    """Return the window's months, newer ones weighing more, capped, times lognormal noise.

    A month's weight halves every `half_life` months of age. Each month is capped at twice the third largest
    of the last 12 covered months of the window, but never below `floor` deaths, then multiplied by
    exp(spread x N(0, 1)) and rounded.
    """
    out = np.zeros((len(values), draws), dtype=np.int32)
    noise = np.exp(spread * special.ndtri(levels(_NOISES)))
    weights = fading(np.arange(values.shape[1])[::-1], half_life)
    for row in np.flatnonzero((values * mask).any(axis=1)):
        held, weight = values[row, mask[row]].astype(np.float64), weights[mask[row]]
        last_year = np.sort(held[-12:])
        cap = max(floor, 2 * last_year[max(len(last_year) - 3, 0)])
        dressed = (np.minimum(held, cap)[:, None] * noise).ravel()
        out[row] = _counts(weighted_quantiles(dressed, np.repeat(weight, _NOISES), draws))
    return out


def weighted_quantiles(values: Floats, weights: Floats, draws: int) -> Floats:
    """Return float64 [draws]: quantiles at levels (i + 1/2)/draws of the law with `weights` on `values`."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    rank = np.searchsorted(total / total[-1], levels(draws))
    return values[order][np.minimum(rank, len(values) - 1)]


def mixed(laws: Sequence[Counts]) -> Counts:
    """Return the mixture of laws, each weighing as much as it has draws: int32 [n, all draws], ascending."""
    return np.sort(np.concatenate(laws, axis=1), axis=1)


def recalibrated(ascending: Counts, low: float, high: float) -> Counts:
    """Return laws [..., draws], ascending, each read at the Beta(`low`, `high`) quantiles of its own levels.

    Where outcomes fell at the levels u of earlier laws with that distribution rather than evenly, they fall
    evenly at those of the laws returned. Shapes below 1 widen a law, `low` downwards and `high` upwards.
    """
    draws = ascending.shape[-1]
    read = special.betaincinv(low, high, levels(draws))
    law: Counts = ascending[..., np.minimum((read * draws).astype(np.intp), draws - 1)]
    return law


def scaled(draws: Counts | Floats, factors: Floats) -> Counts:
    """Return each row's draws [n, draws] times its factor [n], rounded: int32, as ascending as they were."""
    return _counts(draws * factors[:, None])


def _ascending(values: Counts, mask: Mask) -> tuple[Floats, NDArray[np.intp]]:
    """Return each row's covered values ascending, infinity behind them, and how many there are."""
    return np.sort(np.where(mask, values, np.inf), axis=1), mask.sum(axis=1)


def _taken(ascending: Floats, rank: NDArray[np.intp], held: NDArray[np.intp]) -> Floats:
    """Return the values at `rank`, zero in rows that hold none."""
    if ascending.shape[1] == 0:
        return np.zeros(rank.shape)
    inside = np.minimum(rank, np.maximum(held - 1, 0)[:, None])
    return np.where(held[:, None] > 0, np.take_along_axis(ascending, inside, axis=1), 0.0)


def _poisson(mean: Floats, draws: int) -> Counts:
    from scipy import stats

    out = np.zeros((len(mean), draws), dtype=np.int32)
    live = mean > 0
    if live.any():
        out[live] = _counts(stats.poisson.ppf(levels(draws), mean[live, None]))
    return out


def _counts(values: Floats) -> Counts:
    return np.rint(np.clip(values, 0, LARGEST)).astype(np.int32)
