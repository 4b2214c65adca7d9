"""SQLite files: opened alike, written in whole transactions, and what SQLite refuses said in plain words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, ClassVar, Literal, Self
from urllib.parse import quote_from_bytes

from tocsin.errors import BadInput, BadStore, Busy, Damaged, TocsinError
from tocsin.files import writable

Trouble = Literal["busy", "full", "denied", "damaged", "refused"]
"""What is in the way: another process, the space, the rights or the place, the content, or anything else."""

_CODES: Mapping[Trouble, tuple[int, ...]] = {
    "busy": (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL),
    "full": (sqlite3.SQLITE_FULL,),
    "denied": (
        sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
    ),
    # Nothing kept here comes near the size of a blob that SQLite refuses: whoever claims it is damaged.
    "damaged": (
        sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_TOOBIG,
    ),
}  # fmt: skip
_ERRORS: Mapping[Trouble, type[TocsinError]] = {"busy": Busy, "denied": BadStore, "damaged": Damaged}


def connect(
    path: Path, wait: float, *, unchanging: bool = False, private: bool = False
) -> sqlite3.Connection:
    """Open a file, or make it; every commit is forced onto the disk.

    wait: seconds to wait for another process. unchanging: read without locks what nobody can write.
    private: nobody but its owner may read it (mode 0600), nor what SQLite lays beside it.
    """
    if private:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(name).chmod(0o600)
    name = address(path.absolute()) + ("?immutable=1" if unchanging else "")
    connection = sqlite3.connect(name, uri=True, timeout=wait, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def address(path: PurePath) -> str:
    """Return the URI by which SQLite takes an absolute path."""
    # Not `as_uri`, which names the server of a shared folder of Windows as host: SQLite takes no host.
    plain = path.as_posix()
    return f"file://{'' if plain.startswith('/') else '/'}{quote_from_bytes(os.fsencode(plain), safe='/:')}"


def is_unchanging(path: Path) -> bool:
    """Return whether a file lies in a folder that cannot be written, so that nobody is writing it."""
    log = path.with_name(f"{path.name}-wal")
    return path.is_file() and not log.exists() and not writable(path.parent)


def use_wal(connection: sqlite3.Connection, wait: float) -> None:
    """Let the readers of a file and its writer not wait for each other, from now on."""
    # Several processes that make the same file at once: this change of mode does not wait by itself.
    end = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _trouble(error) != "busy" or time.monotonic() > end:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def write(connection: sqlite3.Connection) -> Iterator[None]:
    """Open the transaction that alone may write; what the block writes is kept whole or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        roll_back(connection)


def roll_back(connection: sqlite3.Connection) -> None:
    """End a transaction that is still open."""
    # A full disk, for one, has made SQLite roll back by itself; a second time would hide that it was full.
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def alone(
    path: Path, wait: float, words: Mapping[Trouble, str], *, passing: bool = False, **more: object
) -> Iterator[None]:
    """Hold what the empty file `path` stands for, which one process holds at a time.

    wait: seconds to wait for another process; Busy when it keeps it for longer. words: as `said`, filled
    with the folder of the file and `more`. passing: whether the file goes when it is let go.

    An exclusive SQLite transaction is the one lock of the standard library that waits, works on every system
    and dies with its process.
    """
    with said(words, path.parent, **more):
        path.parent.mkdir(parents=True, exist_ok=True)
        held = _exclusive(path, wait)
    try:
        with contextlib.closing(held):
            try:
                yield
            finally:
                # While it is held: once let go it may be another's, and a third would make a file of its own.
                gone = not passing or _removed(path)
    finally:
        # Windows removes no file that is open; there one that another holds by now refuses.
        if not gone:
            _removed(path)


def _exclusive(path: Path, wait: float) -> sqlite3.Connection:
    """Open a file and hold it, and no other than the one of that name: who held it before may remove it."""
    while True:
        path.touch()
        with contextlib.suppress(FileNotFoundError), contextlib.ExitStack() as kept:
            before = path.stat()
            held = sqlite3.connect(path, timeout=wait, isolation_level=None)
            kept.callback(held.close)
            held.execute("BEGIN EXCLUSIVE")
            if os.path.samestat(before, path.stat()):
                kept.pop_all()
                return held


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def said(words: Mapping[Trouble, str], path: Path, **more: object) -> Iterator[None]:
    """Turn what SQLite or the file system refuses into the error of its trouble.

    words: the key of the sentence for each trouble, filled with path, reason and `more`; a trouble without
    its own is said as `denied`. A file used from another thread, or once closed, is BadInput: nothing is
    wrong with it.
    """
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise BadInput("files.not_open", path=str(path), reason=str(error)) from error
    except (sqlite3.Error, OSError) as error:
        found = _trouble(error) if isinstance(error, sqlite3.Error) else "denied"
        trouble = found if found in words else "denied"
        reason = getattr(error, "strerror", None) or str(error)
        kind = _ERRORS.get(trouble, TocsinError)
        raise kind(words[trouble], path=str(path), reason=reason, **more) from error


class SqliteFile:
    """One file of a home that one process writes at a time; what a block writes is kept whole or not at all.

    In a folder that cannot be written, what the file holds can still be read.
    A subclass says its name and schema, the columns (table, name, type) that files of earlier versions lack,
    which messages tell that it is busy, damaged or unwritable, and whether nobody else may read it.
    """

    NAME: ClassVar[str]
    SCHEMA: ClassVar[str]
    ADDED: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    BUSY: ClassVar[str]
    DAMAGED: ClassVar[str]
    UNWRITABLE: ClassVar[str]
    PRIVATE: ClassVar[bool] = False

    def __init__(self, path: str | Path, *, wait: float = 30.0) -> None:
        self.path = path = Path(path)
        unchanging = is_unchanging(path)
        with self._said():
            if unchanging:
                self._held = connect(path, wait, unchanging=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._held = connect(path, wait, private=self.PRIVATE)
                try:
                    use_wal(self._held, wait)
                    self._held.executescript(self.SCHEMA)
                except BaseException:
                    self._held.close()
                    raise
        lacking = [added for added in self.ADDED if not self._has(*added[:2])]
        if unchanging and lacking:
            self._held = _in_memory(self._held)
        for table, column, kind in lacking:
            with self._write():
                # Another process may have added it meanwhile.
                if not self._has(table, column):
                    self._held.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        if unchanging:
            # What is written to a copy in memory would be lost, and said to be kept.
            self._held.execute("PRAGMA query_only = ON")

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

    def _has(self, table: str, column: str) -> bool:
        return any(row[1] == column for row in self._read(f"PRAGMA table_info({table})"))

    def _read(self, query: str, *values: object) -> list[Any]:
        with self._said():
            return self._held.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _write(self) -> Iterator[None]:
        with self._said(), write(self._held):
            yield

    def _said(self) -> contextlib.AbstractContextManager[None]:
        words: dict[Trouble, str] = {
            "busy": self.BUSY, "damaged": self.DAMAGED, "denied": self.UNWRITABLE,
        }  # fmt: skip
        return said(words, self.path)


def _in_memory(held: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of what a connection holds, and close it."""
    with contextlib.closing(held):
        copy = sqlite3.connect(":memory:", isolation_level=None)
        held.backup(copy)
        return copy


def _trouble(error: sqlite3.Error) -> Trouble:
    # The low byte: the rest of an extended code says only where within SQLite it came up.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return next((trouble for trouble, codes in _CODES.items() if code in codes), "refused")
