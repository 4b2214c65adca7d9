"""Warnings settled by later data: hit or false alarm, lead time, Brier and log score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin import months, score
from tocsin.hindsight.outcomes import Followed, counted, followed, states_of
from tocsin.ledger import Entry, When
from tocsin.ledger.entries import WarningEntry
from tocsin.panel import Panel
from tocsin.warn import built_in, is_exercise
from tocsin.warn.questions import ANSWERS, TRUE, settled

Result = Literal["came_true", "did_not", "open", "not_assessed", "no_criterion"]

FLOOR = 1 / 1001
"""Probabilities are held this far from 0 and 1 for the log score: a thousand draws cannot show certainty."""


@dataclass(frozen=True)
class Alarm:
    """One warning and what came of it.

    result:   `came_true` (a hit), `did_not` (a false alarm), `open`, `not_assessed` (the deaths needed not
              reached, its months not all covered), or `no_criterion`: it asked nothing that data could
              settle. deaths: in its months so far; None where these are not all covered.
    settled:  `data` where the deaths were counted here, `ledger` where an entry says what came of it.
    lead:     months from the last month of data it had (the month of its date where it names none) to the
              month in which the deaths needed were reached; None unless it came true by counting.
    brier, log: scores of its probability (log in nats); None unless it is settled.
    ended:    how its life ended in the ledger: cancelled, expired, resolved; None while it is open.
    exercise: whether it was raised on a reconstructed past month, and says nothing of whom it is by.
    """

    id: str
    date: When
    areas: tuple[str, ...]
    by: str
    to: tuple[str, ...]
    rule: str | None
    probability: float | None
    threshold: int | None
    result: Result
    settled: Literal["data", "ledger"] | None
    deaths: int | None
    lead: int | None
    brier: float | None
    log: float | None
    ended: str | None
    followed: Followed
    exercise: bool = False


def alarms(entries: Sequence[Entry], panel: Panel) -> tuple[Alarm, ...]:
    """Return every warning that was issued, in the order of the ledger.

    panel: deaths by Gleditsch-Ward state as known on the day of asking. Warnings of rules that ask about
    provinces are settled by what the ledger says, for a panel of states cannot.
    """
    warnings = [entry for entry in entries if isinstance(entry, WarningEntry)]
    later = _later(warnings)
    return tuple(
        _alarm(entry, panel, later.get(entry.id, ())) for entry in warnings if entry.status == "issued"
    )


def beginnings(entries: Sequence[Entry]) -> dict[str, str]:
    """Return, by the id of each warning entry, the id of the one that its warning began with."""
    first: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, WarningEntry):
            linked = next((link.id for link in entry.links if link.role == "updates"), entry.id)
            first[entry.id] = first.get(linked, linked)
    return first


def _later(warnings: Sequence[WarningEntry]) -> dict[str, tuple[WarningEntry, ...]]:
    """Return the later entries of each warning: those that link to it, or to one that does."""
    first = beginnings(warnings)
    found: dict[str, tuple[WarningEntry, ...]] = {}
    for entry in warnings:
        root = first[entry.id]
        if root != entry.id:
            found[root] = (*found.get(root, ()), entry)
    return found


def _by_place(entry: WarningEntry) -> bool:
    # Entries of earlier versions do not say their level; of the rules that came with these, the name tells.
    level = entry.level or next((rule.level for rule in built_in() if rule.name == entry.rule), "country")
    return level == "admin1"


def _alarm(entry: WarningEntry, panel: Panel, later: Sequence[WarningEntry]) -> Alarm:
    told = next((one for one in reversed(later) if one.result is not None), None)
    ends = [one.status for one in later if one.status in ("cancelled", "expired", "resolved")]
    count: int | None = None
    lead: int | None = None
    result: Result = "no_criterion"
    if entry.threshold is not None and entry.window is not None:
        result, count, lead = ("open", None, None) if _by_place(entry) else _count(entry, panel)
    settled: Literal["data", "ledger"] | None = "data" if result in ("came_true", "did_not") else None
    if settled is None and told is not None and told.result is not None:
        result, settled = told.result, "ledger"
    scores = _scores(entry.probability, result)
    return Alarm(
        id=entry.id, date=entry.date, areas=entry.areas, by=str(entry.by),
        to=tuple(map(str, entry.to)), rule=entry.rule, probability=entry.probability,
        threshold=entry.threshold, result=result, settled=settled, deaths=count, lead=lead,
        brier=scores.get("brier"), log=scores.get("log"), ended=ends[-1] if ends else None,
        followed=followed(panel, entry.areas, entry.date),
        exercise=entry.episode is not None and is_exercise(entry.episode),
    )  # fmt: skip


def _count(entry: WarningEntry, panel: Panel) -> tuple[Result, int | None, int | None]:
    assert entry.window is not None
    assert entry.threshold is not None
    first, last = months.of_date(entry.window.first), months.of_date(entry.window.last)
    known = min(last, panel.span.last)
    if first > panel.span.last:
        return "open", None, None
    held = counted(panel, states_of(entry.areas), first, known, entry.kind or "total")
    if held is None:
        return "not_assessed", None, None
    deaths, covered = held
    result, after = settled(deaths, covered, entry.threshold, last - first + 1)
    start = months.of_date(entry.data_as_of or entry.date.last)
    return (
        ANSWERS[int(result)],
        int(deaths.sum()) if covered.all() else None,
        first + int(after) - 1 - start if result == TRUE else None,
    )


def _scores(probability: float | None, result: Result) -> Mapping[str, float]:
    if probability is None or result not in ("came_true", "did_not"):
        return {}
    happened = float(result == "came_true")
    return {
        "brier": float(score.brier(probability, happened)),
        "log": float(score.log_score(probability, happened, floor=FLOOR)),
    }
