"""The picture of control: one small chart a unit, the probabilities of the three states stacked by month."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from tocsin import areas, months
from tocsin.control.control import MEMORY, Control, left_out_notes
from tocsin.control.model import STATES
from tocsin.drawing import check_out, paper, plain, save
from tocsin.panel import released
from tocsin.text import Language, current_language, number, say

COLOURS = {"held": "#9ecae1", "contested": "#d9771a", "beyond": "#3b1703"}
"""Light, middle and dark, so that they differ without colour too."""

MOST = 15
"""Units that one picture shows: those with the most events."""

COLUMNS = 3

LINE = 0.15
"""Inches from one line of the notes to the next."""

WIDEST = 175
"""Letters of the notes that fit side by side."""

HATCH = "#8c8c8c"


def draw_control(found: Control, path: str | Path, language: Language | None = None) -> None:
    """Write the picture as PNG or SVG, by the file's ending; the same bytes every time.

    Months without evidence are hatched. Of more than 15 units those with the most events are shown. Raises
    BadInput for another ending, a folder that does not exist or a place that refuses it, NotAssessed for an
    answer without units.
    """
    check_out(path)
    found.check_units()
    tongue = language or current_language()
    shown = _shown(found)
    rows = -(-len(shown) // COLUMNS)
    notes = _notes(found, len(shown), tongue)
    with plain(8, hatching=0.6):
        below = LINE * len(notes)
        height = 1.3 + below + 1.25 * rows
        figure = paper(10, height, dpi=130)
        grid = figure.subplots(
            rows, COLUMNS, squeeze=False, sharex=True, sharey=True,
            gridspec_kw={
                "left": 0.05, "right": 0.985, "top": 1 - 0.82 / height, "bottom": (0.63 + below) / height,
                "hspace": 0.42, "wspace": 0.08,
            },
        )  # fmt: skip
        for place, axes in enumerate(grid.flat):
            if place < len(shown):
                _draw_unit(axes, found, shown[place], tongue)
            else:
                axes.set_visible(False)
        _set_axes(grid, found, len(shown), tongue)
        _write_words(figure, found, notes, height, tongue)
        save(figure, path)


def _shown(found: Control) -> list[int]:
    """Return the rows to draw, in the order of the units: all, or of those with evidence the busiest."""
    if len(found.units) <= MOST:
        return list(range(len(found.units)))
    most = np.lexsort((-found.known.sum(axis=1), -found.events.sum(axis=1)))[:MOST]
    told = [int(row) for row in most if found.known[row].any()]
    return sorted(told or (int(row) for row in most))


def _draw_unit(axes: Any, found: Control, row: int, language: Language) -> None:
    from matplotlib.patches import Rectangle

    at = np.arange(len(found.span))
    known = found.known[row]
    base = np.zeros(len(at))
    for place in reversed(range(len(STATES))):
        share = np.where(known, found.probability[row, :, place], 0.0)
        for month, (low, high) in enumerate(zip(base.tolist(), share.tolist(), strict=True)):
            # Not by `bar`, which looks after every bar how far the axes must reach: that is set below.
            bar = Rectangle((month - 0.5, low), 1.0, high, facecolor=COLOURS[STATES[place]], linewidth=0)
            axes.add_artist(bar)
        base += share
    for gap in months.runs(np.flatnonzero(~known).tolist()):
        axes.axvspan(
            gap.first - 0.5, gap.last + 0.5, facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0
        )
    busy = at[found.events[row] > 0]
    axes.plot(busy, np.full(busy.size, -0.085), "|", color="black", markersize=4, clip_on=False)
    axes.set_title(found.named(row, language), size=9, loc="left", pad=3, weight="bold")


def _set_axes(grid: Any, found: Control, count: int, language: Language) -> None:
    first = found.span.first
    years = [m - first for m in found.span if (m - 1) % 12 == 0]
    for place, axes in enumerate(grid.flat):
        axes.set_ylim(0, 1)
        axes.set_xlim(-0.5, len(found.span) - 0.5)
        axes.set_yticks([0, 0.5, 1], [number(0), number(0.5, language), number(1)])
        if len(found.span) > 18 and years:
            axes.set_xticks([y - 0.5 for y in years], [months.label(first + y)[:4] for y in years])
        else:
            ticks = range(0, len(found.span), 3)
            axes.set_xticks(list(ticks), [months.label(first + t) for t in ticks])
        axes.tick_params(length=2, labelsize=7, labelbottom=place + COLUMNS >= count, pad=8)
        for spine in axes.spines.values():
            spine.set_color(HATCH)
            spine.set_linewidth(0.5)


def _notes(found: Control, count: int, language: Language) -> list[str]:
    """Return the lines below the charts, none wider than the picture."""
    method = say(f"control.method_{found.method}", language, as_of=found.as_of.isoformat())
    scope = [
        say(f"control.basis_{found.basis}", language),
        *left_out_notes([found], language),
        say("control.source", language, releases=released(found.releases, language)),
    ]
    if count < len(found.units):
        key = "most_shown" if count == MOST else "told_shown"
        scope.insert(0, say(f"control.{key}", language, shown=count, all=len(found.units)))
    return [part for line in (method, " ".join(scope)) for part in textwrap.wrap(line, WIDEST)]


def _write_words(figure: Any, found: Control, notes: list[str], height: float, language: Language) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    where = areas.country(found.gw, month=found.span.last).name(language)
    labels = {"first": months.label(found.span.first), "last": months.label(found.span.last)}
    title = say("control.title", language, where=where, **labels)
    figure.text(0.05, 1 - 0.2 / height, title, size=13, weight="bold", va="center")
    figure.text(0.05, 1 - 0.42 / height, say("control.subtitle", language), size=8.5, va="center")
    handles: list[Any] = [
        Patch(facecolor=COLOURS[s], edgecolor=HATCH, linewidth=0.4, label=say(f"control.state.{s}", language))
        for s in STATES
    ]
    unsaid = say("control.state.unknown", language, months=MEMORY)
    handles.append(Patch(facecolor="white", edgecolor=HATCH, hatch="/////", linewidth=0.4, label=unsaid))
    event = say("control.event_mark", language)
    handles.append(Line2D([], [], color="black", marker="|", linestyle="", markersize=5, label=event))
    above = (0.03 + LINE * len(notes)) / height
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.043, above), ncols=5, frameon=False,
        fontsize=8, handlelength=1.4, columnspacing=1.5,
    )  # fmt: skip
    for up, text in enumerate(reversed(notes)):
        figure.text(0.05, (0.11 + LINE * up) / height, text, size=6.8, color="#4d4d4d", va="center")
