"""What commands write for a person: lines end where they may, and words are read as words."""

import errno
import io
import json
import os
import re
import socket
import sys

import pytest
from rich.table import Table
from rich.text import Text

from tocsin.cli import entry, main, output


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


def test_a_table_wider_than_the_terminal_is_not_cut(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "20")
    table = Table("one", "two")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    table.add_row("28\u202f200", "13\u202f100\N{EN DASH}48\u202f000")
    for column in table.columns:
        column.min_width = 14
    output.show(table)
    assert "48\u202f000" in capsys.readouterr().out


def written(monkeypatch, encoding):
    """Return what a run writes into, in an encoding, in the place of stdout."""
    content = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(content, encoding=encoding, newline=""))
    return content


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "≥ 1\u202f287 décès, −3\u00a0%\u202f: «\u00a0œuvre\u00a0» ·▁█ Türkiye \u4e00"),
        ("cp1252", ">= 1 287 décès, -3\u00a0% : «\u00a0œuvre\u00a0» ·_# Türkiye ?"),
        ("cp850", ">= 1 287 décès, -3\u00a0% : «\u00a0oeuvre\u00a0» ·_█ Türkiye ?"),
        ("ascii", '>= 1 287 deces, -3 % : " oeuvre " ._# Turkiye ?'),
    ],
)
def test_an_output_that_lacks_a_character_shows_what_comes_nearest(encoding, shown, monkeypatch):
    content = written(monkeypatch, encoding)
    entry._keep_printing()
    print("≥ 1\u202f287 décès, −3\u00a0%\u202f: «\u00a0œuvre\u00a0» ·▁█ Türkiye \u4e00", end="", flush=True)
    assert content.getvalue().decode(encoding) == shown


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "Une edition mensuelle"), ("utf-8", "édition")])
def test_help_is_written_as_all_else_is(encoding, shown, monkeypatch):
    content = written(monkeypatch, encoding)
    assert main(["fetch", "--help", "--lang", "fr"]) == 0
    sys.stdout.flush()
    assert shown in content.getvalue().decode(encoding)


@pytest.mark.parametrize("asked", ["", "cp1252"])
def test_what_windows_sends_to_a_file_is_utf_8_unless_told_otherwise(asked, monkeypatch):
    content = written(monkeypatch, "cp1252")
    monkeypatch.setenv("PYTHONIOENCODING", asked)
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        entry._keep_printing()
    print("≥ décès", end="", flush=True)
    assert content.getvalue() == (">= décès".encode("cp1252") if asked else "≥ décès".encode())


def test_programs_get_every_letter_of_json_and_the_bytes_of_what_is_utf_8(monkeypatch):
    content = written(monkeypatch, "cp1252")
    output.emit({"name": "≥ décès"})
    sys.stdout.flush()
    assert json.loads(content.getvalue().decode("ascii")) == {"name": "≥ décès"}
    content = written(monkeypatch, "cp1252")
    assert main(["ledger", "add", "--example", "warning", "--lang", "fr"]) == 0
    sys.stdout.flush()
    content.getvalue().decode("utf-8")
    assert b"\r" not in content.getvalue()
    output.hand_on("≥ décès".encode())
    sys.stdout.flush()
    assert content.getvalue().endswith("≥ décès".encode())


@pytest.mark.parametrize("refused", [errno.EPIPE, errno.EINVAL])
def test_a_pipe_closed_by_its_reader_is_no_defect_as_windows_says_it(refused, monkeypatch):
    class Closed(io.TextIOWrapper):
        said = False

        def write(self, text):
            self.said = True
            return len(text)

        def flush(self):
            if self.said:
                raise OSError(refused, os.strerror(refused))

    monkeypatch.setattr(sys, "stdout", Closed(io.BytesIO(), encoding="utf-8"))
    monkeypatch.setattr(entry, "CLOSED", (errno.EPIPE, errno.EINVAL))
    assert main(["--version"]) == entry.BROKEN_PIPE


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_a_port_that_another_program_has_is_seen_on_every_system(system, tmp_path, monkeypatch, capsys):
    class Windows(socket.socket):
        """Lets anyone who asks to use an address again have one that is in use."""

        again = False

        def setsockopt(self, level, option, value):
            self.again = option == socket.SO_REUSEADDR
            if system != "nt":
                super().setsockopt(level, option, value)

        def bind(self, address):
            if not (self.again and system == "nt"):
                super().bind(address)

    monkeypatch.setattr("tocsin.desk.Desk.current", lambda desk: None)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(socket, "socket", Windows)
        monkeypatch.setattr("uvicorn.run", lambda *given, **more: pytest.fail("it listens"))
        monkeypatch.setattr("tocsin.web.create_app", lambda settings: None)
        real = os.name
        monkeypatch.setattr("tocsin.desk.replay.replays", lambda desk: setattr(os, "name", system))
        try:
            code = main(["serve", "--port", str(port)])
        finally:
            os.name = real
    assert code == 2
    assert f"port {port}" in capsys.readouterr().err
