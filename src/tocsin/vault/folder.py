"""The vault's folder: where things lie in it, the lock of its writer, and the clearing of leftovers."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import polars as pl

from tocsin.errors import BadInput, BadStore, Damaged, TocsinError
from tocsin.files import move
from tocsin.sources import SCHEMA
from tocsin.sqlite import alone

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID_FULL = ("No space left", "Disk quota", "File too large", "os error 112", "not enough space on the disk")


@dataclass(frozen=True)
class Folder:
    """Paths of one vault.

    files/<2 hex>/<sha256>    the bytes as received
    events/<sha256>.parquet   the event table read from them (-2, -3 after the digest: brought in again)
    vault.duckdb              the catalogue and its views
    tmp/<stem of the table>/  a file on its way in; a leftover means that its ingest did not finish
    writer.lock               held by the one process that writes
    """

    root: Path

    @property
    def files(self) -> Path:
        """Folder of the raw files."""
        return self.root / "files"

    @property
    def events(self) -> Path:
        """Folder of the event tables."""
        return self.root / "events"

    @property
    def staging(self) -> Path:
        """Folder of files on their way in."""
        return self.root / "tmp"

    @property
    def catalogue(self) -> Path:
        """The DuckDB file."""
        return self.root / "vault.duckdb"

    def raw(self, sha256: str) -> Path:
        """Return the path of a raw file."""
        return self.files / sha256[:2] / sha256

    def table(self, stem: str) -> Path:
        """Return the path of an event table; stem: `Vintage.stem`."""
        return self.events / f"{stem}.parquet"

    def stage(self, stem: str) -> Path:
        """Return the folder in which one file is made ready."""
        return self.staging / stem


def locate(home: str | os.PathLike[str] | None) -> Folder:
    """Return the folder named, else that of TOCSIN_HOME, else the user's data folder."""
    chosen = home if home is not None else os.environ.get("TOCSIN_HOME") or None
    root = Path(chosen) if chosen is not None else platformdirs.user_data_path("tocsin", appauthor=False)
    return Folder(root.expanduser().absolute())


def check_name(root: Path) -> None:
    """Raise BadInput for a path in which DuckDB cannot keep a file."""
    # It cuts a path at `?`, which here also stands for bytes that are not UTF-8, and takes `\\` for `/`.
    shown = str(root).encode("utf-8", "replace").decode()
    if os.name == "posix" and ("?" in shown or "\\" in shown):
        raise BadInput("vault.unusable_name", path=shown)


def lay(folder: Folder) -> None:
    """Create the folders and the empty event table that gives the `events` view its columns."""
    for path in (folder.files, folder.events, folder.staging):
        path.mkdir(parents=True, exist_ok=True)
    seed = folder.events / "empty.parquet"
    if not seed.exists():
        unfinished = folder.staging / "empty.parquet"
        write_empty(unfinished)
        sync(unfinished)
        move(unfinished, seed)


def write_empty(path: Path) -> None:
    """Write an event table without rows, with the columns of those that the vault stores."""
    pl.DataFrame(schema={**SCHEMA, "sha256": pl.String()}).write_parquet(path)


@contextlib.contextmanager
def writer(folder: Folder, wait: float) -> Iterator[None]:
    """Hold the vault's write lock; Busy when another process keeps it for `wait` seconds.

    BadStore for a folder that cannot be written to.
    """
    with alone(
        folder.root / "writer.lock", wait, {"busy": "vault.busy", "denied": "vault.read_only"}, seconds=wait
    ):
        yield


@contextlib.contextmanager
def writing(folder: Folder) -> Iterator[None]:
    """Turn what the file system refuses into BadStore, or TocsinError for a full disk, with the remedy."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise BadStore("vault.not_a_folder", path=error.filename or folder.root) from error
    except OSError as error:
        if error.errno in _FULL:
            raise TocsinError("vault.disk_full", path=folder.root) from error
        raise BadStore("vault.read_only", path=folder.root, reason=error.strerror or str(error)) from error
    except pl.exceptions.ComputeError as error:
        # What the file system says to Polars while it writes a table comes as a text.
        if says_full(str(error)):
            raise TocsinError("vault.disk_full", path=folder.root) from error
        raise


def says_full(text: str) -> bool:
    """Return whether a library's message means that the disk or the quota is used up."""
    return any(sign in text for sign in _SAID_FULL)


def sweep(folder: Folder, held: Callable[[], set[str]]) -> None:
    """Remove what unfinished ingests left; call with the write lock held.

    held: gives the stems of the vintages of the catalogue. Only those that still have a staging folder are
    touched, so that a lost catalogue never costs a file.
    """
    leftovers = sorted(folder.staging.iterdir())
    if not leftovers:
        return
    kept = held()
    for leftover in leftovers:
        if leftover.name not in kept:
            discard(folder, leftover.name)
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def discard(folder: Folder, stem: str) -> None:
    """Remove the files of a vintage that the catalogue does not hold."""
    folder.table(stem).unlink(missing_ok=True)
    # Bytes that are brought in again have another stem than their digest: they stay.
    folder.raw(stem).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.raw(stem).parent.rmdir()


def move_in(staged: Path, final: Path) -> None:
    """Rename a staged file, already on disk, to its place, and put the rename itself on disk."""
    final.parent.mkdir(parents=True, exist_ok=True)
    move(staged, final)
    sync(final.parent)
    sync(final.parent.parent)


def sync(path: Path) -> None:
    """Force a file, or a folder's list of names, onto the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_present(path: Path) -> None:
    """Raise Damaged if a file that the catalogue names is not there."""
    if not path.is_file():
        raise Damaged("vault.file_missing", path=path)
