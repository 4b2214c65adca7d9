"""The store that the tests of warnings keep their messages in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.warn import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)
