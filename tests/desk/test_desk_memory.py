"""What is kept in memory: for how long, and what makes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.desk import Desk, memory
from tocsin.ledger import Ledger, Place, examples
from tocsin.vault import Vault


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home without a vault."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    monkeypatch.delenv("TOCSIN_LEDGER_URL", raising=False)
    return tmp_path


def test_what_is_kept_is_made_once_until_the_vault_changes(home: Path) -> None:
    made: list[int] = []

    def ask() -> int:
        return memory.kept(("a test", str(home)), lambda: made.append(len(made)) or len(made))

    desk = Desk(home / "out", home)
    assert (ask(), ask()) == (1, 1)
    mark = desk.mark()
    Vault.open()
    assert (ask(), ask()) == (2, 2)
    assert desk.mark() != mark
    assert desk.mark() == desk.mark()


def test_who_reads_the_ledger_changes_nothing_and_who_writes_does(home: Path) -> None:
    desk, place = Desk(home / "out", home), Place(None, home / "ledger.sqlite", home)
    with Ledger.open(place) as ledger:
        ledger.append(examples()["event"])
    before = desk.mark()
    with Ledger.open(place, create=False) as ledger:
        assert len(ledger.entries()) == 1
        assert (home / "ledger.sqlite-wal").exists()
        assert desk.mark() == before
    assert desk.mark() == before
    with Ledger.open(place) as ledger:
        ledger.append(examples()["event"] | {"id": "another"})
        assert desk.mark() != before
    assert desk.mark() != before


def test_what_was_used_longest_ago_is_let_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 2)
    made: list[str] = []

    def ask(name: str) -> None:
        memory.kept(("a test", str(home), name), lambda: made.append(name))

    for name in ("first", "second", "first", "third", "first", "second"):
        ask(name)
    assert made == ["first", "second", "third", "second"]
