"""The reasons of one forecast, as a record."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tocsin import digest, months
from tocsin.forecast.baselines import Whose
from tocsin.kinds import Target
from tocsin.panel import Level
from tocsin.panel.panel import AreaId
from tocsin.reasons.facts import Facts
from tocsin.reasons.precedents import Precedents

THRESHOLD = 25
"""Deaths in three months that the probability speaks of."""

AHEAD = 3


@dataclass(frozen=True)
class Said:
    """What a forecast says of the next 3 months together.

    probability: P(at least 25 deaths). expected: mean of deaths; low, median, high: their 80 % interval and
    middle. The mean may lie above the interval, where rare outcomes are very large.
    """

    probability: float
    expected: float
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Change:
    """A forecast as it would be if one thing were different: `name`, and what it would then say."""

    name: str
    said: Said


@dataclass(frozen=True)
class Reasons:
    """Why a forecast says what it says of an area.

    said:       the forecast itself. facts: what the data say.
    reads:      months that a method reads which looks at nothing but the last ones; None for one that learns
                from what came after past months.
    whose:      whose months those are: of the area itself (`own`), with its `neighbours`, its `region` or
                `everyone` in one pool; of the area itself, its seasons set apart (`seasonal`); `learnt` for a
                method that learns.
    groups:     one group of inputs at a time set to what is usual for the area over ten years, or over their
                covered months: `level`, `events`, `others`, `trend`, `past`, `quiet`, `neighbours`,
                `season`; `events` and `others` only where the data hold them. They do not add up.
    precedents: the past months most like this one; None where the method looks for none.
    whatif:     other last months: `quiet` (three without deaths), `half` (half the deaths in each of three,
                where that leaves any), `shock` (25 deaths in the last month).
    inputs:     digest of the forecast that is explained.
    """

    level: Level
    scheme: str
    area: AreaId
    origin: int
    target: Target
    method: str
    said: Said
    facts: Facts
    reads: int | None
    whose: Whose | Literal["learnt", "seasonal"]
    groups: tuple[Change, ...]
    precedents: Precedents | None
    whatif: tuple[Change, ...]
    inputs: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the reasons."""
        return digest.of_parts(self.to_dict())

    def to_dict(self) -> dict[str, object]:
        """Return the reasons as plain values for JSON."""
        plain = dataclasses.asdict(self)
        plain["origin"] = months.label(self.origin)
        for row in (plain["precedents"] or {}).get("nearest", ()):
            row["month"] = months.label(row["month"])
        return plain | {"threshold": THRESHOLD, "months_ahead": AHEAD}
