"""What is kept in memory between requests, and what tells that the files it was made from have changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tocsin.vault.folder import locate

KEPT = 512
"""Things kept at most; the ones used longest ago are let go."""

Found = TypeVar("Found")

_memory: OrderedDict[tuple[object, ...], Any] = OrderedDict()
_lock = threading.Lock()


def kept(key: tuple[object, ...], make: Callable[[], Found]) -> Found:
    """Return what was made for a key before, from the vault as it is now, else make it.

    key: what is kept, and everything it was made from but the vault.
    """
    # Most of it rests on the vault, often through several rooms: one key that left it out would go on showing
    # the data of before an ingest. What does not rest on it is made anew after one, which costs little.
    whole = (*key, vault_stamp())
    with _lock:
        if whole in _memory:
            _memory.move_to_end(whole)
            found: Found = _memory[whole]
            return found
    made = make()
    with _lock:
        _memory[whole] = made
        while len(_memory) > KEPT:
            _memory.popitem(last=False)
    return made


def stamps(*files: Path) -> tuple[object, ...]:
    """Return what tells one version of files from another; None for each that is not there, or is empty.

    The log of a database is empty while it is only read, and gone when nobody does: neither is a change.
    """
    found: list[object] = []
    for file in files:
        try:
            held = file.stat()
            found.append((held.st_mtime_ns, held.st_size) if held.st_size else None)
        except OSError:
            found.append(None)
    return tuple(found)


def vault_stamp() -> tuple[object, ...]:
    """Return what changes with every ingest, and where another vault is put in the place of this one."""
    return stamps(locate(None).catalogue)
