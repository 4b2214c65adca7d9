"""Entries, clocks and tools that the tests of the ledger share."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from tocsin.errors import BadInput
from tocsin.ledger import Entry, Ledger, Verification, entry, merkle
from tocsin.ledger.checkpoint import Checkpoint

MORNING = dt.datetime(2024, 5, 2, 8, 0, tzinfo=dt.UTC)
NAME = "example.org/log"
TABLES = ("entries", "links", "nodes", "checkpoints", "meta")
SIZE = 21
"""Entries in the ledgers tampered with: more than one full subtree on the right edge."""

Run = Callable[..., list[tuple[Any, ...]]]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += dt.timedelta(**delta)


def values(id: str | None = "a-coup", **more: Any) -> dict[str, Any]:
    """Return plain values of a valid event."""
    made: dict[str, Any] = {
        "type": "event",
        "date": "2012-03-21",
        "areas": ["MLI"],
        "text": "Soldiers seize power.",
        "language": "en",
        "sources": ["A bulletin"],
        "author": "Desk",
        "confidence": "high",
        "form": "coup",
        **more,
    }
    return {**made, "id": id} if id else made


def warning(id: str = "w-1", **more: Any) -> dict[str, Any]:
    made = values(id, type="warning", status="issued", by="An embassy")
    del made["form"]
    return made | more


def dismissal(id: str = "d-1", of: str = "w-1", **more: Any) -> dict[str, Any]:
    made = values(id, type="dismissal", by="A ministry", reason="hyperbolic", links=[f"answers:{of}"])
    del made["form"]
    return made | more


def event(number: int, **more: Any) -> Entry:
    """Return the event of a number, whose id and text tell it apart."""
    return entry(values(f"e-{number}", **{"text": f"Event number {number}.", **more}))


@contextlib.contextmanager
def tampering(place: str | Path) -> Iterator[Any]:
    """Yield a function that runs SQL on a ledger whose triggers have been taken away."""
    if str(place).startswith("postgresql://"):
        import psycopg

        with psycopg.connect(str(place), autocommit=True) as connection:
            connection.execute("SET search_path TO tocsin_ledger")
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")

            def run(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
                done = connection.execute(statement.replace("?", "%s"), parameters)
                return done.fetchall() if done.description else []

            yield run
        return
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield lambda statement, *parameters: connection.execute(statement, parameters).fetchall()


def refused(ledger: Ledger, given: list[Any], expected: str) -> None:
    """Check that entries are refused with a word of the reason, and that nothing of them is recorded."""
    before = ledger.verify()
    with pytest.raises(BadInput) as error:
        ledger.extend(given)
    assert expected in str(error.value)
    assert ledger.verify() == before


def fill(place: str | Path, batches: tuple[int, ...] = (1, 4, 2, 8, 5, 1)) -> str:
    """Fill a ledger with SIZE entries a minute apart and return its last checkpoint."""
    clock = Clock()
    with Ledger.open(place, clock=clock) as ledger:
        number = 0
        for size in batches:
            links = [f"follows:e-{number - 1}"] if number else []
            ledger.extend(event(n, links=links if n == number else []) for n in range(number, number + size))
            number += size
            clock.move(minutes=1)
        assert number == SIZE
        assert ledger.verify().ok
        return ledger.checkpoint()


def verify(place: str | Path, kept: str | None = None) -> Verification:
    with Ledger.open(place, create=False) as ledger:
        return ledger.verify(kept=kept)


def named(found: Verification) -> set[int]:
    """Return the indices of entries that the problems name, ranges included."""
    indices: set[int] = set()
    for problem in found.problems:
        if problem.index is not None:
            last = problem.values.get("last", problem.values.get("size", problem.index + 1))
            indices |= set(range(problem.index, int(str(last))))
        assert problem.message("en") != problem.message("fr")
        if problem.id is not None:
            assert problem.id in problem.message("en")
    return indices


def body_of(run: Run, index: int) -> bytes:
    ((body,),) = run("SELECT body FROM entries WHERE idx = ?", index)
    return body if isinstance(body, bytes) else body.encode()


def put_body(run: Run, index: int, body: bytes) -> None:
    run("UPDATE entries SET body = ? WHERE idx = ?", body.decode(), index)


def rewritten(run: Run, index: int, **changes: str) -> None:
    whole = json.loads(body_of(run, index))
    for name, value in changes.items():
        (whole if name in whole else whole["entry"])[name] = value
    put_body(run, index, rfc8785.dumps(whole))


def seal_again(run: Run, size: int, *, checkpoints: bool) -> None:
    """Make leaves, nodes and, if asked, checkpoints agree with the bodies, as a thorough forger would."""
    leaves = [merkle.leaf_hash(body_of(run, index)) for index in range(size)]
    made = {(level, index): value for level, index, value in merkle.new_nodes(0, leaves, lambda k, i: b"")}
    run("DELETE FROM nodes")
    for (level, index), value in made.items():
        if level:
            run("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", level, index, value)
        else:
            run("UPDATE entries SET leaf = ? WHERE idx = ?", value, index)
    if checkpoints:
        for seq, at, note in run("SELECT seq, size, note FROM checkpoints"):
            if at <= size:
                root = merkle.root(at, lambda level, index: made[level, index])
                text = Checkpoint(note.split("\n")[0], at, root).text()
                run("UPDATE checkpoints SET note = ? WHERE seq = ?", text, seq)


def copy_of(original: Path, folder: Path) -> Path:
    """Return a copy under a name of its own, so that no journal of another copy lies beside it."""
    return Path(shutil.copy(original, folder / f"{uuid.uuid4().hex}.sqlite"))


def by_definition(leaves: list[bytes]) -> bytes:
    """Return the root of leaves as RFC 6962 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return merkle.node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


def check(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a bundle as anyone would: without this package in sight."""
    script = path / "verify.py" if path.is_dir() else path.with_name("verify.py")
    command = [sys.executable, "-I", str(script), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def damage(bundle: Path, what: str) -> None:
    """Touch a bundle up around the fifth of its nine entries."""
    entries, proofs = bundle / "entries.jsonl", bundle / "proofs.jsonl"
    lines, paths = entries.read_text().splitlines(keepends=True), proofs.read_text().splitlines(keepends=True)
    if what == "changed":
        lines[4] = lines[4].replace("number 2", "number 9")
    elif what == "dropped":
        del lines[4], paths[4]
    elif what == "dropped at the end":
        del lines[8], paths[8]
    elif what == "dropped entry only":
        del lines[4]
    elif what == "reordered":
        lines[4], lines[5], paths[4], paths[5] = lines[5], lines[4], paths[5], paths[4]
    elif what == "swapped bodies":
        lines[4], lines[5] = lines[5], lines[4]
    elif what == "inserted":
        lines.insert(4, lines[4].replace("e-2", "e-99"))
        paths.insert(4, paths[4])
    elif what == "proof":
        told = json.loads(paths[4])
        told["path"] = told["path"][::-1]
        paths[4] = json.dumps(told) + "\n"
    elif what == "index":
        paths[4] = paths[4].replace('"index":4', '"index":5')
    elif what == "nonsense":
        lines[4] = "{}\n"
    entries.write_text("".join(lines), newline="\n")
    proofs.write_text("".join(paths), newline="\n")


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return what the plain tables of a bundle answer."""
    with sqlite3.connect(path) as connection:
        return connection.execute(statement).fetchall()
