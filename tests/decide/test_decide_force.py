import datetime as dt
import json

import polars as pl
import pytest

from tocsin import areas, figures, months
from tocsin.areas import grid
from tocsin.decide import BENCHMARKS, force, ground
from tocsin.decide.force import cell_km2
from tocsin.errors import BadInput

AS_OF = dt.date(2025, 12, 31)
MONTH = months.parse("2015-01")


def test_a_thousand_troops_in_mali() -> None:
    found = force("MLI", troops=1000, month=MONTH, as_of=AS_OF)
    (whole,) = found.grounds
    assert whole.per_thousand_km2 == pytest.approx(0.8, abs=0.05)
    assert whole.per_thousand_km2 == pytest.approx(1e6 / whole.ground.km2)
    assert found.texas == pytest.approx(1.8, abs=0.05)
    people = areas.population(432, year=2015).persons
    assert whole.per_thousand_people == pytest.approx(1e6 / people)
    assert whole.per_thousand_people < BENCHMARKS[0].low
    assert whole.ground.active
    assert whole.per_active_cell == pytest.approx(1000 / whole.ground.active)
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_contested_part_is_denser_than_the_country() -> None:
    north = (grid.gid(17.0, -2.0), grid.gid(17.0, -1.5))
    found = force("MLI", troops=1000, month=MONTH, as_of=AS_OF, contested=north, contested_people=100_000)
    whole, part = found.grounds
    assert part.per_thousand_km2 > whole.per_thousand_km2
    assert part.per_thousand_people == pytest.approx(10)
    assert (part.ground.active or 0) <= (whole.ground.active or 0)


def test_a_small_country_is_not_said_to_have_no_area() -> None:
    (note,) = [
        part
        for part in ground(force("GMB", troops=500, month=MONTH, as_of=AS_OF), "en")
        if isinstance(part, str)
    ]
    assert "has 0.0162 times the area of Texas" in note


def test_cells_cover_the_earth() -> None:
    # One cell of each row, times the cells of a row, is the surface of the sphere.
    total = sum(cell_km2(row * 720 + 1) for row in range(360)) * 720
    assert total == pytest.approx(510.065e6, rel=1e-4)


def test_where_no_events_ship_they_are_not_known() -> None:
    (whole,) = force("COL", troops=1000, month=MONTH, as_of=AS_OF).grounds
    assert whole.per_event is None
    assert whole.per_active_cell is None
    (before,) = force("MLI", troops=1000, month=MONTH, as_of=dt.date(2020, 1, 1)).grounds
    assert before.per_event is None


@pytest.mark.parametrize(
    ("country", "month"),
    [
        ("AFG", "2015-01"),  # only cells of its border ship
        ("MLI", "1985-06"),  # before any data
        ("MLI", "1989-12"),  # eleven months of data
        ("MLI", "2022-02"),  # likewise
        ("SSD", "2012-06"),  # eleven months of its own
    ],
)
def test_events_of_part_of_the_country_or_of_the_year_do_not_pass_for_all(country: str, month: str) -> None:
    found = force(country, troops=1000, month=months.parse(month), as_of=AS_OF)
    told = found.grounds[0].ground
    assert (told.active, told.events) == (None, None)
    said = [part for part in ground(found, "en") if isinstance(part, str)]
    last = months.label(months.parse(month) - 1)
    assert f"not assessed for {areas.country(country).name('en')} in the 12 months to {last}" in said[-1]


def test_events_of_the_whole_year_are_counted_and_nothing_is_said_to_lack() -> None:
    for country, month in (("MLI", "1990-01"), ("MLI", "2022-01"), ("SSD", "2012-07")):
        found = force(country, troops=1000, month=months.parse(month), as_of=AS_OF)
        assert found.grounds[0].ground.events is not None
        assert "not assessed" not in " ".join(map(str, ground(found, "en")))


def test_the_events_are_those_of_the_twelve_months_before() -> None:
    (whole,) = force("MLI", troops=1000, month=months.parse("2013-01"), as_of=AS_OF).grounds
    held = figures.cells(as_of=AS_OF).filter(
        pl.col("gw") == 432, pl.col("source") == "complete",
        pl.col("month").is_between(months.parse("2012-01"), months.parse("2012-12")),
    )  # fmt: skip
    assert whole.ground.events == held["events"].sum()
    assert whole.ground.active == held["gid"].n_unique()


def test_only_events_before_the_month_count() -> None:
    calm = force("MLI", troops=1000, month=months.parse("2005-01"), as_of=AS_OF).grounds[0].ground
    later = force("MLI", troops=1000, month=months.parse("2019-01"), as_of=AS_OF).grounds[0].ground
    assert calm.events is not None
    assert later.events is not None
    assert calm.events < later.events


def test_a_decision_counts_no_event_after_its_data_and_nobody_after_the_last_census() -> None:
    month, origin = months.parse("2012-01"), months.parse("2011-05")
    (known,) = force("MLI", troops=1000, month=month, as_of=AS_OF, origin=origin).grounds
    assert (known.ground.active, known.ground.events) == (1, 1)
    assert known.ground.persons == areas.population(432, year=2010).persons
    (seen,) = force("MLI", troops=1000, month=month, as_of=AS_OF).grounds
    assert (seen.ground.active, seen.ground.events) == (2, 4)
    assert seen.ground.persons == areas.population(432, year=2012).persons


def test_people_of_a_year_that_no_source_counts_are_not_known() -> None:
    found = force("LBN", troops=6000, month=months.parse("1978-03"), as_of=AS_OF)
    assert (found.people, found.grounds[0].per_thousand_people) == (None, None)
    assert found.grounds[0].per_thousand_km2 > 0


@pytest.mark.parametrize(
    ("country", "month"),
    [
        ("SSD", "2012-01"),  # five months old
        ("Monaco", "2020-01"),  # counted in 2025 alone
    ],
)
def test_people_not_counted_before_the_decision_are_not_known(country: str, month: str) -> None:
    on = months.parse(month)
    found = force(country, troops=1000, month=on, as_of=AS_OF, origin=on - 2)
    assert found.people is None
    assert found.grounds[0].per_thousand_people is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_known_to_be_none_is_not_told_as_unknown() -> None:
    north, quiet = grid.gid(17.0, -2.0), months.parse("2005-01")
    found = force("MLI", troops=1000, month=quiet, as_of=AS_OF, contested=(north,))
    part = found.grounds[1]
    assert (part.ground.active, part.ground.events, part.per_event) == (0, 0, None)
    table = next(iter(ground(found, "en")))
    people, _, *counted = table.columns[2].cells
    assert (people, counted) == ("not known here", ["none", "none"])


@pytest.mark.parametrize("cell", [1, grid.gid(48.75, 2.25), grid.gid(0.25, -20.25)])
def test_cells_without_land_of_the_country_are_refused(cell: int) -> None:
    with pytest.raises(BadInput, match=f"No land of Mali lies in these cells in 2015-01: {cell}"):
        force("MLI", troops=1, month=MONTH, as_of=AS_OF, contested=(grid.gid(17.0, -2.0), cell))


def test_impossible_forces_are_refused() -> None:
    with pytest.raises(BadInput, match="0 troops"):
        force("MLI", troops=0, month=MONTH, as_of=AS_OF)
    with pytest.raises(BadInput, match="--contested-people says nothing without --contested"):
        force("MLI", troops=1, month=MONTH, as_of=AS_OF, contested_people=1000)
    with pytest.raises(BadInput, match="−5"):
        force("MLI", troops=1, month=MONTH, as_of=AS_OF, contested=(1,), contested_people=-5)
    with pytest.raises(BadInput):
        force("MLI", troops=1, month=MONTH, as_of=AS_OF, contested=(999_999_999,))
