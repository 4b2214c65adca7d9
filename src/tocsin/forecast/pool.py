"""The default method: what came after months like this one, pooled with the area's own last months."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.forecast import laws, paths
from tocsin.forecast.analogues import Forest, Grown, grow
from tocsin.forecast.features import FEATURES, contiguity, features
from tocsin.forecast.fitted import drawn
from tocsin.forecast.forecast import DRAWS, MAX_STEP, Forecast
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts, Floats, Mask
from tocsin.forecast.seasons import Seasons, by_month, calendar_month
from tocsin.forecast.signals import EACH, SIGNALS, USUAL, signals, usual
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId

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

    def law(self, values: Floats, mask: Mask, draws: int) -> Counts:
        """Return int32 [n, draws], ascending: the law of one month, which every step shares."""
        return laws.recent(
            values, mask, draws, half_life=self.half_life, spread=self.spread, floor=self.floor
        )


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

    @property
    def settings(self) -> Mapping[str, object]:
        """Every setting that shapes the draws."""
        return {**dataclasses.asdict(self), "groups": GROUPS, "persistence": paths.PERSISTENCE}

    def fit(self, history: History) -> FittedPool:
        """Return the method fitted to `history`; each forest grows when its steps are first asked for."""
        return FittedPool(history, self)


@dataclass(frozen=True, eq=False)
class Present:
    """What the method reads of some areas at the origin.

    areas:        their ids. described: float32 [area, feature].
    values, mask: [area, month], the last months of each, oldest first, their deaths with the seasons taken
                  out, and which are covered.
    seasons:      float64 [area, 12], what a January to a December is multiplied by.
    """

    areas: tuple[AreaId, ...]
    described: NDArray[np.float32]
    values: Floats
    mask: Mask
    seasons: Floats


@dataclass(frozen=True, eq=False)
class Told:
    """What is read besides the deaths that are forecast, float64 [area, month].

    events: of the kind that is forecast; others, other_events: deaths and events of the other kinds.
    covered: bool [area, month], where these are known.
    """

    events: Floats
    others: Floats
    other_events: Floats
    covered: Mask

    @classmethod
    def of(cls, panel: Panel, events: Counts, kind: int) -> Told:
        """Return what a panel with numbers of events tells of its `kind`, by place in its kinds."""
        of_kind = events[:, :, kind].astype(np.float64)
        others = (panel.deaths.sum(axis=2) - panel.deaths[:, :, kind]).astype(np.float64)
        return cls(of_kind, others, events.sum(axis=2) - of_kind, panel.covered)

    def only(self, rows: NDArray[np.intp]) -> Told:
        """Return copies of some rows."""
        return Told(self.events[rows], self.others[rows], self.other_events[rows], self.covered[rows])


def described(deaths: Floats, covered: Mask, told: Told | None, contiguous: Mask) -> NDArray[np.float32]:
    """Return float32 [area, month, feature]: features of the deaths; behind them the level as usual months
    tell it, then what is told besides, the level as events tell it first."""
    made = [features(deaths, covered, contiguous), usual(deaths, covered)[..., None]]
    if told is not None:
        beside = (told.events, told.others, told.other_events, told.covered)
        made.append(signals(deaths, *beside, contiguous))
    return np.concatenate(made, axis=-1)


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
    def contiguous(self) -> NDArray[np.bool_]:
        """Bool [area, area]: which areas touch."""
        return contiguity(self.history.panel)

    @cached_property
    def seasons(self) -> Floats:
        """Float64 [area, 12]: what a January to a December of each area is multiplied by."""
        history = self.history
        return self.pool.seasons.factors(history.series, history.covered, history.panel.span.first)

    @cached_property
    def adjusted(self) -> Floats:
        """Float64 [area, month]: deaths with the seasons taken out."""
        series = self.history.series
        adjusted: Floats = series / by_month(self.seasons, self.history.panel.span.first, series.shape[1])
        return adjusted

    @cached_property
    def told(self) -> Told | None:
        """The events and other kinds that are read besides; None where an area with deaths lacks them at the
        origin. One that never had any has no events either: a table may list it before it was a state."""
        history = self.history
        panel = history.panel.beside or history.panel
        deadly = history.assessed & history.series.any(axis=1)
        if panel.events is None or (deadly & ~panel.covered[:, -1]).any():
            return None
        return Told.of(panel, panel.events, panel.kinds.index(history.target))

    @cached_property
    def described(self) -> NDArray[np.float32]:
        """Float32 [area, month, feature]: the features of every past month, seasons taken out."""
        return described(self.adjusted, self.history.covered, self.told, self.contiguous)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the features of `described`, in order."""
        return (*FEATURES, USUAL) if self.told is None else (*FEATURES, USUAL, *SIGNALS)

    @property
    def learns(self) -> bool:
        """Whether the method looks for analogues at all."""
        return min(self.pool.shares) < 1

    @property
    def present(self) -> Present:
        """What the method reads of all areas."""
        last = slice(-self.pool.recent.months, None)
        values, mask = self.adjusted[:, last], self.history.covered[:, last]
        now = self.described[:, -1] if self.learns else np.zeros((len(values), 0), dtype=np.float32)
        return Present(self.history.panel.areas, now, values, mask, self.seasons)

    def imagined(self, area: AreaId, series: Counts) -> Present:
        """Return what the method would read of one area if its deaths had been `series` [month].

        Its seasons stay those of the deaths that were, and its events keep their deaths each.
        """
        row = self.history.panel.index(area)
        near = np.append(np.flatnonzero(self.contiguous[row]), row)
        past, covered = self.adjusted[near], self.history.covered[near]
        told = None if self.told is None else self.told.only(near)
        if told is not None:
            was = self.history.series[row]
            told.events[-1] = np.where(was > 0, told.events[-1] * series / np.maximum(was, 1), series / EACH)
        seasons = self.seasons[row : row + 1]
        usual = by_month(seasons, self.history.panel.span.first, len(series))[0]
        past[-1] = np.where(covered[-1], series, 0) / usual
        now = described(past, covered, told, self.contiguous[np.ix_(near, near)])[-1:, -1]
        last = slice(-self.pool.recent.months, None)
        return Present((area,), now, past[-1:, last], covered[-1:, last], seasons)

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
                self.adjusted, self.history.covered, self.described, steps,
                settings=self.pool.forest, seed=digest.seed("forest", self.history.target, steps),
            )  # fmt: skip
        return self._grown[steps]

    def sample(self, present: Present, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: each month's mixture, put in the order of paths."""
        seeds = [
            digest.seed("forecast", self.pool.name, self.history.target, self.history.origin, area)
            for area in present.areas
        ]
        return paths.coupled(self.marginals(present, steps, draws), seeds, steps)

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
                    parts[1:] = [alike.law(self.adjusted, outcome, draws - own)]
                season = present.seasons[:, calendar_month(self.history.origin + step)]
                months[:, steps.index(step)] = laws.scaled(laws.mixed(parts), season)
        return months
