"""Places and states made to agree: the placed and the unplaced sum to the deaths of the state."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.errors import BadInput, UnknownName
from tocsin.forecast import Forecast
from tocsin.local.record import LocalForecast


@dataclass(frozen=True, eq=False)
class Reconciled:
    """A local forecast that agrees with the forecast of states in every draw.

    local:    the places; where they would hold more deaths than their state, they were thinned.
    states:   the states that have places and a forecast, ascending.
    unplaced: int32 [state, step, draw]: deaths of the state in events without a known place. In every state,
              step and draw, places and unplaced sum to the state's draw exactly.
    thinned:  float64 [state]: the share of the places' expected deaths that thinning took away.
    """

    local: LocalForecast
    states: tuple[int, ...]
    unplaced: NDArray[np.int32]
    thinned: NDArray[np.float64]

    def index(self, gw: int) -> int:
        """Return the row of a state; UnknownName if it is not among them."""
        if gw not in self.states:
            raise UnknownName("local.unknown_state", value=gw, choices=", ".join(map(str, self.states)))
        return self.states.index(gw)

    def total(self, gw: int) -> NDArray[np.int64]:
        """Return int64 [step, draw]: places and unplaced together, the draws of the state."""
        total: NDArray[np.int64] = self.local.state_draws(gw) + self.unplaced[self.index(gw)]
        return total


def reconcile(local: LocalForecast, country: Forecast) -> Reconciled:
    """Return the local forecast made to agree with the forecast of states, draw by draw.

    The draws of the states stay as they are. In each draw the deaths of a state's places are kept if they
    are at most the state's; what remains is the unplaced. Otherwise the places are thinned to the state's
    number: of all their deaths in that draw as many as the state has are kept at random, each as likely as
    any other (a multivariate hypergeometric draw), so that shares stay as they were and zeros stay zeros.
    A place of a state without a forecast is left as it is, and counts in no state.
    BadInput if origin, steps, target or number of draws differ.
    """
    same = (local.origin, local.steps, local.target, local.draws.shape[2])
    if same != (country.origin, country.steps, country.target, country.draws.shape[2]):
        raise BadInput("local.forecasts_differ", local=str(same[:3]), country=str(country.origin))
    draws = local.draws.copy()
    holders = local.states[local.rows]
    named = [int(s) for s in np.unique(local.states).tolist() if s in country.areas]
    states = tuple(s for s in named if country.assessed[country.index(s)])
    unplaced = np.zeros((len(states), *draws.shape[1:]), dtype=np.int32)
    thinned = np.zeros(len(states))
    for place, state in enumerate(states):
        rows = np.flatnonzero(holders == state)
        whole = country.draws[country.index(state)].astype(np.int64)
        placed = draws[rows].sum(axis=0, dtype=np.int64)
        before = float(placed.sum())
        random = np.random.Generator(
            np.random.PCG64(digest.seed("reconcile", local.target, local.origin, state))
        )
        for step, draw in np.argwhere(placed > whole).tolist():
            deaths = draws[rows, step, draw].astype(np.int64)
            kept = random.multivariate_hypergeometric(deaths, int(whole[step, draw]), method="marginals")
            draws[rows, step, draw] = kept
        placed = draws[rows].sum(axis=0, dtype=np.int64)
        unplaced[place] = whole - placed
        thinned[place] = 1.0 - float(placed.sum()) / before if before else 0.0
    inputs = digest.of_parts(local.inputs, country.digest)
    return Reconciled(dataclasses.replace(local, draws=draws, inputs=inputs), states, unplaced, thinned)
