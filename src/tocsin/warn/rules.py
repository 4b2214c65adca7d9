"""Rules: questions that data will settle, and the probability from which each of them warns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, get_args

from tocsin import digest, months
from tocsin.errors import BadInput, UnknownName
from tocsin.kinds import TARGETS, Target
from tocsin.text import Language, current_language, say

Level = Literal["country", "admin1"]
Severity = Literal["Minor", "Moderate", "Severe", "Extreme"]

LEVELS: tuple[Level, ...] = get_args(Level)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

LONGEST_WINDOW = 12
"""Months that a window may have: those a watch forecasts."""

LONGEST_QUIET = 120
MEAN_MONTHS = 12
"""Months before the origin whose mean a relative condition refers to."""

CANCEL_SHARE = 2 / 3
"""Where a rule names no probability below which it cancels: this share of its trigger."""

SPACING_DAYS = 180

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_NAME = 40
LONGEST_TITLE = 120
_CHOICES = {"level": LEVELS, "kind": TARGETS, "severity": SEVERITIES}
_WHOLE = {
    "threshold": (1, 100_000_000), "window": (1, LONGEST_WINDOW), "quiet_months": (0, LONGEST_QUIET),
    "spacing_days": (0, 3650),
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule; BadInput or UnknownName, naming the field, for one that asks nothing that data could settle.

    name:         lower-case letters, digits and hyphens; part of the id of every warning it raises.
    level:        `country`; or `admin1`: asked of the provinces of a country, a warning names the country.
    kind:         the kind of deaths counted, or `total`.
    threshold:    deaths that the window must reach, at least 1.
    window:       months after the origin, 1 to 12.
    times_mean:   the window must also reach this many times the mean of the 12 months before; None: no such
                  condition.
    quiet_months: the area must have had no deaths in this many months up to the origin; 0: no such condition.
    trigger:      the probability from which the rule warns; cancel: the one below which it takes that back.
    spacing_days: days from one warning of an area to its next.
    severity:     as in CAP 1.2.
    titles:       name for readers, English and French.
    """

    name: str
    threshold: int
    window: int
    trigger: float
    cancel: float
    level: Level = "country"
    kind: Target = "total"
    times_mean: float | None = None
    quiet_months: int = 0
    spacing_days: int = SPACING_DAYS
    severity: Severity = "Severe"
    titles: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or len(self.name) > _LONGEST_NAME or not _NAME.fullmatch(self.name):
            raise BadInput("warn.rule_name", field="name", value=shown(self.name))
        for field, choices in _CHOICES.items():
            if (value := getattr(self, field)) not in choices:
                raise UnknownName(
                    "warn.rule_choice", field=field, value=shown(value), choices=", ".join(choices)
                )
        for field, (least, most) in _WHOLE.items():
            object.__setattr__(self, field, _whole(field, getattr(self, field), least, most))
        # A probability of exactly 0 or 1 would warn always or never; 1,000 draws show neither.
        object.__setattr__(self, "trigger", _number("trigger", self.trigger, 1.0))
        object.__setattr__(self, "cancel", _number("cancel", self.cancel, self.trigger))
        if self.times_mean is not None:
            object.__setattr__(self, "times_mean", _number("times_mean", self.times_mean, 1000.0))
        if not all(isinstance(t, str) and (not t or t.isprintable()) for t in self.titles) or any(
            len(title) > LONGEST_TITLE for title in self.titles
        ):
            raise BadInput("warn.rule_title", field="title", most=LONGEST_TITLE)
        if self.level == "admin1":
            wrong = {
                "threshold": self.threshold != 1, "times_mean": self.times_mean is not None,
                "quiet_months": not self.quiet_months,
            }  # fmt: skip
            for field in (name for name, found in wrong.items() if found):
                raise BadInput("warn.rule_places", field=field)

    @property
    def spacing_months(self) -> int:
        """Months from one warning to the next: the fewest that are never shorter than `spacing_days`."""
        return next(
            count
            for count in range(1, self.spacing_days + 2)
            if all(_days(first, count) >= self.spacing_days for first in range(1, 49))
        )

    @property
    def criterion(self) -> str:
        """Digest of what the rule asks; rules that ask the same share their readings."""
        return digest.of_parts(
            self.level, self.kind, self.threshold, self.window, self.times_mean, self.quiet_months
        )

    def title(self, language: Language | None = None) -> str:
        """Return the rule's name for readers."""
        own = self.titles[0 if (language or current_language()) == "en" else 1]
        return own or self.name

    def question(
        self, area: str, origin: int, needed: int | None = None, language: Language | None = None
    ) -> str:
        """Return the question asked of an area from month `origin`, as a statement that data will settle.

        area: its name; needed: deaths that settle it, the rule's own threshold when None.
        """
        told = {
            "area": area, "deaths": needed or self.threshold, "kind": say(f"kinds.{self.kind}", language),
            "first": months.label(origin + 1), "last": months.label(origin + self.window),
            "quiet": self.quiet_months,
        }  # fmt: skip
        if self.level == "admin1":
            return say("warn.question.places", language, **told)
        if self.quiet_months:
            return say("warn.question.quiet", language, **told)
        if self.times_mean is not None:
            return say("warn.question.relative", language, times=self.times_mean, **told)
        return say("warn.question.plain", language, **told)

    def definition(self, language: Language | None = None) -> str:
        """Return what the rule asks of any area, in one sentence."""
        told = {
            "deaths": self.threshold, "window": self.window, "quiet": self.quiet_months,
            "kind": say(f"kinds.{self.kind}", language),
        }  # fmt: skip
        if self.level == "admin1":
            return say("warn.definition.places", language, **told)
        parts = [say("warn.definition.plain", language, **told)]
        if self.times_mean is not None:
            parts.append(say("warn.definition.relative", language, times=self.times_mean))
        if self.quiet_months:
            parts.append(say("warn.definition.quiet", language, **told))
        return say("warn.definition.join", language).join(parts) + "."


def by_province(rules: Iterable[Rule]) -> bool:
    """Return whether any of the rules asks of provinces, so that events by province must be read."""
    return any(rule.level == "admin1" for rule in rules)


def method_of(level: Level, leading: str, language: Language | None = None) -> str:
    """Return what gives the probabilities of rules of a level: the leading method, for provinces a share."""
    return leading if level == "country" else say("warn.share_of_alike", language)


def shown(value: object) -> str:
    """Return a value as an error names it, cut where it is long."""
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= 60 else text[:57] + "..."


def _is_number(value: Any, kind: type[Any]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _whole(field: str, value: Any, least: int, most: int) -> int:
    if not _is_number(value, Integral) or not least <= value <= most:
        raise BadInput("warn.rule_whole", field=field, value=shown(value), least=least, most=most)
    return int(value)


def _number(field: str, value: Any, high: float) -> float:
    if not _is_number(value, Real) or not 0.0 < value < high:
        raise BadInput("warn.rule_number", field=field, value=shown(value), low=0.0, high=high)
    return float(value)


def _days(first: int, count: int) -> int:
    return (months.last_day(first + count) - months.last_day(first)).days
