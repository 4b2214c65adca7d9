"""Every sentence has its twin, the same fields in both, and a place in the source that says it."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import tocsin
from tocsin import errors
from tocsin.text import LANGUAGES, catalogue, rooms, say

SOURCE = Path(tocsin.__file__).parent
ROOMS = rooms("en")
ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type)}
HOLE = "\0"


@dataclass(frozen=True)
class Call:
    """One call that says a sentence: its key (holes where it is filled in), and the fields it gives."""

    place: str
    key: str
    fields: frozenset[str]
    open_ended: bool


@cache
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    files = sorted(SOURCE.rglob("*.py"))
    return tuple((str(f.relative_to(SOURCE)), ast.parse(f.read_text(encoding="utf-8"))) for f in files)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in node.values)
    return None


def _calls() -> Iterator[Call]:
    for place, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and (key := _text(node.args[0])):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if (name == "say" or name in ERRORS) and key.split(".")[0] in ROOMS:
                    fields = {keyword.arg for keyword in node.keywords}
                    given = frozenset(field for field in fields if field)
                    yield Call(f"{place}:{node.lineno}", key, given, None in fields)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return what keys are spelt in the source, as patterns: whole, or with holes filled at run time."""
    spelt = {_text(node) for _, tree in _trees() for node in ast.walk(tree)} - {None}
    spelt |= {key for _, key in _said_in_templates()}
    keys = {
        key
        for key in spelt
        if key and re.fullmatch(rf"[a-z0-9_.{HOLE}]+", key) and ("." in key or key[0] == HOLE)
    }
    # A pattern with next to nothing spelt out would stand for every sentence there is.
    keys = {key for key in keys if len(re.sub(rf"[.{HOLE}]", "", key)) >= 4}
    return tuple(re.compile(re.escape(key).replace(HOLE, "[a-z0-9_.]+")) for key in sorted(keys))


@cache
def _said_in_templates() -> tuple[tuple[str, str], ...]:
    """Return (template, key) of every `t("key")`, with holes where a key is put together at run time."""
    found = []
    for file in sorted(SOURCE.rglob("templates/*.html")):
        text = file.read_text(encoding="utf-8")
        for said in re.findall(r"""\bt\((["'][^)]*?)(?:,\s*[a-z_]+=|\))""", text):
            parts = [part.strip() for part in re.sub(r"\([^()]*\)?", "HOLE", said).split("~")]
            key = "".join(p[1:-1] if p[:1] in "\"'" and p[-1:] in "\"'" else HOLE for p in parts)
            found.append((file.name, key if key.partition(".")[0] in ROOMS else f"web.{key}"))
    return tuple(found)


def _keys() -> list[str]:
    return [f"{room}.{key}" for room in ROOMS for key in catalogue("en", room)]


def _fields(sentence: str) -> set[str]:
    return {name.split("!")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _sentence(key: str, language: str) -> str:
    room, _, name = key.partition(".")
    return catalogue(language, room)[name]  # type: ignore[arg-type]


def test_both_languages_have_the_same_rooms() -> None:
    assert rooms("en") == rooms("fr")


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_keys(room: str) -> None:
    assert set(catalogue("en", room)) == set(catalogue("fr", room))


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_fields(room: str) -> None:
    for key, sentence in catalogue("en", room).items():
        assert _fields(sentence) == _fields(catalogue("fr", room)[key]), f"{room}.{key}"


@pytest.mark.parametrize("room", ROOMS)
def test_french_is_not_english(room: str) -> None:
    for key, sentence in catalogue("en", room).items():
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"\{[^}]*\}|`[^`]*`|--\w+", " ", sentence))
        if len(words) > 2:
            assert sentence != catalogue("fr", room)[key], f"{room}.{key}"


@pytest.mark.parametrize("room", ROOMS)
def test_french_uses_its_own_quotation_marks(room: str) -> None:
    for key, sentence in catalogue("fr", room).items():
        assert '"' not in re.sub(r"`[^`]*`", "", sentence), f"{room}.{key}"
        assert sentence.count("«") == sentence.count("»"), f"{room}.{key}"


def test_every_sentence_said_exists() -> None:
    keys = _keys()
    for call in _calls():
        pattern = re.compile(re.escape(call.key).replace(HOLE, "[a-z0-9_.]+"))
        assert any(pattern.fullmatch(key) for key in keys), f"{call.place}: no sentence {call.key!r}"


def test_every_sentence_of_a_template_exists() -> None:
    keys = _keys()
    for template, key in _said_in_templates():
        pattern = re.compile(re.escape(key).replace(HOLE, "[a-z0-9_.]+"))
        assert any(pattern.fullmatch(known) for known in keys), f"{template}: no sentence {key!r}"


def test_every_field_of_a_sentence_is_given() -> None:
    known = set(_keys())
    for call in _calls():
        if call.key in known and not call.open_ended:
            missing = _fields(_sentence(call.key, "en")) - call.fields
            assert not missing, f"{call.place}: {call.key} lacks {missing}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_is_said_somewhere(room: str) -> None:
    unused = [
        key for key in catalogue("en", room) if not any(p.fullmatch(f"{room}.{key}") for p in _patterns())
    ]
    assert not unused


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_filled(language: str) -> None:
    for key in _keys():
        fields = dict.fromkeys(_fields(_sentence(key, language)), 7)
        assert say(key, language, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("room", ROOMS)
def test_no_line_of_french_breaks_before_its_punctuation(room: str) -> None:
    for key, sentence in catalogue("fr", room).items():
        assert not re.search(r"\w [:;?!%»](?:\W|$)|« ", sentence), f"{room}.{key}"


def test_state_based_violence_is_not_said_to_be_by_the_state() -> None:
    """UCDP's kind is violence with a state on one side; "étatique" would be violence by the state."""
    assert say("kinds.sb", "fr") == "violence impliquant un État"
    for kind in ("sb", "ns", "os", "total"):
        assert say(f"ledger.value.{kind}", "fr") == say(f"kinds.{kind}", "fr")
