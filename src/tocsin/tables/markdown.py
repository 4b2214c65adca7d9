"""The columns of a table as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.tables.columns import COLUMNS, key, meaning
from tocsin.text import Language, say

_HEAD = ("column", "type", "values", "holds", "empty")


def markdown(table: str, names: Iterable[str], language: Language) -> str:
    """Return columns of a table in Markdown, one a line; KeyError for one that has no meaning."""
    head = [say(f"tables.head.{name}", language) for name in _HEAD]
    rows = [head, ["---"] * len(head), *(_row(table, name, language) for name in names)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(table: str, name: str, language: Language) -> list[str]:
    column, told = COLUMNS[key(table, name)], meaning(table, name, language)
    values = [part for part in (told.unit, _values(column.limits, language)) if part]
    return [f"`{name}`", column.type, ", ".join(values), told.text, told.empty or ""]


def _values(limits: Mapping[str, Any], language: Language) -> str:
    if "enum" in limits:
        return ", ".join(f"`{value}`" for value in limits["enum"])
    if "maximum" in limits:
        return say("tables.limits", language, least=limits["minimum"], most=limits["maximum"])
    return say("tables.at_least", language, least=limits["minimum"]) if "minimum" in limits else ""
