"""Which draws of one area belong with which of another: areas of a state share part of their fortune."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tocsin import digest
from tocsin.forecast import Forecast
from tocsin.forecast.laws import levels
from tocsin.forecast.paths import LASTING
from tocsin.local.layout import Rows
from tocsin.local.traces import LocalHistory

COMMON = 0.3
"""Share of the variance of an area's Gaussian path that all areas of its state have in common, chosen on
windows 2010-2017 by the coverage of intervals of the sum over a state (docs/concepts/local.md)."""

FOLLOWS = {"cell": COMMON, "admin1": 0.95}
"""The same by level where the areas follow the draws of their state: few units hold most of what a state
sees, and the closer they follow it the less is thinned away (windows 2012-2017, docs/concepts/local.md)."""


def ordered(
    laws: NDArray[np.int32], rows: Rows, history: LocalHistory, steps: Sequence[int], parent: Forecast | None
) -> NDArray[np.int32]:
    """Return int32 [area, step, draw]: each law's draws in the order of paths that areas of a state share.

    laws:   int32 [area, step, draw], ascending along the draws; rows: the layout's rows they belong to.
    parent: the forecast of states, of the same steps and draws; where given, the common part of a state's
            areas follows the rank of the state's own draws, so that a bad path of the state is a bad path of
            its areas. Otherwise it is a path of its own.
    """
    draws = laws.shape[2]
    chosen, longest = np.asarray(steps) - 1, int(steps[-1])
    states = history.layout.states[rows]
    common = COMMON if parent is None else FOLLOWS[history.layout.level]
    out = np.empty_like(laws)
    for state in np.unique(states).tolist():
        shared = _shared(state, history, chosen, longest, draws, parent)
        for place in np.flatnonzero(states == state).tolist():
            area = history.layout.areas[rows[place]]
            seed = digest.seed("local", history.target, history.origin, area)
            own = LASTING.paths(seed, longest, draws)
            path = np.sqrt(common) * shared + np.sqrt(1.0 - common) * own[chosen]
            np.put_along_axis(out[place], np.argsort(path, axis=1), laws[place], axis=1)
    return out


def _shared(
    state: int,
    history: LocalHistory,
    chosen: NDArray[np.intp],
    longest: int,
    draws: int,
    parent: Forecast | None,
) -> NDArray[np.float64]:
    """Return float64 [step, draw]: the standard normal path that the areas of a state have in common."""
    seed = digest.seed("local state", history.target, history.origin, state)
    path = LASTING.paths(seed, longest, draws)[chosen]
    if parent is None or state not in parent.areas:
        return path
    values = parent.draws[parent.index(state)]
    # The path breaks ties, so that equal draws of the state keep a smooth order from month to month.
    order = np.lexsort((path, values), axis=1)
    scores = ndtri(levels(draws))
    out = np.empty_like(path)
    np.put_along_axis(out, order, np.broadcast_to(scores, path.shape), axis=1)
    return out
