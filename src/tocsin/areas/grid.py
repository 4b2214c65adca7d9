"""PRIO-GRID: half-degree cells numbered from the south-west corner of the world.

`gid = (row - 1) * 720 + col`, rows 1 to 360 from latitude -90, columns 1 to 720 from longitude -180. A cell
owns its southern and western edge; the last row and column own the northern and eastern edge of the world.
Source: Tollefsen, Strand & Buhaug (2012), J. Peace Research 49(2):363-374.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import BadInput

ROWS = 360
COLUMNS = 720
CELLS = ROWS * COLUMNS
SIDE = 0.5
"""Length of a cell's side in degrees."""


def gid(lat: float, lon: float) -> int:
    """Return the cell a point lies in; degrees north and east. BadInput outside -90..90 and -180..180."""
    return int(gids([lat], [lon])[0])


def gids(lat: ArrayLike, lon: ArrayLike) -> NDArray[np.int32]:
    """Return the cells that points lie in; arrays of degrees whose shapes broadcast. BadInput as `gid`."""
    north, east = np.broadcast_arrays(np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64))
    _check(north, 90.0, "areas.bad_latitude")
    _check(east, 180.0, "areas.bad_longitude")
    row = np.minimum(np.floor((north + 90.0) / SIDE), ROWS - 1)
    col = np.minimum(np.floor((east + 180.0) / SIDE), COLUMNS - 1)
    return (row * COLUMNS + col + 1).astype(np.int32)


def row_col(gid: int) -> tuple[int, int]:
    """Return a cell's row (1 to 360) and column (1 to 720). BadInput for a gid outside 1..259200."""
    rows, columns = rows_cols([gid])
    return int(rows[0]), int(columns[0])


def rows_cols(gids: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the rows and columns of cells, in the shape of `gids`. BadInput as `row_col`."""
    cells = _cells(gids)
    return ((cells - 1) // COLUMNS + 1).astype(np.int32), ((cells - 1) % COLUMNS + 1).astype(np.int32)


def centre(gid: int) -> tuple[float, float]:
    """Return latitude and longitude of a cell's centre, in degrees. BadInput for a gid outside 1..259200."""
    lat, lon = centres([gid])
    return float(lat[0]), float(lon[0])


def centres(gids: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes of cells' centres, in the shape of `gids`. BadInput as `centre`."""
    rows, columns = (index.astype(np.float64) for index in rows_cols(gids))
    return (rows - 0.5) * SIDE - 90.0, (columns - 0.5) * SIDE - 180.0


def bounds(gid: int) -> tuple[float, float, float, float]:
    """Return a cell's west, south, east and north edge, in degrees. BadInput for a gid outside 1..259200."""
    lat, lon = centre(gid)
    half = SIDE / 2
    return lon - half, lat - half, lon + half, lat + half


def neighbours(gid: int, reach: int = 1) -> tuple[int, ...]:
    """Return the cells at most `reach` rows and columns away, ascending, without the cell itself.

    The grid closes at the antimeridian, not over the poles. BadInput for a gid outside 1..259200 or a reach
    outside 1..359.
    """
    around = neighbour_table([gid], reach)[0]
    return tuple(int(cell) for cell in np.unique(around[around > 0]))


def neighbour_table(gids: ArrayLike, reach: int = 1) -> NDArray[np.int32]:
    """Return the neighbours of each cell of a one-dimensional array: [cell, (2 * reach + 1) ** 2 - 1].

    Columns run from south-west to north-east, row by row; 0 stands for a place beyond a pole.
    BadInput as `neighbours`.
    """
    if not 1 <= reach < COLUMNS // 2:
        raise BadInput("areas.bad_reach", value=reach, last=COLUMNS // 2 - 1)
    rows, columns = rows_cols(np.atleast_1d(np.asarray(gids)))
    steps = np.arange(-reach, reach + 1)
    up, right = (offsets.ravel() for offsets in np.meshgrid(steps, steps, indexing="ij"))
    away = (up != 0) | (right != 0)
    row = rows[:, None] + up[away]
    col = (columns[:, None] + right[away] - 1) % COLUMNS + 1
    return np.where((row >= 1) & (row <= ROWS), (row - 1) * COLUMNS + col, 0).astype(np.int32)


def _cells(gids: ArrayLike) -> NDArray[np.int64]:
    given = np.asarray(gids)
    # Compared before it is converted: a number beyond 64 bits stays a Python object, and fits no type.
    outside = ~((given >= 1) & (given <= CELLS))
    cells = np.where(outside, 0, given).astype(np.int64)
    outside |= cells != given
    if outside.any():
        raise BadInput("areas.bad_gid", value=given[outside].tolist()[0], last=CELLS)
    return cells


def _check(degrees: NDArray[np.float64], limit: float, key: str) -> None:
    outside = ~(np.abs(degrees) <= limit)
    if outside.any():
        raise BadInput(key, value=float(degrees[outside].flat[0]))
