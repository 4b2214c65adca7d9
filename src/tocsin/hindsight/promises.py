"""Commitments: kept, late, broken or denied, by what the ledger holds of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from tocsin.ledger import Entry, When
from tocsin.ledger.entries import Commitment, Denial, Fulfilment, Outcome

_Entry = TypeVar("_Entry", bound=Entry)

Standing = Literal[
    "kept", "kept_time_unknown", "partly_kept", "late", "broken", "denied", "overdue", "open"
]  # fmt: skip

_RESULTS: dict[str, Standing] = {
    "kept": "kept", "succeeded": "kept", "partly_kept": "partly_kept", "late": "late", "broken": "broken",
    "failed": "broken",
}  # fmt: skip


@dataclass(frozen=True)
class Promise:
    """One commitment and where it stands on a day.

    standing: what a recorded outcome says; else by its fulfilment: kept, partly kept, or late, or
              `kept_time_unknown` where its date reaches from before the deadline to after it; else denied;
              else `overdue`, its deadline has passed and nothing is recorded (which is not proof that it was
              broken); else `open`. denied: whether it was ever denied.
    settled:  whether that is how it ended: a recorded outcome says so; or its deadline has passed, or it had
              none and was met in full, and it is neither overdue nor kept at a time not known.
    days:     from the promise to its fulfilment; None without one, or where either date is no single day.
    evidence: ids of the entries that say so.
    """

    id: str
    date: When
    promisor: tuple[str, ...]
    beneficiary: tuple[str, ...]
    words: str
    deadline: When | None
    standing: Standing
    settled: bool
    denied: bool
    days: int | None
    evidence: tuple[str, ...]


def promises(entries: Sequence[Entry], *, as_of: dt.date) -> tuple[Promise, ...]:
    """Return every commitment and where it stands on `as_of`, in the order of the ledger."""
    known = [entry for entry in entries if entry.date.first <= as_of]
    return tuple(_promise(entry, known, as_of) for entry in known if isinstance(entry, Commitment))


def _promise(entry: Commitment, known: Sequence[Entry], as_of: dt.date) -> Promise:
    def linked(kind: type[_Entry], role: str) -> list[_Entry]:
        return [
            one
            for one in known
            if isinstance(one, kind) and any((link.role, link.id) == (role, entry.id) for link in one.links)
        ]

    outcomes, met = linked(Outcome, "resolves"), linked(Fulfilment, "fulfils")
    denials = linked(Denial, "denies")
    passed = entry.deadline is not None and entry.deadline.last < as_of
    standing: Standing = "open"
    stated = next((_RESULTS[one.result] for one in reversed(outcomes) if one.result in _RESULTS), None)
    whole = next((one for one in met if one.extent == "full"), None)
    if stated is not None:
        standing = stated
    elif whole is not None:
        standing = _kept(whole.date, entry.deadline)
    elif met:
        standing = "partly_kept"
    elif denials:
        standing = "denied"
    elif passed:
        standing = "overdue"
    ended = passed or (entry.deadline is None and whole is not None)
    known_when = standing not in ("overdue", "kept_time_unknown")
    end = whole or (met[-1] if met else None)
    return Promise(
        id=entry.id, date=entry.date, promisor=tuple(map(str, entry.promisor)),
        beneficiary=tuple(map(str, entry.beneficiary)), words=entry.words,
        deadline=entry.deadline,
        standing=standing, settled=stated is not None or (ended and known_when), denied=bool(denials),
        days=None if end is None else _days(entry.date, end.date),
        evidence=tuple(one.id for one in (*outcomes, *met, *denials)),
    )  # fmt: skip


def _kept(done: When, deadline: When | None) -> Standing:
    if deadline is None or done.last <= deadline.last:
        return "kept"
    return "late" if done.first > deadline.last else "kept_time_unknown"


def _days(promised: When, done: When) -> int | None:
    if promised.first != promised.last or done.first != done.last:
        return None
    return max((done.first - promised.first).days, 0)
