"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import BadInput


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
