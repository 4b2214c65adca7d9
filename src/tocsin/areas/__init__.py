"""Areas: states with validity dates and their codes, names, land and people; PRIO-GRID cells."""

from tocsin.areas import grid
from tocsin.areas.land import area_km2, neighbours, predecessors, successors
from tocsin.areas.lookup import by_iso3, by_ucdp_id, by_views_id, countries, country, views_id
from tocsin.areas.people import Population, population
from tocsin.areas.state import REGIONS, Country, Region, ViewsId

__all__ = [
    "REGIONS",
    "Country",
    "Population",
    "Region",
    "ViewsId",
    "area_km2",
    "by_iso3",
    "by_ucdp_id",
    "by_views_id",
    "countries",
    "country",
    "grid",
    "neighbours",
    "population",
    "predecessors",
    "successors",
    "views_id",
]
