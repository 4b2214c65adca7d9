"""Imports run down only: what each room may know, read from the source."""

from __future__ import annotations

import ast
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import tocsin
from tocsin.backtest.settings import ROOMS as ROWS_ARE_MADE_BY
from tocsin.replay.walk import ROOMS as MONTHS_ARE_MADE_BY

SOURCE = Path(tocsin.__file__).parent

BOTTOM = {"errors", "text", "digest", "files", "months", "kinds", "tocsin"}

KNOWS: dict[str, set[str]] = {
    "tocsin": set(),
    "text": set(),
    "digest": set(),
    "errors": {"text"},
    "files": {"errors"},
    "drawing": {"errors", "files"},
    "sqlite": {"errors", "files"},
    "beside": set(),
    "months": {"errors"},
    "kinds": {"errors"},
    "areas": BOTTOM,
    "sources": BOTTOM,
    "vault": BOTTOM | {"sqlite", "sources"},
    "panel": BOTTOM | {"areas", "sources", "vault"},
    "figures": BOTTOM | {"areas", "sources", "panel"},
    "tally": BOTTOM | {"drawing", "areas", "sources", "vault", "panel"},
    "control": BOTTOM | {"drawing", "areas", "vault", "panel", "figures"},
    "forecast": BOTTOM | {"areas", "panel"},
    "revision": BOTTOM | {"areas", "panel", "figures", "forecast"},
    "score": BOTTOM,
    "reasons": BOTTOM | {"panel", "forecast"},
    "local": BOTTOM | {"areas", "vault", "panel", "figures", "forecast", "score"},
    "spillover": BOTTOM | {"areas", "panel", "local"},
    "maps": BOTTOM | {"drawing", "areas", "panel", "control", "forecast", "local", "spillover"},
    "bulletin": BOTTOM,
    "backtest": BOTTOM | {"beside", "areas", "panel", "figures", "forecast", "score"},
    "skill": BOTTOM | {"drawing", "areas", "score", "backtest"},
    "decide": BOTTOM | {"drawing", "areas", "panel", "figures", "forecast", "backtest"},
    "ledger": BOTTOM | {"sqlite", "areas"},
    "warn": BOTTOM | {"sqlite", "areas", "panel", "figures", "forecast", "backtest", "ledger"},
    "feeds": BOTTOM | {"sqlite", "panel", "figures", "warn"},
    "tables": BOTTOM | {"figures", "warn"},
    "hindsight": BOTTOM | {"areas", "panel", "figures", "score", "ledger", "warn"},
    "challenge": BOTTOM | {"areas", "panel", "figures", "forecast", "score"},
    "watch": BOTTOM
    | {"drawing", "beside", "areas", "vault", "panel", "figures", "forecast", "maps", "score", "bulletin"}
    | {"ledger", "warn", "feeds", "tables", "hindsight"},
    "replay": BOTTOM
    | {"areas", "vault", "panel", "figures", "control", "forecast", "revision", "score", "bulletin"}
    | {"decide", "ledger", "warn", "tables", "hindsight", "watch"},
    "desk": BOTTOM
    | {
        "beside",
        "areas",
        "vault",
        "panel",
        "figures",
        "tally",
        "control",
        "forecast",
        "reasons",
        "maps",
        "local",
    }
    | {"spillover", "skill", "decide", "ledger", "warn", "hindsight", "watch", "replay"},
    "guard": BOTTOM | {"sqlite"},
    "web": BOTTOM
    | {"areas", "figures", "tally", "maps", "decide", "ledger", "warn", "feeds", "watch", "desk", "guard"},
}
"""Rooms in the order of docs/architecture.md and what each may import; the command line may import all."""

HEAVY = {
    "numpy", "polars", "pyarrow", "duckdb", "matplotlib", "scipy", "sklearn", "httpx", "rich", "pydantic",
    "yaml",
}  # fmt: skip
"""Packages too slow to import for a command that only shows its help."""


@cache
def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _room(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return "tocsin" if first == "__init__.py" else first.removesuffix(".py")


def _imports(tree: ast.AST, path: Path) -> Iterator[tuple[str, int]]:
    """Yield every dotted name imported under `tree`, absolute, with its line."""
    package = ["tocsin", *path.relative_to(SOURCE).with_suffix("").parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: -node.level], node.module or ""]) if node.level else node.module or ""
            yield base.rstrip("."), node.lineno
            yield from ((f"{base}.{alias.name}".strip("."), node.lineno) for alias in node.names)


@cache
def _rooms_known(path: Path) -> list[tuple[str, int]]:
    rooms = {_room(file) for file in _files()}
    imports = _imports(ast.parse(path.read_text(encoding="utf-8")), path)
    named = [(name.split("."), line) for name, line in imports]
    return [(parts[1], line) for parts, line in named if parts[0] == "tocsin" and rooms & {*parts[1:2]}]


def test_every_room_is_in_the_table() -> None:
    rooms = {_room(path) for path in _files()} - {"__main__", "cli"}
    assert rooms <= set(KNOWS)


def test_the_table_itself_runs_down_only() -> None:
    order = list(KNOWS)
    for room, known in KNOWS.items():
        above = {other for other in known - BOTTOM if order.index(other) >= order.index(room)}
        assert not above, f"{room} knows {above}, which stand above it"


@pytest.mark.parametrize("room", list(KNOWS))
def test_rooms_import_down_only(room: str) -> None:
    breaches = [
        f"{path.relative_to(SOURCE)}:{line} imports {known}"
        for path in _files()
        if _room(path) == room
        for known, line in _rooms_known(path)
        if known != room and known not in KNOWS[room]
    ]
    assert not breaches


@pytest.mark.parametrize("room", list(KNOWS))
def test_a_room_may_know_no_more_than_it_uses(room: str) -> None:
    used = {known for path in _files() if _room(path) == room for known, _ in _rooms_known(path)}
    assert KNOWS[room] - BOTTOM <= used


def test_the_documentation_shows_this_table() -> None:
    text = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    for room in list(KNOWS)[list(KNOWS).index("areas") :]:
        assert shown[room] == (", ".join(k for k in KNOWS if k in KNOWS[room] - BOTTOM) or "–"), room


def test_only_the_command_line_imports_the_command_line() -> None:
    users = {_room(path) for path in _files() for known, _ in _rooms_known(path) if known == "cli"}
    assert users <= {"cli", "__main__"}


def test_the_record_knows_no_forecasting_and_scores_know_no_data() -> None:
    above_data = {"panel", "figures", "forecast", "vault", "sources", "watch", "challenge", "backtest"}
    assert not KNOWS["ledger"] & (above_data | {"score"})
    assert not KNOWS["score"] & (above_data | {"areas"})


def test_rows_name_all_code_that_makes_them() -> None:
    """For the rooms that brought a panel its digest stands, and no row holds a sentence."""
    beside = {"tocsin", "errors", "text", "files", "beside", "sources", "vault", "figures"}
    assert {known for room in ROWS_ARE_MADE_BY for known in KNOWS[room]} <= {*ROWS_ARE_MADE_BY} | beside


def test_months_of_a_replay_name_all_code_that_makes_them() -> None:
    assert KNOWS["replay"] - {"tocsin"} | {"replay", "locale"} <= {*MONTHS_ARE_MADE_BY}


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    declared = {re.split(r"[^\w-]", one)[0] for one in listed}
    names = {
        name.partition(".")[0]
        for path in _files()
        for name, _ in _imports(ast.parse(path.read_text(encoding="utf-8")), path)
    }
    givers = packages_distributions()
    for name in names - sys.stdlib_module_names - {"tocsin"}:
        assert declared & {giver.lower().replace("_", "-") for giver in givers[name]}, (
            f"{name} is imported and not declared"
        )


def _at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when a module is imported, leaving out those for type checkers."""
    for node in body:
        if isinstance(node, ast.If):
            checking = "TYPE_CHECKING" in ast.unparse(node.test)
            yield from _at_import(node.orelse if checking else [*node.body, *node.orelse])
        elif isinstance(node, ast.ClassDef):
            yield from _at_import(node.body)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


@pytest.mark.parametrize("path", sorted((SOURCE / "cli").glob("*.py")), ids=lambda path: path.name)
def test_the_command_line_imports_nothing_heavy_before_it_runs(path: Path) -> None:
    light = BOTTOM | {"cli"}
    for statement in _at_import(ast.parse(path.read_text(encoding="utf-8")).body):
        for name, line in _imports(statement, path):
            first, _, rest = name.partition(".")
            assert first not in HEAVY, f"{path.name}:{line} imports {name}"
            if first == "tocsin" and rest:
                assert rest.split(".")[0] in light | {"__version__"}, f"{path.name}:{line} imports {name}"
