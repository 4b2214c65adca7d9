"""What a check of a ledger came to: what is wrong and where, and who signed which entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tocsin.ledger.checkpoint import VerifierKey
from tocsin.text import Language, say

SHOWN = 100
"""How many problems are named; the others are counted."""


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
