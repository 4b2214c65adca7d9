"""A map of values by country, admin-1 unit or grid cell, as PNG or SVG."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np

from tocsin import areas
from tocsin.areas import grid
from tocsin.areas.boundaries import Shape, Topology
from tocsin.drawing import check_out, paper, plain, save
from tocsin.errors import UnknownName
from tocsin.maps.frame import Frame, clipped, shapes_in
from tocsin.maps.legend import Legend
from tocsin.maps.projection import CUT, Points
from tocsin.maps.rings import extent, middle
from tocsin.text import Language, current_language, say

Level = Literal["country", "admin1", "cell"]
Area = int | str

SEA = "#eaf0f4"
CONTEXT = "#d9d9d9"
HATCH = "#8c8c8c"
INK = "#1a1a1a"
ARROW = "#1f4e79"

# Inches: the map is about this wide, within these bounds of height and width; the legend stands beside it.
WIDE, LOWEST, HIGHEST, NARROWEST, WIDEST = 6.75, 4.3, 8.6, 5.0, 11.0
LEGEND = 2.2
EDGE = 0.12


@dataclass(frozen=True, eq=False)
class Map:
    """What a map shows.

    level:  whose values: `country` (Gleditsch-Ward codes), `admin1` (keys, `ML08@2012`) or `cell` (gids).
    month:  month id whose borders are drawn.
    values: number or state by area; an area missing, None or NaN is *not assessed* and hatched.
    labels: words to print on areas, by the same keys.
    arrows: from one country to another, with the width in points; drawn in their order, the last on top.
    unsaid: what the hatched legend entry says; *not assessed* when empty.
    title, question: what is shown; heading: title of the legend.
    notes:  lines below the map: as-of, source, method.
    """

    level: Level
    month: int
    frame: Frame
    # By Area, which checkers take for another key than the int of a reader's own dict.
    values: Mapping[Any, float | str | None]
    legend: Legend
    title: str
    question: str
    heading: str
    notes: tuple[str, ...]
    labels: Mapping[Any, str] = field(default_factory=dict)
    arrows: tuple[tuple[int, int, float], ...] = ()
    unsaid: str = ""


def draw(chart: Map, path: str | Path, language: Language | None = None) -> None:
    """Write a map as PNG (150 dots an inch) or SVG, by the file's ending; the same bytes every time.

    Raises BadInput for another ending, a folder that does not exist or a place that refuses it.
    """
    check_out(path)
    tongue = language or current_language()
    with plain(9, hatching=0.7):
        width, height = _paper(chart.frame)
        # NaN alone differs from itself.
        assessed = {
            area: value for area, value in chart.values.items() if value is not None and value == value
        }
        chart = dataclasses.replace(chart, frame=_stretched(chart.frame, height / width), values=assessed)
        whole = EDGE + width + LEGEND
        notes = _notes(chart, tongue, whole - 2 * EDGE)
        below, above = 0.20 + 0.17 * len(notes), 0.72
        total = height + below + above
        figure = paper(whole, total, dpi=150)
        box = (EDGE / whole, below / total, width / whole, height / total)
        axes = figure.add_axes(box, facecolor=SEA)
        _draw_land(axes, chart)
        _set_window(axes, chart.frame)
        _draw_arrows(axes, chart)
        _write_labels(axes, chart, width)
        _write_legend(figure, chart, box, tongue)
        for up, text, size, weight in (
            (0.30, chart.title, 14.0, "bold"),
            (0.55, chart.question, 9.5, "normal"),
        ):
            # Bold letters are about 0.67 of their size wide, plain ones 0.57: a long line is set smaller.
            fits = (whole - 2 * EDGE) * 72 / (len(text) * (0.67 if weight == "bold" else 0.57))
            figure.text(
                box[0], 1 - up / total, text, size=min(size, fits), weight=weight, color=INK, va="center"
            )
        for row, note in enumerate(reversed(notes)):
            figure.text(box[0], (0.13 + 0.17 * row) / total, note, size=7, color="#4d4d4d", va="center")
        save(figure, path)


def _draw_land(axes: Any, chart: Map) -> None:
    world = areas.world_topology()
    visible = shapes_in(world, chart.frame)
    owner = {shape: _owner(shape, chart.month) for shape, _ in visible}
    if chart.level == "country":
        for shape, rings in visible:
            _paint(axes, rings, chart, chart.values.get(owner[shape] or 0))
    mine: list[Points] = []
    if chart.level != "country":
        for shape, rings in visible:
            if chart.level == "cell" and (chart.frame.gws is None or owner[shape] in chart.frame.gws):
                _paint(axes, rings, chart, None)
                mine += rings
            else:
                _fill(axes, rings, facecolor=CONTEXT)
    if chart.level == "admin1":
        units = _chosen_units(chart)
        for shape, rings in units:
            _paint(axes, rings, chart, chart.values.get(shape.code))
        _stroke(axes, areas.admin1_topology(), chart.frame, {s.code for s, _ in units})
    if mine:
        _draw_cells(axes, chart, mine)
    _borders(axes, world, chart)


def _owner(shape: Shape, month: int) -> int | None:
    return areas.holder(shape.code, month) if shape.code else None


def _chosen_units(chart: Map) -> list[tuple[Shape, list[Points]]]:
    held = set(areas.admin1_countries())
    chosen = held if chart.frame.gws is None else held & set(chart.frame.gws)
    wanted = {u.key for gw in sorted(chosen) for u in areas.admin1_units(gw)}
    return [(s, rings) for s, rings in shapes_in(areas.admin1_topology(), chart.frame) if s.code in wanted]


def _paint(axes: Any, rings: list[Points], chart: Map, value: float | str | None) -> None:
    if value is None:
        _fill(axes, rings, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0)
    else:
        _fill(axes, rings, facecolor=chart.legend.colour(value))


def _fill(axes: Any, rings: list[Points], **style: Any) -> None:
    from matplotlib.patches import PathPatch

    # Not as a patch: the window is set, and finding the limits of every outline takes as long as drawing it.
    axes.add_artist(PathPatch(_outline(rings), **{"linewidth": 0, "zorder": 1, **style}))


def _outline(rings: list[Points]) -> Any:
    from matplotlib.path import Path as Outline

    return Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))


def _draw_cells(axes: Any, chart: Map, land: list[Points]) -> None:
    """Draw the cells, cut to the land that the map is about: a cell of the coast or a border covers more."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import PathPatch

    strips, colours = [], []
    for west, south, east, north, colour in _strips(chart):
        across = np.arange(west, east + grid.SIDE / 2, grid.SIDE)
        edge = np.concatenate([np.c_[across, np.full(across.size, lat)] for lat in (south, north)])
        edge[across.size :] = edge[across.size :][::-1]
        placed = chart.frame.place(edge)
        if chart.frame.shows(placed):
            strips.append(placed)
            colours.append(colour)
    if not strips:
        return
    cells = PolyCollection(strips, facecolors=colours, edgecolors=colours, linewidths=0.2, zorder=2)
    axes.add_collection(cells)
    whole = PathPatch(_outline(land), transform=axes.transData)
    cells.set_clip_path(whole)


def _strips(chart: Map) -> list[tuple[float, float, float, float, str]]:
    """Return west, south, east, north and colour of runs of cells of one row and colour, by gid.

    None runs over the meridian at which the map of the world is cut.
    """
    found: list[tuple[float, float, float, float, str]] = []
    before = 0
    for gid in sorted(map(int, chart.values)):
        colour = chart.legend.colour(cast("float | str", chart.values[gid]))
        west, south, east, north = grid.bounds(gid)
        joins = gid == before + 1 and west != CUT
        if found and joins and found[-1][1] == south and found[-1][4] == colour:
            found[-1] = (found[-1][0], south, east, north, colour)
        else:
            found.append((west, south, east, north, colour))
        before = gid
    return found


def _draw_arrows(axes: Any, chart: Map) -> None:
    """Draw each arrow from the middle of one country to that of another, bent so that two ways differ."""
    from matplotlib.patches import FancyArrowPatch

    places = _places(chart, {gw for arrow in chart.arrows for gw in arrow[:2]})
    for source, target, width in chart.arrows:
        if source not in places or target not in places:
            continue
        axes.add_patch(
            FancyArrowPatch(
                places[source][:2], places[target][:2], arrowstyle="-|>", mutation_scale=7 + 2 * width,
                linewidth=width, color=ARROW, connectionstyle="arc3,rad=0.18", shrinkA=4, shrinkB=9, zorder=5,
            )
        )  # fmt: skip


def _stroke(axes: Any, topology: Topology, frame: Frame, codes: set[str]) -> None:
    from matplotlib.collections import LineCollection

    drawn = [
        frame.place(line)
        for side, line in topology.lines(lambda shape: shape.code if shape.code in codes else "")
        if side == "border"
    ]
    axes.add_collection(LineCollection(drawn, colors="#595959", linewidths=0.6, zorder=3))


def _borders(axes: Any, topology: Topology, chart: Map) -> None:
    from matplotlib.collections import LineCollection

    ink = "#757575" if chart.level == "country" else INK
    styles = {"coast": ("#7f8c96", 0.4, "-"), "border": (ink, 0.7, "-"), "disputed": (ink, 0.9, (0, (3, 2)))}
    lines = list(topology.lines(lambda shape: _owner(shape, chart.month) or shape.name))
    for wanted, (colour, width, dash) in styles.items():
        placed = [chart.frame.place(line) for side, line in lines if side == wanted]
        drawn = [line for line in placed if chart.frame.shows(line)]
        axes.add_collection(LineCollection(drawn, colors=colour, linewidths=width, linestyles=dash, zorder=4))


def _paper(frame: Frame) -> tuple[float, float]:
    """Return width and height of the map in inches: those of the frame, within the bounds."""
    height = min(max(WIDE * frame.aspect, LOWEST), HIGHEST)
    width = min(max(height / frame.aspect, NARROWEST), WIDEST)
    return width, min(height, max(width * frame.aspect, LOWEST * 0.75))


def _stretched(frame: Frame, aspect: float) -> Frame:
    """Return the frame, widened or heightened to the paper's aspect."""
    wide, high = frame.right - frame.left, frame.top - frame.bottom
    x, y = max(high / aspect - wide, 0.0) / 2, max(wide * aspect - high, 0.0) / 2
    return dataclasses.replace(
        frame, left=frame.left - x, right=frame.right + x, bottom=frame.bottom - y, top=frame.top + y
    )


def _set_window(axes: Any, frame: Frame) -> None:
    axes.set_xlim(frame.left, frame.right)
    axes.set_ylim(frame.bottom, frame.top)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#7f8c96")
        spine.set_linewidth(0.6)


def _write_labels(axes: Any, chart: Map, width: float) -> None:
    """Print the labels, in their order; among many, those that would cover an earlier one are left out."""
    from matplotlib.patheffects import withStroke

    places = _places(chart, set(chart.labels))
    many = chart.level == "country" or chart.frame.gws is None or len(chart.frame.gws) > 1
    size = 6.5 if chart.frame.whole else 7.5
    inch = np.ptp(axes.get_xlim()) / width
    taken: list[tuple[float, float, float, float]] = []
    for key, text in chart.labels.items():
        if key not in places:
            continue
        x, y, room = places[key]
        lines = text.split("\n")
        half = 0.5 * inch * size / 72 * 0.66 * max(len(line) for line in lines)
        rise = 0.5 * inch * size / 72 * 1.3 * len(lines)
        covers = any(abs(x - a) < half + b and abs(y - c) < rise + d for a, b, c, d in taken)
        edges = chart.frame.left + half < x < chart.frame.right - half
        edges &= chart.frame.bottom + rise < y < chart.frame.top - rise
        # A province much narrower than its label would leave the label on others.
        narrow = chart.level == "admin1" and room < 1.2 * half
        if many and (covers or narrow or not edges):
            continue
        taken.append((x, half, y, rise))
        axes.text(
            x, y, text, size=size, color=INK, ha="center", va="center", zorder=6, clip_on=True,
            path_effects=[withStroke(linewidth=2.2, foreground="white")], linespacing=1.15,
        )  # fmt: skip


def _places(chart: Map, wanted: Set[Area]) -> dict[Area, tuple[float, float, float]]:
    """Return x and y of the middle, and the width, of the largest visible piece of each area wanted."""
    if chart.level == "country":
        shapes = shapes_in(areas.world_topology(), chart.frame)
        pieces: list[tuple[Area | None, list[Points]]] = [(_owner(s, chart.month), r) for s, r in shapes]
    elif chart.level == "admin1":
        pieces = [(shape.code, rings) for shape, rings in _chosen_units(chart)]
    else:
        return {}
    largest: dict[Area, Points] = {}
    for key, rings in pieces:
        if key is None or key not in wanted:
            continue
        visible = [piece for ring in rings if len(piece := clipped(ring, chart.frame)) > 2]
        for piece in visible:
            if key not in largest or extent(piece) > extent(largest[key]):
                largest[key] = piece
    return {key: (*middle(ring), float(np.ptp(ring[:, 0]))) for key, ring in largest.items()}


def _write_legend(
    figure: Any, chart: Map, box: tuple[float, float, float, float], language: Language
) -> None:
    from matplotlib.patches import Patch

    entries = [
        Patch(facecolor=c.colour, edgecolor="#595959", linewidth=0.5, label=c.label)
        for c in reversed(chart.legend.classes)
    ]
    unsaid = chart.unsaid or say("maps.not_assessed", language)
    entries.append(Patch(facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.5, label=unsaid))
    if chart.level != "country":
        entries.append(
            Patch(facecolor=CONTEXT, edgecolor="#595959", linewidth=0.5, label=say("maps.outside", language))
        )
    legend = figure.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(box[0] + box[2] + 0.005, box[1] + box[3] + 0.012),
        title=chart.heading, frameon=False, handlelength=1.7, handleheight=1.25, labelspacing=0.45,
        fontsize=8.5, title_fontsize=8.5, alignment="left",
    )  # fmt: skip
    legend.get_title().set_weight("bold")


def _notes(chart: Map, language: Language, width: float) -> list[str]:
    """Return the lines below the map, broken where they would be wider than `width` inches."""
    most = int(width * 72 / (7 * 0.55))
    lines = [*chart.notes, say("maps.borders", language)]
    return [part for line in lines for part in textwrap.wrap(line, most, break_on_hyphens=False)]


def known_level(name: str) -> Level:
    """Return `name` as a level; UnknownName, with the choices, if it is none."""
    for level in get_args(Level):
        if name == level:
            return cast(Level, level)
    raise UnknownName("maps.unknown_level", value=name, choices=", ".join(get_args(Level)))
