"""A force beside its ground: troops by people, land, active places and expected events."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from tocsin import areas, digest, figures, months
from tocsin.areas import grid
from tocsin.errors import BadInput, NotAssessed

TEXAS_KM2 = 695_662
"""Total area of Texas with its waters (United States Census Bureau: 268,596 square miles)."""

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

    km2, persons: land and people; active: PRIO-GRID cells with a located event in the 12 months before;
    events: located events of those months, taken as what the next 12 will hold.
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
    """Troops beside the whole country and, where asked for, its contested part."""

    troops: int
    month: int
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
            "troops": self.troops, "month": months.label(self.month), "texas": self.texas,
            "grounds": [asdict(ratios) for ratios in self.grounds], "sources": list(self.sources),
            "benchmarks": [asdict(benchmark) for benchmark in BENCHMARKS], "criticism": CRITICISM,
        }  # fmt: skip


def force(
    area: int | str,
    *,
    troops: int,
    month: int,
    as_of: dt.date,
    contested: tuple[int, ...] = (),
    contested_people: int | None = None,
) -> Force:
    """Return troops set against a country's ground in a month, and against its contested cells.

    contested: PRIO-GRID cells; their land is that of whole cells. contested_people: how many live there,
    as no shipped table says. as_of: the day whose knowledge of the places of events is used; the events are
    those of the 12 months before `month`, None where these are not all accounted for: outside Africa and the
    Middle East only border cells ship, and none before 1989 or after 2020 (in West Africa 2021).
    BadInput for fewer than one soldier, a cell that is none, or people below 1; UnknownName for a country
    that does not exist then.
    """
    if troops < 1:
        raise BadInput("decide.force.troops", value=troops)
    if contested_people is not None and contested_people < 1:
        raise BadInput("decide.force.people", value=contested_people)
    country = areas.country(area, month=month)
    people = areas.population(country.gw, year=(month - 1) // 12 + 1980)
    km2 = areas.area_km2(country.gw, month=month)
    placed = _events(country.gw, month, as_of)
    grounds = [_ground(country.name(), km2, people.persons, placed)]
    if contested:
        cells = sorted(set(contested))
        inside = None if placed is None else placed.filter(pl.col("gid").is_in(cells))
        grounds.append(_ground("contested", sum(map(cell_km2, cells)), contested_people, inside))
    sources = (
        f"World Factbook (area); {people.source}, {people.year} (population)",
        "UCDP GED, located events only (active cells, events)",
    )
    return Force(troops, month, tuple(_ratios(troops, g) for g in grounds), km2 / TEXAS_KM2, sources)


def cell_km2(gid: int) -> float:
    """Return the area of a PRIO-GRID cell on a sphere, in square kilometres; BadInput if it is no cell."""
    west, south, east, north = grid.bounds(gid)
    band = math.sin(math.radians(north)) - math.sin(math.radians(south))
    return _EARTH_KM**2 * math.radians(east - west) * band


def _events(gw: int, month: int, as_of: dt.date) -> pl.DataFrame | None:
    """Return `gid, events` of the 12 months before `month`; None where they are not all accounted for."""
    # A state's first months are those of another before it, and border cells are not the country.
    if month - 12 < figures.SPAN.first or gw not in areas.challenge_countries(month - 12):
        return None
    try:
        cells = figures.cells(as_of=as_of)
    except NotAssessed:
        return None
    own = cells.filter(pl.col("gw") == gw)
    for source in ("complete", "located"):
        held = own.filter(pl.col("source") == source)
        last = cells.filter(pl.col("source") == source)["month"].max()
        if not held.is_empty() and isinstance(last, int) and month - 1 <= last:
            within = held.filter(pl.col("month").is_between(month - 12, month - 1))
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
