"""The stores: they refuse changes, say clearly what the disk or server refused, and lose nothing by it."""

from __future__ import annotations

import concurrent.futures
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from ledger_standin import TABLES, event
from nobody import as_nobody

from tocsin.errors import BadInput, Damaged, NotReachable, TocsinError
from tocsin.ledger import Ledger, locate
from tocsin.ledger.stores import Place

CHANGES = [
    "UPDATE entries SET body = '{}' WHERE idx = 0",
    "UPDATE entries SET author = 'Nobody'",
    "DELETE FROM entries WHERE idx = 1",
    "UPDATE nodes SET idx = 7 WHERE level = 1",
    "DELETE FROM nodes",
    "UPDATE links SET target = 'e-1'",
    "DELETE FROM links",
    "UPDATE checkpoints SET note = ''",
    "DELETE FROM checkpoints",
    "UPDATE meta SET value = 'other'",
    "DELETE FROM meta",
]


def run(place: str, statement: str) -> None:
    if place.startswith("postgresql://"):
        with psycopg.connect(place) as connection:
            connection.execute("SET search_path TO tocsin_ledger")
            connection.execute(statement)  # type: ignore[arg-type]
    else:
        with sqlite3.connect(place) as connection:
            connection.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_to_change_or_delete(place: str, statement: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.extend([event(0), event(1, links=["follows:e-0"]), event(2)])
        with pytest.raises((sqlite3.Error, psycopg.Error), match="append-only"):
            run(place, statement)
        assert ledger.verify().ok


def test_sqlite_refuses_to_replace(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.extend([event(0), event(1, links=["follows:e-0"]), event(2)])
        with sqlite3.connect(path) as connection:
            for table in TABLES:
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                row = connection.execute(f"SELECT * FROM {table}").fetchone()
                with pytest.raises(sqlite3.Error, match="append-only"):
                    connection.execute(
                        f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(columns))})", row
                    )
        assert ledger.verify().ok


def test_postgres_refuses_to_truncate(postgres: str) -> None:
    with Ledger.open(postgres) as ledger:
        ledger.append(event(0))
        for table in TABLES:
            with pytest.raises(psycopg.Error, match="append-only"):
                run(postgres, f"TRUNCATE {table}")
        assert ledger.verify().ok


def test_what_is_not_there_is_not_made_by_reading(place: str) -> None:
    with pytest.raises(BadInput, match="ledger add"):
        Ledger.open(place, create=False)
    with pytest.raises(BadInput, match="ledger add"):
        Ledger.open(place, create=False)


@pytest.mark.parametrize("spoil", [
    lambda content: b"<!doctype html><title>Not found</title>" * 400,
    lambda content: content[:512] + os.urandom(len(content) - 512),
    lambda content: os.urandom(100) + content[100:],
])  # fmt: skip
def test_a_corrupted_file_is_said_to_be_damaged(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.extend([event(n) for n in range(200)])
    path.write_bytes(spoil(path.read_bytes()))

    def use() -> None:
        with Ledger.open(path) as ledger:
            ledger.append(event(1000))
            ledger.verify()

    with pytest.raises(Damaged) as found:
        use()
    assert str(path) in str(found.value)


def test_a_damaged_page_is_found_wherever_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.extend([event(n) for n in range(400)])
    whole = path.read_bytes()
    for page in range(1, len(whole) // 4096, 7):
        path.write_bytes(whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :])
        try:
            with Ledger.open(path) as ledger:
                assert not ledger.verify().ok, page
        except Damaged:
            continue


def test_a_full_disk_costs_nothing_that_was_recorded(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append(event(0))
        before = ledger.verify()
        with ledger.store.read() as session:
            pages = session.rows("PRAGMA page_count")[0][0]
            session.rows(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(TocsinError, match="full"):
            ledger.extend([event(n, text="x" * 5_000) for n in range(1, 50)])
        assert ledger.verify() == before
        with ledger.store.read() as session:
            session.rows("PRAGMA max_page_count = 100000")
        ledger.append(event(1))
        assert ledger.verify().ok


LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from ledger_standin import event
from tocsin.errors import TocsinError
from tocsin.ledger import Ledger
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Ledger.open(sys.argv[1]) as ledger:
    ledger.append(event(0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
    try:
        for n in range(1, 500):
            ledger.append(event(n, text="x" * 3000))
            print(n, flush=True)
    except TocsinError as error:
        print(type(error).__name__, error)
        sys.exit(7)
"""


def test_a_file_that_may_not_grow_loses_no_acknowledged_entry(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    child = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), str(Path(__file__).parent)], capture_output=True, text=True
    )
    assert child.returncode == 7, child.stderr
    *acknowledged, said = child.stdout.splitlines()
    assert str(path) in said
    with Ledger.open(path) as ledger:
        assert ledger.verify().ok
        held = {one.entry.id for one in ledger.entries()}
        assert {f"e-{n}" for n in acknowledged} <= held
        ledger.append(event(1000))


@pytest.mark.parametrize("use", [len, Ledger.verify, lambda ledger: ledger.append(event(9))])
def test_a_ledger_that_was_closed_is_not_called_damaged(place: str, use: Callable[[Ledger], object]) -> None:
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
    with pytest.raises(BadInput, match="Nothing is wrong with it"):
        use(ledger)


def test_a_file_used_by_another_thread_is_not_called_damaged(tmp_path: Path) -> None:
    with (
        Ledger.open(tmp_path / "ledger.sqlite") as ledger,
        concurrent.futures.ThreadPoolExecutor(1) as other,
    ):
        for task in (lambda: ledger.append(event(0)), lambda: len(ledger), ledger.close):
            with pytest.raises(BadInput, match="in each thread"):
                other.submit(task).result()
        assert ledger.append(event(0)).size == 1


def test_a_ledger_that_may_only_be_read_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        monkeypatch.setenv("TOCSIN_HOME", name)
        path = folder / "ledger.sqlite"
        with Ledger.open(path) as ledger:
            ledger.append(event(0))
        content = path.read_bytes()
        path.chmod(0o444)
        folder.chmod(0o555)

        def task() -> None:
            with Ledger.open(path) as ledger:
                assert ledger.verify().ok
                assert ledger.entry("e-0")
                with pytest.raises(BadInput, match="rights"):
                    ledger.append(event(1))
            with pytest.raises(BadInput, match="rights"):
                Ledger.open(folder / "new.sqlite")

        code = as_nobody(task)
        folder.chmod(0o755)
        assert code == 0
        assert path.read_bytes() == content


def test_a_ledger_in_use_is_waited_for_and_then_said_to_be(place: str) -> None:
    with Ledger.open(place) as first, Ledger.open(place, wait=0.3) as second:
        with first.store.write(), pytest.raises(TocsinError, match="Another process"):
            second.append(event(0))
        assert second.append(event(0)).index == 0


def test_readers_do_not_wait_for_a_writer(place: str) -> None:
    with Ledger.open(place) as first, Ledger.open(place, wait=0.3) as second:
        first.append(event(0))
        with first.store.write():
            assert len(second) == 1
            assert second.verify().ok


def test_a_reader_sees_one_state_throughout(place: str) -> None:
    with Ledger.open(place) as writer, Ledger.open(place) as reader:
        writer.append(event(0))
        with reader.store.read() as session:
            before = session.rows("SELECT count(*) FROM entries")
            writer.append(event(1))
            assert session.rows("SELECT count(*) FROM entries") == before
        assert len(reader) == 2


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:1/db", "postgresql://me:secret@localhost:1/db"]
)
def test_a_server_that_does_not_answer_is_named_without_the_password(url: str) -> None:
    with pytest.raises(NotReachable) as found:
        Ledger.open(url, wait=2)
    assert url.replace(":secret", "") in str(found.value)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://127.0.0.1:1/db?user=me&password=secret",
        "postgresql://me@127.0.0.1:1/db?password=secret&sslpassword=secret",
        "host=127.0.0.1 port=1 user=me password=secret dbname=db",
    ],
)
def test_an_address_is_shown_by_what_is_no_secret(url: str, home: Path) -> None:
    with pytest.raises(NotReachable) as found:
        Ledger.open(Place(url, home / "ledger.sqlite", home), wait=2)
    assert "postgresql://me@127.0.0.1:1/db " in str(found.value)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize("url", [
    "postgresql://me:a@secret@127.0.0.1:1/db", "postgresql://me:a/secret@127.0.0.1:1/db",
    "postgresql://me:/secret@127.0.0.1:1/db", "postgresql://127.0.0.1:secret/db",
    "postgresql://me:secret@127.0.0.1:1/db?x", "host=127.0.0.1 password=a secret",
])  # fmt: skip
def test_an_address_that_may_hold_a_password_anywhere_is_not_shown(url: str, home: Path) -> None:
    with pytest.raises(BadInput, match="%40") as found:
        Ledger.open(Place(url, home / "ledger.sqlite", home), wait=2)
    assert "secret" not in str(found.value)


def test_a_server_that_goes_away_is_said_to_have_gone(postgres: str) -> None:
    with Ledger.open(postgres) as ledger:
        ledger.append(event(0))
        with psycopg.connect(postgres, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            )
        with pytest.raises(NotReachable):
            ledger.append(event(1))
    with Ledger.open(postgres) as ledger:
        assert ledger.verify().ok
        assert len(ledger) == 1


def test_places(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert locate().file == home / "ledger.sqlite"
    assert locate(tmp_path / "x.sqlite").file == tmp_path / "x.sqlite"
    monkeypatch.setenv("TOCSIN_LEDGER_URL", "postgresql://me@host/db")
    assert locate().url == "postgresql://me@host/db"
    assert locate(tmp_path / "x.sqlite").url is None
    for url in ("mysql://host/db", "sqlite:///x"):
        with pytest.raises(BadInput, match="postgresql"):
            locate(url)
    with pytest.raises(BadInput, match="postgresql://"):
        Ledger.open("postgresql://host:port:1/db?x")


def test_a_server_that_lets_nobody_in_is_waited_for_no_longer_than_a_reader_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[int] = []

    def silent(url: str, *, connect_timeout: int, **_: object) -> None:
        waited.append(connect_timeout)
        raise psycopg.OperationalError("silent")

    monkeypatch.setattr(psycopg, "connect", silent)
    with pytest.raises(NotReachable):
        Ledger.open("postgresql://someone@127.0.0.1/none")
    assert waited == [10]
