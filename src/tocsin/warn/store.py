"""Where warnings stand between rounds: states, messages and their human step, in one SQLite file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable

from tocsin import months
from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.sqlite import SqliteFile
from tocsin.warn.life import State
from tocsin.warn.message import ENDS, Message, Status, role
from tocsin.warn.round import Key, Round

_SCHEMA = """
CREATE TABLE IF NOT EXISTS states (
    series TEXT, rule TEXT, area INTEGER, phase TEXT NOT NULL, month INTEGER, issued INTEGER,
    needed INTEGER NOT NULL, told REAL, PRIMARY KEY (series, rule, area));
CREATE TABLE IF NOT EXISTS rounds (
    series TEXT, month INTEGER, as_of TEXT NOT NULL, inputs TEXT NOT NULL, PRIMARY KEY (series, month));
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, warning TEXT NOT NULL, series TEXT NOT NULL,
    month INTEGER NOT NULL, act TEXT NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_warning ON messages (warning, number);
"""


_NUMBERS = (int, str, int | None, int | None, int, float | None)
"""What the columns of a state hold after its rule; SQLite keeps whatever a hand puts there."""


class Store(SqliteFile):
    """The warnings of one home. One process writes at a time; a round is kept whole or not at all."""

    NAME = "warnings.sqlite"
    SCHEMA = _SCHEMA
    # Earlier versions kept only that some ledger had taken a message, not which.
    ADDED = (("messages", "origin", "TEXT"),)
    BUSY, DAMAGED, UNWRITABLE = "warn.store_busy", "warn.store_damaged", "warn.unwritable"

    def states(self, series: str) -> dict[Key, State]:
        """Return where each rule and area of a series stands."""
        query = "SELECT rule, area, phase, month, issued, needed, told FROM states WHERE series = ?"
        rows = self._read(query, series)
        numbers = ((value, kind) for row in rows for value, kind in zip(row[1:], _NUMBERS, strict=True))
        if not all(isinstance(value, kind) for value, kind in numbers):
            raise Damaged(self.DAMAGED, path=str(self.path))
        return {(row[0], row[1]): State(*row[2:]) for row in rows}

    def last_month(self, series: str) -> int | None:
        """Return the month of the last round of a series; None before the first."""
        ((last,),) = self._read("SELECT max(month) FROM rounds WHERE series = ?", series)
        if not isinstance(last, int | None):
            raise Damaged(self.DAMAGED, path=str(self.path))
        return last

    def inputs(self, series: str, month: int) -> str | None:
        """Return the digest of what the round of a month was made from; None if there was none."""
        rows = self._read("SELECT inputs FROM rounds WHERE series = ? AND month = ?", series, month)
        return next((str(held) for (held,) in rows), None)

    def told(self, warning: str) -> tuple[Message, ...]:
        """Return the messages of a warning that were issued, oldest first."""
        query = "SELECT body FROM messages WHERE warning = ? AND status = 'issued' ORDER BY number"
        return tuple(_message(body) for (body,) in self._read(query, warning))

    def messages(
        self, *, series: str | None = None, status: Status | None = None, warning: str | None = None
    ) -> tuple[Message, ...]:
        """Return the messages that match everything given, in the order in which they were made."""
        query = (
            "SELECT body FROM messages WHERE series = coalesce(?, series) "
            "AND status = coalesce(?, status) AND warning = coalesce(?, warning) ORDER BY number"
        )
        return tuple(_message(body) for (body,) in self._read(query, series, status, warning))

    def message(self, id: str) -> Message:
        """Return a message by its id, or a warning's latest by its own; UnknownName if there is none."""
        query = "SELECT body FROM messages WHERE id = ? OR warning = ? ORDER BY number DESC LIMIT 1"
        for (body,) in self._read(query, id, id):
            return _message(body)
        raise UnknownName("warn.no_message", value=id[:120], path=str(self.path))

    def origins(self) -> dict[str, str]:
        """Return, by its id, the origin of the ledger in which each message was seen on record."""
        return dict(self._read("SELECT id, origin FROM messages WHERE origin IS NOT NULL"))

    def mark(self, ids: Collection[str], origin: str) -> None:
        """Keep that messages were seen on record in the ledger of an origin."""
        if ids:
            with self._write():
                rows = [(origin, id) for id in ids]
                self._held.executemany("UPDATE messages SET origin = ? WHERE id = ?", rows)

    def keep(self, held: Round) -> tuple[Message, ...]:
        """Keep a round and return its messages as they stand; keeping it again changes nothing.

        A new message takes the place of a draft of the same warning; drafts of a withdrawn one lapse. The end
        of a warning of which nobody was told, and all that follows on one that was declined, is kept but
        never told. BadInput if a later month has been kept already.
        """
        with self._write():
            last = self.last_month(held.series)
            if last is not None and held.origin < last:
                raise BadInput("warn.backwards", month=months.label(held.origin), last=months.label(last))
            if last == held.origin:
                query = "SELECT body FROM messages WHERE series = ? AND month = ? ORDER BY number"
                return tuple(_message(body) for (body,) in self._read(query, held.series, held.origin))
            for warning in held.withdrawn:
                self._lapse(self.messages(warning=warning))
            kept = tuple(self._add(message) for message in held.messages)
            self._held.executemany(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (held.series, rule, int(area), *dataclasses.astuple(state))
                    for (rule, area), state in sorted(held.states.items(), key=lambda item: str(item[0]))
                ],
            )
            row = (held.series, held.origin, held.as_of.isoformat(), held.inputs)
            self._held.execute("INSERT INTO rounds VALUES (?, ?, ?, ?)", row)
            return kept

    def decide(self, id: str, status: Status, *, by: str, at: str) -> Message:
        """Mark a draft as issued or declined by a named role; deciding the same again changes nothing.

        BadInput for a message that is no draft any more, or without a role.
        """
        by = role(by)
        with self._write():
            message = self.message(id)
            if message.status == status:
                return message
            if message.status != "draft":
                raise BadInput("warn.decided", id=message.id, status=message.status, by=message.by or "–")
            references = tuple((m.id, m.sent) for m in self.told(message.warning))
            decided = dataclasses.replace(
                message, status=status, by=by, issued_at=at if status == "issued" else None,
                references=references,
            )  # fmt: skip
            self._put(decided)
            return decided

    def _add(self, message: Message) -> Message:
        earlier = self.messages(warning=message.warning)
        self._lapse(earlier)
        untold = all(m.status != "issued" for m in earlier)
        declined = any(m.status == "declined" for m in earlier)
        silent = untold and (declined or message.act in ENDS)
        kept = dataclasses.replace(message, status="lapsed") if silent else message
        self._held.execute(
            "INSERT INTO messages (id, warning, series, month, act, status, body) VALUES (?,?,?,?,?,?,?)",
            (kept.id, kept.warning, kept.series, kept.month, kept.act, kept.status, _body(kept)),
        )
        return kept

    def _lapse(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if message.status == "draft":
                self._put(dataclasses.replace(message, status="lapsed"))

    def _put(self, message: Message) -> None:
        self._held.execute(
            "UPDATE messages SET status = ?, body = ? WHERE id = ?",
            (message.status, _body(message), message.id),
        )


def _body(message: Message) -> str:
    return json.dumps(message.to_dict(), ensure_ascii=False, sort_keys=True)


def _message(body: str) -> Message:
    try:
        held = json.loads(body)
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise Damaged("warn.message_unreadable", id="?")
    return Message.from_dict(held)
