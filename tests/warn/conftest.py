"""A store to keep messages in, and a home with the command line and a receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_running import Run, runner
from warn_home import Hook
from webhook import receiving

from tocsin.warn import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(tmp_path, monkeypatch, capsys, columns=120)


@pytest.fixture
def hook() -> Iterator[Hook]:
    held = Hook()

    def take(key: str, body: bytes) -> int:
        held.got.append(key)
        return held.codes.pop(0) if held.codes else 200

    with receiving(take) as address:
        held.url = f"{address}/services/s3cret"
        yield held
