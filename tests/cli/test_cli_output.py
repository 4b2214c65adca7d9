"""What commands write for a person: lines end where they may, and words are read as words."""

import re

import pytest
from rich.table import Table
from rich.text import Text

from tocsin.cli import output


@pytest.mark.parametrize("columns", range(12, 60, 3))
@pytest.mark.parametrize("make", [str, Text, "cell"])
def test_no_line_breaks_at_a_space_that_binds(make, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    said = "Part des décès\u00a0: 3\u202f792 attendus sur 14\u202f100, soit 27\u00a0%\u202f; rien d'autre."
    if make == "cell":
        shown = Table(box=None)
        shown.add_column(said)
        shown.add_row(said)
        said = f"{said} {said}"
    else:
        shown = make(said)
    output.show(shown)
    told = capsys.readouterr().out
    assert re.sub(r"[ \n]+", " ", told).strip() == said
    assert max(len(line.rstrip()) for line in told.splitlines()) <= columns


def test_strings_hold_no_markup_and_long_paths_are_whole(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    path = f"/data/{'deep-folder/' * 8}a[b].parquet"
    table = Table("[/x]")
    table.add_row("[bold]:warning:")
    output.show(f"Written to {path}, whole.", "", "two\n\nlines", table)
    output.remark(path)
    said = capsys.readouterr()
    assert f"\n{path},\nwhole.\n\ntwo\n\nlines\n" in said.out
    assert "[/x]" in said.out
    assert "[bold]:warning:" in said.out
    assert said.err == f"{path}\n"


def test_styles_that_are_meant_are_shown(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    output.show(Text.assemble(("3\u202f792", "bold"), " décès"))
    assert capsys.readouterr().out == "\x1b[1m3\u202f792\x1b[0m décès\n"
