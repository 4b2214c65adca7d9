"""One example of each entry type, as a person writes it."""

from __future__ import annotations

from importlib import resources
from typing import Any

from tocsin.ledger.entries.registry import entry_type
from tocsin.ledger.reading import parse_entries


def examples() -> dict[str, dict[str, Any]]:
    """Return one example of each entry type as plain values, in an order in which they can be recorded."""
    content = (resources.files("tocsin.ledger.entries") / "examples.yaml").read_bytes()
    return {str(values["type"]): values for values in parse_entries(content, name="examples.yaml")}


def example_text(type: str) -> str:
    """Return an example of a type, as YAML of one entry; UnknownName if there is no such type."""
    entry_type(type)
    text = (resources.files("tocsin.ledger.entries") / "examples.yaml").read_text(encoding="utf-8")
    for block in text.split("\n- ")[1:]:
        if block.startswith(f"type: {type}\n"):
            break
    return "\n".join(line.removeprefix("  ") for line in block.rstrip().split("\n")) + "\n"
