"""The replay ledger: the case's entries and the replay's own warnings, in the order of time, provable."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tocsin.errors import BadInput, TocsinError
from tocsin.files import write
from tocsin.ledger import Entry, Ledger, Place, Verification
from tocsin.ledger.stores.places import open_store
from tocsin.replay.tracks import Track
from tocsin.replay.walk import Step
from tocsin.text import say
from tocsin.warn import to_entry

ORIGIN = "tocsin-replay/"
"""What the origin of a replay's ledger begins with: that of no other does."""

BESIDE = ("-wal", "-shm")
"""What SQLite puts after the name of a ledger in use."""


def in_order(entries: Sequence[Entry]) -> list[tuple[dt.date, Entry]]:
    """Return entries with the day by which each can be recorded: its last, or that of what it links to."""
    placed: dict[str, dt.date] = {}
    for one in entries:
        placed[one.id] = max([one.date.last, *(placed[link.id] for link in one.links if link.id in placed)])
    return sorted(((placed[one.id], one) for one in entries), key=lambda pair: pair[0])


def entries_of(
    entries: Sequence[Entry], steps: Sequence[Step], tracks: Sequence[Track]
) -> Iterator[tuple[Entry, ...]]:
    """Yield, for each month walked, what people said and did up to it, then what rules said, to be recorded.

    What people said after the last month comes last.
    """
    waiting = in_order(entries)
    for step in steps:
        first = dt.date.fromisoformat(step.outlooks[0]["on"])
        past = [one for day, one in waiting if day < first]
        waiting = waiting[len(past) :]
        yield tuple(past) + tuple(_warnings(step, tracks))
    yield tuple(one for _, one in waiting)


def _warnings(step: Step, tracks: Sequence[Track]) -> Iterator[Entry]:
    for track in tracks:
        by = say("replay.author", "en", track=track.said("en"))
        for message in step.messages[track.name]:
            yield to_entry(dataclasses.replace(message, by=by))


def write_ledger(
    path: Path, groups: Sequence[tuple[Entry, ...]], *, name: str, compiled: dt.date
) -> Verification:
    """Write a new ledger that holds groups of entries in their order, and return what checking it finds.

    compiled: the day that stamps every entry. The record was put together then, and says so; no stamp
    pretends that anything was recorded in the past. The same entries give the same tree.
    BadInput, and nothing is touched, where `path` holds anything but the ledger of an earlier replay.
    """
    check_ledger(path)
    moment = dt.datetime.combine(compiled, dt.time(), dt.UTC)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        store = open_store(Place(None, made, made.parent), create=True, origin=f"{ORIGIN}{name}")
        with Ledger(store, clock=lambda: moment) as ledger:
            for group in groups:
                ledger.extend(group)
            checked = ledger.verify()
        content = made.read_bytes()
    # Gone before the new ledger is there: SQLite would read them as what was last written to it.
    for end in BESIDE:
        path.with_name(path.name + end).unlink(missing_ok=True)
    write(path, content)
    return checked


def check_ledger(path: Path) -> None:
    """Raise BadInput where something lies at `path`, or beside it, that is not the ledger of a replay."""
    if not any(path.with_name(path.name + end).exists() for end in ("", *BESIDE)):
        return
    try:
        with Ledger(open_store(Place(None, path, path.parent), create=False, origin="")) as held:
            ours = held.origin.startswith(ORIGIN)
    except TocsinError:
        # Damaged, of another program, or a ledger without an origin.
        ours = False
    if not ours:
        raise BadInput("replay.out_holds_ledger", out=str(path.parent), name=path.name)
