"""Running the command line in a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_running import Run, runner


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `tocsin` with its words, in an empty vault and an empty folder."""
    return runner(tmp_path, monkeypatch, capsys, columns=100)
