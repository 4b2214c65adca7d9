"""The pages of the entry types, in both languages, and their JSON Schemas.

`python -m tocsin.ledger.publish docs` writes them, from the models, the sentences of the locale files and the
examples; a test holds that they are up to date.
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
from tocsin.text import LANGUAGES, Language, say, set_language

FOLDERS: dict[Language, str] = {"en": "ledger", "fr": "fr/ledger"}
"""Where the pages in each language lie, below docs."""

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
    """Return the text of every file by its path below docs."""
    pages = {
        f"{FOLDERS[language]}/{name}": text
        for language in LANGUAGES
        for name, text in copy_context().run(_pages, language).items()
    }
    return pages | copy_context().run(_schemas)


def write(folder: Path) -> None:
    """Write every file below `folder`."""
    write_pages(folder, files())


def _pages(language: Language) -> dict[str, str]:
    set_language(language)
    schemas = {"en": "schema", "fr": "../../ledger/schema"}[language]
    return {"index.md": _index(schemas), **{f"{type}.md": _page(type, schemas) for type in TYPES}}


def _schemas() -> dict[str, str]:
    set_language("en")
    told = {type: json.dumps(schema(type), indent=2, ensure_ascii=False, sort_keys=True) for type in TYPES}
    return {f"{FOLDERS['en']}/schema/{type}.json": text + "\n" for type, text in told.items()}


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


def _index(schemas: str) -> str:
    name = say("ledger.page.schema")
    rows = [
        f"| {_named(type)} | {say(f'ledger.about_type.{type}')} | [{name}]({schemas}/{type}.json) |"
        for type in TYPES
    ]
    parts = [
        f"# {say('ledger.page.title')}", say("ledger.page.about"),
        "\n".join([f"| {say('ledger.page.type')} | {say('ledger.page.says')} | |", "|---|---|---|", *rows]),
        f"## {say('ledger.page.common_title')}",
        _table([spec for spec in fields("event") if spec.common]), say("ledger.page.writing"),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _named(type: str) -> str:
    """Return a link to the page of a type, and what the type is called where that is another word."""
    name = say(f"ledger.type.{type}")
    return f"[`{type}`]({type}.md)" + (f" {name}" if name != type else "")


def _page(type: str, schemas: str) -> str:
    name = say(f"ledger.type.{type}")
    parts = [
        f"# `{type}`" + (f" ({name})" if name != type else ""),
        say(f"ledger.about_type.{type}"),
        say("ledger.page.common") + f" [{say('ledger.page.schema')}]({schemas}/{type}.json).",
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
    rows = [f"| {say('ledger.page.field')} | | {say('ledger.page.holds')} |", "|---|---|---|"]
    for spec in specs:
        needed = say("ledger.form.required") if spec.required and spec.name not in ("id", "type") else ""
        choices = ", ".join(map(_choice, spec.choices))
        rows.append(f"| `{spec.name}` | {needed} | {' '.join(filter(None, (spec.about, choices)))} |")
    return "\n".join(rows)


def _choice(value: str) -> str:
    """Return a value of a closed list, and what it is called where that is another word."""
    name = say(f"ledger.value.{value}")
    return f"`{value}`" + (f" ({name})" if name != value.replace("_", " ") else "")


if __name__ == "__main__":
    write(asked_for(__doc__))
