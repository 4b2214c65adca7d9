"""What part of the world a map shows, and in which projection."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from tocsin import areas
from tocsin.areas.boundaries import Shape, Topology
from tocsin.areas.holders import parts
from tocsin.areas.lookup import held
from tocsin.errors import UnknownName
from tocsin.maps.projection import RIM, Points, Projection, around, densified, unbroken, world
from tocsin.text import LANGUAGES, say

WORLD = "world"

# West, south, east and north of what is shown, in degrees: land overseas is left outside.
REGIONS: dict[str, tuple[float, float, float, float]] = {
    "Africa": (-19, -36, 53, 38.5),
    "Americas": (-125, -56, -33, 60),
    "Asia": (44, -46, 180, 56),
    "Europe": (-12, 35, 50, 70.5),
    "Middle East": (24, 11.5, 64, 42.5),
}

WEST_AFRICA = "West Africa"
_WEST = (-18.0, 4.0, 16.5, 25.5)

EARTH_KM = 6371.0

NEAR = 8.0
"""Degrees within which an island belongs to the frame of its country's largest piece of land."""


@dataclass(frozen=True)
class Frame:
    """A window on the plane: `name` for the file and title, x and y of its edges, and how to get there.

    gws: the Gleditsch-Ward codes the map is about; None for all.
    """

    name: str
    left: float
    bottom: float
    right: float
    top: float
    project: Projection = field(compare=False, repr=False)
    gws: tuple[int, ...] | None = None
    whole: bool = False

    def place(self, line: Points) -> Points:
        """Return a line of longitudes and latitudes on the plane."""
        return self.project(densified(unbroken(line) if self.whole else line))

    def shows(self, points: Points) -> bool:
        """Return whether something of a line on the plane may lie in the window."""
        if not self.whole and np.all(np.hypot(points[:, 0], points[:, 1]) > RIM - 1e-9):
            return False
        low, high = points.min(axis=0), points.max(axis=0)
        return bool(
            low[0] < self.right and high[0] > self.left and low[1] < self.top and high[1] > self.bottom
        )

    @property
    def aspect(self) -> float:
        """Height over width."""
        return (self.top - self.bottom) / (self.right - self.left)


def country_frame(gw: int, *, month: int, around_km: float = 0.0) -> Frame:
    """Return the frame of a state with its surroundings: its largest piece of land and what lies near it.

    around_km: how much more is shown on every side.
    Raises UnknownName where the state does not exist at the end of the month or has no outline: it is too
    small (Tuvalu), or the line that divided its land is not kept (West Germany).
    """
    state = areas.country(gw, month=month)
    topology = areas.world_topology()
    mine = [s for s in topology.shapes if s.code and areas.holder(s.code, month) == state.gw]
    rings = [ring for shape in mine for ring in topology.rings(shape)]
    if not rings:
        theirs = (held(month).get(unit) for s in topology.shapes if s.code for unit in parts(s.code))
        raise UnknownName("maps.divided" if state.gw in theirs else "maps.no_outline", name=state.name())
    largest = max(rings, key=lambda r: float(np.ptp(r[:, 0]) * np.ptp(r[:, 1])))
    low, high = largest.min(axis=0), largest.max(axis=0)
    near = [r for r in rings if np.all(r.mean(axis=0) > low - NEAR) and np.all(r.mean(axis=0) < high + NEAR)]
    points = np.concatenate(near)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    project = around(float(middle[0]), float(middle[1]))
    made = _fitted(state.name("en"), project, near, margin=0.08, gws=(state.gw,))
    more = around_km / EARTH_KM
    return dataclasses.replace(
        made, left=made.left - more, bottom=made.bottom - more, right=made.right + more, top=made.top + more
    )


def region_frame(name: str, *, month: int) -> Frame:
    """Return the frame of one of UCDP's five regions, of eight states of `West Africa`, or of the `world`.

    Raises UnknownName, with the choices, for another name.
    """
    choice = _plain(name)
    if choice == WORLD:
        edges = [np.array([[lon, lat] for lat in np.arange(-57, 84.1, 1.0)]) for lon in (-168.9, 190.9)]
        return _fitted(WORLD, world(), edges, margin=0.01, gws=None, whole=True)
    for region, (west, south, east, north) in {**REGIONS, WEST_AFRICA: _WEST}.items():
        if choice in _names(region):
            project = around((west + east) / 2, (south + north) / 2)
            corners = np.array(
                [[west, south], [east, south], [east, north], [west, north], [west, south]], float
            )
            if region == WEST_AFRICA:
                gws = areas.admin1_countries()
            else:
                gws = tuple(c.gw for c in areas.countries(month=month) if c.region == region)
            return _fitted(region, project, [densified(corners)], margin=0.0, gws=gws)
    raise UnknownName("maps.unknown_region", value=name, choices=", ".join([*REGIONS, WEST_AFRICA, WORLD]))


def _names(region: str) -> set[str]:
    """Return what a region is called in any language, plainly."""
    if region == WEST_AFRICA:
        return {_plain(say("maps.west_africa", language)) for language in LANGUAGES}
    return {_plain(region), *(_plain(areas.region_name(region, language)) for language in LANGUAGES)}


def _plain(name: str) -> str:
    """Return a name without case, and with spaces for hyphens: `west-africa` needs no quotes in a shell."""
    return name.strip().casefold().replace("-", " ")


# One map asks several times, and the same map in another language again.
@lru_cache(maxsize=4)
def shapes_in(topology: Topology, frame: Frame) -> list[tuple[Shape, list[Points]]]:
    """Return the shapes that a frame shows, each with its rings in it on the plane; not to be changed."""
    found = []
    for shape in topology.shapes:
        rings = [placed for ring in topology.rings(shape) if frame.shows(placed := frame.place(ring))]
        if rings:
            found.append((shape, rings))
    return found


def clipped(ring: Points, frame: Frame) -> Points:
    """Return the part of a ring that lies in the window, without points if none does.

    Source: Sutherland & Hodgman (1974), Communications of the ACM 17(1):32-42.
    """
    for axis, edge, sign in (
        (0, frame.left, 1),
        (0, frame.right, -1),
        (1, frame.bottom, 1),
        (1, frame.top, -1),
    ):
        if not len(ring):
            break
        after = np.roll(ring, -1, axis=0)
        inside, next_inside = sign * (ring[:, axis] - edge) >= 0, sign * (after[:, axis] - edge) >= 0
        crosses = inside != next_inside
        step = np.where(crosses, after[:, axis] - ring[:, axis], 1.0)
        cut = ring + ((edge - ring[:, axis]) / step)[:, None] * (after - ring)
        pairs = np.stack([ring, cut], axis=1)
        ring = pairs[np.stack([inside, crosses], axis=1)]
    return ring


def _fitted(
    name: str, project: Projection, lines: Iterable[Points], *, margin: float,
    gws: tuple[int, ...] | None, whole: bool = False,
) -> Frame:  # fmt: skip
    points = np.concatenate([project(line) for line in lines])
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    pad = margin * max(right - left, top - bottom)
    return Frame(name, left - pad, bottom - pad, right + pad, top + pad, project, gws, whole)
