"""Where a ledger lies: the option, else TOCSIN_LEDGER_URL, else a file in TOCSIN_HOME."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tocsin.errors import BadStore
from tocsin.ledger.stores.store import Store

_SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True)
class Place:
    """The place of a ledger, and of the keys of who uses it.

    url: a PostgreSQL URL, or None for a file. file: the SQLite file. keys: folder of the signing key.
    named: whether someone named it, so that a file that is not there may be another than was meant.
    """

    url: str | None
    file: Path
    keys: Path
    named: bool = False

    @property
    def missing(self) -> bool:
        """Whether it is a file that someone named and that is not there."""
        return self.named and self.url is None and not self.file.exists()


def locate(ledger: str | os.PathLike[str] | None = None) -> Place:
    """Return the place of a ledger.

    ledger: path of an SQLite file or PostgreSQL URL; None for TOCSIN_LEDGER_URL, else ledger.sqlite in
    TOCSIN_HOME (the user's data folder where that is not set). The signing key lies in TOCSIN_HOME.
    Raises BadStore for a URL of another scheme.
    """
    home = os.environ.get("TOCSIN_HOME") or platformdirs.user_data_path("tocsin", appauthor=False)
    keys = Path(home).expanduser().absolute()
    chosen = os.fspath(ledger) if ledger is not None else os.environ.get("TOCSIN_LEDGER_URL", "")
    if chosen.startswith(_SCHEMES):
        return Place(chosen, keys / "ledger.sqlite", keys, named=True)
    if "://" in chosen:
        raise BadStore("ledger.bad_scheme", value=chosen.partition("://")[0], choices="postgresql")
    file = Path(chosen).expanduser().absolute() if chosen else keys / "ledger.sqlite"
    return Place(None, file, keys, named=bool(chosen))


def open_store(place: Place, *, create: bool, origin: str, wait: float = 30.0) -> Store:
    """Open the store at a place.

    create: make it where there is none, under `origin` (otherwise BadStore). wait: seconds to wait.
    """
    if place.url is not None:
        from tocsin.ledger.stores.postgres import PostgresStore

        return PostgresStore(place.url, create=create, origin=origin, wait=wait)
    from tocsin.ledger.stores.sqlite import SqliteStore

    return SqliteStore(place.file, create=create, origin=origin, wait=wait)
