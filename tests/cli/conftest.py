"""Running the command line in a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_running import Ran, Run

from tocsin.cli import main
from tocsin.text import set_language


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `tocsin` with its words, in an empty vault and an empty folder."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def runner(*words: str) -> Ran:
        set_language("en")
        code = main(list(words))
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return runner
