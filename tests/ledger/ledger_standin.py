"""Entries, clocks and tools that the tests of the ledger share."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tocsin.ledger import Entry, entry

MORNING = dt.datetime(2024, 5, 2, 8, 0, tzinfo=dt.UTC)
TABLES = ("entries", "links", "nodes", "checkpoints", "meta")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += dt.timedelta(**delta)


def values(id: str | None = "a-coup", **more: Any) -> dict[str, Any]:
    """Return plain values of a valid event."""
    made: dict[str, Any] = {
        "type": "event",
        "date": "2012-03-21",
        "areas": ["MLI"],
        "text": "Soldiers seize power.",
        "language": "en",
        "sources": ["A bulletin"],
        "author": "Desk",
        "confidence": "high",
        "form": "coup",
        **more,
    }
    return {**made, "id": id} if id else made


def warning(id: str = "w-1", **more: Any) -> dict[str, Any]:
    made = values(id, type="warning", status="issued", by="An embassy")
    del made["form"]
    return made | more


def dismissal(id: str = "d-1", of: str = "w-1", **more: Any) -> dict[str, Any]:
    made = values(id, type="dismissal", by="A ministry", reason="hyperbolic", links=[f"answers:{of}"])
    del made["form"]
    return made | more


def event(number: int, **more: Any) -> Entry:
    """Return the event of a number, whose id and text tell it apart."""
    return entry(values(f"e-{number}", **{"text": f"Event number {number}.", **more}))


@contextlib.contextmanager
def tampering(place: str | Path) -> Iterator[Any]:
    """Yield a function that runs SQL on a ledger whose triggers have been taken away."""
    if str(place).startswith("postgresql://"):
        import psycopg

        with psycopg.connect(str(place), autocommit=True) as connection:
            connection.execute("SET search_path TO tocsin_ledger")
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")

            def run(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
                done = connection.execute(statement.replace("?", "%s"), parameters)
                return done.fetchall() if done.description else []

            yield run
        return
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield lambda statement, *parameters: connection.execute(statement, parameters).fetchall()
