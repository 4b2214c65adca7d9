"""The state of an area at an origin, declared from its own deaths and nothing else.

Over the last 12 months, of one kind of deaths or their total:

    quiet     no deaths
    rising    at least 25 deaths, and the mean of the last 3 months is at least 1.5 times that of the 9 before
    falling   at least 25 deaths, and the mean of the last 3 months is at most half that of the 9 before:
              what is left after a spike
    steady    at least 25 deaths, neither rising nor falling, and deaths in at least 6 of the months
    sporadic  any other deaths

Months that are not covered do not count; an area without a covered month is `unknown`.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

State = Literal["quiet", "sporadic", "steady", "rising", "falling", "unknown"]

STATES: tuple[State, ...] = get_args(State)

YEAR = 12
RECENT = 3
ENOUGH = 25
RISE = 1.5
FALL = 0.5
ACTIVE_MONTHS = 6


def states(series: NDArray[np.int32], covered: NDArray[np.bool_]) -> NDArray[np.str_]:
    """Return the state of each area, a string [area], at the last month of `series` [area, month]."""
    counts = np.where(covered, series, 0)[:, -YEAR:]
    held = covered[:, -YEAR:]
    deaths = counts.sum(axis=1)
    recent = masked_mean(counts[:, -RECENT:], held[:, -RECENT:])
    before = masked_mean(counts[:, :-RECENT], held[:, :-RECENT])
    enough = deaths >= ENOUGH
    # A comparison with NaN is False: with nothing covered before, an area is neither rising nor falling.
    found = np.select(
        [
            ~held.any(axis=1),
            deaths == 0,
            enough & (recent >= RISE * before),
            enough & (recent <= FALL * before),
            enough & ((counts > 0).sum(axis=1) >= ACTIVE_MONTHS),
        ],
        ["unknown", "quiet", "rising", "falling", "steady"],
        "sporadic",
    )
    return found


def masked_mean(values: NDArray[np.int32], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean of the covered months of each row of [area, month]; NaN where none is."""
    count = mask.sum(axis=1)
    sums = np.where(mask, values, 0).sum(axis=1, dtype=np.float64)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)
