"""One example of each entry type, as a person writes it."""

from __future__ import annotations

from importlib import resources
from typing import Any

from tocsin.ledger.entries.registry import entry_type
from tocsin.ledger.reading import parse_entries
from tocsin.text import Language, current_language


def examples(language: Language = "en") -> dict[str, dict[str, Any]]:
    """Return one example of each entry type as plain values, in an order in which they can be recorded."""
    return {str(one["type"]): one for one in parse_entries(_content(language).encode(), name="examples")}


def example_text(type: str, language: Language | None = None) -> str:
    """Return an example of a type, as YAML of one entry; UnknownName if there is no such type."""
    entry_type(type)
    for block in _content(language or current_language()).split("\n- ")[1:]:
        if block.startswith(f"type: {type}\n"):
            break
    return "\n".join(line.removeprefix("  ") for line in block.rstrip().split("\n")) + "\n"


def _content(language: Language) -> str:
    """Return the examples in one language: only what people write freely differs."""
    file = resources.files("tocsin.ledger.entries") / f"examples.{language}.yaml"
    return file.read_text(encoding="utf-8")
