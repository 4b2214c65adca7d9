"""Issued warnings as ledger entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from tocsin.errors import BadInput, TocsinError, UnknownName
from tocsin.ledger import Entry, Ledger, Recorded, entry
from tocsin.text import LANGUAGES, Language
from tocsin.warn.life import Act
from tocsin.warn.message import Message
from tocsin.warn.store import Store

STATUS: dict[Act, str] = {
    "alert": "issued", "update": "updated", "cancel": "cancelled", "expire": "expired",
    "came_true": "resolved", "did_not": "resolved",
}  # fmt: skip
"""Status of the ledger's warning entry for each act."""

_BY_VERSION = ("level", "sources", "text", "translation")
"""Fields that earlier versions left out or set otherwise: the rest of an entry is the message's own, and so
are the words of its texts, between which earlier versions broke no lines.
"""

BLOCKED = ("warn.id_taken", "warn.elsewhere")
"""Keys of the errors for messages that this ledger cannot take as things are."""


def to_entry(message: Message) -> Entry:
    """Return the ledger entry of an issued message; its id is the message's."""
    english = message.texts["en"]
    optional: dict[str, object] = {
        "probability_before": message.before, "base_rate": message.base_rate,
        "drivers": english.drivers, "analogues": english.analogues, "lowering": english.lowering,
        "deaths": message.sofar,
    }  # fmt: skip
    if message.act in ("came_true", "did_not"):
        optional["result"] = message.act
    if message.references:
        optional["links"] = [{"role": "updates", "id": message.references[-1][0]}]
    probability = message.probability if message.probability is not None else message.before
    return entry(
        type="warning", id=message.id, status=STATUS[message.act], by=message.by or "–",
        date=message.as_of.isoformat(), areas=[f"gw:{message.gw}"],
        text=_text(message, "en"), language="en",
        translation={"language": "fr", "text": _text(message, "fr")},
        # In no language: a citation stays as it was recorded, whoever reads it.
        sources=[f"Tocsin, {message.method}: {', '.join(message.releases)}"],
        author=message.by or "–", confidence=message.confidence, rule=message.rule, level=message.level,
        episode=message.warning, question=english.question, kind=message.kind, threshold=message.needed,
        window=f"{message.first.isoformat()}/{message.last.isoformat()}", trigger=message.trigger,
        probability=probability, record=english.record, method=message.method,
        data_as_of=message.data_as_of.isoformat(), digest=message.digest,
        **{name: value for name, value in optional.items() if value not in (None, ())},
    )  # fmt: skip


def on_record(
    messages: Iterable[Message], ledger: Ledger | None, origins: Mapping[str, str] = MappingProxyType({})
) -> tuple[Message, ...]:
    """Return those of some issued messages that are on record, word for word, under their ids.

    ledger: the one in use, None where it cannot be asked. origins: by id, the ledger in which a message was
    seen (`Store.origins`): that stands where it is another ledger, or where none can be asked.
    """
    told = tuple(messages)
    if ledger is None:
        return tuple(message for message in told if message.id in origins)
    ours = _ours(told, ledger.origin, origins)
    # One is looked up by itself: to answer a warning must not cost more the more there are.
    warnings = _warnings(ledger) if len(ours) > 1 else {}
    lacking = {m.id for m in ours if not _same(_held(ledger, m.id, warnings), m, seen=m.id in origins)}
    return tuple(message for message in told if message.id not in lacking)


def record_issued(
    store: Store,
    ledger: Callable[[], Ledger],
    *,
    wanted: Collection[str] | None = None,
    again: Collection[str] = (),
) -> tuple[Message, ...]:
    """Append the issued messages that the ledger does not hold, and return them.

    ledger: opens it, where anything was issued. wanted: ids of messages that must be on record afterwards,
    all when None; the others are recorded where that is possible. A message seen on record in another ledger
    is left there; again: ids of those that are recorded in this one all the same. May be cut off at any point
    and run again, by several processes at once: an entry that the ledger holds already is not appended twice.
    What stops it is raised as an error of its own kind that names the messages: they stand as issued, and
    wait.
    BadInput, with one of the keys `BLOCKED`, where the ledger holds another entry under the id of one, or
    lacks what it follows on; all others are recorded by then.
    """
    issued = store.messages(status="issued")
    if not issued:
        return ()
    origins = {id: origin for id, origin in store.origins().items() if id not in again}

    def named(waiting: Iterable[str]) -> list[str]:
        return [id for id in waiting if wanted is None or id in wanted]

    waiting: Sequence[Message] = [message for message in issued if message.id not in origins]
    blocked: Mapping[str, BadInput] = {}
    try:
        with ledger() as held:
            here, before = held.origin, len(issued) + 1
            while True:
                waiting, blocked = _missing(held, issued, origins)
                away = {message.id for message in waiting} | blocked.keys() | origins.keys()
                store.mark([message.id for message in issued if message.id not in away], here)
                try:
                    held.extend(map(to_entry, waiting))
                    break
                except BadInput as error:
                    # Another process may have recorded some of them since they were looked up.
                    if error.key != "ledger.id_recorded" or len(waiting) >= before:
                        raise
                    before = len(waiting)
            store.mark([message.id for message in waiting], here)
    except TocsinError as error:
        if not (ids := named(message.id for message in waiting)):
            return ()
        raise type(error)("warn.not_recorded", ids=", ".join(ids), reason=str(error)) from error
    if ids := named(blocked):
        first = blocked[ids[0]]
        raise BadInput(first.key, **(first.values | {"ids": ", ".join(ids), "recorded": len(waiting)}))
    return tuple(waiting)


def issue_all(store: Store, messages: Sequence[Message], *, by: str, at: dt.datetime) -> tuple[Message, ...]:
    """Issue the drafts among `messages` in the name of a role, in their order."""
    stamp = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    drafts = [message for message in messages if message.status == "draft"]
    return tuple(store.decide(draft.id, "issued", by=by, at=stamp) for draft in drafts)


def _ours(messages: Iterable[Message], here: str, origins: Mapping[str, str]) -> list[Message]:
    return [message for message in messages if origins.get(message.id, here) == here]


def _missing(
    ledger: Ledger, issued: Iterable[Message], origins: Mapping[str, str]
) -> tuple[tuple[Message, ...], Mapping[str, BadInput]]:
    """Return the messages to record, and by its id each that cannot be, with the error that says why.

    What follows on a message that is not in this ledger has nothing to link to, and cannot be recorded.
    """
    here, warnings = ledger.origin, _warnings(ledger)
    missing: list[Message] = []
    blocked: dict[str, BadInput] = {}
    stopped: dict[str, BadInput] = {}
    for message in issued:
        if (origin := origins.get(message.id, here)) != here:
            if message.id in warnings:
                stopped.pop(message.warning, None)
            else:
                stopped[message.warning] = BadInput("warn.elsewhere", ids="", id=message.id, origin=origin)
            continue
        held = _held(ledger, message.id, warnings)
        if _same(held, message, seen=message.id in origins):
            stopped.pop(message.warning, None)
            continue
        if held is not None:
            stopped[message.warning] = _taken(held)
        if message.warning in stopped:
            blocked[message.id] = stopped[message.warning]
        else:
            missing.append(message)
    return tuple(missing), blocked


def _taken(held: Recorded) -> BadInput:
    told = held.entry
    return BadInput("warn.id_taken", ids="", id=told.id, number=held.index + 1, author=told.author)


def _warnings(ledger: Ledger) -> dict[str, Recorded]:
    return {one.entry.id: one for one in ledger.entries(type="warning")}


def _held(ledger: Ledger, id: str, warnings: Mapping[str, Recorded]) -> Recorded | None:
    """Return the entry under an id: one of the warnings that were read, or of another type."""
    if id in warnings:
        return warnings[id]
    try:
        return ledger.entry(id)
    except UnknownName:
        return None


def _same(held: Recorded | None, message: Message, *, seen: bool) -> bool:
    if held is None:
        return False
    if seen:
        # Compared whole when it was marked: now only a ledger put back can hold another's words instead.
        words = _text(message, "en").split()
        return (held.entry.author, held.entry.text.split()) == (message.by, words)
    return _own(held.entry) == _own(to_entry(message))


def _text(message: Message, language: Language) -> str:
    said = message.texts[language]
    return "\n".join((said.headline, *said.paragraphs()))


def _own(made: Entry) -> dict[str, object]:
    own = {name: value for name, value in made.content().items() if name not in _BY_VERSION}
    return own | {language: made.text_in(language).split() for language in LANGUAGES}
