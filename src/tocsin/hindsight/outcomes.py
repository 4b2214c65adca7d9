"""What came before and after an entry in its areas: deaths, and how long after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import months
from tocsin.kinds import Target
from tocsin.ledger import When
from tocsin.panel import Panel

YEAR = 12
CONFLICT = 25
"""Deaths in twelve months from which UCDP counts an armed conflict."""


@dataclass(frozen=True)
class Followed:
    """Deaths in the areas of an entry around its date, in whole months.

    before: in the 12 months before the month of the first day that its date may be. after_3, after_12,
    after_24: in the months from that of the last such day on, which is among them. Months between the two
    are in no count: nobody knows on which side of the entry they lie. months_to_25: months from that of the
    last day (1: in it) until 25 deaths had been reached; None if they were not in 24 months. Every count is
    None where a month of it is not covered: not assessed, never 0.
    """

    before: int | None
    after_3: int | None
    after_12: int | None
    after_24: int | None
    months_to_25: int | None


def states_of(areas: Sequence[str]) -> tuple[int, ...]:
    """Return the Gleditsch-Ward codes among the areas of an entry."""
    return tuple(int(code) for scheme, _, code in (area.partition(":") for area in areas) if scheme == "gw")


def counted(
    panel: Panel, states: Sequence[int], first: int, last: int, kind: Target = "total"
) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """Return deaths in states together from month `first` to `last`, and where all of them are covered.

    Both are [month]. None where the panel does not hold a state or a month.
    """
    held = [panel.index(gw) for gw in states if gw in panel.areas]
    if not states or len(held) != len(states) or first not in panel.span or last not in panel.span:
        return None
    window = slice(first - panel.span.first, last - panel.span.first + 1)
    found: NDArray[np.int64] = panel.series(kind)[held, window].sum(axis=0, dtype=np.int64)
    return found, np.all(panel.covered[held, window], axis=0)


def deaths(panel: Panel, states: Sequence[int], first: int, last: int) -> NDArray[np.int64] | None:
    """Return int64 [month], deaths in states together from month `first` to `last`; None if not covered."""
    held = counted(panel, states, first, last)
    return held[0] if held is not None and held[1].all() else None


def followed(panel: Panel, areas: Sequence[str], date: When) -> Followed:
    """Return what came before and after a date in the states among `areas`."""
    states, first, month = states_of(areas), months.of_date(date.first), months.of_date(date.last)

    def total(start: int, end: int) -> int | None:
        held = deaths(panel, states, start, end)
        return None if held is None else int(held.sum())

    known = deaths(panel, states, month, min(month + 2 * YEAR - 1, panel.span.last))
    reached = None if known is None else np.flatnonzero(known.cumsum() >= CONFLICT)
    return Followed(
        before=total(first - YEAR, first - 1),
        after_3=total(month, month + 2),
        after_12=total(month, month + YEAR - 1),
        after_24=total(month, month + 2 * YEAR - 1),
        months_to_25=int(reached[0]) + 1 if reached is not None and reached.size else None,
    )
