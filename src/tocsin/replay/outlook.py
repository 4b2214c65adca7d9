"""The outlook of one month on one track: forecast, rank, rules and price, from what was known and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin import decide, digest, months, revision
from tocsin.errors import NotAssessed
from tocsin.forecast import Forecast
from tocsin.kinds import KINDS, Target
from tocsin.replay.fits import Fits, fitted
from tocsin.replay.tracks import Track, observer
from tocsin.revision import Triangle
from tocsin.warn import Evidence, Message, Rule, State, Table, record, step
from tocsin.warn.compose import Month, compose, warning_id
from tocsin.warn.evidence import forecasts
from tocsin.warn.round import point_of, seen_of
from tocsin.watch.ranking import standing

DEATHS = 25
AHEAD = 3
"""What is asked of every month: at least so many deaths in it and the two after it."""

BESIDE = "conflictology-12"
MOMENTS = (0, 3, 6, 12, decide.NEVER)
RECENT = 12

COUNTRIES = ("gw", "p_25_next_3", "expected_next_3", "rank")
"""What is kept of every country: its Gleditsch-Ward code, and what a map of the month shows."""

Floats = NDArray[np.float64]

History = Mapping[str, Sequence[Message]]
"""Messages of each warning so far, by its id."""


@dataclass(frozen=True)
class Settings:
    """What does not change from month to month.

    gw, neighbours: Gleditsch-Ward codes. method: forecast method. readings: by rule, for their records.
    priced: whether the price of delay is worked out.
    """

    gw: int
    neighbours: tuple[int, ...]
    method: str
    rules: tuple[Rule, ...]
    readings: Table
    priced: bool = True


@dataclass(frozen=True, eq=False)
class Outlook:
    """What one track says in one month.

    facts:  plain values, as they are written down. draws: int32 [step, draw] of the country.
    world:  float64 [assessed country, `COUNTRIES`], of every country of the forecast.
    states: where its rules stand afterwards. messages: what they say.
    """

    facts: dict[str, Any]
    draws: NDArray[np.int32]
    world: Floats
    states: Mapping[str, State]
    messages: tuple[Message, ...]


def look(
    track: Track, month: int, settings: Settings, states: Mapping[str, State], history: History,
    *, rules_only: bool = False, fits: Fits | None = None,
) -> Outlook:  # fmt: skip
    """Return the outlook on the first day of `month`.

    states, history: where the rules stood and what they had said before. rules_only: leave out the price.
    fits: forecasts made for this walk so far, so that no track waits for what another was told already.
    Where the country is not covered, the facts say so and nothing else.
    """
    on = observer(month)
    head: dict[str, Any] = {
        "track": track.name, "label": track.label, "lag": track.lag, "on": on.isoformat(), "assessed": False,
    }  # fmt: skip
    nothing = Outlook(head, np.zeros((0, 0), np.int32), np.zeros((0, len(COUNTRIES))), states, ())
    try:
        known = track.known(on)
    except NotAssessed:
        return nothing
    panel = known.panel
    if settings.gw not in panel.areas:
        return nothing
    origin = panel.span.last
    first = month - origin
    last = _last(month, origin)
    fits = fits or Fits()
    made, revised = _fit(known, settings.method, last, on, track.revised, fits)
    # Made at once, and not worth its place among those that are kept.
    beside = fitted(panel, BESIDE, last)
    world = _countries(made, first)
    asked, after, messages = _rules(known, made, month, settings, states, history, track)
    head |= {
        "assessed": True, "origin": months.label(origin), "basis": panel.basis,
        "releases": list(panel.releases), "inputs": known.digest, "method": settings.method,
        "deaths_12": _recent(known, settings.gw), "revised": revised,
        "ahead": _ahead(made, settings.gw, first, world),
        "beside": _ahead(beside, settings.gw, first, _countries(beside, first)),
        "neighbours": [
            {"gw": gw, "deaths_12": _recent(known, gw)} for gw in settings.neighbours if gw in panel.areas
        ],
        "rules": asked,
    }  # fmt: skip
    if settings.priced and not rules_only and panel.kinds == KINDS:
        head["price"] = _price(known, month, settings, made)
    return Outlook(head, made.path(settings.gw), world, after, messages)


def prepare(track: Track, month: int, settings: Settings, fits: Fits) -> None:
    """Begin the forecast that the outlook of a later month will ask for, where there is one to begin."""
    if track.revised is not None:
        return
    try:
        panel = track.known(observer(month)).panel
    except NotAssessed:
        return
    if settings.gw in panel.areas:
        fits.ahead(panel, settings.method, _last(month, panel.span.last))


def _last(month: int, origin: int) -> int:
    """Return the last step forecast from an origin for the outlook of a month."""
    return max(month - origin + AHEAD - 1, 12)


def _fit(
    known: Evidence, method: str, last: int, on: dt.date, vintages: Triangle | None, fits: Fits
) -> tuple[Forecast, bool]:
    """Return the forecast of all kinds, and whether the expected revision of the newest months is in it."""
    if vintages is not None:
        return revision.widened(vintages, as_of=on, method=method, steps=range(1, last + 1))
    return fits.of(known.panel, method, last), False


def _recent(known: Evidence, gw: int) -> int | None:
    row = known.panel.index(gw)
    if len(known.panel.span) < RECENT or not known.panel.covered[row, -RECENT:].all():
        return None
    return int(known.panel.series("total")[row, -RECENT:].sum())


def _ahead(made: Forecast, gw: int, first: int, held: Floats) -> dict[str, Any]:
    """Return what is forecast for the three months from step `first` on, and the rank among countries."""
    totals = made.total_over(first, first + AHEAD - 1)[made.index(gw)]
    own = dict(zip(COUNTRIES, held[held[:, 0] == gw][0].tolist(), strict=True))
    low, high = np.quantile(totals, [0.1, 0.9])
    # One country alone has no rank.
    alone = len(made.areas) == 1
    return {
        "method": made.method, "first_step": first, "probability": round(own["p_25_next_3"], 6),
        "rank": None if alone else int(own["rank"]), "of": None if alone else len(held),
        "expected": round(own["expected_next_3"], 3),
        "low_80": round(float(low), 3), "high_80": round(float(high), 3),
        "p_100": round(float((totals >= 100).mean()), 6),
    }  # fmt: skip


def _countries(made: Forecast, first: int) -> Floats:
    """Return float64 [assessed country, `COUNTRIES`] for the three months from step `first` on."""
    chance = made.probability(DEATHS, first=first, last=first + AHEAD - 1)
    means = made.total_over(first, first + AHEAD - 1).mean(axis=1)
    rows = [row for row, known in enumerate(made.assessed) if known]
    stood = {row: standing(float(chance[row]), float(means[row])) for row in rows}
    best = sorted(stood.values(), reverse=True)
    found = [
        (float(made.areas[row]), float(chance[row]), float(means[row]), float(best.index(stood[row]) + 1))
        for row in rows
    ]
    return np.array(found, dtype=np.float64).reshape(len(found), len(COUNTRIES))


def _rules(
    known: Evidence, made: Forecast, month: int, settings: Settings, states: Mapping[str, State],
    history: History, track: Track,
) -> tuple[list[dict[str, Any]], dict[str, State], tuple[Message, ...]]:  # fmt: skip
    origin, gw = known.panel.span.last, settings.gw
    said: Mapping[Target, Forecast] = forecasts(
        known.panel, settings.rules, origin=origin, method=settings.method, held=[made]
    )
    on = observer(month)
    inputs = digest.of_parts(known.digest, {kind: f.digest for kind, f in said.items()})
    series = track.series(known.panel.basis)
    now = Month(known, said, origin, on, series, settings.method, inputs)
    rows: list[dict[str, Any]] = []
    after = dict(states)
    messages: list[Message] = []
    for rule in settings.rules:
        asked = known.ask(rule, origin)
        row = known.panel.index(gw)
        state = states.get(rule.name, State())
        seen = seen_of(rule, asked, known.chance(asked, said), row, state, now)
        after[rule.name], acts = step(state, seen, origin, rule)
        judged = settings.readings.get(rule.criterion)
        then = None if judged is None else record(rule, judged, until=origin)
        for act in acts:
            point = point_of(act, gw, state, after[rule.name], seen, None)
            before = history.get(warning_id(rule, gw, point.origin, series), ())
            references = tuple((m.id, m.made_at) for m in before)
            made_at = f"{on.isoformat()}T00:00:00+00:00"
            messages.append(compose(point, rule, now, then, made_at=made_at, references=references))
        rows.append(
            {
                "rule": rule.name, "asked": seen.fresh is not None, "assessed": seen.assessed,
                "probability": None if seen.fresh is None else round(seen.fresh, 6), "trigger": rule.trigger,
                "needed": seen.needed, "acts": list(acts), "open": after[rule.name].open,
                "record": None if then is None else then.to_dict(),
            }
        )  # fmt: skip
    return rows, after, tuple(messages)


def _price(known: Evidence, month: int, settings: Settings, made: Forecast) -> dict[str, Any] | None:
    """Return deaths and money for acting at each moment, by response; None where that is not assessed."""
    try:
        evidence = decide.Evidence.of(known.panel, month=month, said=made)
        found = decide.decide(evidence, settings.gw, moments=MOMENTS, in_depth=False)
    except NotAssessed:
        return None
    return {
        "state": found.state, "horizon": found.horizon, "digest": found.digest,
        "responses": {
            row.option.name: [
                {
                    "months": moment.months, "deaths": _spread(moment.deaths),
                    "averted": _spread(moment.averted),
                    "cost": _spread(moment.cost), "saved": _spread(moment.saved),
                }
                for moment in row.moments
            ]
            for row in found.options
            if not row.option.idle
        },
    }  # fmt: skip


def _spread(value: decide.Spread) -> list[float] | None:
    if value.mean is None or value.low90 is None or value.high90 is None:
        return None
    return [round(value.mean, 3), round(value.low90, 3), round(value.high90, 3)]
