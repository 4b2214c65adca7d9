"""The plain methods: a law of last months, of the area or of more, and paths through it."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadInput
from tocsin.forecast import laws, paths
from tocsin.forecast.features import contiguity, regions
from tocsin.forecast.fitted import FittedSampler, as_paths
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts, Mask
from tocsin.months import whole
from tocsin.panel import Panel

Whose = Literal["own", "neighbours", "region", "everyone"]
"""The area itself, with those that touch it, with those of its region, with all."""


@dataclass(frozen=True)
class Baseline(ABC):
    """A law of the last months, most often of the area itself, the same at every step.

    whose:  whose months the law is made of.
    months: length of the window in calendar months, the origin included; BadInput for one that is not from
            `shortest` to `longest`.
    """

    whose: ClassVar[Whose] = "own"
    shortest: ClassVar[int] = 1
    longest: ClassVar[int] = 120

    months: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "months", whole(self.months, "months"))
        if not self.shortest <= self.months <= self.longest:
            raise BadInput("forecast.window_outside", value=self.name, first=self.shortest, last=self.longest)

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the method."""

    @abstractmethod
    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return sorted draws int32 [n, draw] for windows [n, months], as in `tocsin.forecast.laws`."""

    @property
    def settings(self) -> Mapping[str, object]:
        """The fields of the method, and the persistence of its paths."""
        return {**dataclasses.asdict(self), "persistence": paths.PERSISTENT.persistence}

    def fit(self, history: History) -> FittedSampler:
        """Return the method fitted to `history`."""
        return FittedSampler(history, self)

    def sample(self, history: History, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: paths through the one law."""
        return as_paths(
            self.marginals(history, draws)[:, None, :], history, self.name, steps, paths.PERSISTENT
        )

    def marginals(self, history: History, draws: int) -> Counts:
        """Return int32 [area, draw], sorted: the law of one month, which every step shares."""
        return self.law(*history.window(self.months), draws)


@dataclass(frozen=True)
class Zero(Baseline):
    """No deaths, anywhere, ever: its CRPS is the number of deaths."""

    months: int = 1

    @property
    def name(self) -> str:
        """`zero`."""
        return "zero"

    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return zeros."""
        return laws.zero(values, mask, draws)


@dataclass(frozen=True)
class Last(Baseline):
    """A Poisson law around the value of the origin month (the challenge's `last_historical_poisson`)."""

    months: int = 1

    @property
    def name(self) -> str:
        """`last`."""
        return "last"

    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return the Poisson law of the last month."""
        return laws.poisson_last(values, mask, draws)


@dataclass(frozen=True)
class Conflictology(Baseline):
    """The same months again: each covered month of the window has the same probability.

    Asked for as many draws as it has months, it gives the bare values of the window in time order, the same
    at every step: the form in which the VIEWS prediction challenge 2023/24 published it. Those draws are
    values, not paths: do not sum them over steps.
    """

    months: int = 12

    @property
    def name(self) -> str:
        """`conflictology-` and the number of months."""
        return f"conflictology-{self.months}"

    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return the empirical law of the window."""
        return laws.empirical(values, mask, draws)

    def sample(self, history: History, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: paths, or the bare values for as many draws as months."""
        if draws != self.months:
            return super().sample(history, steps, draws)
        bare = paths.in_time_order(*history.window(self.months))
        return np.repeat(bare[:, None, :], len(steps), axis=1)


@dataclass(frozen=True)
class Pooled(Baseline):
    """Every covered month of several areas in the window, each with the same probability.

    An area's forecast depends on which other areas are in the panel.
    """

    @abstractmethod
    def pools(self, panel: Panel) -> tuple[Sequence[Mask | slice], NDArray[np.intp]]:
        """Return which areas each pool holds and, int [area], the place of each area's pool among them."""

    @property
    def name(self) -> str:
        """The name of the class and the number of months."""
        return f"{type(self).__name__.lower()}-{self.months}"

    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return the empirical law of the window."""
        return laws.empirical(values, mask, draws)

    def marginals(self, history: History, draws: int) -> Counts:
        """Return int32 [area, draw], sorted: the law of its pool in every row."""
        values, mask = history.window(self.months)
        pools, of = self.pools(history.panel)
        found = [self.law(values[one].reshape(1, -1), mask[one].reshape(1, -1), draws) for one in pools]
        return np.concatenate(found)[of]


@dataclass(frozen=True)
class Bootstrap(Pooled):
    """One pool of all areas, and so one law for all."""

    whose: ClassVar[Whose] = "everyone"
    longest: ClassVar[int] = 480

    months: int = 240

    def pools(self, panel: Panel) -> tuple[Sequence[Mask | slice], NDArray[np.intp]]:
        """Return all areas in one."""
        return [slice(None)], np.zeros(len(panel.areas), dtype=np.intp)


@dataclass(frozen=True)
class Region(Pooled):
    """A pool of the states of each UCDP region; areas that are no known states share one."""

    whose: ClassVar[Whose] = "region"
    longest: ClassVar[int] = 480

    months: int = 240

    def pools(self, panel: Panel) -> tuple[Sequence[Mask | slice], NDArray[np.intp]]:
        """Return one pool for each region."""
        names, of = np.unique(regions(panel), return_inverse=True)
        return [of == one for one in range(len(names))], of


@dataclass(frozen=True)
class Neighbours(Pooled):
    """A pool of each area and those that touch it.

    The country's form of the challenge's benchmark for cells, `conflictology_neighbors12`.
    """

    whose: ClassVar[Whose] = "neighbours"

    months: int = 12

    def pools(self, panel: Panel) -> tuple[Sequence[Mask | slice], NDArray[np.intp]]:
        """Return one pool for each area."""
        areas = np.arange(len(panel.areas))
        near = contiguity(panel)
        near[areas, areas] = True
        return list(near), areas


@dataclass(frozen=True)
class NegativeBinomial(Baseline):
    """A negative binomial law with the mean and variance of the window (Bodentien and Rueter)."""

    shortest: ClassVar[int] = 2

    months: int = 12

    @property
    def name(self) -> str:
        """`negative-binomial`, and the number of months where it is not 12."""
        return "negative-binomial" if self.months == 12 else f"negative-binomial-{self.months}"

    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return the negative binomial law by moments."""
        return laws.negative_binomial(values, mask, draws)


@dataclass(frozen=True)
class NoLearning(Baseline):
    """The last months, capped, blurred and shrunk to zero, with settings that nothing was fitted to.

    zeros:  probability put on no deaths.
    spread: standard deviation of the log of the noise that multiplies a month.
    floor:  deaths below which no month is capped.
    """

    months: int = 9
    zeros: float = 0.2
    spread: float = 0.6
    floor: int = 50

    @property
    def name(self) -> str:
        """`no-learning`."""
        return "no-learning"

    def law(self, values: Counts, mask: Mask, draws: int) -> Counts:
        """Return the capped and blurred law."""
        return laws.no_learning(values, mask, draws, zeros=self.zeros, spread=self.spread, floor=self.floor)
