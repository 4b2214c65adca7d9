"""Entries as people write them: JSON or YAML, one or many, strictly read."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import BadFile
from tocsin.ledger.entries.refusal import shown

SIZE_LIMIT = 64 * 1024 * 1024
"""Longest file of entries, in bytes."""

_DIGITS = 18


def read_entries(path: str | Path) -> list[dict[str, Any]]:
    """Return the entries of a JSON, JSON Lines or YAML file as plain values; BadFile if it is none."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile("ledger.file_unreadable", path=path, reason=error.strerror or str(error)) from None
    return parse_entries(content, name=str(path))


def parse_entries(content: bytes, *, name: str) -> list[dict[str, Any]]:
    """Return the entries that bytes hold: one mapping, a list of them, or one a line.

    Nothing is guessed: a key given twice, an alias, a number that is not finite, bytes that are not UTF-8 are
    refused (BadFile, with the line), and in YAML a date or a word such as `no` stays text.
    """
    if len(content) > SIZE_LIMIT:
        raise BadFile("ledger.file_too_long", path=name, size=len(content), limit=SIZE_LIMIT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile("ledger.file_not_utf8", path=name, byte=error.start + 1, line=line) from None
    if not text.strip():
        raise BadFile("ledger.file_empty", path=name)
    try:
        found = _from_lines(text, name) if name.endswith(".jsonl") else _from_text(text, name)
    except RecursionError:
        raise BadFile("ledger.file_too_deep", path=name) from None
    entries = found if isinstance(found, list) else [found]
    for position, one in enumerate(entries, 1):
        if not isinstance(one, dict):
            raise BadFile("ledger.file_not_entries", path=name, position=position, value=shown(one))
    if not entries:
        raise BadFile("ledger.file_empty", path=name)
    return entries


def _from_text(text: str, name: str) -> Any:
    if text.lstrip()[0] in "{[":
        return _json(text, name, 1)
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, reason = (mark.line + 1 if mark else 1), error.problem or error.context or ""
        raise BadFile("ledger.file_not_yaml", path=name, line=line, reason=reason) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadFile(
            "ledger.file_control", path=name, line=line, code=f"U+{ord(text[error.position]):04X}"
        ) from None


def _from_lines(text: str, name: str) -> list[Any]:
    return [_json(line, name, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _json(text: str, name: str, first_line: int) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise BadFile("ledger.file_key_twice", path=name, field=shown(key))
            made[key] = value
        return made

    def constant(word: str) -> Any:
        raise BadFile("ledger.file_not_finite", path=name, value=shown(word))

    def whole(word: str) -> int:
        return int(word) if len(word) <= _DIGITS else constant(word)

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=constant, parse_int=whole)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise BadFile(
            "ledger.file_not_json", path=name, line=line, column=error.colno, reason=error.msg
        ) from None


class _Loader(yaml.SafeLoader):
    """YAML with the scalars of JSON alone, and without tags, and aliases, which can grow without bound."""

    yaml_implicit_resolvers = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="alias", problem_mark=mark)
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if event.tag is not None:
            raise yaml.MarkedYAMLError(problem=shown(event.tag), problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            name = str(getattr(key, "value", ""))
            if name in keys:
                raise yaml.MarkedYAMLError(problem=f"{shown(name)}: 2 x", problem_mark=key.start_mark)
            keys.add(name)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _starts in (
    ("bool", r"true|false|True|False", "tfTF"),
    ("null", r"~|null|Null|", "~nN\0"),
    ("int", rf"-?(?:0|[1-9][0-9]{{0,{_DIGITS - 1}}})", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_starts))


def write_yaml(values: Mapping[str, Any]) -> str:
    """Return an entry's plain values as YAML that `parse_entries` reads."""
    return str(yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=100))
