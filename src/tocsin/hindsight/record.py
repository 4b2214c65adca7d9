"""What a ledger says of its own entries: when they were recorded, and which are called wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.ledger import Ledger, Recorded, When

BELATED_DAYS = 31
"""Days from the last day an entry's date may be to its recording, beyond which it is belated."""


@dataclass(frozen=True)
class Belated:
    """An entry recorded so long after its date that the record cannot show that it was said then."""

    id: str
    type: str
    date: When
    recorded: dt.date


@dataclass(frozen=True)
class LeftOut:
    """An entry that a correction calls wrong. corrected: the date of the correction, of the id `by`."""

    id: str
    type: str
    date: When
    by: str
    corrected: When


def known(ledger: Ledger, as_of: dt.date) -> tuple[list[Recorded], tuple[LeftOut, ...]]:
    """Return the entries in the order of the log but those called wrong by a day, and these."""
    held, wrong = ledger.entries(), ledger.corrections(as_of)
    dates = {one.entry.id: one.entry.date for one in held}
    left = tuple(
        LeftOut(one.id, one.type, one.date, wrong[one.id], dates[wrong[one.id]])
        for one in (recorded.entry for recorded in held)
        if one.id in wrong and one.date.first <= as_of
    )
    return [one for one in held if one.entry.id not in wrong], left


def belated(entries: Iterable[Recorded]) -> tuple[Belated, ...]:
    """Return the entries recorded more than `BELATED_DAYS` after the last day their date may be."""
    return tuple(
        Belated(one.entry.id, one.entry.type, one.entry.date, day)
        for one in entries
        if (day := dt.datetime.fromisoformat(one.recorded_at).date())
        > one.entry.date.last + dt.timedelta(days=BELATED_DAYS)
    )
