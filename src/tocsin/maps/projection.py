"""From longitude and latitude to the plane, so that equal areas of land look equally large."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""float64 [point, 2]."""

Projection = Callable[[Points], Points]
"""Takes degrees of longitude and latitude, returns x and y in earth radii."""


HORIZON = 100.0
"""Degrees from the centre of an azimuthal map beyond which nothing is shown."""

RIM = 2 * float(np.sin(np.radians(HORIZON / 2)))
"""The same on the plane, in earth radii."""


def around(lon: float, lat: float) -> Projection:
    """Return the Lambert azimuthal equal-area projection centred on a point.

    Points beyond the horizon come out on its rim, in their direction, so that no line runs across the map.
    Source: Snyder (1987), Map Projections: a Working Manual, USGS Professional Paper 1395, p. 185.
    """
    north = np.radians(lat)

    def project(points: Points) -> Points:
        east, up = np.radians(points[:, 0] - lon), np.radians(points[:, 1])
        facing = np.sin(north) * np.sin(up) + np.cos(north) * np.cos(up) * np.cos(east)
        x = np.cos(up) * np.sin(east)
        y = np.cos(north) * np.sin(up) - np.sin(north) * np.cos(up) * np.cos(east)
        radius = np.minimum(np.sqrt(np.maximum(2 - 2 * facing, 0.0)), RIM)
        along = np.hypot(x, y)
        stretch = radius / np.where(along > 0, along, 1.0)
        return np.column_stack([x * stretch, y * stretch])

    return project


CUT = -169.0
"""Meridian at which the map of the world is cut: through the Bering Strait, so that no land is."""


def world() -> Projection:
    """Return the Equal Earth projection, cut in the Bering Strait.

    Longitudes are taken as they are once a line is moved between 169 W and 191 E (`unbroken`).
    Source: Šavrič, Patterson & Jenny (2019), Int. J. Geographical Information Science 33(3):454-465.
    """
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    root = np.sqrt(3)

    def project(points: Points) -> Points:
        east, up = np.radians(points[:, 0] - (CUT + 180)), np.radians(points[:, 1])
        t = np.arcsin(root / 2 * np.sin(up))
        slope = a1 + 3 * a2 * t**2 + t**6 * (7 * a3 + 9 * a4 * t**2)
        x = 2 * root * east * np.cos(t) / (3 * slope)
        y = a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t
        return np.column_stack([x, y])

    return project


def unbroken(line: Points) -> Points:
    """Return a line moved by whole turns so that its middle lies between 169 W and 191 E."""
    middle = (line[:, 0].min() + line[:, 0].max()) / 2
    turns = float(np.floor((middle - CUT) / 360.0))
    moved: Points = line - np.array([360.0 * turns, 0.0])
    return moved


def densified(line: Points, step: float = 1.0) -> Points:
    """Return a line with points added so that none is more than `step` degrees from the next.

    A straight border along a parallel then bends as the parallel does.
    """
    gaps = np.abs(np.diff(line, axis=0)).max(axis=1)
    pieces = np.maximum(np.ceil(gaps / step).astype(int), 1)
    whole = np.arange(len(line))
    done = np.repeat(np.cumsum(pieces) - pieces, pieces)
    nth = np.arange(1, pieces.sum() + 1) - done
    at = np.append(0.0, np.repeat(whole[:-1], pieces) + nth / np.repeat(pieces, pieces))
    return np.column_stack([np.interp(at, whole, line[:, 0]), np.interp(at, whole, line[:, 1])])
