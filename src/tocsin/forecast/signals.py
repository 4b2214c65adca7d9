"""What steadies the present level: usual months, and numbers of events with the other kinds of violence.

How often people are killed is told with less noise than how many are: one massacre moves the deaths of a
month, and hardly the number of its events, nor the mean of the logs of the last months. What each of these
gains is in docs/skill.md (trials 40 to 56).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.features import decayed, windowed
from tocsin.forecast.laws import Floats

USUAL = "usual_1.5"
"""The present level of violence as usual months tell it (log1p of deaths a month)."""

STEADIED = "steadied_1.5"
"""The same as the numbers of events tell it."""

SIGNALS: tuple[str, ...] = (
    STEADIED, "events_1.5", "events_12", "events_36", "each_1.5", "each_12", "each_36",
    "others_1.5", "others_12", "others_36", "other_events_1.5", "other_events_12",
    "near_events_1.5", "near_events_12",
)  # fmt: skip
"""Names of the signals, in order: the steadied level, numbers of events, deaths an event, deaths and events
of the other kinds, events of all kinds in the areas that touch. All but `each` are log1p of amounts a month.
"""

EACH = 4.0
"""Deaths an event is taken to have where little is known: one such event a month is added to what is seen."""

OFFSET = 5.0
"""Deaths added to a month before its log is taken for USUAL."""

LONG = 24.0
"""Half-life, in months, of what is known of the deaths an event."""


def signals(
    deaths: Floats,
    events: Floats,
    others: Floats,
    other_events: Floats,
    covered: NDArray[np.bool_],
    contiguous: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return float32 [area, month, signal]; a month's signals read that month and earlier ones only.

    deaths, events: [area, month], of the kind that is forecast. others, other_events: of the other kinds.
    covered:        bool [area, month], where events are known; any other month is left out.
    contiguous:     bool [area, area], which areas touch.
    """
    near = contiguous.astype(np.float64) @ np.where(covered, events + other_events, 0.0)

    def told(values: Floats) -> list[Floats]:
        means = [decayed(values, covered, 1.5), *(windowed(values, covered, window) for window in (12, 36))]
        return [np.log1p(mean) for mean in means]

    own, dead, other = told(events), told(deaths), told(others)
    each = (decayed(deaths, covered, LONG) + EACH) / (decayed(events, covered, LONG) + 1)
    made = [np.log1p(decayed(events, covered, 1.5) * each)]
    made += [*own, *(d - e for d, e in zip(dead, own, strict=True)), *other]
    made += [*told(other_events)[:2], *told(near)[:2]]
    return np.stack(made, axis=-1).astype(np.float32)


def usual(deaths: Floats, covered: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return float32 [area, month]: USUAL, log1p of the geometric mean of the months up to each, newer ones
    weighing more; a month reads itself and earlier ones only. deaths, covered: as for `signals`."""
    # Relative to the offset, so that months without deaths are exactly none.
    logs = decayed(np.log1p(np.where(covered, deaths, 0.0) / OFFSET), covered, 1.5)
    return np.log1p(OFFSET * np.expm1(logs)).astype(np.float32)
