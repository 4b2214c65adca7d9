"""The shipped figures as a decision sees them, made once."""

from __future__ import annotations

import datetime as dt

import pytest

from tocsin import figures, months
from tocsin.decide import Evidence
from tocsin.panel import Panel

TODAY = dt.date(2025, 12, 31)
EVE = dt.date(2012, 1, 31)


@pytest.fixture(scope="session")
def shipped() -> Panel:
    return figures.panel(as_of=TODAY)


@pytest.fixture(scope="session")
def evidence(shipped: Panel) -> Evidence:
    """What was known of January 2012 at a lag of one month, with few draws."""
    return Evidence.of(shipped.known(EVE, 1), month=months.parse("2012-01"), samples=300)
