"""The tables this room ships, read once and kept."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from tocsin import months
from tocsin.areas.state import REGIONS, Country, Region, ViewsId

Source = Literal["gw_year", "factbook"]


@dataclass(frozen=True)
class Holding:
    """A unit of land, the state that held it, and the days on which it began and ceased to (None: still)."""

    unit: str
    gw: int
    start: dt.date
    end: dt.date | None

    def covers(self, day: dt.date) -> bool:
        """Return whether the state held the unit on `day`."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Unit:
    """A piece of land that has changed hands only as a whole; `territory` is what statistics count it in."""

    code: str
    territory: str
    area_km2: float


def months_held(start: dt.date, end: dt.date | None) -> tuple[int, int | None]:
    """Return the first and last month at whose end a span of days holds (1980-01 at the earliest)."""
    first = max(1, months.of_date(start))
    if end is None:
        return first, None
    last = months.of_date(end)
    return first, last if end == months.last_day(last) else last - 1


@cache
def countries_table() -> tuple[Country, ...]:
    """Return every record, sorted by Gleditsch-Ward code and first day."""
    ids: dict[int, list[ViewsId]] = {}
    for row in _rows("views_ids"):
        last = int(row["last"]) if row["last"] else None
        ids.setdefault(int(row["gw"]), []).append(
            ViewsId(int(row["id"]), int(row["first"]), last, row["in_challenge"] == "1")
        )
    return tuple(_country(row, ids.get(int(row["gw"]), [])) for row in _rows("countries"))


@cache
def holdings_table() -> tuple[Holding, ...]:
    """Return who held which unit of land when, sorted by unit and first day."""
    return tuple(
        Holding(row["unit"], int(row["gw"]), dt.date.fromisoformat(row["start"]), _day(row["end"]))
        for row in _rows("holdings")
    )


@cache
def units_table() -> dict[str, Unit]:
    """Return the units of land by code."""
    return {
        row["unit"]: Unit(row["unit"], row["territory"], float(row["area_km2"])) for row in _rows("units")
    }


@cache
def borders_table() -> tuple[tuple[str, str], ...]:
    """Return the pairs of units that share a land border, each and all in ascending order."""
    return tuple((row["a"], row["b"]) for row in _rows("borders"))


@cache
def population_table() -> dict[Source, dict[tuple[str, int], int]]:
    """Return persons by source, then by territory and year."""
    table: dict[Source, dict[tuple[str, int], int]] = {"gw_year": {}, "factbook": {}}
    for row in _rows("population"):
        source: Source = "factbook" if row["source"] == "factbook" else "gw_year"
        table[source][row["territory"], int(row["year"])] = int(row["persons"])
    return table


def hand(name: str) -> list[dict[str, str]]:
    """Return a table kept by hand, without its column of reasons."""
    return [{k: v for k, v in row.items() if k != "why"} for row in _rows(f"hand/{name}")]


def _country(row: dict[str, str], ids: list[ViewsId]) -> Country:
    start, end = dt.date.fromisoformat(row["start"]), _day(row["end"])
    first, last = months_held(start, end)
    mine = (v for v in ids if first <= v.first and (last is None or v.first <= last))
    return Country(
        gw=int(row["gw"]),
        start=start,
        end=end,
        iso3=row["iso3"] or None,
        iso2=row["iso2"] or None,
        m49=int(row["m49"]) if row["m49"] else None,
        ucdp_id=int(row["ucdp_id"]),
        views_ids=tuple(sorted(mine, key=lambda v: v.first)),
        region=_REGIONS[row["region"]],
        capital=row["capital"],
        capital_lon=float(row["capital_lon"]),
        capital_lat=float(row["capital_lat"]),
        own_names=(row["name_en"], row["name_fr"]),
        aliases=tuple(part for part in row["aliases"].split("|") if part),
    )


_REGIONS: dict[str, Region] = {region: region for region in REGIONS}


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("tocsin.areas") / "data" / f"{name}.csv"
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
