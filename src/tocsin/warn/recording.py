"""Issued warnings as ledger entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from tocsin.errors import BadInput, TocsinError, UnknownName
from tocsin.ledger import Entry, Ledger, entry
from tocsin.text import say
from tocsin.warn.life import Act
from tocsin.warn.message import Message
from tocsin.warn.store import Store

STATUS: dict[Act, str] = {
    "alert": "issued", "update": "updated", "cancel": "cancelled", "expire": "expired",
    "came_true": "resolved", "did_not": "resolved",
}  # fmt: skip
"""Status of the ledger's warning entry for each act."""


def to_entry(message: Message) -> Entry:
    """Return the ledger entry of an issued message; its id is the message's."""
    english, french = message.texts["en"], message.texts["fr"]
    optional: dict[str, object] = {
        "probability_before": message.before, "base_rate": message.base_rate,
        "drivers": english.drivers, "analogues": english.analogues, "lowering": english.lowering,
    }  # fmt: skip
    if message.act in ("came_true", "did_not"):
        optional["result"] = message.act
    if message.references:
        optional["links"] = [{"role": "updates", "id": message.references[-1][0]}]
    probability = message.probability if message.probability is not None else message.before
    return entry(
        type="warning", id=message.id, status=STATUS[message.act], by=message.by or "–",
        date=message.as_of.isoformat(), areas=[f"gw:{message.gw}"],
        text="\n".join((english.headline, *english.paragraphs())), language="en",
        translation={"language": "fr", "text": "\n".join((french.headline, *french.paragraphs()))},
        sources=[say("warn.entry_source", "en", releases=", ".join(message.releases), method=message.method)],
        author=message.by or "–", confidence=message.confidence, rule=message.rule, episode=message.warning,
        question=english.question, kind=message.kind, threshold=message.needed,
        window=f"{message.first.isoformat()}/{message.last.isoformat()}", trigger=message.trigger,
        probability=probability, deaths=message.sofar, record=english.record, method=message.method,
        data_as_of=message.data_as_of.isoformat(), digest=message.digest,
        **{name: value for name, value in optional.items() if value not in (None, ())},
    )  # fmt: skip


def record_issued(store: Store, ledger: Callable[[], Ledger]) -> tuple[Message, ...]:
    """Append the issued messages that the ledger has not taken yet, and return them.

    ledger: opens it, where anything waits. May be cut off at any point and run again, by several processes at
    once: an entry that the ledger holds already is not appended twice. What stops it is raised as an error of
    its own kind that names the messages: they stand as issued, and wait to be recorded.
    """
    waiting = store.unrecorded()
    if not waiting:
        return ()
    try:
        with ledger() as held:
            fresh = _append(held, waiting)
    except TocsinError as error:
        ids = ", ".join(message.id for message in waiting)
        raise type(error)("warn.not_recorded", ids=ids, reason=str(error)) from error
    store.recorded([message.id for message in waiting])
    return fresh


def issue_all(store: Store, messages: Sequence[Message], *, by: str, at: dt.datetime) -> tuple[Message, ...]:
    """Issue the drafts among `messages` in the name of a role, in their order."""
    stamp = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    drafts = [message for message in messages if message.status == "draft"]
    return tuple(store.decide(draft.id, "issued", by=by, at=stamp) for draft in drafts)


def _append(ledger: Ledger, waiting: Sequence[Message]) -> tuple[Message, ...]:
    fresh = tuple(message for message in waiting if not _held(ledger, message.id))
    try:
        ledger.extend(to_entry(message) for message in fresh)
    except BadInput as error:
        # Another process may have recorded some of them since they were looked up.
        if error.key != "ledger.id_recorded" or not any(_held(ledger, message.id) for message in fresh):
            raise
        return _append(ledger, fresh)
    return fresh


def _held(ledger: Ledger, id: str) -> bool:
    try:
        ledger.entry(id)
    except UnknownName:
        return False
    return True
