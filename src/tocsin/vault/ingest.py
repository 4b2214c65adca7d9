"""Bringing a publisher's file into the vault: read it, make it ready aside, then make it visible at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tocsin import digest, months, sources
from tocsin.errors import BadFile, BadInput, TocsinError
from tocsin.sources import Reading, Release
from tocsin.text import say
from tocsin.vault import catalogue, folder
from tocsin.vault.folder import Folder
from tocsin.vault.tables import read_table
from tocsin.vault.vintage import Basis, Moment, Vintage, instant, seen, stem_of

Progress = Callable[[str, float], None]
"""Called with what is being done, in the current language, and the share of the whole that is done."""

TOLERANCE = dt.timedelta(seconds=5)
"""How far a clock may lie behind the last retrieval of a release without being taken for wrong."""

_BLOCK = 1 << 20
_RAW, _TABLE = "raw", "events.parquet"


@dataclass(frozen=True)
class Receipt:
    """What became of one file.

    status: `new` (first of its release), `new_vintage` (other bytes under a release name already held, or
            bytes withdrawn before) or `held` (these very bytes are here and seen: nothing changed).
    report: the reader's report: rows, kept, flagged, refused.
    """

    status: Literal["new", "held", "new_vintage"]
    vintage: Vintage

    @property
    def sha256(self) -> str:
        """Digest of the file's bytes."""
        return self.vintage.sha256

    @property
    def release(self) -> str:
        """Name of the release."""
        return self.vintage.release

    @property
    def known_at(self) -> dt.datetime:
        """From when a read may see it (UTC)."""
        return self.vintage.known_at

    @property
    def report(self) -> dict[str, Any]:
        """What the reader kept, flagged and refused."""
        report: dict[str, Any] = json.loads(self.vintage.report)
        return report

    @property
    def shared_ids(self) -> dict[str, int]:
        """Ids of this file that other releases of its publisher hold too, counted by release."""
        return dict(self.vintage.shared_ids)

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as JSON-able values."""
        return {
            "status": self.status,
            "sha256": self.sha256,
            "publisher": self.vintage.publisher,
            "release": self.release,
            "known_at": self.known_at.isoformat(),
            "retrieved_at": self.vintage.retrieved_at.isoformat(),
            "coverage": str(self.vintage.span),
            "countries": self.vintage.countries,
            "partial": self.vintage.partial,
            "shared_ids": self.shared_ids,
            "report": self.report,
        }


def ingest(
    where: Folder,
    wait: float,
    path: Path,
    *,
    publisher: str,
    release: str | None,
    known_at: Moment | Literal["assumed"] | None,
    retrieved_at: dt.datetime | None,
    skip_bad_rows: bool,
    again: bool,
    progress: Progress | None,
) -> Receipt:
    """Bring `path` in; see `Vault.ingest`."""
    tell = progress or _silent
    if not path.is_file():
        raise BadFile("vault.no_such_file", path=path)
    tell(say("vault.step.digest"), 0.0)
    try:
        sha256 = digest.of_file(path)
    except OSError as error:
        raise BadFile("vault.unreadable", path=path, reason=error.strerror or str(error)) from error
    before = catalogue.vintages(where, wait)
    held = _held(before, sha256, path, publisher, release, known_at, again)
    if held is not None:
        return held

    retrieved = instant(retrieved_at) if retrieved_at is not None else dt.datetime.now(dt.UTC)
    tell(say("vault.step.read"), 0.05)
    reading = sources.read(
        path, publisher=publisher, release=release, skip_bad_rows=skip_bad_rows, today=retrieved.date()
    )
    if reading.release is None:
        raise BadInput("vault.no_release", path=path)
    if retrieved_at is None:
        same = [v for v in before if (v.publisher, v.release) == (publisher, reading.release)]
        retrieved = _after(where, [v for v in same if not v.withdrawn_by(retrieved)], retrieved)
    known = _known(path, reading, reading.release, known_at, retrieved)
    basis: Basis = "retrieved" if known_at is None else "assumed" if known_at == "assumed" else "stated"

    with folder.writer(where, wait), folder.writing(where):
        before = catalogue.vintages(where, wait)
        held = _held(before, sha256, path, publisher, release, known_at, again)
        if held is not None:
            return held
        folder.sweep(where, lambda: {v.stem for v in before})
        arrival = 1 + sum(v.sha256 == sha256 for v in before)
        stage = where.stage(stem_of(sha256, arrival))
        try:
            tell(say("vault.step.store"), 0.7)
            vintage = _make_ready(
                where, stage, path, sha256, arrival, publisher, reading, before, retrieved, known, basis
            )
            tell(say("vault.step.publish"), 0.95)
            folder.move_in(stage / _RAW, where.raw(sha256))
            folder.move_in(stage / _TABLE, where.table(vintage.stem))
            catalogue.add(where, wait, vintage)
        except BaseException:
            with contextlib.suppress(TocsinError, OSError):
                folder.sweep(where, lambda: {v.stem for v in catalogue.vintages(where, wait)})
            raise
        shutil.rmtree(stage, ignore_errors=True)
    tell(say("vault.step.done"), 1.0)
    again = any((v.publisher, v.release) == (publisher, vintage.release) for v in before)
    return Receipt("new_vintage" if again else "new", vintage)


def _make_ready(
    where: Folder,
    stage: Path,
    path: Path,
    sha256: str,
    arrival: int,
    publisher: str,
    reading: Reading,
    before: Iterable[Vintage],
    retrieved: dt.datetime,
    known: dt.datetime,
    basis: Basis,
) -> Vintage:
    """Put the raw bytes and the event table on the disk in `stage`, and return the row that names them."""
    assert reading.release is not None
    stage.mkdir(parents=True)
    raw, table = stage / _RAW, stage / _TABLE
    if _copy(path, raw) != sha256:
        raise BadFile("vault.changed_while_read", path=path)
    events = reading.events
    events.with_columns(sha256=pl.lit(sha256)).write_parquet(table)
    folder.sync(table)
    return Vintage(
        sha256=sha256,
        publisher=publisher,
        release=reading.release,
        # DuckDB takes no text that is not UTF-8, which a file's name need not be.
        name=path.name.encode("utf-8", "replace").decode(),
        format=reading.format,
        bytes=raw.stat().st_size,
        retrieved_at=retrieved,
        known_at=known,
        basis=basis,
        span=reading.coverage.span,
        countries=reading.coverage.countries,
        partial=reading.coverage.partial,
        rows=events.height,
        flagged=events.filter(pl.col("flags").list.len() > 0).height,
        refused=reading.report.refused,
        shared_ids=_shared_ids(where, events, publisher, reading.release, before),
        report=json.dumps(reading.report.to_dict(), sort_keys=True, ensure_ascii=False),
        events_sha256=digest.of_file(table),
        tocsin=version("tocsin"),
        arrival=arrival,
    )


def _after(where: Folder, same: Iterable[Vintage], present: dt.datetime) -> dt.datetime:
    """Return the present, or the moment after the last retrieval of the same release if that lies just ahead.

    BadInput if it lies further ahead: a correction that came in by a clock set back would count as the older
    vintage for good.
    """
    last = max(same, key=lambda v: v.retrieved_at, default=None)
    if last is None or present > last.retrieved_at:
        return present
    if last.retrieved_at - present > TOLERANCE:
        raise BadInput(
            "vault.clock_backwards", path=where.root, now=_iso(present), last=_iso(last.retrieved_at),
            sha256=last.short,
        )  # fmt: skip
    return last.retrieved_at + dt.timedelta(microseconds=1)


def _known(
    path: Path,
    reading: Reading,
    release: str,
    asked: Moment | Literal["assumed"] | None,
    retrieved: dt.datetime,
) -> dt.datetime:
    """Return from when the content was known, after checking that this can be true."""
    known = _asked(asked, release, retrieved)
    if known > retrieved:
        raise BadInput("vault.known_after_retrieved", known=_iso(known), retrieved=_iso(retrieved))
    last_event = reading.events["date_end"].max()
    begun = months.first_day(reading.coverage.span.last)
    horizon = max(begun, last_event) if isinstance(last_event, dt.date) else begun
    if known.date() < horizon:
        raise BadInput("vault.known_before_events", path=path, known=_iso(known), last=horizon.isoformat())
    return known


def _asked(asked: Moment | Literal["assumed"] | None, release: str, retrieved: dt.datetime) -> dt.datetime:
    """Return the instant asked for; a day that ends after the retrieval, on that day, means the retrieval."""
    if asked is None:
        return retrieved
    moment = Release.parse(release).known_at if asked == "assumed" else asked
    same_day = not isinstance(moment, dt.datetime) and moment == retrieved.date()
    return retrieved if same_day else instant(moment)


def _held(
    before: Iterable[Vintage],
    sha256: str,
    path: Path,
    publisher: str,
    release: str | None,
    known_at: Moment | Literal["assumed"] | None,
    again: bool,
) -> Receipt | None:
    """Return the receipt of bytes already here; None if they are to come in.

    BadInput if they were to be held as something else, or if reads of today do not return them: they were
    withdrawn (and not to come in `again`), are known only from a day to come, or another vintage stands
    over them. Which vintage stands is never changed here: of a folder that is brought in every night, it
    would be the last in the order of names.
    """
    now = dt.datetime.now(dt.UTC)
    held = max((v for v in before if v.sha256 == sha256), key=lambda v: v.arrival, default=None)
    if held is None:
        return None
    named = {"path": path, "publisher": held.publisher, "release": held.release, "sha256": held.short}
    if held.withdrawn_at is not None and held.withdrawn_by(now):
        if again:
            return None
        raise BadInput("vault.held_withdrawn", **named, day=_iso(held.withdrawn_at), reason=held.reason)
    if held.known_at > now:
        raise BadInput("vault.held_ahead", **named, known=_iso(held.known_at), now=_iso(now))
    contradicts = (
        held.publisher != publisher
        or (release is not None and Release.parse(release).name != held.release)
        or (known_at is not None and _asked(known_at, held.release, held.retrieved_at) != held.known_at)
    )
    if contradicts:
        raise BadInput("vault.held_otherwise", **named, known=_iso(held.known_at))
    over = [v for v in seen(before, now) if v.stands_over(held)]
    if over:
        last = max(over, key=lambda v: v.order)
        raise BadInput(
            "vault.held_under", **named, other=last.short, name=last.name, day=_iso(last.retrieved_at)
        )
    return Receipt("held", held)


def _shared_ids(
    where: Folder, events: pl.DataFrame, publisher: str, release: str, held: Iterable[Vintage]
) -> tuple[tuple[str, int], ...]:
    """Return, for each other release of the publisher, how many of these ids it holds."""
    others: dict[str, list[pl.Series]] = {}
    for vintage in held:
        if vintage.publisher == publisher and vintage.release != release and vintage.withdrawn_at is None:
            ids = read_table(where, vintage, columns=["id"])["id"]
            others.setdefault(vintage.release, []).append(ids)
    counts = {name: int(events["id"].is_in(pl.concat(ids).implode()).sum()) for name, ids in others.items()}
    return tuple(sorted((name, count) for name, count in counts.items() if count))


def _copy(source: Path, target: Path) -> str:
    """Copy a file onto the disk and return the digest of what was copied."""
    total = hashlib.sha256()
    with source.open("rb") as coming, target.open("wb") as going:
        while block := coming.read(_BLOCK):
            total.update(block)
            going.write(block)
    folder.sync(target)
    return total.hexdigest()


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _silent(step: str, share: float) -> None:
    """Say nothing."""
