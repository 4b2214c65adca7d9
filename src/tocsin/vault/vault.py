"""The vault: one folder that keeps every file a publisher issued, and reads it as of a day."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from tocsin import digest, files
from tocsin.errors import Busy, Damaged, NotAssessed, TocsinError, UnknownName
from tocsin.vault import catalogue, folder, ingest, resolve, status, tables, withdrawal
from tocsin.vault.folder import Folder
from tocsin.vault.ingest import Progress, Receipt
from tocsin.vault.resolve import Resolved
from tocsin.vault.status import Status
from tocsin.vault.vintage import Moment, Vintage, instant, seen, standing
from tocsin.vault.withdrawal import Withdrawal

WAIT = 30.0
"""Seconds to wait for another process that is writing, unless told otherwise."""


@dataclass(frozen=True)
class Vault:
    """An open vault; get one from `Vault.open`. It keeps no file open between calls.

    One process writes at a time and others wait up to `wait` seconds; any number may read.
    """

    folder: Folder
    wait: float

    @classmethod
    def open(cls, home: str | os.PathLike[str] | None = None, *, wait: float = WAIT) -> Vault:
        """Open the vault in `home`, making an empty one if there is none.

        home: a folder; None for TOCSIN_HOME, else the user's data folder.
        wait: seconds to wait for another process that is writing.

        What an interrupted ingest left is removed. A vault in a folder that cannot be written opens for
        reading. Raises BadInput if the path is not a folder, cannot be made or has a name that DuckDB does
        not take, Damaged if its catalogue cannot be read or is gone while files are held.
        """
        place = folder.locate(home)
        folder.check_name(place.root)
        if not place.catalogue.exists():
            _found(place, wait)
        vault = cls(place, wait)
        vault._tidy()
        if not catalogue.check(place, wait):
            vault._renew()
        return vault

    @property
    def home(self) -> Path:
        """The vault's folder."""
        return self.folder.root

    def ingest(
        self,
        path: str | os.PathLike[str],
        *,
        publisher: str = "ucdp",
        release: str | None = None,
        known_at: Moment | Literal["assumed"] | None = None,
        retrieved_at: dt.datetime | None = None,
        skip_bad_rows: bool = False,
        again: bool = False,
        progress: Progress | None = None,
    ) -> Receipt:
        """Bring a publisher's file in, whole or not at all, and say what became of it.

        release:       its release name; None to take it from the file.
        known_at:      when these bytes became public, if that was earlier and is documented; `assumed`
                       for the day that `tocsin.sources.known_at` assumes for the release name;
                       None for `retrieved_at`. A day stands for its end in UTC.
        retrieved_at:  aware datetime; None for now.
        skip_bad_rows: leave out rows that break the schema and count them, in place of an error.
        again:         bring in bytes that were withdrawn, as known anew from `known_at`.
        progress:      called with a label in the current language and the share done, 0 to 1.

        The same bytes twice change nothing; other bytes under the same release name make a second
        vintage. Raises BadInput (and its kinds) for a file or a time that cannot be right, and for bytes
        held that reads of today do not return (withdrawn, known only from a day to come, or under another
        vintage), Busy when another process writes for too long, TocsinError when the disk is full.
        """
        return ingest.ingest(
            self.folder,
            self.wait,
            Path(path),
            publisher=publisher,
            release=release,
            known_at=known_at,
            retrieved_at=retrieved_at,
            skip_bad_rows=skip_bad_rows,
            again=again,
            progress=progress,
        )

    def withdraw(self, named: str, *, reason: str) -> Withdrawal:
        """Take back a vintage that was wrongly brought in: reads as of now and later do not see it.

        named:  its release, if one vintage of it is left, or the first six digits or more of its digest.
        reason: why, for whoever asks later.

        Reads as of a moment before still see it; its row and bytes stay, and `Vault.ingest` brings the
        bytes in `again`. Raises UnknownName if nothing is named so, BadInput if several are, if it is
        withdrawn already or if there is no reason, Busy when another process writes for too long.
        """
        return withdrawal.withdraw(self.folder, self.wait, named, reason)

    def vintages(self, *, as_of: Moment) -> tuple[Vintage, ...]:
        """Return every vintage known at `as_of` and not withdrawn by then, in the order of becoming known.

        as_of: a day (to its end in UTC) or an aware datetime; BadInput for a naive one.
        """
        moment = instant(as_of)
        return seen(catalogue.vintages(self.folder, self.wait), moment)

    def events(
        self, *, as_of: Moment, publisher: str | None = None, release: str | None = None
    ) -> pl.DataFrame:
        """Return the events known at `as_of`, of every release or of those named.

        Of two vintages of a release the later one known stands for the countries and months that it
        covers. Releases overlap: sums over several of them count deaths twice, which `resolve` does not.

        Returns the event table (`tocsin.sources.SCHEMA`) with `publisher`, `release`, `sha256`,
        `known_at`, sorted by these and id. Raises UnknownName for a publisher or release never
        ingested, NotAssessed if nothing asked for was known at `as_of`.
        """
        moment = instant(as_of)
        held = catalogue.vintages(self.folder, self.wait)
        _check_name("vault.unknown_publisher", publisher, {v.publisher for v in held})
        held = tuple(v for v in held if publisher in (None, v.publisher))
        _check_name("vault.unknown_release", release, {v.release for v in held})
        asked = [v for v in seen(held, moment) if release in (None, v.release)]
        if not asked:
            raise NotAssessed("vault.nothing_known", as_of=moment.isoformat(timespec="seconds"))
        return tables.gather(tables.standing_rows(self.folder, asked))

    def resolve(self, *, as_of: Moment, publisher: str = "ucdp") -> Resolved:
        """Return a publisher's events known at `as_of`, with one release deciding each country and month.

        Complete releases only: a partial one (located events, say) never decides a total. Annual before
        Candidate, newer before older. An event belongs to the month of its `date_start`. Raises
        NotAssessed if no complete release of the publisher was known.
        """
        moment = instant(as_of)
        known = [v for v in self.vintages(as_of=moment) if v.publisher == publisher]
        complete = [v for v in standing(known) if not v.partial]
        if not complete:
            raise NotAssessed(
                "vault.nothing_complete", publisher=publisher, as_of=moment.isoformat(timespec="seconds")
            )
        decision = resolve.decide(complete)
        frames = [tables.with_origin(self.folder, v) for v in decision.vintages]
        kept = resolve.keep_decided(decision, frames)
        rows = resolve.coverage(decision)
        return Resolved(
            events=tables.gather(kept.events),
            coverage=rows,
            releases=tuple(sorted({row.release for row in rows})),
            as_of=moment,
            outside=kept.outside,
            repeated=kept.repeated,
            undecided=kept.undecided,
        )

    def status(self, *, as_of: Moment) -> Status:
        """Return what was held at `as_of`: releases, vintages, coverage, freshness, flags, withdrawals."""
        return status.summarise(self.folder, instant(as_of), catalogue.vintages(self.folder, self.wait))

    def verify(self) -> int:
        """Check every stored file against its digest and return how many vintages were checked.

        Raises Damaged for the first file that is gone or has other bytes.
        """
        held = catalogue.vintages(self.folder, self.wait)
        for vintage in held:
            for path, expected in (
                (self.folder.raw(vintage.sha256), vintage.sha256),
                (self.folder.table(vintage.stem), vintage.events_sha256),
            ):
                folder.check_present(path)
                found = digest.of_file(path)
                if found != expected:
                    raise Damaged("vault.bytes_changed", path=path, expected=expected, found=found)
        return len(held)

    def _tidy(self) -> None:
        """Remove leftovers, unless someone is writing now or the folder is for reading only."""
        staging = self.folder.staging
        if not staging.is_dir() or not any(staging.iterdir()) or not files.writable(self.home):
            return
        with contextlib.suppress(Busy), folder.writer(self.folder, 0.0), folder.writing(self.folder):
            folder.sweep(self.folder, self._stems)

    def _renew(self) -> None:
        """Bring a catalogue of an earlier version to the present, if it is free and may be written."""
        if files.writable(self.home) and os.access(self.folder.catalogue, os.W_OK):
            # Whatever is in the way: reads do without, a write does it, and the next opening tries again.
            with (
                contextlib.suppress(TocsinError),
                folder.writer(self.folder, 0.0),
                folder.writing(self.folder),
            ):
                catalogue.renew(self.folder)

    def _stems(self) -> set[str]:
        return {v.stem for v in catalogue.vintages(self.folder, self.wait)}


def _found(place: Folder, wait: float) -> None:
    """Make an empty vault; Damaged if files are there whose catalogue is gone."""
    with folder.writing(place):
        if place.root.exists() and not place.root.is_dir():
            raise NotADirectoryError(20, "not a folder", str(place.root))
        place.root.mkdir(parents=True, exist_ok=True)
    with folder.writer(place, wait):
        if place.catalogue.exists():
            return
        with folder.writing(place):
            if place.files.is_dir() and any(place.files.glob("*/*")):
                raise Damaged("vault.catalogue_missing", path=place.catalogue)
            folder.lay(place)
            catalogue.create(place)


def _check_name(key: str, value: str | None, choices: Iterable[str]) -> None:
    valid = sorted(set(choices))
    if value is not None and value not in valid:
        raise UnknownName(key, value=value, choices=", ".join(valid) or "-")
