"""Charts as figures of Plotly: plain data, made here whole, drawn in the browser.

Labels of axes and texts on hover are written here, so that numbers and months read as on the rest of the
page. A colour is written as a property of the style sheet (`var(--past)`): the browser puts in its value, in
the light theme, the dark one, or on paper. Nothing is zoomed or dragged, so a page scrolls over a chart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import cycle
from typing import Any

import numpy as np

from tocsin.desk.fan import BANDS, Fan
from tocsin.desk.replay import Timeline
from tocsin.text import Language, number, say, whole_percent
from tocsin.watch.words import percent

Figure = dict[str, Any]

TENTH = 0.1
"""Share of outcomes that belongs in each tenth of a right law."""

RATIOS = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10)
COARSE = (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100)
WIDE = 6.0
"""Ratio of the ends of an axis from which fewer labels are set."""

LEAST, MOST = 0.3, 3.0
"""Ratios beyond which an axis goes for a value, but not for the end of an interval."""

LEAST_YEARS = 2
"""Years below which a ratio has no interval that could be drawn."""

LINES = (("solid", "--link"), ("dash", "--up"), ("dot", "--down"))
"""How the line of each track is drawn, and its colour, in order."""

MARKS = (("circle", "--link"), ("square", "--up"), ("diamond", "--down"), ("cross", "--past"))
"""The form and colour of each baseline, in order; told apart by either alone."""


def fan_figure(fan: Fan, language: Language, deaths: Callable[[float | None], str]) -> Figure:
    """Return months behind as bars, and months ahead as intervals with their medians.

    deaths: how an expected number of deaths is said.
    """
    up, ahead = fan.axis, range(len(fan.past), len(fan.past) + len(fan.ahead))
    known = [(x, past.deaths) for x, past in enumerate(fan.past) if past.deaths is not None]
    traces: list[Figure] = [
        {
            "type": "bar", "x": [x for x, _ in known], "y": [_short(up(deaths)) for _, deaths in known],
            "width": 0.8, "marker": _filled("--past"), "hoverinfo": "skip",
        },
        _not_covered([past.deaths for past in fan.past]),
    ]  # fmt: skip
    for band in BANDS:
        ends = [one.intervals[band] for one in fan.ahead]
        traces.append(
            {
                "type": "bar", "x": list(ahead), "base": [_short(up(low)) for low, _ in ends],
                "y": [_short(up(high) - up(low)) for low, high in ends], "width": 1,
                "marker": _filled(f"--band{band}"), "hoverinfo": "skip",
            }
        )  # fmt: skip
    middle = [_short(up(one.median)) for one in fan.ahead]
    traces.append(
        {
            "type": "scatter", "mode": "markers", "x": list(ahead), "y": middle,
            "marker": {"size": 1, "color": "var(--median)"}, "hoverinfo": "skip",
            "error_x": {
                "type": "constant", "value": 0.5, "thickness": 2.4, "width": 0, "color": "var(--median)",
            },
        }
    )  # fmt: skip
    told = [
        say("web.chart.unknown", language, month=one.month)
        if one.deaths is None
        else say("web.chart.past", language, month=one.month, deaths=number(one.deaths, language))
        for one in fan.past
    ] + [
        say(
            "web.chart.point", language, month=one.month, median=deaths(one.median),
            low=deaths(one.intervals[80][0]), high=deaths(one.intervals[80][1]),
        )
        for one in fan.ahead
    ]  # fmt: skip
    traces.append(
        {
            "type": "scatter", "mode": "markers", "x": list(range(ahead.stop)),
            "y": [_short(up(one.deaths or 0)) for one in fan.past] + middle, "opacity": 0,
            "marker": {"size": 1, "color": "var(--soft)"}, **_hover(told),
        }
    )  # fmt: skip
    line = len(fan.past) - 0.5
    names = [past.month for past in fan.past] + [one.month for one in fan.ahead]
    every = [x for x, name in enumerate(names) if name.endswith("-01" if fan.past else ("-01", "-07"))]
    found = _figure(traces, left=58, bottom=26)
    found["layout"] |= {
        "barmode": "overlay", "hovermode": "x", "hoverdistance": -1,
        "shapes": [_line("x", line, "--ink")] if fan.past else [],
        "xaxis": {
            **_axis([-0.5, len(names) - 0.5], every, [names[x][:4] if fan.past else names[x] for x in every]),
            "showgrid": False, "showspikes": True, "spikemode": "across", "spikesnap": "hovered data",
            "spikethickness": 1, "spikedash": "solid", "spikecolor": "var(--soft)",
        },
        "yaxis": _axis([0, up(fan.top)], map(up, fan.ticks), [number(v, language) for v in fan.ticks]),
    }  # fmt: skip
    return found


def timeline_figure(line: Timeline, place: int, names: Mapping[str, str], language: Language) -> Figure:
    """Return the probabilities of all months as lines over the deaths of each; `place` is the month shown.

    names: of the tracks. Bars stand by the square root of deaths, the most at the top of the axis.
    """
    every = list(range(len(line.months)))
    known = [(x, deaths) for x, deaths in enumerate(line.deaths) if deaths is not None]
    traces: list[Figure] = [
        {
            "type": "bar", "x": [x for x, _ in known],
            "y": [_short(np.sqrt(deaths / line.most)) for _, deaths in known], "width": 0.8,
            "marker": _filled("--band80"), "hoverinfo": "skip",
        },
        _not_covered(line.deaths),
    ]  # fmt: skip
    for (_, chances), (dash, colour) in zip(line.probabilities.items(), cycle(LINES)):
        traces.append(
            {
                "type": "scatter", "mode": "lines", "x": every, "y": list(chances), "hoverinfo": "skip",
                "line": {"color": f"var({colour})", "width": 2, "dash": dash},
            }
        )  # fmt: skip
    told = []
    for x, month in enumerate(line.months):
        deaths = line.deaths[x]
        said = [
            say("web.chart.unknown", language, month=month)
            if deaths is None
            else say("web.chart.past", language, month=month, deaths=number(deaths, language))
        ]
        said += [
            say("web.walk.said", language, track=names[track], chance=percent(chance, language))
            for track, chances in line.probabilities.items()
            if (chance := chances[x]) is not None
        ]
        told.append("\n".join(said))
    traces.append(
        {
            "type": "scatter", "mode": "markers", "x": every, "y": [0.5] * len(every), "opacity": 0,
            "marker": {"size": 1, "color": "var(--soft)"}, **_hover(told),
        }
    )  # fmt: skip
    years = [x for x, month in enumerate(line.months) if month.endswith("-01") or x == 0]
    ticks = (0, 0.25, 0.5, 0.75, 1)
    shown = {
        "type": "rect", "x0": place - 0.5, "x1": place + 0.5, "y0": 0, "y1": 1, "yref": "paper",
        "fillcolor": "var(--accent)", "opacity": 0.3, "line": {"width": 0},
    }  # fmt: skip
    found = _figure(traces, left=48, bottom=26)
    found["layout"] |= {
        "hovermode": "x", "hoverdistance": -1, "shapes": [shown],
        "xaxis": {
            **_axis([-0.5, len(every) - 0.5], years, [line.months[x][:4] for x in years]), "showgrid": False,
        },
        "yaxis": _axis([0, 1], ticks, [whole_percent(v, language) for v in ticks]),
    }  # fmt: skip
    return found


def calibration_figure(row: Mapping[str, Any], language: Language) -> Figure:
    """Return stated probabilities (across) against how often it happened (up), with intervals.

    row: stated, happened, low, high and counts, as `skill.Page.to_dict` gives them.
    """
    happened = [float(value) for value in row["happened"]]
    trace = {
        "type": "scatter", "mode": "markers", "x": list(row["stated"]), "y": happened, "cliponaxis": False,
        "marker": {"size": 7, "color": "var(--link)"},
        "error_y": _interval(happened, row["low"], row["high"]),
        **_hover(
            say(
                "web.scores.point", language, stated=percent(stated, language),
                happened=percent(seen, language), count=number(int(count), language),
            )
            for stated, seen, count in zip(row["stated"], happened, row["counts"], strict=True)
        ),
    }  # fmt: skip
    found = _figure([trace], left=44, bottom=26)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axis = _axis([0, 1], ticks, [whole_percent(v, language) for v in ticks])
    diagonal = {"type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "layer": "below"}
    diagonal["line"] = {"color": "var(--soft)", "width": 1, "dash": "dash"}
    found["layout"] |= {"xaxis": axis, "yaxis": dict(axis), "shapes": [diagonal], "hovermode": "closest"}
    return found


def pit_figure(shares: Sequence[float], most: float, language: Language) -> Figure:
    """Return the share of outcomes in each tenth of the forecast law; `most` is the end of the axis."""
    trace = {
        "type": "bar", "x": list(range(10)), "y": list(shares), "width": 0.92, "marker": _filled("--band50"),
        **_hover(
            say("web.scores.tenth", language, tenth=tenth, share=percent(share, language))
            for tenth, share in enumerate(shares, 1)
        ),
    }  # fmt: skip
    ticks = [v / 10 for v in range(int(most * 10 + 1e-9) + 1)]
    found = _figure([trace], left=40, bottom=22)
    found["layout"] |= {
        "hovermode": "x", "shapes": [_line("y", TENTH, "--ink")],
        "xaxis": {
            **_axis([-0.5, 9.5], (-0.5, 4.5, 9.5), [number(v, language, decimals=1) for v in (0, 0.5, 1)]),
            "showgrid": False,
        },
        "yaxis": _axis(
            [0, most], ticks, [whole_percent(v, language) for v in ticks]
        ),
    }  # fmt: skip
    return found


def ratios_figure(
    held: Mapping[str, Mapping[str, Mapping[str, float]]],
    groups: Mapping[str, str],
    ends: tuple[float, float],
    language: Language,
) -> Figure:
    """Return ratios with their intervals, a row for each group from the top, a mark for each baseline.

    held: ratio (value, low, high) by baseline and group; groups: their names as the reader knows them, in
    order; ends: of the axis, which is logarithmic.
    """
    rows = {value: -place for place, value in enumerate(groups)}
    traces = []
    for place, (baseline, ratios) in enumerate(held.items()):
        symbol, colour = MARKS[place % len(MARKS)]
        shown = [(value, ratios[value]) for value in groups if value in ratios]
        shift = (place - (len(held) - 1) / 2) * min(0.8 / len(held), 0.22)
        values = [one["value"] for _, one in shown]
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": values,
                "y": [_short(rows[value] - shift) for value, _ in shown],
                "marker": {"symbol": symbol, "size": 8, "color": f"var({colour})"},
                "error_x": {
                    **_interval(values, [o["low"] for _, o in shown], [o["high"] for _, o in shown]),
                    "color": f"var({colour})",
                },
                **_hover(
                    say(
                        "web.scores.ratio_point", language, group=groups[value], reference=baseline,
                        value=number(one["value"], language, decimals=2),
                        low=number(one["low"], language, decimals=2),
                        high=number(one["high"], language, decimals=2),
                    )
                    for value, one in shown
                ),
            }
        )  # fmt: skip
    ticks = [v for v in (COARSE if ends[1] / ends[0] > WIDE else RATIOS) if ends[0] <= v <= ends[1]]
    longest = max(map(len, groups.values()), default=0)
    found = _figure(traces, left=min(20 + 7 * longest, 150), bottom=26)
    found["layout"] |= {
        "hovermode": "closest", "shapes": [_line("x", 1, "--ink")],
        "xaxis": {
            **_axis([float(np.log10(end)) for end in ends], ticks, [number(v, language) for v in ticks]),
            "type": "log",
        },
        "yaxis": {**_axis([-len(groups) + 0.5, 0.5], rows.values(), groups.values()), "showgrid": False},
    }  # fmt: skip
    return found


def ratio_ends(ratios: Sequence[Mapping[str, float]]) -> tuple[float, float]:
    """Return the ends of an axis that holds 1 and every value; an interval may run over its edge."""
    low = min((min(r["value"], max(r["low"], LEAST)) for r in ratios), default=1)
    high = max((max(r["value"], min(r["high"], MOST)) for r in ratios), default=1)
    return min(low, 0.8) / 1.06, max(high, 1.25) * 1.06


def drawn(ratios: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    """Return the ratios of enough years to be drawn with an interval."""
    return {value: ratio for value, ratio in ratios.items() if ratio["years"] >= LEAST_YEARS}


def _figure(traces: list[Figure], *, left: int, bottom: int) -> Figure:
    return {
        "data": traces,
        "layout": {
            "margin": {"l": left, "r": 18, "t": 10, "b": bottom}, "showlegend": False, "dragmode": False,
            "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 12, "color": "var(--soft)"},
            "hoverlabel": {
                "bgcolor": "var(--card)", "bordercolor": "var(--soft)", "align": "left",
                "font": {"color": "var(--ink)", "size": 13},
            },
        },
    }  # fmt: skip


def _not_covered(deaths: Sequence[float | None]) -> Figure:
    """Return a question mark where a bar would stand, for each month that nothing is known of."""
    dark = [x for x, known in enumerate(deaths) if known is None]
    return {
        "type": "scatter", "mode": "text", "x": dark, "y": [0] * len(dark), "text": ["?"] * len(dark),
        "textposition": "top center", "textfont": {"color": "var(--soft)"}, "hoverinfo": "skip",
    }  # fmt: skip


def _hover(texts: Iterable[str]) -> Figure:
    """Return what is told of each point: the library takes a few tags for markup, so texts are escaped."""
    told = [escape(text, quote=False).replace("\n", "<br>") for text in texts]
    return {"customdata": told, "hovertemplate": "%{customdata}<extra></extra>"}


def _axis(ends: Sequence[float], ticks: Any, names: Any) -> Figure:
    return {
        "range": [_short(end) for end in ends], "tickmode": "array", "tickvals": [_short(v) for v in ticks],
        "ticktext": list(names), "fixedrange": True, "zeroline": False, "gridcolor": "var(--line)",
        "linecolor": "var(--soft)", "showline": True, "automargin": False, "tickangle": 0,
    }  # fmt: skip


def _line(axis: str, at: float, colour: str) -> Figure:
    """Return a broken line right across, at a value of one axis."""
    other = "y" if axis == "x" else "x"
    return {
        "type": "line", f"{axis}0": at, f"{axis}1": at, f"{other}0": 0, f"{other}1": 1,
        f"{other}ref": "paper", "line": {"color": f"var({colour})", "width": 1, "dash": "dash"},
    }  # fmt: skip


def _interval(values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> Figure:
    """Return the whiskers from `low` to `high` about values."""
    return {
        "type": "data", "symmetric": False,
        "array": [_short(h - v) for v, h in zip(values, high, strict=True)],
        "arrayminus": [_short(v - n) for v, n in zip(values, low, strict=True)],
        "thickness": 1.4, "width": 0, "color": "var(--soft)",
    }  # fmt: skip


def _filled(colour: str) -> Figure:
    return {"color": f"var({colour})", "line": {"width": 0}}


def _short(value: float) -> float:
    """Return a coordinate without digits that no eye can see."""
    return round(float(value), 5)
