"""The ledger in one SQLite file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tocsin.errors import BadInput, Damaged, TocsinError
from tocsin.ledger.stores.store import COLUMNS, LAYOUT, Row, Session

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

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DENIED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
# An entry never comes near the size of a blob that SQLite refuses: whoever claims it is damaged.
_BROKEN = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_TOOBIG,
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
                raise BadInput("ledger.no_ledger", path=path)
            self._connection = self._connect()
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
                self._roll_back()

    @contextlib.contextmanager
    def write(self) -> Iterator[SqliteSession]:
        """Open the transaction that alone may append; it is on disk when the block ends without an error."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteSession(self._connection)
                self._connection.execute("COMMIT")
            finally:
                self._roll_back()

    def check(self, session: Session) -> str | None:
        """Return what SQLite finds wrong with the file's pages, or None."""
        found = str(session.rows("PRAGMA quick_check(1)")[0][0])
        return None if found == "ok" else found

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._address(), uri=True, timeout=self._wait, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {round(self._wait * 1000)}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    def _address(self) -> str:
        """Return the URI of the file; one in a folder that cannot be written is opened as unchanging."""
        address = "file:" + urllib.parse.quote(str(self.path))
        log = self.path.with_name(self.path.name + "-wal")
        unchanging = self.path.is_file() and not log.exists() and not os.access(self.path.parent, os.W_OK)
        return address + "?immutable=1" if unchanging else address

    def _lay(self, create: bool, origin: str) -> None:
        if self._is_laid():
            return
        if not create or self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise BadInput("ledger.not_a_ledger", path=self.path)
        self._use_wal()
        with self.write() as session:
            if self._is_laid():
                return
            for statement in filter(str.strip, _TABLES.split(";")):
                self._connection.execute(statement)
            for table in COLUMNS:
                for action in ("UPDATE", "DELETE"):
                    self._connection.execute(
                        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                    )
                self._connection.execute(
                    f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {_NEXT[table]} "
                    f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                )
            session.insert("meta", COLUMNS["meta"], [("layout", LAYOUT), ("origin", origin)])

    def _is_laid(self) -> bool:
        if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            return False
        found = self._connection.execute("SELECT value FROM meta WHERE name = 'layout'").fetchone()
        if found is None or found[0] != LAYOUT:
            raise BadInput("ledger.other_layout", path=self.name, found=found and found[0], known=LAYOUT)
        return True

    def _use_wal(self) -> None:
        # Several processes that make the same file at once: this change of mode does not wait by itself.
        end = time.monotonic() + self._wait
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._translated(error) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("ledger.read_only", path=self.name, reason=reason) from error

    def _translated(self, error: sqlite3.Error) -> TocsinError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _BUSY:
            return TocsinError("ledger.busy", path=self.name, seconds=self._wait)
        if code == sqlite3.SQLITE_FULL:
            return TocsinError("ledger.disk_full", path=self.name)
        if code in _DENIED:
            return BadInput("ledger.read_only", path=self.name, reason=str(error))
        if code in _BROKEN:
            return Damaged("ledger.database_damaged", path=self.name, reason=str(error))
        return TocsinError("ledger.disk_refused", path=self.name, reason=str(error))
