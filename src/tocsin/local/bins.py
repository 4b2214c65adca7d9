"""Values of a column in at most 255 bins, those of scikit-learn's boosted trees but found at one sorting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.laws import Floats
from tocsin.local.layout import Features

BINS = 255
"""Bins that scikit-learn tells apart in a column."""

MOST = 200_000
"""Rows up to which it looks for the bins in all of them, and above which in a sample."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Where the bins of each column end: trees grown on bins split rows as trees grown on the values do.

    Of weighted rows scikit-learn sorts a column anew for each of its 254 bounds, which takes three quarters
    of a fit; a column of no more than 255 values has its bins at once.

    bounds: one a column, float64 [bound] ascending; None where values stand as they are.
    """

    bounds: tuple[Floats | None, ...]

    @classmethod
    def of(cls, features: Features, weights: NDArray[np.float32]) -> Bins:
        """Return the bins of features [row, column], of rows that each count as much as their weight."""
        if len(features) > MOST:
            return cls((None,) * features.shape[1])
        held = weights != 0
        columns = features[held].astype(np.float64).T
        return cls(tuple(_bounds(column, weights[held].astype(np.float64)) for column in columns))

    def place(self, features: Features) -> Features:
        """Return features [row, column], each value as the number of its bin."""
        found = {column: bounds for column, bounds in enumerate(self.bounds) if bounds is not None}
        if not found:
            # A copy of a million rows is a tenth of the memory of a fit.
            return features
        placed = features.copy()
        for column, bounds in found.items():
            placed[:, column] = np.searchsorted(bounds, features[:, column])
        return placed


def _bounds(values: Floats, weights: Floats) -> Floats | None:
    """Return where bins end: the weighted quantiles in steps of 1/255, each once; None for few values.

    Between two values where a quantile lies between them (Hyndman and Fan 1996, The American Statistician 50:
    361-365, definition 2).
    """
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    if np.count_nonzero(np.diff(values)) < BINS:
        return None
    # Twice, as scikit-learn does: rows of one value add up in the order in which they come to lie.
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    wanted = np.linspace(0, 100, BINS + 1)[1:-1] / 100 * total[-1]
    at = np.minimum(np.searchsorted(total, wanted), len(values) - 1)
    here, above = values[order[at]], values[order[np.minimum(at + 1, len(values) - 1)]]
    within = total[at] - wanted > np.finfo(np.float64).eps
    bounds = np.unique(np.where(within, here, (here + above) / 2))
    # A bin without a row would be none of those that trees see.
    filled = np.bincount(np.searchsorted(bounds, values), minlength=len(bounds) + 1)[:-1] > 0
    found: Floats = bounds[filled]
    return found
