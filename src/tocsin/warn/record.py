"""The record of a rule: what it would have warned of in the past, and how often it was right.

Episodes are counted, not months: a run of months in which the answer is yes is one episode, and so are runs
less than a window apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.errors import BadInput
from tocsin.text import Language, number, percent, say
from tocsin.warn.questions import FALSE, TRUE
from tocsin.warn.readings import Basis, Readings
from tocsin.warn.rules import Level, Rule, method_of

THIN = 10
"""Episodes below which a record says that it is too thin to be relied on."""


@dataclass(frozen=True)
class Raised:
    """One warning that a rule would have raised: the row of its area, its origin, what came of it."""

    row: int
    origin: int
    result: int
    after: int


@dataclass(frozen=True)
class Record:
    """How a rule did at its trigger.

    until:      the last month of outcomes used; first: the first origin.
    episodes:   times it should have warned; hits: those it warned of; misses: those it did not.
    warnings:   warnings it raised and whose question was settled; false_alarms: those that did not come true.
    precision:  share of warnings that came true; recall: share of episodes warned of; None without any.
    lead:       median months from the last month of data at the warning to the month in which the deaths
                needed were reached; lead_low, lead_high: its quartiles; None without a hit.
    years:      area-years in which the rule was asked; return_period: years from one warning to the next in
                an area, (years + 1) / warnings (Weibull); None without a warning.
    per_year:   warnings a year over all areas. base_rate: share of questions asked that came true.
    """

    rule: str
    trigger: float
    first: int
    until: int
    episodes: int
    hits: int
    misses: int
    warnings: int
    false_alarms: int
    precision: float | None
    recall: float | None
    lead: float | None
    lead_low: float | None
    lead_high: float | None
    years: float
    return_period: float | None
    per_year: float
    base_rate: float | None
    basis: Basis
    level: Level

    @property
    def thin(self) -> bool:
        """Whether fewer than ten episodes stand behind it."""
        return self.episodes < THIN

    @property
    def digest(self) -> str:
        """SHA-256 of the record and its basis."""
        return digest.of_parts(self.rule, self.trigger, self.until, self.to_dict())

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain values."""
        return {
            "rule": self.rule, "trigger": self.trigger, "first": months.label(self.first),
            "until": months.label(self.until), "episodes": self.episodes, "hits": self.hits,
            "misses": self.misses, "warnings": self.warnings, "false_alarms": self.false_alarms,
            "precision": self.precision, "recall": self.recall, "lead_months_median": self.lead,
            "lead_months_quartiles": [self.lead_low, self.lead_high], "area_years": round(self.years, 1),
            "return_period_years": self.return_period, "warnings_per_year": self.per_year,
            "base_rate": self.base_rate, "thin": self.thin,
            "method": method_of(self.level, self.basis.method, "en"),
            "releases": list(self.basis.releases), "data": self.basis.data,
        }  # fmt: skip

    def sentence(self, language: Language | None = None) -> str:
        """Return the record in one sentence, or two where it is too thin."""
        told = {
            "first": months.label(self.first), "until": months.label(self.until), "episodes": self.episodes,
            "hits": self.hits, "warnings": self.warnings, "false_alarms": self.false_alarms,
            "came": self.warnings - self.false_alarms, "trigger": percent(self.trigger, language),
            "method": method_of(self.level, self.basis.method, language),
        }  # fmt: skip
        if self.warnings == 0:
            said = say("warn.record.silent", language, **told)
        elif self.lead is None or self.return_period is None:
            said = say("warn.record.no_hit", language, **told)
        else:
            said = say(
                "warn.record.sentence", language, lead=_months(self.lead, language),
                low=_months(self.lead_low or 0.0, language), high=_months(self.lead_high or 0.0, language),
                period=_years(self.return_period, language), **told,
            )  # fmt: skip
        return f"{said} {say('warn.record.thin', language, least=THIN)}" if self.thin else said


def record(judged: Rule, readings: Readings, *, until: int) -> Record | None:
    """Return the record of a rule from the readings of its criterion, knowing nothing after month `until`.

    until: last month of outcomes; only origins whose windows had closed by then count. None if none had.
    BadInput for readings of a rule that asks something else.
    """
    if readings.criterion != judged.criterion:
        raise BadInput("warn.other_readings", rule=judged.name)
    last = min(until, readings.until)
    count = sum(origin + judged.window <= last for origin in readings.origins)
    if not count:
        return None
    results = readings.results[:, :count]
    episodes, running = _episodes(results == TRUE, judged.window)
    first_origin = readings.origins[0]
    raised = [w for w in replay(readings, judged, count) if (w.row, w.origin - first_origin) not in running]
    settled = [w for w in raised if w.result in (TRUE, FALSE)]
    came = [w for w in settled if w.result == TRUE]
    warned = {episodes[w.row, w.origin - first_origin] for w in came}
    total = len(set(episodes.values()))
    lead, low, high = _quartiles([w.after for w in came])
    asked = ~np.isnan(readings.chances[:, :count]) & (results >= FALSE)
    years = float(asked.sum()) / 12
    return Record(
        rule=judged.name, trigger=judged.trigger, first=first_origin,
        until=last, episodes=total,
        hits=len(warned), misses=total - len(warned), warnings=len(settled),
        false_alarms=len(settled) - len(came), precision=len(came) / len(settled) if settled else None,
        recall=len(warned) / total if total else None, lead=lead, lead_low=low, lead_high=high, years=years,
        return_period=(years + 1) / len(settled) if settled else None, per_year=12 * len(settled) / count,
        base_rate=float((results[asked] == TRUE).mean()) if asked.any() else None, basis=readings.basis,
        level=judged.level,
    )  # fmt: skip


def replay(readings: Readings, rule: Rule, count: int) -> list[Raised]:
    """Return the warnings that `life.step` raises when walked through the first `count` origins.

    Alerts depend on fresh chances and outcomes alone (a cancelled warning holds its place until its window
    closes), so that they can be read off without the steps between them.
    """
    first = readings.origins[0] if readings.origins else 0
    said, results = readings.chances[:, :count], readings.results[:, :count]
    wait = max(rule.window, rule.spacing_months)
    high = said >= np.float32(rule.trigger - 1e-6)
    low = readings.assessed[:, :count] & (np.isnan(said) | (said < np.float32(rule.cancel - 1e-6)))
    found: list[Raised] = []
    for row in np.flatnonzero(high.any(axis=1)):
        firing, calming = np.flatnonzero(high[row]), np.flatnonzero(low[row])
        at = 0
        while (position := int(np.searchsorted(firing, at))) < len(firing):
            now = int(firing[position])
            result, after = int(results[row, now]), int(readings.after[row, now])
            found.append(Raised(int(row), first + now, result, after))
            at = now + wait
            if result == TRUE:
                # The month in which it came true ends the warning; from the next on the episode may end.
                next_low = int(np.searchsorted(calming, now + after + 1))
                if next_low == len(calming):
                    break
                at = max(at, int(calming[next_low]))
    return found


def _episodes(
    happened: NDArray[np.bool_], window: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Return the episode of each (row, origin position) that came true, and those running at the start.

    An episode under way at the first origin began before anyone could have warned: it does not count.
    """
    episodes: dict[tuple[int, int], tuple[int, int]] = {}
    running: set[tuple[int, int]] = set()
    for row in np.flatnonzero(happened.any(axis=1)):
        places = np.flatnonzero(happened[row])
        breaks = np.flatnonzero(np.diff(places) >= window) + 1
        for run in np.split(places, breaks):
            name = (int(row), int(run[0]))
            members = [(int(row), int(place)) for place in run]
            if run[0] == 0:
                running.update(members)
            else:
                episodes.update(dict.fromkeys(members, name))
    return episodes, running


def _quartiles(months_after: Sequence[int]) -> tuple[float | None, float | None, float | None]:
    if not months_after:
        return None, None, None
    low, middle, high = np.quantile(months_after, [0.25, 0.5, 0.75])
    return float(middle), float(low), float(high)


def _months(value: float, language: Language | None) -> str:
    return number(round(value, 1), language)


def _years(value: float, language: Language | None) -> str:
    return number(round(value) if value >= 10 else round(value, 1), language)
