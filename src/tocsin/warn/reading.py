"""Rules from TOML: every field checked, every refusal with its file, line and field."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tocsin import kinds
from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.text import Language
from tocsin.warn.rules import (
    CANCEL_SHARE,
    LEVELS,
    LONGEST_QUIET,
    LONGEST_WINDOW,
    SEVERITIES,
    SPACING_DAYS,
    Rule,
)

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_NAME = 40
_LONGEST_TITLE = 120
_FIELDS = tuple(field.name if field.name != "titles" else "title" for field in dataclasses.fields(Rule))
_NEEDED = ("name", "threshold", "window", "trigger")
_MOST_DEATHS = 100_000_000


@cache
def built_in() -> tuple[Rule, ...]:
    """Return the rules that come with the package: onset, escalation, mass violence, spread."""
    file = resources.files("tocsin.warn") / "rules.toml"
    return parse(file.read_text(encoding="utf-8"), "rules.toml")


def title_of(name: str, language: Language) -> str:
    """Return what a rule that comes with the package is called; any other by its name."""
    return next((rule.title(language) for rule in built_in() if rule.name == name), name)


def read(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a TOML file: tables `[[rule]]` with the fields of `Rule`.

    Raises BadFile for a file that is not TOML, BadInput or UnknownName, with line and field, for a rule that
    cannot be used: above all one that asks nothing that data could settle.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFile("warn.rules_not_text", file=str(path), position=error.start) from None
    except OSError as error:
        raise BadFile("warn.rules_unread", file=str(path), reason=error.strerror or str(error)) from None
    return parse(text, str(path))


def parse(text: str, file: str) -> tuple[Rule, ...]:
    """Return the rules written in `text`; `file` is how errors call it."""
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile("warn.rules_not_toml", file=file, reason=str(error)) from None
    tables = held.get("rule")
    if set(held) != {"rule"} or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise BadFile("warn.rules_empty", file=file)
    places = _Places(text, file)
    rules = tuple(_rule(table, number, places) for number, table in enumerate(tables))
    names: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.name in names:
            raise BadInput("warn.rule_twice", value=rule.name, **places.of(number, "name"))
        names.add(rule.name)
    return rules


def named(name: str, rules: tuple[Rule, ...]) -> Rule:
    """Return the rule of that name; UnknownName, with the choices, if there is none."""
    for rule in rules:
        if rule.name == name:
            return rule
    raise UnknownName("warn.unknown_rule", value=name, choices=", ".join(rule.name for rule in rules))


@dataclasses.dataclass(frozen=True)
class _Places:
    """Where in the text a field stands, for the errors."""

    text: str
    file: str

    def of(self, number: int, field: str) -> dict[str, Any]:
        """Return file, line and field; the line of the rule where the field is not written."""
        at, seen, start = 0, -1, 0
        for line, content in enumerate(self.text.splitlines(), 1):
            if re.match(r"\s*\[\[\s*rule\s*\]\]", content):
                seen += 1
                start = line if seen == number else start
            elif seen == number and re.match(rf"\s*\"?{re.escape(field)}\"?\s*[=.]", content) and not at:
                at = line
        return {"file": self.file, "line": at or start, "field": field}


def _rule(table: dict[str, Any], number: int, places: _Places) -> Rule:
    for field in table:
        if field not in _FIELDS:
            close = difflib.get_close_matches(field, _FIELDS, n=1)
            raise UnknownName(
                "warn.rule_field_close" if close else "warn.rule_field", close="".join(close),
                choices=", ".join(_FIELDS), **places.of(number, field),
            )  # fmt: skip
    if not {"threshold", "window"} <= set(table):
        lacking = next(field for field in ("threshold", "window") if field not in table)
        raise BadInput("warn.rule_no_criterion", **places.of(number, lacking))
    for field in _NEEDED:
        if field not in table:
            raise BadInput("warn.rule_lacks", **places.of(number, field))
    take = _Taker(table, number, places)
    level = take.choice("level", LEVELS, "country")
    trigger = take.number("trigger", low=0.0, high=1.0)
    cancel = take.number("cancel", low=0.0, high=trigger, otherwise=trigger * CANCEL_SHARE)
    rule = Rule(
        name=take.name(),
        level=level,
        kind=kinds.target(take.choice("kind", kinds.TARGETS, "total")),
        threshold=take.whole("threshold", 1, _MOST_DEATHS),
        window=take.whole("window", 1, LONGEST_WINDOW),
        times_mean=None if "times_mean" not in table else take.number("times_mean", low=0.0, high=1000.0),
        quiet_months=take.whole("quiet_months", 0, LONGEST_QUIET, 0),
        trigger=trigger,
        cancel=cancel,
        spacing_days=take.whole("spacing_days", 0, 3650, SPACING_DAYS),
        severity=take.choice("severity", SEVERITIES, "Severe"),
        titles=take.titles(),
    )
    if level == "admin1" and (rule.threshold, rule.times_mean) != (1, None):
        field = "threshold" if rule.threshold != 1 else "times_mean"
        raise BadInput("warn.rule_places", **places.of(number, field))
    if level == "admin1" and not rule.quiet_months:
        raise BadInput("warn.rule_places", **places.of(number, "quiet_months"))
    return rule


@dataclasses.dataclass(frozen=True)
class _Taker:
    """Takes the fields of one table, each checked."""

    table: dict[str, Any]
    number_of: int
    places: _Places

    def name(self) -> str:
        value = self.table["name"]
        if not isinstance(value, str) or len(value) > _LONGEST_NAME or not _NAME.fullmatch(value):
            raise BadInput("warn.rule_name", value=_shown(value), **self._at("name"))
        return value

    def whole(self, field: str, least: int, most: int, otherwise: int | None = None) -> int:
        value = self.table.get(field, otherwise)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadInput("warn.rule_whole", value=_shown(value), least=least, most=most, **self._at(field))
        return value

    def number(self, field: str, *, low: float, high: float, otherwise: float | None = None) -> float:
        value = self.table.get(field, otherwise)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            raise BadInput("warn.rule_number", value=_shown(value), low=low, high=high, **self._at(field))
        # A probability of exactly 0 or 1 would warn always or never; 1,000 draws show neither.
        if not low < value < high:
            raise BadInput("warn.rule_number", value=_shown(value), low=low, high=high, **self._at(field))
        return float(value)

    def choice(self, field: str, choices: tuple[Any, ...], otherwise: str) -> Any:
        value = self.table.get(field, otherwise)
        if value not in choices:
            raise UnknownName(
                "warn.rule_choice", value=_shown(value), choices=", ".join(choices), **self._at(field)
            )
        return value

    def titles(self) -> tuple[str, str]:
        value = self.table.get("title", {})
        good = isinstance(value, dict) and set(value) <= {"en", "fr"}
        texts = list(value.values()) if good else [None]
        if not all(isinstance(t, str) and t.isprintable() and 0 < len(t) <= _LONGEST_TITLE for t in texts):
            raise BadInput("warn.rule_title", most=_LONGEST_TITLE, **self._at("title"))
        return value.get("en", ""), value.get("fr", "")

    def _at(self, field: str) -> dict[str, Any]:
        return self.places.of(self.number_of, field)


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= 60 else text[:57] + "..."
