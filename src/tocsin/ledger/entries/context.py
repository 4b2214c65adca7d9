"""What happened around the warnings and answers: events, and who held the ground."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import MANY, Count, Listed, OptionalParties, Party
from tocsin.ledger.entries.words import Line


class Event(Entry):
    """Something that happened: a coup, an attack, an offensive, violence that came over a border."""

    type: Literal["event"] = "event"
    form: Literal[
        "coup",
        "mutiny",
        "attack",
        "offensive",
        "battle",
        "spillover",
        "protest",
        "election",
        "ceasefire",
        "displacement",
        "other",
    ]
    actors: OptionalParties = ()
    deaths: Count | None = None
    injured: Count | None = None
    hostages: Count | None = None
    events: Annotated[tuple[Annotated[int, Field(ge=1, le=10**12)], ...], Field(max_length=MANY), Listed] = ()


class Control(Entry):
    """Who held ground at a time, and how much of the area's; the confidence says how surely."""

    type: Literal["control"] = "control"
    holder: Party
    extent: Literal["all", "most", "part", "contested", "none"]
    place: Line | None = None
    taken_from: OptionalParties = ()
