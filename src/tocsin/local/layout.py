"""The layout of small areas: which lie beside which, and the state that each counts with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tocsin import areas as geography
from tocsin import digest
from tocsin.areas import grid
from tocsin.panel import Level
from tocsin.panel.panel import AreaId

Rows = NDArray[np.intp]
Features = NDArray[np.float32]
Rings = tuple[sparse.csr_matrix, sparse.csr_matrix, sparse.csr_matrix]

NO_STATE = 0
"""Stands for land that no state here held."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Areas of one level and how they lie.

    areas:  ids in ascending order.
    states: int32 [area], Gleditsch-Ward code of the state each counts with; NO_STATE where there is none.
    rings:  three sparse float32 [area, area]: near, farther and wide surroundings, each without the ones
            before it. For cells the rings at distance 1, 2, and 3 to 4.
    """

    level: Level
    scheme: str
    areas: tuple[AreaId, ...]
    states: NDArray[np.int32]
    rings: Rings

    @cached_property
    def rows(self) -> Mapping[AreaId, int]:
        """The row of each area."""
        return {area: row for row, area in enumerate(self.areas)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the areas, their states and their surroundings."""
        rings = [part for ring in self.rings for part in (ring.indptr, ring.indices, ring.data)]
        return digest.of_parts(self.level, list(self.areas), self.states, *rings)

    @cached_property
    def reach(self) -> sparse.csr_matrix:
        """Sparse float32 [area, area]: the area itself and its near and farther surroundings."""
        near, far, _ = self.rings
        return (sparse.identity(len(self.areas), np.float32, "csr") + near + far).tocsr()

    def of_state(self, gw: int) -> NDArray[np.intp]:
        """Return the rows of the areas that count with a state, ascending."""
        return np.flatnonzero(self.states == gw)


def cell_layout(
    month: int, *, gids: Sequence[int] | None = None, majority: Mapping[int, int] | None = None
) -> Layout:
    """Return the layout of land cells at the end of a month.

    gids:     the cells; those of the VIEWS challenge, Africa and the Middle East, when None.
    majority: the state of cells with events, by gid (`located.majority`); a cell without one counts with the
              state that held the larger part of it. A border cell holds events of two states but counts with
              one, so that every death is in one sum.
    UnknownName for a cell at sea, BadInput for a gid outside 1..259200.
    """
    table = geography.cells(month=month, challenge=gids is None)
    if gids is not None:
        wanted = np.unique(np.asarray(gids)).tolist()
        table = table.filter(table["gid"].is_in(wanted))
        if table.height < len(wanted):
            held = set(table["gid"].to_list())
            # A cell that is no land is refused by name: it would else be missing without a word.
            geography.cell_country(next(gid for gid in wanted if gid not in held), month)
    table = table.sort("gid")
    cells = table["gid"].to_numpy()
    states = table["gw"].fill_null(NO_STATE).to_numpy().astype(np.int32)
    for place, gid in enumerate(cells.tolist()):
        if majority and gid in majority:
            states[place] = majority[gid]
    rings = (_ring(cells, 1, 0), _ring(cells, 2, 1), _ring(cells, 4, 2))
    return Layout("cell", "priogrid", tuple(cells.tolist()), states, rings)


def grouped_layout(areas: Sequence[str], states: Sequence[int]) -> Layout:
    """Return the layout of named units: near are the others of the same state, farther those of the rest.

    Surroundings count by their mean, so that a state of many units weighs no more than one of few.
    """
    codes = np.asarray(states, dtype=np.int32)
    same = codes[:, None] == codes[None, :]
    np.fill_diagonal(same, False)
    others = codes[:, None] != codes[None, :]
    empty = sparse.csr_matrix(same.shape, dtype=np.float32)
    return Layout("admin1", "ocha", tuple(areas), codes, (_mean(same), _mean(others), empty))


def _ring(cells: NDArray[np.int32], outer: int, inner: int) -> sparse.csr_matrix:
    place = np.full(grid.CELLS + 1, -1, dtype=np.int64)
    place[cells] = np.arange(len(cells))
    offsets = np.arange(-outer, outer + 1)
    up, right = (axis.ravel() for axis in np.meshgrid(offsets, offsets, indexing="ij"))
    outside = np.maximum(np.abs(up), np.abs(right))[(up != 0) | (right != 0)] > inner
    around = grid.neighbour_table(cells, outer)[:, outside]
    found = np.where(around > 0, place[around], -1)
    row, column = np.nonzero(found >= 0)
    ones = np.ones(len(row), dtype=np.float32)
    return sparse.csr_matrix((ones, (row, found[row, column])), shape=(len(cells), len(cells)))


def _mean(beside: NDArray[np.bool_]) -> sparse.csr_matrix:
    count = np.maximum(beside.sum(axis=1, keepdims=True), 1)
    return sparse.csr_matrix((beside / count).astype(np.float32))
