"""Land cells by date, held to the source tables and to known borders."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tocsin import areas, months
from tocsin.areas import grid
from tocsin.areas.build_cells import build_cells
from tocsin.areas.cells import BASES
from tocsin.errors import BadInput, UnknownName

JUBA = grid.gid(4.85, 31.6)
BAMAKO = grid.gid(12.65, -8.0)
# East of the sand wall, where the map draws Western Sahara.
TIFARITI = grid.gid(26.2, -10.6)
EAST_BERLIN = grid.gid(52.52, 13.4)


def test_there_are_as_many_cells_as_published() -> None:
    assert areas.cells().height == 64_818
    assert areas.cells(challenge=True).height == 13_110
    assert areas.cells()["gid"].is_sorted()


@pytest.mark.parametrize(
    ("gid", "month", "gw"),
    [
        (JUBA, "2011-06", 625), (JUBA, "2011-07", 626), (BAMAKO, "1989-01", 432), (TIFARITI, "1979-07", None),
        (TIFARITI, "1990-01", 600), (EAST_BERLIN, "1990-09", None), (EAST_BERLIN, "1990-10", 260),
    ],
)  # fmt: skip
def test_the_holder_of_a_cell_is_that_of_the_month(gid: int, month: str, gw: int | None) -> None:
    assert areas.cell_country(gid, months.parse(month)) == gw


def test_the_table_says_what_the_single_cell_says() -> None:
    month = months.parse("2010-01")
    sample = areas.cells(month=month).gather_every(997)
    assert [areas.cell_country(gid, month) for gid in sample["gid"]] == sample["gw"].to_list()


def test_sudan_loses_the_cells_that_south_sudan_gains() -> None:
    before = areas.cells(gw=625, month=months.parse("2011-06"))
    after = areas.cells(gw=625, month=months.parse("2011-07"))
    gained = areas.cells(gw=626, month=months.parse("2011-07"))
    assert set(before["gid"]) == set(after["gid"]) | set(gained["gid"])
    assert gained.height > 150


def test_shares_are_shares_and_the_second_is_another_and_smaller() -> None:
    cells = areas.cells()
    assert cells["share"].is_between(0, 1).all()
    two = cells.drop_nulls("other")
    assert (two["other_share"] <= two["share"] + 1e-6).all()
    assert (two["land"].cast(pl.String) != two["other"].cast(pl.String)).all()
    assert set(cells["basis"].cast(pl.String)) == set(BASES)


def test_a_cell_at_sea_and_a_gid_off_the_grid_are_refused() -> None:
    with pytest.raises(UnknownName, match="lies at sea"):
        areas.cell_country(grid.gid(0.1, -30.0), 400)
    for gid in (0, 259_201):
        with pytest.raises(BadInput, match="not a PRIO-GRID cell"):
            areas.cell_country(gid, 400)


def test_a_state_that_does_not_exist_then_has_no_cells_to_ask_for() -> None:
    with pytest.raises(UnknownName, match="does not exist yet"):
        areas.cells(gw=626, month=months.parse("2010-01"))


@pytest.mark.shared
def test_the_shipped_cells_are_those_of_the_source(shared: Path, tmp_path: Path) -> None:
    build_cells(shared / "data", tmp_path)
    assert pl.read_parquet(tmp_path / "cells.parquet").equals(
        areas.cells().select(
            "gid", "land", "share", "other", "other_share", "basis", "challenge", "capital_km"
        )
    )
    source = pl.read_parquet(shared / "data/geo/grid_cell_country_2018borders.parquet")
    # Western Sahara and the Palestinian territories are the only land under another code here.
    both = (
        areas.cells()
        .with_columns(pl.col("land").cast(pl.String))
        .join(source.select(pl.col("gid").cast(pl.Int32), "iso3", "gwcode"), on="gid")
    )
    other = both.filter(pl.col("land") != pl.col("iso3"))
    assert set(other["land"]) == {"ESH", "PSE"}
    assert (both["gw"] == both["gwcode"]).all()
