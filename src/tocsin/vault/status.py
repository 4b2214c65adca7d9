"""What the vault holds and how fresh it is."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from tocsin import months
from tocsin.months import Span
from tocsin.sources.release import release_order
from tocsin.vault.folder import Folder
from tocsin.vault.tables import gather, standing_rows
from tocsin.vault.vintage import Vintage, standing


@dataclass(frozen=True)
class ReleaseStatus:
    """One release as of a day.

    standing:  the vintages that no later one supersedes.
    vintages:  how many vintages of it were known.
    rows, flagged: of what a read returns; flags: rows that carry each flag. refused: sum over `standing`.
    days_since_last_month: days from the end of the last month it covers (0 while that month runs).
    """

    publisher: str
    release: str
    vintages: int
    standing: tuple[Vintage, ...]
    span: Span
    partial: bool
    rows: int
    flagged: int
    flags: dict[str, int]
    refused: int
    days_since_last_month: int

    def to_dict(self) -> dict[str, Any]:
        """Return the release as JSON-able values."""
        return {
            "publisher": self.publisher,
            "release": self.release,
            "vintages": self.vintages,
            "coverage": str(self.span),
            "partial": self.partial,
            "rows": self.rows,
            "flagged": self.flagged,
            "flags": dict(self.flags),
            "refused": self.refused,
            "days_since_last_month": self.days_since_last_month,
            "standing": [
                {
                    "sha256": v.sha256,
                    "countries": v.countries,
                    "coverage": str(v.span),
                    "retrieved_at": v.retrieved_at.isoformat(),
                    "known_at": v.known_at.isoformat(),
                    "basis": v.basis,
                }
                for v in self.standing
            ],
        }


@dataclass(frozen=True)
class Status:
    """The vault as of a day.

    last_month: the last month id that a complete release covers; None when there is none.
    days_since_last_month: days from that month's end; None when there is none.
    gaps: months before it that no complete release covers, after the first that one does.
    """

    home: Path
    as_of: dt.date
    releases: tuple[ReleaseStatus, ...]
    last_month: int | None
    days_since_last_month: int | None
    gaps: tuple[Span, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the status as JSON-able values."""
        return {
            "home": str(self.home),
            "as_of": self.as_of.isoformat(),
            "last_month": None if self.last_month is None else months.label(self.last_month),
            "days_since_last_month": self.days_since_last_month,
            "gaps": [str(span) for span in self.gaps],
            "releases": [release.to_dict() for release in self.releases],
        }


def summarise(where: Folder, day: dt.date, known: Iterable[Vintage]) -> Status:
    """Return the status from the vintages known on `day`; Damaged for a table that is not as stored."""
    held = sorted(known, key=lambda v: (v.publisher, release_order(v.release), v.release, v.order))
    releases = tuple(
        _release(where, day, list(group))
        for _, group in groupby(held, key=lambda v: (v.publisher, v.release))
    )
    covered = {month for r in releases for v in r.standing if not v.partial for month in v.span}
    if not covered:
        return Status(where.root, day, releases, None, None, ())
    last = max(covered)
    gaps = months.runs(month for month in range(min(covered), last) if month not in covered)
    return Status(where.root, day, releases, last, _days_since(last, day), gaps)


def _release(where: Folder, day: dt.date, held: list[Vintage]) -> ReleaseStatus:
    alive = standing(held)
    rows, flagged, flags = _counted(where, alive)
    span = Span(min(v.span.first for v in alive), max(v.span.last for v in alive))
    return ReleaseStatus(
        publisher=alive[0].publisher,
        release=alive[0].release,
        vintages=len(held),
        standing=alive,
        span=span,
        partial=all(v.partial for v in alive),
        rows=rows,
        flagged=flagged,
        flags={flag: count for flag, count in sorted(flags.items()) if count},
        refused=sum(v.refused for v in alive),
        days_since_last_month=_days_since(span.last, day),
    )


def _counted(where: Folder, alive: Sequence[Vintage]) -> tuple[int, int, Counter[str]]:
    """Return the rows of standing vintages, those flagged, and how many carry each flag."""
    flags: Counter[str] = Counter()
    if not any(later.corrects(v) for v in alive for later in alive):
        for vintage in alive:
            flags.update(json.loads(vintage.report).get("flagged", {}))
        return sum(v.rows for v in alive), sum(v.flagged for v in alive), flags
    # Vintages that overlap hold some rows twice, which only the tables tell.
    carried = gather(standing_rows(where, alive))["flags"]
    flags.update(carried.explode().drop_nulls().to_list())
    return len(carried), int((carried.list.len() > 0).sum()), flags


def _days_since(month: int, day: dt.date) -> int:
    return max(0, (day - months.last_day(month)).days)
