"""A home with warnings in it, as the command line leaves it, and who receives them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from warn_panels import panel_of, rule

from tocsin import months, warn
from tocsin.ledger import Ledger, Place

HOME = Path("../home")
LEDGER = Place(None, HOME / "ledger.sqlite", HOME)
BY = ("--by", "Duty officer")


@dataclass
class Hook:
    """A receiver: its address, the ids it was sent, and the codes it answers with first."""

    url: str = ""
    got: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)


def drafts(*areas: int, age: int = 0) -> list[str]:
    """Raise a warning for each country in the home `age` days ago, and return the ids of the drafts."""
    day = months.today() - dt.timedelta(days=age)
    panel = panel_of({area: [30] * 24 for area in areas}, as_of=day, first=months.of_date(day) - 24)
    with warn.Store.open(HOME) as store:
        held = warn.hold(
            panel, as_of=panel.as_of, rules=(rule(),), method="conflictology-12", states={}, told=store.told,
            made_at=f"{day}T00:00:00+00:00",
        )  # fmt: skip
        return [message.id for message in store.keep(held)]


def recorded() -> list[str]:
    """Return the ids of the warnings in the ledger of the home, which is sound."""
    with Ledger.open(LEDGER) as ledger:
        assert ledger.verify().ok
        return [one.entry.id for one in ledger.entries(type="warning")]
