"""Maps: equal areas, unbroken land, classes that mean what they say, and the same bytes every time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from filled_disk import room_for
from hypothesis import given
from hypothesis import strategies as st

from tocsin import areas, control, drawing, local, maps, months, spillover
from tocsin.areas import grid
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.forecast import fit
from tocsin.maps.frame import clipped, shapes_in
from tocsin.maps.legend import MAGMA
from tocsin.maps.projection import RIM, around, densified, unbroken, world
from tocsin.maps.rings import middle
from tocsin.months import Span
from tocsin.text import Language
from tocsin.watch import current_panel

DAY = dt.date(2026, 1, 1)
MONTH = months.parse("2015-01")


def _area(points: np.ndarray) -> float:
    x, y = points[:, 0], points[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


@given(st.floats(-60, 60), st.floats(-50, 60), st.booleans())
def test_projections_keep_areas(lon: float, lat: float, whole: bool) -> None:
    corners = np.array([[lon, lat], [lon + 1, lat], [lon + 1, lat + 1], [lon, lat + 1], [lon, lat]])
    project = world() if whole else around(10.0, 5.0)
    on_sphere = np.radians(1) * (np.sin(np.radians(lat + 1)) - np.sin(np.radians(lat)))
    assert _area(project(densified(corners, 0.05))) == pytest.approx(on_sphere, rel=1e-3)


def test_the_centre_is_the_origin_and_the_far_side_is_the_rim() -> None:
    project = around(20.0, 10.0)
    assert np.allclose(project(np.array([[20.0, 10.0]])), 0)
    far = project(np.array([[-160.0, -9.0], [-150.0, 20.0]]))
    assert np.allclose(np.hypot(far[:, 0], far[:, 1]), RIM)


def test_the_world_is_cut_where_there_is_no_land() -> None:
    frame = maps.region_frame("world", month=MONTH)
    for _, rings in shapes_in(areas.world_topology(), frame):
        for ring in rings:
            # No piece of land is wider than Russia, which takes less than half of the map.
            assert np.ptp(ring[:, 0]) < 0.5 * (frame.right - frame.left)


def test_a_line_is_moved_whole() -> None:
    line = np.array([[-179.0, 0.0], [-181.0, 1.0]])
    assert unbroken(line)[:, 0].tolist() == [181.0, 179.0]


@pytest.mark.parametrize("code", ["FJI", "RUS", "NZL", "CHL", "USA", "FRA", "MLI"])
def test_a_country_lies_in_its_frame_and_nothing_covers_it(code: str) -> None:
    gw = areas.country(code).gw
    frame = maps.country_frame(gw, month=MONTH)
    shown = shapes_in(areas.world_topology(), frame)
    assert gw in {areas.holder(shape.code, MONTH) for shape, _ in shown if shape.code}
    window = (frame.right - frame.left) * (frame.top - frame.bottom)
    covered = sum(
        _area(np.clip(r, [frame.left, frame.bottom], [frame.right, frame.top]))
        for _, rings in shown
        for r in rings
    )
    assert covered < 1.2 * window


def test_clipping_keeps_what_lies_in_the_window() -> None:
    frame = maps.Frame("window", 0.0, 0.0, 2.0, 1.0, around(0.0, 0.0))
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 3.0], [-1.0, 3.0]])
    assert _area(clipped(square, frame)) == pytest.approx(1.0)
    assert len(clipped(square + 10, frame)) == 0


def test_a_label_stands_on_its_own_land() -> None:
    # A horseshoe, whose centroid lies in the bay.
    shoe = np.array([[0, 0], [9, 0], [9, 9], [7, 9], [7, 2], [2, 2], [2, 9], [0, 9], [0, 0]], float)
    x, y = middle(shoe)
    assert 0 < x < 9
    assert 0 < y < 2 or x < 2 or x > 7
    assert middle(np.array([[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]], float)) == pytest.approx((2.0, 1.0))


def test_classes_hold_their_lower_bound() -> None:
    legend = maps.chances("en")
    assert legend.colour(0.0) == legend.classes[0].colour == MAGMA[0]
    assert legend.colour(0.01) == legend.classes[1].colour
    assert legend.colour(1.0) == legend.classes[-1].colour == MAGMA[-1]
    assert [c.label for c in maps.chances("fr").classes][:2] == ["moins de 1\xa0%", "de 1 à 2\xa0%"]


def test_colours_darken_from_class_to_class_and_states_differ_in_grey() -> None:
    def grey(colour: str) -> float:
        r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    shades = [grey(c.colour) for c in maps.chances().classes]
    assert all(a - b > 8 for a, b in pairwise(shades))
    states = [grey(control.COLOURS[state]) for state in ("held", "contested", "beyond")]
    assert all(a - b > 50 for a, b in pairwise(states))


def _small(values: dict[int | str, float | None], level: str = "country") -> maps.Map:
    return maps.Map(
        level=maps.known_level(level), month=MONTH, frame=maps.country_frame(432, month=MONTH), values=values,
        legend=maps.chances("en"), title="Title", question="Question", heading="Heading", notes=("Note",),
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_map_is_the_same_every_time(tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        maps.draw(_small({432: 0.9, 436: None}), tmp_path / f"{name}.{ending}", "en")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_disk_that_fills_leaves_the_map_that_was_there(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    maps.draw(_small({432: 0.9}), path, "en")
    before = path.read_bytes()
    told = rf"a\.{ending} cannot be written: File too large"
    with room_for(len(before) // 2), pytest.raises(BadInput, match=told):
        maps.draw(_small({432: 0.9}), path, "en")
    assert path.read_bytes() == before


def test_what_is_not_assessed_is_hatched(tmp_path: Path) -> None:
    def hatched(values: dict[int | str, float | None]) -> int:
        maps.draw(_small(values), tmp_path / "map.svg", "en")
        return (tmp_path / "map.svg").read_text(encoding="utf-8").count("url(#h")

    everywhere = {c.gw: 0.001 for c in areas.countries(month=MONTH)}
    # The legend has its own.
    assert hatched(dict(everywhere)) == 1
    for unknown in (None, float("nan"), np.float64("nan")):
        assert hatched({**everywhere, 432: unknown}) == 2
    assert hatched({gw: 0.001 for gw in everywhere if gw not in (432, 436)}) == 3


def test_cells_are_painted_where_they_have_a_value(tmp_path: Path) -> None:
    mali = areas.cells(gw=432, month=MONTH)["gid"].to_list()
    values: dict[int | str, float | None] = {gid: 0.9 if gid % 2 else None for gid in mali}
    dark, count = maps.chances().colour(0.9), sum(v is not None for v in values.values())
    drawn = []
    for name, shown in (("none", values), ("nan", {g: v or float("nan") for g, v in values.items()})):
        maps.draw(_small(shown, "cell"), tmp_path / f"{name}.svg", "en")
        drawn.append((tmp_path / f"{name}.svg").read_text(encoding="utf-8"))
        assert drawn[-1].count(f"fill: {dark}") >= count
    assert drawn[0] == drawn[1]
    with pytest.raises(BadInput, match="not assessed"):
        maps.chances().colour(float("nan"))


def test_neighbouring_cells_of_one_colour_are_drawn_as_one(tmp_path: Path) -> None:
    mali = areas.cells(gw=432, month=MONTH)["gid"].to_list()
    maps.draw(_small(dict.fromkeys(mali, 0.001), "cell"), tmp_path / "cells.svg", "en")
    said = (tmp_path / "cells.svg").read_text(encoding="utf-8")
    # A strip a row, and the legend.
    assert said.count(f"fill: {maps.chances().colour(0.001)}") < len(mali) / 8


def test_cells_beyond_the_cut_are_painted_where_their_land_is(tmp_path: Path) -> None:
    # From 180 to 160 W along 65.75 N: eastern Chukotka, and across the strait Alaska.
    gids = [grid.gid(65.75, -180 + 0.25 + 0.5 * place) for place in range(40)]
    frame = maps.region_frame("world", month=MONTH)
    chart = dataclasses.replace(_small(dict.fromkeys(gids, 0.9), "cell"), frame=frame)
    maps.draw(chart, tmp_path / "world.svg", "en")
    said = (tmp_path / "world.svg").read_text(encoding="utf-8")
    wide = float(re.search(r'viewBox="0 0 ([\d.]+)', said)[1])  # type: ignore[index]
    cells = said[said.index('<g id="PolyCollection_1">') :].partition("</g>")[0]
    runs = [
        [float(x) for x in re.findall(r"[ML] ([-\d.]+) ", path)]
        for path in re.findall(r' d="([^"]+)"', cells)
    ]
    sides = sorted((min(run) > 0.4 * wide, max(run) < 0.4 * wide) for run in runs)
    assert sides == [(False, True), (True, False)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_long_words_stay_on_the_paper(tmp_path: Path, language: Language) -> None:
    frame = maps.country_frame(516, month=MONTH)
    chart = dataclasses.replace(
        _small({516: 0.5}), frame=frame, title="A title of many words " * 4, question="A long question " * 12,
        notes=("A note as long as the sea is wide. " * 12,),
    )  # fmt: skip
    maps.draw(chart, tmp_path / "map.svg", language)
    said = (tmp_path / "map.svg").read_text(encoding="utf-8")
    wide = float(re.search(r'viewBox="0 0 ([\d.]+)', said)[1])  # type: ignore[index]
    ends = [_last_x(said, comment) for comment in re.findall(r"<!-- (.*?) -->", said)]
    assert ends
    assert max(ends) < wide


def _last_x(svg: str, comment: str) -> float:
    """Return where a text ends: its place and, scaled, that of its last letter."""
    part = svg[svg.index(f"<!-- {comment} -->") :]
    x, scale = re.search(r"translate\(([-\d.]+) [-\d.]+\) scale\(([\d.]+)", part).groups()  # type: ignore[union-attr]
    letters = re.findall(r"<use [^>]*translate\(([\d.]+)", part[: part.index("</g>\n  </g>")])
    return float(x) + float(scale) * (float(letters[-1]) if letters else 0.0)


@pytest.fixture(scope="module")
def across() -> spillover.FittedSpillover:
    return spillover.assess(current_panel(DAY, "figures"), month=months.parse("2012-01"))


def test_the_map_of_spillover_into_a_country_says_what_the_links_say(
    across: spillover.FittedSpillover,
) -> None:
    frame = maps.country_frame(432, month=across.month, around_km=750)
    chart = maps.spillover_map(across, frame, as_of=DAY, language="en")
    found = across.of(432)
    assert chart.values[432] == "self"
    assert chart.values[2] == "far"
    for link in found.links:
        part = link.changes[-1].added
        assert (chart.values[link.source] == "nothing") == (abs(part) < 0.005)
        if link.deaths_12:
            assert f"{abs(100 * part):.1f}" in chart.labels[link.source]
    assert {target for _, target, _ in chart.arrows} == {432}
    widest = max(chart.arrows, key=lambda arrow: arrow[2])
    assert widest[0] == found.links[0].source


def test_the_map_of_spillover_of_a_region_says_what_all_add_together(
    across: spillover.FittedSpillover,
) -> None:
    chart = maps.spillover_map(across, maps.region_frame("Africa", month=across.month), as_of=DAY)
    assert chart.values[2] == "far"
    order = ["less", "nothing", "1", "2", "3", "4", "5"]
    parts = {gw: across.of(gw).together[-1].added for gw in (432, 436, 500, 560)}
    ranked = sorted(parts, key=lambda gw: parts[gw])
    places = [order.index(str(chart.values[gw])) for gw in ranked]
    assert places == sorted(places)
    assert 0 < len(chart.arrows) <= 15
    assert {end for arrow in chart.arrows for end in arrow[:2]} <= set(chart.labels)


def test_a_state_around_which_nothing_is_covered_has_no_colour(across: spillover.FittedSpillover) -> None:
    beside = {near.gw for near in spillover.within_reach(432, month=across.month)}
    cut = {
        gw: [one for one in near if one[0].gw not in beside]
        for gw, near in across.terms.near.items()
        if gw not in beside
    }
    partly = dataclasses.replace(across, terms=dataclasses.replace(across.terms, near=cut))
    africa = maps.region_frame("Africa", month=across.month)
    chart = maps.spillover_map(partly, africa, as_of=DAY, language="en")
    assert (chart.values[432], chart.values[560]) == (None, "nothing")
    total = len(areas.countries(month=across.month))
    told = f"left out of every sum: {len(beside)} of {total} states"
    assert told in " ".join(chart.notes)
    assert "left out" not in " ".join(maps.spillover_map(across, africa, as_of=DAY, language="en").notes)
    with pytest.raises(NotAssessed, match="within reach of Mali"):
        maps.spillover_map(partly, maps.country_frame(432, month=across.month), as_of=DAY)


def test_what_lies_near_a_state_without_cells_is_not_assessed(across: spillover.FittedSpillover) -> None:
    singapore = maps.spillover_map(across, maps.country_frame(830, month=across.month), as_of=DAY)
    assert (singapore.values[830], singapore.values[850]) == ("self", None)


def test_no_chance_is_printed_as_certain() -> None:
    panel = current_panel(DAY, "figures")
    made = fit(panel, origin=MONTH, target="total", method="conflictology-12").predict(range(1, 4))
    frame = maps.country_frame(areas.country("AFG").gw, month=MONTH)
    labels = maps.risk_map(made, frame, as_of=DAY, releases=("x",), language="en").labels
    assert ">99%" in labels[700]
    assert not any("100" in label or "\n0" in label for label in labels.values())


def test_cells_are_coloured_by_what_comes_from_abroad() -> None:
    made = [
        spillover.CellSpillover(1, 432, 0.2, 0.1, 0.03, 439, "s"),
        spillover.CellSpillover(2, 432, 0.2, 0.1, -0.02, 439, "s"),
    ]
    frame = maps.country_frame(432, month=MONTH)
    chart = maps.spillover_cells_map(
        made,
        frame,
        month=MONTH,
        target="sb",
        areas_known=[1, 2, 3],
        as_of=DAY,
        releases=("x",),
        language="en",
    )
    assert chart.values == {1: "3", 2: "less", 3: "nothing"}
    assert "(state-based)" in chart.title
    lines = [entry.label for entry in chart.legend.classes]
    assert "+2 to +5" in lines
    assert "lower by more than 0.5" in lines


def test_the_map_of_places_shows_their_chance_and_hatches_what_is_not_assessed() -> None:
    layout, _ = local.admin1_data(as_of=DAY, origin=MONTH)
    draws = np.zeros((1, 3, 4), dtype=np.int32)
    draws[0, 1, :3] = 2
    made = local.LocalForecast(
        level="admin1", scheme="ocha", areas=layout.areas[:3], states=layout.states[:3], origin=MONTH,
        steps=(1, 2, 3), target="total", method="traces", rows=np.array([1]), draws=draws,
        chance=np.zeros((3, 3)), assessed=np.array([True, True, False]), inputs="x",
    )  # fmt: skip
    frame = maps.region_frame("Afrique de l'Ouest", month=MONTH)
    chart = maps.places_map(made, frame, as_of=DAY, releases=("x",), parent="tocsin", language="fr")
    first, second, third = layout.areas[:3]
    assert chart.values == {first: 0.0, second: 0.75, third: None}
    assert "75" in next(iter(chart.labels.values()))
    assert third not in chart.labels
    assert "Afrique de l'Ouest" in chart.title


def test_the_map_of_risk_says_what_the_forecast_says() -> None:
    panel = current_panel(DAY, "figures")
    made = fit(panel, origin=MONTH, target="total", method="conflictology-12").predict(range(1, 4))
    chart = maps.risk_map(made, maps.region_frame("Africa", month=MONTH), as_of=DAY, releases=("x",))
    chance = made.probability(25, last=3)
    for place, area in enumerate(made.areas):
        expected = float(chance[place]) if made.assessed[place] else None
        assert chart.values[area] == expected
    assert "MLI" in chart.labels.values()
    african = {c.gw for c in areas.countries(month=MONTH) if c.region == "Africa"}
    most = max((gw for gw in african if chart.values.get(gw)), key=lambda gw: float(chart.values[gw] or 0))
    assert chart.values[next(iter(chart.labels))] == chart.values[most]


def test_a_state_without_any_event_is_not_called_uncovered() -> None:
    month = months.parse("2012-10")
    oman, yemen = (
        control.control(gw, span=Span(month, month), as_of=DAY, level="cell", data="figures")
        for gw in (698, 678)
    )
    frame = maps.region_frame("Middle East", month=month)
    chart = maps.control_map([oman, yemen], month, "en", frame=frame)
    states = len([state for state in areas.countries(month=month) if state.region == "Middle East"])
    notes = " ".join(chart.notes)
    assert f"States not covered, hatched too: {states - 2} of {states}." in notes
    assert f"any event placed in a cell up to then, hatched too: 1 of {states}." in notes
    assert "sans aucun événement situé" in " ".join(
        maps.control_map([oman, yemen], month, "fr", frame=frame).notes
    )
    with pytest.raises(NotAssessed, match="No event of Oman is placed in a cell up to 2012-10"):
        maps.control_map(oman, month)


def test_the_map_of_control_shows_one_month_of_the_answer() -> None:
    found = control.control(432, span=Span.parse("2012-01:2012-12"), as_of=DAY, data="figures")
    month = months.parse("2012-10")
    chart = maps.control_map(found, month, "en")
    assert "not used: 24 events with 715 deaths" in " ".join(chart.notes)
    assert "not covered" not in " ".join(chart.notes)
    west = maps.control_map(found, month, "en", frame=maps.region_frame("West Africa", month=MONTH))
    assert "States not covered, hatched too: 7 of 8." in " ".join(west.notes)
    for unit in found.units:
        state, chance = found.state(unit, month)
        value = chart.values[unit]
        assert (value is None) == (chance is None)
        if value is not None and chance is not None and state != "unclear":
            assert str(value).removesuffix("_less") == state
            assert str(value).endswith("_less") == (chance < 0.8)
    with pytest.raises(NotAssessed, match="2013-01"):
        maps.control_map(found, months.parse("2013-01"))


@pytest.mark.parametrize(
    ("action", "kind", "told"),
    [
        (lambda: maps.region_frame("Atlantis", month=MONTH), UnknownName, "Africa, Americas"),
        (lambda: maps.country_frame(areas.country("TUV").gw, month=MONTH), UnknownName, "too small"),
        (lambda: maps.country_frame(260, month=months.parse("1985-01")), UnknownName, "divided its land"),
        (lambda: maps.country_frame(626, month=months.parse("2010-01")), UnknownName, "does not exist yet"),
        (lambda: maps.known_level("village"), UnknownName, "country, admin1, cell"),
        (lambda: drawing.check_out(Path("map.pdf")), BadInput, r"\.png, \.svg"),
        (lambda: drawing.check_out(Path("nowhere/map.png")), BadInput, "does not exist"),
    ],
)  # fmt: skip
def test_bad_input(action: object, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told):
        action()  # type: ignore[operator]
