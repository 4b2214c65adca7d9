"""From ranges and evidence to draws: the worlds and responses that are priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import areas
from tocsin.decide.delay import Response, World
from tocsin.decide.economy import PRICE_YEAR, Economy
from tocsin.decide.evidence import Evidence
from tocsin.decide.options import Option
from tocsin.decide.ranges import Range
from tocsin.decide.states import HIGH, LOW

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Values:
    """Values of every input, one for each draw; what a tornado, a grid or a sample changes.

    inputs: by name of a range, float64 [sample].
    matrix: float64 [sample, from, to]; deaths: float64 [sample, state].
    probability: float64 [sample], the forecast's probability of at least 25 deaths in three months.
    """

    inputs: Mapping[str, Floats]
    matrix: Floats
    deaths: Floats
    probability: Floats

    @property
    def samples(self) -> int:
        """Number of draws."""
        return len(self.probability)


def drawn(evidence: Evidence, gw: int, ranges: Mapping[str, Range]) -> Values:
    """Return draws of all inputs at once."""
    known = evidence.transitions(areas.country(gw).region)
    count = evidence.samples
    return Values(
        {name: held.sample(count) for name, held in ranges.items()}, known.draws, known.death_draws,
        np.full(count, evidence.probability(gw)),
    )  # fmt: skip


def central(evidence: Evidence, gw: int, ranges: Mapping[str, Range], *, copies: int = 1) -> Values:
    """Return the central value of every input, `copies` times, in arrays that may be changed."""
    known = evidence.transitions(areas.country(gw).region)
    return Values(
        {name: np.full(copies, held.central) for name, held in ranges.items()},
        np.repeat(known.matrix[None], copies, axis=0), np.repeat(known.deaths[None], copies, axis=0),
        np.full(copies, evidence.probability(gw)),
    )  # fmt: skip


def world(
    evidence: Evidence, gw: int, values: Values, *, economy: Economy | None, horizon: int, death_value: float
) -> World:
    """Return what is priced, the response left out; without an economy money is NaN."""
    growth = np.zeros((values.samples, values.matrix.shape[-1]))
    growth[:, LOW] = values.inputs["model.growth-loss-low"]
    growth[:, HIGH] = values.inputs["model.growth-loss-high"]
    size = economy.gdp if economy else np.nan
    return World(
        chain=evidence.chain(gw, values.matrix, values.probability), deaths=values.deaths, growth=growth,
        gdp=size * values.inputs["model.market-factor"], discount=values.inputs["model.discount"],
        death_value=death_value, horizon=horizon,
    )  # fmt: skip


def response(option: Option, values: Values) -> Response:
    """Return draws of a response, its cost brought to the price year of GDP."""
    inflation = (1 + values.inputs["model.inflation"]) ** (PRICE_YEAR - option.price_year)
    return Response(
        cost=values.inputs[option.cost.name] * inflation,
        delay=np.rint(values.inputs[option.delay.name]).astype(np.int64),
        duration=np.rint(values.inputs[option.duration.name]).astype(np.int64),
        effects={name: values.inputs[held.name] for name, held in option.effects.items()},
    )
