"""One world for the session, to read; a copy of it for each test that writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from web_browser import browser, context, served, watched
from web_world import World, build

__all__ = ["browser", "context", "served", "watched"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world that nobody writes to."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("world")
        patch.setenv("TOCSIN_HOME", str(folder / "home"))
        patch.delenv("TOCSIN_LEDGER_URL", raising=False)
        return build(folder)


@pytest.fixture(autouse=True)
def home(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the home of whoever runs it."""
    monkeypatch.setenv("TOCSIN_HOME", str(world.home))
    monkeypatch.delenv("TOCSIN_LEDGER_URL", raising=False)


@pytest.fixture(scope="session")
def reader(world: World) -> TestClient:
    """Return a browser in which nobody has signed in."""
    return world.client()


@pytest.fixture
def results(world: World, tmp_path: Path) -> Path:
    """Return a copy of the results of the world, to change."""
    return shutil.copytree(world.results, tmp_path / "results")


@pytest.fixture
def own(world: World, tmp_path: Path) -> World:
    """Return a world whose home may be written to."""
    return world.copy(tmp_path / "home")
