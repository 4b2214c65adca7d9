"""What came after months like this one in the most active areas: past months weighed by likeness, to scale.

The recipe of the country method (`tocsin.forecast.analogues`) for areas with deaths in many of their months:
a forest tells past (area, month) pairs apart by what came after them; the law of an area is that of the
outcomes of the pairs it shares leaves with, each multiplied by the ratio of its level to that of the pair
(Meinshausen 2006, J. Machine Learning Research 7: 983-999). A level here is some ten times below that of a
country, hence the smaller offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import ExtraTreesRegressor

from tocsin import digest
from tocsin.forecast.features import FEATURES, LEVEL, SIZES, features
from tocsin.forecast.laws import weighted_quantiles
from tocsin.local.layout import Features, Rows
from tocsin.local.sizes import LARGEST
from tocsin.local.traces import LocalHistory

GROUPS: tuple[tuple[int, ...], ...] = (
    (1, 2, 3), tuple(range(4, 9)), tuple(range(9, 15)), tuple(range(15, 25)), tuple(range(25, 37)),
)  # fmt: skip
"""Steps that share one forest."""

TREES, LEAF, SHARE = 60, 20, 0.3
OFFSET, HALF_LIFE, STRIDE, YEARS = 5.0, 120.0, 3, 25
CUTS, SHARES = (0, 2, 5, 10, 25), (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Settings as in `tocsin.forecast.analogues.Forest`; chosen on windows 2011-2017 (docs/concepts/local.md)."""

BUSY, WITHIN = 6, 36
"""A past month teaches where at least so many of so many months up to it had deaths."""

ENOUGH = 300
"""With fewer pairs there is nothing to learn from."""

_WARM, _BACK = 24, 130
_KEPT = [place for place, name in enumerate(FEATURES) if not name.startswith("neighbours")]
_SIZES, _LEVEL = [FEATURES.index(name) for name in SIZES], FEATURES.index(LEVEL)


@dataclass(frozen=True, eq=False)
class _Grown:
    """A forest of one group of `steps` and its pairs: outcomes [pair, step], counts and levels [pair]."""

    steps: tuple[int, ...]
    forest: ExtraTreesRegressor
    outcomes: NDArray[np.float64]
    counts: NDArray[np.float64]
    levels: NDArray[np.float64]
    leaves: sparse.csr_matrix
    first: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Analogues:
    """The busy past of the areas of a history; a forest grows when its steps are first asked for."""

    history: LocalHistory
    _grown: dict[tuple[int, ...], _Grown | None] = field(default_factory=dict, repr=False)

    def laws(
        self, history: LocalHistory, rows: Rows, steps: tuple[int, ...], counts: NDArray[np.intp]
    ) -> list[NDArray[np.int32]] | None:
        """Return, for each of the layout's `rows`, int32 [step, counts[row]], ascending; zeros included.

        history: where the areas stand now, which may be later than what was learnt from, or supposed.
        A step with too few past months to learn from has the law of the last one that has enough; None if
        there is no such step.
        """
        grown = {group: self._taught(group) for group in GROUPS if set(group) & set(steps)}
        if any(forest is None for forest in grown.values()):
            return None
        found = [np.zeros((len(steps), count), dtype=np.int32) for count in counts.tolist()]
        if not len(rows):
            return found
        at = np.searchsorted(history.seen, rows)
        past = slice(-_BACK, None)
        described = _described(history.deaths[at, past], history.panel.covered[at, past])[:, -1]
        now, level = _design(described)
        for group, forest in grown.items():
            assert forest is not None
            alike = _likeness(forest, now)
            for place, count in enumerate(counts.tolist()):
                held = slice(alike.indptr[place], alike.indptr[place + 1])
                pairs, weights = alike.indices[held], alike.data[held]
                scale = level[place] / forest.levels[pairs]
                for step in sorted(set(group) & set(steps)):
                    column = min(step - forest.steps[0], len(forest.steps) - 1)
                    outcomes = forest.outcomes[pairs, column] * scale
                    law = np.rint(weighted_quantiles(outcomes, weights, count))
                    found[place][steps.index(step)] = np.minimum(law, LARGEST)
        return found

    def _taught(self, group: tuple[int, ...]) -> _Grown | None:
        """Return the forest of a group of steps, or of the latest before it that can be grown."""
        able = (self._grow(before) for before in reversed(GROUPS) if before[-1] <= group[-1])
        return next((forest for forest in able if forest is not None), None)

    def _grow(self, group: tuple[int, ...]) -> _Grown | None:
        if group not in self._grown:
            self._grown[group] = _grow(self.history, group)
        return self._grown[group]


def _grow(history: LocalHistory, group: tuple[int, ...]) -> _Grown | None:
    deaths, covered = history.deaths, history.panel.covered
    columns = deaths.shape[1]
    months = np.arange(columns - 1 - group[-1], max(_WARM, columns - 12 * YEARS) - 1, -STRIDE)
    counted = np.cumsum(np.pad((deaths > 0) & covered, ((0, 0), (1, 0))), axis=1)
    busy = counted[:, months + 1] - counted[:, np.maximum(months + 1 - WITHIN, 0)] >= BUSY
    ahead = np.asarray(group)
    known = covered[:, months] & covered[:, months[:, None] + ahead].all(axis=2)
    row, column = np.nonzero(busy & known)
    if len(row) < ENOUGH:
        return None
    live, row = np.unique(row, return_inverse=True)
    described = _described(deaths[live], covered[live])
    past, level = _design(described[row, months[column]])
    outcomes = deaths[live][row[:, None], months[column][:, None] + ahead].astype(np.float64)
    relative = outcomes / level[:, None]
    told = [(outcomes > cut).mean(axis=1) for cut in CUTS]
    told += [(relative > share).mean(axis=1) for share in SHARES]
    counts = 0.5 ** ((columns - 1 - months[column]) / HALF_LIFE)
    seed = digest.seed("local forest", history.target, list(group)) % 2**32
    forest = ExtraTreesRegressor(
        TREES, min_samples_leaf=LEAF, max_features=SHARE, random_state=seed, n_jobs=1
    ).fit(past, np.stack(told, axis=1), sample_weight=counts)
    ends = forest.apply(past)
    first = np.concatenate([[0], np.cumsum(ends.max(axis=0) + 1)])
    pair = np.repeat(np.arange(len(ends)), TREES)
    leaf = (ends + first[:-1]).ravel()
    leaves = sparse.csr_matrix((np.ones(leaf.size), (leaf, pair)), (first[-1], len(ends)))
    return _Grown(group, forest, outcomes, counts, level, leaves, first[:-1])


def _likeness(grown: _Grown, now: Features) -> sparse.csr_matrix:
    """Return sparse [row, pair]: the mean over trees of one over the size of a shared leaf, times counts."""
    ends = (grown.forest.apply(now) + grown.first).ravel()
    size = np.asarray(grown.leaves.sum(axis=1)).ravel()
    row = np.repeat(np.arange(len(now)), TREES)
    held = sparse.csr_matrix((1 / (size[ends] * TREES), (row, ends)), (len(now), grown.leaves.shape[0]))
    alike = (held @ grown.leaves).multiply(grown.counts[None, :]).tocsr()
    alike.sort_indices()
    return alike


def _described(deaths: NDArray[np.int32], covered: NDArray[np.bool_]) -> Features:
    alone = np.zeros((len(deaths), len(deaths)), dtype=np.bool_)
    return features(deaths.astype(np.float64), covered, alone)


def _design(described: Features) -> tuple[Features, NDArray[np.float64]]:
    level = described[:, _LEVEL]
    relative = described[:, _SIZES] - level[:, None]
    columns = np.concatenate([described[:, _KEPT], relative], axis=1)
    return columns, np.expm1(level.astype(np.float64)) + OFFSET
