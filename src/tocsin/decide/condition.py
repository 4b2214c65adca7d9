"""A chain that agrees with an area's own forecast over its first three months.

The chain of a region knows an area by its state alone. The area's forecast knows more. The chain's law of the
first three months is changed as little as possible (in relative entropy) so that the probability of at
least 25 deaths in them is the forecast's: Jeffrey's rule, which for a Markov chain gives another Markov chain
(Doob's h-transform). After three months passages are the region's again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide import states

Floats = NDArray[np.float64]

MONTHS = 3


@dataclass(frozen=True, eq=False)
class Chain:
    """Passages month by month from a known state.

    first: float64 [month, sample, from, to], the passages of the first months; later: [sample, from, to], of
    every month after them; start: float64 [sample, state].
    """

    first: Floats
    later: Floats
    start: Floats

    def kernel(self, step: int) -> Floats:
        """Return the passages [sample, from, to] of month `step` (0 is the first)."""
        return self.first[step] if step < len(self.first) else self.later

    def after(self, steps: int) -> Chain:
        """Return the chain as seen `steps` months on, nothing more being known then."""
        spread = self.start
        for step in range(steps):
            spread = forward(spread, self.kernel(step))
        return Chain(self.first[steps:], self.later, spread)


def forward(spread: Floats, kernel: Floats) -> Floats:
    """Return probabilities [..., sample, state] one month on."""
    found: Floats = np.einsum("...si,sij->...sj", spread, kernel)
    return found


def chain_of(draws: Floats, state: int) -> Chain:
    """Return the chain [sample, from, to] that starts from one state, not conditioned on anything."""
    start = np.zeros(draws.shape[:2])
    start[:, state] = 1.0
    return Chain(draws[None][:0], draws, start)


def implied(chain: Chain, reached: Floats, state: int) -> Floats:
    """Return [sample]: what a chain of the region gives to at least 25 deaths in its first three months.

    reached: float64 [group, state], as in `transitions.Counts`.
    """
    share = reached[states.group(state)]
    found: Floats = chain.after(MONTHS).start @ share
    return found


def on_forecast(draws: Floats, state: int, *, reached: Floats, probability: float | Floats) -> Chain:
    """Return the chain from `state` that gives 25 or more deaths in three months a forecast's probability.

    draws: float64 [sample, from, to]; probability: the forecast's, one or one a sample, kept off 0 and 1.
    """
    plain = chain_of(draws, state)
    share = reached[states.group(state)]
    before = np.clip(implied(plain, reached, state), 1e-9, 1 - 1e-9)
    given = np.broadcast_to(probability, before.shape)
    ahead = (given / before)[:, None] * share + ((1 - given) / (1 - before))[:, None] * (1 - share)
    kernels = []
    for _ in range(MONTHS):
        joint = draws * ahead[:, None, :]
        ahead = joint.sum(axis=2)
        kernels.append(joint / ahead[:, :, None])
    return Chain(np.stack(kernels[::-1]), draws, plain.start)
