"""The decision: what acting now, later or never is expected to cost an area, for each response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin import areas, digest, months
from tocsin.areas import Country
from tocsin.decide import economy as economies
from tocsin.decide import effects, stopping
from tocsin.decide.delay import NEVER, Prices, World, price
from tocsin.decide.economy import Economy
from tocsin.decide.evidence import Evidence
from tocsin.decide.options import Library, Option, library
from tocsin.decide.ranges import Range
from tocsin.decide.sampling import central, drawn, response, world
from tocsin.decide.sensitivity import Bar, BreakEven, Setting, break_even, tornado
from tocsin.decide.states import HIGH, STATES, TENSION
from tocsin.errors import BadInput, NotAssessed, UnknownName

Floats = NDArray[np.float64]

MOMENTS: tuple[int, ...] = (0, 1, 3, 6, 12, NEVER)
HORIZON = 120


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
    """A monthly probability estimated from the panel, with its 90 % interval."""

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


def decide(
    evidence: Evidence,
    area: int | str,
    *,
    options: Sequence[str] | None = None,
    given: Library | None = None,
    moments: Sequence[int] | None = None,
    horizon: int = HORIZON,
    death_value: float = 0.0,
    in_depth: bool = True,
) -> Decision:
    """Return the price of acting at each moment, and never, for each response.

    area:        Gleditsch-Ward code, ISO3 or name of a country.
    options:     names in the library; if None, all whose delay the horizon holds.
    given:       the library, as `options.read` returns it; what ships if None.
    moments:     months from now, `NEVER` among them or added; those of `MOMENTS` within the horizon if None.
    horizon:     months priced, 12 to 600.
    death_value: million dollars for a death, 0 to keep deaths apart from money.
    in_depth:    also break-even points, the rule of watching and waiting, and the tornado; else the record
                 is without them.

    UnknownName for an unknown area or response; NotAssessed if the area's state is not known; BadInput for a
    horizon, moment or value that cannot be used, or a response whose delay is longer than the horizon.
    """
    held = given or library()
    country = areas.country(area, month=evidence.origin)
    gw = country.gw
    every = [held.option(name) for name in dict.fromkeys(options or held.options)]
    ahead = _checked(moments, horizon, death_value)
    # A whole number asks the same: its digest is the same.
    death_value = float(death_value)
    left_out = tuple(option for option in every if option.delay.high > horizon)
    if options and left_out:
        delay = left_out[0].delay
        raise BadInput("decide.delay_beyond", name=delay.name, value=int(delay.high), horizon=horizon)
    chosen = [option for option in every if option.delay.high <= horizon]
    state = evidence.counts.of_area(gw)
    size = _economy(gw, evidence.month)
    ranges = {r.name: r for r in (*held.model.values(), *(r for o in chosen for r in o.ranges))}
    values = drawn(evidence, gw, ranges)
    drawn_world = world(evidence, gw, values, economy=size, horizon=horizon, death_value=death_value)
    rows = []
    for option in chosen:
        prices = price(drawn_world, response(option, values), (NEVER,) if option.idle else ahead)
        if option.idle:
            prices = prices.at_any(ahead)
        setting = Setting(evidence, gw, ranges, option, size, horizon, death_value)
        deep = in_depth and not option.idle
        rows.append(
            Priced(
                option, _moments(prices, size is not None), ahead[-2],
                Spread.of(prices.deaths[-2] - prices.deaths[0]), Spread.of(prices.loss[-2] - prices.loss[0]),
                break_even(setting) if in_depth else None,
                _watching(setting, ahead) if deep and size else None,
                tornado(setting) if deep else (),
                *_central(setting),
            )
        )  # fmt: skip
    region = evidence.transitions(country.region)
    counts = evidence.counts
    recent, recent_months = evidence.recent(gw)
    return Decision(
        country=country, month=evidence.month, origin=evidence.origin, lag=evidence.unseen,
        as_of=evidence.panel.as_of.isoformat(), basis=evidence.panel.basis,
        releases=evidence.panel.releases, state=STATES[state], recent=recent,
        recent_months=recent_months, ever=counts.ever_in_conflict(gw),
        probability=evidence.probability(gw), implied=evidence.implied(gw),
        method=evidence.forecast.method, hazards=_hazards(evidence, gw),
        deaths=tuple(
            _hazard(STATES[s], region.deaths[s], region.death_draws[:, s]) for s in range(TENSION, HIGH + 1)
        ),
        uncapped=float(counts.uncapped[:, HIGH].sum() / counts.held[:, HIGH].sum()),
        economy=size, horizon=horizon, samples=evidence.samples, death_value=death_value,
        model=tuple(held.model.values()), options=tuple(rows), left_out=left_out,
        inputs=digest.of_parts(
            "decide", counts.digest, evidence.forecast.digest, evidence.month, gw, evidence.samples,
            economies.table_digest(), [r.to_dict() for r in ranges.values()],
            [option.to_dict() for option in chosen], list(ahead), horizon, death_value,
        ),
    )  # fmt: skip


def _checked(moments: Sequence[int] | None, horizon: int, death_value: float) -> tuple[int, ...]:
    if not 12 <= horizon <= 600:
        raise BadInput("decide.horizon", value=horizon, least=12, most=600)
    if not (0 <= death_value < float("inf")):
        raise BadInput("decide.death_value", value=str(death_value))
    if moments is None:
        moments = [moment for moment in MOMENTS if moment < horizon]
    ahead = sorted(set(moments) - {NEVER})
    for moment in ahead:
        if not 0 <= moment < horizon:
            raise BadInput("decide.moment_outside", value=moment, most=horizon - 1)
    return (*dict.fromkeys([0, *ahead]), NEVER)


def _economy(gw: int, month: int) -> Economy | None:
    try:
        return economies.economy_of(gw, month=month)
    except NotAssessed:
        return None


def _moments(prices: Prices, priced: bool) -> tuple[Moment, ...]:
    best, fewest = prices.best(), prices.fewest_deaths()
    never = prices.at(NEVER)
    loss, regret = prices.loss, prices.regret
    return tuple(
        Moment(
            months=moment, deaths=Spread.of(prices.deaths[row]), output=Spread.of(prices.output[row]),
            cost=Spread.of(prices.cost[row]), loss=Spread.of(loss[row]), regret=Spread.of(regret[row]),
            averted=Spread.of(prices.deaths[never] - prices.deaths[row]),
            saved=Spread.of(loss[never] - loss[row]), best=float(best[row]) if priced else None,
            fewest=float(fewest[row]),
        )
        for row, moment in enumerate(prices.moments)
    )  # fmt: skip


def _central(setting: Setting) -> tuple[float | None, float]:
    if setting.option.idle:
        return None if setting.economy is None else 0.0, 0.0
    one = setting.price(setting.values(1))
    saved = float(one.loss[1, 0] - one.loss[0, 0])
    return None if setting.economy is None else saved, float(one.deaths[1, 0] - one.deaths[0, 0])


def _watching(setting: Setting, moments: tuple[int, ...]) -> Watching:
    values = central(setting.evidence, setting.gw, setting.ranges)
    one: World = world(
        setting.evidence, setting.gw, values, economy=setting.economy, horizon=setting.horizon,
        death_value=setting.death_value,
    )  # fmt: skip
    reply = response(setting.option, values)
    rule = stopping.solve(one, reply)
    fixed = float(price(one, reply, moments).loss.min())
    start = one.chain.start[0]
    return Watching(
        act_now=float(start @ rule.act[0]),
        act_in=tuple(STATES[s] for s in np.flatnonzero(rule.act[0])),
        loss=rule.now,
        gain=max(fixed - rule.now, 0.0),
    )


def _hazards(evidence: Evidence, gw: int) -> tuple[Hazard, ...]:
    known = evidence.transitions(areas.country(gw).region)
    weights = evidence.counts.held.sum(axis=0)
    return tuple(
        _hazard(
            name, float(effects.hazard(known.matrix, name, weights)),
            effects.hazard(known.draws, name, weights),
        )
        for name in effects.TRANSITIONS
    )  # fmt: skip


def _hazard(name: str, value: float, draws: Floats) -> Hazard:
    low, high = np.quantile(draws, [0.05, 0.95])
    return Hazard(name, float(value), float(low), float(high))


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
