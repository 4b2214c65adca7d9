"""What was thought, what came of it, and what was recorded wrongly."""

from __future__ import annotations

from typing import ClassVar, Literal

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import Count, Party, Probability
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Digest, Line, Prose


class Assessment(Entry):
    """A judgement, always someone's: `attributed_to` is required."""

    type: Literal["assessment"] = "assessment"
    attributed_to: Party
    subject: Line | None = None
    probability: Probability | None = None
    words: Prose | None = None


class Outcome(Entry):
    """What came of a warning, promise, agreement or act, by data or by a source."""

    answers_to: ClassVar = ("resolves", ())

    type: Literal["outcome"] = "outcome"
    result: Literal[
        "came_true", "did_not", "kept", "partly_kept", "late", "broken", "succeeded", "failed", "undecided"
    ]
    window: When | None = None
    deaths: Count | None = None
    digest: Digest | None = None


class Correction(Entry):
    """An earlier entry is wrong, or withdrawn. It stays; `replaced_by` links to the right one."""

    answers_to: ClassVar = ("corrects", ())

    type: Literal["correction"] = "correction"
    fault: Literal["fact", "date", "area", "attribution", "source", "duplicate", "withdrawn", "other"]
