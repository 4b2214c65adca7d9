"""The shipped boundaries: simplified outlines of today's land, and of admin-1 units, as shared lines.

Outlines are kept as a topology: each stretch of border once, with the shapes on either side of it. So borders
that did not exist in a month can be left out, and no line is drawn twice.
Source: Natural Earth, public domain; how it was simplified: `areas/build_boundaries.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]
"""Points of a line: float64 [point, 2], longitude and latitude in degrees, unbroken at the antimeridian."""

Side = Literal["coast", "border", "disputed", "inner"]


@dataclass(frozen=True)
class Shape:
    """One outline: `code` of the land or unit, the map's own name for it, and its rings as arc numbers.

    code is empty for land that no state here holds. `disputed` marks land whose status is contested.
    """

    code: str
    name: str
    disputed: bool
    polygons: tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True, eq=False)
class Topology:
    """Shapes and the arcs they share (TopoJSON 2.1.4: a negative arc number runs backwards)."""

    shapes: tuple[Shape, ...]
    arcs: tuple[Line, ...]

    def rings(self, shape: Shape) -> list[Line]:
        """Return the closed rings of a shape, holes among them running the other way."""
        return [self._ring(arcs) for polygon in shape.polygons for arcs in polygon]

    def lines(self, owner: Callable[[Shape], Hashable]) -> Iterator[tuple[Side, Line]]:
        """Yield every line with what it parts, by who owns the shapes on either side.

        `coast`: one side only. `border`: two owners. `disputed`: one owner, but either side is contested
        land. `inner`: one owner, nothing contested.
        """
        for number, users in self._users.items():
            owners = {owner(shape) for shape in users}
            if len(users) == 1:
                side: Side = "coast"
            elif len(owners) > 1:
                side = "border"
            else:
                side = "disputed" if any(shape.disputed for shape in users) else "inner"
            yield side, self.arcs[number]

    @cached_property
    def _users(self) -> dict[int, list[Shape]]:
        users: dict[int, list[Shape]] = {}
        for shape in self.shapes:
            for polygon in shape.polygons:
                for arcs in polygon:
                    for arc in arcs:
                        users.setdefault(arc if arc >= 0 else ~arc, []).append(shape)
        return dict(sorted(users.items()))

    def _ring(self, arcs: Sequence[int]) -> Line:
        parts = [self.arcs[arc] if arc >= 0 else self.arcs[~arc][::-1] for arc in arcs]
        ring = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
        ring[:, 0] = np.unwrap(ring[:, 0], period=360.0)
        return ring


def world_topology() -> Topology:
    """Return the outlines of today's land (Natural Earth 4.1, 1:50 million, simplified to about 5 km).

    Codes are those that `areas.holder` reads; Antarctica is left out. Lines are where Natural Earth draws
    them, which is who holds the land, and say nothing about who should.
    """
    return _read("countries.topo.json")


def admin1_topology() -> Topology:
    """Return the outlines of the admin-1 units of eight West African countries, as of about 2012.

    Codes are keys of `areas.admin1`, such as `ML09@2012` (Natural Earth, simplified to about 2 km).
    """
    return _read("admin1.topo.json")


@cache
def _read(name: str) -> Topology:
    file = resources.files("tocsin.areas") / "data" / name
    raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Topology(
        shapes=tuple(
            Shape(
                g["properties"]["code"], g["properties"]["name"], g["properties"].get("disputed", False),
                tuple(tuple(tuple(ring) for ring in polygon) for polygon in g["arcs"]),
            )
            for g in raw["objects"]["shapes"]["geometries"]
        ),
        arcs=tuple(arcs_of(raw)),
    )  # fmt: skip


def arcs_of(topology: dict[str, Any]) -> Iterator[Line]:
    """Yield the arcs of a quantised TopoJSON in degrees (TopoJSON 2.1.2 and 2.1.3: scale and deltas)."""
    scale, translate = (np.array(topology["transform"][key], dtype=float) for key in ("scale", "translate"))
    for arc in topology["arcs"]:
        line = np.cumsum(np.array(arc, dtype=float), axis=0) * scale + translate
        line[:, 0] = np.unwrap(line[:, 0], period=360.0)
        yield line
