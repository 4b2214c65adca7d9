"""The record of a decision: what each moment of acting costs, and all that it was made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.areas import Country
from tocsin.decide import economy as economies
from tocsin.decide.delay import NEVER
from tocsin.decide.economy import Economy
from tocsin.decide.options import Option
from tocsin.decide.ranges import Range
from tocsin.decide.sensitivity import Bar, BreakEven
from tocsin.errors import UnknownName

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """A number over the draws of the inputs: mean, median, and central intervals of 50 and 90 %."""

    mean: float | None
    median: float | None
    low50: float | None
    high50: float | None
    low90: float | None
    high90: float | None

    @classmethod
    def of(cls, values: Floats) -> Spread:
        """Summarise float64 [sample]; all None where the number is not known."""
        if np.isnan(values).any():
            return cls(None, None, None, None, None, None)
        low90, low50, median, high50, high90 = (
            float(q) for q in np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        )
        return cls(float(values.mean()), median, low50, high50, low90, high90)


@dataclass(frozen=True)
class Moment:
    """What one moment of acting costs; money in million dollars, to the horizon.

    months:  from now, or `NEVER`.
    deaths, output (output lost), cost (of the response), loss (all money), regret (loss above the best moment
    of the same draw), averted (deaths fewer than never), saved (money less than never).
    best:    share of draws in which this moment loses least; None without money. fewest: the same in deaths.
    """

    months: int
    deaths: Spread
    output: Spread
    cost: Spread
    loss: Spread
    regret: Spread
    averted: Spread
    saved: Spread
    best: float | None
    fewest: float


@dataclass(frozen=True)
class Watching:
    """Watching the state and acting when it pays, inputs central: the best rule and what it is worth.

    act_now: whether the rule acts in month 0, as the probability over the states of that month.
    act_in:  names of states in which it acts in month 0.
    loss:    million dollars under the rule; gain: how much less than the best fixed moment.
    """

    act_now: float
    act_in: tuple[str, ...]
    loss: float
    gain: float


@dataclass(frozen=True)
class Priced:
    """One response priced at every moment.

    waited: the latest moment but never; more_deaths, more_loss: what acting then costs above acting now.
    even, watching, bars: None, None and none where they were not asked for.
    central_saving, central_averted: money saved and deaths averted by acting now over never, inputs central.
    """

    option: Option
    moments: tuple[Moment, ...]
    waited: int
    more_deaths: Spread
    more_loss: Spread
    even: BreakEven | None
    watching: Watching | None
    bars: tuple[Bar, ...]
    central_saving: float | None
    central_averted: float

    def at(self, moment: int) -> Moment:
        """Return the row of a moment; UnknownName, with the choices, for one that was not priced."""
        for row in self.moments:
            if row.months == moment:
                return row
        raise UnknownName(
            "decide.moment_not_priced", value=str(moment),
            choices=", ".join(str(row.months) for row in self.moments if row.months != NEVER),
        )  # fmt: skip


@dataclass(frozen=True)
class Hazard:
    """A passage's probability in a month, or a state's deaths in one, estimated, with its 90 % interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Decision:
    """The price of delay for an area at a month, and all it was made from.

    month:  of the decision; origin: last month of data; lag: whole months between them.
    state, recent (deaths of the last 12 months of data), recent_months: how many of these are covered.
    ever:   whether ever in low or high in the panel.
    probability: the forecast's, of at least 25 deaths in three months from the origin; implied: the region's.
    hazards, deaths: what the region gives; deaths a month in each state but peace, `uncapped`: in high
    without the cap.
    left_out: responses of the library whose delay may outlast the horizon, where none was asked for by name.
    """

    country: Country
    month: int
    origin: int
    lag: int
    as_of: str
    basis: str
    releases: tuple[str, ...]
    state: str
    recent: int
    recent_months: int
    ever: bool
    probability: float
    implied: float
    method: str
    hazards: tuple[Hazard, ...]
    deaths: tuple[Hazard, ...]
    uncapped: float
    economy: Economy | None
    horizon: int
    samples: int
    death_value: float
    model: tuple[Range, ...]
    options: tuple[Priced, ...]
    left_out: tuple[Option, ...]
    inputs: str

    @cached_property
    def digest(self) -> str:
        """Digest of the record, its numbers to six figures: sums may differ in the last bits by machine."""
        return digest.of_parts("decision", _six_figures(self.to_dict()))

    def option(self, name: str) -> Priced:
        """Return one response of the record; UnknownName, with the choices, for one that was not priced."""
        for row in self.options:
            if row.option.name == name:
                return row
        raise UnknownName(
            "decide.options.unknown",
            value=str(name),
            choices=", ".join(row.option.name for row in self.options),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain values; `never` stands for never."""
        return {
            "area": self.country.gw, "iso3": self.country.iso3, "name": self.country.name("en"),
            "month": months.label(self.month), "origin": months.label(self.origin), "lag": self.lag,
            "as_of": self.as_of, "basis": self.basis, "releases": list(self.releases), "state": self.state,
            "deaths_last_12_months": self.recent, "covered_of_last_12_months": self.recent_months,
            "ever_in_conflict": self.ever,
            "probability": self.probability, "probability_of_region": self.implied, "method": self.method,
            "hazards": [asdict(hazard) for hazard in self.hazards],
            "deaths_a_month": [asdict(held) for held in self.deaths],
            "economy": asdict(self.economy) if self.economy else None, "horizon": self.horizon,
            "samples": self.samples, "death_value": self.death_value, "currency": "USD",
            "price_year": economies.PRICE_YEAR, "model": [held.to_dict() for held in self.model],
            "options": [_plain(row) for row in self.options], "inputs": self.inputs,
            **({"left_out": [option.name for option in self.left_out]} if self.left_out else {}),
        }  # fmt: skip


def _six_figures(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _six_figures(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_six_figures(item) for item in value]
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) > 1e-6 else "0"
    return value


def _plain(row: Priced) -> dict[str, Any]:
    return {
        **row.option.to_dict(),
        "moments": [
            {**asdict(moment), "months": "never" if moment.months == NEVER else moment.months}
            for moment in row.moments
        ],
        "waiting": {
            "months": row.waited, "deaths": asdict(row.more_deaths), "loss": asdict(row.more_loss),
        },
        **_depth(row),
        "central": {"saved": row.central_saving, "averted": row.central_averted},
    }  # fmt: skip


def _depth(row: Priced) -> dict[str, Any]:
    # Null means that acting pays at none: what was not asked for has no key.
    if row.even is None:
        return {}
    return {
        "break_even": asdict(row.even),
        "watching": asdict(row.watching) if row.watching else None,
        "tornado": [asdict(bar) for bar in row.bars],
    }
