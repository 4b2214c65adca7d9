"""Which polygons of a TopoJSON file share a stretch of border."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def shared_borders(
    topology: Mapping[str, Any], layer: str, unit_of: Callable[[Mapping[str, Any]], str | None]
) -> set[tuple[str, str]]:
    """Return the pairs of units, each in ascending order, whose polygons share at least one arc.

    Arcs are shared by number, so touching in a single point makes no pair, and neither the antimeridian nor
    the quantisation of coordinates matters. Polygons for which `unit_of` returns None are left out.
    Source: TopoJSON specification, section 2.1.4 (arc indexes, negative when the arc runs backwards).
    """
    users: dict[int, set[str]] = {}
    for geometry in topology["objects"][layer]["geometries"]:
        unit = unit_of(geometry)
        if unit is None:
            continue
        for arc in _arcs(geometry.get("arcs", [])):
            users.setdefault(arc if arc >= 0 else ~arc, set()).add(unit)
    return {(a, b) for units in users.values() for a in units for b in units if a < b}


def _arcs(nested: Any) -> Iterator[int]:
    if isinstance(nested, int):
        yield nested
        return
    for part in nested:
        yield from _arcs(part)
