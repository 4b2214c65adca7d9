"""Small panels with invented deaths, and rules to ask of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from tocsin import months
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.warn import Rule

FIRST = months.parse("2009-01")
MALI, SENEGAL, NIGER = 432, 433, 436


def panel_of(
    series: Mapping[int, Sequence[int]], *, uncovered: Mapping[int, slice] | None = None,
    as_of: dt.date | None = None, basis: str = "as published", first: int = FIRST,
) -> Panel:  # fmt: skip
    """Return a panel from 2009-01, or `first`, with state-based deaths as given, by Gleditsch-Ward code."""
    areas = tuple(sorted(series))
    length = len(next(iter(series.values())))
    deaths = np.zeros((len(areas), length, len(KINDS)), dtype=np.int32)
    covered = np.ones((len(areas), length), dtype=np.bool_)
    for row, area in enumerate(areas):
        deaths[row, :, 0] = series[area]
        if uncovered and area in uncovered:
            covered[row, uncovered[area]] = False
            deaths[row, uncovered[area]] = 0
    span = Span(first, first + length - 1)
    day = as_of or months.last_day(span.last) + dt.timedelta(days=15)
    return Panel(
        level="country", scheme="gw", areas=areas, span=span, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=day, releases=("a release",), basis=basis,
    )  # fmt: skip


def rule(**changes: object) -> Rule:
    """Return a plain rule (25 deaths in 3 months, from one half) with some fields changed."""
    held: dict[str, object] = {
        "name": "plain", "threshold": 25, "window": 3, "trigger": 0.5, "cancel": 0.3,
        "titles": ("Plain rule", "Règle simple"),
    }  # fmt: skip
    return Rule(**held | changes)  # type: ignore[arg-type]
