"""Rules from TOML: every field checked, every refusal with its file, line and field."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.text import Language
from tocsin.warn.rules import CANCEL_SHARE, LONGEST_TITLE, Rule

_FIELDS = tuple(field.name if field.name != "titles" else "title" for field in dataclasses.fields(Rule))
_NEEDED = ("name", "threshold", "window", "trigger")


@cache
def built_in() -> tuple[Rule, ...]:
    """Return the rules that come with the package: onset, escalation, mass violence, spread."""
    file = resources.files("tocsin.warn") / "rules.toml"
    return parse(file.read_text(encoding="utf-8"), "rules.toml")


def title_of(name: str, language: Language) -> str:
    """Return what a rule that comes with the package is called; any other by its name."""
    return next((rule.title(language) for rule in built_in() if rule.name == name), name)


def read(path: str | Path) -> tuple[Rule, ...]:
    """Return the rules of a TOML file: tables `[[rule]]` with the fields of `Rule`.

    Raises BadFile for a file that is not TOML, BadInput or UnknownName, with line and field, for a rule that
    cannot be used: above all one that asks nothing that data could settle.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFile("warn.rules_not_text", file=str(path), position=error.start) from None
    except OSError as error:
        raise BadFile("warn.rules_unread", file=str(path), reason=error.strerror or str(error)) from None
    return parse(text, str(path))


def parse(text: str, file: str) -> tuple[Rule, ...]:
    """Return the rules written in `text`; BadFile or BadInput, which call it `file`, for what is wrong."""
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
    trigger, titles = table["trigger"], table.get("title", {})
    if not isinstance(titles, dict) or not set(titles) <= {"en", "fr"} or not all(titles.values()):
        raise _at(BadInput("warn.rule_title", field="title", most=LONGEST_TITLE), number, places)
    cancel = trigger * CANCEL_SHARE if isinstance(trigger, float) else trigger
    held: dict[str, Any] = {"cancel": cancel, **table}
    held.pop("title", None)
    try:
        return Rule(**held, titles=(titles.get("en", ""), titles.get("fr", "")))
    except BadInput as error:
        raise _at(error, number, places) from None


def _at(error: BadInput, number: int, places: _Places) -> BadInput:
    """Return what is wrong with a rule with the file and line where it stands."""
    where = places.of(number, str(error.values["field"]))
    return type(error)("warn.rule_at", reason=error.message(), **where)
