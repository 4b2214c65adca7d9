"""Areas: states by date, their names, land and people; admin-1 units; PRIO-GRID cells; boundaries."""

from tocsin.areas import grid
from tocsin.areas.admin1 import (
    Admin1,
    Unmatched,
    Vintage,
    admin1,
    admin1_countries,
    admin1_units,
    match_admin1,
    place_admin1,
    vintages,
)
from tocsin.areas.boundaries import Shape, Topology, admin1_topology, world_topology
from tocsin.areas.cells import cell_country, cells, challenge_countries
from tocsin.areas.holders import holder
from tocsin.areas.land import area_km2, neighbours, predecessors, successors
from tocsin.areas.lookup import (
    by_iso3,
    by_ucdp_id,
    by_views_id,
    counted_in,
    countries,
    country,
    name_then,
    views_id,
)
from tocsin.areas.people import Population, population
from tocsin.areas.state import REGIONS, Country, Region, ViewsId, region_name

__all__ = [
    "REGIONS",
    "Admin1",
    "Country",
    "Population",
    "Region",
    "Shape",
    "Topology",
    "Unmatched",
    "ViewsId",
    "Vintage",
    "admin1",
    "admin1_countries",
    "admin1_topology",
    "admin1_units",
    "area_km2",
    "by_iso3",
    "by_ucdp_id",
    "by_views_id",
    "cell_country",
    "cells",
    "challenge_countries",
    "counted_in",
    "countries",
    "country",
    "grid",
    "holder",
    "match_admin1",
    "name_then",
    "neighbours",
    "place_admin1",
    "population",
    "predecessors",
    "region_name",
    "successors",
    "views_id",
    "vintages",
    "world_topology",
]
