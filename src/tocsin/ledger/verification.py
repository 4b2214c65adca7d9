"""Checking a whole ledger against itself, against public keys, and against a checkpoint kept elsewhere.

The leaves are recomputed from the stored bytes, the tree from the leaves, every root from the tree. What
does not agree is named by its place: an entry by index and id, a node by the entries it covers, a checkpoint
by its number and size.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from tocsin.errors import Damaged
from tocsin.ledger import clock, merkle
from tocsin.ledger.checkpoint import Checkpoint, VerifierKey, signature, signer
from tocsin.ledger.levels import Levels
from tocsin.ledger.stores import Flaw, Session
from tocsin.ledger.tables import Head, area_column, node_reader, origin_of
from tocsin.text import Language, say

Progress = Callable[[float], None]
"""Called with the share done, from 0 to 1."""

SHOWN = 100
"""How many problems are named; the others are counted."""

_UNKNOWN = bytes(32)
_GAP = 1_000_000
"""Longest run of missing entries; what stands further on was put in, and must not use up the memory."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `kind` names it, `index` and `id` the first entry concerned, if any."""

    kind: str
    index: int | None
    id: str | None
    values: dict[str, object] = field(default_factory=dict)

    def message(self, language: Language | None = None) -> str:
        """Return the sentence that says what is wrong and where."""
        number = None if self.index is None else self.index + 1
        return say(f"ledger.problem.{self.kind}", language, index=number, id=self.id, **self.values)

    def __str__(self) -> str:
        return self.message()


@dataclass(frozen=True)
class Signer:
    """A key, and the runs of entries (first and last number, from 1) that it was the first to sign."""

    key: VerifierKey
    runs: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """How many entries these are."""
        return sum(last - first + 1 for first, last in self.runs)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"key": str(self.key), "until": self.key.until, "count": self.count, "runs": self.runs}


@dataclass(frozen=True)
class Verification:
    """What a check of the whole ledger found.

    size, root (hexadecimal), checkpoint: the state that was checked. signatures: checkpoints signed by a key
    that was given. keys: how many keys were given; signers: which entries each of them was the first to sign.
    problems: the first ones; count: all of them.
    kept: size of the kept checkpoint that the log was held against, or None.
    """

    size: int
    root: str
    checkpoint: str
    checkpoints: int
    signatures: int
    keys: int
    signers: tuple[Signer, ...]
    kept: int | None
    count: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.count

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, each problem with its sentence."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        problems = [
            {"kind": p.kind, "index": p.index, "id": p.id, "message": p.message()} for p in self.problems
        ]
        signers = [one.to_dict() for one in self.signers]
        return told | {"ok": self.ok, "problems": problems, "signers": signers}


class Findings:
    """What is found wrong while checking: the first problems, and how many there are."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[Problem] = []

    def add(self, kind: str, index: int | None = None, id: str | None = None, **values: object) -> None:
        """Take down one problem. Arguments as in `Problem`."""
        self.count += 1
        if len(self.named) < SHOWN:
            self.named.append(Problem(kind, index, id, values))


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
    checkpoints, signatures, signers, last = _check_checkpoints(session, levels, keys, findings)
    kept_size = None if kept is None else check_kept(origin_of(session), kept, keys, levels, findings)
    tell(1.0)
    return Verification(
        size=size,
        root=levels.root(levels.size).hex(),
        checkpoint=last or empty_note(session),
        checkpoints=checkpoints,
        signatures=signatures,
        keys=len(keys),
        signers=signers,
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
        names = session.rows("SELECT id FROM entries WHERE idx = ?", (first,))
        last = min(first + (1 << level), levels.size)
        findings.add(kind, first, names[0][0] if names else None, level=level, node=index, last=last)

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


def _check_checkpoints(
    session: Session, levels: Levels, keys: Sequence[VerifierKey], findings: Findings
) -> tuple[int, int, tuple[Signer, ...], str]:
    origin = origin_of(session)
    signed: dict[VerifierKey, list[tuple[int, int]]] = {}
    count = signatures = right = size_before = expected = covered = 0
    broken, signed_before, last = False, False, ""
    last_signed = not keys
    for seq, size, note in session.stream("SELECT seq, size, note FROM checkpoints ORDER BY seq"):
        number = seq + 1
        if seq != expected:
            findings.add("checkpoint_missing", None, None, number=expected + 1)
        expected, count, last = seq + 1, count + 1, note
        try:
            told = Checkpoint.of_note(note)
        except Damaged:
            findings.add("checkpoint_unreadable", None, None, number=number)
            broken = True
            continue
        if told.size != size or told.origin != origin or size < size_before:
            findings.add("checkpoint_columns", None, None, number=number)
        size_before = max(size, size_before)
        if keys:
            by = signer(note, keys)
            verdict = signature(note, keys) if by is None else "good"
            signatures += verdict == "good"
            if verdict == "bad" or (verdict in ("none", "unknown") and signed_before):
                findings.add(f"signature_{verdict}", None, None, number=number)
            signed_before |= verdict == "good"
            last_signed = verdict == "good"
        if told.size > levels.size:
            findings.add("checkpoint_beyond", None, None, number=number, size=told.size, held=levels.size)
            broken = True
        elif levels.root(told.size) != told.root:
            if not broken:
                names = session.rows("SELECT id FROM entries WHERE idx = ?", (right,))
                id = names[0][0] if names else None
                findings.add("checkpoint_root", right, id, number=number, size=told.size, right=right)
            broken = True
        elif not broken:
            right = told.size
            if keys and by is not None and told.size > covered:
                _add_run(signed.setdefault(by, []), covered + 1, told.size)
                covered = told.size
    if keys and count and not last_signed:
        findings.add("last_unsigned", None, None, number=count)
    if size_before < levels.size:
        names = session.rows("SELECT id FROM entries WHERE idx = ?", (size_before,))
        findings.add("after_checkpoint", size_before, names[0][0] if names else None, last=levels.size)
    return count, signatures, tuple(Signer(key, tuple(runs)) for key, runs in signed.items()), last


def _add_run(runs: list[tuple[int, int]], first: int, last: int) -> None:
    if runs and runs[-1][1] == first - 1:
        first = runs.pop()[0]
    runs.append((first, last))


def check_head(
    session: Session, head: Head, keys: Sequence[VerifierKey], name: str, *, first: bool = False
) -> None:
    """Raise Damaged unless the log called `name` is what its last checkpoint says and one of `keys` signed.

    A key that signed whatever it finds would make a forged history good with the next entry. Only the right
    edge of the tree is read. first: the key is new, and a log without any signature will do.
    """
    if not head.size and head.last_note is None:
        return
    note = head.last_note or ""
    root = merkle.root(head.size, node_reader(session))
    try:
        agrees = Checkpoint.of_note(note) == Checkpoint(origin_of(session) or "", head.size, root)
    except Damaged:
        agrees = False
    if not agrees:
        raise Damaged("ledger.head_differs", path=name)
    if first and not is_signed(session):
        return
    verdict = signature(note, keys)
    if verdict != "good":
        raise Damaged("ledger.head_unsigned" if verdict == "none" else "ledger.head_unknown", path=name)


def is_signed(session: Session) -> bool:
    """Return whether any checkpoint of the log carries a signature, whoever's."""
    return bool(session.rows("SELECT 1 FROM checkpoints WHERE note LIKE ? LIMIT 1", ("%\n\n%",)))


def check_kept(
    origin: str | None, kept: str, keys: Sequence[VerifierKey], levels: Levels, findings: Findings
) -> int:
    """Hold the log of an origin, whose tree is `levels`, against a checkpoint kept, and return its size."""
    told = Checkpoint.of_note(kept)
    if told.origin != origin:
        findings.add("kept_origin", None, None, origin=told.origin, own=str(origin))
        return told.size
    if keys and signature(kept, keys) == "bad":
        findings.add("kept_signature", None, None)
    if told.size > levels.size:
        findings.add("kept_beyond", None, None, size=told.size, held=levels.size)
    elif levels.root(told.size) != told.root:
        findings.add("kept_root", None, None, size=told.size)
    return told.size


def empty_note(session: Session) -> str:
    """Return the checkpoint, unsigned, of a log before its first entry."""
    return Checkpoint(origin_of(session) or "", 0, merkle.EMPTY).text()
