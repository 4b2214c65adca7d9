"""Deciding: what acting now, later or never is expected to cost an area, for each response."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin import areas, digest, months
from tocsin.decide import economy as economies
from tocsin.decide import effects, stopping
from tocsin.decide.delay import NEVER, Prices, price, price_each
from tocsin.decide.economy import Economy
from tocsin.decide.evidence import Evidence
from tocsin.decide.options import Library, library
from tocsin.decide.record import Decision, Floats, Hazard, Moment, Priced, Spread, Watching
from tocsin.decide.sampling import drawn, response, world
from tocsin.decide.sensitivity import Setting, break_even, tornado
from tocsin.decide.states import HIGH, STATES, TENSION
from tocsin.errors import BadInput, NotAssessed

MOMENTS: tuple[int, ...] = (0, 1, 3, 6, 12, NEVER)
HORIZON = 120


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
    asked = [(response(option, values), (NEVER,) if option.idle else ahead) for option in chosen]
    rows = []
    for option, prices in zip(chosen, price_each(drawn_world, asked), strict=True):
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
    if not 12 <= months.whole(horizon, "horizon") <= 600:
        raise BadInput("decide.horizon", value=horizon, least=12, most=600)
    if not (0 <= death_value < float("inf")):
        raise BadInput("decide.death_value", value=str(death_value))
    if moments is None:
        moments = [moment for moment in MOMENTS if moment < horizon]
    ahead = sorted(set(months.wholes(moments, "moments")) - {NEVER})
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
    values = setting.values(1)
    one, reply = setting.world(values), response(setting.option, values)
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
