"""The pages and JSON Schemas of the entry types: `python -m tocsin.ledger.publish docs/ledger`.

They are made from the models, the sentences of the locale files and the examples; a test holds that they are
up to date.
"""

from __future__ import annotations

import json
from contextvars import copy_context
from pathlib import Path
from typing import Any

from tocsin.files import asked_for, write_pages
from tocsin.ledger.entries import TYPES
from tocsin.ledger.entries.examples import example_text
from tocsin.ledger.entries.fields import FieldSpec, fields
from tocsin.text import say, set_language

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(type: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a type in its canonical form, as it is recorded."""
    made = TYPES[type].model_json_schema(by_alias=True, mode="serialization")
    _strip(made)
    required = [spec.name for spec in fields(type) if spec.required] + ["type"]
    made["required"] = sorted(set(required))
    for spec in fields(type):
        made["properties"][spec.name].setdefault("description", spec.about)
    made["title"] = say(f"ledger.type.{type}")
    made["description"] = say(f"ledger.about_type.{type}")
    return {"$schema": _DRAFT, **made}


def files() -> dict[str, str]:
    """Return the text of every file by its path below docs/ledger."""
    return copy_context().run(_files)


def write(folder: Path) -> None:
    """Write every file below `folder`."""
    write_pages(folder, files())


def _files() -> dict[str, str]:
    set_language("en")
    made = {"index.md": _index()}
    for type in TYPES:
        made[f"{type}.md"] = _page(type)
        text = json.dumps(schema(type), indent=2, ensure_ascii=False, sort_keys=True)
        made[f"schema/{type}.json"] = text + "\n"
    return made


def _strip(part: Any) -> None:
    """Leave out titles made from names, absent values (they are not recorded), and notes on the code."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            part.pop("title", None)
            part.pop("description", None)
            absent = [n for n, p in part["properties"].items() if p.get("default", 1) in (None, [])]
            part["required"] = [name for name in part.get("required", ()) if name not in absent]
        kinds = [kind for kind in part.get("anyOf", ()) if kind != {"type": "null"}]
        if len(kinds) == 1 and isinstance(kinds[0], dict):
            del part["anyOf"]
            part.update(kinds[0])
        if isinstance(part.get("title"), str):
            del part["title"]
        if "default" in part and part["default"] in (None, []):
            del part["default"]
        for inner in part.values():
            _strip(inner)
    elif isinstance(part, list):
        for inner in part:
            _strip(inner)


def _index() -> str:
    rows = [
        f"| [`{type}`]({type}.md) | {say(f'ledger.about_type.{type}')} | [schema](schema/{type}.json) |"
        for type in TYPES
    ]
    parts = [
        "# Entries of the ledger",
        "What [the ledger](../concepts/ledger.md) can hold. Write entries as JSON or YAML and record them "
        "with [`tocsin ledger add`](../commands/ledger-add.md).",
        "\n".join(["| type | says | |", "|---|---|---|", *rows]),
        "## Common fields",
        _table([spec for spec in fields("event") if spec.common]),
        "A list of one may be written without the list. A party is a name, or `name` with `actor`, its id in "
        "UCDP's data. Fields that do not apply are left out. Seasons are those of the northern year, three "
        "months each; winter belongs to the year in which it begins.",
    ]
    return "\n\n".join(parts) + "\n"


def _page(type: str) -> str:
    parts = [
        f"# `{type}`",
        say(f"ledger.about_type.{type}"),
        say("ledger.page.common") + f" [{say('ledger.page.schema')}](schema/{type}.json).",
    ]
    required = TYPES[type].answers_to
    if required is not None:
        targets = ", ".join(f"`{name}`" for name in required[1]) or say("ledger.page.any_type")
        parts.append(say("ledger.page.link", role=required[0], targets=targets))
    own = [spec for spec in fields(type) if not spec.common]
    if own:
        parts += [f"## {say('ledger.page.fields')}", _table(own)]
    parts += [f"## {say('ledger.page.example')}", f"```yaml\n{example_text(type)}```"]
    return "\n\n".join(parts) + "\n"


def _table(specs: list[FieldSpec]) -> str:
    rows = ["| field | | holds |", "|---|---|---|"]
    for spec in specs:
        needed = say("ledger.form.required") if spec.required and spec.name not in ("id", "type") else ""
        choices = ", ".join(f"`{choice}`" for choice in spec.choices)
        rows.append(f"| `{spec.name}` | {needed} | {' '.join(filter(None, (spec.about, choices)))} |")
    return "\n".join(rows)


if __name__ == "__main__":
    write(asked_for(__doc__))
