"""The default method: what came after months like this one, pooled with the area's own last months."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.forecast import analogues, laws, paths
from tocsin.forecast.analogues import Analogues, Forest
from tocsin.forecast.features import contiguity, features
from tocsin.forecast.fitted import FittedSampler
from tocsin.forecast.forecast import MAX_STEP
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts

GROUPS: tuple[tuple[int, ...], ...] = (
    tuple(range(1, 4)),
    tuple(range(4, 7)),
    tuple(range(7, 13)),
    tuple(range(13, 25)),
    tuple(range(25, MAX_STEP + 1)),
)
"""Steps that share one forest: they are forecast from the same analogues."""


@dataclass(frozen=True)
class Recent:
    """Settings of the law of an area's own last months (`laws.recent`)."""

    months: int = 24
    half_life: float = 2.0
    spread: float = 0.3
    floor: int = 50

    def law(self, history: History, draws: int) -> Counts:
        """Return int32 [area, draws], ascending: the law of one month, which every step shares."""
        window = history.window(self.months)
        return laws.recent(*window, draws, half_life=self.half_life, spread=self.spread, floor=self.floor)


@dataclass(frozen=True)
class Pool:
    """Analogues and own months in fixed shares; `shares` are those of own months, one a group of steps.

    A share of 0 everywhere is the method `analogues`, of 1 everywhere `recent`. Where a panel is too short to
    know what came after at some steps, the analogues of the longest steps it can teach stand in; where it can
    teach none, own months alone.
    """

    name: str
    shares: tuple[float, ...] = (0.25, 0.35, 0.35, 0.30, 0.30)
    recent: Recent = field(default_factory=Recent)
    forest: Forest = field(default_factory=Forest)

    @property
    def settings(self) -> Mapping[str, object]:
        """Every setting that shapes the draws."""
        return {**dataclasses.asdict(self), "groups": GROUPS, "persistence": paths.PERSISTENCE}

    def fit(self, history: History) -> FittedSampler:
        """Return the method fitted to `history`; the forests grow when steps are asked for."""
        return FittedSampler(history, self)

    def sample(self, history: History, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: each month's mixture, put in the order of paths."""
        seeds = [
            digest.seed("forecast", self.name, history.target, history.origin, area)
            for area in history.panel.areas
        ]
        return paths.coupled(self.marginals(history, steps, draws), seeds, steps)

    def marginals(self, history: History, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw], ascending: the mixture of each month."""
        months = np.empty((len(history.series), len(steps), draws), dtype=np.int32)
        learning = Learning(history, self.forest) if min(self.shares) < 1 else None
        for group, share in zip(GROUPS, self.shares, strict=True):
            wanted = [step for step in steps if step in group]
            if not wanted:
                continue
            taught = learning.group(group) if learning else None
            own = draws if taught is None else round(share * draws)
            parts = [self.recent.law(history, own)]
            for step in wanted:
                if learning and taught is not None:
                    past = learning.found(taught)
                    parts[1:] = [past.law(history.series, min(step, taught[-1]), draws - own)]
                months[:, steps.index(step)] = laws.mixed(parts)
        return months


class Learning:
    """The analogues of a history, grown once for each group of steps."""

    def __init__(self, history: History, forest: Forest) -> None:
        self.history, self.forest = history, forest
        self.described: NDArray[np.float32] = features(
            history.series, history.covered, contiguity(history.panel)
        )
        self._found: dict[tuple[int, ...], Analogues] = {}

    def group(self, wanted: Sequence[int]) -> tuple[int, ...] | None:
        """Return the steps whose analogues serve `wanted`: themselves, or the longest that can be taught."""
        months = self.history.series.shape[1]
        able = [group for group in GROUPS if self.forest.teaches(months, group)]
        return next((group for group in reversed(able) if group[-1] <= wanted[-1]), None)

    def found(self, group: tuple[int, ...]) -> Analogues:
        """Return the analogues for a group of steps."""
        if group not in self._found:
            self._found[group] = analogues.find(
                self.history.series, self.history.covered, self.described, group,
                settings=self.forest, seed=digest.seed("forest", self.history.target, group),
            )  # fmt: skip
        return self._found[group]
