"""What crosses into single cells: the part of a cell's outlook that goes with the cells around it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.areas import grid
from tocsin.local import FittedLocal, LocalHistory
from tocsin.local.layout import NO_STATE, Layout, Rings
from tocsin.spillover.reach import DIRECTIONS

_HALF_LIFE = 6.0


@dataclass(frozen=True)
class CellSpillover:
    """What the cells around one cell add to its probability of a death in the next month.

    full: the model's probability. beside: what is added by cells up to two degrees away, of any state;
    abroad: what of it is added by cells that count with another state. Either can be negative: near violence
    can go with less to come. source: the state abroad with the strongest recent violence around; direction:
    where the strongest of it lies, one of DIRECTIONS. Both None where none lies abroad.
    """

    gid: int
    gw: int
    full: float
    beside: float
    abroad: float
    source: int | None
    direction: str | None


def into_cells(fitted: FittedLocal, gw: int | None) -> tuple[CellSpillover, ...]:
    """Return what surroundings add to each covered cell near past events, largest `abroad` first.

    gw: only the cells that count with this state; all when None.

    fitted: a local model of cells (`local.fit`). The same model reads the past again as if no cell around,
    and as if no cell of another state around, had seen any event. The terms are not additive: it is an
    association in the model, not proof of cause. Only located events are known to it.
    """
    history = fitted.history
    layout = history.layout
    rows = fitted.snapshot.rows
    rows = rows[history.covered[rows, -1]]
    if gw is not None:
        rows = np.intersect1d(layout.of_state(gw), rows)
    empty: Rings = tuple(ring * 0 for ring in layout.rings)
    full, alone, closed = (
        _at(fitted, rings).probability([1])[rows, 0]
        for rings in (layout.rings, empty, _within_states(layout))
    )
    heat = _heat(history)
    found = []
    for row, whole, bare, shut in zip(rows.tolist(), full, alone, closed, strict=True):
        source, direction = _strongest(layout, heat, row)
        found.append(
            CellSpillover(
                int(layout.areas[row]),
                int(layout.states[row]),
                float(whole),
                float(whole - bare),
                float(whole - shut) if source else 0.0,
                source,
                direction,
            )
        )
    return tuple(sorted(found, key=lambda cell: (-cell.abroad, -cell.beside, cell.gid)))


def unknown_around(history: LocalHistory, gw: int) -> tuple[int, ...]:
    """Return the other states whose cells around those of a state are mostly not covered at the origin.

    Not wholly: the event of a state that is covered may lie in a cell that counts with one that is not.
    """
    layout = history.layout
    own = layout.of_state(gw)
    around = np.unique(np.concatenate([ring[own].indices for ring in layout.rings]))
    codes, state = np.unique(layout.states[around], return_inverse=True)
    known = np.bincount(state, history.covered[around, -1]) / np.bincount(state)
    return tuple(np.setdiff1d(codes[known < 0.5], [gw, NO_STATE]).tolist())


def _at(fitted: FittedLocal, rings: Rings) -> FittedLocal:
    history = fitted.history
    return fitted.at(dataclasses.replace(history, layout=dataclasses.replace(history.layout, rings=rings)))


def _within_states(layout: Layout) -> Rings:
    """Return the rings without the neighbours that count with another state."""
    closed = []
    for ring in layout.rings:
        pairs = ring.tocoo()
        same = layout.states[pairs.row] == layout.states[pairs.col]
        closed.append(type(ring)((pairs.data[same], (pairs.row[same], pairs.col[same])), shape=ring.shape))
    return closed[0], closed[1], closed[2]


def _heat(history: LocalHistory) -> NDArray[np.float64]:
    """Return float64 [area]: months with deaths, fading by half in six months."""
    age = np.arange(len(history.panel.span))[::-1]
    out = np.zeros(len(history.layout.areas))
    out[history.seen] = (history.deaths > 0) @ 2.0 ** (-age / _HALF_LIFE)
    return out


def _strongest(layout: Layout, heat: NDArray[np.float64], row: int) -> tuple[int | None, str | None]:
    around = np.concatenate([ring[row].indices for ring in layout.rings])
    weight = np.repeat([1.0, 0.5, 0.25], [ring[row].nnz for ring in layout.rings]) * heat[around]
    abroad = (layout.states[around] != layout.states[row]) & (layout.states[around] != NO_STATE)
    weight = np.where(abroad, weight, 0.0)
    if not weight.any():
        return None, None
    place = int(around[np.argmax(weight)])
    lat, lon = grid.centres([int(layout.areas[row]), int(layout.areas[place])])
    angle = np.degrees(np.arctan2(lon[1] - lon[0], lat[1] - lat[0]))
    return int(layout.states[place]), DIRECTIONS[round(angle / 45.0) % 8]
