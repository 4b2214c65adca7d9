"""Coverage: the areas and months in which the absence of an event means that none was recorded."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tocsin import months
from tocsin.months import Span
from tocsin.sources.release import FIRST_MONTH, Release


@dataclass(frozen=True)
class Coverage:
    """What a file accounts for: inside, absence is a zero; outside, nothing is known (*not assessed*).

    span:      months from the first to the last one accounted for.
    countries: Gleditsch-Ward codes as published, ascending; None means every country.
    partial:   True if the file holds events without assuring that it holds all of them: it covers nothing.
    """

    span: Span
    countries: tuple[int, ...] | None = None
    partial: bool = False

    def covers(self, country_gw: int, month: int) -> bool:
        """Return whether absence of events in this country and month (id) is a zero."""
        if self.partial or month not in self.span:
            return False
        return self.countries is None or country_gw in self.countries

    def to_dict(self) -> dict[str, object]:
        """Return the coverage as JSON-able values."""
        return {
            "span": str(self.span),
            "countries": None if self.countries is None else list(self.countries),
            "partial": self.partial,
        }


def whole_release(release: Release) -> Coverage:
    """Return the coverage of a release as issued: every country, the months its name says."""
    return Coverage(release.span)


def extract(events: pl.DataFrame, release: Release | None, until: int | None) -> Coverage:
    """Return the coverage of a complete extract for the countries that occur in it.

    It reaches from 1989-01 to month `until`; without it, to the last month in which an event starts, since
    nothing says that the extract goes on after that. One of a Candidate `release` does not leave its months.
    """
    last = _extent(events).last if until is None else until
    codes = _codes(events)
    if release is not None and release.product == "ucdp-candidate":
        first, end = release.span.first, release.span.last
        return Coverage(Span(first, min(max(first, last), end)), codes)
    return Coverage(Span(min(FIRST_MONTH, last), last), codes)


def fragment(events: pl.DataFrame) -> Coverage:
    """Return the coverage of events that are not all there are: none, over their months and countries."""
    return Coverage(_extent(events), _codes(events), partial=True)


def _codes(events: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(code) for code in events["country_gw"].unique().sort())


def _extent(events: pl.DataFrame) -> Span:
    starts = events["date_start"]
    first, last = starts.min(), starts.max()
    if first is None or last is None:
        return Span(FIRST_MONTH, FIRST_MONTH)
    return Span(months.of_date(first), months.of_date(last))  # type: ignore[arg-type]
