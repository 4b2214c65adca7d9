"""The outbox: what is to be sent to whom, on disk before anything is sent and until it has been.

A delivery is `waiting`, then `sending` (written down before the first byte leaves), then `sent` or, when the
receiver refuses it, `refused` until it is put again. A sender killed after `sending` leaves it so; the next
round sends it again under the same Message-ID or Idempotency-Key, by which the receiver tells it from a new
one. Nobody else may read the file: whoever has the URL of a webhook may post to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from tocsin import sqlite
from tocsin.sqlite import SqliteFile

State = Literal["waiting", "sending", "sent", "refused"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, message TEXT NOT NULL, recipient TEXT NOT NULL, state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, sent_at TEXT, reason TEXT, UNIQUE (message, recipient));
"""


@dataclass(frozen=True)
class Delivery:
    """One message on its way to one recipient; `reason` is what the last failed attempt met."""

    message: str
    recipient: str
    state: State
    tries: int
    sent_at: str | None
    reason: str | None

    @property
    def shown(self) -> str:
        """The recipient for people to read: of a webhook the host alone, for whoever has its URL may post."""
        return urlsplit(self.recipient).hostname or self.recipient

    def to_dict(self) -> dict[str, Any]:
        """Return the delivery as plain values for JSON, the recipient as it is shown."""
        return asdict(self) | {"recipient": self.shown}


class Outbox(SqliteFile):
    """The deliveries of one home."""

    NAME = "outbox.sqlite"
    SCHEMA = _SCHEMA
    BUSY, DAMAGED, UNWRITABLE = "feeds.busy", "feeds.damaged", "feeds.unwritable"
    PRIVATE = True

    def put(self, message: str, recipient: str) -> None:
        """Keep a message for a recipient; put again, what was refused waits anew, and no more changes."""
        with self._write():
            self._held.execute(
                "INSERT INTO deliveries (message, recipient, state) VALUES (?, ?, 'waiting') "
                "ON CONFLICT (message, recipient) DO UPDATE SET state = 'waiting' WHERE state = 'refused'",
                (message, recipient),
            )

    def deliveries(self, *, unsent: bool = False) -> tuple[Delivery, ...]:
        """Return the deliveries in the order they were put; with `unsent`, those waiting or cut off."""
        query = "SELECT message, recipient, state, tries, sent_at, reason FROM deliveries"
        where = " WHERE state IN ('waiting', 'sending')" if unsent else ""
        return tuple(Delivery(*row) for row in self._read(f"{query}{where} ORDER BY number"))

    def mark(
        self, delivery: Delivery, state: State, *, at: str | None = None, reason: str | None = None
    ) -> None:
        """Write down, on disk, where a delivery stands; `sending` counts an attempt."""
        tries = 1 if state == "sending" else 0
        with self._write():
            self._held.execute(
                "UPDATE deliveries SET state = ?, tries = tries + ?, sent_at = ?, reason = ? "
                "WHERE message = ? AND recipient = ?",
                (state, tries, at, reason, delivery.message, delivery.recipient),
            )

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the right to send: two rounds at once would send everything twice. TocsinError if taken."""
        with self._said():
            lock = sqlite.connect(self.path.with_suffix(".lock"), 0.2)
        with contextlib.closing(lock):
            with self._said():
                lock.execute("BEGIN EXCLUSIVE")
            yield
