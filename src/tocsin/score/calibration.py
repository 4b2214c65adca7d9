"""Whether the stated uncertainty holds: coverage of intervals and the probability integral transform."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from tocsin import digest
from tocsin.score.blocks import Floats, check_level, inside, scan


def coverage(
    draws: ArrayLike, observed: ArrayLike, levels: Sequence[float] = (0.5, 0.8, 0.9)
) -> dict[float, float]:
    """Return, for each level, the share of outcomes inside the closed central interval of that level.

    draws [..., draw] and observed [...]; unobserved rows (NaN) do not count. On counts with many zeros the
    share exceeds the level even for a perfect forecast, since the interval's ends fall on whole deaths.
    Raises BadInput when shapes differ, a value is no number of deaths or a level is not between 0 and 1.
    """
    kernels = [partial(inside, level=check_level(level)) for level in levels]
    found = scan(draws, observed, *kernels, ascending=True)
    return {
        level: float(np.nanmean(rows)) if np.isfinite(rows).any() else float("nan")
        for level, rows in zip(levels, found, strict=True)
    }


def pit(draws: ArrayLike, observed: ArrayLike, *, seed: int | None = None) -> Floats:
    """Return the randomised probability integral transform of each row: uniform on 0 to 1 if calibrated.

    draws [..., draw] and observed [...] give [...]: the share of draws below the outcome, plus a uniform part
    of the share equal to it. The uniforms depend on `seed` and the row's place alone.
    Raises BadInput when shapes differ or a value is no number of deaths.
    Source: Czado, Gneiting & Held 2009, Biometrics 65: 1254-1261.
    """
    below, up_to = scan(draws, observed, _share_below, _share_up_to, ascending=False)
    chosen = digest.seed("score.pit") if seed is None else seed
    uniform = np.random.default_rng(chosen).random(below.shape)
    result: Floats = below + uniform * (up_to - below)
    return result


def _share_below(block: Floats, observed: Floats) -> Floats:
    result: Floats = (block < observed[:, None]).mean(axis=1)
    return result


def _share_up_to(block: Floats, observed: Floats) -> Floats:
    result: Floats = (block <= observed[:, None]).mean(axis=1)
    return result
