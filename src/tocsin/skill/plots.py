"""The plots of a page of skill: PNG files, the same bytes for the same findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.drawing import paper, plain, save
from tocsin.skill.evidence import first_of, steps_name
from tocsin.skill.tables import LEVELS, RELIABLE_STEPS, TOLERANCE, Findings
from tocsin.text import Language, number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OWN = "#12507b"
OTHER = "#c05a00"
WORSE = "#b3261e"
WORSE_FROM = 1.01
_RATIO_TICKS = (0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5)
DPI = 110
POINTS = 9.5


def draw(found: Sequence[Findings], folder: Path, prefix: str, language: Language) -> dict[str, Path]:
    """Draw every plot into `folder` and return the files by name: windows, coverage, pit, reliability-...

    What no row tells of is not drawn. BadInput for a place that refuses a file.
    """
    drawn: dict[str, Figure] = {}
    if active := [item for item in found if item.coverage]:
        drawn |= {"coverage": _coverage(active, language), "pit": _pit(active, language)}
    if told := [item for item in found if any(window.ratio for window in item.windows)]:
        drawn["windows"] = _windows(told, language)
    for item in (item for item in found if item.reliability):
        drawn[f"reliability-{item.pair.name}"] = _reliability(item, language)
    files = {name: folder / f"{prefix}-{name}.png" for name in drawn}
    for name, figure in drawn.items():
        with plain(POINTS):
            save(figure, files[name])
    return files


def _figure(rows: int, columns: int, width: float, height: float, **shared: Any) -> tuple[Figure, Any]:
    with plain(POINTS):
        figure = paper(width, height, dpi=DPI, layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **shared)
    for one in axes.flat:
        one.spines[["top", "right"]].set_visible(False)
        one.grid(color="#e6e6e6", linewidth=0.8)
        one.set_axisbelow(True)
    return figure, axes


def _windows(found: Sequence[Findings], language: Language) -> Figure:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    with plain(POINTS):
        figure, axes = _figure(len(found), 1, 9.5, 0.7 + 2.1 * len(found), sharex=True)
        for one, item in zip(axes.flat, found, strict=True):
            told = [(w.year, w.ratio) for w in item.windows if w.ratio]
            years, ratios = (np.array(values, dtype=float) for values in zip(*told, strict=True))
            one.set_yscale("log")
            for chosen, colour, mark in ((ratios <= WORSE_FROM, OWN, "o"), (ratios > WORSE_FROM, WORSE, "s")):
                one.vlines(years[chosen], 1, ratios[chosen], color=colour, linewidth=2)
                one.plot(years[chosen], ratios[chosen], mark, color=colour, markersize=6)
            one.axhline(1, color="black", linewidth=0.9)
            low, high = min(ratios.min(), 0.9) * 0.97, max(ratios.max(), 1.1) * 1.03
            one.set_ylim(low, high)
            one.yaxis.set_major_locator(FixedLocator([t for t in _RATIO_TICKS if low <= t <= high]))
            one.yaxis.set_minor_locator(NullLocator())
            one.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, language)))
            one.set_title(item.pair.label(language), loc="left", size=10, weight="bold")
            one.set_xticks(np.arange(years.min(), years.max() + 1, 2 if len(years) > 12 else 1))
            one.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        own, reference = found[0].pair.own.method, found[0].pair.reference.method
        figure.suptitle(
            say("skill.plot.windows", language, own=own, reference=reference), size=11, x=0.01, ha="left"
        )
    return figure


def _coverage(found: Sequence[Findings], language: Language) -> Figure:
    with plain(POINTS):
        figure, axes = _figure(len(found), 2, 9.0, 1.2 + 2.5 * len(found), sharex=True, sharey=True)
        names = dict.fromkeys(row.horizon for item in found for row in item.coverage)
        horizons = sorted(names, key=first_of)
        for line, item in zip(axes, found, strict=True):
            for one, measure in zip(line, ("randomised", "closed"), strict=True):
                _draw_coverage(one, item, measure, horizons, language)
            line[0].set_ylabel(item.pair.label(language).replace(" (", "\n("), size=10, weight="bold")
        for one, measure in zip(axes[0], ("randomised", "closed"), strict=True):
            one.set_title(say(f"skill.plot.{measure}", language), loc="left", size=10)
        for one in axes[-1]:
            one.set_xlabel(say("skill.plot.steps", language))
        figure.suptitle(say("skill.plot.coverage", language), size=11, x=0.01, ha="left")
        _legend(figure, axes.flat[0])
    return figure


def _draw_coverage(
    axes: Axes, item: Findings, measure: str, horizons: Sequence[str], language: Language
) -> None:
    places = np.array([horizons.index(row.horizon) for row in item.coverage])
    for level in LEVELS:
        axes.axhspan(level / 100 - TOLERANCE, level / 100 + TOLERANCE, color="#dce8dc", linewidth=0)
        axes.axhline(level / 100, color="#5c8a5c", linewidth=1)
        for end, name, look, shift in _looks(item):
            values = [getattr(row, f"{measure}{end}")[level] for row in item.coverage]
            label = name if level == LEVELS[0] else None
            axes.plot(places + shift, values, markersize=6, linestyle="", label=label, **look)
    axes.set_xticks(range(len(horizons)), horizons)
    axes.set_yticks([level / 100 for level in LEVELS], [_percent(level, language) for level in LEVELS])
    axes.set_ylim(0.3, 1.0)
    axes.grid(visible=False)


def _looks(item: Findings) -> list[tuple[str, str, dict[str, Any], float]]:
    """Return suffix, method, marks and shift of the reference and of the method, drawn in that order."""
    other = {"marker": "s", "color": OTHER, "markerfacecolor": "white"}
    own = {"marker": "o", "color": OWN, "markerfacecolor": OWN}
    return [("_r", item.pair.reference.method, other, 0.12), ("", item.pair.own.method, own, -0.12)]


def _legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside lower left", ncols=2, frameon=False)


def _pit(found: Sequence[Findings], language: Language) -> Figure:
    from matplotlib.ticker import FuncFormatter

    columns = max(len(item.pit) for item in found)
    with plain(POINTS):
        figure, axes = _figure(
            len(found), columns, 0.9 + 2.0 * columns, 1.1 + 1.65 * len(found), sharex=True, sharey=True
        )
        edges = np.linspace(0, 1, 11)
        for line, item in zip(axes, found, strict=True):
            for one, (horizon, shares) in zip(line, item.pit.items(), strict=False):
                own, other = item.pair.own.method, item.pair.reference.method
                one.bar(edges[:-1] + 0.05, 10 * shares, width=0.094, color=OWN, alpha=0.75, label=own)
                one.stairs(10 * item.pit_r[horizon], edges, color=OTHER, linewidth=1.4, label=other)
                one.axhline(1, color="black", linewidth=0.9)
                one.set_title(steps_name(horizon, language), size=9)
                one.set_xticks([0, 0.5, 1], [number(v, language) for v in (0, 0.5, 1)])
            line[0].set_ylabel(item.pair.label(language).replace(" (", "\n("), size=9)
            line[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, language)))
            for one in line[len(item.pit) :]:
                one.set_visible(False)
        figure.suptitle(say("skill.plot.pit", language), size=11, x=0.01, ha="left")
        _legend(figure, axes.flat[0])
    return figure


def _reliability(item: Findings, language: Language) -> Figure:
    with plain(POINTS):
        figure, axes = _figure(1, len(item.reliability), 1.0 + 2.75 * len(item.reliability), 4.1, sharey=True)
        for one, own, other in zip(axes.flat, item.reliability, item.reliability_r, strict=True):
            one.plot([0, 1], [0, 1], color="black", linewidth=0.9)
            for what, (_, name, look, _) in zip((other, own), _looks(item), strict=True):
                one.vlines(what.stated, what.low, what.high, color=look["color"], linewidth=1.6, alpha=0.55)
                one.plot(what.stated, what.happened, markersize=5.5, linestyle="", label=name, **look)
            _set_shares(one, language)
            one.set_title(say("skill.plot.at_least", language, deaths=own.deaths), size=10)
            one.set_xlabel(say("skill.plot.stated", language))
        axes.flat[0].set_ylabel(say("skill.plot.happened", language))
        title = say("skill.plot.reliability", language, label=item.pair.label(language), last=RELIABLE_STEPS)
        figure.suptitle(title, size=11, x=0.01, ha="left")
        _legend(figure, axes.flat[0])
    return figure


def _set_shares(axes: Axes, language: Language) -> None:
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.set_aspect("equal")
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, [_percent(round(100 * tick), language) for tick in ticks], size=8)
    axes.set_yticks(ticks, [_percent(round(100 * tick), language) for tick in ticks], size=8)


def _percent(value: int, language: Language) -> str:
    return say("text.percent", language, value=str(value))
