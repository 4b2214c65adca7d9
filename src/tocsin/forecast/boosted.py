"""Methods that learn by boosted trees: what the trees learn is in `cores`, the past they learn from here.

They read what the analogues read, of the same past (area, month) pairs; each pair teaches one of the steps of
its group, in turn, and the step is a feature.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast import paths
from tocsin.forecast.analogues import Forest, design, past_pairs
from tocsin.forecast.cores import Bins, Core, Law, Past, Read
from tocsin.forecast.fitted import as_paths, drawn
from tocsin.forecast.forecast import DRAWS, GROUPS, Forecast
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts, Floats
from tocsin.forecast.pool import Recent
from tocsin.forecast.reading import Reading
from tocsin.forecast.seasons import Seasons
from tocsin.forecast.threads import one_thread


@dataclass(frozen=True)
class Boosted:
    """A core of boosted trees, one for each group of steps.

    past: which past months teach, and what sizes are relative to, as for the analogues. Where a panel is too
    short to know what came after at some steps, the trees of the longest steps it can teach stand in; where
    it can teach none, own months alone.
    """

    name: str
    core: Core
    past: Forest = field(default_factory=Forest)
    recent: Recent = field(default_factory=Recent)
    seasons: Seasons = field(default_factory=Seasons)

    @property
    def settings(self) -> Mapping[str, object]:
        """Every setting that shapes the draws."""
        return {**dataclasses.asdict(self), "groups": GROUPS, "paths": dataclasses.asdict(paths.LASTING)}

    def fit(self, history: History) -> FittedBoosted:
        """Return the method fitted to `history`; trees grow when their steps are first asked for."""
        return FittedBoosted(history, self)


@dataclass(frozen=True, eq=False)
class _Learnt:
    """What one group of steps has taught: the law, the bins it reads, and the last step it knows."""

    law: Law
    bins: Bins
    last: int

    @classmethod
    def of(cls, past: Past, core: Core, last: int) -> _Learnt:
        """Return what a core learns of past pairs."""
        bins = Bins.of(past.read)
        with one_thread():
            return cls(core.learn(dataclasses.replace(past, read=bins(past.read))), bins, last)

    def __call__(self, read: Read, level: Floats, step: int, draws: int) -> Floats:
        """Return float64 [area, draws], ascending: the law `step` months ahead."""
        with one_thread():
            return self.law(self.bins(_with_step(read, min(step, self.last))), level, draws)


@dataclass(frozen=True, eq=False)
class FittedBoosted:
    """Boosted trees and the history they learn from; it keeps what it has learnt."""

    history: History
    method: Boosted
    _kept: dict[tuple[int, ...], _Learnt | None] = field(default_factory=dict, repr=False)

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast; areas not covered at the origin are not assessed."""
        return drawn(self.history, self.method.name, self.method.settings, self.sample, steps, draws)

    @cached_property
    def reading(self) -> Reading:
        """What is read of the history."""
        return Reading(self.history, self.method.seasons)

    @property
    def misses_events(self) -> bool:
        """Whether it does without events that stand beside its panel."""
        return self.reading.misses_events

    def sample(self, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: each month's law, put in the order of paths."""
        return as_paths(self.marginals(steps, draws), self.history, self.method.name, steps, paths.LASTING)

    def marginals(self, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw], ascending."""
        present = self.reading.present(self.method.recent.months)
        read, level = design(present.described, self.method.past)
        months = np.empty((len(present.areas), len(steps), draws), dtype=np.int32)
        for place, step in enumerate(steps):
            learnt = self._taught(step)
            if learnt is None:
                law: Counts | Floats = self.method.recent.law(present.values, present.mask, draws)
            else:
                law = learnt(read, level, step, draws)
            months[:, place] = present.in_season(law, self.history.origin + step)
        return months

    def _taught(self, step: int) -> _Learnt | None:
        """Return what serves a step; None where nothing can be learnt."""
        able = (group for group in reversed(GROUPS) if group[0] <= step)
        return next((learnt for group in able if (learnt := self._learn(group)) is not None), None)

    def _learn(self, group: tuple[int, ...]) -> _Learnt | None:
        if group not in self._kept:
            past = self._past(group)
            self._kept[group] = None if past is None else _Learnt.of(past, self.method.core, group[-1])
        return self._kept[group]

    def _past(self, group: tuple[int, ...]) -> Past | None:
        reading, settings = self.reading, self.method.past
        if not settings.teaches(self.history.series.shape[1], group):
            return None
        rows, months, counts = past_pairs(self.history.covered, reading.described, group, settings)
        if not len(rows):
            return None
        # In turn over those that are kept of quiet areas too, so that these teach every step.
        turn = rows + months // (settings.stride * settings.quiet_kept)
        steps = np.asarray(group)[turn % len(group)]
        read, level = design(reading.described[rows, months], settings)
        deaths = reading.adjusted[rows, months + steps]
        return Past(_with_step(read, steps), rows, deaths, level, counts)


def _with_step(read: Read, steps: int | NDArray[np.intp]) -> Read:
    return np.column_stack([read, np.broadcast_to(np.float32(steps), len(read))])
