"""What the vault holds and how fresh it is."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin import months
from tocsin.months import Span
from tocsin.sources import Release, due
from tocsin.sources.release import release_order
from tocsin.vault.folder import Folder
from tocsin.vault.tables import gather, standing_rows
from tocsin.vault.vintage import Vintage, seen, standing


@dataclass(frozen=True)
class ReleaseStatus:
    """One release as of a day.

    standing:  the vintages that no later one supersedes.
    vintages:  how many vintages of it were known and not withdrawn.
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

    @property
    def contested(self) -> bool:
        """Whether one vintage of it stands over another in anything."""
        pairs = itertools.permutations(self.standing, 2)
        return self.vintages > len(self.standing) or any(a.stands_over(b) for a, b in pairs)

    @property
    def countries(self) -> tuple[int, ...] | None:
        """Country codes that it covers, ascending; None for every country."""
        named = [v.countries for v in self.standing]
        return None if None in named else tuple(sorted({code for codes in named for code in codes or ()}))

    def to_dict(self) -> dict[str, Any]:
        """Return the release as JSON-able values."""
        return {
            "publisher": self.publisher,
            "release": self.release,
            "vintages": self.vintages,
            "coverage": str(self.span),
            "countries": self.countries,
            "partial": self.partial,
            "rows": self.rows,
            "flagged": self.flagged,
            "flags": dict(self.flags),
            "refused": self.refused,
            "days_since_last_month": self.days_since_last_month,
            "standing": [v.to_dict() for v in self.standing],
        }


@dataclass(frozen=True)
class Status:
    """The vault as of a day.

    last_month: the last month id that a complete release covers, were it for some countries only; None when
        there is none.
    days_since_last_month: days from that month's end; None when there is none.
    gaps: months before it that no complete release covers, after the first that one does.
    withdrawn: vintages taken back by then, in the order in which they were.
    ahead: vintages known only from a time that is still to come by this machine's clock.
    """

    home: Path
    as_of: dt.date
    releases: tuple[ReleaseStatus, ...]
    last_month: int | None
    days_since_last_month: int | None
    gaps: tuple[Span, ...]
    withdrawn: tuple[Vintage, ...]
    ahead: tuple[Vintage, ...]

    @property
    def _of_all(self) -> tuple[Vintage, ...]:
        """The standing vintages that are complete and cover every country."""
        standing = (v for release in self.releases for v in release.standing)
        return tuple(v for v in standing if v.whole)

    @property
    def _of_ucdp(self) -> tuple[Vintage, ...]:
        return tuple(v for v in self._of_all if v.publisher == "ucdp")

    @property
    def last_month_of_all(self) -> int | None:
        """The last month id that a complete release covers for every country; None where none does."""
        return max((v.span.last for v in self._of_all), default=None)

    def holds(self, release: Release) -> bool:
        """Return whether complete releases of every country cover the months of one of UCDP's.

        An annual one is held by itself or by a later one only: what candidates cover is not yet vetted.
        """
        if release.product == "ucdp-ged":
            held = (v for v in self._of_ucdp if Release.parse(v.release).product == release.product)
            return any(v.span.last >= release.span.last for v in held)
        return all(self.deciding(month) for month in release.span)

    def deciding(self, month: int) -> Vintage | None:
        """Return the vintage of UCDP's that decides a month for every country; None where none does."""
        return max((v for v in self._of_ucdp if month in v.span), key=lambda v: v.rank, default=None)

    @property
    def withheld(self) -> tuple[str, ...]:
        """The names of UCDP's releases that were withdrawn, with nothing of them brought in since.

        They are asked for by name only, for the publisher would most likely send the same again.
        """

        def replaced(old: Vintage) -> bool:
            since = (v for v in self._of_ucdp if v.release == old.release)
            return any(
                v.corrects(old) or v.retrieved_at > (old.withdrawn_at or v.retrieved_at) for v in since
            )

        taken = (v for v in self.withdrawn if v.publisher == "ucdp" and v.whole and not replaced(v))
        return tuple(dict.fromkeys(v.release for v in taken))

    @property
    def lacking(self) -> tuple[Release, ...]:
        """The releases assumed to be out that are neither held nor withheld; of a day that is over, none."""
        if self.as_of < months.today():
            return ()
        return tuple(r for r in due(self.as_of, withheld=self.withheld) if not self.holds(r))

    def to_dict(self) -> dict[str, Any]:
        """Return the status as JSON-able values."""
        return {
            "home": str(self.home),
            "as_of": self.as_of.isoformat(),
            "last_month": None if self.last_month is None else months.label(self.last_month),
            "last_month_of_all": (
                None if self.last_month_of_all is None else months.label(self.last_month_of_all)
            ),
            "days_since_last_month": self.days_since_last_month,
            "gaps": [str(span) for span in self.gaps],
            "releases": [release.to_dict() for release in self.releases],
            "withdrawn": [v.to_dict() for v in self.withdrawn],
            "ahead": [v.to_dict() for v in self.ahead],
            "lacking": [release.name for release in self.lacking],
        }


def summarise(where: Folder, moment: dt.datetime, held: Sequence[Vintage]) -> Status:
    """Return the status at `moment` from all vintages held; Damaged for a table that is not as stored."""
    day = moment.date()
    known = sorted(
        seen(held, moment),
        key=lambda v: (v.publisher, release_order(v.release), v.release, v.order),
    )
    releases = tuple(
        _release(where, day, list(group))
        for _, group in itertools.groupby(known, key=lambda v: (v.publisher, v.release))
    )
    covered = {month for r in releases for v in r.standing if not v.partial for month in v.span}
    last = max(covered, default=None)
    gaps: tuple[Span, ...] = ()
    if last is not None:
        gaps = months.runs(month for month in range(min(covered), last) if month not in covered)
    later = max(moment, dt.datetime.now(dt.UTC))
    return Status(
        home=where.root,
        as_of=day,
        releases=releases,
        last_month=last,
        days_since_last_month=None if last is None else _days_since(last, day),
        gaps=gaps,
        withdrawn=tuple(
            sorted((v for v in held if v.withdrawn_by(moment)), key=lambda v: (str(v.withdrawn_at), v.order))
        ),
        ahead=tuple(v for v in held if v.known_at > later and v.withdrawn_at is None),
    )


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
