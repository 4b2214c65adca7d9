"""The ledger that is there, for whoever only asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.errors import BadInput
from tocsin.ledger.log import Ledger
from tocsin.ledger.stores import Place


@contextmanager
def existing(ledger: str | os.PathLike[str] | Place | None = None) -> Iterator[Ledger | None]:
    """Open the ledger for a while; None where there is none. Otherwise as `Ledger.open`."""
    try:
        held = Ledger.open(ledger, create=False)
    except BadInput as error:
        if error.key != "ledger.no_ledger":
            raise
        yield None
    else:
        with held:
            yield held
