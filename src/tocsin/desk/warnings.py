"""The warnings: open, past and resolved, with every message and answer, and what a reader may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from tocsin.desk.area import messages
from tocsin.desk.ledger import ledger_place, opened, record
from tocsin.desk.memory import kept, stamps
from tocsin.errors import BadInput, Busy, NotReachable, UnknownName
from tocsin.ledger import Entry, Ledger, Recorded, entry
from tocsin.warn import ENDS, WITHDRAWN, Message, Store, check_draft, on_record, record_issued, upheld

Group = Literal["open", "past", "resolved"]
GROUPS: tuple[Group, ...] = get_args(Group)

ANSWERS = ("notice", "acceptance", "dismissal", "decision")


@dataclass(frozen=True)
class Answer:
    """An answer to a warning, as it was given: whether it can be recorded shows as its entry is made.

    type: one of `ANSWERS`. by: the role or body that answers. language: that of `text`, a code such as `fr`.
    source: where it can be read, whoever records it where that is empty. reason: of a dismissal, one of the
    closed list. form: of a decision.
    """

    type: str
    by: str
    text: str
    language: str
    source: str = ""
    reason: str = ""
    form: str = ""


@dataclass(frozen=True)
class Standing:
    """One warning: its latest upheld message, all its messages from the first, and what was answered to it.

    unrecorded: those of its messages that are issued and not on record.
    """

    latest: Message
    messages: tuple[Message, ...]
    answers: tuple[Recorded, ...]
    unrecorded: tuple[Message, ...] = ()

    @property
    def told(self) -> Message | None:
        """The latest upheld message that was issued and takes nothing back: the one that people answer."""
        return next((m for m in reversed(upheld(self.messages)) if _stored(m)), None)

    @property
    def group(self) -> Group:
        """Whether it is open, was settled by data, or ended another way (cancelled, expired, declined)."""
        if self.latest.act in ("came_true", "did_not"):
            return "resolved"
        return "past" if self.latest.act in ENDS or self.latest.status == "declined" else "open"


def standing(home: Path) -> tuple[Standing, ...]:
    """Return every warning that was ever raised, the latest told first."""
    held: dict[str, list[Message]] = {}
    for message in messages(home):
        held.setdefault(message.warning, []).insert(0, message)
    answers = _answers(home, {message.id for told in held.values() for message in told})
    there = _on_record(home, [m for told in held.values() for m in told if _stored(m)])
    found = [
        Standing(
            upheld(told)[-1], tuple(told), tuple(a for m in told for a in answers.get(m.id, ())),
            tuple(m for m in told if _stored(m) and m.id not in there),
        )
        for told in held.values()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda s: (s.latest.month, s.latest.probability or 0), reverse=True))


def warning(home: Path, id: str) -> Standing:
    """Return the warning of that id, or the one a message of that id belongs to; UnknownName for neither."""
    for one in standing(home):
        if one.latest.warning == id or any(message.id == id for message in one.messages):
            return one
    raise UnknownName("desk.no_warning", value=id[:80])


def recorded(home: Path) -> tuple[Message, ...]:
    """Return the messages that were issued and are on record, oldest first: what may be sent.

    In place of one that a correction calls wrong stands its withdrawal. Where the ledger cannot be asked,
    what was seen in it counts.
    """
    seen = messages(home)
    there = _on_record(home, [m for m in seen if _stored(m)])
    wrong = {m.id: m for m in seen if m.act == "withdraw"}
    found = sorted((m for m in seen if m.id in there), key=lambda m: (m.issued_at or "", m.id))
    return tuple(wrong.get(f"{m.id}{WITHDRAWN}", m) for m in found)


def decide(home: Path, id: str, *, issue: bool, by: str, today: dt.date) -> Message:
    """Issue or decline a draft in the name of a role; what is issued is recorded in the ledger.

    UnknownName for an unknown id, BadInput for what is no draft any more, Stale for one of old data.
    Done twice, it is done once, and what the ledger refused the first time is recorded.
    """
    _known(home, id)
    with Store.open(home) as store:
        if issue:
            check_draft(store.message(id), today)
        stamp = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        decided = store.decide(id, "issued" if issue else "declined", by=by, at=stamp)
        if issue:
            record_issued(
                store, lambda: Ledger.open(ledger_place(home)), wanted=[decided.id], again=[decided.id]
            )
    return decided


def answer(home: Path, id: str, given: Answer, *, author: str, today: dt.date) -> tuple[str, bool]:
    """Record an answer to an issued warning; return its id in the ledger, and whether it was new.

    author: who records it. UnknownName for an unknown id or type; BadInput for a warning that was not issued
    and for what makes no entry.
    """
    if given.type not in ANSWERS:
        raise UnknownName("desk.unknown_answer", value=given.type[:40], choices=", ".join(ANSWERS))
    message = _known(home, id)
    if message.status != "issued":
        raise BadInput("desk.not_issued", id=message.id)
    with opened(home) as held:
        there = held is not None and on_record([message], held)
    if not there:
        with Store.open(home) as store:
            record_issued(
                store, lambda: Ledger.open(ledger_place(home)), wanted=[message.id], again=[message.id]
            )
    return record(home, [_entry(message, given, author, today)])


def _on_record(home: Path, issued: Sequence[Message]) -> frozenset[str]:
    if not issued:
        return frozenset()
    file = home / Store.NAME
    stamp = stamps(file, file.with_name(f"{file.name}-wal"))
    with Store.open(home) as store:
        origins = store.origins()
    with suppress(NotReachable, Busy), opened(home) as held:
        if held is not None:
            key = ("on record", str(home), held.checkpoint(), stamp)
            return kept(key, lambda: frozenset(m.id for m in on_record(issued, held, origins)))
    return frozenset(m.id for m in on_record(issued, None, origins))


def _stored(message: Message) -> bool:
    """Return whether a message was issued as it stands; a withdrawal is made of one and its correction."""
    return message.status == "issued" and message.act != "withdraw"


def _entry(message: Message, given: Answer, author: str, today: dt.date) -> Entry:
    values: dict[str, object] = {
        "type": given.type, "date": today.isoformat(), "areas": [f"gw:{message.gw}"], "text": given.text,
        "language": given.language, "sources": [given.source or author], "author": author, "by": given.by,
        "confidence": "high", "links": [{"role": "answers", "id": message.id}],
    }  # fmt: skip
    if given.type == "dismissal":
        values["reason"] = given.reason
        if given.reason == "other":
            values["reason_text"] = given.text
    if given.type == "decision":
        values["form"] = given.form
    return entry(values)


def _known(home: Path, id: str) -> Message:
    if not (home / Store.NAME).exists():
        raise UnknownName("desk.no_warning", value=id[:80])
    try:
        with Store.open(home) as store:
            return store.message(id)
    except UnknownName:
        raise UnknownName("desk.no_warning", value=id[:80]) from None


def _answers(home: Path, ids: set[str]) -> dict[str, list[Recorded]]:
    found: dict[str, list[Recorded]] = {}
    with opened(home) as held:
        if held is None or not ids:
            return {}
        for type in (*ANSWERS, "action"):
            for recorded in held.entries(type=type):
                for link in recorded.entry.links:
                    if link.role == "answers" and link.id in ids:
                        found.setdefault(link.id, []).append(recorded)
    return found
