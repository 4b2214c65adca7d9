"""One SQLite file of a home: opened or made, written in whole transactions, its refusals in plain words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

from tocsin.errors import BadInput, Damaged, TocsinError


class SqliteFile:
    """A file that one process writes at a time; what a block writes is kept whole or not at all.

    A subclass says its name and schema, and which messages tell that it is busy, damaged or unwritable.
    """

    NAME: ClassVar[str]
    SCHEMA: ClassVar[str]
    BUSY: ClassVar[str]
    DAMAGED: ClassVar[str]
    UNWRITABLE: ClassVar[str]

    def __init__(self, path: Path, *, wait: float = 30.0) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._held = sqlite3.connect(path, timeout=wait, isolation_level=None)
            self._held.execute("PRAGMA journal_mode = WAL")
            self._held.execute("PRAGMA synchronous = FULL")
            self._held.executescript(self.SCHEMA)
        except sqlite3.DatabaseError as error:
            raise self._refused(error) from error
        except OSError as error:
            raise BadInput(self.UNWRITABLE, file=str(path), reason=error.strerror or str(error)) from error

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the file in a home folder, making it where there is none."""
        return cls(home / cls.NAME)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()

    def _read(self, query: str, *values: object) -> list[Any]:
        try:
            return self._held.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._refused(error) from error

    @contextlib.contextmanager
    def _write(self) -> Iterator[None]:
        try:
            self._held.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._held.execute("ROLLBACK")
                raise
            self._held.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise self._refused(error) from error

    def _refused(self, error: sqlite3.Error) -> TocsinError:
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_BUSY:
            return TocsinError(self.BUSY, path=str(self.path))
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Damaged(self.DAMAGED, path=str(self.path))
        return BadInput(self.UNWRITABLE, file=str(self.path), reason=str(error))
