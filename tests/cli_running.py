"""Running the command line inside a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tocsin.cli import main
from tocsin.text import set_language


class Ran(NamedTuple):
    """What one run of the command line came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def runner(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, columns: int
) -> Run:
    """Return a function that runs `tocsin` with its words, in an empty home and an empty folder."""
    monkeypatch.setenv("TOCSIN_HOME", str(folder / "home"))
    monkeypatch.setenv("COLUMNS", str(columns))
    (folder / "here").mkdir()
    monkeypatch.chdir(folder / "here")

    def run(*words: str) -> Ran:
        set_language("en")
        code = main(list(words))
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run
