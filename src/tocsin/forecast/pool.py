"""The default method: what came after months like this one, pooled with the area's own last months."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from tocsin import digest
from tocsin.forecast import laws, paths
from tocsin.forecast.analogues import YEAR, Forest, Grown, grow
from tocsin.forecast.fitted import as_paths, drawn
from tocsin.forecast.forecast import DRAWS, GROUPS, Forecast
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts, Floats, Mask
from tocsin.forecast.reading import Present, Reading
from tocsin.forecast.seasons import Seasons
from tocsin.kinds import Kind
from tocsin.panel.panel import AreaId


@dataclass(frozen=True)
class Recent:
    """Settings of the law of an area's own last months (`laws.recent`)."""

    months: int = 24
    half_life: float = 2.0
    spread: float = 0.3
    floor: int = 50

    def law(self, values: Floats, mask: Mask, draws: int) -> Counts:
        """Return int32 [n, draws], ascending: the law of one month, which every step shares."""
        return laws.recent(
            values, mask, draws, half_life=self.half_life, spread=self.spread, floor=self.floor
        )


@dataclass(frozen=True)
class Recalibration:
    """Settings of the law of one kind beyond so many steps (`laws.recalibrated`); learnt on 1994 to 2017.

    Non-state violence has risen nearly everywhere since 1989: two and three years ahead, one outcome in seven
    lay above the 90 % quantile. Learnt where months read hold deaths, and left alone where they hold none.
    """

    kind: Kind = "ns"
    beyond: int = YEAR
    low: float = 0.95
    high: float = 0.85

    def law(self, ascending: Counts, kind: Kind, step: int, present: Present) -> Counts:
        """Return int32 [area, draws], ascending: laws as they are, or recalibrated."""
        if kind != self.kind or step <= self.beyond:
            return ascending
        deadly = (present.values * present.mask).any(axis=1)
        law = ascending.copy()
        law[deadly] = laws.recalibrated(ascending[deadly], self.low, self.high)
        return law


@dataclass(frozen=True)
class Pool:
    """Analogues and own months in fixed shares; `shares` are those of own months, one a group of steps.

    Both learn from deaths with the seasons taken out; a month ahead is given those of its calendar month.
    Analogues also read what usual months are like and, where the panel holds them, numbers of events and the
    other kinds of violence.
    A share of 0 everywhere is the method `analogues`, of 1 everywhere `recent`. Where a panel is too short to
    know what came after at some steps, the analogues of the longest steps it can teach stand in; where it can
    teach none, own months alone.
    """

    name: str
    shares: tuple[float, ...] = (0.25, 0.35, 0.35, 0.20, 0.10)
    recent: Recent = field(default_factory=Recent)
    forest: Forest = field(default_factory=Forest)
    seasons: Seasons = field(default_factory=Seasons)
    recalibration: Recalibration | None = None

    @property
    def settings(self) -> Mapping[str, object]:
        """Every setting that shapes the draws."""
        return {**dataclasses.asdict(self), "groups": GROUPS, "paths": dataclasses.asdict(paths.LASTING)}

    def fit(self, history: History) -> FittedPool:
        """Return the method fitted to `history`; each forest grows when its steps are first asked for."""
        return FittedPool(history, self)


@dataclass(frozen=True, eq=False)
class FittedPool:
    """A pool and the history it learns from; it keeps the forests it has grown."""

    history: History
    pool: Pool
    _grown: dict[tuple[int, ...], Grown | None] = field(default_factory=dict, repr=False)

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast; areas not covered at the origin are not assessed."""
        pool = self.pool
        return drawn(self.history, pool.name, pool.settings, partial(self.sample, self.present), steps, draws)

    @cached_property
    def reading(self) -> Reading:
        """What the pool reads of its history."""
        return Reading(self.history, self.pool.seasons)

    @property
    def learns(self) -> bool:
        """Whether the method looks for analogues at all."""
        return min(self.pool.shares) < 1

    @property
    def misses_events(self) -> bool:
        """Whether it does without events that stand beside its panel."""
        return self.learns and self.reading.misses_events

    @property
    def present(self) -> Present:
        """What the method reads of all areas."""
        return self.reading.present(self.pool.recent.months, describes=self.learns)

    def imagined(self, area: AreaId, series: Counts) -> Present:
        """Return what the method would read of one area had its deaths been others (`Reading.imagined`)."""
        return self.reading.imagined(area, series, self.pool.recent.months)

    def taught(self, group: Sequence[int]) -> Grown | None:
        """Return the forest that serves a group of steps; grown on the first call.

        It is that of the group itself, or of the latest group before it whose outcomes the history knows;
        None where it knows none, or the method does not look for analogues.
        """
        if not self.learns:
            return None
        months = self.history.series.shape[1]
        able = [s for s in GROUPS if s[-1] <= group[-1] and self.pool.forest.teaches(months, s)]
        return next((grown for steps in reversed(able) if (grown := self._grow(steps))), None)

    def _grow(self, steps: tuple[int, ...]) -> Grown | None:
        if steps not in self._grown:
            self._grown[steps] = grow(
                self.reading.adjusted, self.history.covered, self.reading.described, steps,
                settings=self.pool.forest, seed=digest.seed("forest", self.history.target, steps),
            )  # fmt: skip
        return self._grown[steps]

    def sample(self, present: Present, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: each month's mixture, put in the order of paths."""
        ascending = self.marginals(present, steps, draws)
        return as_paths(ascending, self.history, self.pool.name, steps, paths.LASTING, present.areas)

    def marginals(self, present: Present, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw], ascending: the mixture of each month."""
        months = np.empty((len(present.areas), len(steps), draws), dtype=np.int32)
        for group, share in zip(GROUPS, self.pool.shares, strict=True):
            wanted = [step for step in steps if step in group]
            if not wanted:
                continue
            grown = self.taught(group)
            own = draws if grown is None else round(share * draws)
            parts = [self.pool.recent.law(present.values, present.mask, own)]
            alike = None if grown is None else grown.analogues(present.described)
            for step in wanted:
                if grown is not None and alike is not None:
                    outcome = min(step, grown.steps[-1])
                    parts[1:] = [alike.law(self.reading.adjusted, outcome, draws - own)]
                law = laws.mixed(parts)
                if self.pool.recalibration is not None:
                    law = self.pool.recalibration.law(law, self.history.target, step, present)
                months[:, steps.index(step)] = present.in_season(law, self.history.origin + step)
        return months
