"""When to act if one can watch and wait: optimal stopping by backward induction over states and months.

The decision maker sees the state at the start of each month, may act once, and pays the same prices as in
`delay`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide import effects
from tocsin.decide.delay import Response, World
from tocsin.errors import BadInput

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Policy:
    """The best rule for one draw of the inputs.

    act:     bool [month, state], whether to act in a month that begins in a state.
    value:   float64 [month + 1, state], money lost from a month on under the rule, nothing having been done.
    acting:  float64 [month, state], the same if one acts in that month.
    waiting: float64 [month, state], the same if one waits that month and follows the rule after.
    now:     money lost from month 0 on under the rule, over the states of month 0.
    """

    act: NDArray[np.bool_]
    value: Floats
    acting: Floats
    waiting: Floats
    now: float


def solve(world: World, response: Response) -> Policy:
    """Return the rule that loses least money, by backward induction. BadInput unless there is one draw."""
    if world.samples != 1:
        raise BadInput("decide.one_draw", value=world.samples)
    horizon, size = world.horizon, world.deaths.shape[1]
    delay, duration, cost = int(response.delay[0]), int(response.duration[0]), float(response.cost[0])
    span = delay + duration
    one = {name: values[0] for name, values in response.effects.items()}
    later = effects.apply(world.chain.later[0], one)
    since = np.arange(span)
    active = since >= delay
    # done[k]: money lost from the next month on, k months after the decision; done[span]: all is over.
    done = np.zeros((span + 1, size))
    value = np.zeros((horizon + 1, size))
    acting, waiting = np.zeros((horizon, size)), np.zeros((horizon, size))
    for month in range(horizon - 1, -1, -1):
        plain = world.chain.kernel(month)[0]
        changed = effects.apply(plain, one) if month < len(world.chain.first) else later
        reward = world.growth[0] * world.money[month, 0] + world.deaths[0] * world.death_value
        paid = world.factors[month, 0] * cost
        before = np.empty_like(done)
        onward = reward + done[1:]
        before[:span] = paid + np.where(active[:, None], onward @ changed.T, onward @ plain.T)
        before[span] = plain @ (reward + done[span])
        waiting[month] = plain @ (reward + value[month + 1])
        acting[month] = before[0]
        value[month] = np.minimum(acting[month], waiting[month])
        done = before
    act = acting < waiting - 1e-9
    return Policy(act, value, acting, waiting, float(world.chain.start[0] @ value[0]))
