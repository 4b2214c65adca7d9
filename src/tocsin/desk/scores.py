"""The scores: how the method did on the past, how each rule did, and what came of what was said here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tocsin import skill
from tocsin.desk.area import records
from tocsin.desk.ledger import opened
from tocsin.desk.memory import kept
from tocsin.desk.snapshot import Desk, Snapshot
from tocsin.errors import NotAssessed
from tocsin.figures.files import COUNTRY_MONTH, VIEWS_HISTORY
from tocsin.hindsight import BELATED_DAYS, FEW, Hindsight, of_ledger
from tocsin.warn import Record
from tocsin.watch import current_groups, current_panel

MADE_FROM: tuple[str, ...] = (*COUNTRY_MONTH.releases, *VIEWS_HISTORY.releases)
"""Releases behind the scores that ship: those of the shipped figures."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What the page shows.

    baselines: the methods it is compared with, the reference first.
    compared:  by kind of deaths, as `skill.Page.to_dict` gives it; its `against` holds every baseline.
    curves, pit: of the total, or of the first kind there is. curves: a row of `reliability` each; pit: by
    horizon, the share of outcomes in each tenth of the forecast law.
    back:      hindsight of the ledger; None without a ledger.
    few:       settled cases below which nobody is ranked. belated_days: days after its date beyond which an
               entry counts as recorded afterwards.
    """

    method: str
    reference: str
    baselines: tuple[str, ...]
    compared: tuple[dict[str, Any], ...]
    curves: tuple[dict[str, Any], ...]
    pit: dict[str, tuple[float, ...]]
    coverage: tuple[dict[str, Any], ...]
    records: tuple[Record, ...]
    back: Hindsight | None
    few: int = FEW
    belated_days: int = BELATED_DAYS

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last calendar year that was forecast whole."""
        return years_of(self.compared)


def years_of(compared: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return the first and the last calendar year that any of some comparisons forecast whole."""
    held = [row["year"] for one in compared for row in one["by_window"]]
    return min(held), max(held)


def scores(desk: Desk, snapshot: Snapshot) -> Scores:
    """Return the scores: those of the default method ship with the package, the rest is worked out here."""
    held = shipped()
    shown = next((c for c in held["compared"] if c["target"] == "total"), held["compared"][0])
    return Scores(
        method=held["method"], reference=held["reference"],
        baselines=tuple(dict.fromkeys(name for one in held["compared"] for name in one["against"])),
        compared=tuple(held["compared"]), curves=tuple(shown["reliability"]),
        pit={horizon: tuple(shares) for horizon, shares in shown["pit"].items()},
        coverage=tuple(shown["coverage"]), records=records(desk.home, snapshot),
        back=_back(desk),
    )  # fmt: skip


@cache
def shipped() -> dict[str, Any]:
    """Return the scores that ship, as `skill.Page.to_dict` gives them, months ahead in their order."""
    held = skill.shipped()
    for one in held["compared"]:
        one["pit"] = _by_length(one["pit"])
        first = {held["reference"]: {"windows": one["windows"], "groups": one["groups"]}}
        one["against"] = first | one["against"]
        for beside in one["against"].values():
            beside["groups"]["horizon"] = _by_length(beside["groups"]["horizon"])
    return held


def _by_length(held: dict[str, Any]) -> dict[str, Any]:
    """Return what is told by horizon (`1–3`, `13–24`) in the order of the months ahead."""
    return dict(sorted(held.items(), key=lambda item: int(item[0].partition("–")[0])))


def _back(desk: Desk) -> Hindsight | None:
    today: dt.date = desk.today()
    with opened(desk.home) as held:
        if held is None:
            return None
        size, root = len(held), held.checkpoint()

        def made() -> Hindsight | None:
            try:
                return of_ledger(held, current_panel(today), as_of=today, groups=current_groups(today))
            except NotAssessed:
                return None

        return kept(("hindsight", str(desk.home), size, root, today), made)
