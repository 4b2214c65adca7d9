"""Scores of sampled counts: CRPS, ignorance and interval score as the VIEWS prediction challenge has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tocsin.errors import UnknownName
from tocsin.score.blocks import Floats, central, check_level, scan

Scale = Literal["natural", "log"]

OFFICIAL_DRAWS = 1000
"""The number of draws the challenge expects, to which it resamples others for the ignorance score."""

BIN_EDGES: tuple[float, ...] = (0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)
"""Inner edges of the 11 bins: 0, 1-2, 3-5, 6-10, 11-25, 26-50, 51-100, 101-250, 251-500, 501-1000, 1001+."""

LEVEL = 0.9
"""The central interval that the challenge scores."""


@dataclass(frozen=True, eq=False)
class RowScores:
    """The challenge's three scores, one number a row, each float64 of the shape of the outcomes.

    crps in deaths; ignorance in bits; interval in deaths (90 % interval).
    """

    crps: Floats
    ignorance: Floats
    interval: Floats


def crps(draws: ArrayLike, observed: ArrayLike, *, scale: Scale = "natural") -> Floats:
    """Return the continuous ranked probability score of each row, in deaths.

    draws [..., draw] and observed [...] give [...]. Plain ensemble form, not the "fair" one:
    `mean|x - y| - sum|x_i - x_j| / (2 M^2)`. With `scale="log"` both are taken as `log(1 + value)` first,
    which scores growth rates rather than deaths (Bosse et al. 2023, PLoS Comput Biol 19: e1011393).
    Raises BadInput when shapes differ or a value is no number of deaths, UnknownName for another scale.
    Source: Gneiting & Raftery 2007, JASA 102: 359-378, eq. 21; `xskillscore.crps_ensemble`.
    """
    if scale not in ("natural", "log"):
        raise UnknownName("score.unknown_scale", value=scale, choices="natural, log")
    return scan(draws, observed, _log_crps if scale == "log" else _crps, ascending=True)[0]


def ignorance(draws: ArrayLike, observed: ArrayLike, *, upsample: bool = False) -> Floats:
    """Return the ignorance score of each row, in bits: `-log2((draws in the outcome's bin + 1) / (M + 11))`.

    draws [..., draw] and observed [...] give [...]; the 11 bins are those of BIN_EDGES, each with one
    pseudo-draw. With 1,000 draws the score lies between 0.0143 and 9.98. `upsample=True` is the challenge's
    route for other numbers of draws: a Fourier resampling of the draws, in their order, to 1,000.
    Raises BadInput when shapes differ or a value is no number of deaths.
    Source: prio-data/prediction_competition_2023, `IgnoranceScore.py` and `evaluate_submissions.py`, f504ed8.
    """
    count = np.shape(draws)[-1] if np.ndim(draws) else 0
    if upsample and count != OFFICIAL_DRAWS:
        return scan(draws, observed, _resampled_ignorance, ascending=False)[0]
    return scan(draws, observed, partial(_ignorance, draws=count), ascending=False)[0]


def interval_score(draws: ArrayLike, observed: ArrayLike, *, level: float = LEVEL) -> Floats:
    """Return the interval score of each row, in deaths: width, plus 2/alpha for each death outside.

    draws [..., draw] and observed [...] give [...]. The central interval of `level` runs between linearly
    interpolated quantiles; its mean over rows is the challenge's MIS. Raises BadInput when shapes differ, a
    value is no number of deaths or `level` is not between 0 and 1.
    Source: Gneiting & Raftery 2007, JASA 102: 359-378, eq. 43.
    """
    return scan(draws, observed, partial(_interval, level=check_level(level)), ascending=True)[0]


def row_scores(draws: ArrayLike, observed: ArrayLike, *, upsample: bool = False) -> RowScores:
    """Return CRPS, ignorance and 90 % interval score of each row in one pass, sorting each row once.

    Shapes, units, errors and sources as for `crps`, `ignorance` and `interval_score`. Draws are never
    changed, and memory beyond them stays within a few megabytes.
    """
    interval = partial(_interval, level=LEVEL)
    count = np.shape(draws)[-1] if np.ndim(draws) else 0
    if upsample and count != OFFICIAL_DRAWS:
        first, third = scan(draws, observed, _crps, interval, ascending=True)
        return RowScores(first, ignorance(draws, observed, upsample=True), third)
    return RowScores(
        *scan(draws, observed, _crps, partial(_ignorance, draws=count), interval, ascending=True)
    )


def _crps(ascending: Floats, observed: Floats) -> Floats:
    count = ascending.shape[1]
    # Whole weights, divided last, keep whole draws exact: a certain and right forecast scores 0, not 1e-17.
    weights = 2.0 * np.arange(1, count + 1) - count - 1
    away = ascending - observed[:, None]
    np.abs(away, out=away)
    result: Floats = np.maximum(away.sum(axis=1) / count - ascending @ weights / count**2, 0)
    return result


def _log_crps(ascending: Floats, observed: Floats) -> Floats:
    return _crps(np.log1p(ascending), np.log1p(observed))


def _interval(ascending: Floats, observed: Floats, *, level: float) -> Floats:
    lower, upper = central(ascending, level)
    short, over = np.maximum(lower - observed, 0), np.maximum(observed - upper, 0)
    result: Floats = (upper - lower) + 2 / (1 - level) * (short + over)
    return result


def _ignorance(block: Floats, observed: Floats, *, draws: int) -> Floats:
    bins = np.searchsorted(BIN_EDGES, observed, side="right")
    edges = np.array([-np.inf, *BIN_EDGES, np.inf])
    inside = (block >= edges[bins, None]) & (block < edges[bins + 1, None])
    found = np.count_nonzero(inside, axis=1) * (draws // block.shape[1])
    result: Floats = -np.log2((found + 1) / (draws + len(BIN_EDGES) + 1))
    return result


def _resampled_ignorance(block: Floats, observed: Floats) -> Floats:
    from scipy.signal import resample

    wide = block if block.shape[1] == 1 else resample(block, OFFICIAL_DRAWS, axis=1)
    # The challenge cuts at 0 first, which moves no draw from one bin to another: the lowest has no lower end.
    return _ignorance(wide, observed, draws=OFFICIAL_DRAWS)
