"""SQLite files of a home: read where they cannot be written."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from nobody import as_nobody

from tocsin.errors import BadInput
from tocsin.sqlite import SqliteFile, address


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
