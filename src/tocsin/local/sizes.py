"""How many deaths a month with deaths has: the expected log, and around it what was seen in like months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tocsin.local.layout import Features

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

LIKE = 300
"""Training months whose residuals stand for the spread around one expectation: those expected most alike."""

LARGEST = 20_000
"""The most deaths one draw of one small area can hold."""

_FOLDS = 4


@dataclass(frozen=True, eq=False)
class Sizes:
    """Trees for the mean of log deaths given that there are any, with the training months it was learnt from.

    Expectations of training months come from fits that had not seen them (in blocks of time), so that their
    residuals are as wide as errors ahead are; months are kept in the order of these expectations. Half of a
    law is what like months had; half is their residuals around the row's own expectation, which reaches
    further where a place is worse than any before.
    """

    trees: HistGradientBoostingRegressor
    expected: NDArray[np.float64]
    residuals: NDArray[np.float64]
    deaths: NDArray[np.int32]

    @classmethod
    def fit(cls, features: Features, deaths: NDArray[np.int32]) -> Sizes:
        """Return the model of `deaths` [row], all positive, in the order of time, given traces and step."""
        logs = np.log(deaths)
        blind = np.zeros(len(logs))
        for held in np.array_split(np.arange(len(logs)), min(_FOLDS, len(logs))):
            rest = np.setdiff1d(np.arange(len(logs)), held)
            blind[held] = _trees(features[rest], logs[rest]).predict(features[held])
        order = np.argsort(blind, kind="stable")
        return cls(_trees(features, logs), blind[order], (logs - blind)[order], deaths[order])

    def sample(self, features: Features, counts: NDArray[np.intp]) -> list[NDArray[np.int32]]:
        """Return, for each row, `counts[row]` sizes in ascending order: quantiles of its law."""
        centres = self.trees.predict(features)
        kept = min(LIKE, len(self.expected))
        first = np.clip(np.searchsorted(self.expected, centres) - kept // 2, 0, len(self.expected) - kept)
        found = []
        for centre, start, count in zip(centres, first, counts, strict=True):
            like = slice(start, start + kept)
            moved = np.clip(np.rint(np.exp(centre + self.residuals[like])), 1, LARGEST).astype(np.int32)
            law = np.sort(np.concatenate([moved, self.deaths[like]]))
            found.append(law[(2 * np.arange(count) + 1) * len(law) // (2 * max(count, 1))])
        return found


def _trees(features: Features, logs: NDArray[np.float64]) -> HistGradientBoostingRegressor:
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(
        max_iter=120, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=80, l2_regularization=5.0,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    return trees.fit(features, logs)
