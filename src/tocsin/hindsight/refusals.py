"""Dismissals: who set which warning aside, for what reason, and what followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.hindsight.alarms import Alarm, Result
from tocsin.hindsight.outcomes import Followed, followed
from tocsin.ledger import Entry
from tocsin.ledger.entries import Dismissal
from tocsin.panel import Panel


@dataclass(frozen=True)
class Refusal:
    """One dismissal.

    answers: ids of what it dismissed. result: what came of the warning it dismissed; None where that is no
    warning, or has not been issued in this ledger. followed: deaths in its areas around its day.
    """

    id: str
    date: dt.date
    areas: tuple[str, ...]
    by: tuple[str, ...]
    reason: str
    answers: tuple[str, ...]
    result: Result | None
    followed: Followed


def refusals(entries: Sequence[Entry], panel: Panel, alarms: Sequence[Alarm]) -> tuple[Refusal, ...]:
    """Return every dismissal, in the order of the ledger; `alarms` are the warnings of the same entries."""
    results: Mapping[str, Result] = {alarm.id: alarm.result for alarm in alarms}
    found = []
    for entry in entries:
        if isinstance(entry, Dismissal):
            answers = tuple(link.id for link in entry.links if link.role == "answers")
            found.append(
                Refusal(
                    id=entry.id, date=entry.date.first, areas=entry.areas, by=tuple(map(str, entry.by)),
                    reason=entry.reason, answers=answers,
                    result=next((results[id] for id in answers if id in results), None),
                    followed=followed(panel, entry.areas, entry.date.last),
                )
            )  # fmt: skip
    return tuple(found)
