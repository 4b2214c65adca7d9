"""What reading a file found: rows kept, flagged and refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tocsin.errors import BadRow
from tocsin.text import Language, say

Unit = Literal["line", "row"]

MISSHAPEN = "sources.row_fields"
"""Reason of a row that has more or fewer fields than the header: its values cannot be told apart."""

LISTED = 1000
"""How many refused rows are listed one by one; the rest are counted."""


@dataclass(frozen=True)
class Refusal:
    """One row that breaks the schema.

    line:   physical line of the file (first line = 1) on which the row begins; in formats without lines,
            the row's number (first row = 1), and `unit` says so.
    column: the publisher's name of the column; value: what stands there; key: the sentence of the reason.
    """

    line: int
    column: str
    value: str
    key: str
    unit: Unit = "line"

    def message(self, file: str, language: Language | None = None) -> str:
        """Return the reason with file, line, column, value and remedy in `language`."""
        place = say(f"sources.place.{self.unit}", language, line=self.line)
        return say(self.key, language, file=file, place=place, column=self.column, value=self.value)


class RefusedRows(BadRow):
    """A file refused because of its rows: the first one in full, the others counted."""

    def __init__(self, key: str, *, file: str, refusal: Refusal, refused: int) -> None:
        super().__init__(key, file=file, refusal=refusal, refused=refused)
        self.file = file
        self.refusal = refusal
        self.refused = refused

    def message(self, language: Language | None = None) -> str:
        """Return the first refusal, how many more there are, and what can be done."""
        first = self.refusal.message(self.file, language)
        others = self.refused - 1
        rest = "sources.rows_more" if others else "sources.rows_only"
        return f"{first} {say(rest, language, others=others)}"

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.file, self.refusal, self.refused)


def _again(file: str, refusal: Refusal, refused: int) -> RefusedRows:
    return refuse(file, (refusal,), refused)


def refuse(file: str, refusals: Sequence[Refusal], refused: int) -> RefusedRows:
    """Return the error for a file of which `refused` rows are refused, the first of `refusals` named."""
    return RefusedRows(refusals[0].key, file=file, refusal=refusals[0], refused=refused)


@dataclass(frozen=True)
class Report:
    """Counts of one reading: `rows` = `kept` + `refused`.

    flagged:          rows kept that carry each flag of `FLAGS` (a row can carry several).
    refusals:         the refused rows in file order, the first 1,000 of them.
    outside_coverage: rows kept whose start lies in a month the file does not account for.
    absent:           columns of the publisher's layout that the file does not have.
    """

    file: str
    rows: int
    kept: int
    refused: int
    flagged: dict[str, int]
    refusals: tuple[Refusal, ...] = ()
    outside_coverage: int = 0
    absent: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, object]:
        """Return the report as JSON-able values; reasons are given as keys, not sentences."""
        return {
            "file": self.file,
            "rows": self.rows,
            "kept": self.kept,
            "refused": self.refused,
            "flagged": dict(self.flagged),
            "outside_coverage": self.outside_coverage,
            "absent": list(self.absent),
            "refusals": [
                {
                    r.unit: r.line,
                    "column": r.column,
                    "value": r.value,
                    "reason": r.key.removeprefix("sources."),
                }
                for r in self.refusals
            ],
        }

    def text(self, language: Language | None = None, *, listed: int = 10) -> str:
        """Return the report as lines of text, with at most `listed` refused rows spelt out."""
        counts = {"rows": self.rows, "kept": self.kept, "refused": self.refused}
        lines = [say("sources.report.counts", language, file=self.file, **counts)]
        for flag, count in self.flagged.items():
            if count:
                label = say(f"sources.flag.{flag}", language)
                lines.append("  " + say("sources.report.flagged", language, flag=label, count=count))
        if self.outside_coverage:
            lines.append("  " + say("sources.report.outside", language, count=self.outside_coverage))
        if self.absent:
            lines.append("  " + say("sources.report.absent", language, columns=", ".join(self.absent)))
        lines += ["  " + refusal.message(self.file, language) for refusal in self.refusals[:listed]]
        if self.refused > min(listed, len(self.refusals)):
            rest = self.refused - min(listed, len(self.refusals))
            lines.append("  " + say("sources.report.refused_more", language, count=rest))
        return "\n".join(lines)
