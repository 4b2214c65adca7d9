"""Digests that name inputs: SHA-256 over canonical bytes, so that the same content has the same name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def of_bytes(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_parts(*parts: object) -> str:
    """Return the SHA-256 of a sequence of arrays and JSON-able values.

    Arrays enter with dtype and shape in little-endian C order; everything else as JSON with sorted keys, a
    number of NumPy as that number and what JSON does not know as its text.
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            fixed: NDArray[Any] = np.ascontiguousarray(part, dtype=part.dtype.newbyteorder("<"))
            header = f"array {fixed.dtype.str} {fixed.shape}\n".encode()
            total.update(header)
            total.update(fixed.tobytes())
        else:
            text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
            total.update(f"json {len(text)}\n{text}".encode())
    return total.hexdigest()


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)


@cache
def of_rooms(*rooms: str) -> str:
    """Return the digest of every file of rooms of this package, by their names in any order.

    A result that names it is not taken for one that other code would have made.
    """
    root = resources.files("tocsin")
    held = {entry.name.removesuffix(".py"): entry for entry in root.iterdir()}
    files = dict(file for room in rooms for file in _files(held[room], room))
    return of_parts({name: of_bytes(files[name]) for name in sorted(files)})


def _files(entry: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if entry.is_file():
        yield name, entry.read_bytes()
    elif entry.name != "__pycache__":
        for inner in entry.iterdir():
            yield from _files(inner, f"{name}/{inner.name}")


def seed(*parts: object) -> int:
    """Return a 128-bit seed that depends on `parts` alone, so that draws do not depend on order or jobs."""
    return int(of_parts(*parts)[:32], 16)
