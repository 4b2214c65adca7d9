"""Weights of a mixture of laws, fitted by CRPS.

The CRPS of a mixture is quadratic in its weights,

    CRPS(w) = sum_i w_i E|X_i - y| - 1/2 sum_ij w_i w_j E|X_i - X_j|,

and convex, for E|X - X'| is a kernel of negative type (Gneiting and Raftery 2007, JASA 102: 359-378, section
5.1). The best weights on the simplex are found from mean distances alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.laws import Floats


@dataclass(frozen=True, eq=False)
class Distances:
    """What the CRPS of any mixture of some laws is made of, each a sum or a mean over outcomes.

    to_outcome: float64 [law], E|X_i - y|. between: float64 [law, law], E|X_i - X_j|.
    """

    to_outcome: Floats
    between: Floats

    def __add__(self, other: Distances) -> Distances:
        return Distances(self.to_outcome + other.to_outcome, self.between + other.between)

    def over(self, unit: float) -> Distances:
        """Return the same in units of `unit`."""
        return Distances(self.to_outcome / unit, self.between / unit)

    def crps(self, weights: Floats) -> float:
        """Return the CRPS of the mixture with these weights [law]."""
        return float(weights @ self.to_outcome - weights @ self.between @ weights / 2)


def distances(parts: Sequence[Floats], outcomes: Floats) -> Distances:
    """Return the sums over outcomes [n] of the distances of laws, each float64 [n, draw], ascending.

    All laws have the same number of draws. The mean over pairs of draws is taken with ties and the pair of a
    draw with itself, as the CRPS of an ensemble is.
    """
    draws = parts[0].shape[1]
    ranks = 2 * np.arange(1, draws + 1) - draws - 1
    within = [2 * float((part @ ranks).sum()) for part in parts]
    between = np.zeros((len(parts), len(parts)))
    both = 2 * np.arange(1, 2 * draws + 1) - 2 * draws - 1
    for i, one in enumerate(parts):
        between[i, i] = within[i]
        for j in range(i):
            merged = np.sort(np.concatenate([one, parts[j]], axis=1), axis=1)
            pairs = 2 * float((merged @ both).sum())
            between[i, j] = between[j, i] = (pairs - within[i] - within[j]) / 2
    to_outcome = [float(np.abs(part - outcomes[:, None]).mean(axis=1).sum()) for part in parts]
    return Distances(np.array(to_outcome), between / draws**2)


def fitted(found: Distances, prior: Floats, shrink: float) -> Floats:
    """Return the weights [law], none negative, summing to 1, that score best, drawn towards `prior` [law].

    shrink: what a squared distance of 1 from the prior costs, in parts of the CRPS at the prior. The prior
    itself where that CRPS is nothing: nobody died and nobody was expected to.
    """
    from scipy import optimize

    unit = found.crps(prior)
    if unit <= 0:
        return prior

    def loss(weights: Floats) -> float:
        return found.crps(weights) / unit + shrink * float(((weights - prior) ** 2).sum())

    def slope(weights: Floats) -> Floats:
        down: Floats = (found.to_outcome - found.between @ weights) / unit + 2 * shrink * (weights - prior)
        return down

    best = optimize.minimize(
        loss, prior, jac=slope, method="SLSQP", bounds=[(0, 1)] * len(prior),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-9},
    )  # fmt: skip
    weights: Floats = np.maximum(best.x, 0)
    weights /= weights.sum()
    return weights


def shared_out(draws: int, weights: Floats) -> NDArray[np.intp]:
    """Return how many of `draws` draws each law has, int [law], summing to `draws`: by largest remainder."""
    exact = weights * draws
    counts = np.floor(exact).astype(np.intp)
    most = np.argsort(counts - exact, kind="stable")[: draws - counts.sum()]
    counts[most] += 1
    return counts
