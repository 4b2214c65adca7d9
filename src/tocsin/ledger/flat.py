"""The ledger as plain SQLite tables, one row a thing, for reading with Datasette or any SQL tool."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin.ledger.entries import Entry
from tocsin.ledger.record import Recorded

_TABLES = """
CREATE TABLE ledger (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, date_from TEXT, date_to TEXT, precision TEXT,
    text TEXT, language TEXT, author TEXT, attributed_to TEXT, confidence TEXT,
    recorded_at TEXT, recorded_first_at TEXT, leaf TEXT, body TEXT
);
CREATE TABLE areas (entry TEXT REFERENCES entries (id), area TEXT);
CREATE TABLE sources (entry TEXT REFERENCES entries (id), citation TEXT, url TEXT);
CREATE TABLE links (entry TEXT REFERENCES entries (id), role TEXT, target TEXT REFERENCES entries (id));
CREATE TABLE parties (entry TEXT REFERENCES entries (id), role TEXT, name TEXT, actor INTEGER);
"""
_VIEWS = {
    "warnings": ("warning", ("status", "result", "rule", "question", "probability", "base_rate")),
    "dismissals": ("dismissal", ("reason", "reason_text", "words")),
    "commitments": ("commitment", ("words", "visibility", "condition", "test", "deadline", "review")),
    "denials": ("denial", ("words",)),
    "agreements": ("agreement", ("title",)),
    "deployments": ("deployment", ("strength", "mandate", "posture", "start", "end")),
    "outcomes": ("outcome", ("result", "deaths", "window")),
}
_INDEXES = """
CREATE INDEX areas_by_area ON areas (area);
CREATE INDEX links_by_target ON links (target);
CREATE INDEX parties_by_name ON parties (name);
"""


def write_flat(path: Path, recorded: Iterable[Recorded], note: str) -> None:
    """Write recorded entries to a new SQLite file: tables without triggers, a view for each common type."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        for statement in filter(str.strip, _TABLES.split(";")):
            connection.execute(statement)
        connection.execute("INSERT INTO ledger VALUES ('checkpoint', ?)", (note,))
        for one in recorded:
            _insert(connection, one)
        for view, (kind, fields) in _VIEWS.items():
            columns = ", ".join(f"json_extract(body, '$.entry.{name}') AS \"{name}\"" for name in fields)
            connection.execute(
                f"CREATE VIEW {view} AS SELECT number, id, date_from, date_to, {columns}, text "
                f"FROM entries WHERE type = '{kind}'"
            )
        for statement in filter(str.strip, _INDEXES.split(";")):
            connection.execute(statement)
        connection.execute("COMMIT")


def _insert(connection: sqlite3.Connection, one: Recorded) -> None:
    entry = one.entry
    first = one.imported["recorded_at"] if one.imported else one.recorded_at
    connection.execute(
        f"INSERT INTO entries VALUES ({', '.join('?' * 15)})",
        (
            one.index + 1, entry.id, entry.type, entry.date.first.isoformat(), entry.date.last.isoformat(),
            entry.date.precision, entry.text, entry.language, entry.author,
            entry.attributed_to and entry.attributed_to.name, entry.confidence,
            one.recorded_at, first, one.leaf.hex(), one.body.decode(),
        ),
    )  # fmt: skip
    connection.executemany("INSERT INTO areas VALUES (?, ?)", [(entry.id, area) for area in entry.areas])
    connection.executemany(
        "INSERT INTO sources VALUES (?, ?, ?)", [(entry.id, s.citation, s.url) for s in entry.sources]
    )
    connection.executemany(
        "INSERT INTO links VALUES (?, ?, ?)", [(entry.id, link.role, link.id) for link in entry.links]
    )
    connection.executemany("INSERT INTO parties VALUES (?, ?, ?, ?)", list(_parties(entry)))


def _parties(entry: Entry) -> Iterator[tuple[str, str, str, int | None]]:
    told = entry.content()
    for field in entry.party_fields():
        held = told.get(field, [])
        for one in held if isinstance(held, list) else [held]:
            party = one.get("party", one)
            yield entry.id, field, party["name"], party.get("actor")
