"""The statements by which the log reads and fills a store's tables."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tocsin.ledger import merkle
from tocsin.ledger.entries import Entry
from tocsin.ledger.record import Recorded, unseal
from tocsin.ledger.stores import Session
from tocsin.ledger.stores.store import COLUMNS, Row

_BATCH = 500
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Head:
    """The state of a log: number of entries, the stamp of the last one, and the last checkpoint."""

    size: int
    last_stamp: str | None
    checkpoints: int
    last_note: str | None


def head(session: Session) -> Head:
    """Return the state of the log."""
    entries = session.rows("SELECT idx, recorded_at FROM entries ORDER BY idx DESC LIMIT 1")
    checkpoints = session.rows("SELECT seq, note FROM checkpoints ORDER BY seq DESC LIMIT 1")
    index, last = entries[0] if entries else (-1, None)
    seq, note = checkpoints[0] if checkpoints else (-1, None)
    return Head(index + 1, last, seq + 1, note)


def origin_of(session: Session) -> str | None:
    """Return the name under which the log signs its checkpoints; None where it was taken out by hand."""
    found = session.rows("SELECT value FROM meta WHERE name = 'origin'")
    return str(found[0][0]) if found else None


def node_reader(session: Session) -> merkle.Node:
    """Return the function that gives the hash of a complete subtree of the log."""

    def node(level: int, index: int) -> bytes:
        if level == 0:
            found = session.rows("SELECT leaf FROM entries WHERE idx = ?", (index,))
        else:
            found = session.rows("SELECT hash FROM nodes WHERE level = ? AND idx = ?", (level, index))
        return bytes(found[0][0]) if found else bytes(32)

    return node


def id_at(session: Session, index: int) -> str | None:
    """Return the id of the entry at an index, or None."""
    rows = session.rows("SELECT id FROM entries WHERE idx = ?", (index,))
    return rows[0][0] if rows else None


def types_of(session: Session, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return index and type of those of the ids that are recorded."""
    wanted = sorted(set(ids))
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        marks = ", ".join("?" * len(part))
        rows = session.rows(f"SELECT id, idx, type FROM entries WHERE id IN ({marks})", part)
        found.update({id: (index, kind) for id, index, kind in rows})
    return found


def insert_entries(session: Session, first: int, recorded: Sequence[tuple[Entry, str, bytes, bytes]]) -> None:
    """Append entries, each with its stamp, body and leaf, from index `first` on."""
    rows: list[Row] = []
    links: list[Row] = []
    for index, (entry, stamp, body, leaf) in enumerate(recorded, first):
        rows.append((index, *derived_columns(entry), stamp, leaf, body.decode()))
        links += [(index, position, link.role, link.id) for position, link in enumerate(entry.links)]
    session.insert("entries", COLUMNS["entries"], rows)
    if links:
        session.insert("links", COLUMNS["links"], links)


def derived_columns(entry: Entry) -> tuple[str, str, str, str, str, str]:
    """Return id, type, first and last day, author and areas as the table repeats them for searching."""
    first, last = entry.date.first.isoformat(), entry.date.last.isoformat()
    return entry.id, entry.type, first, last, entry.author, area_column(entry.areas)


def area_column(areas: Iterable[str]) -> str:
    """Return areas as one text in which ` gw:432 ` can be looked for."""
    return f" {' '.join(areas)} "


def select(
    session: Session,
    *,
    type: str | None,
    area: str | None,
    author: str | None,
    since: str | None,
    until: str | None,
    newest: int | None,
) -> list[Recorded]:
    """Return the entries that match everything given, in order; only the `newest` of them if given."""
    conditions: list[str] = []
    values: list[str | int] = []
    for condition, value in (
        ("type = ?", type),
        # Not LIKE, which takes _ for any sign and, in SQLite only, a capital for its small letter.
        ("replace(areas, ?, '') <> areas", area and area_column([area])),
        ("author = ?", author),
        ("date_to >= ?", since),
        ("date_from <= ?", until),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = f"ORDER BY idx DESC LIMIT {min(newest, _LARGEST)}" if newest is not None else "ORDER BY idx"
    found = session.rows(f"SELECT idx, {session.bytes_of_body} FROM entries {where} {order}", values)
    return sorted((unseal(index, bytes(body)) for index, body in found), key=lambda entry: entry.index)


def by_id(session: Session, id: str) -> Recorded | None:
    """Return the entry of an id, or None."""
    found = session.rows(f"SELECT idx, {session.bytes_of_body} FROM entries WHERE id = ?", (id,))
    return unseal(found[0][0], bytes(found[0][1])) if found else None


def linked_from(session: Session, id: str) -> list[tuple[str, str, str]]:
    """Return (role, id, type) of the entries that link to an entry, in the order of the log."""
    return [
        (role, source, kind)
        for role, source, kind in session.rows(
            "SELECT links.role, entries.id, entries.type FROM links JOIN entries ON entries.idx = links.idx "
            "WHERE links.target = ? ORDER BY links.idx, links.position",
            (id,),
        )
    ]


def corrections(session: Session, as_of: str) -> dict[str, str]:
    """Return, by the id of each entry called wrong by a day, the id of the last correction that says so.

    A correction that is itself called wrong does not count.
    """
    wrong: dict[str, str] = {}
    # The last first: whether a correction is itself called wrong is known by then, and no circle turns twice.
    for source, target in session.rows(
        "SELECT entries.id, links.target FROM links JOIN entries ON entries.idx = links.idx "
        "WHERE links.role = 'corrects' AND entries.type = 'correction' AND entries.date_from <= ? "
        "ORDER BY entries.idx DESC",
        (as_of,),
    ):
        if source not in wrong:
            wrong.setdefault(target, source)
    return wrong


def notes_over(session: Session, index: int) -> Generator[str, None, None]:
    """Yield the checkpoints over the entry at an index, the first made first."""
    for (note,) in session.stream("SELECT note FROM checkpoints WHERE size > ? ORDER BY seq", (index,)):
        yield note


def bodies(session: Session) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield index, leaf and body of every entry, in order."""
    statement = f"SELECT idx, leaf, {session.bytes_of_body} FROM entries ORDER BY idx"
    for index, leaf, body in session.stream(statement):
        yield index, bytes(leaf), bytes(body)
