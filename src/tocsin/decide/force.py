"""A force beside its ground: troops by people, land, active places and expected events."""

from __future__ import annotations

import datetime as dt
import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from tocsin import areas, digest, figures, months
from tocsin.areas import Population, grid
from tocsin.decide.economy import last_year
from tocsin.errors import BadInput, NotAssessed, UnknownName

TEXAS_KM2 = 695_662
"""Total area of Texas with its waters (United States Census Bureau: 268,596 square miles)."""

YEARS = 10
"""Years back that people are looked for, from the last one counted before a decision."""

_EARTH_KM = 6371.0072


@dataclass(frozen=True)
class Benchmark:
    """A published ratio of forces to inhabitants, to look at, never a verdict."""

    name: str
    low: float
    high: float | None
    source: str


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        "policing", 1.0, 4.0, "Quinlivan, J. T. (2003), Burden of Victory, RAND Review 27(2). Page read."
    ),
    Benchmark(
        "stabilisation", 20.0, None,
        "Quinlivan, J. T. (2003), Burden of Victory, RAND Review 27(2). Page read. McGrath, J. J. (2006), "
        "Boots on the Ground, DTIC ADA456584: 20 to 25 advised by most. Abstract read.",
    ),
)  # fmt: skip
CRITICISM = (
    "Woodford, S. R. (2016), Manpower and Counterinsurgency, Small Wars Journal: 13 historical cases, and "
    "studies that agree on numbers mattering but not on which ratio or how much. Opening read."
)


@dataclass(frozen=True)
class Ground:
    """What a force is set against; None where a number is not known here.

    km2, persons: land and people; active: PRIO-GRID cells with a located event in the 12 months to the last
    one known; events: located events of those months, taken as what the next 12 will hold.
    """

    name: str
    km2: float
    persons: int | None
    active: int | None
    events: int | None


@dataclass(frozen=True)
class Ratios:
    """Troops by each measure of the ground; None where that is not known, or is zero."""

    ground: Ground
    per_thousand_people: float | None
    per_thousand_km2: float
    per_active_cell: float | None
    per_event: float | None


@dataclass(frozen=True)
class Force:
    """Troops beside the whole country and, where asked for, its contested part.

    origin: the last month whose events count; people: of the whole country, None where they are not known.
    """

    troops: int
    month: int
    origin: int
    people: Population | None
    grounds: tuple[Ratios, ...]
    texas: float
    sources: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Digest of the record."""
        return digest.of_parts("force", self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return {
            "troops": self.troops, "month": months.label(self.month),
            "origin": months.label(self.origin), "texas": self.texas,
            "grounds": [asdict(ratios) for ratios in self.grounds], "sources": list(self.sources),
            "benchmarks": [asdict(benchmark) for benchmark in BENCHMARKS], "criticism": CRITICISM,
        }  # fmt: skip


def force(
    area: int | str,
    *,
    troops: int,
    month: int,
    as_of: dt.date,
    origin: int | None = None,
    contested: tuple[int, ...] = (),
    contested_people: int | None = None,
) -> Force:
    """Return troops set against a country's ground in a month, and against its contested cells.

    origin: the last month known when the force is decided on: events are those of the 12 months to it, and
    people those of the last year counted before `month`. With None the ground is seen in hindsight: events
    of the 12 months before `month`, people of its year.
    contested: PRIO-GRID cells; their land is that of whole cells. contested_people: how many live there,
    as no shipped table says. as_of: the day whose knowledge of the places of events is used. Events are None
    where the months are not all accounted for: outside Africa and the Middle East only border cells ship,
    and none before 1989 or after 2020 (in West Africa 2021).
    BadInput for fewer than one soldier, a cell that is none or holds none of the country, people below 1 or
    without cells; UnknownName for a country that does not exist then.
    """
    if troops < 1:
        raise BadInput("decide.force.troops", value=troops)
    if contested_people is not None and contested_people < 1:
        raise BadInput("decide.force.people", value=contested_people)
    if contested_people is not None and not contested:
        raise BadInput("decide.force.alone", option="--contested-people", other="--contested")
    country = areas.country(area, month=month)
    people: Population | None = None
    if origin is not None:
        people = _counted(country.gw, last_year(month))
    else:
        with suppress(UnknownName, NotAssessed):
            people = areas.population(country.gw, year=(month - 1) // 12 + 1980)
    last = month - 1 if origin is None else origin
    km2 = areas.area_km2(country.gw, month=month)
    placed = _events(country.gw, last, as_of)
    grounds = [_ground(country.name(), km2, people.persons if people else None, placed)]
    if contested:
        cells = sorted(set(contested))
        _check_land(cells, country.gw, month)
        inside = None if placed is None else placed.filter(pl.col("gid").is_in(cells))
        grounds.append(_ground("contested", sum(map(cell_km2, cells)), contested_people, inside))
    counted = f"; {people.source}, {people.year} (population)" if people else ""
    sources = (
        f"World Factbook (area){counted}",
        "UCDP GED, located events only (active cells, events)",
    )
    ratios = tuple(_ratios(troops, g) for g in grounds)
    return Force(troops, month, last, people, ratios, km2 / TEXAS_KM2, sources)


def cell_km2(gid: int) -> float:
    """Return the area of a PRIO-GRID cell on a sphere, in square kilometres; BadInput if it is no cell."""
    west, south, east, north = grid.bounds(gid)
    band = math.sin(math.radians(north)) - math.sin(math.radians(south))
    return _EARTH_KM**2 * math.radians(east - west) * band


def _counted(gw: int, latest: int) -> Population | None:
    """Return the people of a state in the last year counted up to `latest`; None where there is none."""
    for year in range(latest, latest - YEARS, -1):
        try:
            found = areas.population(gw, year=year)
        except (UnknownName, NotAssessed):
            return None
        # Years that the yearly table lacks are given as an estimate of a later one.
        if found.year <= latest:
            return found
    return None


def _check_land(cells: list[int], gw: int, month: int) -> None:
    for gid in cells:
        grid.row_col(gid)
    held = areas.cells(month=month).filter(pl.col("gid").is_in(cells))
    # Land whose holder is not known then may be the country's.
    own = held.filter((pl.col("gw") == gw) | (pl.col("other_gw") == gw) | pl.col("gw").is_null())
    outside = sorted(set(cells) - set(own["gid"].to_list()))
    if outside:
        raise BadInput(
            "decide.force.not_its_land", cells=", ".join(map(str, outside)), month=months.label(month),
            country=areas.country(gw, month=month).name(),
        )  # fmt: skip


def _events(gw: int, last: int, as_of: dt.date) -> pl.DataFrame | None:
    """Return `gid, events` of the 12 months to `last`; None where they are not all accounted for."""
    first = last - 11
    # A state's first months are those of another before it, and border cells are not the country.
    if first < figures.SPAN.first or gw not in areas.challenge_countries(first):
        return None
    try:
        cells = figures.cells(as_of=as_of)
    except NotAssessed:
        return None
    own = cells.filter(pl.col("gw") == gw)
    for source in ("complete", "located"):
        held = own.filter(pl.col("source") == source)
        latest = cells.filter(pl.col("source") == source)["month"].max()
        if not held.is_empty() and isinstance(latest, int) and last <= latest:
            within = held.filter(pl.col("month").is_between(first, last))
            return within.group_by("gid").agg(pl.col("events").sum()).sort("gid")
    return None


def _ground(name: str, km2: float, persons: int | None, placed: pl.DataFrame | None) -> Ground:
    if placed is None:
        return Ground(name, km2, persons, None, None)
    return Ground(name, km2, persons, placed.height, int(np.sum(placed["events"].to_numpy())))


def _ratios(troops: int, ground: Ground) -> Ratios:
    return Ratios(
        ground,
        troops / ground.persons * 1000 if ground.persons else None,
        troops / ground.km2 * 1000,
        troops / ground.active if ground.active else None,
        troops / ground.events if ground.events else None,
    )
