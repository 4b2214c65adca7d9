"""One SQLite file of a home: opened or made, written in whole transactions, its refusals in plain words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

from tocsin import sqlite


class SqliteFile:
    """A file that one process writes at a time; what a block writes is kept whole or not at all.

    A subclass says its name and schema, which messages tell that it is busy, damaged or unwritable, and
    whether nobody else may read it.
    """

    NAME: ClassVar[str]
    SCHEMA: ClassVar[str]
    BUSY: ClassVar[str]
    DAMAGED: ClassVar[str]
    UNWRITABLE: ClassVar[str]
    PRIVATE: ClassVar[bool] = False

    def __init__(self, path: Path, *, wait: float = 30.0) -> None:
        self.path = path
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._held = sqlite.connect(path, wait, private=self.PRIVATE)
            try:
                sqlite.use_wal(self._held, wait)
                self._held.executescript(self.SCHEMA)
            except BaseException:
                self._held.close()
                raise

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
        with self._said():
            return self._held.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _write(self) -> Iterator[None]:
        with self._said(), sqlite.write(self._held):
            yield

    def _said(self) -> contextlib.AbstractContextManager[None]:
        words: dict[sqlite.Trouble, str] = {
            "busy": self.BUSY, "damaged": self.DAMAGED, "denied": self.UNWRITABLE,
        }  # fmt: skip
        return sqlite.said(words, self.path)
