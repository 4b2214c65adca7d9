"""Evidence: the data rules are asked of and settled by, whatever the level of the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, forecast
from tocsin.figures import Groups
from tocsin.forecast.forecast import Forecast
from tocsin.kinds import Target
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId
from tocsin.warn import places as provinces
from tocsin.warn import questions
from tocsin.warn.places import Places
from tocsin.warn.questions import Answer, Asked
from tocsin.warn.rules import Rule


@dataclass(frozen=True, eq=False)
class Evidence:
    """Deaths by country, and by province where provinces are known.

    panel:  deaths by Gleditsch-Ward state and month.
    places: provinces by kind of deaths; a kind that is not here is not assessed at that level.
    """

    panel: Panel
    places: Mapping[Target, Places]

    @classmethod
    def of(cls, panel: Panel, rules: Sequence[Rule], groups: Groups | None) -> Evidence:
        """Return the evidence that `rules` need: the panel, and the provinces of `groups`, if there are any.

        groups: events by province, as known on the day of which the panel is.
        """
        kinds: set[Target] = {rule.kind for rule in rules if rule.level == "admin1"}
        held = {} if groups is None else {kind: Places.of(groups, kind) for kind in sorted(kinds)}
        return cls(panel, {kind: places for kind, places in held.items() if places is not None})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything a rule can read here."""
        return digest.of_parts(self.panel.digest, {kind: held.digest for kind, held in self.places.items()})

    def until(self, origin: int) -> Evidence:
        """Return the evidence cut after month `origin`."""
        cut = {kind: held.until(origin) for kind, held in self.places.items()}
        return Evidence(self.panel.until(origin), {k: held for k, held in cut.items() if held is not None})

    def ask(self, rule: Rule, origin: int) -> Asked:
        """Return what a rule asks of every area from an origin (`questions.ask`)."""
        if rule.level == "country":
            return questions.ask(rule, self.panel, origin)
        held = self.places.get(rule.kind)
        if held is not None:
            return provinces.ask(rule, held, self.panel.areas, origin)
        nothing = np.zeros(len(self.panel.areas), dtype=np.bool_)
        return Asked(rule, origin, self.panel.areas, nothing, nothing, nothing.astype(np.int64))

    def outcomes(self, asked: Asked) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Return what came of each question, and after how many months (`questions.outcomes`)."""
        held = self.places.get(asked.rule.kind)
        if asked.rule.level == "country" or held is None:
            return questions.outcomes(asked, self.panel)
        return provinces.outcomes(asked, held)

    def answer(self, rule: Rule, area: AreaId, origin: int, needed: int) -> Answer:
        """Return what came of a question that `needed` deaths settle, even if its area's past was revised."""
        if rule.level != "country":
            settled, _ = self.outcomes(self.ask(rule, origin))
            return questions.ANSWERS[int(settled[self.panel.index(area)])]
        deaths, covered = self.passed(rule, area, origin)
        result, _ = questions.settled(deaths, covered, needed, rule.window)
        return questions.ANSWERS[int(result)]

    def passed(self, rule: Rule, area: AreaId, origin: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the months of a question that have passed: deaths in the country, and where it is covered.

        Both are [month]; deaths are 0 where not covered, and a month before the data is not covered.
        """
        row, span = self.panel.index(area), self.panel.span
        columns = np.arange(origin + 1, min(origin + rule.window, span.last) + 1) - span.first
        held = np.maximum(columns, 0)
        covered = self.panel.covered[row, held] & (columns >= 0)
        return np.where(covered, self.panel.series(rule.kind)[row, held], 0), covered

    def closed(self, rule: Rule, area: AreaId, origin: int) -> bool:
        """Return whether every month of a question has passed and is covered, whatever came of it."""
        if rule.level != "country":
            held = self.places.get(rule.kind)
            return held is not None and provinces.closed(rule, held, int(area), origin)
        _, covered = self.passed(rule, area, origin)
        return len(covered) == rule.window and bool(covered.all())

    def chance(self, asked: Asked, said: Mapping[Target, Forecast]) -> NDArray[np.float64]:
        """Return float64 [area]: the probability of each question; NaN where it is not asked."""
        held = self.places.get(asked.rule.kind)
        if asked.rule.level == "country":
            return questions.chance(asked, said[asked.rule.kind])
        if held is None:
            return np.full(len(asked.areas), np.nan)
        return provinces.chance(asked, held, self.panel)

    def rest(
        self, rule: Rule, area: AreaId, origin: int, needed: int, now: int, said: Mapping[Target, Forecast]
    ) -> float | None:
        """Return the probability now, in month `now`, of a question asked of an area from month `origin`.

        None where the area is not assessed now, or a month of the question up to `now`, the last of the data,
        is not covered; the last month of the question must lie after `now`.
        """
        if rule.level == "country":
            deaths, covered = self.passed(rule, area, origin)
            if not covered.all():
                return None
            return questions.rest(
                said[rule.kind], area, needed=needed, sofar=int(deaths.sum()), last=origin + rule.window
            )
        held = self.places.get(rule.kind)
        if held is None or now not in held.span:
            return None
        asked = provinces.ask(rule, held, self.panel.areas, now)
        share = provinces.chance(asked, held, self.panel, window=origin + rule.window - now)
        found = share[self.panel.index(area)]
        return None if np.isnan(found) else float(found)


def forecasts(
    panel: Panel, rules: Sequence[Rule], *, origin: int, method: str, held: Sequence[Forecast] = ()
) -> dict[Target, Forecast]:
    """Return the forecasts that `rules` need, by kind, from `held` where it has them.

    A forecast of `held` serves if it has the panel's areas, the origin, the method and enough steps.
    """
    longest: dict[Target, int] = {}
    for rule in rules:
        if rule.level == "country":
            longest[rule.kind] = max(longest.get(rule.kind, 0), rule.window)
    found: dict[Target, Forecast] = {}
    for kind, last in sorted(longest.items()):
        serving = [
            f
            for f in held
            if (f.target, f.method, f.origin, f.areas) == (kind, method, origin, panel.areas)
            and set(range(1, last + 1)) <= set(f.steps)
        ]
        if serving:
            found[kind] = serving[0]
        else:
            fitted = forecast.fit(panel, origin=origin, target=kind, method=method)
            found[kind] = fitted.predict(tuple(range(1, last + 1)))
    return found
