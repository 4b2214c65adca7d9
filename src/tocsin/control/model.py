"""The hidden-state model: who controls an area, read from the kinds of violence in it, month by month.

Three states: held by the state, contested, beyond its reach. Two ideas carry it. Violence is rare where
either side is in full control and frequent where control is contested (Kalyvas 2006, The Logic of Violence
in Civil War, ch. 7). Where the state holds the ground, armed groups turn to attacks on civilians; where they
hold it themselves, they fight openly, also each other (Anders 2020, Territorial control in civil wars: theory
and measurement using machine learning, J. Peace Research 57(6), doi 10.1177/0022343320959687, who estimates
control by a hidden Markov model over kinds of events).

The numbers below are priors, declared from these ideas for all countries and months alike before any result
was looked at, and not changed since; none is fitted to a case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.control.evidence import CHANNELS, Evidence

Floats = NDArray[np.float64]

STATES = ("held", "contested", "beyond")
"""Held by the state; contested; beyond the state's reach: the order of every last axis."""


@dataclass(frozen=True)
class Parameters:
    """The model's probabilities, each a row over `STATES`.

    start:      of the first month.
    stay:       transition[i][j], of state j a month after state i. Control changes slowly: about one month in
                thirty from either side, one in twelve out of contest.
    quiet:      of a month without any event. Hardly lower beyond the state's reach than under it, so that
                silence says little but that nothing is contested.
    present:    by channel, of at least one event of that kind in a month with events.
    many:       of three or more state-based events in a month that has one.
    state_loses: that a government loses more people than its opponents in a month of state-based events in
                which the two differ.
    """

    start: tuple[float, ...]
    stay: tuple[tuple[float, ...], ...]
    quiet: tuple[float, ...]
    present: dict[str, tuple[float, ...]]
    many: tuple[float, ...]
    state_loses: tuple[float, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers."""
        return digest.of_parts(self.start, self.stay, self.quiet, self.present, self.many, self.state_loses)


DECLARED = Parameters(
    start=(0.90, 0.05, 0.05),
    stay=((0.970, 0.025, 0.005), (0.040, 0.920, 0.040), (0.005, 0.025, 0.970)),
    quiet=(0.90, 0.40, 0.85),
    present={
        # Battles between a government and a group.
        "sb": (0.30, 0.80, 0.40),
        # Killings of civilians by a group: its way where it does not hold the ground.
        "os_group": (0.50, 0.40, 0.40),
        # Killings of civilians by a government, which needs forces there.
        "os_state": (0.20, 0.20, 0.05),
        # The same, where it is not told by whom.
        "os": (0.60, 0.52, 0.43),
        # Groups fighting each other, with no government to stop them.
        "ns": (0.15, 0.20, 0.50),
    },
    many=(0.15, 0.40, 0.25),
    state_loses=(0.25, 0.40, 0.60),
)
"""The probabilities used."""

MANY = 3


def likelihood(evidence: Evidence, parameters: Parameters = DECLARED) -> Floats:
    """Return P(what was seen in the month | state): float64 [unit, month, state].

    In a month with events the kinds count as independent given the state, and given that there is any.
    Months not covered say nothing (1 throughout).
    """
    counts = evidence.counts
    out = np.empty((*counts.shape[:2], len(STATES)))
    for state in range(len(STATES)):
        silent = np.ones(counts.shape[:2])
        seen = np.ones(counts.shape[:2])
        for place, channel in enumerate(CHANNELS):
            if channel not in evidence.channels:
                continue
            rate = parameters.present[channel][state]
            there = counts[:, :, place] > 0
            seen *= np.where(there, rate, 1 - rate)
            silent *= 1 - rate
        fights = counts[:, :, CHANNELS.index("sb")]
        many = parameters.many[state]
        seen *= np.where(fights >= MANY, many, np.where(fights > 0, 1 - many, 1.0))
        loses = parameters.state_loses[state]
        seen *= np.where(evidence.losses > 0, loses, np.where(evidence.losses < 0, 1 - loses, 1.0))
        active = (1 - parameters.quiet[state]) * seen / (1 - silent)
        out[:, :, state] = np.where(evidence.active, active, parameters.quiet[state])
    out[~evidence.covered] = 1.0
    return out


def filtered(seen: Floats, parameters: Parameters = DECLARED) -> Floats:
    """Return P(state | what was seen up to the month): float64 [unit, month, state], rows summing to 1.

    seen: likelihoods as `likelihood` returns them. Source: Rabiner (1989), Proc. IEEE 77(2):257-286.
    """
    move = np.array(parameters.stay)
    out = np.empty_like(seen)
    belief = np.broadcast_to(np.array(parameters.start), seen[:, 0].shape)
    for month in range(seen.shape[1]):
        belief = (belief if month == 0 else belief @ move) * seen[:, month]
        belief = belief / belief.sum(axis=1, keepdims=True)
        out[:, month] = belief
    return out


def smoothed(seen: Floats, parameters: Parameters = DECLARED) -> Floats:
    """Return P(state | what was seen in all months), hindsight: float64 [unit, month, state].

    Source: Rabiner (1989), the forward-backward pass.
    """
    move = np.array(parameters.stay)
    out = filtered(seen, parameters)
    later = np.ones_like(seen[:, 0])
    for month in range(seen.shape[1] - 2, -1, -1):
        later = (later * seen[:, month + 1]) @ move.T
        later = later / later.sum(axis=1, keepdims=True)
        both = out[:, month] * later
        out[:, month] = both / both.sum(axis=1, keepdims=True)
    return out
