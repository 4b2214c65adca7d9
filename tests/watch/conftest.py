"""A small panel of real countries with invented deaths."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tocsin import months
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel

SPAN = Span(months.parse("2009-01"), months.parse("2011-12"))
NIGER, MALI, SENEGAL, SUDAN, SOUTH_SUDAN, YUGOSLAVIA = 436, 432, 433, 625, 626, 345


@pytest.fixture(scope="session")
def panel() -> Panel:
    """Return 36 months: a war, a spike, a peace, a new state, a state not covered, one that ended in 2006."""
    gws = (YUGOSLAVIA, MALI, SENEGAL, NIGER, SUDAN, SOUTH_SUDAN)
    ordered = tuple(sorted(gws))
    deaths = np.zeros((len(gws), len(SPAN), 3), dtype=np.int32)
    covered = np.ones((len(gws), len(SPAN)), dtype=np.bool_)
    at = {gw: row for row, gw in enumerate(ordered)}
    deaths[at[SUDAN], :, 0] = 200
    deaths[at[MALI], -1, 0] = 60
    deaths[at[MALI], -1, 2] = 30
    deaths[at[SOUTH_SUDAN], -5:, 1] = 15
    covered[at[SOUTH_SUDAN], : months.parse("2011-07") - SPAN.first] = False
    covered[at[NIGER], -2:] = False
    covered[at[YUGOSLAVIA]] = False
    return Panel(
        level="country", scheme="gw", areas=ordered, span=SPAN, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=dt.date(2012, 1, 15), releases=("a release",),
    )  # fmt: skip
