"""A case made of a country and a span alone: nothing recorded, turning points read off the deaths."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence

import numpy as np

from tocsin import areas, months
from tocsin.errors import BadInput, UnknownName
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.replay.case import Both, Case, TurningPoint
from tocsin.replay.lines import Lines
from tocsin.replay.outlook import AHEAD, DEATHS
from tocsin.text import LANGUAGES, say

MOST = 5
"""Turning points at most."""


def case_of(
    country: str, span: Span, outcomes: Panel, *, lags: Sequence[int] = (1, 7), compiled: dt.date
) -> Case:
    """Return a case without entries for a country and the months of `span`.

    outcomes: the release in hand. Its deadliest three months of each year become turning points, the five
    deadliest years at most, where 25 died: chosen afterwards, and named so.
    Raises UnknownName for a country that does not exist in the last month, BadInput for no lag.
    """
    if not lags:
        raise BadInput("replay.no_lag")
    state = areas.country(country, month=months.span(span, "span").last)
    name = f"{(state.iso3 or str(state.gw)).lower()}-{months.label(span.first)}-{months.label(span.last)}"

    def both(key: str, **values: object) -> Both:
        return Both(**{one: say(key, one, country=state.name(one), **values) for one in LANGUAGES})

    first, last = months.label(span.first), months.label(span.last)
    points = tuple(
        TurningPoint(month=months.label(month), name=both("replay.country.point", year=str(year)))
        for year, month in deadliest(outcomes, state.gw, span)
    )
    return Case(
        name=name, title=both("replay.country.title", first=first, last=last), gw=state.gw,
        neighbours=_neighbours(state.gw, span), span=span, lags=tuple(lags),
        compiled=compiled, turning_points=points,
        limits=(both("replay.country.limit" if points else "replay.country.limit_none"),),
        entries=(), parties={}, lines=Lines(name),
    )  # fmt: skip


def _neighbours(gw: int, span: Span) -> tuple[int, ...]:
    """Return the states that touch a state in any month of a span: borders move."""
    found: set[int] = set()
    for month in span:
        with contextlib.suppress(UnknownName):
            found.update(areas.neighbours(gw, month=month))
    return tuple(sorted(found))


def deadliest(outcomes: Panel, gw: int, span: Span) -> list[tuple[int, int]]:
    """Return (year, month) of the deadliest three months of each year, in the order of time."""
    if gw not in outcomes.areas:
        return []
    row = outcomes.index(gw)
    series = np.where(outcomes.covered[row], outcomes.series("total")[row], 0)
    found = []
    for year in range(months.first_day(span.first).year, months.first_day(span.last).year + 1):
        inside = [
            month
            for month in Span(months.month_id(year, 1), months.month_id(year, 12))
            if month in span and month in outcomes.span and month + AHEAD - 1 in outcomes.span
        ]
        sums = {
            m: int(series[m - outcomes.span.first : m - outcomes.span.first + AHEAD].sum()) for m in inside
        }
        worst = max(sums, key=lambda month: (sums[month], -month), default=None)
        if worst is not None and sums[worst] >= DEATHS:
            found.append((sums[worst], year, worst))
    chosen = sorted(found, reverse=True)[:MOST]
    return sorted((year, month) for _, year, month in chosen)
