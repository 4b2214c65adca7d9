"""Prices against closed forms, and against simulation of the same model path by path."""

from __future__ import annotations

import dataclasses
import tracemalloc
from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.decide import (
    NEVER,
    STATES,
    Chain,
    Evidence,
    Policy,
    Response,
    World,
    economy_of,
    library,
    price,
    solve,
)
from tocsin.decide.condition import chain_of, implied, on_forecast
from tocsin.decide.delay import Prices, price_each
from tocsin.decide.effects import TRANSITIONS, apply, hazard, scaled
from tocsin.decide.sampling import central, drawn, response, world
from tocsin.errors import BadInput

PEACE, LOW = STATES.index("peace"), STATES.index("low")
SIZE = len(STATES)
HAZARD, DEATHS, HORIZON = 0.02, 10.0, 60


def _two_states(*, gdp: float = 0.0, discount: float = 0.0, growth: float = 0.0) -> World:
    """Return peace that ends with a constant hazard in a conflict that never does."""
    matrix = np.eye(SIZE)[None].copy()
    matrix[0, PEACE] = 0
    matrix[0, PEACE, [PEACE, LOW]] = 1 - HAZARD, HAZARD
    deaths, lost = np.zeros((1, SIZE)), np.zeros((1, SIZE))
    deaths[0, LOW], lost[0, LOW] = DEATHS, growth
    start = np.eye(SIZE)[None, PEACE]
    chain = Chain(matrix[None][:0], matrix, start)
    return World(chain, deaths, lost, np.array([gdp]), np.array([discount]), 0.0, HORIZON)


def _response(*, cost: float = 0.0, delay: int = 0, duration: int = HORIZON, **effects: float) -> Response:
    return Response(
        np.array([cost]), np.array([delay]), np.array([duration]),
        {name: np.array([value]) for name, value in effects.items()},
    )  # fmt: skip


def _expected_deaths(start: int, end: int, effect: float) -> float:
    """Return the sum over months of the chance to be in conflict, by the survival of a changing hazard."""
    alive, total = 1.0, 0.0
    for month in range(HORIZON):
        alive *= 1 - HAZARD * (1 - effect if start <= month < end else 1)
        total += DEATHS * (1 - alive)
    return total


def test_deaths_of_an_absorbing_chain() -> None:
    found = price(_two_states(), _response(), (NEVER,))
    survive = 1 - HAZARD
    closed = DEATHS * (HORIZON - survive * (1 - survive**HORIZON) / (1 - survive))
    assert found.deaths[0, 0] == pytest.approx(closed)


@pytest.mark.parametrize("moment", [0, 5, 30, 59])
@pytest.mark.parametrize(("delay", "duration"), [(0, 60), (4, 12), (70, 5)])
def test_deaths_under_a_response_of_any_timing(moment: int, delay: int, duration: int) -> None:
    reply = _response(delay=delay, duration=duration, onset=0.7)
    found = price(_two_states(), reply, (moment,))
    assert found.deaths[0, 0] == pytest.approx(
        _expected_deaths(moment + delay, moment + delay + duration, 0.7)
    )


def test_output_is_lost_from_each_month_to_the_horizon() -> None:
    held = _two_states(gdp=1200.0, growth=0.06, discount=0.1)
    found = price(held, _response(), (NEVER,))
    total = 0.0
    for month in range(HORIZON):
        ahead = sum(1.1 ** (-later / 12) for later in range(month, HORIZON))
        total += (1 - (1 - HAZARD) ** (month + 1)) * 0.06 / 12 * 1200 / 12 * ahead
    assert found.output[0, 0] == pytest.approx(total)


def test_cost_is_an_annuity_from_the_decision_to_the_end_of_the_effect() -> None:
    held = _two_states(gdp=1.0, discount=0.05)
    found = price(held, _response(cost=3.0, delay=4, duration=12, onset=0.1), (0, 6, 50, NEVER))
    for row, months in enumerate([range(16), range(6, 22), range(50, 60), range(0)]):
        assert found.cost[row, 0] == pytest.approx(sum(3 * 1.05 ** (-m / 12) for m in months))


def test_a_free_response_that_works_is_taken_at_once_and_a_useless_one_never() -> None:
    held = _two_states(gdp=1200.0, growth=0.06)
    free = solve(held, _response(onset=0.5))
    assert free.act[: HORIZON - 1, PEACE].all()
    assert not solve(held, _response(cost=1.0, onset=0.0)).act.any()
    assert free.now == pytest.approx(price(held, _response(onset=0.5), (0,)).loss[0, 0])
    idle = solve(held, _response(cost=1.0, onset=0.0))
    assert idle.now == pytest.approx(price(held, _response(), (NEVER,)).loss[0, 0])


def test_one_waits_where_the_remedy_only_serves_the_sick() -> None:
    # Settlement does nothing in peace but is paid for: act when the conflict comes, not before.
    matrix = np.eye(SIZE)[None].copy()
    matrix[0, PEACE], matrix[0, LOW] = 0, 0
    matrix[0, PEACE, [PEACE, LOW]] = 0.98, 0.02
    matrix[0, LOW, [LOW, STATES.index("recovery-1")]] = 0.99, 0.01
    matrix[0, STATES.index("recovery-1")] = np.eye(SIZE)[PEACE]
    growth = np.zeros((1, SIZE))
    growth[0, LOW] = 0.1
    held = World(
        Chain(matrix[None][:0], matrix, np.eye(SIZE)[None, PEACE]), np.zeros((1, SIZE)), growth,
        np.array([1e4]), np.array([0.03]), 0.0, 120,
    )  # fmt: skip
    reply = _response(cost=20.0, duration=12, settlement=0.9)
    rule = solve(held, reply)
    assert rule.act[0, LOW]
    assert not rule.act[0, PEACE]
    fixed = price(held, reply, (*range(120), NEVER)).loss[:, 0].min()
    assert rule.now < fixed - 1.0


def _simulated(
    held: World, reply: Response, rule: int | Policy, *, paths: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return deaths and money lost, float64 [path] each, of simulated paths of one draw of the inputs.

    rule: a moment in months from now, `NEVER`, or a policy. Only the inputs are shared with `price` and
    `solve`: states are drawn month by month, and deaths are the mean of the state.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    delay, duration = int(reply.delay[0]), int(reply.duration[0])
    one = {name: values[0] for name, values in reply.effects.items()}
    state = _drawn(np.broadcast_to(held.chain.start[0], (paths, held.deaths.shape[1])), random)
    acted = np.full(paths, NEVER)
    deaths, money = np.zeros(paths), np.zeros(paths)
    for month in range(held.horizon):
        if isinstance(rule, Policy):
            acted = np.where((acted == NEVER) & rule.act[month, state], month, acted)
        elif month == rule:
            acted[:] = month
        since = np.where(acted == NEVER, -1, month - acted)
        active = (since >= delay) & (since < delay + duration)
        plain = held.chain.kernel(month)[0]
        rows = np.where(active[:, None], apply(plain, one)[state], plain[state])
        state = _drawn(rows, random)
        fallen = held.deaths[0, state]
        deaths += fallen
        money += held.growth[0, state] * held.money[month, 0] + fallen * held.death_value
        paying = (since >= 0) & (since < delay + duration)
        money += paying * held.factors[month, 0] * reply.cost[0]
    return deaths, money


def _drawn(rows: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.intp]:
    steps = np.cumsum(rows, axis=1)
    found: NDArray[np.intp] = (random.random((len(rows), 1)) * steps[:, -1:] > steps).sum(axis=1)
    return found


@pytest.fixture(scope="module")
def mali(evidence: Evidence) -> tuple[World, Response]:
    held = library()
    option = held.option("peacekeeping-100")
    ranges = {r.name: r for r in (*held.model.values(), *option.ranges)}
    values = central(evidence, 432, ranges)
    size = economy_of(432, month=evidence.month)
    one = world(evidence, 432, values, economy=size, horizon=120, death_value=0.1)
    return one, response(option, values)


@pytest.mark.parametrize("moment", [0, 6, NEVER])
def test_prices_agree_with_simulation(mali: tuple[World, Response], moment: int) -> None:
    held, reply = mali
    deaths, money = _simulated(held, reply, moment, paths=20_000, seed=7)
    found = price(held, reply, (moment,))
    for seen, exact in ((deaths, found.deaths[0, 0]), (money, found.loss[0, 0])):
        assert seen.mean() == pytest.approx(exact, abs=4 * seen.std() / np.sqrt(seen.size))


def test_the_best_rule_agrees_with_simulation_and_beats_every_fixed_moment(
    mali: tuple[World, Response],
) -> None:
    held, reply = mali
    rule = solve(held, reply)
    _, money = _simulated(held, reply, rule, paths=20_000, seed=8)
    assert money.mean() == pytest.approx(rule.now, abs=4 * money.std() / np.sqrt(money.size))
    assert rule.now <= price(held, reply, (*range(25), NEVER)).loss[:, 0].min() + 1e-6
    start = held.chain.start[0]
    assert start @ rule.acting[0] == pytest.approx(price(held, reply, (0,)).loss[0, 0])


def test_a_response_that_works_at_once_changes_the_months_that_the_forecast_tells_of(
    mali: tuple[World, Response],
) -> None:
    held, reply = mali
    prompt = dataclasses.replace(reply, delay=np.array([0]))
    rule, acted = solve(held, prompt), price(held, prompt, (0, NEVER))
    assert held.chain.start[0] @ rule.acting[0] == pytest.approx(acted.loss[0, 0])
    # Acting the earlier, on the same passages, leaves fewer deaths.
    assert acted.deaths[0, 0] < price(held, reply, (0,)).deaths[0, 0] < acted.deaths[1, 0]


def test_draws_are_priced_as_if_each_were_alone(evidence: Evidence) -> None:
    from tocsin.decide.sampling import Values, drawn

    held = library()
    option = held.option("mediation")
    ranges = {r.name: r for r in (*held.model.values(), *option.ranges)}
    values = drawn(evidence, 432, ranges)
    whole = price(
        world(evidence, 432, values, economy=None, horizon=60, death_value=0.0), response(option, values),
        (0, 3, NEVER),
    )  # fmt: skip
    one = Values(
        {name: v[17:18] for name, v in values.inputs.items()}, values.matrix[17:18], values.deaths[17:18],
        values.probability[17:18],
    )  # fmt: skip
    alone = price(
        world(evidence, 432, one, economy=None, horizon=60, death_value=0.0), response(option, one),
        (0, 3, NEVER),
    )  # fmt: skip
    assert whole.deaths[:, 17] == pytest.approx(alone.deaths[:, 0])


def test_what_is_priced_is_made_of_the_inputs_by_name(evidence: Evidence) -> None:
    held = library()
    option = held.option("peacekeeping-100")
    values = central(evidence, 432, {r.name: r for r in (*held.model.values(), *option.ranges)}, copies=2)
    told = {
        "model.growth-loss-low": 0.01, "model.growth-loss-high": 0.05, "model.market-factor": 1.5,
        "model.discount": 0.03, "model.inflation": 0.1, option.cost.name: 10, option.delay.name: 2.6,
        option.duration.name: 8.4,
    }  # fmt: skip
    for name, value in told.items():
        values.inputs[name][1] = value
    economy = dataclasses.replace(economy_of(432, month=evidence.month), gdp=2000.0)
    one = world(evidence, 432, values, economy=economy, horizon=12, death_value=0.1)
    assert one.growth[1].tolist() == [0, 0, 0, 0, 0, 0, 0, 0.01, 0.05]
    assert (one.gdp[1], one.discount[1], one.death_value, one.horizon) == (3000, 0.03, 0.1, 12)
    # A cost in dollars of 2009, at prices of 2021: twelve years of inflation.
    reply = response(option, values)
    assert option.price_year == 2009
    assert reply.cost[1] == pytest.approx(10 * 1.1**12)
    assert (reply.delay[1], reply.duration[1]) == (3, 8)


def test_a_rule_is_for_one_draw_of_the_inputs() -> None:
    held = _two_states()
    two = World(held.chain, held.deaths, held.growth, np.ones(2), np.zeros(2), 0.0, HORIZON)
    with pytest.raises(BadInput, match="2"):
        solve(two, _response())


@pytest.mark.parametrize("name", list(TRANSITIONS))
@pytest.mark.parametrize("effect", [0.0, 0.4, 1.0])
def test_effects_keep_rows_whole_and_move_the_named_passage(
    evidence: Evidence, name: str, effect: float
) -> None:
    matrix = evidence.transitions("Africa").matrix
    changed = apply(matrix, {name: np.array(effect)})
    assert changed.sum(axis=1) == pytest.approx(1)
    assert (changed >= 0).all()
    flat = np.ones(SIZE)
    before, after = hazard(matrix, name, flat), hazard(changed, name, flat)
    if effect == 0:
        assert changed == pytest.approx(matrix)
    elif TRANSITIONS[name].shortens:
        assert after > before
    else:
        assert after == pytest.approx(before * (1 - effect))


def test_a_hastened_end_shortens_the_expected_stay_by_the_effect(evidence: Evidence) -> None:
    matrix = evidence.transitions("Africa").matrix
    changed = apply(matrix, {"settlement": np.array(0.25)})
    exits = matrix[LOW, 2:7].sum(), changed[LOW, 2:7].sum()
    assert exits[1] == pytest.approx(exits[0] / 0.75)


def test_a_scaled_passage_never_exceeds_certainty(evidence: Evidence) -> None:
    matrix = evidence.transitions("Africa").matrix
    assert scaled(matrix, "relapse", np.array(1e6)).sum(axis=1) == pytest.approx(1)
    assert (scaled(matrix, "relapse", np.array(1e6)) >= 0).all()


@pytest.mark.parametrize("state", ["peace", "recovery-1", "low", "high"])
@pytest.mark.parametrize("probability", [0.01, 0.3, 0.9])
def test_the_chain_is_the_mixture_that_the_forecast_asks_for(
    evidence: Evidence, state: str, probability: float
) -> None:
    # Jeffrey's rule by hand: the states after three months given that 25 deaths came, and given that they
    # did not, weighted by the forecast.
    draws = evidence.transitions("Africa").draws[:50]
    at = STATES.index(state)
    reached = evidence.counts.reached
    share = reached[{"low": 1, "high": 2}.get(state, 0)]
    plain = np.linalg.matrix_power(draws, 3)[:, at]
    came, not_come = plain * share, plain * (1 - share)
    expected = probability * came / came.sum(axis=1, keepdims=True)
    expected += (1 - probability) * not_come / not_come.sum(axis=1, keepdims=True)
    chain = on_forecast(draws, at, reached=reached, probability=probability)
    assert chain.after(3).start == pytest.approx(expected)
    assert chain.first.sum(axis=3) == pytest.approx(1)
    assert chain.kernel(3) is chain.later


def test_a_higher_forecast_makes_conflict_likelier(evidence: Evidence) -> None:
    draws = evidence.transitions("Africa").draws[:5]
    start = STATES.index("recovery-1")
    reached = evidence.counts.reached
    at_war = [
        on_forecast(draws, start, reached=reached, probability=p).after(3).start[:, 7:].sum(axis=1)
        for p in (0.05, 0.4, 0.9)
    ]
    assert (at_war[0] < at_war[1]).all()
    assert (at_war[1] < at_war[2]).all()
    # From calm, 25 deaths in three months are a conflict.
    assert (at_war[2] >= 0.9 - 1e-9).all()


def test_a_forecast_that_says_what_the_region_says_changes_nothing(evidence: Evidence) -> None:
    draws = evidence.transitions("Africa").draws[:1]
    reached = evidence.counts.reached
    own = implied(chain_of(draws, LOW), reached, LOW)
    chain = on_forecast(draws, LOW, reached=reached, probability=own)
    assert chain.first[0][0, LOW] == pytest.approx(draws[0, LOW])


def test_draws_priced_some_at_a_time_are_the_same_and_take_less_memory(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = library()
    ranges = {
        r.name: r for r in (*held.model.values(), *(r for o in held.options.values() for r in o.ranges))
    }
    values = drawn(evidence, 432, ranges)
    economy = economy_of(432, month=evidence.month)
    asked = [
        (response(held.option(name), values), moments)
        for name, moments in (("mediation", (0, 6, NEVER)), ("none", (NEVER,)))
    ]
    monkeypatch.setattr(import_module("tocsin.decide.delay"), "DRAWS", 40)
    assert evidence.samples % 40

    def peak(make: Callable[[World], Sequence[Prices]]) -> tuple[Sequence[Prices], int]:
        whole = world(evidence, 432, values, economy=economy, horizon=120, death_value=0.5)
        tracemalloc.start()
        found = make(whole)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, most

    once, large = peak(lambda whole: [price(whole, *one) for one in asked])
    parts, small = peak(lambda whole: price_each(whole, asked))
    for first, second in zip(once, parts, strict=True):
        assert (first.moments, first.death_value) == (second.moments, second.death_value)
        for name in ("deaths", "output", "cost"):
            assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert small < large / 3
