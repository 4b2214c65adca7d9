"""Which states lie within reach of a state: those that touch it, and those whose land is near."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin import areas
from tocsin.areas import grid

REACH_KM = 1000.0
"""How far apart the nearest land of two states may be for violence in one to count as near the other."""

DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
"""Eight directions, clockwise from north."""

_EARTH_KM = 6371.0


@dataclass(frozen=True, order=True)
class Near:
    """A state within reach of another: its code, km between their nearest cells, and whether they touch."""

    gw: int
    km: float
    touches: bool


def within_reach(gw: int, *, month: int) -> tuple[Near, ...]:
    """Return the states within REACH_KM of a state at the end of a month, by code.

    km is that between the centres of the nearest half-degree cells, 0 where the states touch by land
    (`areas.neighbours`). A state without a cell of its own (very small islands) has none within reach unless
    it touches. UnknownName where the state does not exist then.
    """
    state = areas.country(gw, month=month).gw
    return _table(month).get(state, ())


def has_cells(gw: int, *, month: int) -> bool:
    """Return whether a state has a half-degree cell of its own at the end of a month.

    Very small states have none (Singapore, Monaco): how far they are from states that they do not touch is
    not measured.
    """
    return gw in _edges(month)


def direction(gw: int, towards: int, *, month: int) -> str | None:
    """Return where one state lies as seen from another at the end of a month, one of DIRECTIONS.

    gw: the state seen from; towards: the one seen. The direction is that of the great circle between the
    middles of their outlines. None where either has no cell of its own (very small islands).
    """
    middles = _middles(month)
    if gw not in middles or towards not in middles or gw == towards:
        return None
    here, there = middles[gw], middles[towards]
    east = np.cross([0.0, 0.0, 1.0], here)
    angle = np.degrees(np.arctan2(there @ east, there @ np.cross(here, east)))
    return DIRECTIONS[round(float(angle) / 45.0) % 8]


@cache
def _middles(month: int) -> dict[int, NDArray[np.float64]]:
    """Return, by state, the unit vector towards the mean of its outline."""
    means = {gw: points.mean(axis=0) for gw, points in _edges(month).items()}
    return {gw: mean / np.linalg.norm(mean) for gw, mean in means.items()}


@cache
def _table(month: int) -> dict[int, tuple[Near, ...]]:
    """Return what is within reach of every state at the end of a month."""
    codes = sorted(state.gw for state in areas.countries(month=month))
    beside = {gw: set(areas.neighbours(gw, month=month)) for gw in codes}
    trees = {gw: cKDTree(points) for gw, points in _edges(month).items()}
    limit = 2.0 * np.sin(REACH_KM / _EARTH_KM / 2.0)
    found: dict[int, list[Near]] = {gw: [] for gw in beside}
    for place, first in enumerate(codes):
        for second in codes[place + 1 :]:
            touches = second in beside[first]
            km = 0.0
            if not touches:
                if first not in trees or second not in trees:
                    continue
                chord = _nearest(trees[first], trees[second], limit)
                if chord is None:
                    continue
                km = round(2.0 * _EARTH_KM * float(np.arcsin(chord / 2.0)), 0)
            found[first].append(Near(second, km, touches))
            found[second].append(Near(first, km, touches))
    return {gw: tuple(sorted(near)) for gw, near in found.items()}


def _nearest(first: cKDTree, second: cKDTree, limit: float) -> float | None:
    """Return the shortest chord between two sets of points on the unit sphere, None beyond `limit`."""
    apart = np.maximum(np.maximum(first.mins - second.maxes, second.mins - first.maxes), 0.0)
    if float(np.sqrt((apart**2).sum())) > limit:
        return None
    small, large = (first, second) if first.n <= second.n else (second, first)
    chords, _ = large.query(small.data, distance_upper_bound=limit)
    shortest = float(chords.min())
    return shortest if np.isfinite(shortest) else None


@cache
def _edges(month: int) -> dict[int, NDArray[np.float64]]:
    """Return, by state, unit vectors of its cells that have a neighbour of another state or the sea."""
    table = areas.cells(month=month).drop_nulls("gw")
    gids, holders = table["gid"].to_numpy(), table["gw"].to_numpy()
    holder = np.zeros(grid.CELLS + 1, dtype=np.int32)
    holder[gids] = holders
    inner = (holder[grid.neighbour_table(gids)] == holders[:, None]).all(axis=1)
    lat, lon = (np.radians(angle) for angle in grid.centres(gids[~inner]))
    points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    return {int(gw): points[holders[~inner] == gw] for gw in np.unique(holders[~inner])}
