"""A small invented panel with onsets, spikes and a country that begins late."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tocsin import months
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel

AREAS = (432, 433, 434, 625, 626)
"""Mali, Senegal, Benin, Sudan, and South Sudan, which begins in July 2011."""


def invented(last: str = "2015-12", *, seed: int = 7) -> Panel:
    span = Span(months.parse("2008-01"), months.parse(last))
    random = np.random.default_rng(seed)
    deaths = np.zeros((len(AREAS), len(span), len(KINDS)), dtype=np.int32)
    for row, rate in enumerate((8.0, 0.0, 0.3, 60.0, 40.0)):
        level = rate * np.exp(np.cumsum(random.normal(0, 0.3, len(span))).clip(-2, 2))
        deaths[row] = random.poisson(np.outer(level, (1.0, 0.4, 0.2)))
    covered = np.ones(deaths.shape[:2], dtype=np.bool_)
    covered[-1, : months.parse("2011-07") - span.first] = False
    covered[1, months.parse("2014-06") - span.first] = False
    deaths[~covered] = 0
    return Panel(
        level="country", scheme="gw", areas=AREAS, span=span, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=dt.date(2020, 1, 1), releases=("invented-1",),
    )  # fmt: skip


@pytest.fixture(scope="session")
def panel() -> Panel:
    return invented()
