"""A state as the Gleditsch-Ward list counts it, under one name and one set of codes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from tocsin import months
from tocsin.areas.names import territory_name
from tocsin.text import Language, current_language, say

Region = Literal["Africa", "Americas", "Asia", "Europe", "Middle East"]

REGIONS: tuple[Region, ...] = ("Africa", "Americas", "Asia", "Europe", "Middle East")
"""UCDP's five regions; Oceania counts as Asia, Egypt and Turkey as Middle East."""


def region_name(region: str, language: Language | None = None) -> str:
    """Return the name of one of `REGIONS` in `language` (the current one when None)."""
    return say(f"areas.region.{region.lower().replace(' ', '_')}", language)


@dataclass(frozen=True, order=True)
class ViewsId:
    """A VIEWS `country_id` and the months at whose end it holds (`last` None: still)."""

    id: int
    first: int
    last: int | None
    in_challenge: bool = field(compare=False, default=False)

    def __contains__(self, month: object) -> bool:
        return months.within(month, self.first, self.last)


@dataclass(frozen=True, order=True)
class Country:
    """One Gleditsch-Ward state under one M49 code: a new record begins where either changes.

    `start` and `end` are days (1946-01-01 stands for that day or earlier, None for a state that exists).
    `iso3`, `iso2` and `m49` are None where ISO 3166 or M49 has no code (Kosovo) or, for iso2, no longer one.
    The capital is the record's latest, with longitude and latitude in degrees.
    Source: the tables named in `areas/data/SOURCES.md`; Gleditsch & Ward (1999), Int. Interactions 25(4).
    """

    gw: int
    start: dt.date
    end: dt.date | None = field(compare=False)
    iso3: str | None = field(compare=False)
    iso2: str | None = field(compare=False)
    m49: int | None = field(compare=False)
    ucdp_id: int = field(compare=False)
    views_ids: tuple[ViewsId, ...] = field(compare=False)
    region: Region = field(compare=False)
    capital: str = field(compare=False)
    capital_lon: float = field(compare=False)
    capital_lat: float = field(compare=False)
    own_names: tuple[str, str] = field(compare=False, repr=False)
    aliases: tuple[str, ...] = field(compare=False, repr=False)

    def name(self, language: Language | None = None) -> str:
        """Return the state's name in `language` (the current one when None)."""
        chosen = language or current_language()
        own = self.own_names[0 if chosen == "en" else 1]
        return own or territory_name(self.iso2 or "", chosen)

    def region_name(self, language: Language | None = None) -> str:
        """Return the name of the state's UCDP region in `language` (the current one when None)."""
        return region_name(self.region, language)

    def exists(self, month: int) -> bool:
        """Return whether the state exists on the last day of a month: the state a month belongs to."""
        day = months.last_day(month)
        return self.start <= day and (self.end is None or day <= self.end)

    def views_id(self, month: int) -> int | None:
        """Return the VIEWS id that holds at the end of a month; None when there is none."""
        return next((v.id for v in self.views_ids if month in v), None)
