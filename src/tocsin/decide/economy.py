"""The size of an economy before a decision, from a shipped table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from tocsin import areas, digest, months
from tocsin.errors import NotAssessed

PRICE_YEAR = 2021
"""Price year of the table. The table does not state it; it is taken to be 2021 because its row for the United
States in that year equals GDP per head in the dollars of that year, as only the base year's row does."""

FILE = "gdp_per_head.csv"


@dataclass(frozen=True)
class Economy:
    """GDP of a state: million international dollars at prices of `price_year`, for `year`.

    per_head in dollars; persons; `population_source` as in `tocsin.areas.Population`.
    """

    gdp: float
    per_head: int
    persons: int
    year: int
    price_year: int
    population_source: str


def economy_of(gw: int, *, month: int) -> Economy:
    """Return the economy of a state as last counted before a month.

    NotAssessed where the table has no figure, or none of a year at whose end the state existed.
    """
    gw, latest = areas.country(gw).gw, last_year(months.whole(month, "month"))
    held = _table()
    alive = {c.gw: c for c in areas.countries(month=month)}.get(gw)
    years = [
        year
        for code, year in held
        if code == gw and year <= latest and alive is not None and alive.exists(months.month_id(year, 12))
    ]
    if not years:
        raise NotAssessed(
            "decide.no_gdp", area=areas.country(gw).name(), month=months.label(month), year=latest
        )
    year = max(years)
    per_head = held[gw, year]
    people = areas.population(gw, year=year)
    return Economy(per_head * people.persons / 1e6, per_head, people.persons, year, PRICE_YEAR, people.source)


def last_year(month: int) -> int:
    """Return the last year counted before a month: its figures are taken to be out in July of the next."""
    return (month - 1) // 12 + 1980 - (1 if (month - 1) % 12 >= 6 else 2)


@cache
def table_digest() -> str:
    """Return the SHA-256 of the shipped table."""
    return digest.of_bytes((resources.files("tocsin.decide") / "data" / FILE).read_bytes())


@cache
def _table() -> dict[tuple[int, int], int]:
    text = (resources.files("tocsin.decide") / "data" / FILE).read_text(encoding="utf-8")
    return {(int(gw), int(year)): int(value) for gw, year, value in list(csv.reader(io.StringIO(text)))[1:]}


def derive(source: Path, out: Path) -> int:
    """Write the shipped table from the yearly table of covariates, from 1988, and return its rows."""
    with source.open(encoding="utf-8", newline="") as stream:
        rows = sorted(_rows(csv.DictReader(stream)))
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("gw", "year", "gdp_per_head"))
        writer.writerows(rows)
    return len(rows)


def _rows(given: Iterable[dict[str, str]]) -> Iterable[tuple[int, int, int]]:
    for row in given:
        if row["gdppc"] and float(row["year"]) >= 1988:
            yield int(float(row["gwcode"])), int(float(row["year"])), round(float(row["gdppc"]))
