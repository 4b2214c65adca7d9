"""The ledger in one SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin import sqlite
from tocsin.errors import BadStore
from tocsin.ledger.stores.store import COLUMNS, LAYOUT, LAYOUT_OF, Flaw, Row, Session, check_layout

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE entries (
    idx INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    date_from TEXT NOT NULL,
    date_to TEXT NOT NULL,
    author TEXT NOT NULL,
    areas TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    leaf BLOB NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE links (
    idx INTEGER NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL, target TEXT NOT NULL,
    PRIMARY KEY (idx, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_target ON links (target);
CREATE TABLE nodes (
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
"""

# INSERT OR REPLACE deletes without firing a DELETE trigger, hence the checks before INSERT.
_NEXT = {
    "entries": (
        "NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entries) "
        "OR EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)"
    ),
    "links": "EXISTS (SELECT 1 FROM links WHERE idx = NEW.idx AND position = NEW.position)",
    "nodes": "EXISTS (SELECT 1 FROM nodes WHERE level = NEW.level AND idx = NEW.idx)",
    "checkpoints": "NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM checkpoints)",
    "meta": "EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)",
}

# A table beside those of the ledger hides nothing, and ANALYZE makes some.
_SCHEMA = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master "
    f"WHERE type <> 'table' OR name IN ({', '.join(map(repr, COLUMNS))}) ORDER BY name"
)

_WORDS: Mapping[sqlite.Trouble, str] = {
    "busy": "ledger.busy",
    "full": "ledger.disk_full",
    "denied": "ledger.read_only",
    "damaged": "ledger.database_damaged",
    "refused": "ledger.disk_refused",
}


class SqliteSession:
    """One transaction on the file."""

    bytes_of_body = "CAST(body AS BLOB)"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""
        return self._connection.execute(statement, parameters).fetchall()

    def stream(self, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of a query without holding them all."""
        cursor = self._connection.cursor()
        cursor.arraysize = 2_000
        cursor.execute(statement, parameters)
        while batch := cursor.fetchmany():
            yield from batch

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Append rows to a table."""
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


class SqliteStore:
    """A ledger in one file, in WAL mode, every commit forced onto the disk."""

    def __init__(self, path: Path, *, create: bool, origin: str, wait: float) -> None:
        self.path = path
        self._wait = wait
        with self._errors():
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            elif not path.is_file():
                raise BadStore("ledger.no_ledger", path=path)
            self._connection = sqlite.connect(path, wait, unchanging=sqlite.is_unchanging(path))
            try:
                self._lay(create, origin)
            except BaseException:
                self._connection.close()
                raise

    @property
    def name(self) -> str:
        """The path of the file."""
        return str(self.path)

    @contextlib.contextmanager
    def read(self) -> Iterator[SqliteSession]:
        """Open a transaction that sees one state of the ledger throughout."""
        with self._errors():
            self._connection.execute("BEGIN")
            try:
                yield SqliteSession(self._connection)
            finally:
                sqlite.roll_back(self._connection)

    @contextlib.contextmanager
    def write(self) -> Iterator[SqliteSession]:
        """Open the transaction that alone may append; it is on disk when the block ends without an error."""
        with self._errors(), sqlite.write(self._connection):
            yield SqliteSession(self._connection)

    def check(self, session: Session) -> Flaw | None:
        """Return what is wrong with the pages, or an index, trigger or view made by others, or None."""
        # Not quick_check, which leaves it at the tables: an index that lacks a row hides it from look-ups.
        found = str(session.rows("PRAGMA integrity_check(1)")[0][0])
        if found != "ok":
            return Flaw("pages", found)
        with contextlib.closing(sqlite3.connect(":memory:")) as pattern:
            for statement in _statements():
                pattern.execute(statement)
            own = set(pattern.execute(_SCHEMA))
        strange = [row for row in session.rows(_SCHEMA) if row not in own]
        return Flaw("schema", strange[0][1]) if strange else None

    def close(self) -> None:
        """Let go of the file."""
        with self._errors():
            self._connection.close()

    def _lay(self, create: bool, origin: str) -> None:
        if self._is_laid():
            return
        if self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise BadStore("ledger.not_a_ledger", path=self.path)
        if not create:
            # Whoever was making it was killed, or is not yet done.
            raise BadStore("ledger.no_ledger", path=self.path)
        sqlite.use_wal(self._connection, self._wait)
        with self.write() as session:
            if self._is_laid():
                return
            for statement in _statements():
                self._connection.execute(statement)
            session.insert("meta", COLUMNS["meta"], [("layout", LAYOUT), ("origin", origin)])

    def _is_laid(self) -> bool:
        if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return False
        check_layout(self._connection.execute(LAYOUT_OF).fetchone(), self.name)
        return True

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return sqlite.said(_WORDS, self.path, seconds=self._wait)


def _statements() -> Iterator[str]:
    """Yield the statements that make the tables, their index and their triggers."""
    yield from filter(str.strip, _TABLES.split(";"))
    refusal = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for table in COLUMNS:
        for action in ("UPDATE", "DELETE"):
            yield f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {refusal}"
        yield f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {_NEXT[table]} {refusal}"
