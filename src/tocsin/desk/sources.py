"""The data page: what the vault holds and what ships, how fresh it is, what it covers, and whose it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tocsin import figures
from tocsin.desk.snapshot import Line, Snapshot
from tocsin.panel import released
from tocsin.text import Language
from tocsin.vault import Status, Vault
from tocsin.vault.folder import locate

CITATIONS = (
    (
        "Sundberg, R. & Melander, E. (2013). Introducing the UCDP Georeferenced Event Dataset. "
        "Journal of Peace Research 50(4): 523-532."
    ),
    (
        "Davies, S., Pettersson, T., Sollenberg, M. & Öberg, M. (2025). Organized violence 1989–2024, and "
        "the challenges of identifying civilian victims. Journal of Peace Research 62(4): 1223-1240."
    ),
)
LICENCE = ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")


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

    vault: None where there is none. without: rows of the countries that no release covers.
    """

    vault: Status | None
    shipped: tuple[Shipped, ...]
    assessed: int
    without: tuple[Line, ...]


def inventory(snapshot: Snapshot, today: dt.date) -> Inventory:
    """Return what is at hand on a day, and which countries of the watch shown are covered."""
    return Inventory(
        vault=_vault(today),
        shipped=tuple(_shipped(name, table) for name, table in sorted(figures.manifest()["tables"].items())),
        assessed=sum(line.assessed for line in snapshot.lines),
        without=tuple(line for line in snapshot.lines if not line.assessed),
    )


def _vault(today: dt.date) -> Status | None:
    # Opening a vault makes one; asking what is at hand must not.
    return Vault.open().status(as_of=today) if locate(None).catalogue.exists() else None


def _shipped(name: str, table: dict[str, Any]) -> Shipped:
    return Shipped(name, tuple(table["releases"]), table["coverage"], str(table["known_at"]), table["rows"])
