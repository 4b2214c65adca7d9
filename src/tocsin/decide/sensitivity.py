"""Which input matters, and where acting breaks even: one input moved at a time, the others central."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import areas
from tocsin.decide import effects
from tocsin.decide.delay import NEVER, ROUNDING, Prices, World, price
from tocsin.decide.economy import Economy
from tocsin.decide.evidence import Evidence
from tocsin.decide.options import Option
from tocsin.decide.ranges import Range
from tocsin.decide.sampling import Values, central, response, world
from tocsin.decide.states import HIGH, LOW

Floats = NDArray[np.float64]

GRID = 49
CHANCES = (0.0001, 0.9999)
"""Least and largest probability looked at: a forecast made of draws says neither 0 nor 1."""

LEVELS = (0.05, 0.95)
"""Quantiles of an estimate that stand for its low and high."""


@dataclass(frozen=True)
class Bar:
    """What an input does to what acting now saves over never acting.

    name: a range's name, `chain.TRANSITION` or `deaths.STATE`; low, high: the values it was given (for the
    chain and deaths, times the estimate). money_low, money_high: million dollars saved; None without money;
    deaths_low, deaths_high: deaths avoided.
    """

    name: str
    low: float
    high: float
    money_low: float | None
    money_high: float | None
    deaths_low: float
    deaths_high: float

    @property
    def width(self) -> float:
        """How far the input moves the result: in money, or in deaths where money is not priced."""
        if self.money_low is None or self.money_high is None:
            return abs(self.deaths_high - self.deaths_low)
        return abs(self.money_high - self.money_low)


@dataclass(frozen=True)
class BreakEven:
    """Where acting now costs as much as never acting; None where no value in range does it.

    effect:      times the central effects. cost: million dollars a month at prices of `economy.PRICE_YEAR`.
    probability: the forecast's, of at least 25 deaths in three months, from which acting pays; 0 where it
                 pays at any. probability_up_to: the one up to which it pays, where it does not above it.
    """

    effect: float | None = None
    cost: float | None = None
    probability: float | None = None
    probability_up_to: float | None = None


@dataclass(frozen=True, eq=False)
class Setting:
    """One decision and response, ready to be priced for any values of its inputs."""

    evidence: Evidence
    gw: int
    ranges: Mapping[str, Range]
    option: Option
    economy: Economy | None
    horizon: int
    death_value: float

    def values(self, copies: int) -> Values:
        """Return central values, `copies` times."""
        return central(self.evidence, self.gw, self.ranges, copies=copies)

    def world(self, values: Values) -> World:
        """Return what is priced, for some values of the inputs."""
        return world(
            self.evidence, self.gw, values, economy=self.economy, horizon=self.horizon,
            death_value=self.death_value,
        )  # fmt: skip

    def price(self, values: Values) -> Prices:
        """Return the prices of acting now and never, for some values of the inputs."""
        return price(self.world(values), response(self.option, values), (0, NEVER))


def tornado(setting: Setting) -> tuple[Bar, ...]:
    """Return a bar for each input, the one that matters most first; inputs without a range are left out."""
    known = setting.evidence.transitions(areas.country(setting.gw).region)
    moved: list[tuple[str, float, float, Callable[[Values, int, float], None]]] = []
    own = {held.name for held in setting.option.ranges}
    for name, held in setting.ranges.items():
        if held.low < held.high and (name in own or name.startswith("model.")):
            moved.append((name, held.low, held.high, _input(name)))
    weights = setting.evidence.counts.held.sum(axis=0)
    for name in effects.TRANSITIONS:
        point = float(effects.hazard(known.matrix, name, weights))
        if point > 0:
            low, high = np.quantile(effects.hazard(known.draws, name, weights), LEVELS) / point
            moved.append((f"chain.{name}", float(low), float(high), _passage(name)))
    for word, state in (("low", LOW), ("high", HIGH)):
        low, high = np.quantile(known.death_draws[:, state], LEVELS) / known.deaths[state]
        moved.append((f"deaths.{word}", float(low), float(high), _deaths(state)))
    values = setting.values(2 * len(moved))
    for row, (_, low, high, move) in enumerate(moved):
        move(values, 2 * row, low)
        move(values, 2 * row + 1, high)
    found = setting.price(values)
    money, lives = found.loss[1] - found.loss[0], found.deaths[1] - found.deaths[0]
    priced = setting.economy is not None
    bars = [
        Bar(
            name, low, high, float(money[2 * i]) if priced else None,
            float(money[2 * i + 1]) if priced else None, float(lives[2 * i]), float(lives[2 * i + 1]),
        )
        for i, (name, low, high, _) in enumerate(moved)
    ]  # fmt: skip
    return tuple(sorted(bars, key=lambda bar: (-bar.width, bar.name)))


def break_even(setting: Setting) -> BreakEven:
    """Return where acting now breaks even in money with never acting, the other inputs central."""
    if setting.economy is None or setting.option.idle:
        return BreakEven()
    largest = max(held.central for held in setting.option.effects.values())
    scale = np.linspace(0, 1 / largest, GRID) if largest > 0 else np.zeros(GRID)
    values = setting.values(GRID)
    for held in setting.option.effects.values():
        values.inputs[held.name][:] = scale * held.central
    by_effect = _saved(setting.price(values))
    chances = np.linspace(*CHANCES, GRID)
    by_chance = _saved(setting.price(dataclasses.replace(setting.values(GRID), probability=chances)))
    anyhow = bool((by_chance >= 0).all())
    # What is free is paid for in as many months as what is not: a price of 1 tells them of both.
    central = setting.values(1)
    central.inputs[setting.option.cost.name][:] = 1
    one = setting.price(central)
    months = float(one.cost[0, 0] / response(setting.option, central).cost[0])
    without_cost = float(_saved(dataclasses.replace(one, cost=np.zeros_like(one.cost)))[0])
    return BreakEven(
        _crossing(scale, by_effect),
        without_cost / months if months > 0 and without_cost >= 0 else None,
        0.0 if anyhow else _turn(chances, by_chance),
        None if anyhow else _turn(chances, -by_chance),
    )


def _saved(found: Prices) -> Floats:
    never = found.loss[found.at(NEVER)]
    saved: Floats = never - found.loss[0]
    return np.where(np.abs(saved) > ROUNDING * np.abs(never), saved, 0)


def _crossing(values: Floats, saved: Floats) -> float | None:
    """Return the first value from which acting saves money, by straight lines; None where it never does."""
    return float(values[0]) if saved[0] >= 0 else _turn(values, saved)


def _turn(values: Floats, saved: Floats) -> float | None:
    """Return the first value at which what is saved rises from below 0, by straight lines; None for none."""
    turns = np.flatnonzero((saved[:-1] < 0) & (saved[1:] >= 0))
    if not turns.size:
        return None
    at = int(turns[0])
    step = saved[at] / (saved[at] - saved[at + 1])
    return float(values[at] + step * (values[at + 1] - values[at]))


def _input(name: str) -> Callable[[Values, int, float], None]:
    def move(values: Values, row: int, value: float) -> None:
        values.inputs[name][row] = value

    return move


def _passage(name: str) -> Callable[[Values, int, float], None]:
    def move(values: Values, row: int, ratio: float) -> None:
        values.matrix[row] = effects.scaled(values.matrix[row], name, np.array(ratio))

    return move


def _deaths(state: int) -> Callable[[Values, int, float], None]:
    def move(values: Values, row: int, ratio: float) -> None:
        values.deaths[row, state] *= ratio

    return move
