"""The panel a decision may read: what was published by then, or a later release cut by an assumed lag."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tocsin import months
from tocsin.errors import NotAssessed
from tocsin.panel import Panel

LAG = 1
"""Months of lag where none is given and no release was known: monthly releases come out in the next month."""

Source = Callable[[date], Panel]


def panel_for(month: int, source: Source, *, today: date, lag: int | None = None) -> tuple[Panel, int | None]:
    """Return the panel for a decision in a month, and the lag it was cut by (None: as published then).

    source: gives the panel as known on a day, or raises NotAssessed; today: the last day to ask it for.
    lag: whole months; with it, or where nothing was published by the month, the panel known today is cut.
    A decision in a month never reads that month. NotAssessed where no month of data is left.
    """
    day = months.last_day(month)
    if lag is None:
        try:
            published = source(min(day, today))
        except NotAssessed:
            lag = LAG
        else:
            return covered(published, before=month), None
    latest = source(today)
    return covered(latest.known(min(day, latest.as_of), lag), before=month), lag


def covered(panel: Panel, *, before: int) -> Panel:
    """Return the panel up to the last month before another that is covered for any area.

    NotAssessed where there is none.
    """
    newest = panel.newest(before=before)
    if newest is None:
        raise NotAssessed("decide.nothing_covered", month=months.label(before))
    return panel.until(newest)
