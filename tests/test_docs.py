"""What exists has a page, and what the pages say runs."""

from __future__ import annotations

import ast
import datetime as dt
import itertools
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

import tocsin
from tocsin import decide, errors, figures, months, warn
from tocsin.cli import main
from tocsin.cli.app import build
from tocsin.cli.pages import pages
from tocsin.text import Language, number, rooms
from tocsin.watch import watch
from tocsin.watch.tables import write_tables

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = Path(tocsin.__file__).parent

PAGES = {
    "areas": "area", "sources": "source", "vault": "vintage", "text": "language", "errors": "error",
    "cli": "../commands/index", "warn": "warning", "feeds": "feed", "maps": "map", "decide": "decision",
    "tables": "table", "desk": "browser", "web": "browser", "guard": "api",
}  # fmt: skip
"""Pages whose name is not that of the room; the bottom rooms without data of their own have none."""

WITHOUT = {"locale", "beside", "digest", "drawing", "files", "kinds", "months", "sqlite"}


def _rooms() -> list[str]:
    found = {
        p.name.removesuffix(".py")
        for p in SOURCE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").is_file()
    }
    return sorted(name for name in found - WITHOUT if not name.startswith("__"))


def _headings(path: Path) -> set[str]:
    """Return the names by which a link leads to the headings of a page."""
    titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def _markdown() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def _french(name: str) -> str:
    return (DOCS / "fr" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("room", _rooms())
def test_every_room_has_a_page_and_stands_in_the_architecture(room: str) -> None:
    assert (DOCS / "concepts" / f"{PAGES.get(room, room)}.md").is_file()
    assert f"`{room}`" in (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_the_index_leads_to_every_page_of_a_concept() -> None:
    linked = set(re.findall(r"\(concepts/(\w+\.md)\)", (DOCS / "index.md").read_text(encoding="utf-8")))
    assert linked == {path.name for path in (DOCS / "concepts").glob("*.md")}


@pytest.mark.parametrize(("folder", "language"), [("commands", "en"), ("fr/commands", "fr")])
def test_the_pages_of_the_commands_are_up_to_date(folder: str, language: Language) -> None:
    held = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / folder).glob("*.md")}
    assert held == pages(language), f"run: python -m tocsin.cli.pages docs/{folder} --lang {language}"


def test_the_french_guide_leads_to_every_french_page() -> None:
    linked = set(re.findall(r"\(([\w/-]+\.md)[)#]", _french("guide.md")))
    written = {path.name for path in (DOCS / "fr").glob("*.md")} - {"guide.md", "skill-log.md"}
    assert written | {"commands/index.md", "replay/mali.md"} <= linked


@pytest.mark.parametrize("folder", ["commands", "decide", "ledger", "rules", "sources"])
def test_every_page_of_a_folder_has_its_twin_to_which_french_pages_lead(folder: str) -> None:
    names = {path.name for path in (DOCS / folder).glob("*.md")}
    assert names == {path.name for path in (DOCS / "fr" / folder).glob("*.md")}
    linked = {
        (path.parent / target).resolve()
        for path in (DOCS / "fr").rglob("*.md")
        for target in re.findall(r"\]\(([^):#]+\.md)", path.read_text(encoding="utf-8"))
    }
    assert {DOCS / "fr" / folder / name for name in names} <= linked


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
    for target, heading in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            place = path.parent / target if target else path
            assert place.exists(), target
            assert not heading or heading in _headings(place), f"{target}#{heading}"


@pytest.mark.parametrize("path", _markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_pages_exist_with_their_options(path: Path) -> None:
    tree = build()
    for line in _commands(path.read_text(encoding="utf-8")):
        assert not _unknown(line, tree), line


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("tocsin wach", "wach"), ("tocsin ledger ad entry.yaml", "ad"), ("tocsin watch --outt out", "--outt"),
        ("tocsin --lang fr decide MLI --option none --explain", ""), ("tocsin ledger verify > said", ""),
    ],
)  # fmt: skip
def test_a_command_that_does_not_exist_is_found(line: str, unknown: str) -> None:
    text = f"Type `{line}`.\n\n```console\n$ {line}   # a remark\n```\n"
    assert [_unknown(one, build()) for one in _commands(text)] == [unknown, unknown]


def _commands(text: str) -> Iterator[str]:
    """Yield each call of the program that a page shows: in a block or, over line ends, in its sentences."""
    fenced = re.compile(r"^```\w*\n(.*?)^```", flags=re.S | re.M)
    yield from (" ".join(said.split()) for said in re.findall(r"`(tocsin [^`]+)`", fenced.sub("", text)))
    for block in fenced.findall(text):
        yield from re.findall(r"^(?:\$ )?(tocsin .*)$", block, flags=re.M)


def _unknown(line: str, tree: TyperGroup) -> str:
    """Return the first word of a line that is no command or option where it stands; none if all are."""
    command: TyperCommand | TyperGroup = tree
    words = iter(
        itertools.takewhile(
            lambda word: word not in ("|", ">", ";", "&&"), shlex.split(line, comments=True)[1:]
        )
    )
    for word in words:
        if word.startswith("-"):
            name, _, value = word.partition("=")
            found = [p for p in (*tree.params, *command.params) if name in p.opts]
            if not found and name != "--help":
                return word
            if found and not value and not getattr(found[0], "is_flag", False):
                next(words, None)
        elif isinstance(command, TyperGroup):
            if word in ("COMMAND", "COMMANDE"):
                return ""
            if word not in command.commands:
                return word
            command = command.commands[word]
    return ""


def test_options_named_alone_are_options_of_some_command() -> None:
    known = set(_options(build())) | {"--help", "--case"}  # the last is of a benchmark
    for path in _markdown():
        for said in re.findall(r"`(--[^`]+)`", path.read_text(encoding="utf-8")):
            named = {word.partition("=")[0] for word in said.split() if word.startswith("--")}
            assert named <= known, f"{path}: {named - known}"


def _options(command: TyperCommand | TyperGroup) -> Iterator[str]:
    yield from (name for p in command.params for name in p.opts)
    for inner in getattr(command, "commands", {}).values():
        yield from _options(inner)


ELSEWHERE = {"ingest", "fetch", "serve", "ledger", "hindsight", "replay"}
"""Commands that need a publisher, a person, a ledger or minutes: their own tests run them."""


def test_the_commands_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run each line of both pages that is run nowhere else, once, in its order, and without a network."""

    def no_network(*asked: object, **named: object) -> None:
        raise AssertionError(f"another host was asked: {asked}")

    for door in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, door, no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    day, methods = dt.date.today(), ("no-learning", "conflictology-12")
    panel, origin = figures.panel(as_of=day), months.parse("2020-12")
    Path("out").mkdir()
    write_tables(watch(panel, as_of=day, origin=origin, methods=methods, steps=(1, 2, 3)), Path("out"))
    pages = [(ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/fr/LISEZMOI.md")]
    lines = [line for page in pages for line in re.findall(r"^tocsin .*$", page, flags=re.M)]
    asked = [[w for w in shlex.split(line, comments=True)[1:] if w not in ("--lang", "fr")] for line in lines]
    chosen = {" ".join(words): words for words in asked if words[0] not in ELSEWHERE}
    assert len(chosen) >= 5
    for line, words in chosen.items():
        # The line above it has the default method for as many months of every country.
        quick = ("--method", "conflictology-12") if words[0] == "map" else ()
        assert main([*words, *quick]) == 0, f"{line}: {capsys.readouterr().err}"


@pytest.mark.parametrize(
    ("front", "skill"), [("README.md", "docs/skill.md"), ("docs/fr/LISEZMOI.md", "docs/fr/skill.md")]
)
def test_front_pages_say_of_the_skill_what_its_page_says(front: str, skill: str) -> None:
    """Every number with a decimal of the paragraph stands on the page that a command wrote."""
    (told,) = re.findall(r"\n\n(.+(?:\n.+)*\bCRPS\b.+(?:\n.+)*)", (ROOT / front).read_text(encoding="utf-8"))
    figures = re.findall(r"\d+[.,]\d+", told)
    assert len(figures) == 7
    page = (ROOT / skill).read_text(encoding="utf-8")
    assert [figure for figure in figures if figure not in page] == []


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


def test_both_pages_of_the_replay_give_the_same_numbers() -> None:
    english, french = (
        [
            re.findall(r"\d+(?:[.,]\d+)?", "|".join(row.split("|")[3:]))
            for row in re.findall(r"^\|.*$", page, re.M)
        ]
        for page in ((DOCS / "replay/mali.md").read_text(encoding="utf-8"), _french("replay/mali.md"))
    )
    assert len(english) > 8
    assert english == [[number.replace(",", ".") for number in row] for row in french]


def _spaced(text: str) -> str:
    """Return a text with one plain space wherever it has spaces, line ends or marks of a quotation."""
    return " ".join(text.replace("\n> ", " ").split())


@pytest.mark.parametrize("rule", warn.built_in(), ids=lambda rule: rule.name)
def test_the_french_guide_gives_the_record_of_each_rule(rule: warn.Rule) -> None:
    readings = warn.known(None, "tocsin")[rule.criterion]
    said = warn.record(rule, readings, until=readings.until).sentence("fr")
    assert _spaced(said) in _spaced(_french("alertes.md"))


@pytest.mark.parametrize("rule", warn.built_in(), ids=lambda rule: rule.name)
@pytest.mark.parametrize(("folder", "language"), [("rules", "en"), ("fr/rules", "fr")])
def test_the_card_of_a_rule_says_what_its_record_says(
    rule: warn.Rule, folder: str, language: Language
) -> None:
    readings = warn.known(None, "tocsin")[rule.criterion]
    found = warn.record(rule, readings, until=readings.until)
    assert found.base_rate is not None
    rate = number(100 * found.base_rate, language, decimals=0 if found.base_rate >= 0.01 else 1)
    told = _spaced((DOCS / folder / f"{rule.name}.md").read_text(encoding="utf-8"))
    for share in (rate, *(str(round(100 * chance)) for chance in (rule.trigger, rule.cancel))):
        assert re.search(rf"(?<![\d.,]){re.escape(share)} %", told), share
    if rule.name == "onset":
        assert round(20 * found.false_alarms / found.warnings) == 19
        assert found.misses > 0.9 * found.episodes


def test_the_french_guide_gives_the_scores_as_their_page_does() -> None:
    held = {_spaced(line) for line in _french("skill.md").splitlines()}
    _, _, scores = _french("previsions.md").partition("## Ce qu'elle vaut")
    rows = [_spaced(line) for line in scores.splitlines() if line.startswith("|")]
    assert len(rows) > 10
    assert [row for row in rows if row not in held] == []


def test_the_french_guide_gives_the_value_of_a_forecast_as_its_page_does() -> None:
    cells = [[cell.strip() for cell in line.split("|")] for line in _french("decide/value.md").splitlines()]
    held = {row[1]: [row[2], row[5]] for row in cells if len(row) == 9}
    told = re.findall(r"^\| (0,\d\d) \| (\S+) \| (\S+) \|$", _french("decision.md"), flags=re.M)
    assert len(told) == 4
    assert [[ratio, *held[ratio]] for ratio, *_ in told] == [list(row) for row in told]


def test_the_files_shown_in_the_french_guide_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    files = {}
    for page, form in (("registre", "yaml"), ("alertes", "toml"), ("decision", "toml")):
        (text,) = re.findall(rf"```{form}\n(.*?)```", _french(f"{page}.md"), flags=re.S)
        files[page] = tmp_path / f"{page}.{form}"
        files[page].write_text(text, encoding="utf-8")
    assert main(["ledger", "add", str(files["registre"]), "--check"]) == 0
    assert main(["warn", "rules", "--rules", str(files["alertes"])]) == 0
    assert "patrouilles-conjointes" in decide.read(files["decision"]).options
