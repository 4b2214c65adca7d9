"""Rings of points in the plane: how large they are, where their middle is, what lies in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.maps.projection import Points


def extent(ring: Points) -> float:
    """Return the surface of a ring, in squares of its unit."""
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def middle(ring: Points) -> tuple[float, float]:
    """Return the centroid of a ring, or where that lies outside, the inner point farthest from the edge."""
    here = ring.mean(axis=0)
    x, y = (ring - here).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    if abs(cross.sum()) > 1e-12:
        shift = [((p + np.roll(p, -1)) * cross).sum() / (3 * cross.sum()) for p in (x, y)]
        here = here + np.array(shift)
    if not within(ring, here[None])[0]:
        low, high = ring.min(axis=0), ring.max(axis=0)
        across, up = (np.linspace(a, b, 42)[1:-1] for a, b in zip(low, high, strict=True))
        spots = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        spots = spots[within(ring, spots)]
        if len(spots):
            room = np.hypot(*(spots[:, None] - ring[None]).transpose(2, 0, 1)).min(axis=1)
            here = spots[room.argmax()]
    return float(here[0]), float(here[1])


def within(ring: Points, spots: Points) -> NDArray[np.bool_]:
    """Return which points lie inside a ring, by counting the edges to their east."""
    (x, y), (u, v) = ring.T, np.roll(ring, -1, axis=0).T
    level = spots[:, 1, None]
    crosses = (y > level) != (v > level)
    at = x + (level - y) * (u - x) / np.where(v == y, 1.0, v - y)
    return np.asarray((crosses & (spots[:, 0, None] < at)).sum(axis=1) % 2 == 1)
