"""The tables of the ground: control, neighbours, and force against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tocsin import areas, decide, months
from tocsin import control as controls
from tocsin.bulletin import Align, Block, Paragraph, Table
from tocsin.control import Control
from tocsin.decide.words import rounded
from tocsin.errors import NotAssessed, UnknownName
from tocsin.ledger.entries import Deployment
from tocsin.months import Span
from tocsin.replay.numbers import UNKNOWN, head, pairs
from tocsin.replay.replay import Replay
from tocsin.replay.timeline import letter
from tocsin.text import Language, number, say

PROVINCES = 6


def control(found: Replay, language: Language) -> Iterator[Block]:
    """Yield who controlled which province at each turning point, as far as was known then."""
    points = found.case.turning_points
    origins = [
        [months.parse(facts["origin"]) if facts["assessed"] else None for facts in found.facts(point.id)]
        for point in points
    ]
    known = [origin for row in origins for origin in row if origin is not None]
    held = None
    if known:
        # Evidence lasts twelve months: those before the first count when provinces are chosen.
        first = max(min(known) - controls.MEMORY + 1, found.outcomes.span.first)
        held = _held(found, Span(first, max(known)))
    if held is None:
        yield Paragraph(say("replay.account.control_absent", language))
        return
    events = held.events.sum(axis=1)
    busiest = sorted(
        (row for row in np.argsort(-events, kind="stable")[:PROVINCES] if events[row]),
        key=lambda row: held.names[row],
    )
    if not busiest:
        yield Paragraph(say("replay.account.control_quiet", language))
        return
    rows = tuple(
        (held.names[row], *(_cell(held, int(row), months_of, language) for months_of in origins))
        for row in busiest
    )
    header = ("", *(f"{letter(place)}  {point.month}" for place, point in enumerate(points)))
    yield Table(
        header, rows, _aligned("left", len(points)), (None, *([1.0] * len(points))),
        caption=say("replay.account.control_caption", language),
    )  # fmt: skip
    yield Paragraph(say("replay.account.control_note", language), "small")


def _held(found: Replay, span: Span) -> Control | None:
    try:
        return controls.control(found.case.gw, span=span, as_of=found.outcomes.as_of, method="filtered")
    except (NotAssessed, UnknownName):
        return None


def _cell(held: Control, row: int, origins: list[int | None], language: Language) -> str:
    return pairs([_state(held, row, origin, language) for origin in origins])


def _state(held: Control, row: int, origin: int | None, language: Language) -> str:
    if origin is None:
        return UNKNOWN
    state, chance = held.state(held.units[row], origin)
    if chance is None:
        return UNKNOWN
    return f"{say(f'control.state_short.{state}', language)} {round(100 * chance)}"


def neighbours(found: Replay, language: Language) -> Iterator[Block]:
    """Yield deaths in the 12 months known at each turning point, of the country and its neighbours if any."""
    points = found.case.turning_points
    # A neighbour that has ended by the last month is called what it was when it was known.
    known = {
        row["gw"]: months.parse(facts["origin"])
        for point in points
        for facts in found.facts(point.id)
        for row in facts.get("neighbours", ())
    }
    rows = []
    for gw in (found.case.gw, *(gw for gw in found.case.neighbours if gw in known)):
        cells = []
        for point in points:
            cells.append(
                pairs([_deaths(facts, gw, found.case.gw, language) for facts in found.facts(point.id)])
            )
        state = areas.country(gw, month=known[gw]) if gw in known else found.country
        rows.append((state.name(language), *cells))
    header = (
        say("replay.account.col_area", language),
        *(f"{letter(place)}  {point.month}" for place, point in enumerate(points)),
    )
    beside = len(rows) > 1
    yield Table(
        header, tuple(rows), _aligned("right", len(points)), (1.3, *(1.0 for _ in points)),
        caption=say(f"replay.account.{'neighbours' if beside else 'home'}_caption", language),
    )  # fmt: skip
    if beside:
        yield Paragraph(say("replay.account.neighbours_note", language), "small")


def _deaths(facts: Mapping[str, Any], gw: int, own: int, language: Language) -> str:
    if not facts["assessed"]:
        return UNKNOWN
    beside = {row["gw"]: row["deaths_12"] for row in facts["neighbours"]}
    value = facts["deaths_12"] if gw == own else beside.get(gw)
    return UNKNOWN if value is None else number(int(value), language)


def force(found: Replay, numbers: Mapping[str, int], language: Language) -> Iterator[Block]:
    """Yield troops of each deployment in the record beside the ground they were to hold."""
    rows, notes = [], []
    # A force may have been there before the state was: then it is set against the ground of its first month.
    begins = min(months.of_date(state.start) for state in areas.countries() if state.gw == found.case.gw)
    for one in found.case.of_type("deployment"):
        if not isinstance(one, Deployment) or not one.strength:
            continue
        month = min(max(months.of_date(one.start.last), begins), found.outcomes.span.last)
        made = decide.force(found.case.gw, troops=one.strength, month=month, as_of=found.outcomes.as_of)
        ratios = made.grounds[0]
        rows.append(
            (
                f"{found.case.party(one.force.name, language)} ({numbers[one.id]})",
                number(one.strength, language),
                rounded(ratios.per_thousand_people, language), rounded(ratios.per_thousand_km2, language),
                rounded(ratios.per_active_cell, language), rounded(ratios.per_event, language),
            )
        )  # fmt: skip
        persons = ratios.ground.persons
        notes.append(
            say(
                "replay.account.force_note", language, month=months.label(month),
                km2=number(round(ratios.ground.km2), language), texas=rounded(made.texas, language),
                people=UNKNOWN if persons is None else number(persons, language),
            )
        )  # fmt: skip
    if not rows:
        yield Paragraph(say("replay.account.force_absent", language))
        return
    policing, stabilisation = decide.BENCHMARKS
    benchmark = say(
        "replay.account.force_benchmark", language, stabilisation=number(stabilisation.low, language),
        policing=f"{number(policing.low, language)}–{number(policing.high or 0, language)}",
    )  # fmt: skip
    names = ("force", "troops", "per_people", "per_km2", "per_cell", "per_event")
    yield Table(
        head(*names, language=language), tuple(rows),
        ("left", "right", "right", "right", "right", "right"), (2.0, 0.8, 1.2, 1.0, 1.0, 1.1),
        caption=f"{say('replay.account.force_caption', language)} ({benchmark})",
    )  # fmt: skip
    yield Paragraph(" ".join(dict.fromkeys(notes)), "small")


def _aligned(align: Align, columns: int) -> tuple[Align, ...]:
    return "left", *([align] * columns)
