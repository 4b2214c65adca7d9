"""Figures of the charts: what is drawn is what the forecast and the scores say, in the reader's language."""

from __future__ import annotations

import dataclasses
import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from web_world import DAY, World

from tocsin import skill
from tocsin.desk import Desk, Fan, fan
from tocsin.desk.fan import by_magnitude
from tocsin.desk.replay import Timeline
from tocsin.text import Language, number
from tocsin.web.charts import (
    calibration_figure,
    fan_figure,
    pit_figure,
    ratio_ends,
    ratios_figure,
    timeline_figure,
)
from tocsin.web.pages.area import summary
from tocsin.web.rendering import deaths, environment


@pytest.fixture(scope="module")
def mali(world: World) -> tuple[Desk, Fan]:
    """Return the desk, and Mali's months behind and ahead."""
    desk = Desk(world.results, world.home, (), lambda: DAY)
    held = desk.current()
    return desk, fan(held.made, 432, held.panel)


def _of(found: dict[str, Any], kind: str, **named: object) -> list[dict[str, Any]]:
    return [t for t in found["data"] if t["type"] == kind and all(t.get(k) == v for k, v in named.items())]


def test_bars_bands_and_medians_stand_at_the_figures_of_panel_and_forecast(mali: tuple[Desk, Fan]) -> None:
    desk, found = mali
    held = desk.current()
    assert held.panel is not None
    up = found.axis
    figure = fan_figure(found, "en", lambda value: deaths(value, "en"))
    bars, *bands = _of(figure, "bar")
    row = held.panel.index(432)
    past = held.panel.series("total")[row, -60:]
    assert bars["y"] == pytest.approx([up(float(value)) for value in past], abs=1e-4)
    path = held.made.path(432)
    for band, level in zip(bands, (90, 80, 50), strict=True):
        low, high = np.quantile(path, [0.5 - level / 200, 0.5 + level / 200], axis=1)
        assert band["base"] == pytest.approx([up(v) for v in low], abs=1e-4)
        tops = [b + y for b, y in zip(band["base"], band["y"], strict=True)]
        assert tops == pytest.approx([up(v) for v in high], abs=1e-4)
        assert band["x"] == list(range(60, 60 + len(held.made.steps)))
    (middle,) = [t for t in figure["data"] if "error_x" in t]
    assert middle["y"] == pytest.approx([up(v) for v in np.median(path, axis=1)], abs=1e-4)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_month_of_a_chart_stands_in_a_table_too(
    reader: TestClient, mali: tuple[Desk, Fan], lang: Language
) -> None:
    page = reader.get(f"/{lang}/area/MLI").text
    for past in mali[1].past:
        told = "?" if past.deaths is None else number(past.deaths, lang)
        assert f'<th scope="row">{past.month}</th><td class="n">{told}</td>' in page
    assert all(f'<th scope="row">{ahead.month}</th>' in page for ahead in mali[1].ahead)


def test_a_year_with_a_month_that_is_not_covered_is_no_year_of_fewer_months(mali: tuple[Desk, Fan]) -> None:
    _, found = mali
    gap = dataclasses.replace(found.past[-4], deaths=None)
    partly = dataclasses.replace(found, past=(*found.past[:-4], gap, *found.past[-3:]))
    deaths = [one.deaths for one in found.past[-12:]]
    told, less = summary(found, "en"), summary(partly, "en")
    assert told.startswith(f"Deaths in the last 12 months: {number(sum(deaths), 'en')}.")
    left = number(sum(deaths) - deaths[-4], "en")
    assert less.startswith(f"Deaths in the covered months (11 of the last 12): {left}.")


def test_a_timeline_draws_each_track_over_the_square_root_of_deaths() -> None:
    line = Timeline(("2012-01", "2012-02"), {"lag-1": (0.25, 1.0), "lag-7": (None, 0.5)}, (100, 25))
    figure = timeline_figure(line, 1, {"lag-1": "soon", "lag-7": "late"}, "en")
    (bars,) = _of(figure, "bar")
    assert bars["y"] == pytest.approx([1.0, 0.5])
    assert not _of(figure, "scatter", mode="text")[0]["x"]
    assert [trace["y"] for trace in _of(figure, "scatter", mode="lines")] == [[0.25, 1.0], [None, 0.5]]
    told = figure["data"][-1]["customdata"]
    assert "100" in told[0]
    assert "soon: 25%" in told[0]
    assert "late" not in told[0]
    assert figure["layout"]["shapes"][0]["x0"] == 0.5


def test_a_month_of_a_timeline_that_is_not_covered_is_not_drawn_as_one_without_deaths() -> None:
    line = Timeline(("2021-11", "2021-12", "2022-01"), {"lag-1": (0.5, 0.4, 0.3)}, (100, 0, None))
    figure = timeline_figure(line, 0, {"lag-1": "soon"}, "en")
    assert _of(figure, "bar")[0]["x"] == [0, 1]
    (marks,) = _of(figure, "scatter", mode="text")
    assert (marks["x"], marks["text"]) == ([2], ["?"])


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_month_is_told_on_hover_in_the_readers_language(mali: tuple[Desk, Fan], lang: Language) -> None:
    found = mali[1]
    figure = fan_figure(found, lang, lambda value: deaths(value, lang))
    told = figure["data"][-1]["customdata"]
    assert len(told) == len(found.past) + len(found.ahead)
    for text, past in zip(told, found.past, strict=False):
        assert text.startswith(past.month)
        assert number(past.deaths or 0, lang) in text
    for text, ahead in zip(told[len(found.past) :], found.ahead, strict=True):
        assert text.startswith(f"{ahead.month}<br>")
        assert deaths(ahead.intervals[80][1], lang) in unescape(text)
        assert ("médiane" if lang == "fr" else "median") in text
    ticks = figure["layout"]["yaxis"]
    assert ticks["ticktext"] == [number(value, lang) for value in found.ticks]
    skipped = [trace for trace in figure["data"][:-1] if trace["hoverinfo"] != "skip"]
    assert not skipped


def test_months_that_are_not_covered_have_no_bar_and_say_so(mali: tuple[Desk, Fan]) -> None:
    held = mali[0].current()
    assert held.panel is not None
    covered, lost = held.panel.covered.copy(), held.panel.deaths.copy()
    covered[held.panel.index(432), -3], lost[held.panel.index(432), -3] = False, 0
    found = fan(held.made, 432, dataclasses.replace(held.panel, covered=covered, deaths=lost, events=None))
    figure = fan_figure(found, "en", str)
    place = len(found.past) - 3
    assert place not in _of(figure, "bar")[0]["x"]
    assert _of(figure, "scatter", mode="text")[0]["x"] == [place]
    assert figure["data"][-1]["customdata"][place].endswith("not covered")


def test_without_a_panel_the_forecast_stands_alone(mali: tuple[Desk, Fan]) -> None:
    held = mali[0].current()
    figure = fan_figure(fan(held.made, 432, None), "en", str)
    assert figure["layout"]["shapes"] == []
    assert _of(figure, "bar")[0]["x"] == []
    assert len(figure["layout"]["xaxis"]["ticktext"]) >= 1


def test_an_axis_by_orders_of_magnitude_joins_its_two_parts() -> None:
    assert [by_magnitude(v) for v in (0, 5, 10, 100, 1000)] == pytest.approx([0, 0.5, 1, 2, 3])


def test_points_of_calibration_lie_where_their_figures_say() -> None:
    for one in skill.shipped()["compared"]:
        for row in one["reliability"]:
            (trace,) = calibration_figure(row, "fr")["data"]
            assert trace["x"] == row["stated"]
            assert trace["y"] == row["happened"]
            error = trace["error_y"]
            up = [y + e for y, e in zip(trace["y"], error["array"], strict=True)]
            down = [y - e for y, e in zip(trace["y"], error["arrayminus"], strict=True)]
            assert up == pytest.approx(row["high"], abs=2e-5)
            assert down == pytest.approx(row["low"], abs=2e-5)
            assert all("<" not in text.replace("<br>", "") for text in trace["customdata"])


def test_ratios_stand_at_their_values_and_every_value_is_within_the_axis() -> None:
    for one in skill.shipped()["compared"]:
        held = {name: beside["groups"]["horizon"] for name, beside in one["against"].items()}
        ratios = [ratio for name in held for ratio in held[name].values()]
        ends = ratio_ends(ratios)
        figure = ratios_figure(held, {value: value for value in one["groups"]["horizon"]}, ends, "en")
        for trace, (name, groups) in zip(figure["data"], held.items(), strict=True):
            values = [groups[value]["value"] for value in one["groups"]["horizon"]]
            assert trace["x"] == values
            assert all(ends[0] < value < ends[1] for value in values)
            assert all(name in text for text in trace["customdata"])
            low = [v - e for v, e in zip(values, trace["error_x"]["arrayminus"], strict=True)]
            assert low == pytest.approx([groups[v]["low"] for v in one["groups"]["horizon"]], abs=2e-5)
        assert len({trace["marker"]["symbol"] for trace in figure["data"]}) == len(held)


def test_shares_of_outcomes_add_up_to_all() -> None:
    shares = skill.shipped()["compared"][0]["pit"]["1–3"]
    (trace,) = pit_figure(shares, 0.25, "en")["data"]
    assert trace["y"] == shares
    assert sum(trace["y"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("path", ["area/MLI", "area/SYR", "scores"])
def test_colours_of_figures_are_properties_of_the_style_sheet(reader: TestClient, path: str) -> None:
    page = reader.get(f"/fr/{path}").text
    sheet = reader.get("/static/tocsin.css").text
    figures = re.findall(r"data-figure='([^']*)'", page)
    assert figures
    for text in figures:
        figure = json.loads(unescape(text))
        used = set(re.findall(r'"(?:color|[a-z]*color)": *"([^"]+)"', json.dumps(figure)))
        names = {colour for colour in used if not colour.startswith("rgba(0,0,0,0")}
        assert names
        for colour in names:
            assert f"{colour.removeprefix('var(').removesuffix(')')}:" in sheet, colour


def test_a_name_cannot_end_the_figure_it_stands_in() -> None:
    nasty = {"</script><b onclick='x'>": {"value": 1.0, "low": 0.9, "high": 1.1}}
    figure = ratios_figure({"a'b": nasty}, {key: key for key in nasty}, (0.5, 2), "en")
    text = environment().from_string("<i data-figure='{{ figure|tojson }}'></i>").render(figure=figure)
    assert text.count("'") == 2
    assert text.count("<") == 2
    assert "&lt;" in figure["data"][0]["customdata"][0]
