"""Whether an area will see any death in a month ahead: two learners whose log odds are pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from tocsin.local.bins import Bins
from tocsin.local.layout import Features
from tocsin.local.traces import NAMES

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

_CROSSED = [
    NAMES.index(name) for name in ("months_2", "months_6", "months_18", "months_60", "near_months_6", "since")
]


@dataclass(frozen=True)
class Complexity:
    """How closely both learners may follow what they are taught.

    penalty: inverse strength of the penalty on the regression's coefficients (scikit-learn's C).
    trees, leaves, least: number of trees, most leaves of each and least rows in a leaf.
    share: of the trees in the log odds; the regression has the rest.
    """

    penalty: float = 0.05
    trees: int = 120
    leaves: int = 12
    least: int = 300
    share: float = 0.65


MANY_AREAS = Complexity()
"""For thousands of areas (windows 2012, 2013, 2016 and 2017)."""

FEW_AREAS = Complexity(penalty=0.0005, trees=60, leaves=6, least=1000, share=0.5)
"""For some dozens of areas, of which few ever saw violence (docs/concepts/local.md)."""

MANY, THINNED = 200_000, 3
"""Above so many rows the regression is fitted to every third."""

_OWN, _NEAR = NAMES.index("months_2"), NAMES.index("near_months_6")


@dataclass(frozen=True, eq=False)
class Occurrence:
    """A logistic regression and a boosted forest of small trees, fitted to the same rows.

    The regression carries the trend of the traces beyond what was seen in training; the trees bend where
    the traces interact. Log odds pooled score better than either's (docs/concepts/local.md).
    """

    regression: LogisticRegression
    trees: HistGradientBoostingClassifier
    bins: Bins
    share: float
    centre: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        features: Features,
        happened: NDArray[np.bool_],
        weights: NDArray[np.float32],
        complexity: Complexity = MANY_AREAS,
    ) -> Occurrence:
        """Return the model of `happened` [row] given traces, season and step [row, NAMES + 2]."""
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.linear_model import LogisticRegression

        # Some hundred coefficients need no more rows than these, where there are many.
        some = slice(None, None, THINNED if len(features) > MANY else 1)
        basis = _basis(features[some])
        centre, scale = basis.mean(axis=0), basis.std(axis=0) + np.float32(1e-6)
        regression = LogisticRegression(C=complexity.penalty, max_iter=200)
        regression.fit((basis - centre) / scale, happened[some], sample_weight=weights[some])
        trees = HistGradientBoostingClassifier(
            max_iter=complexity.trees, learning_rate=0.07, max_leaf_nodes=complexity.leaves,
            min_samples_leaf=complexity.least, l2_regularization=5.0, early_stopping=False, random_state=0,
        )  # fmt: skip
        bins = Bins.of(features, weights)
        trees.fit(bins.place(features), happened, sample_weight=weights)
        return cls(regression, trees, bins, complexity.share, centre, scale)

    def probability(self, features: Features) -> NDArray[np.float64]:
        """Return the probability of any death [row]."""
        basis: Any = (_basis(features) - self.centre) / self.scale
        odds = (1 - self.share) * self.regression.decision_function(basis)
        odds += self.share * self.trees.decision_function(self.bins.place(features))
        found: NDArray[np.float64] = expit(odds)
        return found


def _basis(features: Features) -> NDArray[np.float32]:
    traces, season, step = np.log1p(features[:, :-2]), features[:, -2:-1], features[:, -1:]
    crossed = traces[:, _CROSSED]
    both = traces[:, [_OWN]] * traces[:, [_NEAR]]
    return np.concatenate(
        [traces, season, step, np.log(step), crossed * np.log(step), crossed**2, both], axis=1
    )
