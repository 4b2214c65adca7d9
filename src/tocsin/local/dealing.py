"""What an area would have of its state's forecast if it kept the part it had of the state's deaths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast import Forecast
from tocsin.forecast.laws import weighted_quantiles
from tocsin.local.traces import LocalHistory

LEVELS = 100
"""Quantiles that stand for the state's law of a month."""


@dataclass(frozen=True, eq=False)
class Dealing:
    """The forecast of states, and the deaths of each up to the origin.

    states: float64 [state, step, LEVELS], quantiles of the state's draws; rows: the row of it by state.
    deaths: int32 [state, month], of every state of the history; what its areas hold where they hold more.
    """

    history: LocalHistory
    states: NDArray[np.float64]
    rows: dict[int, int]
    deaths: NDArray[np.int32]

    @classmethod
    def of(cls, history: LocalHistory, parent: Forecast) -> Dealing:
        """Return the dealing of the assessed states of `parent`."""
        held = [place for place, known in enumerate(parent.assessed.tolist()) if known]
        draws = np.sort(parent.draws[held], axis=2)
        chosen = (2 * np.arange(LEVELS) + 1) * draws.shape[2] // (2 * LEVELS)
        state = np.searchsorted(history.state_codes, history.layout.states[history.seen])
        placed = np.zeros_like(history.parents)
        np.add.at(placed, state, history.deaths)
        rows = {int(parent.areas[place]): row for row, place in enumerate(held)}
        return cls(history, draws[:, :, chosen].astype(np.float64), rows, np.maximum(history.parents, placed))

    def law(self, row: int, own: NDArray[np.int32], draws: int) -> NDArray[np.int32] | None:
        """Return int32 [step, draws], ascending: the state's law times the area's parts of past months.

        row: the layout's; own: int32 [month], the area's last months. Months without deaths in the state tell
        nothing, all others are equally likely. None where the state has no forecast.
        """
        state = int(self.history.layout.states[row])
        if state not in self.rows:
            return None
        whole = self.deaths[np.searchsorted(self.history.state_codes, state), -len(own) :]
        told = whole > 0
        parts = own[told] / whole[told]
        expected = self.states[self.rows[state]][:, :, None] * parts
        equal = np.ones(expected[0].size)
        laws = [weighted_quantiles(np.rint(month).ravel(), equal, draws) for month in expected]
        return np.stack(laws).astype(np.int32)
