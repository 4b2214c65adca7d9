"""Maps of what crosses borders: from state to state, with arrows, and into single cells."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tocsin import areas, months
from tocsin.maps.frame import Frame
from tocsin.maps.legend import MAGMA, Class, States
from tocsin.maps.map import CONTEXT, Area, Map
from tocsin.maps.views import frame_name
from tocsin.panel import released
from tocsin.spillover import REACH_KM, CellSpillover, FittedSpillover, Link, has_cells
from tocsin.spillover.links import strongest
from tocsin.text import Language, number, points, say

BOUNDS = (-0.005, 0.005, 0.01, 0.02, 0.05, 0.10)
"""Bounds of the classes of a part of a probability: less, almost nothing, then more and more."""

ARROWS = 15
"""The most links that are drawn as arrows."""

_NAMES = ("less", "nothing", "1", "2", "3", "4", "5")
_COLOURS = ("#7fb2d9", "#f5f0dc", MAGMA[1], MAGMA[2], MAGMA[3], MAGMA[5], MAGMA[6])


def spillover_map(
    found: FittedSpillover, frame: Frame, *, as_of: dt.date, language: Language | None = None
) -> Map:
    """Return the map of the links between states at the end of a month, by the last question asked.

    The frame of one country: each state within reach by its part in that country's probability. Of a
    region: each state by what all within its reach add together. Arrows are the strongest links shown.
    NotAssessed for one country where it, or every state within its reach, is not covered.
    """
    last = found.regressions[-1]
    codes = {"at_least": last.at_least, "within": last.within}
    alone = frame.gws[0] if frame.gws and len(frame.gws) == 1 else None
    drawn = _around(found, alone, language) if alone is not None else _among(found, frame.gws, language)
    question = "one" if alone is not None else "many"
    where = frame_name(frame, found.month, language)
    source = say("maps.source", language, releases=released(found.terms.panel.releases, language))
    return Map(
        level="country", month=found.month, frame=frame, values=drawn.values,
        legend=_legend("self" if alone is not None else "far", language),
        title=_title(where, found.month, found.terms.target, language),
        question=say(f"maps.spillover_question_{question}", language, where=where, **codes),
        heading=say("maps.spillover_heading", language),
        notes=(
            say("maps.spillover_method", language, km=int(REACH_KM), as_of=as_of.isoformat()),
            " ".join([*found.left_out("maps.spillover_left_out", language), source]),
        ),
        labels=drawn.labels,
        arrows=tuple(
            (link.source, link.target, 0.8 + 25 * min(_added(link), 0.1))
            for link in reversed(drawn.links)
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class _Drawn:
    """What is drawn of links: by state its class and its label, and the links, strongest first."""

    values: dict[Area, float | str | None]
    labels: dict[Area, str]
    links: Sequence[Link]


def _around(found: FittedSpillover, alone: int, language: Language | None) -> _Drawn:
    """Return what each state within reach of one state adds there."""
    one = found.of(alone)
    one.check_known()
    # Without a cell of its own nobody measured how far the others are.
    measured = has_cells(alone, month=found.month)
    values: dict[Area, float | str | None] = {
        state.gw: "far" if measured and state.gw in found.terms.near else None
        for state in areas.countries(month=found.month)
    }
    values |= dict.fromkeys(one.not_assessed)
    values[alone] = "self"
    labels: dict[Area, str] = {alone: areas.country(alone, month=found.month).name(language)}
    for link in one.links:
        part = _added(link)
        values[link.source] = _class(part) if link.deaths_12 else "nothing"
        if link.deaths_12:
            name = areas.country(link.source, month=found.month).name(language)
            labels[link.source] = f"{name}\n{points(part, language, decimals=1)}"
    return _Drawn(values, labels, _arrows(one.links))


def _among(found: FittedSpillover, gws: Sequence[int] | None, language: Language | None) -> _Drawn:
    """Return what all states within reach of each state of a region add to it together."""
    states = [state.gw for state in areas.countries(month=found.month)]
    shown = set(gws or states)
    told = [found.of(gw) for gw in sorted(shown & set(found.terms.near))]
    added = {one.gw: one.together[-1].added for one in told}
    values: dict[Area, float | str | None] = {gw: "far" if gw not in shown else None for gw in states}
    # Nothing is added where nothing around is known: that is no calm.
    values |= {one.gw: _class(added[one.gw]) if one.known else None for one in told}
    links = _arrows(link for one in told for link in one.links)
    labels: dict[Area, str] = {
        gw: f"{_code(gw, found.month, language)}\n{points(part, language, decimals=1)}"
        for gw, part in sorted(added.items(), key=lambda item: -item[1])
        if part >= BOUNDS[3]
    }
    # An arrow whose ends have no name says nothing.
    for gw in [end for link in links for end in (link.source, link.target)]:
        labels.setdefault(gw, _code(gw, found.month, language))
    return _Drawn(values, labels, links)


def _arrows(links: Iterable[Link]) -> Sequence[Link]:
    return [link for link in strongest(links) if _added(link) >= BOUNDS[1]][:ARROWS]


def _added(link: Link) -> float:
    return link.changes[-1].added


def spillover_cells_map(
    found: Sequence[CellSpillover], frame: Frame, *, month: int, target: str, areas_known: Sequence[int],
    as_of: dt.date, releases: Sequence[str], language: Language | None = None,
) -> Map:  # fmt: skip
    """Return the map of what violence across borders adds to the next month of each cell.

    target: the kind of deaths. areas_known: the cells that the model covers; one of them without past events
    near it has nothing added.
    """
    values: dict[Area, float | str | None] = dict.fromkeys(areas_known, "nothing")
    values |= {cell.gid: _class(cell.abroad) for cell in found}
    where = frame_name(frame, month, language)
    return Map(
        level="cell", month=month, frame=frame, values=values, legend=_legend(None, language),
        title=_title(where, month, target, language),
        question=say("maps.spillover_question_cell", language),
        heading=say("maps.spillover_heading", language),
        notes=(
            say("maps.spillover_cells_method", language, as_of=as_of.isoformat()),
            f"{say('maps.located_only', language)} "
            f"{say('maps.source', language, releases=released(releases, language))}",
        ),
    )  # fmt: skip


def _title(where: str, month: int, target: str, language: Language | None) -> str:
    kind = say(f"kinds.{target}", language)
    return say("maps.spillover_title", language, where=where, kind=kind, month=months.label(month))


def _code(gw: int, month: int, language: Language | None) -> str:
    state = areas.country(gw, month=month)
    return state.iso3 or state.name(language)


def _class(part: float) -> str:
    return _NAMES[bisect.bisect_right(BOUNDS, part)]


def _legend(extra: str | None, language: Language | None) -> States:
    """Return the classes of a part, with those that only a map of one country, or of a region, has."""
    bounds = [number(abs(100 * bound), language) for bound in BOUNDS]
    said = [
        say("maps.part_less", language, low=bounds[0]),
        say("maps.part_nothing", language, high=bounds[1]),
        *(say("maps.part_between", language, low=a, high=b) for a, b in pairwise(bounds[1:])),
        say("maps.part_more", language, low=bounds[-1]),
    ]
    names = list(_NAMES)
    classes = [Class(colour, text) for colour, text in zip(_COLOURS, said, strict=True)]
    if extra == "self":
        names = ["far", "self", *names]
        classes = [
            Class(CONTEXT, say("maps.part_far", language, km=int(REACH_KM))),
            Class("#ffffff", say("maps.part_self", language)),
            *classes,
        ]
    elif extra == "far":
        names, classes = ["far", *names], [Class(CONTEXT, say("maps.outside", language)), *classes]
    return States(tuple(names), tuple(classes))
