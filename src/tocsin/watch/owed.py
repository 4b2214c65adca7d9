"""What the record still waits for: answers to warnings and requests, and promises that fall due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin import hindsight
from tocsin.ledger import Entry
from tocsin.ledger.entries import Commitment, Request, WarningEntry

LOOK_BACK = 366
"""Days for which an answer is still waited for."""

AHEAD = 92
"""Days ahead in which a promise is said to fall due."""

_ANSWERS = ("answers", "fulfils", "resolves")


@dataclass(frozen=True)
class Owed:
    """One thing waited for. days: since it was given, or until a promise is due (negative: overdue)."""

    entry: Entry
    days: int


def answers(entries: Sequence[Entry], *, as_of: dt.date) -> tuple[Owed, ...]:
    """Return the warnings and requests of the last year that nothing answers, the oldest first.

    A warning counts once, from when it was issued, unless a later entry of it ends it. Whoever answers an
    update answers its warning. What is dated after `as_of` is not known yet.
    """
    known = [one for one in entries if one.date.first <= as_of]
    first = hindsight.beginnings(known)
    links = (link.id for one in known for link in one.links if link.role in _ANSWERS)
    answered = {first.get(id, id) for id in links}
    ended = {
        first[one.id]
        for one in known
        if isinstance(one, WarningEntry) and one.status in ("cancelled", "expired", "resolved")
    }
    found = [
        Owed(one, (as_of - one.date.last).days)
        for one in known
        if isinstance(one, (WarningEntry, Request))
        and not (isinstance(one, WarningEntry) and one.status != "issued")
        and one.id not in answered | ended
        and 0 <= (as_of - one.date.last).days <= LOOK_BACK
    ]
    return tuple(sorted(found, key=lambda owed: (-owed.days, owed.entry.id)))


def promises(entries: Sequence[Entry], *, as_of: dt.date) -> tuple[Owed, ...]:
    """Return the promises still open that fall due within three months, or are overdue, the nearest first."""
    commitments = {one.id: one for one in entries if isinstance(one, Commitment)}
    found = []
    for promise in hindsight.promises(entries, as_of=as_of):
        if promise.standing not in ("open", "overdue", "denied"):
            continue
        one = commitments[promise.id]
        due = one.deadline.last if one.deadline is not None else one.review
        if due is not None and -LOOK_BACK <= (due - as_of).days <= AHEAD:
            found.append(Owed(one, (due - as_of).days))
    return tuple(sorted(found, key=lambda owed: (owed.days, owed.entry.id)))
