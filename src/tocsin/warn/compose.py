"""From a step of a warning's life to the message that tells of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin import areas, months
from tocsin.forecast.forecast import Forecast
from tocsin.kinds import Target
from tocsin.ledger.entries import OWN_IDS
from tocsin.panel import released
from tocsin.panel.panel import AreaId
from tocsin.text import LANGUAGES, Language, percent, say
from tocsin.warn import facts
from tocsin.warn.evidence import Evidence
from tocsin.warn.life import Act
from tocsin.warn.message import ENDS, Message, Texts
from tocsin.warn.record import Record
from tocsin.warn.rules import Rule, method_of
from tocsin.warn.words import Confidence, confidence, likelihood

ENOUGH = 30
"""Episodes from which a rule's record can carry high confidence."""

RIGHT = 0.5
"""Share of its warnings that must have come true for that."""


@dataclass(frozen=True, eq=False)
class Month:
    """Everything known in the month of a round of warnings.

    evidence: cut at `origin`; said: forecasts by kind; inputs: digest of both.
    """

    evidence: Evidence
    said: Mapping[Target, Forecast]
    origin: int
    as_of: dt.date
    series: str
    method: str
    inputs: str

    @property
    def age(self) -> int:
        """Days between the last day of data and the day of the message."""
        return (self.as_of - months.last_day(self.origin)).days


@dataclass(frozen=True)
class Point:
    """One point in the life of one warning: what was done, and the figures to tell."""

    act: Act
    area: AreaId
    origin: int
    needed: int
    probability: float | None
    before: float | None


_EXERCISE = f"{OWN_IDS}exercise-"


def is_exercise(warning: str) -> bool:
    """Return whether the id of a warning says that it was raised on a reconstructed past month."""
    return warning.startswith(_EXERCISE)


def warning_id(rule: Rule, area: AreaId, origin: int, series: str) -> str:
    """Return the id of a warning: the same inputs always give the same."""
    mark = OWN_IDS if series == "live" else f"{_EXERCISE}{re.sub('[^a-z0-9]+', '-', series.lower())}-"
    return f"{mark}{rule.name}-gw{area}-{months.label(origin)}"


def compose(
    point: Point, rule: Rule, month: Month, record: Record | None, *, made_at: str,
    references: tuple[tuple[str, str], ...] = (),
) -> Message:  # fmt: skip
    """Return the message for one point of a warning's life, as a draft.

    references: the warning's earlier messages with their times, oldest first. record: of the rule; None where
    it has not been computed for these data.
    """
    state = areas.country(int(point.area), month=month.origin)
    warning = warning_id(rule, point.area, point.origin, month.series)
    # The first message needs no month; there is another alert only where a draft was overtaken.
    first = point.act == "alert" and point.origin == month.origin
    suffix = "alert" if first else f"{point.act.replace('_', '-')}-{months.label(month.origin)}"
    level = _confidence(record, month)
    texts = _texts(point, rule, month, record, level)
    return Message(
        id=f"{warning}-{suffix}", warning=warning, act=point.act, series=month.series, references=references,
        rule=rule.name, level=rule.level, kind=rule.kind, severity=rule.severity, gw=int(point.area),
        iso3=state.iso3, lon=state.capital_lon, lat=state.capital_lat, origin=point.origin,
        month=month.origin, window=rule.window, needed=point.needed, sofar=_sofar(point, rule, month),
        trigger=rule.trigger, cancel=rule.cancel, probability=point.probability, before=point.before,
        base_rate=None if record is None else record.base_rate, confidence=level,
        record=None if record is None else record.to_dict(), as_of=month.as_of, age=month.age,
        method=method_of(rule.level, month.method, "en"), releases=month.evidence.panel.releases,
        basis=month.evidence.panel.basis, inputs=month.inputs, made_at=made_at, texts=texts,
    )  # fmt: skip


def _confidence(record: Record | None, month: Month) -> Confidence:
    if record is None or record.thin:
        return "low"
    if month.series != "live" or record.basis.releases != month.evidence.panel.releases:
        return "low"
    tested = record.episodes >= ENOUGH and (record.precision or 0.0) >= RIGHT
    return "high" if tested else "moderate"


def _sofar(point: Point, rule: Rule, month: Month) -> int | None:
    deaths, covered = month.evidence.passed(rule, point.area, point.origin)
    return int(deaths.sum()) if covered.all() else None


def _texts(
    point: Point, rule: Rule, month: Month, record: Record | None, level: Confidence
) -> dict[Language, Texts]:
    evidence, panel = month.evidence, month.evidence.panel
    open_still = point.act not in ENDS
    shown = facts.drivers(evidence, rule, point.area, month.origin)
    alike: facts.Said = dict.fromkeys(LANGUAGES, ())
    lower: facts.Said = dict.fromkeys(LANGUAGES, ())
    if open_still and rule.level == "country":
        found = facts.analogues(panel, rule, point.area, month.origin, point.needed)
        alike = facts.analogue_sentences(found, rule)
    sofar = _sofar(point, rule, month)
    if open_still and point.probability is not None and sofar is not None:
        lower = facts.lowering(
            rule, month.said.get(rule.kind) if rule.level == "country" else None, point.area,
            probability=point.probability, needed=point.needed, sofar=sofar, last=point.origin + rule.window,
        )  # fmt: skip
    struck = facts.newly_struck(evidence, rule, point.area, point.origin)
    result: dict[Language, Texts] = {}
    for language in LANGUAGES:
        area = areas.country(int(point.area), month=month.origin).name(language)
        told = _told(point, rule, month, struck, language)
        result[language] = Texts(
            area=area, rule=rule.title(language),
            headline=headline(point.act, month.series, area, rule.title(language), told, language),
            question=rule.question(area, point.origin, point.needed, language),
            likelihood=_likelihood(point, language), confidence=confidence(level, language),
            change=_change(point, record, language, told), drivers=shown[language],
            analogues=alike[language], lowering=lower[language],
            record=say("warn.record.absent", language, method=month.method)
            if record is None else record.sentence(language),
            data=say(
                "warn.data", language, month=months.label(month.origin), age=month.age,
                as_of=month.as_of.isoformat(), method=method_of(rule.level, month.method, language),
                releases=released(panel.releases, language),
            ),
            notice=_notice(month.series, language),
        )  # fmt: skip
    return result


def headline(
    act: Act, series: str, area: str, rule: str, told: Mapping[str, object], language: Language
) -> str:
    """Return the headline of a message; told: what the sentence of its act needs besides."""
    said = say(f"warn.headline.{act}", language, area=area, rule=rule, **told)
    return said if series == "live" else say("warn.exercise_headline", language, headline=said)


def _notice(series: str, language: Language) -> str:
    if series == "live":
        return ""
    found = re.search(r"lag (\d+)", series)
    return say("warn.exercise", language, lag=int(found[1]) if found else 0)


def _told(
    point: Point, rule: Rule, month: Month, struck: tuple[str, ...], language: Language
) -> dict[str, object]:
    now = point.probability
    deaths, covered = month.evidence.passed(rule, point.area, point.origin)
    return {
        "likelihood": "" if now is None else likelihood(now, language),
        "percent": "" if now is None else percent(now, language),
        "deaths": int(deaths.sum()), "needed": point.needed, "covered": int(covered.sum()),
        "months": len(covered),
        "first": months.label(point.origin + 1), "last": months.label(point.origin + rule.window),
        "places": ", ".join(struck),
    }  # fmt: skip


def _likelihood(point: Point, language: Language) -> str:
    if point.probability is None:
        return ""
    return say(
        "warn.likelihood", language, likelihood=likelihood(point.probability, language),
        percent=percent(point.probability, language),
    )  # fmt: skip


def _change(point: Point, record: Record | None, language: Language, told: Mapping[str, object]) -> str:
    parts = []
    if point.act in ("came_true", "did_not"):
        whole = told["covered"] == told["months"]
        key = "places" if told["places"] else "deaths" if whole else "deaths_part"
        parts.append(say(f"warn.outcome.{key}", language, **told))
    elif point.act == "expire":
        parts.append(say("warn.outcome.unknown", language))
    elif point.before is not None:
        key = "warn.before" if point.act == "alert" else "warn.earlier"
        parts.append(say(key, language, percent=percent(point.before, language)))
    if point.act not in ENDS and record is not None and record.base_rate is not None:
        parts.append(say("warn.base_rate", language, percent=percent(record.base_rate, language)))
        now, usual = point.probability, record.base_rate
        if now is not None and usual > 0 and now >= 2 * usual:
            parts.append(say("warn.times_base_rate", language, times=round(now / usual)))
    return " ".join(parts)
