"""An uncertain input: its range, where it comes from, and its draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.errors import BadInput
from tocsin.text import Language, current_language

Basis = Literal["data", "estimate", "published", "assumption"]
"""What a number rests on: counted in data, estimated from data, printed by a source, or taken on trust."""


@dataclass(frozen=True)
class Source:
    """A citation in the language of what it cites, and what was read there in English and in French."""

    citation: str
    note: str = ""
    note_fr: str = ""


@dataclass(frozen=True)
class Range:
    """A value with its lowest and highest: drawn from the triangle over them.

    name: where it stands in the input, as `options.mediation.cost`; source: the citation, empty if there is
    none. assumption: whether the value, or its use here, rests on no source.
    note: what was read in the source and what a reader must know; `note_fr`: the same in French.
    """

    name: str
    low: float
    central: float
    high: float
    source: str = ""
    assumption: bool = False
    note: str = ""
    note_fr: str = ""

    @property
    def basis(self) -> Basis:
        """What the value rests on."""
        return "assumption" if self.assumption else "published"

    def remark(self, language: Language | None = None) -> str:
        """Return the note in `language`."""
        return self.note_fr if (language or current_language()) == "fr" else self.note

    def sample(self, draws: int) -> NDArray[np.float64]:
        """Return float64 [draw], the same for the same name, range and number."""
        if self.low == self.high:
            return np.full(draws, self.central)
        seed = digest.seed("decide.range", self.name, self.low, self.central, self.high, draws)
        random = np.random.Generator(np.random.PCG64(seed))
        return random.triangular(self.low, self.central, self.high, draws)

    def to_dict(self) -> dict[str, Any]:
        """Return the range as plain values."""
        return {
            "name": self.name, "low": self.low, "central": self.central, "high": self.high,
            "basis": self.basis, "source": self.source, "note": self.note,
        }  # fmt: skip


def read_range(
    name: str,
    given: object,
    *,
    most: float,
    sources: dict[str, Source],
    file: str,
    central: float | None = None,
) -> Range:
    """Return a checked range from a table of a TOML file.

    central: the value to take where the table leaves it out. BadInput for a value that is no number or lies
    outside 0 to `most`, for values out of order, and for one without a source that is not marked as an
    assumption.
    """
    if not isinstance(given, dict):
        raise BadInput("decide.options.not_a_table", file=file, name=name)
    values: dict[str, float] = {}
    for part in ("low", "central", "high"):
        value = given.get(part, central if part == "central" else None)
        if value is None:
            raise BadInput("decide.options.lacks", file=file, name=name, missing=part)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInput("decide.options.not_a_number", file=file, name=f"{name}.{part}", value=str(value))
        if not 0 <= value <= most:
            raise BadInput(
                "decide.options.outside", file=file, name=f"{name}.{part}", value=_plain(value),
                most=_plain(most),
            )  # fmt: skip
        values[part] = float(value)
    if not values["low"] <= values["central"] <= values["high"]:
        raise BadInput(
            "decide.options.out_of_order", file=file, name=name,
            low=_plain(values["low"]), central=_plain(values["central"]), high=_plain(values["high"]),
        )  # fmt: skip
    source = str(given.get("source", "")).strip()
    assumption = given.get("assumption", False)
    if not isinstance(assumption, bool):
        raise BadInput("decide.options.not_true", file=file, name=f"{name}.assumption", value=str(assumption))
    if not source and not assumption:
        raise BadInput("decide.options.no_source", file=file, name=name)
    cited = sources.get(source, Source(source))
    note, note_fr = _both(given.get("note", ""))
    return Range(
        name, values["low"], values["central"], values["high"], cited.citation, assumption,
        f"{cited.note} {note}".strip(), f"{cited.note_fr} {note_fr}".strip(),
    )  # fmt: skip


def read_sources(given: dict[str, Any], file: str) -> dict[str, Source]:
    """Return the sources of a TOML file by key; BadInput for one that cites nothing."""
    found: dict[str, Source] = {}
    for key, held in given.items():
        citation = held.get("cite", "") if isinstance(held, dict) else held
        if not isinstance(citation, str) or not citation.strip():
            raise BadInput("decide.options.lacks", file=file, name=f"sources.{key}", missing="cite")
        found[key] = Source(citation.strip(), *(_both(held) if isinstance(held, dict) else ()))
    return found


def _both(note: object) -> tuple[str, str]:
    """Return a note in English and in French, or in the only language it has twice."""
    if not isinstance(note, dict):
        return str(note), str(note)
    english, french = str(note.get("en", "")), str(note.get("fr", ""))
    return english or french, french or english


def _plain(value: float) -> str:
    return f"{value:.10g}"
