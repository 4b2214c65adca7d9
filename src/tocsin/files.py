"""Files written whole or not at all, ZIP files unpacked, and where a module puts the pages it writes."""

from __future__ import annotations

import argparse
import glob
import io
import lzma
import os
import re
import secrets
import shutil
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tocsin.errors import BadFile, BadInput

if TYPE_CHECKING:
    import polars as pl

PATIENCE = 2.0 if os.name == "nt" else 0.0
"""Seconds for which Windows may refuse to rename what a virus scanner or another reader has open."""

ABANDONED = 86_400.0
"""Seconds after which nobody is taken to be writing a passing file or into a passing folder any more."""

_PASSING = re.compile(r"^\.(.+)\.[0-9a-f]{8}\.part$")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Turn what the file system refuses within into BadInput that names `place` and the cause."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("files.unwritable", file=str(place), reason=reason) from error


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a passing file that takes the place of `path` once all is written, or is removed.

    The file that a link leads to is replaced, not the link, and keeps its rights; what is no file, such as a
    pipe, is written to. What a killed process left beside it more than `ABANDONED` ago is removed, here as
    by `passing_folder`. BadInput as `naming` for a place that refuses it.
    """
    fresh = None
    try:
        with naming(path):
            place = Path(os.path.realpath(path))
            kept = place.is_file()
            if path.exists() and not kept:
                # Nothing can take the place of a device, and a folder says here that it is one.
                with path.open("wb") as file:
                    yield file
                return
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh = _passing(place)
            with fresh.open("wb") as file:
                if kept:
                    # Before the first byte: what was closed to others is not open while it is written.
                    shutil.copymode(place, fresh)
                yield file
            move(fresh, place)
    finally:
        if fresh is not None:
            with suppress(OSError):
                fresh.unlink()


def move(source: Path, target: Path) -> None:
    """Rename a file or a folder to `target`, over a file that is there; OSError where it is refused."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if time.monotonic() >= end:
                raise
        time.sleep(0.05)


def passing_folder(place: Path) -> Path:
    """Make an empty folder beside `place`, with the rights that new folders have there, and return it."""
    # Not tempfile's: on Windows that is closed to others, and so is for good what is moved out of it.
    made = _passing(place)
    made.mkdir()
    return made


def _passing(place: Path) -> Path:
    """Return a new name beside `place`, from where killed processes left what passes, long ago, removed."""
    for left in place.parent.glob(f".{glob.escape(place.name)}.{'[0-9a-f]' * 8}.part"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
    return place.parent / f".{place.name}.{secrets.token_hex(4)}.part"


def writable(folder: Path) -> bool:
    """Return whether files can be made in a folder."""
    if os.name != "nt":
        return os.access(folder, os.W_OK)
    # There the answer tells of a flag that stops nobody from writing into a folder, and of no rights.
    try:
        probe = folder / f".probe-{secrets.token_hex(4)}"
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True


def write(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path`, whole or not at all; BadInput as `whole`."""
    with whole(path) as file:
        file.write(content)


def parquet(frame: pl.DataFrame, **options: Any) -> bytes:
    """Return a frame as Parquet, packed by zstd; `options` are those of `write_parquet`.

    In memory: what a full disk says to polars comes as an error of its own, which names no file.
    """
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", **options)
    return stream.getvalue()


def inert(text: str) -> str:
    """Return text as a cell that no spreadsheet takes for a formula: with `'` before it if it looks so."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write the text of each page by its path below `folder`; BadInput as `whole`."""
    for name, text in pages.items():
        write(folder / name, text.encode())


def foreign(folder: Path, owned: Iterable[str]) -> list[str]:
    """Return the sorted names in a folder, if there is one, that are not among those `owned`.

    What a killed process left of one of those is not among them either.
    """
    known = frozenset(owned)
    try:
        names = [f.name for f in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for name in names if _PASSING.sub(r"\1", name) not in known)


SPOILT = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
"""What a ZIP file that is cut short or spoilt raises; a RuntimeError is for a password or unknown packing."""


@contextmanager
def unpacking(damaged: str, locked: str, **where: object) -> Iterator[None]:
    """Turn what a ZIP file refuses into BadFile, filled with `where`.

    damaged: the key of the sentence for one that is cut short or spoilt; locked: for one with a password or
    packed in an unknown way.
    """
    try:
        yield
    except SPOILT as error:
        raise BadFile(damaged, **where) from error
    except RuntimeError as error:
        raise BadFile(locked, **where) from error


def member(archive: zipfile.ZipFile, name: str, limit: int, too_large: str, /, **where: object) -> bytes:
    """Return what a ZIP file holds under `name`; KeyError where there is nothing.

    BadFile, said by `too_large` and filled with `where`, before more than `limit` bytes would be unpacked:
    a file of one megabyte can hold a thousand.
    """
    size = archive.getinfo(name).file_size
    if size > limit:
        raise BadFile(too_large, size=size, limit=limit, **where)
    return archive.read(name)


def asked_for(about: str) -> Path:
    """Return the one place that the command line names, of a module about which `about` says what it is."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("place", type=Path, help="the file or folder that is written")
    place: Path = parser.parse_args().place
    return place
