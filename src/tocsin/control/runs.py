"""Control told in runs: from when to when a unit was in one state, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from tocsin.control.control import Control
from tocsin.control.evidence import Unit


@dataclass(frozen=True)
class Run:
    """Months in a row in which the answer for a unit is the same.

    state: `held`, `contested`, `beyond`, `unclear` or `unknown`; low, high: least and greatest probability of
    the likeliest state in these months, None where unknown. events: in these months.
    """

    unit: Unit
    first: int
    last: int
    state: str
    low: float | None
    high: float | None
    events: int


def runs(found: Control) -> tuple[Run, ...]:
    """Return the runs of every unit, unit by unit, in order of time."""
    told = []
    for row, unit in enumerate(found.units):
        answers = [(month, *found.state(unit, month)) for month in found.span]
        for state, group in groupby(answers, key=lambda answer: answer[1]):
            months_of = list(group)
            chances = [chance for _, _, chance in months_of if chance is not None]
            first, last = months_of[0][0], months_of[-1][0]
            within = found.events[row, first - found.span.first : last - found.span.first + 1]
            told.append(
                Run(
                    unit, first, last, state, min(chances, default=None), max(chances, default=None),
                    int(within.sum()),
                )
            )  # fmt: skip
    return tuple(told)
