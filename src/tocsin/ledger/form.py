"""Asking a person for an entry, field by field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from tocsin.errors import BadInput, TocsinError
from tocsin.ledger.clock import latest_day, now
from tocsin.ledger.entries import Entry, entry
from tocsin.ledger.entries.fields import FieldSpec, fields
from tocsin.ledger.entries.refusal import Path
from tocsin.text import current_language, say

Ask = Callable[[str, str], str]
"""Shows what is asked for (a label and an explanation) and returns what was answered."""
Tell = Callable[[str], None]
"""Shows one sentence."""


def ask_entry(type: str, *, ask: Ask, tell: Tell, today: dt.date | None = None) -> Entry:
    """Return the entry of a type that a person describes, asking again for whatever cannot be used.

    ask, tell: how to ask and to say what is wrong. Raises UnknownName if there is no such type.
    """
    asked = fields(type)
    tell(say("ledger.form.intro", type=say(f"ledger.type.{type}"), about=say(f"ledger.about_type.{type}")))
    given: dict[str, Any] = {"type": type}
    open_fields = [spec for spec in asked if spec.name != "type"]
    while True:
        for spec in open_fields:
            value = _answer(spec, ask, tell)
            given.pop(spec.name, None)
            if value is not None:
                given[spec.name] = value
        try:
            made = entry(given)
            made.check_present(today or latest_day(now()))
            return made
        except BadInput as error:
            tell(str(error))
            open_fields = [spec for spec in asked if spec.name == field_of(error)]
            if not open_fields:
                raise


def _answer(spec: FieldSpec, ask: Ask, tell: Tell) -> Any:
    required = spec.required and spec.name not in ("id", "language")
    notes = [spec.about]
    if spec.choices:
        notes.append(say("ledger.form.choices", choices=", ".join(_choice(c) for c in spec.choices)))
    if spec.many:
        notes.append(say("ledger.form.several"))
    notes.append(say("ledger.form.required") if required else say("ledger.form.optional"))
    while True:
        answer = ask(spec.label, " · ".join(notes)).strip()
        if not answer:
            if not required:
                return current_language() if spec.name == "language" else None
            tell(say("ledger.form.needed"))
            continue
        value = value_of(spec, answer)
        try:
            spec.check(value)
            return value
        except BadInput as error:
            tell(str(error))


def _choice(code: str) -> str:
    said = say(f"ledger.value.{code}")
    return code if said == code else f"{code} ({said})"


def value_of(spec: FieldSpec, answer: str) -> Any:
    """Return an answer as the value of a field: parts where it takes several, a code for its name."""
    if spec.many:
        return [part.strip() for part in answer.split(";") if part.strip()]
    if spec.choices:
        said = {say(f"ledger.value.{code}").casefold(): code for code in spec.choices}
        return said.get(answer.casefold(), answer)
    return answer


def field_of(error: TocsinError) -> str:
    """Return the name of the field that an error speaks of, empty where it speaks of none."""
    if error.key.startswith("ledger.link_"):
        return "links"
    field = error.values.get("field", "")
    return (
        str(field.steps[0]) if isinstance(field, Path) and field.steps else re.split(r"[\[.]", str(field))[0]
    )
