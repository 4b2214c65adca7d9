"""PRIO-GRID arithmetic against its definition and real cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.areas import grid
from tocsin.errors import BadInput

cells = st.integers(1, grid.CELLS)


def test_corners() -> None:
    assert grid.gid(-90, -180) == 1
    assert grid.gid(-89.6, -179.6) == 1
    assert grid.gid(-89.5, -180) == 721
    assert grid.gid(90, 180) == grid.CELLS == 259_200
    assert grid.row_col(259_200) == (360, 720)
    assert grid.bounds(1) == (-180.0, -90.0, -179.5, -89.5)


def test_bamako() -> None:
    # Row 206 begins at 12.5 north, column 344 at 8.5 west.
    assert grid.gid(12.65, -8.0) == 205 * 720 + 345
    assert grid.gid(12.65, -8.01) == 205 * 720 + 344


@given(cells)
def test_a_centre_lies_in_its_cell(gid: int) -> None:
    lat, lon = grid.centre(gid)
    west, south, east, north = grid.bounds(gid)
    assert grid.gid(lat, lon) == gid == grid.gid(south, west)
    assert west < lon < east
    assert south < lat < north
    row, col = grid.row_col(gid)
    assert (row - 1) * 720 + col == gid


@given(cells, st.integers(1, 3))
def test_neighbours_are_mutual_and_within_reach(gid: int, reach: int) -> None:
    around = grid.neighbours(gid, reach)
    row, col = grid.row_col(gid)
    assert gid not in around
    assert len(set(around)) == len(around)
    for other in around:
        other_row, other_col = grid.row_col(other)
        apart = abs(other_col - col)
        assert max(abs(other_row - row), min(apart, 720 - apart)) <= reach
        assert gid in grid.neighbours(other, reach)


def test_the_grid_closes_at_the_antimeridian_but_not_over_the_poles() -> None:
    assert grid.neighbours(721) == (1, 2, 720, 722, 1440, 1441, 1442, 2160)
    assert grid.neighbours(1) == (2, 720, 721, 722, 1440)
    assert (grid.neighbour_table([1])[0] == 0).sum() == 3


def test_neighbour_table_runs_from_south_west_to_north_east() -> None:
    assert grid.neighbour_table([1000]).tolist() == [[279, 280, 281, 999, 1001, 1719, 1720, 1721]]
    assert grid.neighbour_table(np.arange(1, 11), 2).shape == (10, 24)


def test_arrays_keep_their_shape() -> None:
    gids = np.arange(1, 13).reshape(3, 4)
    lat, lon = grid.centres(gids)
    assert lat.shape == (3, 4)
    np.testing.assert_array_equal(grid.gids(lat, lon), gids)


@pytest.mark.parametrize(
    "gid",
    [0, -1, 259_201, 1.5, float("nan"), 2**64 - 1, 10**20, -(10**20), pytest.param(10**400, id="huge")],
)
def test_a_gid_outside_the_grid_is_refused(gid: float) -> None:
    for verb in (grid.row_col, grid.centre, grid.bounds, grid.neighbours):
        with pytest.raises(BadInput, match="259200"):
            verb(gid)  # type: ignore[arg-type]


@pytest.mark.parametrize(("lat", "lon"), [(90.1, 0), (-91, 0), (0, 180.5), (0, -181), (float("nan"), 0)])
def test_a_point_off_the_world_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(BadInput, match="itude"):
        grid.gid(lat, lon)


@pytest.mark.parametrize("reach", [0, -1, 360])
def test_a_reach_that_is_none_is_refused(reach: int) -> None:
    with pytest.raises(BadInput, match="359"):
        grid.neighbours(1, reach)


@pytest.mark.shared
def test_cells_are_those_of_located_events(shared: Path) -> None:
    import polars as pl

    events = pl.read_parquet(
        shared / "data" / "ucdp" / "ged211_located_global_1989_2020.parquet",
        columns=["latitude", "longitude", "priogrid_gid"],
    )
    found = grid.gids(events["latitude"].to_numpy(), events["longitude"].to_numpy())
    differs = found != events["priogrid_gid"].to_numpy()
    assert not differs.any()
