"""The map of the world as paths of an SVG, drawn once for each month's borders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tocsin import areas
from tocsin.maps import region_frame
from tocsin.maps.frame import REGIONS, Frame, clipped, shapes_in
from tocsin.maps.projection import Points

WIDTH = 1000
"""Units across the whole map; one is about 40 km at the equator."""

STEP = 0.7
"""Points nearer to the last one than this many units are left out."""

SMALL = 2.6
"""Units: a state smaller than this is marked by a ring, so that it can be seen and pointed at."""


@dataclass(frozen=True)
class Place:
    """A state on the map: its path, and the middle and size of its largest piece of land, in units."""

    gw: int
    path: str
    x: float
    y: float
    size: float

    @property
    def small(self) -> bool:
        """Whether it is too small to be seen by its area."""
        return self.size < SMALL


@dataclass(frozen=True)
class Atlas:
    """Every state that exists in a month, and land that no state here holds, on one plane."""

    width: int
    height: float
    places: tuple[Place, ...]
    rest: str
    regions: tuple[tuple[str, str], ...]

    def window(self, region: str | None) -> str:
        """Return the view box that shows a region, the whole map for None."""
        return dict(self.regions).get(region or "", f"0 0 {self.width} {self.height:.0f}")


@lru_cache(maxsize=2)
def atlas(month: int) -> Atlas:
    """Return the map with the borders of the end of a month, in the Equal Earth projection."""
    frame = region_frame("world", month=month)
    scale = WIDTH / (frame.right - frame.left)
    height = (frame.top - frame.bottom) * scale
    corner = np.array([frame.left, frame.top])
    paths: dict[int, list[str]] = {}
    largest: dict[int, tuple[float, float, float]] = {}
    rest: list[str] = []
    for shape, rings in shapes_in(areas.world_topology(), frame):
        gw = areas.holder(shape.code, month) if shape.code else None
        for ring in rings:
            points = thinned((clipped(ring, frame) - corner) * np.array([scale, -scale]), STEP)
            if len(points) < 3:
                continue
            drawn = path(points)
            if gw is None:
                rest.append(drawn)
                continue
            paths.setdefault(gw, []).append(drawn)
            low, high = points.min(axis=0), points.max(axis=0)
            size = float(np.sqrt(max((high - low).prod(), 0.0)))
            if size > largest.get(gw, (0.0, 0.0, -1.0))[2]:
                middle = (low + high) / 2
                largest[gw] = (float(middle[0]), float(middle[1]), size)
    places = tuple(Place(gw, "".join(paths[gw]), *largest[gw]) for gw in sorted(paths))
    windows = tuple((name, _window(box, frame, scale)) for name, box in REGIONS.items())
    return Atlas(WIDTH, height, places, "".join(rest), windows)


def thinned(ring: Points, step: float) -> Points:
    """Return a ring in units without the points that are nearer than `step` to the last one left."""
    left = [0] if len(ring) else []
    for row in range(1, len(ring)):
        if np.abs(ring[row] - ring[left[-1]]).max() >= step:
            left.append(row)
    # What would vanish stays as it is: a small state has few points anyway.
    return ring[left] if len(left) > 3 else ring


def path(points: Points) -> str:
    """Return a ring in units as a closed path of an SVG, to a tenth of a unit."""
    start = points[0].round(1)
    steps = np.diff(points.round(1), axis=0).round(1)
    return f"M{_pair(start)}l" + " ".join(_pair(step) for step in steps) + "z"


def _pair(point: Points) -> str:
    return f"{point[0]:g},{point[1]:g}"


def _window(box: tuple[float, float, float, float], frame: Frame, scale: float) -> str:
    west, south, east, north = box
    edge = [(lon, lat) for lon in np.linspace(west, east, 9) for lat in (south, north)]
    edge += [(lon, lat) for lat in np.linspace(south, north, 9) for lon in (west, east)]
    placed = (frame.project(np.array(edge)) - np.array([frame.left, frame.top])) * np.array([scale, -scale])
    low, high = placed.min(axis=0), placed.max(axis=0)
    return f"{low[0]:.0f} {low[1]:.0f} {high[0] - low[0]:.0f} {high[1] - low[1]:.0f}"
