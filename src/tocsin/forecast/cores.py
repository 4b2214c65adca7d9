"""What boosted trees learn of past pairs: quantiles of deaths, or whether there were any and how many then.

Deaths are learnt relative to the present level, for trees never foresee more than they have seen. The trees
are scikit-learn's histogram trees (Friedman 2001, Annals of Statistics 29: 1189-1232).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.laws import Floats, levels

Read = NDArray[np.float32]

_BINS = 64

FOLDS = 3
"""Parts of the areas; each is foreseen by trees that have not seen it, for calibration."""


@dataclass(frozen=True, eq=False)
class Past:
    """Past pairs of an area and a month to learn from.

    read:   float32 [pair, feature]. areas: int [pair], the row of its area.
    deaths: float64 [pair], some months later; level: [pair], the level they are relative to.
    counts: [pair], how much each counts.
    """

    read: Read
    areas: NDArray[np.intp]
    deaths: Floats
    level: Floats
    counts: Floats

    def only(self, pairs: NDArray[np.bool_]) -> Past:
        """Return some of the pairs."""
        return Past(*(getattr(self, one.name)[pairs] for one in dataclasses.fields(self)))

    @property
    def folds(self) -> list[NDArray[np.bool_]]:
        """Bool [pair] for each fold of areas: its pairs; none where there are fewer areas than folds."""
        names, place = np.unique(self.areas, return_inverse=True)
        return [place % FOLDS == fold for fold in range(FOLDS)] if len(names) >= FOLDS else []


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins of each feature, parted by `edges`, which trees read in its place.

    scikit-learn finds its own bins by weighted quantiles, which takes ten times as long as the trees.
    """

    edges: tuple[Read, ...]

    @classmethod
    def of(cls, read: Read) -> Bins:
        """Return at most 64 bins a feature, of as many distinct values each."""
        values = [np.unique(column) for column in read.T]
        inner = np.linspace(0, 1, _BINS + 1)[1:-1]
        return cls(tuple(v[1:] if len(v) <= _BINS else np.unique(np.quantile(v, inner)) for v in values))

    def __call__(self, read: Read) -> Read:
        """Return float32 [row, feature]: the place of each value among the bins."""
        columns = zip(self.edges, read.T, strict=True)
        placed = [np.searchsorted(edges, column, side="right") for edges, column in columns]
        return np.stack(placed, axis=1).astype(np.float32)


class Law(Protocol):
    """The law of deaths that was learnt."""

    def __call__(self, read: Read, level: Floats, draws: int) -> Floats:
        """Return float64 [area, draws], ascending: the deaths of areas described by `read` and `level`."""
        ...


class Core(Protocol):
    """What is learnt of past pairs. An implementation is a frozen dataclass of its settings."""

    def learn(self, past: Past) -> Law:
        """Return the law learnt from one pair or more; the same from the same pairs in the same order."""
        ...


@dataclass(frozen=True)
class Trees:
    """Settings of boosted trees: rounds, rate, leaves of a tree, least pairs in a leaf, penalty on leaves."""

    rounds: int = 40
    rate: float = 0.15
    leaves: int = 12
    least: int = 40
    penalty: float = 5.0

    def options(self) -> dict[str, Any]:
        """Return them under scikit-learn's names."""
        return {
            "max_iter": self.rounds, "learning_rate": self.rate, "max_leaf_nodes": self.leaves,
            "min_samples_leaf": self.least, "l2_regularization": self.penalty, "early_stopping": False,
            "random_state": 0,
        }  # fmt: skip


@dataclass(frozen=True)
class Quantiles:
    """Boosted quantiles: one model for each of `levels`; between them, and as far again beyond the last, the
    law is drawn straight on a log scale. offset: deaths added to a month before its log is taken."""

    levels: tuple[float, ...] = (0.025, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.975)
    offset: float = 1.0
    trees: Trees = field(default_factory=Trees)

    def learn(self, past: Past) -> Law:
        """Return the law learnt."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        told = np.log((past.deaths + self.offset) / past.level)
        models = [
            HistGradientBoostingRegressor(loss="quantile", quantile=level, **self.trees.options()).fit(
                past.read, told, sample_weight=past.counts
            )
            for level in self.levels
        ]
        known = np.array([0.0, *self.levels, 1.0])

        def law(read: Read, level: Floats, draws: int) -> Floats:
            found = np.sort(np.stack([model.predict(read) for model in models], axis=1), axis=1)
            below, above = 2 * found[:, 0] - found[:, 1], 2 * found[:, -1] - found[:, -2]
            ends = np.column_stack([below, found, above])
            logs = np.stack([np.interp(levels(draws), known, row) for row in ends])
            deaths: Floats = np.maximum(np.exp(logs) * level[:, None] - self.offset, 0)
            return deaths

        return law


@dataclass(frozen=True)
class Hurdle:
    """Whether anyone dies, and how many do if so.

    Occurrence is a boosted classifier, its probabilities calibrated by isotonic regression on folds of areas;
    sizes given occurrence are boosted quantiles.
    """

    occurrence: Trees = field(default_factory=lambda: Trees(least=60))
    size: Quantiles = field(default_factory=Quantiles)

    def learn(self, past: Past) -> Law:
        """Return the law learnt."""
        deadly = past.deaths >= 0.5
        probability = self._probability(past, deadly)
        sizes = self.size.learn(past.only(deadly)) if deadly.any() else None

        def law(read: Read, level: Floats, draws: int) -> Floats:
            out, at = np.zeros((len(read), draws)), levels(draws)
            chance = probability(read)
            likely = np.flatnonzero(chance > 0.5 / draws)
            if sizes is None or not likely.size:
                return out
            some = np.maximum(sizes(read[likely], level[likely], draws), 1.0)
            for row, law_of in zip(likely, some, strict=True):
                above = (at - (1 - chance[row])) / chance[row]
                out[row] = np.where(above >= 0, np.interp(above, at, law_of), 0.0)
            return out

        return law

    def _probability(self, past: Past, deadly: NDArray[np.bool_]) -> Callable[[Read], Floats]:
        """Return the calibrated probability of at least one death."""
        from sklearn.isotonic import IsotonicRegression

        whole, folds = self._classifier(past, deadly), past.folds
        if not folds or deadly.all() or not deadly.any():
            return whole
        foreseen = np.empty(len(deadly))
        for fold in folds:
            foreseen[fold] = self._classifier(past.only(~fold), deadly[~fold])(past.read[fold])
        calibrated = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        calibrated.fit(foreseen, deadly, sample_weight=past.counts)
        return lambda read: calibrated.predict(whole(read))

    def _classifier(self, past: Past, deadly: NDArray[np.bool_]) -> Callable[[Read], Floats]:
        from sklearn.ensemble import HistGradientBoostingClassifier

        if deadly.all() or not deadly.any():
            return lambda read: np.full(len(read), float(deadly.all()))
        model = HistGradientBoostingClassifier(**self.occurrence.options())
        model.fit(past.read, deadly, sample_weight=past.counts)
        return lambda read: model.predict_proba(read)[:, 1]
