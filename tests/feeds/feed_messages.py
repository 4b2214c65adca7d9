"""Messages with invented figures, through the whole life of one warning."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np

from tocsin import months, warn
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.warn import Message, Rule

FIRST = months.parse("2009-01")
RULE = Rule("plain", 25, 3, 0.5, 0.3, titles=("Plain <rule> & more", "Règle « simple »"))


def messages(*, basis: str = "as published", gw: int = 432) -> tuple[Message, ...]:
    """Return an issued alert, an issued update and a draft end of one warning, oldest first."""
    series = [*([0, 30] * 12), 0, 20, 9]
    states: dict[tuple[str, int | str], warn.State] = {}
    told: list[Message] = []
    for count in range(24, 28):
        deaths = np.zeros((1, count, len(KINDS)), dtype=np.int32)
        deaths[0, :, 0] = series[:count]
        span = Span(FIRST, FIRST + count - 1)
        day = months.last_day(span.last) + dt.timedelta(days=15)
        panel = Panel(
            "country", "gw", (gw,), span, KINDS, deaths, np.ones((1, count), bool), day, ("a release",), basis
        )
        held = warn.hold(
            panel, as_of=day, rules=[RULE], method="conflictology-12", states=states,
            made_at=f"{day.isoformat()}T00:00:00+00:00", told=lambda warning: told,
        )  # fmt: skip
        states = dict(held.states)
        for message in held.messages:
            if message.act not in warn.ENDS:
                stamp = f"{day.isoformat()}T09:30:00+00:00"
                message = dataclasses.replace(message, status="issued", by="Duty officer", issued_at=stamp)
            told.append(message)
    return tuple(told)
