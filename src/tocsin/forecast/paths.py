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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.laws import Counts, Mask


@dataclass(frozen=True)
class Dependence:
    """How far the months of a path hang together.

    lasting:     share of the variance of a Gaussian path that all its months have in common, 0 to 1.
    persistence: correlation of the rest from one month to the next, from 0 to below 1.
    """

    lasting: float = 0.0
    persistence: float = 0.0

    def paths(self, seed: int, steps: int, draws: int) -> NDArray[np.float64]:
        """Return float64 [step, draw] of stationary paths, each step the same however many follow."""
        shared = int(self.lasting > 0)
        normal = np.random.Generator(np.random.PCG64(seed)).standard_normal((shared + steps, draws))
        path = normal[shared:]
        if self.persistence:
            noise = np.sqrt(1.0 - self.persistence**2)
            for step in range(1, steps):
                path[step] = self.persistence * path[step - 1] + noise * path[step]
        if not shared:
            return path
        joined: NDArray[np.float64] = np.sqrt(self.lasting) * normal[0] + np.sqrt(1.0 - self.lasting) * path
        return joined


PERSISTENT = Dependence(persistence=0.9)
"""For laws that are the same at every step, chosen on origins 1994-2016 by the coverage of intervals of sums
over 3 to 12 months and confirmed on 2017-2020 (docs/concepts/forecast.md)."""

LASTING = Dependence(lasting=0.4)
"""For laws that are learnt step by step, chosen on origins 1995-2016 by the scores of sums over 3, 6 and 12
months and of their probabilities, and confirmed on 2017-2020 (docs/concepts/forecast.md); places within a
country have it too, by the probabilities of their sums (docs/concepts/local.md)."""


def coupled(
    ascending: Counts, seeds: Sequence[int], steps: Sequence[int], dependence: Dependence = PERSISTENT
) -> Counts:
    """Return int32 [n, step, draw]: each month's draws, put in the order of Gaussian paths.

    ascending: int32 [n, step, draw], or [n, 1, draw] where every step has the same law; sorted draws.
    seeds:     one for each row; the order of a row depends on its seed and on the step alone.
    """
    draws = ascending.shape[2]
    out = np.empty((len(ascending), len(steps), draws), dtype=np.int32)
    chosen = np.asarray(steps) - 1
    for row, law in enumerate(ascending):
        months = np.broadcast_to(law, (len(steps), draws))
        if (months[:, 0] == months[:, -1]).all():
            out[row] = months
            continue
        path = dependence.paths(seeds[row], int(chosen[-1]) + 1, draws)
        np.put_along_axis(out[row], np.argsort(path[chosen], axis=1), months, axis=1)
    return out


def in_time_order(values: Counts, mask: Mask) -> Counts:
    """Return int32 [n, K]: the covered months of a window [n, K] oldest first, one for each draw.

    Where k < K months are covered they repeat in their order until the K draws are full.
    """
    order = np.argsort(~mask, axis=1, kind="stable")
    turn = np.arange(values.shape[1]) % np.maximum(mask.sum(axis=1), 1)[:, None]
    return np.take_along_axis(np.where(mask, values, 0), np.take_along_axis(order, turn, axis=1), axis=1)
