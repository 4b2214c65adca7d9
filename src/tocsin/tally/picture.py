"""Two counts of a country drawn month by month."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path

from tocsin import areas, months
from tocsin.drawing import check_out, paper, plain, save
from tocsin.tally.comparison import Comparison
from tocsin.tally.words import sentences
from tocsin.text import Language, current_language, number, say

UCDP, OTHER = "#0b2a4a", "#c2590a"

_WIDEST = 160
"""Letters of the words at the foot that fit side by side."""

_LINE = 0.165
"""Inches from one line of these to the next."""


def draw(found: Comparison, path: str | Path, source: str, language: Language | None = None) -> None:
    """Write the two counts as PNG or SVG, by the file's ending; the same bytes every time.

    source: whose the counts are, said at the foot. A month that one of them does not tell of breaks its line.
    BadInput for another ending or a place that refuses it.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    check_out(path)
    tongue = language or current_language()
    where = areas.name_then(found.gw, found.months[-1].month, tongue)
    with plain(9):
        words = "\n".join(textwrap.fill(line, _WIDEST) for line in (*sentences(found, tongue), source))
        foot = _LINE * len(words.splitlines()) + 0.15
        height = 4.4 + foot
        figure = paper(10, height, dpi=130)
        axes = figure.add_axes((0.075, (foot + 0.65) / height, 0.9, 3.05 / height))
        at = range(len(found.months))
        for label, colour, style, mark, values in (
            (say("tally.column_ucdp", tongue), UCDP, "-", "o", [one.ucdp for one in found.months]),
            (say("tally.column_other", tongue), OTHER, "--", "s", [one.other for one in found.months]),
        ):
            heights = [math.nan if value is None else value for value in values]
            axes.plot(
                at, heights, color=colour, linestyle=style, marker=mark,
                markersize=4, linewidth=1.6, label=label,
            )  # fmt: skip
        axes.set_ylim(bottom=0)
        axes.margins(x=0.02)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, tongue, decimals=0)))
        step = max(1, len(found.months) // 12)
        axes.set_xticks(list(at)[::step], [months.label(one.month) for one in found.months][::step])
        axes.tick_params(axis="x", labelrotation=30)
        axes.grid(axis="y", color="#e0e0e0", linewidth=0.8)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 1.12), ncols=2)
        figure.text(
            0.075, 1 - 0.26 / height, say("tally.chart_title", tongue, where=where), size=12, weight="bold"
        )
        figure.text(0.075, foot / height, words, size=8, color="#444444", va="top", linespacing=1.35)
        save(figure, path)
