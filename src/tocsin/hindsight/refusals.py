"""Dismissals: who set which warning aside, for what reason, and what followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.hindsight.alarms import Alarm, Result, beginnings
from tocsin.hindsight.outcomes import Followed, followed
from tocsin.ledger import Entry, When
from tocsin.ledger.entries import Dismissal
from tocsin.panel import Panel


@dataclass(frozen=True)
class Refusal:
    """One dismissal.

    answers: ids of what it dismissed. result: what came of the warning it dismissed, by whichever of its
    entries; None where that is no warning, or has not been issued in this ledger. closed: whether that is
    settled for good (`Alarm.closed`). exercise: whether the warning was one, which nobody had to heed.
    followed: deaths in its areas around its date.
    """

    id: str
    date: When
    areas: tuple[str, ...]
    by: tuple[str, ...]
    reason: str
    answers: tuple[str, ...]
    result: Result | None
    closed: bool
    exercise: bool
    followed: Followed


def refusals(entries: Sequence[Entry], panel: Panel, alarms: Sequence[Alarm]) -> tuple[Refusal, ...]:
    """Return every dismissal, in the order of the ledger; `alarms` are the warnings of the same entries."""
    warnings: Mapping[str, Alarm] = {alarm.id: alarm for alarm in alarms}
    first = beginnings(entries)
    found = []
    for entry in entries:
        if isinstance(entry, Dismissal):
            answers = tuple(link.id for link in entry.links if link.role == "answers")
            warned = next((warnings[first[id]] for id in answers if first.get(id) in warnings), None)
            found.append(
                Refusal(
                    id=entry.id, date=entry.date, areas=entry.areas, by=tuple(map(str, entry.by)),
                    reason=entry.reason, answers=answers,
                    result=None if warned is None else warned.result,
                    closed=warned is not None and warned.closed,
                    exercise=warned is not None and warned.exercise,
                    followed=followed(panel, entry.areas, entry.date),
                )
            )  # fmt: skip
    return tuple(found)
