"""The ledger that is there, for whoever only asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.errors import BadStore
from tocsin.ledger.log import Ledger
from tocsin.ledger.stores import Place, locate


@contextmanager
def existing(
    ledger: str | os.PathLike[str] | Place | None = None, *, new: bool = False
) -> Iterator[Ledger | None]:
    """Open the ledger for a while; None where none was begun yet. Otherwise as `Ledger.open`.

    new: whether a file that someone named may be one that is yet to be made. Without it BadStore: a record
    at a path that was mistyped is not empty, it was not asked.
    """
    place = ledger if isinstance(ledger, Place) else locate(ledger)
    try:
        held = Ledger.open(place, create=False)
    except BadStore as error:
        if error.key != "ledger.no_ledger" or (place.missing and not new):
            raise
        yield None
    else:
        with held:
            yield held
