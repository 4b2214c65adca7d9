"""What a method that learns reads of a history: deaths without their seasons, and features of each month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast import laws
from tocsin.forecast.features import FEATURES, contiguity, features
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts, Floats, Mask
from tocsin.forecast.seasons import Seasons, by_month, calendar_month
from tocsin.forecast.signals import EACH, SIGNALS, USUAL, signals, usual
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId


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

    def in_season(self, law: Counts | Floats, month: int) -> Counts:
        """Return int32 [area, draws]: a law without seasons, given those of a month, by its id."""
        return laws.scaled(law, self.seasons[:, calendar_month(month)])


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
class Reading:
    """A history as methods that learn read it. `looks` is how its seasons are looked for."""

    history: History
    looks: Seasons

    @cached_property
    def contiguous(self) -> NDArray[np.bool_]:
        """Bool [area, area]: which areas touch."""
        return contiguity(self.history.panel)

    @cached_property
    def seasons(self) -> Floats:
        """Float64 [area, 12]: what a January to a December of each area is multiplied by."""
        history = self.history
        return self.looks.factors(history.series, history.covered, history.panel.span.first)

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
    def misses_events(self) -> bool:
        """Whether events that stand beside the panel cannot be read, for they do not reach the origin."""
        return self.history.panel.beside is not None and self.told is None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the features of `described`, in order."""
        return (*FEATURES, USUAL) if self.told is None else (*FEATURES, USUAL, *SIGNALS)

    def present(self, months: int, *, describes: bool = True) -> Present:
        """Return what is read of all areas, the last `months` months of each; without features unless it
        `describes`, for a method that reads own months alone."""
        last = slice(-months, None)
        values, mask = self.adjusted[:, last], self.history.covered[:, last]
        now = self.described[:, -1] if describes else np.zeros((len(values), 0), dtype=np.float32)
        return Present(self.history.panel.areas, now, values, mask, self.seasons)

    def imagined(self, area: AreaId, series: Counts, months: int) -> Present:
        """Return what `present` would read of one area if its deaths had been `series` [month].

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
        last = slice(-months, None)
        return Present((area,), now, past[-1:, last], covered[-1:, last], seasons)
