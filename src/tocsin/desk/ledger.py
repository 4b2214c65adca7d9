"""The ledger's pages: entries found and filtered, one entry with its proof, and an entry from a form."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin import warn
from tocsin.desk.area import ledger_place
from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.ledger import Entry, Ledger, Proof, Recorded, Verification, entry, export_bundle, fields
from tocsin.ledger.checkpoint import Checkpoint
from tocsin.ledger.entries.fields import FieldSpec
from tocsin.ledger.form import value_of
from tocsin.ledger.merkle import root_from_inclusion
from tocsin.text import current_language

SHOWN = 50
"""Entries on a page of the list."""

GIVEN = ("type", "links", "digest")
"""Fields that a form asks for in a way of its own, or not at all."""


@dataclass(frozen=True)
class Listed:
    """One page of the entries that match: newest first, how many match, and the page's number from 1."""

    entries: tuple[Recorded, ...]
    found: int
    size: int
    page: int
    corrected: frozenset[str]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.found // SHOWN), 1)


@dataclass(frozen=True)
class Checked:
    """What came of checking a proof: the leaf is the entry's own, the path leads to the root, the signature.

    signed: name of the key that signed the checkpoint; None where it is unsigned or no key is known here.
    """

    leaf: bool
    root: bool
    signed: str | None
    bad_signature: bool

    @property
    def good(self) -> bool:
        """Whether nothing contradicts the proof."""
        return self.leaf and self.root and not self.bad_signature


@dataclass(frozen=True)
class Shown:
    """One entry: later entries that lead to it, whether it was corrected, and its proof, checked."""

    recorded: Recorded
    later: tuple[tuple[str, str, str], ...]
    corrected: bool
    proof: Proof
    checked: Checked


@contextmanager
def opened(home: Path, *, create: bool = False) -> Iterator[Ledger | None]:
    """Open the ledger of a home; None where there is none and none is to be made."""
    try:
        held = Ledger.open(ledger_place(home), create=create)
    except BadInput as error:
        if error.key != "ledger.no_ledger":
            raise
        yield None
        return
    with held:
        yield held


def search(
    home: Path, *, type: str = "", area: str = "", party: str = "", text: str = "", page: int = 1
) -> Listed:
    """Return a page of the entries that match everything given, newest first.

    party: part of a name that gives or is given something; text: part of any text, both without regard to
    case and accents. Raises UnknownName for a type or area that is none.
    """
    with opened(home) as held:
        if held is None:
            return Listed((), 0, 0, 1, frozenset())
        size, corrected = len(held), held.corrected()
    chosen = matching(home, type=type, area=area, party=party, text=text)
    start = (max(page, 1) - 1) * SHOWN
    return Listed(chosen[start : start + SHOWN], len(chosen), size, max(page, 1), corrected)


def matching(
    home: Path, *, type: str = "", area: str = "", party: str = "", text: str = ""
) -> tuple[Recorded, ...]:
    """Return the entries that match everything given, newest first; arguments as `search`."""
    with opened(home) as held:
        entries = [] if held is None else held.entries(type=type or None, area=area or None)
    chosen = [e for e in entries if _about(e.entry, party, text)]
    return tuple(sorted(chosen, key=lambda e: (e.entry.date.first, e.index), reverse=True))


def corrected(home: Path) -> frozenset[str]:
    """Return the ids of the entries that a later one says are wrong."""
    with opened(home) as held:
        return frozenset() if held is None else held.corrected()


def is_exercise(one: Entry) -> bool:
    """Return whether an entry is a warning raised on a reconstructed past month, or an answer to one."""
    episode = getattr(one, "episode", None)
    answered = (link.id for link in one.links if link.role == "answers")
    return any(warn.is_exercise(id) for id in (episode or "", *answered))


def one(home: Path, id: str) -> Shown:
    """Return an entry with its proof, checked; UnknownName if it is not recorded."""
    with opened(home) as held:
        if held is None:
            raise UnknownName("desk.no_entry", value=id[:80])
        try:
            recorded = held.entry(id)
        except UnknownName:
            # Where the ledger lies on this machine is no reader's business.
            raise UnknownName("desk.no_entry", value=id[:80]) from None
        proof = held.prove(id)
        return Shown(
            recorded, tuple(held.linked_from(id)), id in held.corrected(), proof, check(held, recorded, proof)
        )


def check(held: Ledger, recorded: Recorded, proof: Proof) -> Checked:
    """Check a proof as anyone could with the entry's bytes, the proof and the public keys known here."""
    root = root_from_inclusion(
        recorded.leaf, proof.index, proof.size, [bytes.fromhex(step) for step in proof.path]
    )
    noted = Checkpoint.of_note(proof.checkpoint)
    agrees = root is not None and root == noted.root and root.hex() == proof.root
    signed, bad = None, False
    for key in held.known_keys:
        try:
            key.signed(proof.checkpoint)
            signed = key.name
        except Damaged as error:
            bad = bad or error.key == "ledger.bad_signature"
    return Checked(recorded.leaf.hex() == proof.leaf, agrees, signed, bad)


def verified(home: Path) -> Verification | None:
    """Return what checking the whole ledger finds; None where there is none."""
    with opened(home) as held:
        return None if held is None else held.verify()


def bundle(home: Path, ids: Sequence[str] | None = None) -> bytes:
    """Return the ledger, or some of its entries, as a ZIP that anyone can check; UnknownName without one."""
    with opened(home) as held, tempfile.TemporaryDirectory() as folder:
        if held is None:
            raise UnknownName("desk.no_ledger")
        path = Path(folder) / "ledger.zip"
        export_bundle(held, path, ids=ids)
        return path.read_bytes()


def asked(type: str) -> tuple[FieldSpec, ...]:
    """Return the fields a form for a type asks for, what is needed first; UnknownName for another type."""
    specs = [spec for spec in fields(type) if spec.name not in GIVEN]
    return tuple(sorted(specs, key=lambda spec: not spec.required))


def from_form(type: str, answers: Mapping[str, str], *, author: str) -> Entry:
    """Return the entry that a filled form describes. BadInput, naming the field, for what cannot be one."""
    given: dict[str, Any] = {"type": type}
    for spec in fields(type):
        answer = answers.get(spec.name, "").strip()
        if answer and spec.name != "type":
            given[spec.name] = value_of(spec, answer)
    given.setdefault("author", author)
    given.setdefault("language", current_language())
    return entry(given)


def record(home: Path, made: Sequence[Entry]) -> tuple[str, bool]:
    """Record entries and return the id of the last, and whether anything was new.

    The same content sent twice has the same id: it is recorded once.
    """
    with opened(home, create=True) as held:
        assert held is not None
        try:
            held.extend(made)
        except BadInput as error:
            if error.key != "ledger.id_recorded" or held.entry(made[-1].id).entry != made[-1]:
                raise
            return made[-1].id, False
    return made[-1].id, True


def _about(one: Entry, party: str, text: str) -> bool:
    plain = one.content()
    if party and not any(_plain(party) in _plain(name) for name in _names(plain)):
        return False
    return not text or _plain(text) in _plain(" ".join(_texts(plain)))


def _names(plain: Mapping[str, Any]) -> Iterator[str]:
    for field in (
        "by", "to", "author", "attributed_to", "promisor", "beneficiary", "parties", "guarantors", "force",
        "non_signatories", "contributors", "actors", "holder", "taken_from", "authority", "opposed_by",
    ):  # fmt: skip
        yield from _texts(plain.get(field))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()
