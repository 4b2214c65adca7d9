"""Neighbours, areas and people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin import areas
from tocsin.areas import tables
from tocsin.areas.build import build_states
from tocsin.areas.topology import shared_borders
from tocsin.errors import NotAssessed, UnknownName
from tocsin.months import parse


def iso3(gw: int, month: str) -> set[str | None]:
    when = parse(month)
    return {areas.country(other, month=when).iso3 for other in areas.neighbours(gw, month=when)}


@pytest.mark.parametrize("month", ["1989-01", "2012-01", "2021-12"])
def test_mali_has_seven_neighbours(month: str) -> None:
    assert iso3(432, month) == {"DZA", "NER", "BFA", "CIV", "GIN", "SEN", "MRT"}


def test_neighbours_are_symmetric_in_every_month() -> None:
    for month in range(parse("1989-01"), parse("2021-12") + 1):
        around = {s.gw: set(areas.neighbours(s.gw, month=month)) for s in areas.countries(month=month)}
        for gw, others in around.items():
            assert gw not in others
            assert all(gw in around[other] for other in others)


@pytest.mark.parametrize(
    ("name", "neighbours"),
    [
        ("Japan", set()),
        ("Portugal", {"ESP"}),
        ("Lesotho", {"ZAF"}),
        ("Somalia", {"DJI", "ETH", "KEN"}),
        ("Spain", {"AND", "FRA", "PRT"}),
        ("France", {"AND", "BEL", "CHE", "DEU", "ESP", "ITA", "LUX", "MCO"}),
        ("Morocco", {"DZA", "MRT"}),
        ("Israel", {"EGY", "JOR", "LBN", "SYR"}),
        ("Zambia", {"AGO", "BWA", "COD", "MOZ", "MWI", "NAM", "TZA", "ZWE"}),
        ("North Korea", {"CHN", "KOR", "RUS"}),
        ("Vatican", {"ITA"}),
    ],
)
def test_decided_cases(name: str, neighbours: set[str]) -> None:
    assert iso3(areas.country(name).gw, "2021-12") == neighbours


def test_neighbours_of_a_state_that_does_not_exist_are_refused() -> None:
    with pytest.raises(UnknownName):
        areas.neighbours(626, month=parse("2011-06"))


@pytest.mark.parametrize(
    ("gw", "month", "km2"),
    [
        (432, "2012-01", 1_240_000),
        (483, "2012-01", 1_284_000),
        (436, "2012-01", 1_267_000),
        (625, "2011-06", 2_505_000),
        (345, "1990-01", 255_800),
        (600, "2012-01", 716_550),
    ],
)
def test_known_areas(gw: int, month: str, km2: float) -> None:
    assert areas.area_km2(gw, month=parse(month)) == pytest.approx(km2, rel=0.002)


def test_people_of_mali_in_2012() -> None:
    found = areas.population(432, year=2012)
    assert (found.source, found.year, found.exact) == ("gw_year", 2012, True)
    assert 15_000_000 < found.persons < 18_000_000


def test_people_of_a_past_state_are_those_of_the_land_it_held() -> None:
    then = areas.population(345, year=1990).persons
    assert 22_000_000 < then < 25_000_000
    assert 280_000_000 < areas.population(365, year=1990).persons < 295_000_000
    sudan = [areas.population(625, year=year).persons for year in (2010, 2011)]
    assert sudan[1] < sudan[0]


def test_where_the_yearly_table_has_none_the_factbook_says_so() -> None:
    monaco = areas.population(221, year=1995)
    assert (monaco.source, monaco.exact, monaco.asked) == ("factbook", False, 1995)
    assert monaco.year > 2021
    assert areas.population(432, year=2023).source == "factbook"


@pytest.mark.parametrize(("gw", "year"), [(260, 1985), (265, 1985), (678, 1989), (680, 1989), (432, 1975)])
def test_people_that_no_source_counts_apart_are_not_assessed(gw: int, year: int) -> None:
    with pytest.raises(NotAssessed):
        areas.population(gw, year=year)


def test_every_state_has_people_at_the_end_of_every_year_from_1990() -> None:
    for year in range(1990, 2025):
        month = parse(f"{year}-12")
        assert all(areas.population(s.gw, year=year).persons > 0 for s in areas.countries(month=month))


def test_borders_come_from_shared_arcs_only() -> None:
    # Two squares share arc 0; a third touches them in a point; a fourth is left out.
    topology = {
        "objects": {
            "layer": {
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "id": "a"},
                    {"type": "MultiPolygon", "arcs": [[[~0, 2]], [[5]]], "id": "b"},
                    {"type": "Polygon", "arcs": [[3]], "id": "c"},
                    {"type": "Polygon", "arcs": [[~5]], "id": "x"},
                    {"type": None, "id": "d"},
                ]
            }
        }
    }
    pairs = shared_borders(topology, "layer", lambda g: None if g["id"] == "x" else str(g["id"]))
    assert pairs == {("a", "b")}


def test_borders_name_known_units_once() -> None:
    pairs = tables.borders_table()
    assert len(set(pairs)) == len(pairs)
    assert all(a < b and {a, b} <= set(tables.units_table()) for a, b in pairs)


@pytest.mark.shared
def test_the_shipped_tables_are_what_the_command_derives(shared: Path, tmp_path: Path) -> None:
    build_states(shared / "data", tmp_path)
    shipped = Path(tables.__file__).parent / "data"
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["countries.csv", "holdings.csv", "population.csv", "units.csv", "views_ids.csv"]
    for name in written:
        assert (tmp_path / name).read_bytes() == (shipped / name).read_bytes()
