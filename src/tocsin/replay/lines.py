"""YAML read with the line of every value, so that an error can say where it is."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tocsin.errors import BadFile

Steps = tuple[str | int, ...]

_LARGEST = 4 * 1024 * 1024
# A longer row of digits counts nothing; it stays text, and is refused where a number is needed.
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Lines:
    """Lines, counted from 1, of the values of a document, by the steps that lead to them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._lines: dict[Steps, int] = {}

    def note(self, steps: Steps, line: int) -> None:
        """Keep the line of a value."""
        self._lines[steps] = line

    def __contains__(self, steps: Steps) -> bool:
        return steps in self._lines

    def of(self, steps: Steps) -> int:
        """Return the line of a value, or of the nearest thing that holds it."""
        while steps and steps not in self._lines:
            steps = steps[:-1]
        return self._lines.get(steps, 1)


def parse(content: bytes, file: str) -> tuple[Any, Lines]:
    """Return plain values and their lines. Dates and words such as `no` stay text.

    Raises BadFile, with the line, for what is not UTF-8 or YAML, an alias, or a key given twice.
    """
    if len(content) > _LARGEST:
        raise BadFile("replay.case.too_long", file=file, size=len(content), limit=_LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile("replay.case.not_utf8", file=file, line=line) from None
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadFile("replay.case.not_yaml", file=file, line=line, reason=error.problem or "") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadFile("replay.case.not_yaml", file=file, line=line, reason=error.reason) from None
    except RecursionError:
        raise BadFile("replay.case.not_yaml", file=file, line=1, reason="nested too deeply") from None
    if root is None:
        raise BadFile("replay.case.empty", file=file)
    lines = Lines(file)
    return _value(root, (), lines), lines


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="alias", problem_mark=mark)
        return super().compose_node(parent, index)


def _value(node: yaml.Node, steps: Steps, lines: Lines) -> Any:
    lines.note(steps, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, inner in node.value:
            name = str(key.value)
            if name in found:
                line = key.start_mark.line + 1
                raise BadFile("replay.case.key_twice", file=lines.file, line=line, field=name)
            found[name] = _value(inner, (*steps, name), lines)
            # An empty value has no place of its own, so the line is that of its name.
            lines.note((*steps, name), key.start_mark.line + 1)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(inner, (*steps, place), lines) for place, inner in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    if node.style is None:
        if node.value.lower() in _WORDS:
            return _WORDS[node.value.lower()]
        if _WHOLE.fullmatch(node.value):
            return int(node.value)
    return node.value
