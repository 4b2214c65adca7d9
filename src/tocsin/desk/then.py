"""One month of a replay as it stood then: a map of the country and its surroundings, and a fan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from tocsin import areas, months
from tocsin.desk.atlas import path, thinned
from tocsin.desk.fan import HISTORY, Fan, fan
from tocsin.desk.memory import kept
from tocsin.desk.replay import Played
from tocsin.errors import UnknownName
from tocsin.forecast import Forecast
from tocsin.kinds import KINDS
from tocsin.maps import country_frame
from tocsin.maps.frame import clipped, shapes_in
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.replay.replay import PARTS
from tocsin.replay.walk import arrays

SIZE = 620
"""Units across the longer side of the map."""

STEP = 0.8
"""Points nearer to the last one than this many units are left out."""

NEAR = (300.0, 900.0)
"""Kilometres around the country that are shown, at least and at most; between them half its own extent."""


@dataclass(frozen=True)
class Stood:
    """One country in a month of a replay: chance of 25 deaths in three months, deaths expected, and rank."""

    probability: float
    expected: float
    rank: int | None


@dataclass(frozen=True)
class Around:
    """The country and those around it as paths, and what was said of each.

    shapes: Gleditsch-Ward code of the holder (None: no state here) and path. focus: the country.
    stood: by Gleditsch-Ward code, what the record of the replay holds.
    whole: whether the record holds every country; an older one holds the country alone.
    """

    shapes: tuple[tuple[int | None, str], ...]
    size: tuple[float, float]
    focus: int
    stood: Mapping[int, Stood]
    whole: bool


def around(found: Played, month: str, track: str) -> Around | None:
    """Return the map of a month on a track; None for a country that cannot be named or has no outline."""
    gw = found.gw
    if gw is None:
        return None
    last = months.parse(month)
    try:
        shapes, size = kept(("land", gw, holders(last)), lambda: _land(gw, last))
    except UnknownName:
        return None
    held = _stood(found, month, track)
    own = _own(found, gw, month, track)
    return Around(shapes, size, gw, held if held is not None else own, held is not None)


def _stood(found: Played, month: str, track: str) -> dict[int, Stood] | None:
    if found.countries is None:
        return None
    rows = found.countries.filter(month=month, track=track).select(
        "gw", "p_25_next_3", "expected_next_3", "rank"
    )
    return {gw: Stood(chance, expected, rank) for gw, chance, expected, rank in rows.iter_rows()}


def _own(found: Played, gw: int, month: str, track: str) -> dict[int, Stood]:
    row = found.row(month, track)
    if row is None or not row["p_25_next_3"]:
        return {}
    rank = int(float(row["rank"])) if row["rank"] else None
    return {gw: Stood(float(row["p_25_next_3"]), float(row["expected_next_3"]), rank)}


@cache
def holders(month: int) -> tuple[int | None, ...]:
    """Return the state that holds each shape of the world at the end of a month: the same, the same map."""
    shapes = areas.world_topology().shapes
    return tuple(areas.holder(shape.code, month) if shape.code else None for shape in shapes)


def _land(gw: int, month: int) -> tuple[tuple[tuple[int | None, str], ...], tuple[float, float]]:
    close = country_frame(gw, month=month)
    extent = 6371.0 * max(close.right - close.left, close.top - close.bottom)
    frame = country_frame(gw, month=month, around_km=min(max(extent / 2, NEAR[0]), NEAR[1]))
    scale = SIZE / max(frame.right - frame.left, frame.top - frame.bottom)
    corner = np.array([frame.left, frame.top])
    paths: dict[int | None, list[str]] = {}
    for shape, rings in shapes_in(areas.world_topology(), frame):
        holder = areas.holder(shape.code, month) if shape.code else None
        for ring in rings:
            points = (clipped(ring, frame) - corner) * np.array([scale, -scale])
            if len(points) > 2:
                paths.setdefault(holder, []).append(path(thinned(points, STEP)))
    size = ((frame.right - frame.left) * scale, (frame.top - frame.bottom) * scale)
    # The country itself last, so that its outline lies on top.
    order = sorted(paths, key=lambda one: (one is not None, one == gw, one or 0))
    return tuple((one, "".join(paths[one])) for one in order), size


def fan_of(found: Played, month: str, track: str) -> Fan | None:
    """Return the chart of a month on a track: what had happened up to the last month known, and the fan.

    What had happened is told by the release in hand, as far as the replay reveals it. None where nothing was
    forecast, or the folder holds no part of the month that can be read.
    """
    row, gw = found.row(month, track), found.gw
    if row is None or gw is None or row["assessed"] != "True":
        return None
    packed = arrays(found.folder / PARTS / f"{month}.npz", [track])
    if packed is None:
        return None
    path = packed[track]
    origin = months.parse(row["origin"])
    made = Forecast(
        level="country", scheme="gw", areas=(gw,), origin=origin, steps=tuple(range(1, len(path) + 1)),
        target="total", method=found.summary["method"], draws=path[None], assessed=np.array([True]),
        inputs=found.summary.get("replay_sha256", ""),
    )  # fmt: skip
    return fan(made, gw, _past(found, gw, origin))


def _past(found: Played, gw: int, origin: int) -> Panel | None:
    """Return the months of the replay up to one, as they were revealed; None before the first."""
    first = max(months.parse(found.months[0]), origin - HISTORY + 1)
    if first > origin:
        return None
    span = Span(first, origin)
    deaths = np.zeros((1, len(span), len(KINDS)), dtype=np.int32)
    covered = np.zeros((1, len(span)), dtype=np.bool_)
    for place, month in enumerate(span):
        seen = found.rows.get(months.label(month), ({},))[0]
        parts = [seen.get(f"deaths_{kind}") for kind in KINDS]
        if all(parts):
            deaths[0, place] = [int(float(part or 0)) for part in parts]
        elif seen.get("deaths_revealed"):
            # Vintages of one country do not tell kinds apart; the sum of the kinds is what is drawn.
            deaths[0, place, 0] = int(float(seen["deaths_revealed"]))
        covered[0, place] = bool(seen.get("deaths_revealed"))
    return Panel(
        level="country", scheme="gw", areas=(gw,), span=span, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=months.last_day(origin), releases=tuple(found.summary.get("releases", ())), basis="as revealed",
    )  # fmt: skip
