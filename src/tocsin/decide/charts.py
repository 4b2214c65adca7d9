"""The charts of a decision: the price of delay with its ranges, and which input moves it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin import months
from tocsin.decide import economy, words
from tocsin.decide.delay import NEVER
from tocsin.decide.record import Decision, Priced, Spread
from tocsin.decide.sensitivity import Bar
from tocsin.decide.states import name_of
from tocsin.drawing import paper, plain, save
from tocsin.panel import based, released
from tocsin.text import Language, current_language, number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, NARROW, MEAN = "#c9dcee", "#6ea3cf", "#0b2a4a"
LOWER, UPPER = "#7f7f7f", "#c05a1c"
SHOWN = 12
"""Inputs in a tornado."""


def draw_charts(decision: Decision, folder: str | Path, language: Language | None = None) -> tuple[str, ...]:
    """Draw two PNG files a response that does something into `folder`, and return their names.

    Each is written whole or not at all. Raises BadInput for a place that refuses it.
    """
    folder = Path(folder)
    written: list[str] = []
    for row in decision.options:
        if not row.option.idle:
            for word, draw in (("delay", draw_delay), ("tornado", draw_tornado)):
                name = f"{word}-{row.option.name}.png"
                draw(decision, row, folder / name, language)
                written.append(name)
    return tuple(written)


def draw_delay(decision: Decision, row: Priced, path: Path, language: Language | None = None) -> None:
    """Draw deaths and loss by the moment of acting as a PNG of 1,200 by 660 pixels."""
    said = language or current_language()
    panels = [("deaths", [moment.deaths for moment in row.moments])]
    if decision.economy is not None:
        panels.append(("loss", [moment.loss for moment in row.moments]))
    with plain(10):
        figure = _figure(
            decision, row, said, say("decide.chart.title", said, country=decision.country.name(said),
                                     month=months.label(decision.month)),
        )  # fmt: skip
        width = 0.86 / len(panels) - (0.05 if len(panels) > 1 else 0)
        drawn: list[Any] = []
        for place, (key, spreads) in enumerate(panels):
            axes = figure.add_axes((0.085 + place * (width + 0.1), 0.225, width, 0.525))
            drawn = _draw_spreads(axes, row, spreads, said)
            title = say(
                f"decide.chart.{key}", said, until=words.until(decision), price_year=economy.PRICE_YEAR
            )
            axes.set_title(title, loc="left", fontsize=10)
        labels = [say(f"decide.chart.{key}", said) for key in ("mean", "band50", "band90")]
        figure.legend(
            drawn, labels, loc="upper left", bbox_to_anchor=(0.07, 0.875), ncols=3, frameon=False, fontsize=9
        )
        save(figure, path)


def draw_tornado(decision: Decision, row: Priced, path: Path, language: Language | None = None) -> None:
    """Draw what each input does to what acting now saves over never, as a PNG of 1,200 by 660 pixels."""
    said = language or current_language()
    priced = decision.economy is not None
    bars = row.bars[:SHOWN]
    with plain(10):
        title = say("decide.chart.tornado", said, country=decision.country.name(said))
        figure = _figure(decision, row, said, title)
        axes = figure.add_axes((0.36, 0.235, 0.6, 0.58))
        centre = _centre(row, priced)
        for place, bar in enumerate(reversed(bars)):
            ends = (bar.money_low, bar.money_high) if priced else (bar.deaths_low, bar.deaths_high)
            for end, shade in zip(ends, (LOWER, UPPER), strict=True):
                if end is not None:
                    axes.barh(place, end - centre, left=centre, height=0.62, color=shade)
        names = [_named(bar, said) for bar in reversed(bars)]
        axes.set_yticks(range(len(bars)), names, fontsize=9)
        axes.tick_params(axis="y", length=0)
        axes.axvline(centre, color=MEAN, linewidth=1.2)
        axes.axvline(0, color="black", linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xlabel(
            say("decide.chart.tornado_axis" if priced else "decide.chart.tornado_axis_deaths", said),
            fontsize=9,
        )
        _grid(axes, "x", said)
        _tornado_key(figure, centre, said)
        save(figure, path)


def _draw_spreads(axes: Axes, row: Priced, spreads: list[Spread], language: Language) -> list[Any]:
    places = range(len(spreads))
    drawn: list[Any] = []
    for shade, half, low, high in ((WIDE, 0.36, "low90", "high90"), (NARROW, 0.36, "low50", "high50")):
        lows = [getattr(spread, low) for spread in spreads]
        heights = [getattr(spread, high) - at for spread, at in zip(spreads, lows, strict=True)]
        drawn.insert(0, axes.bar(places, heights, bottom=lows, width=2 * half, color=shade))
    means = [spread.mean or 0.0 for spread in spreads]
    line = axes.hlines(
        means, [p - 0.36 for p in places], [p + 0.36 for p in places], color=MEAN, linewidth=2.4
    )
    for place, mean in zip(places, means, strict=True):
        axes.annotate(
            words.whole(mean, language), (place, mean), xytext=(0, 4), textcoords="offset points",
            ha="center", fontsize=8, color=MEAN,
        )  # fmt: skip
    labels = [_when(moment.months, language) for moment in row.moments]
    axes.set_xticks(places, labels, fontsize=9)
    axes.set_xlabel(say("decide.chart.months", language), fontsize=9)
    axes.set_ylim(0, max(spread.high90 or 0 for spread in spreads) * 1.06)
    axes.axvline(len(spreads) - 1.5, color="#9a9a9a", linewidth=0.8, linestyle=(0, (4, 3)))
    _grid(axes, "y", language)
    return [line, *drawn]


def _when(ahead: int, language: Language) -> str:
    if ahead == NEVER:
        return say("decide.chart.never", language)
    return say("decide.chart.now", language) if ahead == 0 else str(ahead)


def _centre(row: Priced, priced: bool) -> float:
    """Return the saving with every input central: the value that a bar of no width would have."""
    return row.central_saving if priced and row.central_saving is not None else row.central_averted


def _named(bar: Bar, language: Language) -> str:
    kind, _, name = bar.name.partition(".")
    if kind == "chain":
        text = say("decide.chart.chain", language, name=say(f"decide.passage.{name}", language))
        return f"{text} (× {_factor(bar.low, language)}–{_factor(bar.high, language)})"
    if kind == "deaths":
        text = say("decide.chart.chain_deaths", language, name=name_of(name, language))
        return f"{text} (× {_factor(bar.low, language)}–{_factor(bar.high, language)})"
    last = bar.name.rpartition(".")[2].replace("-", "_")
    if ".effects." in bar.name:
        text = say("decide.chart.effect", language, name=say(f"decide.passage.{last}", language))
    else:
        text = say(f"decide.chart.{last}", language)
    return f"{text} ({words.rounded(bar.low, language)}–{words.rounded(bar.high, language)})"


def _factor(value: float, language: Language) -> str:
    return number(value, language, decimals=2)


def _figure(decision: Decision, row: Priced, language: Language, title: str) -> Figure:
    figure = paper(10, 5.5, dpi=120)
    figure.text(0.075, 0.94, title, size=14, weight="bold")
    label = row.option.label(language)
    figure.text(0.075, 0.892, label[:1].upper() + label[1:], size=10)
    source = say(
        "decide.chart.source", language, releases=released(decision.releases, language),
        basis=based(decision.basis, language), origin=months.label(decision.origin), option=label,
        samples=decision.samples,
    )  # fmt: skip
    figure.text(0.075, 0.1, textwrap.fill(source, 150), size=8, color="#444444", va="top", linespacing=1.35)
    return figure


def _tornado_key(figure: Figure, centre: float, language: Language) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [Patch(color=LOWER), Patch(color=UPPER), Line2D([], [], color=MEAN)]
    labels = [
        say("decide.chart.low", language), say("decide.chart.high", language),
        say("decide.chart.central", language, value=words.whole(centre, language)),
    ]  # fmt: skip
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(0.35, 0.88), ncols=3, frameon=False, fontsize=9
    )


def _grid(axes: Axes, axis: Any, language: Language) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    held = axes.xaxis if axis == "x" else axes.yaxis
    held.set_major_locator(MaxNLocator(nbins=7))
    held.set_major_formatter(FuncFormatter(lambda value, _: number(value, language, decimals=0)))
    axes.grid(axis=axis, color="#e0e0e0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
