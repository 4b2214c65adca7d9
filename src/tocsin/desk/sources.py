"""The data page: what the vault holds and what ships, how fresh it is, what it covers, and whose it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tocsin import figures
from tocsin.desk.snapshot import Line, Snapshot
from tocsin.figures import Attribution, attribution
from tocsin.panel import released
from tocsin.text import Language
from tocsin.vault import Status, Vault
from tocsin.vault.folder import locate


@dataclass(frozen=True)
class Shipped:
    """A table of figures that ships with the package; names as in its manifest."""

    name: str
    releases: tuple[str, ...]
    coverage: str
    known: str
    rows: int

    def released(self, language: Language) -> str:
        """Return the names of its releases, with commas."""
        return released(self.releases, language)


@dataclass(frozen=True)
class Inventory:
    """Everything a forecast could read.

    vault: None where there is none. without: rows of the countries that no release covers. attribution: whose
    the data of the vault and the shipped tables are.
    """

    vault: Status | None
    shipped: tuple[Shipped, ...]
    assessed: int
    without: tuple[Line, ...]
    attribution: Attribution


def inventory(snapshot: Snapshot, today: dt.date) -> Inventory:
    """Return what is at hand on a day, and which countries of the watch shown are covered."""
    vault = _vault(today)
    shipped = tuple(_shipped(name, table) for name, table in sorted(figures.manifest()["tables"].items()))
    held = [one.release for one in vault.releases] if vault else []
    return Inventory(
        vault=vault,
        shipped=shipped,
        assessed=sum(line.assessed for line in snapshot.lines),
        without=tuple(line for line in snapshot.lines if not line.assessed),
        attribution=attribution([*held, *(name for one in shipped for name in one.releases)]),
    )


def _vault(today: dt.date) -> Status | None:
    # Opening a vault makes one; asking what is at hand must not.
    return Vault.open().status(as_of=today) if locate(None).catalogue.exists() else None


def _shipped(name: str, table: dict[str, Any]) -> Shipped:
    return Shipped(name, tuple(table["releases"]), table["coverage"], str(table["known_at"]), table["rows"])
