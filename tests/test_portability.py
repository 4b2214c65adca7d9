"""What holds on one system only shows on another: names, line ends, encodings and what is installed."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import tocsin

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(tocsin.__file__).parent

NOT_FILES = {"os", "webbrowser", "tarfile", "zipfile"}
"""Whose `open` opens no file of text; what begins with a capital is a class of ours."""

RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|.*[. ]|.*[<>:\"|?*\\\\].*", re.IGNORECASE)
"""Names that Windows takes for a device, cannot hold or changes."""


def _opened(tree: ast.AST) -> Iterator[tuple[ast.Call, bool]]:
    """Yield each call that opens a file of text, and whether it writes."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in ("read_text", "write_text"):
            yield call, name == "write_text"
        elif name in ("open", "fdopen"):
            on = call.func.value if isinstance(call.func, ast.Attribute) else None
            owner = getattr(on, "attr", getattr(on, "id", "path"))
            place = 1 if name == "fdopen" or on is None else 0
            parts = (part for mode in call.args[place : place + 1] for part in ast.walk(mode))
            said = [part.value for part in parts if isinstance(part, ast.Constant)]
            modes = [mode for mode in said if isinstance(mode, str)] or ["r"]
            ours = owner[0].isupper() or owner == "cls" or (owner in NOT_FILES and name == "open")
            if not ours and not all("b" in mode for mode in modes):
                yield call, any(mode[0] in "wax" for mode in modes)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_file_of_text_is_opened_in_its_encoding_and_written_with_its_line_ends(path: Path) -> None:
    for call, writes in _opened(ast.parse(path.read_text(encoding="utf-8"))):
        given = {word.arg for word in call.keywords}
        assert "encoding" in given, f"line {call.lineno}: Windows would take its own code page"
        assert not writes or "newline" in given, f"line {call.lineno}: Windows would write CRLF"


def test_every_name_can_lie_on_every_system() -> None:
    names = [
        path.relative_to(ROOT)
        for folder in ("src", "tests", "docs", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    ]
    assert len(names) > 500
    assert [str(name) for name in names if RESERVED.fullmatch(name.name)] == []
    folded = Counter(name.as_posix().casefold() for name in names)
    assert [name for name, count in folded.items() if count > 1] == []


def test_a_checkout_keeps_the_line_ends_that_digests_are_of() -> None:
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    texts = (path for path in SOURCE.rglob("*") if path.suffix in (".py", ".toml", ".csv", ".json", ".yaml"))
    assert [path.name for path in texts if b"\r\n" in path.read_bytes()] == []


def test_the_zones_that_windows_lacks_are_installed_there() -> None:
    # Polars gives times of the vault as Python's with them, UTC too.
    held = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (zones,) = [name for name in held["project"]["dependencies"] if name.startswith("tzdata")]
    assert zones.endswith("; sys_platform == 'win32'")
