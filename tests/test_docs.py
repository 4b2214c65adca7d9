"""What exists has a page, and what the pages say runs."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import tocsin
from tocsin import errors
from tocsin.cli import main
from tocsin.cli.app import build
from tocsin.cli.pages import pages
from tocsin.text import rooms

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = Path(tocsin.__file__).parent

PAGES = {
    "areas": "area", "sources": "source", "vault": "vintage", "text": "language", "errors": "error",
    "cli": "../commands/index", "warn": "warning", "feeds": "feed", "maps": "map", "decide": "decision",
    "desk": "browser", "web": "browser", "guard": "api",
}  # fmt: skip
"""Pages whose name is not that of the room; the bottom rooms without data of their own have none."""

WITHOUT = {"locale", "beside", "digest", "files", "kinds", "months", "sqlite"}


def _rooms() -> list[str]:
    found = {
        p.name.removesuffix(".py")
        for p in SOURCE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").is_file()
    }
    return sorted(name for name in found - WITHOUT if not name.startswith("__"))


def _markdown() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("room", _rooms())
def test_every_room_has_a_page_and_stands_in_the_architecture(room: str) -> None:
    assert (DOCS / "concepts" / f"{PAGES.get(room, room)}.md").is_file()
    assert f"`{room}`" in (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_the_index_leads_to_every_page_of_a_concept() -> None:
    linked = set(re.findall(r"\(concepts/(\w+\.md)\)", (DOCS / "index.md").read_text(encoding="utf-8")))
    assert linked == {path.name for path in (DOCS / "concepts").glob("*.md")}


def test_the_pages_of_the_commands_are_up_to_date() -> None:
    held = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "commands").glob("*.md")}
    assert held == pages(), "run: python -m tocsin.cli.pages docs/commands"


def test_every_error_has_its_line_and_exit_code() -> None:
    page = (DOCS / "concepts/error.md").read_text(encoding="utf-8")
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.TocsinError):
            (line,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
            assert line.endswith(f"| {value.exit_code} |")


@pytest.mark.parametrize("room", rooms("en"))
def test_every_file_of_sentences_is_listed(room: str) -> None:
    assert f"`{room}.toml`" in (DOCS / "concepts/language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", _markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_pages_exist_with_their_options(path: Path) -> None:
    tree = build()
    for block in re.findall(r"```(?:sh|bash)\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.S):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] != ["tocsin"]:
                continue
            command = tree
            for word in words[1:]:
                inner = getattr(command, "commands", {}).get(word)
                command = inner or command
            known = {name for p in (*tree.params, *command.params) for name in p.opts} | {"--help"}
            used = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert used <= known, f"{line}: {used - known}"
            assert command is not tree or not any(not w.startswith("-") for w in words[1:]), line


ELSEWHERE = {"ingest", "fetch", "serve", "ledger", "hindsight", "replay"}
"""Commands that need a publisher, a person, a ledger or minutes: their own tests run them."""


def test_the_commands_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run each line of both pages that is run nowhere else, once, in its order."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert main(["watch", "--origin", "2020-12", "--out", "out", "--quiet"]) == 0
    pages = [(ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/fr/LISEZMOI.md")]
    lines = [line for page in pages for line in re.findall(r"^tocsin .*$", page, flags=re.M)]
    asked = [[w for w in shlex.split(line, comments=True)[1:] if w not in ("--lang", "fr")] for line in lines]
    chosen = {" ".join(words): words for words in asked if words[0] not in ELSEWHERE}
    assert len(chosen) >= 5
    for line, words in chosen.items():
        assert main(words) == 0, f"{line}: {capsys.readouterr().err}"


def test_both_front_pages_say_the_same() -> None:
    """The same headings in number, the same commands, the same files, the same Python but for its remark."""
    english, french = (
        (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/fr/LISEZMOI.md")
    )
    for pattern in (r"^## ", r"^tocsin ((?:[a-z-]+ ?)+?)(?= [A-Z#./-])", r"^\| `(\w+)", r"^(\w.* = .*)$"):
        found = [re.findall(pattern, page, flags=re.M) for page in (english, french)]
        assert found[0] == found[1]
        assert found[0]


def test_the_python_of_the_readme_runs() -> None:
    (block,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.S
    )
    ran = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=True)
    assert 0 <= float(ran.stdout) <= 1


@pytest.mark.parametrize("page", ["area", "figures", "place", "warning"])
def test_the_examples_of_a_page_give_what_it_says(page: str) -> None:
    """Run a page's Python, and compare what its comments give as a value with what comes out."""
    text = (DOCS / f"concepts/{page}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    names: dict[str, object] = {}
    compared = 0
    for line in block.splitlines():
        code, _, comment = line.partition("  #")
        said = re.match(r"""(?P<value>'[^']*'|\([\d, ]+\)|\d[\d.]*)(?=:|$)""", comment.strip())
        if said:
            assert eval(code, names) == ast.literal_eval(said["value"]), line
            compared += 1
        else:
            exec(code, names)
    assert compared


def test_pages_name_no_machine() -> None:
    for path in _markdown():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(?:work|tmp|home|root)/", text), path
