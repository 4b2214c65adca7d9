"""Checking a whole ledger against itself, against public keys, and against a checkpoint kept elsewhere.

The leaves are recomputed from the stored bytes, the tree from the leaves, every root from the tree. What
does not agree is named by its place: an entry by index and id, a node by the entries it covers, a checkpoint
by its number and size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from tocsin.ledger import clock, merkle
from tocsin.ledger.checkpoint import VerifierKey
from tocsin.ledger.heads import Heads, check_kept, empty_note
from tocsin.ledger.levels import Levels
from tocsin.ledger.stores import Flaw, Session
from tocsin.ledger.tables import area_column, id_at, origin_of
from tocsin.ledger.verdict import Findings, Verification

Progress = Callable[[float], None]
"""Called with the share done, from 0 to 1."""

_UNKNOWN = bytes(32)
_GAP = 1_000_000
"""Longest run of missing entries; what stands further on was put in, and must not use up the memory."""


def verify(
    session: Session,
    *,
    keys: Sequence[VerifierKey],
    now: dt.datetime,
    kept: str | None = None,
    flaw: Flaw | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Return what is wrong with the ledger that `session` reads at `now`. Arguments as `Ledger.verify`."""
    tell = progress or (lambda share: None)
    findings = Findings()
    if flaw is not None:
        findings.add(flaw.kind, what=flaw.what)
    size = int(session.rows("SELECT coalesce(max(idx) + 1, 0) FROM entries")[0][0])
    levels = _check_entries(session, size, now, findings, lambda share: tell(0.7 * share))
    levels.grow()
    tell(0.8)
    _check_nodes(session, levels, findings)
    tell(0.9)
    heads = Heads(session, levels, keys, findings)
    kept_size = None if kept is None else check_kept(origin_of(session), kept, keys, levels, findings)
    tell(1.0)
    return Verification(
        size=size,
        root=levels.root(levels.size).hex(),
        checkpoint=heads.last or empty_note(session),
        checkpoints=heads.count,
        signatures=heads.signatures,
        keys=len(keys),
        signers=heads.signers,
        kept=kept_size,
        count=findings.count,
        problems=tuple(findings.named),
    )


@dataclass(frozen=True)
class _Told:
    """What the bytes of an entry say: the columns beside them, and the links."""

    columns: tuple[str, ...]
    stamp: str
    links: list[tuple[str, str]]


def _told(body: bytes) -> _Told | None:
    try:
        whole = from_json(body)
        entry, stamp = whole["entry"], whole["recorded_at"]
        date = entry["date"]
        named, areas = (entry["id"], entry["type"]), area_column(entry["areas"])
        columns = (*named, date["from"], date["to"], entry["author"], areas, stamp)
        links = [(link["role"], link["id"]) for link in entry.get("links", ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    # Of another type they can neither be compared nor looked up.
    told = (*columns, *(part for link in links for part in link))
    return _Told(columns, stamp, links) if all(isinstance(part, str) for part in told) else None


class _StoredLinks:
    """The table of links, walked along with the entries."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._rows = session.stream("SELECT idx, role, target FROM links ORDER BY idx, position")
        self._next = next(self._rows, None)
        self._findings = findings

    def of(self, index: int | None) -> list[tuple[str, str]]:
        """Return the links of an entry (None: what is left); report those of entries that are not there."""
        found: list[tuple[str, str]] = []
        while self._next is not None and (index is None or self._next[0] <= index):
            own, role, target = self._next
            if own == index:
                found.append((role, target))
            else:
                self._findings.add("stray_link", own, target)
            self._next = next(self._rows, None)
        return found


def _check_entries(
    session: Session, size: int, now: dt.datetime, findings: Findings, tell: Progress
) -> Levels:
    """Check every entry by itself and against those before it, and return the leaves as stored."""
    levels, links = Levels(), _StoredLinks(session, findings)
    seen: dict[str, int] = {}
    expected, last_stamp, latest = 0, "", clock.stamp(now + clock.TOLERANCE)
    statement = (
        "SELECT idx, id, type, date_from, date_to, author, areas, recorded_at, leaf, "
        f"{session.bytes_of_body} FROM entries ORDER BY idx"
    )
    for index, *columns, leaf, body in session.stream(statement):
        id, body, leaf = columns[0], bytes(body), bytes(leaf)
        if not 0 <= index <= expected + _GAP:
            findings.add("inserted", index, id)
            continue
        for gone in range(expected, index):
            findings.add("missing", gone)
            levels.add(_UNKNOWN)
        expected = index + 1
        # The tree goes on from the leaf as stored, so that one changed body is one problem.
        levels.add(leaf if len(leaf) == 32 else _UNKNOWN)
        stored = links.of(index)
        told = _told(body)
        if merkle.leaf_hash(body) != leaf or told is None:
            findings.add("entry" if merkle.leaf_hash(body) != leaf else "unreadable", index, id)
            seen.setdefault(id, index)
            continue
        if told.columns != tuple(columns):
            findings.add("columns", index, id)
        if told.stamp < last_stamp:
            findings.add("back_dated", index, id, stamp=told.stamp, before=last_stamp)
        else:
            last_stamp = told.stamp
        if told.stamp > latest:
            findings.add("future", index, id, stamp=told.stamp, now=clock.stamp(now))
        if stored != told.links:
            findings.add("links", index, id)
        for _, target in told.links:
            if target not in seen:
                findings.add("link", index, id, target=target)
        first = seen.setdefault(told.columns[0], index)
        if first != index:
            findings.add("twice", index, id, other=first + 1)
        if not index & 0x3FFF:
            tell(index / max(size, 1))
    links.of(None)
    return levels


def _check_nodes(session: Session, levels: Levels, findings: Findings) -> None:
    """Compare every stored node with the one computed; of a chain of wrong ones only the lowest is named."""
    wrong: set[tuple[int, int]] = set()
    expected = levels.nodes()
    want = next(expected, None)

    def report(level: int, index: int, kind: str) -> None:
        wrong.add((level, index))
        if kind == "node" and {(level - 1, 2 * index), (level - 1, 2 * index + 1)} & wrong:
            return
        first = index << level
        last = min(first + (1 << level), levels.size)
        findings.add(kind, first, id_at(session, first), level=level, node=index, last=last)

    for level, index, value in session.stream("SELECT level, idx, hash FROM nodes ORDER BY level, idx"):
        while want is not None and want[:2] < (level, index):
            report(want[0], want[1], "node_missing")
            want = next(expected, None)
        if want is None or want[:2] != (level, index):
            findings.add("node_stray", None, None, level=level, node=index)
            continue
        if bytes(value) != want[2]:
            report(level, index, "node")
        want = next(expected, None)
    while want is not None:
        report(want[0], want[1], "node_missing")
        want = next(expected, None)
