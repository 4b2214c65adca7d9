"""What came after months like this one: past months weighed by likeness, their outcomes brought to scale.

A forest of random trees is grown on past (area, month) pairs to tell apart what came after them. Two pairs
are alike as often as they end in the same leaf (Meinshausen 2006, J. Machine Learning Research 7: 983-999;
trees as Geurts, Ernst and Wehenkel 2006, Machine Learning 63: 3-42). The law of deaths some months ahead is
that of the outcomes of past pairs under those weights, each multiplied by the ratio of the present level to
the level of the pair, so that a war of any size learns from wars of all sizes and no outcome lies beyond what
has been seen in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tocsin.forecast.features import FEATURES, LEVEL, SIZES
from tocsin.forecast.laws import LARGEST, Counts, Floats, fading, weighted_quantiles

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor

Pairs = tuple[NDArray[np.intp], NDArray[np.intp], Floats]
"""Areas' rows, months' columns and counts of past pairs."""


YEAR = 12
"""Steps of the first year; what comes later is told apart more broadly."""


@dataclass(frozen=True)
class Forest:
    """Settings of the forest; chosen on the windows 1995 to 2017 (docs/skill.md).

    trees, share: number of trees, share of features tried at a split.
    leaf, late_leaf: least pairs in a leaf, for steps of the first year and beyond it.
    stride:     months between the months that pairs are taken from.
    half_life:  months after which a pair counts half.
    quiet_kept: one pair in so many is kept where five years saw no deaths, and counts for as many.
    offset:     deaths added to a level before levels are compared.
    steadied:   shares of a level, on a log scale, that are the levels that usual months and events tell, as
                far as they are described (`signals`).
    cuts:       deaths, and shares: multiples of the level, at which outcomes are told apart.
    warm_up:    months that a history needs before it can teach.
    """

    trees: int = 60
    leaf: int = 30
    late_leaf: int = 60
    share: float = 0.5
    stride: int = 3
    half_life: float = 120.0
    quiet_kept: int = 4
    offset: float = 30.0
    steadied: tuple[float, ...] = (0.4, 0.4)
    cuts: tuple[float, ...] = (0, 2, 5, 10, 25)
    shares: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
    warm_up: int = 8

    def teaches(self, months: int, steps: Sequence[int]) -> bool:
        """Return whether a panel of `months` holds enough months with outcomes at all `steps`."""
        return months - steps[-1] - self.warm_up > 4


@dataclass(frozen=True, eq=False)
class Analogues:
    """Past pairs and how much each counts for the present of each area.

    rows, months: int [pair], the area's row and the month's column of each pair.
    weights:      sparse float64 [area, pair], each area's summing to 1.
    levels:       float64 [pair] and present: float64 [area], the levels that outcomes are scaled by.
    """

    rows: NDArray[np.intp]
    months: NDArray[np.intp]
    weights: sparse.csr_matrix
    levels: Floats
    present: Floats

    def of(self, area: int) -> tuple[NDArray[np.intp], Floats]:
        """Return the pairs that count for an area and their weights."""
        held = slice(self.weights.indptr[area], self.weights.indptr[area + 1])
        return self.weights.indices[held], self.weights.data[held]

    def law(self, series: Floats, step: int, draws: int) -> Counts:
        """Return int32 [area, draws], ascending: the law of deaths `step` months ahead."""
        out = np.zeros((len(self.present), draws), dtype=np.int32)
        for area in range(len(out)):
            out[area] = self.law_of(area, series, step, draws)
        return out

    def law_of(self, area: int, series: Floats, step: int, draws: int) -> Counts:
        """Return int32 [draws], ascending: the law of one area, by its place in `present`."""
        pairs, weight = self.of(area)
        outcomes = series[self.rows[pairs], self.months[pairs] + step]
        scaled = np.rint(outcomes * (self.present[area] / self.levels[pairs]))
        if not scaled.any():
            return np.zeros(draws, dtype=np.int32)
        return np.minimum(weighted_quantiles(scaled, weight, draws), LARGEST).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Grown:
    """A forest and the past pairs in its leaves, ready to find what any present resembles.

    steps: those whose outcomes it tells apart.
    rows, months, counts, levels: [pair], as in `Analogues`; counts are those the pairs were taught with.
    leaves: sparse [leaf of any tree, pair], 1 where the pair ends there; first: number of the first leaf of
            each tree.
    """

    forest: ExtraTreesRegressor
    settings: Forest
    steps: tuple[int, ...]
    rows: NDArray[np.intp]
    months: NDArray[np.intp]
    counts: Floats
    levels: Floats
    leaves: sparse.csr_matrix
    first: NDArray[np.int64]

    def analogues(self, present: NDArray[np.float32]) -> Analogues:
        """Return the analogues of the areas that `present` [area, feature] describes."""
        now, level = design(present, self.settings)
        likeness = self._likeness(self.forest.apply(now)).multiply(self.counts[None, :]).tocsr()
        likeness.sort_indices()
        shares = sparse.diags(1.0 / np.asarray(likeness.sum(axis=1)).ravel()) @ likeness
        return Analogues(self.rows, self.months, shares.tocsr(), self.levels, level)

    def _likeness(self, now: NDArray[np.int64]) -> sparse.csr_matrix:
        """Return sparse [area, pair]: the mean over trees of one over the size of a leaf both end in."""
        areas, trees = now.shape
        ends = (now + self.first).ravel()
        size = np.maximum(np.asarray(self.leaves.sum(axis=1)).ravel(), 1)
        in_leaf = (1 / (size[ends] * trees), (np.repeat(np.arange(areas), trees), ends))
        return (sparse.csr_matrix(in_leaf, (areas, self.leaves.shape[0])) @ self.leaves).tocsr()


def grow(
    series: Floats,
    covered: NDArray[np.bool_],
    described: NDArray[np.float32],
    steps: Sequence[int],
    *,
    settings: Forest,
    seed: int,
    pairs: Pairs | None = None,
) -> Grown | None:
    """Return the forest that tells past pairs apart by their outcomes at `steps` (ascending) together.

    None if no pair has known outcomes.

    series, covered: [area, month], deaths and what is covered.
    described: [area, month, feature] as `features` gives them; where more stand behind these, steadied
    levels are the first, one for each share in `settings` or fewer.
    pairs: those to learn from, where not `settings` is to choose them.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    rows, months, counts = pairs or past_pairs(covered, described, steps, settings)
    if not len(rows):
        return None
    outcomes = series[rows[:, None], months[:, None] + np.asarray(steps)]
    past, level = design(described[rows, months], settings)
    relative = outcomes / level[:, None]
    told = [(outcomes > cut).mean(axis=1) for cut in settings.cuts]
    told += [(relative > share).mean(axis=1) for share in settings.shares]
    forest = ExtraTreesRegressor(
        settings.trees, max_features=settings.share,
        min_samples_leaf=settings.leaf if steps[0] <= YEAR else settings.late_leaf,
        random_state=seed % 2**32, n_jobs=1,
    ).fit(past, np.stack(told, axis=1), sample_weight=counts)  # fmt: skip
    ends = forest.apply(past)
    first = np.concatenate([[0], np.cumsum(ends.max(axis=0) + 1)])
    pair = np.repeat(np.arange(len(ends)), settings.trees)
    leaf = (ends + first[:-1]).ravel()
    leaves = sparse.csr_matrix((np.ones(leaf.size), (leaf, pair)), (first[-1], len(ends)))
    return Grown(forest, settings, tuple(steps), rows, months, counts, level, leaves, first[:-1])


def past_pairs(
    covered: NDArray[np.bool_], described: NDArray[np.float32], steps: Sequence[int], settings: Forest
) -> Pairs:
    """Return the areas, months and counts of the pairs whose outcomes at all steps are known."""
    areas, months = covered.shape
    origins = np.arange(months - 1 - steps[-1], settings.warm_up, -settings.stride)
    row, month = (grid.ravel() for grid in np.meshgrid(np.arange(areas), origins, indexing="ij"))
    quiet = described[row, month, FEATURES.index("mean_60")] == 0
    kept = ~quiet | ((row + month // settings.stride) % settings.quiet_kept == 0)
    known = covered[row, month] & covered[row[:, None], month[:, None] + np.asarray(steps)].all(axis=1)
    row, month, quiet = (values[kept & known] for values in (row, month, quiet))
    age = months - 1 - month
    return row, month, np.where(quiet, settings.quiet_kept, 1) * fading(age, settings.half_life)


def design(described: NDArray[np.float32], settings: Forest) -> tuple[NDArray[np.float32], Floats]:
    """Return what trees read of rows so described, float32 [row, feature], and the level of each, [row]."""
    level = described[:, FEATURES.index(LEVEL)]
    sizes = described[:, [FEATURES.index(name) for name in SIZES]] - level[:, None]
    read = described.copy()
    own = np.log(_amount(level) + settings.offset)
    logs = own.copy()
    for column, share in zip(range(len(FEATURES), described.shape[1]), settings.steadied, strict=False):
        logs += share * (np.log(_amount(described[:, column]) + settings.offset) - own)
        read[:, column] -= level
    return np.concatenate([read, sizes], axis=1), np.exp(logs)


def _amount(logs: NDArray[np.float32]) -> Floats:
    amount: Floats = np.expm1(logs.astype(np.float64))
    return amount
