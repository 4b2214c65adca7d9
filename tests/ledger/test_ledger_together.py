"""Several processes at once, and processes killed at any point: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from ledger_standin import Clock, event

from tocsin.ledger import Ledger, When

FORK = multiprocessing.get_context("fork")


def append_many(place: str, worker: int, count: int, gate: object) -> None:
    random.seed(worker)
    with Ledger.open(place, wait=120) as ledger:
        gate.wait(60)  # type: ignore[attr-defined]
        done = 0
        while done < count:
            size = min(random.choice((1, 1, 2, 5, 20)), count - done)
            receipts = ledger.extend(event(worker * 10_000 + n) for n in range(done, done + size))
            assert [r.id for r in receipts] == [f"e-{worker * 10_000 + n}" for n in range(done, done + size)]
            done += size


def test_eight_processes_append_500_entries_each(place: str) -> None:
    event(0)
    workers, count = 8, 500
    gate = FORK.Barrier(workers)
    children = [FORK.Process(target=append_many, args=(place, w, count, gate)) for w in range(workers)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * workers
    with Ledger.open(place, create=False) as ledger:
        held = [one.entry.id for one in ledger.entries()]
        assert len(held) == len(set(held)) == workers * count
        for worker in range(workers):
            own = [int(id[2:]) for id in held if int(id[2:]) // 10_000 == worker]
            assert own == [worker * 10_000 + n for n in range(count)]
        assert ledger.verify().ok


def append_until_killed(place: str, round: int, acknowledged: Path) -> None:
    """Append, and write each id down once its receipt is there."""
    handle = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Ledger.open(place, wait=60) as ledger:
        for number in range(10_000):
            size = 1 + number % 3
            receipts = ledger.extend(event(round * 100_000 + number * 10 + n) for n in range(size))
            os.write(handle, "".join(f"{r.id} {r.index} {r.leaf}\n" for r in receipts).encode())


@pytest.mark.parametrize(("store", "rounds"), [("sqlite", 50), ("postgres", 12)])
def test_killed_at_any_point_no_acknowledged_entry_is_lost(
    store: str, rounds: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = str(tmp_path / "ledger.sqlite") if store == "sqlite" else str(request.getfixturevalue("postgres"))
    acknowledged = tmp_path / "acknowledged"
    event(0)
    kept: str | None = None
    killed_at_work = 0
    for round in range(rounds):
        before = acknowledged.stat().st_size if acknowledged.exists() else 0
        child = FORK.Process(target=append_until_killed, args=(place, round, acknowledged))
        child.start()
        # The first acknowledgement shows that it is at work; then it dies somewhere in what follows.
        while not (acknowledged.exists() and acknowledged.stat().st_size > before):
            assert child.exitcode is None
            time.sleep(0.002)
        time.sleep(random.random() * 0.04)
        os.kill(child.pid, signal.SIGKILL)  # type: ignore[arg-type]
        child.join()
        killed_at_work += child.exitcode == -signal.SIGKILL
        with Ledger.open(place, create=False) as ledger:
            found = ledger.verify(kept=kept)
            assert found.ok, [str(p) for p in found.problems]
            held = {one.entry.id: (str(one.index), one.leaf.hex()) for one in ledger.entries()}
            kept = ledger.checkpoint()
        lines = acknowledged.read_bytes().split(b"\n")[:-1]
        for line in lines:
            id, index, leaf = line.decode().split()
            assert held[id] == (index, leaf)
    assert killed_at_work == rounds


def test_processes_that_make_the_same_ledger_at_once_make_one(place: str) -> None:
    event(0)
    gate = FORK.Barrier(8)
    children = [FORK.Process(target=append_many, args=(place, w, 1, gate)) for w in range(8)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    with Ledger.open(place, create=False) as ledger:
        assert len(ledger) == 8
        assert ledger.verify().ok


def test_two_writers_are_stamped_in_the_order_in_which_they_are_recorded(place: str) -> None:
    clock = Clock()
    with Ledger.open(place, clock=clock) as one, Ledger.open(place, clock=clock) as two:
        for number in range(10):
            (one, two)[number % 2].append(event(number))
            clock.move(milliseconds=1)
        stamps = [entry.recorded_at for entry in one.entries(until=When.model_validate(2013))]
    assert len(stamps) == 10
    assert stamps == sorted(set(stamps))
