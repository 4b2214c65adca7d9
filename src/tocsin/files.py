"""Files written whole or not at all, ZIP files unpacked, and where a module puts the pages it writes."""

from __future__ import annotations

import argparse
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import BadFile, BadInput


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a passing file that takes the place of `path` once all is written, or is removed.

    BadInput, naming the file and the cause, for a place that refuses it.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened here: an error of polars gives its cause and the passing file in one untranslated sentence.
        with fresh.open("wb") as file:
            yield file
        fresh.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("files.unwritable", file=str(path), reason=reason) from error
    finally:
        with suppress(OSError):
            fresh.unlink()


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


def asked_for(about: str) -> Path:
    """Return the one place that the command line names, of a module about which `about` says what it is."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("place", type=Path, help="the file or folder that is written")
    place: Path = parser.parse_args().place
    return place
