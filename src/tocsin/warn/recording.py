"""Issued warnings as ledger entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from tocsin.errors import BadInput, TocsinError, UnknownName
from tocsin.ledger import Entry, Ledger, Recorded, entry
from tocsin.text import say
from tocsin.warn.life import Act
from tocsin.warn.message import Message
from tocsin.warn.store import Store

STATUS: dict[Act, str] = {
    "alert": "issued", "update": "updated", "cancel": "cancelled", "expire": "expired",
    "came_true": "resolved", "did_not": "resolved",
}  # fmt: skip
"""Status of the ledger's warning entry for each act."""

_BY_VERSION = ("level", "sources")
"""Fields that earlier versions left out or worded otherwise: the rest of an entry is the message's own."""


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
        # In no language: a citation stays as it was recorded, whoever reads it.
        sources=[f"Tocsin, {message.method}: {', '.join(message.releases)}"],
        author=message.by or "–", confidence=message.confidence, rule=message.rule, level=message.level,
        episode=message.warning, question=english.question, kind=message.kind, threshold=message.needed,
        window=f"{message.first.isoformat()}/{message.last.isoformat()}", trigger=message.trigger,
        probability=probability, deaths=message.sofar, record=english.record, method=message.method,
        data_as_of=message.data_as_of.isoformat(), digest=message.digest,
        **{name: value for name, value in optional.items() if value not in (None, ())},
    )  # fmt: skip


def on_record(messages: Iterable[Message], ledger: Ledger) -> tuple[Message, ...]:
    """Return those of some issued messages that a ledger holds, word for word, under their ids."""
    return tuple(message for message in messages if _same(_held(ledger, message.id), message))


def record_issued(
    store: Store, ledger: Callable[[], Ledger], *, wanted: Collection[str] | None = None
) -> tuple[Message, ...]:
    """Append the issued messages that the ledger does not hold, and return them.

    ledger: opens it, where anything was issued. wanted: ids of messages that must be on record afterwards,
    all when None; the others are recorded where that is possible. May be cut off at any point and run again,
    by several processes at once: an entry that the ledger holds already is not appended twice. What stops it
    is raised as an error of its own kind that names the messages: they stand as issued, and wait.
    BadInput too where the ledger holds another entry under the id of one, once all others are recorded.
    """
    issued = store.messages(status="issued")
    if not issued:
        return ()

    def named(waiting: Iterable[Message]) -> list[str]:
        return [message.id for message in waiting if wanted is None or message.id in wanted]

    waiting: Sequence[Message] = issued
    taken: Mapping[str, Recorded] = {}
    try:
        with ledger() as held:
            waiting, taken = _missing(held, issued)
            fresh = _append(held, waiting)
    except TocsinError as error:
        if not (ids := named(waiting)):
            return ()
        raise type(error)("warn.not_recorded", ids=", ".join(ids), reason=str(error)) from error
    for id in named(message for message in issued if message.id in taken):
        other = taken[id].entry
        raise BadInput(
            "warn.id_taken", id=other.id, number=taken[id].index + 1, type=say(f"ledger.type.{other.type}"),
            author=other.author,
        )  # fmt: skip
    return fresh


def issue_all(store: Store, messages: Sequence[Message], *, by: str, at: dt.datetime) -> tuple[Message, ...]:
    """Issue the drafts among `messages` in the name of a role, in their order."""
    stamp = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    drafts = [message for message in messages if message.status == "draft"]
    return tuple(store.decide(draft.id, "issued", by=by, at=stamp) for draft in drafts)


def _append(ledger: Ledger, missing: Sequence[Message]) -> tuple[Message, ...]:
    try:
        ledger.extend(map(to_entry, missing))
    except BadInput as error:
        # Another process may have recorded some of them since they were looked up.
        left, _ = _missing(ledger, missing)
        if error.key != "ledger.id_recorded" or len(left) == len(missing):
            raise
        return _append(ledger, left)
    return tuple(missing)


def _missing(ledger: Ledger, issued: Iterable[Message]) -> tuple[tuple[Message, ...], Mapping[str, Recorded]]:
    """Return the messages to record, and by its id each that cannot be, with the entry that has its place.

    What follows on a message that cannot be recorded has nothing to link to, and cannot be either.
    """
    missing: list[Message] = []
    taken: dict[str, Recorded] = {}
    stopped: dict[str, Recorded] = {}
    for message in issued:
        held = _held(ledger, message.id)
        if held is not None and _same(held, message):
            continue
        other = held or stopped.get(message.warning)
        if other is None:
            missing.append(message)
        else:
            taken[message.id] = stopped[message.warning] = other
    return tuple(missing), taken


def _held(ledger: Ledger, id: str) -> Recorded | None:
    try:
        return ledger.entry(id)
    except UnknownName:
        return None


def _same(held: Recorded | None, message: Message) -> bool:
    return held is not None and _own(held.entry) == _own(to_entry(message))


def _own(made: Entry) -> dict[str, object]:
    return {name: value for name, value in made.content().items() if name not in _BY_VERSION}
