"""The maps that the package draws by itself: risk by country, control by province or cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from tocsin import areas, months
from tocsin.control import COLOURS, ENOUGH, Control
from tocsin.errors import NotAssessed
from tocsin.forecast import Forecast
from tocsin.maps.frame import Frame, country_frame
from tocsin.maps.legend import Class, States, chances
from tocsin.maps.map import Area, Map
from tocsin.text import Language, number, say

THRESHOLD = 25
"""Deaths that the map of risk asks about: what UCDP calls an armed conflict when reached in a year."""

AHEAD = 3
"""Months that the map of risk asks about."""

LABELLED = 0.25
"""Probability from which a country's code is printed on the map of a region."""

SURE = 0.8
"""Probability from which a state of control is drawn in its full colour, below it in the lighter one."""

_LIGHTER = {"held": "#dcebf5", "contested": "#f3b25f", "beyond": "#8c5a35"}
"""The lighter twins of `control.COLOURS`: apart in lightness, and in hue for every kind of colour vision."""


def risk_map(
    made: Forecast, frame: Frame, *, as_of: dt.date, releases: Sequence[str], language: Language | None = None
) -> Map:
    """Return the map of P(at least 25 deaths in the three months after the forecast's origin), by country.

    made: a forecast by Gleditsch-Ward country, of any kind, steps 1 to 3 at least.
    """
    chance = made.probability(THRESHOLD, last=AHEAD)
    values: dict[Area, float | str | None] = {
        int(area): float(chance[place]) if made.assessed[place] else None
        for place, area in enumerate(made.areas)
    }
    labels: dict[Area, str] = {}
    close = frame.gws is not None and len(frame.gws) == 1
    for place in np.argsort(-np.nan_to_num(chance, nan=-1.0), kind="stable"):
        if not made.assessed[place]:
            continue
        state, value = areas.country(int(made.areas[place]), month=made.origin), float(chance[place])
        if close:
            labels[state.gw] = f"{state.name(language)}\n{_percent(value, language)}"
        elif value >= LABELLED:
            labels[state.gw] = state.iso3 or state.name(language)
    # The country asked for is labelled before what might cover its name.
    labels = {gw: labels[gw] for gw in sorted(labels, key=lambda gw: gw not in (frame.gws or ()))}
    kind = say(f"kinds.{made.target}", language)
    first, last = months.label(made.origin + 1), months.label(made.origin + AHEAD)
    where = frame_name(frame, made.origin, language)
    method = say(
        "maps.risk_method",
        language,
        method=made.method,
        origin=months.label(made.origin),
        as_of=as_of.isoformat(),
    )
    return Map(
        level="country", month=made.origin, frame=frame, values=values, legend=chances(language),
        title=say("maps.risk_title", language, where=where, first=first, last=last),
        question=say("maps.risk_question", language, threshold=THRESHOLD, kind=kind, ahead=AHEAD),
        heading=say("maps.risk_heading", language),
        notes=(method, say("maps.source", language, releases=", ".join(releases))), labels=labels,
    )  # fmt: skip


def _percent(value: float, language: Language | None) -> str:
    return (
        "< 1\N{NO-BREAK SPACE}%"
        if value < 0.01
        else f"{number(value * 100, language, decimals=0)}\N{NO-BREAK SPACE}%"
    )


def control_map(found: Control, month: int, language: Language | None = None) -> Map:
    """Return the map of who controls the units of a country in a month; NotAssessed outside its months."""
    if month not in found.span:
        raise NotAssessed("control.month_outside", month=months.label(month), span=str(found.span))
    values: dict[Area, float | str | None] = {}
    labels: dict[Area, str] = {}
    for unit, name in zip(found.units, found.names, strict=True):
        state, chance = found.state(unit, month)
        values[unit] = None
        labels[unit] = name
        if chance is not None:
            values[unit] = state if chance >= SURE or state == "unclear" else f"{state}_less"
            labels[unit] = f"{name}\n{number(chance, language, decimals=2)}"
    frame = country_frame(found.gw, month=month)
    where = frame_name(frame, month, language)
    basis = say(f"control.method_{found.method}", language, as_of=found.as_of.isoformat())
    return Map(
        level=found.level, month=month, frame=frame, values=values, legend=control_legend(language),
        title=say("maps.control_title", language, where=where, month=months.label(month)),
        question=say("maps.control_question", language), heading=say("maps.control_heading", language),
        notes=(
            basis,
            " ".join(
                [
                    say(f"control.basis_{found.basis}", language),
                    say("maps.source", language, releases=", ".join(found.releases)),
                ]
            ),
        ),
        labels=labels,
    )  # fmt: skip


def control_legend(language: Language | None = None) -> States:
    """Return the colours of the states of control, in two strengths by probability."""
    names: list[str] = ["unclear"]
    classes = [Class("#b39bc8", say("control.state.unclear", language))]
    bound = number(SURE, language)
    for state in ("held", "contested", "beyond"):
        full, light = COLOURS[state], _LIGHTER[state]
        said = say(f"control.state_short.{state}", language)
        names += [f"{state}_less", state]
        classes.append(
            Class(
                light,
                say("maps.less_sure", language, state=said, least=number(ENOUGH, language), bound=bound),
            )
        )
        classes.append(Class(full, say("maps.sure", language, state=said, bound=bound)))
    return States(tuple(names), tuple(classes))


def frame_name(frame: Frame, month: int, language: Language | None = None) -> str:
    """Return the name of what a frame shows, for a title."""
    if frame.whole:
        return say("maps.world", language)
    if frame.gws and len(frame.gws) == 1:
        return areas.country(frame.gws[0], month=month).name(language)
    return next(c.region_name(language) for c in areas.countries() if c.region == frame.name)
