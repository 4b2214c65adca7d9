"""The maps of risk, by country, province or cell, and of control, by province or cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from tocsin import areas, months
from tocsin.control import COLOURS, ENOUGH, Control, left_out_notes
from tocsin.errors import NotAssessed
from tocsin.forecast import Forecast
from tocsin.local import LocalForecast
from tocsin.maps.frame import WEST_AFRICA, Frame, country_frame
from tocsin.maps.legend import CHANCES, Class, States, chances
from tocsin.maps.map import Area, Map
from tocsin.panel import released
from tocsin.text import Language, number, percent, say

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
        notes=(method, say("maps.source", language, releases=released(releases, language))), labels=labels,
    )  # fmt: skip


def places_map(
    made: LocalForecast, frame: Frame, *, as_of: dt.date, releases: Sequence[str], parent: str,
    language: Language | None = None,
) -> Map:  # fmt: skip
    """Return the map of P(any death in a located event in the three months after the origin), by place.

    made: a forecast of cells or admin-1 units, steps 1 to 3 at least; parent: the method of its states. A
    place whose draws are all zero falls in the lowest class; one not assessed is hatched.
    """
    chance = made.probability(1, last=AHEAD)
    values: dict[Area, float | str | None] = {
        area: None if np.isnan(value) else float(value)
        for area, value in zip(made.areas, chance, strict=True)
    }
    labels: dict[Area, str] = {}
    for place in np.argsort(-np.nan_to_num(chance, nan=-1.0), kind="stable"):
        if made.level == "admin1" and made.assessed[place]:
            name = areas.admin1(str(made.areas[place])).name
            labels[made.areas[place]] = f"{name}\n{_percent(float(chance[place]), language)}"
    kind, where = say(f"kinds.{made.target}", language), frame_name(frame, made.origin, language)
    first, last = months.label(made.origin + 1), months.label(made.origin + AHEAD)
    method = say(
        "maps.places_method", language, method=made.method, parent=parent, origin=months.label(made.origin),
        as_of=as_of.isoformat(),
    )  # fmt: skip
    return Map(
        level=made.level, month=made.origin, frame=frame, values=values,
        legend=chances(language),
        title=say("maps.risk_title", language, where=where, first=first, last=last),
        question=say(f"maps.places_question_{made.level}", language, kind=kind, ahead=AHEAD),
        heading=say("maps.risk_heading", language),
        notes=(
            method,
            f"{say('maps.located_only', language)} "
            f"{say('maps.source', language, releases=released(releases, language))}",
        ),
        labels=labels,
    )  # fmt: skip


def _percent(value: float, language: Language | None) -> str:
    """Return a probability in per cent; one below the legend's first class never reads as its edge."""
    return say("text.percent", language, value="<1") if value < CHANCES[0] else percent(value, language)


def control_map(
    found: Control | Sequence[Control], month: int, language: Language | None = None, *,
    frame: Frame | None = None,
) -> Map:  # fmt: skip
    """Return the map of who controls the units of one country, or of several, in a month.

    found: the answers, of one level, method and day. frame: what is shown; the country when None.
    NotAssessed outside their months, or for one country without an event up to then.
    """
    answers = [found] if isinstance(found, Control) else list(found)
    if len(answers) == 1:
        answers[0].check_units()
    one = answers[0]
    values: dict[Area, float | str | None] = {}
    labels: dict[Area, str] = {}
    for answer in answers:
        if month not in answer.span:
            raise NotAssessed("control.month_outside", month=months.label(month), span=str(answer.span))
        for row, unit in enumerate(answer.units):
            name = answer.named(row, language)
            state, chance = answer.state(unit, month)
            labels[unit] = name
            values.setdefault(unit, None)
            if chance is not None:
                values[unit] = control_class(state, chance)
                labels[unit] = f"{name}\n{number(chance, language, decimals=2)}"
    # Where labels would cover each other the first stays: what is known before what is not.
    labels = {unit: labels[unit] for unit in sorted(labels, key=lambda unit: values[unit] is None)}
    shown = frame or country_frame(one.gw, month=month)
    where = frame_name(shown, month, language)
    basis = say(f"control.method_{one.method}", language, as_of=one.as_of.isoformat())
    releases = sorted({release for answer in answers for release in answer.releases})
    told = [say(f"control.basis_{kind}", language) for kind in sorted({a.basis for a in answers})]
    told += left_out_notes(answers, language)
    about = set(shown.gws or (state.gw for state in areas.countries(month=month)))
    if missing := about - {answer.gw for answer in answers}:
        told.append(say("maps.states_not_covered", language, count=len(missing), total=len(about)))
    # Covered, and yet hatched: a cell is one from its first event on.
    if empty := sum(not answer.units for answer in answers):
        told.append(say("maps.states_without_events", language, count=empty, total=len(about)))
    return Map(
        level=one.level, month=month, frame=shown, values=values, legend=control_legend(language),
        title=say("maps.control_title", language, where=where, month=months.label(month)),
        question=say("maps.control_question", language), heading=say("maps.control_heading", language),
        notes=(basis, " ".join([*told, say("maps.source", language, releases=released(releases, language))])),
        labels=labels, unsaid=say("maps.unknown", language),
    )  # fmt: skip


def control_class(state: str, chance: float) -> str:
    """Return the name in `control_legend` of the colour of a state that has a probability."""
    return state if chance >= SURE or state == "unclear" else f"{state}_less"


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
    if frame.name == WEST_AFRICA:
        return say("maps.west_africa", language)
    return areas.region_name(frame.name, language)
