"""SQLite files of a home: read where they cannot be written."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from nobody import as_nobody

from tocsin.errors import BadInput, Busy
from tocsin.sqlite import SqliteFile, Trouble, address, alone


class Notes(SqliteFile):
    NAME = "notes.sqlite"
    SCHEMA = "CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL);"
    BUSY, DAMAGED, UNWRITABLE = "warn.store_busy", "warn.store_damaged", "warn.unwritable"

    def add(self, text: str) -> None:
        with self._write():
            self._held.execute("INSERT INTO notes VALUES (?)", (text,))

    def all(self) -> list[str]:
        return [text for (text,) in self._read("SELECT text FROM notes")]


class Secrets(Notes):
    PRIVATE = True


class Dated(Notes):
    ADDED = (("notes", "day", "TEXT"),)

    def all(self) -> list[str]:
        return [f"{text}{day or ''}" for text, day in self._read("SELECT text, day FROM notes")]


@pytest.mark.parametrize(("made", "kind"), [(Notes, Notes), (Secrets, Secrets), (Notes, Dated)])
def test_what_cannot_be_written_can_be_read_whichever_version_made_it(
    made: type[Notes], kind: type[Notes]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with made.open(folder) as notes:
            notes.add("one")
        content = (folder / kind.NAME).read_bytes()
        (folder / kind.NAME).chmod(0o444)
        folder.chmod(0o555)

        def task() -> None:
            with kind.open(folder) as notes:
                assert notes.all() == ["one"]
                with pytest.raises(BadInput, match="cannot be written"):
                    notes.add("two")
            with pytest.raises(BadInput, match="cannot be written"):
                kind(folder / "new.sqlite")

        code = as_nobody(task)
        folder.chmod(0o755)
        assert code == 0
        assert (folder / kind.NAME).read_bytes() == content


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/home/a b/x?#%.sqlite"), "file:///home/a%20b/x%3F%23%25.sqlite"),
        (PureWindowsPath(r"C:\Users\Zoé\x.sqlite"), "file:///C:/Users/Zo%C3%A9/x.sqlite"),
        (PureWindowsPath(r"\\server\share\x.sqlite"), "file:////server/share/x.sqlite"),
    ],
)
def test_sqlite_takes_every_path_without_a_host(path: PurePath, uri: str) -> None:
    assert address(path) == uri


WORDS: Mapping[Trouble, str] = {"busy": "vault.busy", "denied": "vault.read_only"}


def test_a_lock_that_passes_goes_with_its_holder_and_another_stays(tmp_path: Path) -> None:
    passing, lasting = tmp_path / "passing", tmp_path / "lasting"
    with alone(passing, 0.0, WORDS, passing=True), alone(lasting, 0.0, WORDS):
        for path in (passing, lasting):
            with pytest.raises(Busy), alone(path, 0.0, WORDS, passing=True, seconds=0):
                pass
            assert path.exists()
    assert list(tmp_path.iterdir()) == [lasting]


@pytest.mark.skipif(os.name == "nt", reason="there a file that is open cannot be removed")
def test_a_lock_removed_while_one_waited_for_it_is_not_held_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real, opened = tmp_path / "lock", sqlite3.connect, list[str]()

    def late(*given: Any, **told: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = real(*given, **told)
        if not opened:
            # SQLite has opened the file: whoever held it lets it go, and a third makes another.
            made.execute("PRAGMA user_version").fetchone()
            path.unlink()
            path.touch()
        opened.append("once")
        return made

    monkeypatch.setattr(sqlite3, "connect", late)
    with alone(path, 0.0, WORDS):
        monkeypatch.undo()
        assert len(opened) == 2
        with pytest.raises(Busy), alone(path, 0.0, WORDS, seconds=0):
            pass
