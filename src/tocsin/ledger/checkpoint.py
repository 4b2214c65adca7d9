"""Checkpoints: the size and root of the log at a moment, as a signed note that anyone can check.

Formats: C2SP tlog-checkpoint (origin, size, root) and C2SP signed-note with Ed25519 keys.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.errors import BadInput, Damaged
from tocsin.ledger import merkle

_ED25519 = b"\x01"
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")


def decoded(text: str) -> bytes:
    """Return the bytes of base64 in its one canonical form; ValueError for any other.

    The last character of base64 has spare bits: what stands in them is part of no hash and no signature, so
    that a checkpoint could be changed there and still be taken for the one that was signed.
    """
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError(text)
    return value


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: its origin (a name without spaces), number of entries and root hash."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint of its lines; Damaged if they are not one."""
        lines = text.split("\n")
        try:
            origin, size, root = lines[0], lines[1], decoded(lines[2])
        except (IndexError, ValueError):
            raise Damaged("ledger.bad_checkpoint") from None
        if not origin or not _SIZE.fullmatch(size) or len(root) != 32 or lines[3:] != [""]:
            raise Damaged("ledger.bad_checkpoint")
        return cls(origin, int(size), root)

    @classmethod
    def of_note(cls, note: str) -> Checkpoint:
        """Return the checkpoint that a note speaks of, signed or not, without looking at signatures."""
        body, separator, _ = note.rpartition("\n\n")
        return cls.parse(f"{body}\n" if separator else note)

    def continues(self, old: Checkpoint, proof: Iterable[str]) -> bool:
        """Return whether a proof of growth shows the log of `old` to be the beginning of this one's.

        proof: hashes in hexadecimal, those of `Ledger.prove_growth(old.size)` (none from 0 entries).
        """
        hashes = [bytes.fromhex(value) for value in proof]
        grown = merkle.is_consistent(old.size, old.root, self.size, self.root, hashes)
        return self.origin == old.origin and grown


@dataclass(frozen=True)
class VerifierKey:
    """The public half of a signing key, with the name it signs under.

    until: for a key that was retired, the most entries a checkpoint may be of for its signature to be good.
    """

    name: str
    public: bytes
    until: int | None = field(default=None, compare=False)

    @property
    def hint(self) -> bytes:
        """Four bytes that tell which key made a signature (not a proof)."""
        return hashlib.sha256(f"{self.name}\n".encode() + _ED25519 + self.public).digest()[:4]

    @property
    def short(self) -> str:
        """Its name and hint, for people to tell it from others of the same name."""
        return f"{self.name}+{self.hint.hex()}"

    def __str__(self) -> str:
        return f"{self.short}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key written as `name+hint+base64`; BadInput if the text is not one."""
        name, _, rest = text.strip().partition("+")
        hint, _, encoded = rest.partition("+")
        try:
            material = decoded(encoded)
        except ValueError:
            material = b""
        key = cls(name, material[1:])
        if (
            not _NAME.fullmatch(name)
            or material[:1] != _ED25519
            or len(key.public) != 32
            or key.hint.hex() != hint
        ):
            raise BadInput("ledger.bad_key", value=text.strip())
        return key

    @property
    def line(self) -> str:
        """The key as a list of keys holds it: `name+hint+base64`, and ` until 12` once it is retired."""
        return str(self) if self.until is None else f"{self} until {self.until}"

    @classmethod
    def of_line(cls, line: str) -> VerifierKey:
        """Return the key of such a line; BadInput if it is none."""
        key, separator, until = line.strip().partition(" until ")
        if separator and not _SIZE.fullmatch(until):
            raise BadInput("ledger.bad_key", value=line.strip())
        return replace(cls.parse(key), until=int(until) if separator else None)

    def signed(self, note: str) -> str:
        """Return the text of `note` if this key signed it, while it was good; Damaged otherwise."""
        text, separator, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.removesuffix("\n").split("\n") if separator else ():
            try:
                dash, name, encoded = line.split(" ")
                material = decoded(encoded)
            except ValueError:
                continue
            if (dash, name, material[:4]) != ("—", self.name, self.hint):
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(material[4:], text.encode())
            except InvalidSignature:
                raise Damaged("ledger.bad_signature", name=self.name) from None
            if self.until is not None and Checkpoint.parse(text).size > self.until:
                raise Damaged("ledger.signed_late", name=self.name, until=self.until)
            return text
        raise Damaged("ledger.not_signed", name=self.name)


def signature(note: str, keys: Iterable[VerifierKey]) -> str:
    """Return `good` (by a given key), `bad` (in its name, but not by it), `unknown` (others) or `none`."""
    if "\n\n" not in note:
        return "none"
    verdict = "unknown"
    for key in keys:
        try:
            key.signed(note)
            return "good"
        except Damaged as error:
            verdict = "bad" if error.key == "ledger.bad_signature" else verdict
    return verdict


def signer(note: str, keys: Iterable[VerifierKey]) -> VerifierKey | None:
    """Return the first of some keys whose good signature a note carries; None where it carries none."""
    return next((key for key in keys if signature(note, (key,)) == "good"), None)


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key and the name it signs under; it never prints its secret."""

    name: str
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadInput("ledger.bad_key_name", value=self.name)

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """Return a new key under `name` (no spaces, no plus sign)."""
        return cls(name, Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> VerifierKey:
        """The public half, which may be given to anyone."""
        return VerifierKey(self.name, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        text = checkpoint.text()
        material = self.verifier.hint + self.private.sign(text.encode())
        return f"{text}\n— {self.name} {base64.b64encode(material).decode()}\n"

    def secret(self) -> str:
        """Return the key as text to be kept: `PRIVATE+KEY+name+hint+base64` as C2SP tools write it."""
        seed = self.private.private_bytes_raw()
        return (
            f"PRIVATE+KEY+{self.name}+{self.verifier.hint.hex()}+{base64.b64encode(_ED25519 + seed).decode()}"
        )

    @classmethod
    def parse(cls, secret: str) -> SigningKey:
        """Return the key of its kept text; BadInput, without repeating the secret, if it is not one."""
        parts = secret.strip().split("+", 4)
        try:
            seed = base64.b64decode(parts[4], validate=True)
            key = cls(parts[2], Ed25519PrivateKey.from_private_bytes(seed[1:]))
        except (IndexError, ValueError):
            raise BadInput("ledger.bad_secret") from None
        if parts[:2] != ["PRIVATE", "KEY"] or seed[:1] != _ED25519 or key.verifier.hint.hex() != parts[3]:
            raise BadInput("ledger.bad_secret")
        return key
