"""What came after months like this one in the most active areas: past months weighed by likeness, to scale.

The recipe of the country method (`tocsin.forecast.analogues`) for areas with deaths in many of their months.
A level here is some ten times below that of a country, hence the smaller offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.forecast.analogues import Forest, Grown, Pairs, grow
from tocsin.forecast.features import FEATURES, features
from tocsin.forecast.laws import fading
from tocsin.local.layout import Features, Rows
from tocsin.local.sizes import LARGEST
from tocsin.local.traces import LocalHistory

GROUPS: tuple[tuple[int, ...], ...] = (
    (1, 2, 3), tuple(range(4, 9)), tuple(range(9, 15)), tuple(range(15, 25)), tuple(range(25, 37)),
)  # fmt: skip
"""Steps that share one forest."""

FOREST = Forest(leaf=20, late_leaf=20, share=0.3, offset=5.0)
"""Chosen on windows 2011-2017 (docs/concepts/local.md)."""

YEARS = 25
BUSY, WITHIN = 6, 36
"""A past month teaches where at least so many of so many months up to it had deaths."""

ENOUGH = 300
"""With fewer pairs there is nothing to learn from."""

_WARM, _BACK = 24, 130
_OWN = len([name for name in FEATURES if not name.startswith("neighbours")])


@dataclass(frozen=True, eq=False)
class _Taught:
    """A forest and what its pairs are read in: deaths [live area, month]."""

    forest: Grown
    deaths: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Analogues:
    """The busy past of the areas of a history; a forest grows when its steps are first asked for."""

    history: LocalHistory
    _grown: dict[tuple[int, ...], _Taught | None] = field(default_factory=dict, repr=False)

    def laws(
        self, history: LocalHistory, rows: Rows, steps: tuple[int, ...], counts: NDArray[np.intp]
    ) -> list[NDArray[np.int32]] | None:
        """Return, for each of the layout's `rows`, int32 [step, counts[row]], ascending; zeros included.

        history: where the areas stand now, which may be later than what was learnt from, or supposed.
        A step with too few past months to learn from has the law of the last one that has enough; None if
        there is no such step.
        """
        found = [np.zeros((len(steps), count), dtype=np.int32) for count in counts.tolist()]
        at = np.searchsorted(history.seen, rows)
        past = slice(-_BACK, None)
        now = _described(history.deaths[at, past], history.panel.covered[at, past])[:, -1]
        for group in GROUPS:
            wanted = sorted(set(group) & set(steps))
            if not wanted:
                continue
            taught = self._taught(group)
            if taught is None:
                return None
            if not len(rows):
                continue
            alike = taught.forest.analogues(now)
            for place, count in enumerate(counts.tolist()):
                for step in wanted:
                    outcome = min(step, taught.forest.steps[-1])
                    law = alike.law_of(place, taught.deaths, outcome, count)
                    found[place][steps.index(step)] = np.minimum(law, LARGEST)
        return found

    def _taught(self, group: tuple[int, ...]) -> _Taught | None:
        """Return the forest of a group of steps, or of the latest before it that can be grown."""
        able = (self._grow(before) for before in reversed(GROUPS) if before[-1] <= group[-1])
        return next((taught for taught in able if taught is not None), None)

    def _grow(self, group: tuple[int, ...]) -> _Taught | None:
        if group not in self._grown:
            self._grown[group] = _teach(self.history, group)
        return self._grown[group]


def _teach(history: LocalHistory, group: tuple[int, ...]) -> _Taught | None:
    deaths, covered = history.deaths, history.panel.covered
    rows, months, counts = _busy(deaths, covered, group)
    if len(rows) < ENOUGH:
        return None
    live, rows = np.unique(rows, return_inverse=True)
    series = deaths[live].astype(np.float64)
    forest = grow(
        series, covered[live], _described(deaths[live], covered[live]), group, settings=FOREST,
        seed=digest.seed("local forest", history.target, list(group)), pairs=(rows, months, counts),
    )  # fmt: skip
    return None if forest is None else _Taught(forest, series)


def _busy(deaths: NDArray[np.int32], covered: NDArray[np.bool_], group: tuple[int, ...]) -> Pairs:
    """Return the rows and months of areas with deaths in many months, and how much each counts."""
    columns = deaths.shape[1]
    months = np.arange(columns - 1 - group[-1], max(_WARM, columns - 12 * YEARS) - 1, -FOREST.stride)
    counted = np.cumsum(np.pad((deaths > 0) & covered, ((0, 0), (1, 0))), axis=1)
    busy = counted[:, months + 1] - counted[:, np.maximum(months + 1 - WITHIN, 0)] >= BUSY
    known = covered[:, months] & covered[:, months[:, None] + np.asarray(group)].all(axis=2)
    rows, column = np.nonzero(busy & known)
    month = months[column]
    return rows, month, fading(columns - 1 - month, FOREST.half_life)


def _described(deaths: NDArray[np.int32], covered: NDArray[np.bool_]) -> Features:
    """Return the features of the country method but for those of neighbours, which are its last."""
    alone = np.zeros((len(deaths), len(deaths)), dtype=np.bool_)
    return features(deaths.astype(np.float64), covered, alone)[..., :_OWN]
