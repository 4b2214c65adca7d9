"""The pages and schemas of entries in the documentation are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from tocsin.errors import BadInput
from tocsin.ledger import REASONS, ROLES, TYPES, entry, examples, fields, parse_entries
from tocsin.ledger.publish import FOLDERS, files, schema
from tocsin.text import LANGUAGES, Language, say

WHOLE = Path(__file__).resolve().parents[2] / "docs"
DOCS = WHOLE / "ledger"


def test_the_pages_and_schemas_are_up_to_date() -> None:
    held = {
        path.relative_to(WHOLE).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS.values()
        for path in sorted((WHOLE / folder).rglob("*"))
        if path.is_file()
    }
    assert held == files(), "run: python -m tocsin.ledger.publish docs"


@pytest.mark.parametrize("type", list(TYPES))
def test_the_schema_holds_what_is_recorded_and_no_more(type: str) -> None:
    checker = jsonschema.Draft202012Validator(schema(type), format_checker=jsonschema.FormatChecker())
    jsonschema.Draft202012Validator.check_schema(checker.schema)
    content = entry(examples()[type]).content()
    checker.validate(content)
    for spoilt in (
        {**content, "colour": "red"},
        {**content, "confidence": "very"},
        {**content, "areas": []},
        {**content, "type": "rumour"},
        {name: value for name, value in content.items() if name != "text"},
    ):
        assert not checker.is_valid(spoilt)
        with pytest.raises(BadInput):
            entry(spoilt)


@pytest.mark.parametrize("type", list(TYPES))
def test_what_the_schema_requires_the_model_requires(type: str) -> None:
    content = entry(examples()[type]).content()
    checker = jsonschema.Draft202012Validator(schema(type))
    for name in schema(type)["required"]:
        told = {key: value for key, value in content.items() if key != name}
        assert not checker.is_valid(told)
        if name != "id":
            with pytest.raises(BadInput):
                entry(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type", list(TYPES))
def test_the_example_on_each_page_is_an_entry(type: str, language: Language) -> None:
    page = (WHOLE / FOLDERS[language] / f"{type}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.S)
    (told,) = parse_entries(block.encode(), name="page.yaml")
    assert entry(told).type == type
    for spec in fields(type):
        assert spec.common or f"`{spec.name}`" in page


def test_every_closed_value_has_a_word_in_both_languages() -> None:
    values = {choice for type in TYPES for spec in fields(type) for choice in spec.choices}
    assert set(REASONS) <= values
    for language in ("en", "fr"):
        for value in values:
            assert say(f"ledger.value.{value}", language)  # type: ignore[arg-type]
        for role in ROLES:
            assert say(f"ledger.role.{role}", language)  # type: ignore[arg-type]


def test_schemas_are_files_a_program_can_read() -> None:
    for type in TYPES:
        told = json.loads((DOCS / "schema" / f"{type}.json").read_text(encoding="utf-8"))
        assert told["properties"]["type"]["const"] == type
        assert told["additionalProperties"] is False
