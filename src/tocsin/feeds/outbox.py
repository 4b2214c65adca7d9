"""The outbox: what is to be sent to whom, on disk before anything is sent and until it has been.

A delivery is `waiting`, then `sending` (written down before the first byte leaves), then `sent` or, when the
receiver refuses it or it has waited for too long, `refused` until it is put again. A sender killed after
`sending` leaves it so; the next round sends it again under the same Message-ID or Idempotency-Key, by which
the receiver tells it from a new one. Nobody else may read the file: whoever has the URL of a webhook may post
to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
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
    """One message on its way to one recipient.

    sent_at, since: when it was taken, and when it was first tried, ISO 8601. reason: what the last failed
    attempt met. unclear: whether the end of an attempt is not known, so that the recipient may have it.
    """

    message: str
    recipient: str
    state: State
    tries: int
    sent_at: str | None
    reason: str | None
    since: str | None = None
    unclear: bool = False

    @property
    def due(self) -> bool:
        """Whether the next round sends it."""
        return self.state in ("waiting", "sending")

    @property
    def there(self) -> bool:
        """Whether the recipient has it, or may have it."""
        return self.state in ("sent", "sending") or self.unclear

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
    ADDED = (("deliveries", "since", "TEXT"), ("deliveries", "unclear", "INTEGER NOT NULL DEFAULT 0"))
    BUSY, DAMAGED, UNWRITABLE = "feeds.busy", "feeds.damaged", "feeds.unwritable"
    PRIVATE = True

    def put(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep messages for recipients, all or none; put again, what was refused waits anew, no more changes.

        pairs: the id of a message and a recipient.
        """
        with self._write():
            self._held.executemany(
                "INSERT INTO deliveries (message, recipient, state) VALUES (?, ?, 'waiting') "
                "ON CONFLICT (message, recipient) DO UPDATE SET state = 'waiting', since = NULL "
                "WHERE state = 'refused'",
                pairs,
            )

    def deliveries(self, *, unsent: bool = False) -> tuple[Delivery, ...]:
        """Return the deliveries in the order they were put; with `unsent`, those waiting or cut off."""
        query = "SELECT message, recipient, state, tries, sent_at, reason, since, unclear FROM deliveries"
        rows = self._read(f"{query} ORDER BY number")
        held = (
            Delivery(message, to, state, tries, sent_at, reason, since, bool(unclear))
            for message, to, state, tries, sent_at, reason, since, unclear in rows
        )
        return tuple(delivery for delivery in held if delivery.due or not unsent)

    def mark(
        self, delivery: Delivery, state: State, *, at: str, reason: str | None = None, unclear: bool = False
    ) -> None:
        """Write down, on disk, where a delivery stands at a time; `sending` counts an attempt."""
        with self._write():
            self._held.execute(
                "UPDATE deliveries SET state = :state, tries = tries + (:state = 'sending'), "
                "reason = :reason, since = coalesce(since, :at), "
                "sent_at = CASE :state WHEN 'sent' THEN :at END, "
                "unclear = unclear OR :unclear WHERE message = :message AND recipient = :recipient",
                {
                    "state": state, "reason": reason, "at": at, "unclear": unclear,
                    "message": delivery.message, "recipient": delivery.recipient,
                },
            )  # fmt: skip

    def remove(self, delivery: Delivery) -> None:
        """Forget a delivery: it is not sent any more, and nothing is known of it."""
        with self._write():
            self._held.execute(
                "DELETE FROM deliveries WHERE message = ? AND recipient = ?",
                (delivery.message, delivery.recipient),
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
