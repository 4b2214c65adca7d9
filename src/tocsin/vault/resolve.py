"""Overlapping releases: which one decides each country and month.

A total must come from one release only, or the same deaths count twice. For each country and month the
deciding vintage is the greatest among those known that cover it, by: complete before partial (a partial
release never decides a total), annual before Candidate, newer release number before older, later vintage
before earlier. Candidate releases therefore decide only months that no annual release covers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import digest
from tocsin.months import Span
from tocsin.vault.tables import MONTH
from tocsin.vault.vintage import Vintage


@dataclass(frozen=True)
class CoverageRow:
    """Months that one vintage decides.

    countries: Gleditsch-Ward codes, ascending; None for every country that no other row names.
    """

    publisher: str
    release: str
    sha256: str
    span: Span
    countries: tuple[int, ...] | None


@dataclass(frozen=True, eq=False)
class Resolved:
    """Events of one publisher with one release deciding each country and month.

    events:   the event table with `publisher`, `release`, `sha256`, `known_at`; no id twice.
    coverage: what is decided by which vintage, disjoint; what no row covers is not assessed.
    releases: names of the releases that decide something, sorted.
    as_of:    the UTC instant whose knowledge this is.
    outside:  rows left out because another release decides their month, or none does.
    undecided: the latter's events, each once: no release covers their country and month, so that no total
              holds them.
    repeated: rows left out because a release that ranks higher holds the same id in another month.
    """

    events: pl.DataFrame
    coverage: tuple[CoverageRow, ...]
    releases: tuple[str, ...]
    as_of: dt.datetime
    outside: int
    repeated: int
    undecided: pl.DataFrame

    @property
    def span(self) -> Span:
        """From the first to the last month that a vintage decides for any country."""
        return Span(min(row.span.first for row in self.coverage), max(row.span.last for row in self.coverage))

    def decides(self, country: int, month: int) -> CoverageRow | None:
        """Return the row that decides a country (Gleditsch-Ward code) and month id; None if not assessed."""
        # The best vintage comes first: where it is of every country, it is of those too that other rows name.
        for row in self.coverage:
            if month in row.span and (row.countries is None or country in row.countries):
                return row
        return None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the vintages that decide, and what each decides."""
        return digest.of_parts([[r.sha256, str(r.span), r.countries] for r in self.coverage])


@dataclass(frozen=True)
class Decision:
    """The deciding vintage of each country and month, as indices into `vintages` (-1: none).

    named:  countries that some vintage names, ascending; the last row of `winner` is every other country.
    winner: int32 [named + 1, month].
    """

    vintages: tuple[Vintage, ...]
    span: Span
    named: NDArray[np.int32]
    winner: NDArray[np.int32]

    def of(self, country: NDArray[np.int32], month: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the index of the deciding vintage for paired arrays of countries and month ids."""
        row = np.searchsorted(self.named, country)
        if len(self.named):
            known = self.named[np.minimum(row, len(self.named) - 1)] == country
            row = np.where(known, row, len(self.named))
        inside = (month >= self.span.first) & (month <= self.span.last)
        column = np.clip(month - self.span.first, 0, len(self.span) - 1)
        return np.where(inside, self.winner[row, column], -1).astype(np.int32)


def decide(vintages: Sequence[Vintage]) -> Decision:
    """Return which of the vintages decides each country and month; at least one vintage is needed."""
    ranked = tuple(sorted(vintages, key=lambda v: v.rank, reverse=True))
    span = Span(min(v.span.first for v in ranked), max(v.span.last for v in ranked))
    named = np.array(sorted({c for v in ranked for c in v.countries or ()}), dtype=np.int32)
    winner = np.full((len(named) + 1, len(span)), -1, dtype=np.int32)
    for index, vintage in reversed(list(enumerate(ranked))):
        rows = slice(None) if vintage.countries is None else np.flatnonzero(np.isin(named, vintage.countries))
        winner[rows, vintage.span.first - span.first : vintage.span.last - span.first + 1] = index
    return Decision(ranked, span, named, winner)


def coverage(decision: Decision) -> tuple[CoverageRow, ...]:
    """Return the decision as disjoint rows, best vintage first, then by months."""
    owners: dict[tuple[int, Span], list[int]] = {}
    everyone: list[tuple[int, Span]] = []
    for row, winners in enumerate(decision.winner.tolist()):
        for index, run in groupby(range(len(winners)), key=winners.__getitem__):
            columns = list(run)
            if index < 0:
                continue
            key = index, Span(decision.span.first + columns[0], decision.span.first + columns[-1])
            if row < len(decision.named):
                owners.setdefault(key, []).append(int(decision.named[row]))
            else:
                everyone.append(key)
    found: list[tuple[tuple[int, Span], tuple[int, ...] | None]] = [(key, None) for key in everyone]
    found += [(key, tuple(countries)) for key, countries in owners.items()]
    found.sort(key=lambda item: (item[0], item[1] or ()))
    return tuple(
        CoverageRow(
            decision.vintages[index].publisher,
            decision.vintages[index].release,
            decision.vintages[index].sha256,
            span,
            countries,
        )
        for (index, span), countries in found
    )


@dataclass(frozen=True, eq=False)
class Kept:
    """Rows of vintages sorted by what decides their month; fields as in `Resolved`."""

    events: list[pl.DataFrame]
    outside: int
    repeated: int
    undecided: pl.DataFrame


def keep_decided(decision: Decision, frames: Sequence[pl.DataFrame]) -> Kept:
    """Return the rows that their own vintage decides, and those that are outside and repeated.

    `frames[i]` holds the events of `decision.vintages[i]`. An event belongs to the month of `date_start`.
    """
    kept: list[pl.DataFrame] = []
    undecided: list[pl.DataFrame] = []
    outside = repeated = 0
    seen = pl.Series("id", [], dtype=pl.Int64)
    for index, frame in enumerate(frames):
        month = frame.select(MONTH).to_series()
        winner = decision.of(frame["country_gw"].to_numpy(), month.to_numpy())
        own = winner == index
        undecided.append(frame.filter(pl.Series(winner < 0)))
        decided = frame.filter(pl.Series(own))
        fresh = decided.filter(~pl.col("id").is_in(seen.implode()))
        outside += frame.height - decided.height
        repeated += decided.height - fresh.height
        seen = pl.concat([seen, fresh["id"]])
        kept.append(fresh)
    # The vintage that ranks higher comes first, so that its row of an event is the one that stays.
    lost = pl.concat(undecided).unique("id", keep="first", maintain_order=True)
    return Kept(kept, outside, repeated, lost.filter(~pl.col("id").is_in(seen.implode())))
