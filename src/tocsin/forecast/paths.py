"""Paths: which draws of one month belong with which draws of the next.

A forecast is asked about sums ("at least 25 deaths in the next three months"), and the months of a war are
not independent: a bad month is followed by bad months. A law of each month alone says nothing of that, so
each month's draws are put in the order of the ranks of Gaussian paths. No month's draws change, only which of
them follow one another. This is the reordering that Clark et al. (2004, J. Hydrometeorology 5: 243-262) call
the Schaake shuffle, with ranks from a Gaussian copula in place of past dates (Schefzik, Thorarinsdottir and
Gneiting 2013, Statistical Science 28: 616-640).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.laws import Counts, Mask

PERSISTENCE = 0.9
"""Correlation of the Gaussian paths from one month to the next, chosen on origins 1994-2016 by the coverage
of intervals of sums over 3 to 12 months and confirmed on 2017-2020 (table in docs/concepts/forecast.md)."""


def coupled(
    ascending: Counts, seeds: Sequence[int], steps: Sequence[int], *, persistence: float = PERSISTENCE
) -> Counts:
    """Return int32 [n, step, draw]: each month's draws, put in the order of AR(1) paths.

    ascending:   int32 [n, step, draw], or [n, 1, draw] where every step has the same law; sorted draws.
    seeds:       one for each row; the order of a row depends on its seed and on the step alone.
    persistence: from 0 (independent months) to below 1.
    """
    draws = ascending.shape[2]
    out = np.empty((len(ascending), len(steps), draws), dtype=np.int32)
    chosen = np.asarray(steps) - 1
    for row, law in enumerate(ascending):
        months = np.broadcast_to(law, (len(steps), draws))
        if (months[:, 0] == months[:, -1]).all():
            out[row] = months
            continue
        path = gaussian_paths(seeds[row], int(chosen[-1]) + 1, draws, persistence)
        np.put_along_axis(out[row], np.argsort(path[chosen], axis=1), months, axis=1)
    return out


def gaussian_paths(seed: int, steps: int, draws: int, persistence: float) -> NDArray[np.float64]:
    """Return float64 [step, draw] of stationary AR(1) paths, each step the same however many follow."""
    path = np.random.Generator(np.random.PCG64(seed)).standard_normal((steps, draws))
    for step in range(1, steps):
        path[step] = persistence * path[step - 1] + np.sqrt(1.0 - persistence**2) * path[step]
    return path


def in_time_order(values: Counts, mask: Mask) -> Counts:
    """Return int32 [n, K]: the covered months of a window [n, K] oldest first, one for each draw.

    Where k < K months are covered they repeat in their order until the K draws are full.
    """
    order = np.argsort(~mask, axis=1, kind="stable")
    turn = np.arange(values.shape[1]) % np.maximum(mask.sum(axis=1), 1)[:, None]
    return np.take_along_axis(np.where(mask, values, 0), np.take_along_axis(order, turn, axis=1), axis=1)
