"""One round of warnings: every rule asked of every country once, for one month of data."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.errors import BadInput, NotAssessed, Stale
from tocsin.figures import Groups
from tocsin.forecast.forecast import Forecast
from tocsin.kinds import Target
from tocsin.panel import Panel
from tocsin.panel.panel import RECONSTRUCTED, AreaId
from tocsin.warn.compose import Month, Point, compose, warning_id
from tocsin.warn.evidence import Evidence, forecasts
from tocsin.warn.life import Act, Seen, State, step
from tocsin.warn.message import Message
from tocsin.warn.questions import Answer, Asked
from tocsin.warn.readings import Table
from tocsin.warn.record import Record, record
from tocsin.warn.rules import Rule
from tocsin.warn.withdrawal import without

STALE_DAYS = 60
"""Days since the last day of data beyond which nothing can be said of today."""

LIVE = "live"

Key = tuple[str, AreaId]
"""A rule's name and an area."""

Told = Callable[[str], Sequence[Message]]
"""Returns the messages of a warning so far, oldest first."""


@dataclass(frozen=True, eq=False)
class Round:
    """What a round of warnings came to.

    series:       `live`, or the basis of a reconstruction. origin: its month of data.
    states:       where each rule and area stand after it. messages: what is to be said, in order.
    records:      of each rule by name; None where none has been computed.
    assessed:     number of countries each rule could be asked of; not_assessed: countries of which a rule on
                  countries could not be asked, by rule.
    inputs:       SHA-256 of data and forecasts.
    withdrawn:    ids of the warnings of which a correction has left nothing: their drafts lapse.
    """

    series: str
    origin: int
    as_of: dt.date
    rules: tuple[Rule, ...]
    states: Mapping[Key, State]
    messages: tuple[Message, ...]
    records: Mapping[str, Record | None]
    assessed: Mapping[str, int]
    not_assessed: Mapping[str, tuple[AreaId, ...]]
    inputs: str
    withdrawn: frozenset[str] = frozenset()

    @property
    def open(self) -> tuple[Key, ...]:
        """Rules and areas with an open warning, sorted."""
        return tuple(sorted(key for key, state in self.states.items() if state.open))


def check_draft(message: Message, today: dt.date) -> None:
    """Raise Stale for a draft that gives a probability and whose data end over 60 days before `today`.

    Drafts of an exercise are of a past month, and are let be.
    """
    if message.status == "draft" and message.series == LIVE and message.probability is not None:
        _check_age(message.month, today, "warn.stale_draft", id=message.id)


def series_of(panel: Panel) -> str:
    """Return `live`, or the basis of a panel that reconstructs what could have been known on a past day."""
    return panel.basis if panel.basis.startswith(RECONSTRUCTED) else LIVE


def check_fresh(panel: Panel, origin: int, as_of: dt.date) -> None:
    """Raise Stale if the data end more than 60 days before `as_of`, BadInput if they are known later."""
    if panel.as_of > as_of:
        raise BadInput("warn.from_the_future", known=panel.as_of.isoformat(), as_of=as_of.isoformat())
    _check_age(origin, as_of, "warn.stale")


def _check_age(month: int, day: dt.date, key: str, **told: object) -> None:
    age = (day - months.last_day(month)).days
    if age > STALE_DAYS:
        raise Stale(
            key, month=months.label(month), age=age, most=STALE_DAYS, as_of=day.isoformat(), **told
        )  # fmt: skip


def hold(
    panel: Panel,
    *,
    as_of: dt.date,
    rules: Sequence[Rule],
    method: str,
    states: Mapping[Key, State],
    made_at: str,
    told: Told,
    origin: int | None = None,
    groups: Groups | None = None,
    said: Sequence[Forecast] = (),
    earlier: Sequence[Forecast] = (),
    table: Table | None = None,
    wrong: Collection[str] = (),
) -> Round:
    """Ask every rule of every country of `panel` and step every warning on by one month.

    panel:   deaths by Gleditsch-Ward state as known on `as_of`; origin: the month to ask from, the last one
             covered when None. The panel's last month must not be later.
    method:  the forecast method; said, earlier: its forecasts from the origin and from the month before,
             where they are at hand (others are made).
    states:  where each rule and area stood before; made_at: time of the messages, ISO 8601.
    groups:  events by province, cut at the origin here; rules that ask of them are asked of no country when
             None.
    table:   readings that hold the rules' records; told: gives the issued messages of a
             warning by its id, oldest first. wrong: ids of messages that corrections call wrong.
    Raises Stale for data older than 60 days on `as_of`, NotAssessed if no country is covered.
    """
    last = _last(panel) if origin is None else origin
    cut = panel.until(last)
    check_fresh(panel, last, as_of)
    if not cut.covered[:, -1].any():
        raise NotAssessed("warn.nothing_covered", month=months.label(last))
    evidence = Evidence.of(cut, rules, groups).until(last)
    ahead = forecasts(cut, rules, origin=last, method=method, held=said)
    inputs = digest.of_parts(evidence.digest, {kind: f.digest for kind, f in ahead.items()})
    month = Month(evidence, ahead, last, as_of, series_of(panel), method, inputs)
    before = _before(evidence, rules, last, method, earlier)
    records = {rule.name: _record_of(rule, table or {}, last) for rule in rules}
    standing, withdrawn = _standing(states, rules, month.series, told, wrong)
    after: dict[Key, State] = dict(standing)
    messages: list[Message] = []
    assessed: dict[str, int] = {}
    unassessed: dict[str, tuple[AreaId, ...]] = {}
    for key, state in standing.items():
        after[key] = _ended(key, state, cut, rules)
    for rule in rules:
        asked = evidence.ask(rule, last)
        chances = evidence.chance(asked, ahead)
        assessed[rule.name] = int(asked.assessed.sum())
        unassessed[rule.name] = tuple(cut.areas[row] for row in np.flatnonzero(~asked.assessed))
        for row in _stirring(rule, asked, chances, standing):
            area = cut.areas[row]
            state = standing.get((rule.name, area), State())
            seen = seen_of(rule, asked, chances, row, state, month)
            if state.open and state.issued is not None:
                heard = told(warning_id(rule, area, state.issued, month.series))
                seen = dataclasses.replace(seen, untold=not heard)
            now, acts = step(state, seen, last, rule)
            after[rule.name, area] = now
            for act in acts:
                point = point_of(act, area, state, now, seen, before[rule.name].get(area))
                history = told(warning_id(rule, area, point.origin, month.series))
                if act == "update" and not history:
                    # Nobody has been told of the warning: it is told as one that begins.
                    point = dataclasses.replace(point, act="alert", before=None)
                references = tuple((m.id, m.sent) for m in history)
                record = records[rule.name]
                messages.append(compose(point, rule, month, record, made_at=made_at, references=references))
    return Round(
        month.series, last, as_of, tuple(rules), after, tuple(messages), records, assessed, unassessed,
        inputs, withdrawn,
    )  # fmt: skip


def _last(panel: Panel) -> int:
    newest = panel.newest()
    if newest is None:
        raise NotAssessed("warn.nothing_covered", month=months.label(panel.span.last))
    return newest


def _standing(
    states: Mapping[Key, State], rules: Sequence[Rule], series: str, told: Told, wrong: Collection[str]
) -> tuple[dict[Key, State], frozenset[str]]:
    """Return where rules and areas stand by what is upheld, and the warnings of which nothing is."""
    found, withdrawn = dict(states), set()
    named = {rule.name: rule for rule in rules if wrong}
    for (name, area), state in states.items():
        if name not in named or state.issued is None:
            continue
        warning = warning_id(named[name], area, state.issued, series)
        found[name, area] = without(state, told(warning), wrong)
        if found[name, area].issued is None:
            withdrawn.add(warning)
    return found, frozenset(withdrawn)


def _ended(key: Key, state: State, panel: Panel, rules: Sequence[Rule]) -> State:
    """Return the state of an area; of a country that has ended, calm once its window has closed."""
    name, area = key
    if area in panel.areas or not state.unsettled or state.issued is None:
        return state
    windows = [rule.window for rule in rules if rule.name == name]
    if windows and panel.span.last < state.issued + windows[0]:
        return state
    return dataclasses.replace(state, phase="calm", month=panel.span.last, told=None)


def _stirring(
    rule: Rule,
    asked: Asked,
    chances: NDArray[np.float64],
    states: Mapping[Key, State],
) -> list[int]:
    """Return the rows that have a state, or reach the trigger: for all others nothing can happen."""
    firing = {int(row) for row in np.flatnonzero(np.nan_to_num(chances, nan=-1.0) >= rule.trigger)}
    held = {row for row, area in enumerate(asked.areas) if (rule.name, area) in states}
    return sorted(firing | held)


def seen_of(
    rule: Rule, asked: Asked, chances: NDArray[np.float64], row: int, state: State, month: Month
) -> Seen:
    """Return what a rule sees of the area in a row: its chance, and what came of the last question on it.

    chances: float64 [area], NaN where the rule is not asked; state: where the area stood before.
    """
    area, fresh = asked.areas[row], chances[row]
    same: float | None = None
    answer: Answer = "open"
    if state.unsettled and state.issued is not None and state.month != month.origin:
        answer = month.evidence.answer(rule, area, state.issued, state.needed)
        if state.open and answer == "open" and month.origin < state.issued + rule.window:
            same = month.evidence.rest(rule, area, state.issued, state.needed, month.origin, month.said)
    chance = None if np.isnan(fresh) else float(fresh)
    return Seen(chance, bool(asked.assessed[row]), int(asked.needed[row]), same, answer)


def point_of(act: Act, area: AreaId, state: State, now: State, seen: Seen, before: float | None) -> Point:
    """Return what a message on an act is about; an alert tells the chance `before`, others what was told."""
    if act == "alert":
        assert now.issued is not None
        return Point(act, area, now.issued, now.needed, seen.fresh, before)
    assert state.issued is not None
    probability = seen.same if act in ("update", "cancel") else None
    return Point(act, area, state.issued, state.needed, probability, state.told)


def _before(
    evidence: Evidence, rules: Sequence[Rule], last: int, method: str, earlier: Sequence[Forecast]
) -> dict[str, dict[AreaId, float]]:
    """Return the chances of each rule as asked a month before, where a forecast from then is at hand."""
    found: dict[str, dict[AreaId, float]] = {rule.name: {} for rule in rules}
    if last - 1 < evidence.panel.span.first:
        return found
    then = evidence.until(last - 1)
    wanted = (last - 1, method, then.panel.areas)
    said: dict[Target, Forecast] = {f.target: f for f in earlier if (f.origin, f.method, f.areas) == wanted}
    for rule in rules:
        said_of = said.get(rule.kind)
        if rule.level == "country" and (said_of is None or rule.window not in said_of.steps):
            continue
        chances = then.chance(then.ask(rule, last - 1), said)
        found[rule.name] = {
            area: float(chance)
            for area, chance in zip(then.panel.areas, chances, strict=True)
            if not np.isnan(chance)
        }
    return found


def _record_of(rule: Rule, table: Table, until: int) -> Record | None:
    readings = table.get(rule.criterion)
    return None if readings is None else record(rule, readings, until=until)
