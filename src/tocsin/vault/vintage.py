"""A vintage: one exact set of bytes of a release, and the instant from which its content was known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from tocsin.errors import BadInput
from tocsin.months import Span
from tocsin.sources.release import Release

Moment = dt.date | dt.datetime
"""A day (its last instant in UTC) or an aware datetime."""

Basis = Literal["retrieved", "stated", "assumed"]
"""Why a vintage counts as known: it was in hand, a day was stated, or one is assumed for its release."""


@dataclass(frozen=True)
class Vintage:
    """One row of the catalogue.

    sha256:        digest of the bytes as received; names the raw file and the event table.
    name, format:  the file's own name, and what the reader found it to be (`ged-csv`, `parquet`).
    retrieved_at:  when the bytes came into this vault (UTC).
    known_at:      from when a read may see them (UTC), never later than `retrieved_at`.
    basis:         what `known_at` rests on.
    span:          the months that the release covers.
    countries:     Gleditsch-Ward codes that it covers, ascending; None for every country.
    partial:       True when it holds some events of what it covers only: it never decides a total.
    rows:          events kept; `flagged` of them carry a flag; `refused` were left out on request.
    shared_ids:    (other release of this publisher, ids of this vintage that it holds too), by name.
    report:        the reader's report as JSON text.
    events_sha256: digest of the event table's Parquet file.
    arrival:       1, or more where the same bytes had been brought in and withdrawn before.
    withdrawn_at:  from when reads see it no longer (UTC), and the `reason` given; None if they do.
    """

    sha256: str
    publisher: str
    release: str
    name: str
    format: str
    bytes: int
    retrieved_at: dt.datetime
    known_at: dt.datetime
    basis: Basis
    span: Span
    countries: tuple[int, ...] | None
    partial: bool
    rows: int
    flagged: int
    refused: int
    shared_ids: tuple[tuple[str, int], ...]
    report: str
    events_sha256: str
    tocsin: str
    arrival: int = 1
    withdrawn_at: dt.datetime | None = None
    reason: str | None = None

    @property
    def stem(self) -> str:
        """Name of its event table: see `stem_of`."""
        return stem_of(self.sha256, self.arrival)

    @property
    def whole(self) -> bool:
        """Whether it holds all events of every country in its months."""
        return not self.partial and self.countries is None

    @property
    def short(self) -> str:
        """The digest as it is shown, by which it can be named."""
        return self.sha256[:12]

    def to_dict(self) -> dict[str, Any]:
        """Return what tells it from others as JSON-able values."""
        return {
            "sha256": self.sha256,
            "publisher": self.publisher,
            "release": self.release,
            "name": self.name,
            "countries": self.countries,
            "coverage": str(self.span),
            "retrieved_at": self.retrieved_at.isoformat(),
            "known_at": self.known_at.isoformat(),
            "basis": self.basis,
            "withdrawn_at": None if self.withdrawn_at is None else self.withdrawn_at.isoformat(),
            "reason": self.reason,
        }

    def withdrawn_by(self, moment: dt.datetime) -> bool:
        """Return whether it had been withdrawn at an instant."""
        return self.withdrawn_at is not None and self.withdrawn_at <= moment

    @property
    def order(self) -> tuple[dt.datetime, dt.datetime, str]:
        """Sort key of vintages in time: known, retrieved, digest."""
        return self.known_at, self.retrieved_at, self.sha256

    @property
    def rank(self) -> tuple[bool, bool, tuple[int, ...], tuple[dt.datetime, dt.datetime, str]]:
        """Precedence among releases, greatest first: complete, annual, newer number, later vintage."""
        release = Release.parse(self.release)
        return not self.partial, release.product == "ucdp-ged", release.numbers, self.order

    def corrects(self, older: Vintage) -> bool:
        """Return whether this is a later vintage of the same release, and stands for what both cover.

        One of located events only takes nothing away from a complete one.
        """
        same = (self.publisher, self.release) == (older.publisher, older.release)
        return same and self.order > older.order and (older.partial or not self.partial)

    def supersedes(self, older: Vintage) -> bool:
        """Return whether this corrects `older` and covers all of its countries and months."""
        wider = self.countries is None or (
            older.countries is not None and set(self.countries) >= set(older.countries)
        )
        longer = self.span.first <= older.span.first and self.span.last >= older.span.last
        return self.corrects(older) and wider and longer

    def stands_over(self, older: Vintage) -> bool:
        """Return whether this corrects `older` and covers any of its countries and months."""
        shared = (
            self.countries is None
            or older.countries is None
            or not set(self.countries).isdisjoint(older.countries)
        )
        meets = self.span.first <= older.span.last and self.span.last >= older.span.first
        return self.corrects(older) and shared and meets


def stem_of(sha256: str, arrival: int) -> str:
    """Return what the event table of an arrival is named: the digest, with a number from the second on."""
    return sha256 if arrival == 1 else f"{sha256}-{arrival}"


def seen(vintages: Iterable[Vintage], moment: dt.datetime) -> tuple[Vintage, ...]:
    """Return the vintages known at an instant and not withdrawn by then, without what came of them later."""
    return tuple(
        v if v.withdrawn_at is None else replace(v, withdrawn_at=None, reason=None)
        for v in vintages
        if v.known_at <= moment and not v.withdrawn_by(moment)
    )


def standing(vintages: Iterable[Vintage]) -> tuple[Vintage, ...]:
    """Return the vintages that no later one supersedes, by publisher, release and time."""
    held = tuple(vintages)
    alive = [v for v in held if not any(other.supersedes(v) for other in held)]
    return tuple(sorted(alive, key=lambda v: (v.publisher, v.release, v.order)))


def instant(moment: Moment) -> dt.datetime:
    """Return the UTC instant of a moment; a day stands for its last microsecond in UTC.

    BadInput for a naive datetime, whose instant depends on where the reader sits.
    """
    if isinstance(moment, dt.datetime):
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise BadInput("vault.naive_datetime", value=moment.isoformat())
        return moment.astimezone(dt.UTC)
    if isinstance(moment, dt.date):
        return dt.datetime.combine(moment, dt.time.max, dt.UTC)
    raise BadInput("vault.not_a_moment", value=repr(moment))
