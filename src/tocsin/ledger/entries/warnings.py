"""Warnings: that something will happen, by whom, to whom, and what the rule behind it is worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from tocsin.errors import BadInput
from tocsin.kinds import Target
from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import Count, Lines, OptionalParties, Party, Probability
from tocsin.ledger.entries.refusal import Refused, shown
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Day, Digest, Line, Prose

Status = Literal["issued", "updated", "cancelled", "expired", "resolved"]

OWN_IDS = "tocsin-"
"""How ids of warnings begin that rules raise. They can be foreseen, so that nobody else may take them."""


def check_ids(given: Iterable[object]) -> None:
    """Raise BadInput if one of the ids that someone gives his entries is of those that only warnings have."""
    for id in given:
        if isinstance(id, str) and id.strip().startswith(OWN_IDS):
            raise BadInput("ledger.id_own", id=shown(id), start=OWN_IDS)


class WarningEntry(Entry):
    """A warning at one point of its life: issued, updated, cancelled, expired or resolved.

    A warning that a rule raised must carry a question that data will settle; one that people gave may be
    recorded as they gave it. All but the first entry of a warning link to an earlier one by `updates`.
    level: `admin1` where the rule asks about provinces, which deaths by state cannot settle.
    """

    answers_to: ClassVar = None
    worded: ClassVar = ("question", "record", "drivers", "analogues", "lowering")

    type: Literal["warning"] = "warning"
    status: Status
    result: Literal["came_true", "did_not"] | None = None
    by: Party
    to: OptionalParties = ()
    recommendation: Prose | None = None
    rule: Line | None = None
    level: Literal["country", "admin1"] | None = None
    episode: Line | None = None
    question: Line | None = None
    kind: Target | None = None
    threshold: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    window: When | None = None
    trigger: Probability | None = None
    probability: Probability | None = None
    probability_before: Probability | None = None
    base_rate: Probability | None = None
    deaths: Count | None = None
    record: Prose | None = None
    drivers: Lines = ()
    analogues: Lines = ()
    lowering: Lines = ()
    method: Line | None = None
    data_as_of: Day | None = None
    digest: Digest | None = None

    @property
    def required_link(self) -> tuple[str, tuple[str, ...]] | None:
        """None for a warning that begins; a link to the warning it goes on from otherwise."""
        return None if self.status == "issued" else ("updates", ("warning",))

    @model_validator(mode="after")
    def _check_warning(self) -> WarningEntry:
        if (self.status == "resolved") != (self.result is not None):
            raise Refused("ledger.bad.warning_result", field="result", choices="came_true, did_not")
        if self.rule is not None:
            needed = ("question", "kind", "threshold", "window", "probability")
            for name in needed:
                if getattr(self, name) is None:
                    raise Refused("ledger.bad.warning_criterion", field=name, rule=self.rule)
        return self
