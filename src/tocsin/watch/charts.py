"""The charts of a watch: three years of deaths and the fan of the year ahead, one PNG a country."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin import months
from tocsin.drawing import paper, plain, save
from tocsin.panel import released
from tocsin.text import Language, number, say
from tocsin.watch.ranking import Row
from tocsin.watch.words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tocsin.watch.record import Watch

HISTORY = 36
"""Months of history in a chart."""

BANDS: tuple[tuple[int, str], ...] = ((90, "#d6e3f0"), (80, "#9dbfdd"), (50, "#4f8fc4"))
"""Central intervals, widest first, from light to dark so that they differ without colour too."""

MEDIAN = "#0b2a4a"
PAST = "#4d4d4d"
SPIKY = 15.0
"""How far the largest value may exceed the typical one before the axis is drawn by orders of magnitude."""


def draw_charts(watch: Watch, folder: Path, count: int, language: Language) -> Iterator[str]:
    """Draw the first `count` countries of the ranking into `folder`, yielding each file's name."""
    folder.mkdir()
    for row in watch.ranked[:count]:
        name = f"{row.rank:02d}-{watch.country(row).iso3 or row.area}.png"
        draw_chart(watch, row, folder / name, language)
        yield name


def draw_chart(watch: Watch, row: Row, path: Path, language: Language) -> None:
    """Draw one country's history and forecast as a PNG of 1,200 by 660 pixels, the same bytes every time."""
    with plain(10):
        figure = paper(10, 5.5, dpi=120)
        axes = figure.add_axes((0.075, 0.13, 0.9, 0.615))
        past, ahead, top = _draw_series(axes, watch, row, language)
        _set_scale(axes, past, top, language)
        _set_months(axes, past.size, ahead)
        _write_words(figure, axes, watch, row, language)
        save(figure, path)


def _draw_series(
    axes: Axes, watch: Watch, row: Row, language: Language
) -> tuple[NDArray[Any], list[int], float]:
    place = watch.panel.index(row.area)
    past = watch.panel.series(watch.lead.target)[place, -HISTORY:].astype(float)
    past[~watch.panel.covered[place, -HISTORY:]] = np.nan
    path = watch.lead.path(row.area)
    when = np.arange(1, len(watch.lead.steps) + 1)
    before = np.arange(1 - past.size, 1)
    axes.bar(before, past, width=0.8, color=PAST, label=say("watch.chart_past", language))
    tops = []
    for band, shade in BANDS:
        low, high = np.quantile(path, [0.5 - band / 200, 0.5 + band / 200], axis=1)
        tops.append(float(high.max()))
        axes.bar(
            when, high - low, bottom=low, width=1.0, color=shade, linewidth=0,
            label=say("watch.chart_band", language, band=band),
        )  # fmt: skip
    middle = np.median(path, axis=1)
    axes.hlines(middle, when - 0.5, when + 0.5, color="white", linewidth=4)
    label = say("watch.chart_median", language)
    axes.hlines(middle, when - 0.5, when + 0.5, color=MEDIAN, linewidth=2.2, label=label)
    for month in before[np.isnan(past)]:
        axes.text(month, 0, "?", ha="center", va="bottom", color=PAST)
    axes.axvline(0.5, color="black", linewidth=0.8, linestyle=(0, (4, 3)))
    return past, list(watch.lead.months), max(float(np.nanmax(past, initial=0.0)), *tops)


def _set_scale(axes: Axes, past: NDArray[Any], top: float, language: Language) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    seen = past[past > 0]
    spiky = top > 100 and (not seen.size or top > SPIKY * float(np.median(seen)))
    label = say("watch.chart_axis", language)
    if spiky:
        axes.set_yscale("symlog", linthresh=10, linscale=0.8)
        axes.set_ylim(0, top * 1.5)
        within = (1, 3) if top < 10_000 else (1,)
        ticks = [0, *(m * 10**power for power in range(1, 8) for m in within)]
        axes.yaxis.set_major_locator(FixedLocator([t for t in ticks if t <= top * 1.5]))
        label = say("watch.chart_axis_log", language)
    else:
        axes.set_ylim(0, max(top * 1.08, 5))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, language, decimals=0)))
    axes.text(0, 1.03, label, transform=axes.transAxes, size=9)
    axes.grid(axis="y", color="#e0e0e0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _set_months(axes: Axes, past: int, ahead: list[int]) -> None:
    first = ahead[0] - past
    places = [p for p in range(1 - past, len(ahead) + 1) if (first + p + past - 1) % 6 == 1]
    axes.set_xticks(places, [months.label(first + p + past - 1) for p in places])
    axes.set_xlim(0.3 - past, len(ahead) + 0.7)


def _write_words(figure: Any, axes: Axes, watch: Watch, row: Row, language: Language) -> None:
    country = watch.country(row).name(language)
    chance = percent(row.probability, language)
    figure.text(0.075, 0.945, say("watch.chart_title", language, country=country), size=15, weight="bold")
    figure.text(
        0.075, 0.898,
        say(
            "watch.chart_subtitle", language, chance=chance, origin=months.label(watch.origin),
            first=months.label(watch.origin + 1), last=months.label(watch.origin + 3),
        ),
    )  # fmt: skip
    if watch.historical:
        figure.text(0.075, 0.855, say("watch.chart_historical", language), color="#8a1c00", weight="bold")
    drawn = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = [say("watch.chart_past", language), say("watch.chart_median", language)]
    labels += [say("watch.chart_band", language, band=band) for band, _ in reversed(BANDS)]
    handles = [drawn[label] for label in labels]
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.068, 0.845), ncols=len(labels), frameon=False,
        handlelength=1.4, columnspacing=1.6, fontsize=9,
    )  # fmt: skip
    source = say(
        "watch.chart_source", language, releases=released(watch.panel.releases, language),
        as_of=watch.as_of.isoformat(), method=watch.lead.method, draws=watch.lead.draws.shape[2],
    )  # fmt: skip
    figure.text(0.075, 0.062, textwrap.fill(source, 150), size=8, color="#444444", va="top", linespacing=1.35)
