"""Warnings settled by later data: hit or false alarm, lead time, Brier and log score."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin import areas, months, score
from tocsin.figures import Groups
from tocsin.hindsight.outcomes import Followed, counted, followed, states_of
from tocsin.ledger import Entry, When
from tocsin.ledger.entries import WarningEntry
from tocsin.panel import Panel
from tocsin.warn import Evidence, built_in, is_exercise
from tocsin.warn.questions import ANSWERS, FALSE, TRUE, settled

Result = Literal["came_true", "did_not", "open", "not_assessed", "no_criterion"]

FLOOR = 1 / 1001
"""Probabilities are held this far from 0 and 1 for the log score: a thousand draws cannot show certainty."""


@dataclass(frozen=True)
class Alarm:
    """One warning and what came of it.

    result:   `came_true` (a hit), `did_not` (a false alarm), `open`, `not_assessed` (the deaths needed not
              reached, its months not all covered), or `no_criterion`: it asked nothing that data could
              settle. deaths: in its months so far; None where these are not all covered.
    settled:  `data` where the deaths were counted here, `ledger` where only an entry says what came of it:
              that of a warning which asked nothing that data settle, or of provinces they do not know.
    closed:   whether its window has closed: every month of it has passed, and is covered if it is settled by
              data. No other warning is scored, or counted in a share: a hit may be known months before the
              end of the window, a false alarm never is.
    lead:     months from the last month of data it had (the month of its date where it names none) to the
              month in which the deaths needed were reached; None unless it came true by counting.
    brier, log: scores of its probability (log in nats); None unless it is closed.
    ended:    how its life ended in the ledger: cancelled, expired, resolved; None while it is open.
    exercise: whether it was raised on a reconstructed past month, and says nothing of whom it is by.
    belated:  whether it was recorded so long after its date that nobody can tell if it was given then.
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
    closed: bool
    deaths: int | None
    lead: int | None
    brier: float | None
    log: float | None
    ended: str | None
    followed: Followed
    exercise: bool = False
    belated: bool = False

    @property
    def live(self) -> bool:
        """Whether it speaks for whoever gave it: it was meant, and recorded when it was given."""
        return not (self.exercise or self.belated)


@dataclass(frozen=True)
class _Counted:
    """What counting shows of a warning, in the words of `Alarm`."""

    result: Result
    deaths: int | None = None
    lead: int | None = None
    closed: bool = False


def evidence_of(entries: Sequence[Entry], panel: Panel, groups: Groups | None) -> Evidence:
    """Return the data that settle the warnings among `entries`, none later than the last month of `panel`.

    Provinces are read from `groups`, if a rule that comes with the package warned of any.
    """
    asked = {entry.rule for entry in entries if isinstance(entry, WarningEntry)}
    rules = [rule for rule in built_in() if rule.name in asked]
    return Evidence.of(panel, rules, groups).until(panel.span.last)


def alarms(entries: Sequence[Entry], evidence: Evidence, belated: Collection[str] = ()) -> tuple[Alarm, ...]:
    """Return every warning that was issued, in the order of the ledger.

    evidence: deaths as known on the day of asking (`evidence_of`). A warning about provinces that they do not
    settle is settled by what the ledger says. belated: ids of entries recorded long after their dates.
    """
    warnings = [entry for entry in entries if isinstance(entry, WarningEntry)]
    later = _later(warnings)
    return tuple(
        _alarm(entry, evidence, later.get(entry.id, ()), entry.id in belated)
        for entry in warnings
        if entry.status == "issued"
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


def _alarm(entry: WarningEntry, evidence: Evidence, later: Sequence[WarningEntry], belated: bool) -> Alarm:
    told = next((one for one in reversed(later) if one.result is not None), None)
    ends = [one.status for one in later if one.status in ("cancelled", "expired", "resolved")]
    found = _counted(entry, evidence)
    result, closed = found.result, found.closed
    settled: Literal["data", "ledger"] | None = "data" if result in ("came_true", "did_not") else None
    # Where deaths can be counted, no word of whoever gave the warning stands in for the count.
    countable = found.result != "no_criterion" and not _by_place(entry)
    if settled is None and not countable and told is not None and told.result is not None:
        result, settled = told.result, "ledger"
        closed = entry.window is None or months.of_date(entry.window.last) <= evidence.panel.span.last
    scores = _scores(entry.probability, result) if closed else {}
    return Alarm(
        id=entry.id, date=entry.date, areas=entry.areas, by=str(entry.by),
        to=tuple(map(str, entry.to)), rule=entry.rule, probability=entry.probability,
        threshold=entry.threshold, result=result, settled=settled, closed=closed, deaths=found.deaths,
        lead=found.lead, brier=scores.get("brier"), log=scores.get("log"), ended=ends[-1] if ends else None,
        followed=followed(evidence.panel, entry.areas, entry.date),
        exercise=entry.episode is not None and is_exercise(entry.episode), belated=belated,
    )  # fmt: skip


def _counted(entry: WarningEntry, evidence: Evidence) -> _Counted:
    if entry.threshold is None or entry.window is None:
        return _Counted("no_criterion")
    first, last = months.of_date(entry.window.first), months.of_date(entry.window.last)
    start = months.of_date(entry.data_as_of or entry.date.last)
    count = _provinces if _by_place(entry) else _states
    return count(entry, evidence, first, last, entry.threshold, start)


def _states(
    entry: WarningEntry, evidence: Evidence, first: int, last: int, needed: int, start: int
) -> _Counted:
    panel = evidence.panel
    known = min(last, panel.span.last)
    if first > panel.span.last:
        return _Counted("open")
    held = counted(panel, states_of(entry.areas), first, known, entry.kind or "total")
    if held is None:
        return _Counted("not_assessed")
    deaths, covered = held
    result, after = settled(deaths, covered, needed, last - first + 1)
    whole = bool(covered.all())
    return _Counted(
        ANSWERS[int(result)], int(deaths.sum()) if whole else None,
        first + int(after) - 1 - start if result == TRUE else None, whole and known == last,
    )  # fmt: skip


def _provinces(
    entry: WarningEntry, evidence: Evidence, first: int, last: int, needed: int, start: int
) -> _Counted:
    panel, states, origin = evidence.panel, states_of(entry.areas), first - 1
    unknown = _Counted("open" if last > panel.span.last else "not_assessed")
    rule = next((rule for rule in built_in() if rule.name == entry.rule), None)
    if rule is None or len(states) != 1 or states[0] not in panel.areas:
        return unknown
    # No field of an entry tells how long a province had to be quiet: the question does.
    name = areas.country(states[0], month=origin).name("en")
    if entry.question != rule.question(name, origin, needed, "en"):
        return unknown
    results, after = evidence.outcomes(evidence.ask(rule, origin))
    row = panel.index(states[0])
    if results[row] not in (TRUE, FALSE):
        return unknown
    return _Counted(
        ANSWERS[int(results[row])], lead=origin + int(after[row]) - start if results[row] == TRUE else None,
        closed=evidence.closed(rule, states[0], origin),
    )  # fmt: skip


def _scores(probability: float | None, result: Result) -> Mapping[str, float]:
    if probability is None:
        return {}
    happened = float(result == "came_true")
    return {
        "brier": float(score.brier(probability, happened)),
        "log": float(score.log_score(probability, happened, floor=FLOOR)),
    }
