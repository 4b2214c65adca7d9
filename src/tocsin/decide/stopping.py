"""When to act if one can watch and wait: optimal stopping by backward induction over states and months.

The decision maker sees the state at the start of each month, may act once, and pays the same prices as in
`delay`. A simulation of the same model, path by path, is here to check both against.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide import effects
from tocsin.decide.delay import NEVER, Response, World
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


def simulate(
    world: World, response: Response, rule: int | Policy, *, paths: int, seed: int
) -> tuple[Floats, Floats]:
    """Return deaths and money lost, float64 [path] each, of simulated paths of one draw of the inputs.

    rule: a moment in months from now, `NEVER`, or a policy. Only the inputs are shared with `price` and
    `solve`: states are drawn month by month, and deaths are the mean of the state.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    delay, duration = int(response.delay[0]), int(response.duration[0])
    one = {name: values[0] for name, values in response.effects.items()}
    state = _drawn(np.broadcast_to(world.chain.start[0], (paths, world.deaths.shape[1])), random)
    acted = np.full(paths, NEVER)
    deaths, money = np.zeros(paths), np.zeros(paths)
    for month in range(world.horizon):
        if isinstance(rule, Policy):
            acted = np.where((acted == NEVER) & rule.act[month, state], month, acted)
        elif month == rule:
            acted[:] = month
        since = np.where(acted == NEVER, -1, month - acted)
        active = (since >= delay) & (since < delay + duration)
        plain = world.chain.kernel(month)[0]
        rows = np.where(active[:, None], effects.apply(plain, one)[state], plain[state])
        state = _drawn(rows, random)
        fallen = world.deaths[0, state]
        deaths += fallen
        money += world.growth[0, state] * world.money[month, 0] + fallen * world.death_value
        paying = (since >= 0) & (since < delay + duration)
        money += paying * world.factors[month, 0] * response.cost[0]
    return deaths, money


def _drawn(rows: Floats, random: np.random.Generator) -> NDArray[np.intp]:
    steps = np.cumsum(rows, axis=1)
    found: NDArray[np.intp] = (random.random((len(rows), 1)) * steps[:, -1:] > steps).sum(axis=1)
    return found
