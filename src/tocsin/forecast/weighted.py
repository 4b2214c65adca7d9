"""A pool of methods whose weights were fitted by CRPS to what they would have said at earlier origins."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast import paths
from tocsin.forecast.fitted import Fitted, Method, as_paths, drawn
from tocsin.forecast.forecast import DRAWS, GROUPS, Forecast
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts, Floats
from tocsin.forecast.states import STATES, states
from tocsin.forecast.weights import Distances, distances, fitted, shared_out


@dataclass(frozen=True)
class Weighted:
    """A mixture of other methods, weighted for each group of steps and state of the area.

    Weights are fitted to the forecasts from earlier origins whose outcomes the history knows: first for all
    areas, drawn towards `prior`, then for the areas in one state (`states`), drawn towards those for all. The
    score is the CRPS of the root of deaths, each origin counting the same, so that no three months settle it.

    parts, prior: the methods, and their weights where there is nothing to learn from; their sum is 1.
    origins, every: at most so many earlier origins, so many months apart, back from the latest.
    warm_up:      months that an earlier origin needs behind it.
    shrink:       how strongly weights are drawn (`weights.fitted`), for all areas and for a state.
    draws:        how many draws of each part weights are fitted to.
    """

    name: str
    parts: tuple[Method, ...]
    prior: tuple[float, ...]
    origins: int = 6
    every: int = 18
    warm_up: int = 60
    shrink: float = 0.05
    draws: int = 200

    @property
    def settings(self) -> Mapping[str, object]:
        """Every setting that shapes the draws, those of the parts included."""
        parts = [part.name for part in self.parts]
        return {
            **dataclasses.asdict(self),
            "names": parts,
            "groups": GROUPS,
            "paths": dataclasses.asdict(paths.LASTING),
        }

    def fit(self, history: History) -> FittedWeighted:
        """Return the method fitted to `history`; weights are fitted when their steps are first asked for."""
        return FittedWeighted(history, self, tuple(part.fit(history) for part in self.parts))


@dataclass(frozen=True, eq=False)
class FittedWeighted:
    """A weighted pool and its fitted parts; it keeps the weights it has fitted."""

    history: History
    method: Weighted
    parts: tuple[Fitted, ...]
    _kept: dict[tuple[int, ...], Mapping[str, Floats]] = field(default_factory=dict, repr=False)

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast; areas not covered at the origin are not assessed."""
        return drawn(self.history, self.method.name, self.method.settings, self.sample, steps, draws)

    @property
    def misses_events(self) -> bool:
        """Whether a part does without events that stand beside its panel."""
        return any(part.misses_events for part in self.parts)

    def sample(self, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]: each month's mixture, put in the order of paths."""
        laws = [_ascending(part, steps, draws) for part in self.parts]
        state = states(self.history.series, self.history.covered)
        months = np.empty_like(laws[0])
        for group in GROUPS:
            places = np.flatnonzero(np.isin(steps, group))
            if not places.size:
                continue
            weights = self.weights(group)
            for name in np.unique(state):
                rows = np.ix_(np.flatnonzero(state == name), places)
                counts = shared_out(draws, weights[str(name)])
                months[rows] = _mixture([law[rows] for law in laws], counts)
        return as_paths(months, self.history, self.method.name, steps, paths.LASTING)

    def weights(self, group: tuple[int, ...]) -> Mapping[str, Floats]:
        """Return the weights [part] of a group of steps for areas in each state, by the state's name."""
        if group not in self._kept:
            self._kept[group] = self._fit(group)
        return self._kept[group]

    def _fit(self, group: tuple[int, ...]) -> Mapping[str, Floats]:
        prior, shrink = np.asarray(self.method.prior), self.method.shrink
        found = [self._distances(origin, group, prior) for origin in self._earlier(group)]
        held = {name: [at[name] for at in found if name in at] for name in STATES}
        every = [one for several in held.values() for one in several]
        everywhere = fitted(_sum(every), prior, shrink) if every else prior
        return {
            name: fitted(_sum(several), everywhere, shrink) if several else everywhere
            for name, several in held.items()
        }

    def _earlier(self, group: tuple[int, ...]) -> list[int]:
        """Return the month ids of the earlier origins whose outcomes at a group of steps are known."""
        last, first = self.history.origin - group[-1], self.history.panel.span.first
        return [
            month
            for month in (last - back * self.method.every for back in range(self.method.origins))
            if month - first + 1 >= self.method.warm_up
        ]

    def _distances(self, origin: int, group: tuple[int, ...], prior: Floats) -> dict[str, Distances]:
        """Return the distances at one origin, in units of the score of the prior there, by state."""
        past = History.of(self.history.panel, origin, self.history.target)
        steps = tuple(sorted({group[0], group[len(group) // 2], group[-1]}))
        months = np.asarray(steps) + past.series.shape[1] - 1
        known = past.assessed[:, None] & self.history.covered[:, months]
        outcomes = np.sqrt(self.history.series[:, months])
        laws = [np.sqrt(_ascending(part.fit(past), steps, self.method.draws)) for part in self.method.parts]
        state = states(past.series, past.covered)
        found = {}
        for name in np.unique(state[known.any(axis=1)]):
            held = known & (state == name)[:, None]
            found[str(name)] = distances([law[held] for law in laws], outcomes[held])
        unit = _sum(list(found.values())).crps(prior) if found else 0.0
        return {name: one.over(unit) for name, one in found.items()} if unit > 0 else {}


def _sum(found: Sequence[Distances]) -> Distances:
    total = found[0]
    for one in found[1:]:
        total += one
    return total


def _ascending(part: Fitted, steps: tuple[int, ...], draws: int) -> Counts:
    return np.sort(part.predict(steps, draws).draws, axis=2)


def _mixture(laws: Sequence[Counts], counts: NDArray[np.intp]) -> Counts:
    """Return int32 [..., draw], ascending: so many draws of each law [..., draw], spread evenly over it."""
    draws = laws[0].shape[-1]
    held = [
        law[..., ((2 * np.arange(count) + 1) * draws) // (2 * count)]
        for law, count in zip(laws, counts, strict=True)
        if count
    ]
    return np.sort(np.concatenate(held, axis=-1), axis=-1)
