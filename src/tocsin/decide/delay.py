"""The price of delay: deaths and loss expected from acting at some moments, for draws of the inputs.

Months count from the decision: month 0 is the first that a decision now can touch. Deaths are not discounted;
money is, to month 0. A year in conflict takes a share off the level of GDP from then on, counted up to
the horizon and not beyond. A response is paid for from its decision to the end of its effect.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin.decide import effects
from tocsin.decide.condition import Chain, forward

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NEVER = -1
"""The moment that stands for not acting."""

DRAWS = 250
"""Draws priced at a time: each takes what lies before and ahead of every month, by state."""

ROUNDING = 1e-9
"""Share of a number by which another differs from it at most where only the order of their sums does."""


@dataclass(frozen=True, eq=False)
class World:
    """Draws of everything a price depends on but the response.

    chain:    passages from month 0 on, [sample, ...].
    deaths:   float64 [sample, state], expected deaths in a month of a state.
    growth:   float64 [sample, state], share of GDP lost for good by a year in a state.
    gdp:      float64 [sample], million dollars a year; NaN where it is not known.
    discount: float64 [sample], a year.
    death_value: million dollars for a death, 0 unless the user sets one.
    horizon:  months priced.
    """

    chain: Chain
    deaths: Floats
    growth: Floats
    gdp: Floats
    discount: Floats
    death_value: float
    horizon: int

    @property
    def samples(self) -> int:
        """Number of draws."""
        return len(self.gdp)

    def part(self, rows: slice) -> World:
        """Return the world of some of the draws."""
        chain = Chain(self.chain.first[:, rows], self.chain.later[rows], self.chain.start[rows])
        return dataclasses.replace(
            self, chain=chain, deaths=self.deaths[rows], growth=self.growth[rows], gdp=self.gdp[rows],
            discount=self.discount[rows],
        )  # fmt: skip

    @cached_property
    def factors(self) -> Floats:
        """Discount factors float64 [month, sample]."""
        found: Floats = (1 + self.discount) ** (-np.arange(self.horizon)[:, None] / 12)
        return found

    @cached_property
    def money(self) -> Floats:
        """A twelfth of what losing all GDP from a month on costs, in million dollars: [month, sample]."""
        ahead = np.cumsum(self.factors[::-1], axis=0)[::-1]
        return ahead * self.gdp / 12 / 12

    @cached_property
    def paths(self) -> tuple[Floats, Floats, Floats]:
        """Without a response: probabilities [month + 1, sample, state], deaths and loss up to each month."""
        spread = [self.chain.start]
        deaths = [np.zeros(self.samples)]
        loss = [np.zeros(self.samples)]
        for month in range(self.horizon):
            spread.append(forward(spread[-1], self.chain.kernel(month)))
            deaths.append(deaths[-1] + _dot(spread[-1], self.deaths))
            loss.append(loss[-1] + _dot(spread[-1], self.growth) * self.money[month])
        return np.stack(spread), np.stack(deaths), np.stack(loss)

    @cached_property
    def ahead(self) -> tuple[Floats, Floats]:
        """Without a response: deaths and loss from each month on, by state: [month + 1, sample, state]."""
        deaths = np.zeros((self.horizon + 1, *self.deaths.shape))
        loss = np.zeros_like(deaths)
        for month in range(self.horizon - 1, -1, -1):
            reward = np.stack(
                [self.deaths + deaths[month + 1], self.growth * self.money[month][:, None] + loss[month + 1]],
                axis=2,
            )
            value = self.chain.kernel(month) @ reward
            deaths[month], loss[month] = value[:, :, 0], value[:, :, 1]
        return deaths, loss


@dataclass(frozen=True, eq=False)
class Response:
    """Draws of a response: cost in million dollars a month, delay and duration in months, effects."""

    cost: Floats
    delay: Whole
    duration: Whole
    effects: Mapping[str, Floats]

    def part(self, rows: slice) -> Response:
        """Return the response in some of the draws."""
        held = {name: values[rows] for name, values in self.effects.items()}
        return Response(self.cost[rows], self.delay[rows], self.duration[rows], held)


@dataclass(frozen=True, eq=False)
class Prices:
    """What each moment costs: deaths, loss of output and cost of the response, float64 [moment, sample]."""

    moments: tuple[int, ...]
    deaths: Floats
    output: Floats
    cost: Floats
    death_value: float

    @property
    def loss(self) -> Floats:
        """Money in all: output lost, cost of the response, and deaths where a value was set for one."""
        return self.output + self.cost + self.deaths * self.death_value

    @property
    def regret(self) -> Floats:
        """How much more each moment loses than the best of them in the same draw: [moment, sample]."""
        found: Floats = self.loss - self.loss.min(axis=0)
        return found

    def best(self) -> Floats:
        """Return float64 [moment]: share of draws in which a moment loses least, the earliest of equals."""
        return _winners(self.loss)

    def fewest_deaths(self) -> Floats:
        """Return float64 [moment]: share of draws in which it has fewest deaths, the earliest of equals."""
        return _winners(self.deaths)

    def at(self, moment: int) -> int:
        """Return the row of a moment."""
        return self.moments.index(moment)

    def at_any(self, moments: Sequence[int]) -> Prices:
        """Return the price of one moment as that of each of others, without rounding between them."""
        deaths, output, cost = (
            np.repeat(part, len(moments), axis=0) for part in (self.deaths, self.output, self.cost)
        )
        return Prices(tuple(moments), deaths, output, cost, self.death_value)


def price_each(world: World, asked: Sequence[tuple[Response, Sequence[int]]]) -> tuple[Prices, ...]:
    """Return the prices of several responses, each at moments of its own, as `price` does, in less memory."""
    parts = []
    for first in range(0, world.samples, DRAWS):
        rows = slice(first, first + DRAWS)
        some = world.part(rows)
        parts.append([price(some, response.part(rows), moments) for response, moments in asked])
    return tuple(_joined(found) for found in zip(*parts, strict=True))


def price(world: World, response: Response, moments: Sequence[int]) -> Prices:
    """Return the price of acting at each moment (months from now, or `NEVER`)."""
    horizon = world.horizon
    chosen = tuple(moments)
    start = np.array([horizon if m == NEVER else m for m in chosen])[:, None]
    begin = np.minimum(start + response.delay[None], horizon)
    end = np.minimum(begin + response.duration[None], horizon)
    spread, deaths_before, loss_before = world.paths
    samples = np.arange(world.samples)[None]
    x = spread[begin, samples]
    deaths, loss = deaths_before[begin, samples], loss_before[begin, samples]
    same = _changed(world.chain.later, response)
    busy = begin < end
    first, last = (int(begin[busy].min()), int(end[busy].max())) if busy.any() else (0, 0)
    for month in range(first, last):
        early = month < len(world.chain.first)
        kernel = _changed(world.chain.kernel(month), response) if early else same
        active = (begin <= month) & (month < end)
        moved = np.matmul(x.swapaxes(0, 1), kernel).swapaxes(0, 1)
        x = np.where(active[:, :, None], moved, x)
        deaths += np.where(active, _dot(x, world.deaths), 0)
        loss += np.where(active, _dot(x, world.growth) * world.money[month], 0)
    deaths_ahead, loss_ahead = world.ahead
    deaths += _dot(x, deaths_ahead[end, samples])
    loss += _dot(x, loss_ahead[end, samples])
    paid = np.vstack([np.zeros(world.samples), np.cumsum(world.factors, axis=0)])
    stop = np.minimum(start + (response.delay + response.duration)[None], horizon)
    cost = (paid[stop, samples] - paid[np.minimum(start, horizon), samples]) * response.cost
    return Prices(chosen, deaths, loss, cost, world.death_value)


def _joined(parts: Sequence[Prices]) -> Prices:
    deaths, output, cost = (
        np.concatenate(held, axis=1)
        for held in zip(*((one.deaths, one.output, one.cost) for one in parts), strict=True)
    )
    return Prices(parts[0].moments, deaths, output, cost, parts[0].death_value)


def _changed(matrix: Floats, response: Response) -> Floats:
    return effects.apply(matrix, response.effects)


def _dot(spread: Floats, value: Floats) -> Floats:
    found: Floats = np.einsum("...i,...i->...", spread, value)
    return found


def _winners(values: Floats) -> Floats:
    least = values.min(axis=0)
    first = np.argmax(values <= least + ROUNDING * np.abs(least), axis=0)
    found: Floats = (first[None] == np.arange(len(values))[:, None]).mean(axis=1)
    return found
