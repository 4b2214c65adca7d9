"""The checkpoints of a ledger, which are the heads of its tree, held against the tree and the keys."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.errors import Damaged
from tocsin.ledger import merkle
from tocsin.ledger.checkpoint import Checkpoint, VerifierKey, signature, signer
from tocsin.ledger.levels import Levels
from tocsin.ledger.stores import Session
from tocsin.ledger.tables import Head, id_at, node_reader, origin_of
from tocsin.ledger.verdict import Findings, Signer


class Heads:
    """The checkpoints walked in their order: which are signed, and up to where the tree has their roots.

    count, last: how many there are, and the text of the last. signatures: how many a key that was given
    signed, whose runs of entries `signers` has.
    """

    def __init__(
        self, session: Session, levels: Levels, keys: Sequence[VerifierKey], findings: Findings
    ) -> None:
        self.count = self.signatures = 0
        self.last = ""
        self._session, self._levels, self._keys, self._findings = session, levels, keys, findings
        self._origin = origin_of(session)
        self._next = self._size = self._right = self._covered = 0
        self._broken = self._signed = self._last_signed = False
        self._runs: dict[VerifierKey, list[tuple[int, int]]] = {}
        for seq, size, note in session.stream("SELECT seq, size, note FROM checkpoints ORDER BY seq"):
            self._take(seq, size, note)
        if keys and self.count and not self._last_signed:
            findings.add("last_unsigned", number=self.count)
        if self._size < levels.size:
            findings.add("after_checkpoint", self._size, id_at(session, self._size), last=levels.size)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The keys that signed, with what each of them was the first to sign."""
        return tuple(Signer(key, tuple(runs)) for key, runs in self._runs.items())

    def _take(self, seq: int, size: int, note: str) -> None:
        if seq != self._next:
            self._findings.add("checkpoint_missing", number=self._next + 1)
        self._next, self.count, self.last = seq + 1, self.count + 1, note
        try:
            told = Checkpoint.of_note(note)
        except Damaged:
            self._findings.add("checkpoint_unreadable", number=seq + 1)
            self._broken = True
            return
        if told.size != size or told.origin != self._origin or size < self._size:
            self._findings.add("checkpoint_columns", number=seq + 1)
        self._size = max(size, self._size)
        by = self._signer(seq + 1, note) if self._keys else None
        self._hold(seq + 1, told)
        if self._broken:
            return
        self._right = told.size
        if by is not None and told.size > self._covered:
            _add_run(self._runs.setdefault(by, []), self._covered + 1, told.size)
            self._covered = told.size

    def _signer(self, number: int, note: str) -> VerifierKey | None:
        """Return who of the keys signed; once one did, whatever comes after must be signed too."""
        by = signer(note, self._keys)
        verdict = "good" if by is not None else signature(note, self._keys)
        self._last_signed = verdict == "good"
        self.signatures += self._last_signed
        if verdict == "bad" or (verdict in ("none", "unknown") and self._signed):
            self._findings.add(f"signature_{verdict}", number=number)
        self._signed |= self._last_signed
        return by

    def _hold(self, number: int, told: Checkpoint) -> None:
        """Hold a checkpoint against the tree; of those that the tree contradicts only the first is named."""
        if told.size > self._levels.size:
            self._findings.add("checkpoint_beyond", number=number, size=told.size, held=self._levels.size)
        elif self._levels.root(told.size) == told.root:
            return
        elif not self._broken:
            right = self._right
            named = id_at(self._session, right)
            self._findings.add("checkpoint_root", right, named, number=number, size=told.size, right=right)
        self._broken = True


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
