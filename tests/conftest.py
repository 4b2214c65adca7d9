"""Shared fixtures: the development data, where they are at hand."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tocsin.text import set_language

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


# The same examples in every run, however busy the machine: what fails was broken by a change, not by chance.
# `--hypothesis-profile=default` looks for others.
settings.register_profile(
    "same", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests of the development data where they are absent, unless their absence is a failure."""
    if SHARED.is_dir() or os.environ.get("TOCSIN_REQUIRE_SHARED"):
        return
    absent = pytest.mark.skip(reason=f"development data not found at {SHARED} (set TOCSIN_SHARED)")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(absent)


def pytest_collection_finish() -> None:
    """Look no more for garbage among all that was imported and collected: it stays until the end."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let it go: libraries count at the exit what was not."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the development data; its absence fails where it is required."""
    if not SHARED.is_dir():
        pytest.fail(f"development data not found at {SHARED} (TOCSIN_REQUIRE_SHARED is set)")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def kept_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test out of the home and the ledger of whoever runs it, and out of that of another test."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_HOME", str(folder))
        patch.delenv("TOCSIN_LEDGER_URL", raising=False)
        yield
    assert not list(folder.iterdir()), "a test wrote into the home that all share"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say everything in English unless a test asks otherwise, whatever an earlier test left behind."""
    monkeypatch.setenv("TOCSIN_LANG", "en")
    set_language("en")
