"""The Python of the pages of concepts: what it names is there, and what is quick is run."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import socket
import symtable
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

CONCEPTS = Path(__file__).resolve().parents[1] / "docs" / "concepts"
PAGES = {
    page.stem: re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    for page in sorted(CONCEPTS.glob("*.md"))
}
SHOWN = sorted(name for name, blocks in PAGES.items() if blocks)

RUN = ("bulletin", "control", "ledger", "replay", "score", "tally")
"""Pages whose blocks need no file and are quick; `test_docs.py` runs four more, line by line."""


@pytest.mark.parametrize("name", SHOWN)
def test_what_the_python_of_a_page_names_is_there(name: str) -> None:
    assert _missing(PAGES[name]) == []


@pytest.mark.parametrize(
    ("blocks", "missing"),
    [
        (["fitted = fit(panel)"], ["fit", "panel"]),
        (["x = x + 1"], ["x"]),
        (["y = [z for z in range(3)]\n", "print(y, z)"], ["z"]),
        (["def own(history):\n    return np.zeros(len(history))"], ["np"]),
        (["from tocsin import forecast\nforecast.fitt(1)"], ["tocsin.forecast.fitt"]),
        (["from tocsin.forecast import nothing"], ["cannot import name 'nothing' from 'tocsin.forecast'"]),
        (["import tocsin.months\nstart = tocsin.months.parse('2020-01')"], []),
        (
            ["from tocsin import forecast as f\nf.named(title='zero')"],
            ["f.named: missing a required argument: 'name'"],
        ),
    ],
)
def test_what_is_not_there_is_found(blocks: list[str], missing: list[str]) -> None:
    assert _missing(blocks) == missing


@pytest.mark.parametrize("name", RUN)
def test_the_python_of_a_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*asked: object, **named: object) -> None:
        raise AssertionError(f"another host was asked: {asked}")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    assert PAGES[name]
    for block in PAGES[name]:
        exec(block, names)


def _missing(blocks: list[str]) -> list[str]:
    """Return what the blocks of a page, read in order, name without it being there.

    Names that no statement before has given; members of this package that are not there, also by way of a
    module; calls of its functions with arguments that they do not take.
    """
    known: dict[str, object] = dict.fromkeys(dir(builtins))
    found: list[str] = []
    for statement in (one for block in blocks for one in ast.parse(block).body):
        given = _imported(statement, found)
        table = symtable.symtable(ast.unparse(statement), "a block", "exec")
        bound = {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_namespace()}
        inner = set() if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) else bound
        found += sorted(_read(table, set()) - set(known) - inner - set(given))
        found += _faults(statement, known)
        known |= {**dict.fromkeys(bound), **given}
    return found


def _read(table: symtable.SymbolTable, local: set[str]) -> set[str]:
    """Return the names that a piece of code reads from outside itself."""
    top = table.get_type() == "module"
    own = {one.get_name() for one in table.get_symbols() if one.is_local() and not top}
    read = {one.get_name() for one in table.get_symbols() if one.is_referenced()} - own - local
    return read.union(*(_read(child, local | own) for child in table.get_children()))


def _imported(statement: ast.stmt, found: list[str]) -> dict[str, object]:
    """Return what an import gives, by name; what is not there is added to `found`."""
    given: dict[str, object] = {}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        try:
            exec(ast.unparse(statement), given)
        except ImportError as error:
            found.append(str(error).partition(" (")[0])
        given.pop("__builtins__", None)
    return given


def _faults(statement: ast.stmt, known: dict[str, object]) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute):
            owner = _held(node.value, known)
            if isinstance(owner, ModuleType) and not hasattr(owner, node.attr):
                yield f"{owner.__name__}.{node.attr}"
        elif isinstance(node, ast.Call):
            called = _held(node.func, known)
            whole = not any(isinstance(one, ast.Starred) for one in node.args)
            if whole and str(getattr(called, "__module__", "")).startswith("tocsin."):
                words = {one.arg: None for one in node.keywords if one.arg is not None}
                try:
                    inspect.signature(called).bind(*node.args, **words)  # type: ignore[arg-type]
                except TypeError as error:
                    yield f"{ast.unparse(node.func)}: {error}"


def _held(node: ast.expr, known: dict[str, object]) -> object:
    """Return what an expression of names and dots is, as far as it is a member of a module or class."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    owner = _held(node.value, known) if isinstance(node, ast.Attribute) else None
    if isinstance(node, ast.Attribute) and isinstance(owner, ModuleType | type):
        return getattr(owner, node.attr, None)
    return None
