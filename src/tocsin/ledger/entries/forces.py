"""Forces on the ground: deployments, capacity given or withheld, and laws that cut it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import Count, Lines, Money, OptionalParties, Parties, Party
from tocsin.ledger.entries.refusal import Refused
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Line, Prose


class Deployment(Entry):
    """A force in an area: how many, under which mandate, from when to when (open where `end` is absent)."""

    type: Literal["deployment"] = "deployment"
    force: Party
    contributors: OptionalParties = ()
    strength: Count | None = None
    mandate: Prose | None = None
    posture: Line | None = None
    start: When
    end: When | None = None

    @model_validator(mode="after")
    def _check_deployment(self) -> Deployment:
        if self.end is not None and self.end.last < self.start.first:
            raise Refused("ledger.bad.end_before", field="end", value=str(self.end), start=str(self.start))
        return self


class Capacity(Entry):
    """Training, equipment or supply for a unit: given, or not given when it should have been."""

    type: Literal["capacity"] = "capacity"
    form: Literal["training", "equipment", "resupply", "advice", "funding", "other"]
    status: Literal["given", "failed", "withheld", "ended"]
    by: OptionalParties = ()
    unit: Parties
    personnel: Count | None = None
    days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    amount: Money | None = None


class Trigger(Entry):
    """A law or rule that came into effect by itself, and what it cut or set off."""

    type: Literal["trigger"] = "trigger"
    instrument: Line
    authority: Party
    condition: Prose
    effect: Prose
    cut: Lines = ()
    amount: Money | None = None
