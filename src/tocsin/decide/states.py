"""States of an area, declared from its own deaths: what the price of delay is a chain of.

Over the last 12 months, all kinds of deaths together, and the time since such a sum was last 25 or more:

    high        at least 1,000 deaths
    low         25 to 999 deaths
    recovery-N  fewer than 25, and the last month of low or high lies N years back (1, 2, 3, 4, 5 to 10)
    tension     1 to 24, and none of low or high in ten years
    peace       none, and none of low or high in ten years

Recovery goes before tension: what is published about relapse counts years since a conflict ended, whether or
not a few deaths go on, and a few deaths soon after a war are the rule. How much they matter for one area
comes in by its forecast.

Where months of the twelve are not covered, the deaths counted are the fewest there can have been: they
settle `high` and no other state. Months before an area's first are not such a gap: the state, or the data,
begin there.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadInput
from tocsin.kinds import Target
from tocsin.panel import Panel
from tocsin.text import Language, say

State = Literal[
    "peace", "tension", "recovery-1", "recovery-2", "recovery-3", "recovery-4", "recovery-5", "low", "high"
]

STATES: tuple[State, ...] = get_args(State)

YEAR = 12
CONFLICT = 25
WAR = 1000
MEMORY = 10
"""Years for which a conflict that ended is remembered."""

PEACE, TENSION, FIRST_RECOVERY, LAST_RECOVERY, LOW, HIGH = 0, 1, 2, 6, 7, 8
UNKNOWN = -1


def name_of(state: str, language: Language | None = None) -> str:
    """Return what a state is called."""
    return say(f"decide.state.{state.replace('-', '_')}", language)


def monthly(panel: Panel, target: Target = "total") -> NDArray[np.int8]:
    """Return the state of each area at the end of each month: int8 [area, month], an index into `STATES`.

    -1 where it is not known: the month is not covered, or others of the 12 are not and leave more than one
    state possible.
    A conflict before the panel begins is not remembered. BadInput unless the panel is of countries.
    """
    if panel.level != "country":
        raise BadInput("decide.not_countries", level=panel.level)
    return classify(panel.series(target), panel.covered)


def classify(series: NDArray[np.int32], covered: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return states int8 [area, month] of deaths [area, month] and their mask, as `monthly`."""
    deaths = trailing(np.where(covered, series, 0), YEAR)
    whole = trailing(covered.astype(np.int64), YEAR) == YEAR
    missing = np.maximum.accumulate(covered, axis=1) & ~covered
    gapless = trailing(missing.astype(np.int64), YEAR) == 0
    conflict = covered & (deaths >= CONFLICT)
    known = covered & (whole | (deaths >= WAR) | (conflict & gapless))
    month = np.arange(series.shape[1])
    # Low at the least, whatever a gap hides: what follows is a recovery.
    last = np.maximum.accumulate(np.where(conflict, month, -1), axis=1)
    since = np.where(last >= 0, month - last, YEAR * MEMORY + 1)
    year = np.minimum((since - 1) // YEAR, LAST_RECOVERY - FIRST_RECOVERY)
    found: NDArray[np.int64] = np.select(
        [~known, deaths >= WAR, conflict, since <= YEAR * MEMORY, deaths > 0],
        [UNKNOWN, HIGH, LOW, FIRST_RECOVERY + year, TENSION],
        PEACE,
    )
    return found.astype(np.int8)


def trailing(values: NDArray[np.int64] | NDArray[np.int32], months: int) -> NDArray[np.int64]:
    """Return int64 [area, month]: the sum of each month and the `months` - 1 before it."""
    total = np.cumsum(values, axis=1, dtype=np.int64)
    out = total.copy()
    out[:, months:] -= total[:, :-months]
    return out


def group(state: int) -> int:
    """Return 1 for low, 2 for high, 0 for any other state."""
    return max(state - LAST_RECOVERY, 0)
