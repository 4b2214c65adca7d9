"""The local forecast: draws where there is something to draw, one probability for all that is quiet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.errors import BadInput, UnknownName
from tocsin.forecast.forecast import check_steps, places_of
from tocsin.kinds import Target
from tocsin.panel import Level
from tocsin.panel.arrays import Record
from tocsin.panel.panel import AreaId

PLACED = "located events only"
"""What a local forecast is about: deaths in events whose place is known to a district or better."""


@dataclass(frozen=True, eq=False, repr=False)
class LocalForecast(Record):
    """Sampled deaths of placed events for small areas and months ahead, sparse.

    areas:    every area, ascending; most have no draws. An area without draws has `chance` below half a
              draw: its draws are all zero.
    states:   int32 [area], the state each counts with, 0 for none.
    rows:     rows of `areas` that have draws, ascending; draws: int32 [row of `rows`, step, draw]. Values
              with the same last index belong together across areas, steps and (once reconciled) the state.
    chance:   float64 [area, step], the model's probability of any death before it became draws.
    assessed: bool [area]; False is *not assessed*: its draws and chance mean nothing.
    inputs:   digest of the data and settings.
    basis:    what the deaths are those of: located events only.
    """

    level: Level
    scheme: str
    areas: tuple[AreaId, ...]
    states: NDArray[np.int32]
    origin: int
    steps: tuple[int, ...]
    target: Target
    method: str
    rows: NDArray[np.intp]
    draws: NDArray[np.int32]
    chance: NDArray[np.float64]
    assessed: NDArray[np.bool_]
    inputs: str
    basis: str = PLACED

    def __post_init__(self) -> None:
        check_steps(self.steps)
        shape = (len(self.rows), len(self.steps))
        if self.draws.ndim != 3 or self.draws.shape[:2] != shape or self.draws.dtype != np.int32:
            raise BadInput("local.shape", found=str(self.draws.shape), rows=shape[0], steps=shape[1])
        for array in (self.draws, self.chance, self.assessed, self.states, self.rows):
            array.setflags(write=False)

    @property
    def months(self) -> tuple[int, ...]:
        """Month ids forecast, one for each step."""
        return tuple(self.origin + step for step in self.steps)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole forecast."""
        return digest.of_parts(
            self.level, self.scheme, list(self.areas), self.states, self.origin, list(self.steps),
            self.target, self.method, self.rows, self.draws, self.chance, self.assessed, self.inputs,
        )  # fmt: skip

    def only(self, areas: Sequence[AreaId]) -> LocalForecast:
        """Return the forecast of some of its areas; UnknownName for one it does not hold."""
        held = {area: row for row, area in enumerate(self.areas)}
        for area in areas:
            if area not in held:
                raise UnknownName("local.unknown_area", value=str(area), level=self.level)
        keep = np.array(sorted({held[area] for area in areas}), dtype=np.intp)
        kept = np.isin(self.rows, keep)
        return dataclasses.replace(
            self, areas=tuple(self.areas[row] for row in keep.tolist()), states=self.states[keep],
            rows=np.searchsorted(keep, self.rows[kept]), draws=self.draws[kept], chance=self.chance[keep],
            assessed=self.assessed[keep],
        )  # fmt: skip

    def of_state(self, gw: int) -> LocalForecast:
        """Return the forecast of the areas that count with a state."""
        return self.only([area for area, state in zip(self.areas, self.states, strict=True) if state == gw])

    def mean(self) -> NDArray[np.float64]:
        """Return float64 [area, step]: expected deaths, NaN where not assessed."""
        return self._spread(self.draws.mean(axis=2))

    def quantile(self, levels: Sequence[float]) -> NDArray[np.float64]:
        """Return float64 [area, step, level] (linear interpolation), NaN where not assessed."""
        return self._spread(np.moveaxis(np.quantile(self.draws, list(levels), axis=2), 0, -1))

    def probability(self, at_least: int, *, first: int = 1, last: int = 3) -> NDArray[np.float64]:
        """Return float64 [area]: P(deaths over steps `first` to `last` reach `at_least`), by the draws.

        NaN where not assessed; BadInput if the forecast lacks one of the steps, or they run backwards.
        """
        sums = self.draws[:, places_of(self.steps, first, last)].sum(axis=1, dtype=np.int64)
        return self._spread((sums >= at_least).mean(axis=1))

    def state_draws(self, gw: int) -> NDArray[np.int64]:
        """Return int64 [step, draw]: the sum of the areas that count with a state, draw by draw."""
        total: NDArray[np.int64] = self.draws[self.states[self.rows] == gw].sum(axis=0, dtype=np.int64)
        return total

    def _spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        full = np.zeros((len(self.areas), *values.shape[1:]))
        full[self.rows] = values
        full[~self.assessed] = np.nan
        return full
