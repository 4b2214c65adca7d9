"""A recorded entry: the bytes that are a leaf of the tree, the receipt its recorder keeps, and its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from pydantic_core import from_json

from tocsin.errors import Damaged
from tocsin.ledger import clock, merkle
from tocsin.ledger.checkpoint import Checkpoint
from tocsin.ledger.entries import Entry, recorded_entry

FORMAT = 1


@dataclass(frozen=True)
class Recorded:
    """One entry as the ledger holds it.

    index: its place, from 0. recorded_at: when the ledger took it in (UTC). imported: where it was recorded
    first (origin, index, recorded_at), for an entry that came from another ledger; None too where the bytes
    tell something else of it. body: the exact bytes that were hashed.
    """

    index: int
    recorded_at: str
    entry: Entry
    imported: Mapping[str, Any] | None
    body: bytes

    @property
    def leaf(self) -> bytes:
        """The hash of the entry as a leaf of the tree."""
        return merkle.leaf_hash(self.body)


@dataclass(frozen=True)
class Receipt:
    """Proof of having been recorded, to be kept by who recorded it.

    leaf, root: SHA-256 hashes in hexadecimal; the root is that of the tree over the first `size` entries,
    this one among them. checkpoint: the signed note over that size and root (unsigned without a key).
    """

    index: int
    id: str
    recorded_at: str
    leaf: str
    size: int
    root: str
    checkpoint: str


@dataclass(frozen=True)
class Proof:
    """That one entry is in the log: RFC 6962 audit path from its leaf to the root of a checkpoint.

    Hashes in hexadecimal; the path runs from the leaf upwards.
    """

    index: int
    leaf: str
    size: int
    root: str
    path: tuple[str, ...]
    checkpoint: str

    def holds(self, body: bytes) -> bool:
        """Return whether recorded bytes are the entry that the checkpoint's tree holds at this index.

        Who signed the checkpoint is another question: `VerifierKey.signed` answers it.
        """
        told = Checkpoint.of_note(self.checkpoint)
        path = [bytes.fromhex(value) for value in self.path]
        return merkle.root_from_inclusion(merkle.leaf_hash(body), self.index, told.size, path) == told.root


@dataclass(frozen=True)
class Growth:
    """That the log of a checkpoint goes on from its first `old` entries: RFC 6962 consistency proof.

    size, root (hexadecimal), checkpoint: the state it leads to. proof: hashes in hexadecimal, which
    `Checkpoint.continues` takes.
    """

    old: int
    size: int
    root: str
    proof: tuple[str, ...]
    checkpoint: str


def seal(entry: Entry, recorded_at: str, imported: Mapping[str, Any] | None = None) -> bytes:
    """Return the canonical bytes (RFC 8785) under which an entry is recorded."""
    whole: dict[str, Any] = {"entry": entry.content(), "format": FORMAT, "recorded_at": recorded_at}
    if imported is not None:
        whole["imported"] = dict(imported)
    return rfc8785.dumps(whole)


def unseal(index: int, body: bytes) -> Recorded:
    """Return what recorded bytes say; Damaged if they are not those of an entry."""
    try:
        whole = from_json(body)
        first = whole.get("imported")
        # What an import once let through must not keep the others from being read.
        first = first if _is_first(first) else None
        return Recorded(index, whole["recorded_at"], recorded_entry(whole["entry"]), first, body)
    except (ValueError, KeyError, TypeError):
        raise Damaged("ledger.entry_unreadable", number=index + 1) from None


def is_sealed(body: bytes) -> bool:
    """Return whether bytes that `unseal` reads have the form that `seal` gives them, and nothing besides."""
    whole = from_json(body)
    told = whole.pop("imported", None)
    return (
        whole.keys() == {"entry", "format", "recorded_at"}
        and type(whole["format"]) is int
        and whole["format"] == FORMAT
        and _is_stamp(whole["recorded_at"])
        and (told is None or _is_first(told))
    )


def _is_first(told: object) -> bool:
    return (
        isinstance(told, Mapping)
        and told.keys() == {"origin", "index", "recorded_at"}
        and isinstance(told["origin"], str)
        # Not `isinstance`, to which true is an int.
        and type(told["index"]) is int
        and told["index"] >= 0
        and _is_stamp(told["recorded_at"])
    )


def _is_stamp(told: object) -> bool:
    try:
        return isinstance(told, str) and clock.stamp(clock.moment(told)) == told
    except ValueError:
        return False
