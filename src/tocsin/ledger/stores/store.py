"""What the log asks of a store: transactions that read one state, and transactions that alone may append."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tocsin.errors import BadStore

Row = tuple[Any, ...]

LAYOUT = "1"
LAYOUT_OF = "SELECT value FROM meta WHERE name = 'layout'"


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a database beneath the ledger's tables.

    kind: `pages` of its files are damaged (what: the database's own words), something in its `schema` is not
    as the ledger made it (what: its name), or an `index` does not list what its table holds (what: the
    column).
    """

    kind: Literal["pages", "schema", "index"]
    what: str


def check_layout(found: Row | None, name: str) -> None:
    """Raise BadStore unless what `LAYOUT_OF` finds in the ledger called `name` is this layout."""
    if found is None or found[0] != LAYOUT:
        raise BadStore("ledger.other_layout", path=name, found=found and found[0], known=LAYOUT)


class Session(Protocol):
    """One transaction. Statements mark their parameters with `?` and name the tables without a schema."""

    bytes_of_body: str
    """The expression that gives the bytes of the column `body` as they are stored."""

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""

    def stream(self, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of a query without holding them all."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Append rows to a table."""


class Store(Protocol):
    """The tables of one ledger.

    entries(idx, id, type, date_from, date_to, author, areas, recorded_at, leaf, body), links(idx, position,
    role, target), nodes(level, idx, hash) from level 1, checkpoints(seq, size, note), meta(name, value).
    Triggers refuse UPDATE and DELETE on all of them.
    """

    @property
    def name(self) -> str:
        """What errors and reports call the place, without a password."""

    def read(self) -> AbstractContextManager[Session]:
        """Open a transaction that sees one state of the ledger throughout."""

    def write(self) -> AbstractContextManager[Session]:
        """Open the transaction that alone may append; it is on disk when the block ends without an error."""

    def check(self, session: Session) -> Flaw | None:
        """Return the first thing that could hide rows of the tables from those who look them up, or None."""

    def close(self) -> None:
        """Let go of the database."""


COLUMNS = {
    "entries": (
        "idx",
        "id",
        "type",
        "date_from",
        "date_to",
        "author",
        "areas",
        "recorded_at",
        "leaf",
        "body",
    ),
    "links": ("idx", "position", "role", "target"),
    "nodes": ("level", "idx", "hash"),
    "checkpoints": ("seq", "size", "note"),
    "meta": ("name", "value"),
}
