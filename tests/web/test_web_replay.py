"""Replays in the browser: each month as it stood then, without scripts, at an address of its own."""

from __future__ import annotations

import csv
import re
import shutil
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient
from web_world import DAY, World

from tocsin import areas, months
from tocsin import control as controls
from tocsin.cli import main
from tocsin.maps import chances, control_legend
from tocsin.months import Span
from tocsin.replay.tracks import track_name
from tocsin.text import Language, say
from tocsin.watch import percent

MONTHS = ("2012-01", "2012-02", "2012-03", "2012-04")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_replays_that_are_served_are_listed(reader: TestClient, lang: str) -> None:
    page = reader.get(f"/{lang}/replay").text
    assert f'href="/{lang}/replay/small"' in page


def test_without_replays_the_page_says_how_to_make_one(world: World) -> None:
    assert "tocsin replay" in world.client(replays=()).get("/en/replay").text


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_shows_what_the_table_of_months_says(world: World, reader: TestClient, month: str) -> None:
    with (world.replay / "months.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["month"] == month]
    page = unescape(reader.get(f"/en/replay/small?month={month}").text)
    assert len(rows) == 2
    for row in rows:
        assert f">{row['origin']}</td>" in page
        assert f">{percent(float(row['p_25_next_3']), 'en')}</td>" in page
        assert f"{row['rank']} / {row['of']}" in page
    assert f"Deaths in the month itself: {int(float(rows[0]['deaths_revealed']))} (" in page


def test_months_lead_to_each_other_without_scripts(reader: TestClient) -> None:
    def step(month: str, rel: str) -> str | None:
        page = unescape(reader.get(f"/en/replay/small?month={month}").text)
        found = re.search(rf'rel="{rel}" href="/en/replay/small\?month=([0-9-]+)"', page)
        return found[1] if found else None

    assert [step(month, "next") for month in MONTHS] == [*MONTHS[1:], None]
    assert [step(month, "prev") for month in MONTHS] == [None, *MONTHS[:-1]]
    assert step("", "next") == MONTHS[1]


def test_entries_appear_in_the_month_they_tell_of_and_not_before(reader: TestClient) -> None:
    pages = {month: reader.get(f"/en/replay/small?month={month}").text for month in MONTHS}
    assert ["It will get worse." in pages[month] for month in MONTHS] == [True] * 4
    assert ["does not believe" in pages[month] for month in MONTHS] == [False, False, True, True]
    # What lasted until March was not known whole in January.
    assert ["went on into spring" in pages[month] for month in MONTHS] == [False, False, True, True]
    assert "ne croit pas" in reader.get("/fr/replay/small?month=2012-03").text.replace("n&#39;y", "ne")


TITLES = re.compile(r"<path d=\"M[^>]+fill=\"([^\"]+)\"><title>([^<]+)</title>")


def _map(page: str) -> dict[str, str]:
    """Return the colour of each country of the forecast's map by what is said of it."""
    return {said: colour for colour, said in TITLES.findall(unescape(page).partition(">Control<")[0])}


@pytest.mark.parametrize("track", ["lag-1", "lag-7"])
def test_the_map_shows_each_country_as_it_was_forecast_then(
    world: World, reader: TestClient, track: str
) -> None:
    rows = pl.read_parquet(world.replay / "countries.parquet").filter(month="2012-04", track=track)
    page = reader.get(f"/en/replay/small?month=2012-04&track={track}").text
    drawn = _map(page)
    for gw, chance, rank in rows.select("gw", "p_25_next_3", "rank").iter_rows():
        said = f"{areas.country(gw).name('en')}: {percent(chance, 'en')}, rank {rank}, "
        (colour,) = [colour for told, colour in drawn.items() if told.startswith(said)] or [""]
        assert colour == chances("en").colour(chance) or gw in (475, 615, 620), said
    # Who is not in the record of the month is hatched, and said to be so.
    assert drawn["Mauritania: not assessed"] == "url(#hatch)"
    assert page.count("data-figure=") == 2


def test_a_record_that_holds_the_country_alone_says_so(world: World, tmp_path: Path) -> None:
    shutil.copytree(
        world.replay, tmp_path / "old", ignore=shutil.ignore_patterns("countries.parquet", "parts")
    )
    page = world.client(replays=(tmp_path / "old",)).get("/en/replay/small?month=2012-04").text
    drawn = _map(page)
    assert drawn["Niger: not held in this record"] == "url(#hatch)"
    (own,) = [colour for told, colour in drawn.items() if told.startswith("Mali: ")]
    assert own.startswith("#")
    assert page.count("data-figure=") == 1


def test_control_is_drawn_and_told_in_words(reader: TestClient) -> None:
    page = reader.get("/en/replay/small?month=2012-04").text.partition(">Control<")[2]
    shapes = re.findall(r"<path d=\"M[^>]+><title>([^<]+)</title>", page)
    assert len(shapes) >= 8
    assert any(shape.startswith(("Kidal", "Gao", "Timbuktu", "Tombouctou")) for shape in shapes)
    for shape in shapes:
        assert shape.partition(" – ")[0] in page.partition("<tbody>")[2]


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("track", "lag", "origin"), [("lag-1", 1, "2012-02"), ("lag-7", 7, "2011-08")])
def test_control_is_what_could_be_known_on_the_track_and_says_so(
    world: World, reader: TestClient, lang: Language, track: str, lag: int, origin: str
) -> None:
    page = unescape(reader.get(f"/{lang}/replay/small?month=2012-04&track={track}").text)
    named = track_name("reconstructed", lag, lang)
    control = page.partition(f">{say('web.walk.control_of', lang, month=origin, track=named)}</p>")[2]
    drawn = [told for _, told in TITLES.findall(control)]
    at = months.parse(origin)
    held = controls.control(432, span=Span(at, at), as_of=DAY)
    assert len(drawn) == len(held.units)
    for unit, name in zip(held.units, held.names, strict=True):
        state, chance = held.state(unit, at)
        said = say(f"control.state.{state}", lang, months=controls.MEMORY)
        sure = "" if chance is None else f" ({percent(chance, lang)})"
        assert f"{name} – {said}{sure}" in drawn


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_month_names_the_method(reader: TestClient, lang: Language) -> None:
    page = reader.get(f"/{lang}/replay/small?month=2012-04").text
    assert say("web.walk.method", lang, method="conflictology-12") in unescape(page)


def test_two_replays_of_one_case_are_refused_before_anything_is_served(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[object] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **given: served.append(app))
    other = shutil.copytree(world.replay, tmp_path / "other")
    words = ["serve", "--out", str(world.results), "--replay", str(world.replay), "--replay", str(other)]
    assert main(words) == 2
    said = capsys.readouterr().err
    for named in (str(world.replay), str(other), "small"):
        assert named in said.replace("\n", "")
    assert not served


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("replay/none-such", "none-such"), ("replay/small?month=1999-01", "2012-04"),
        ("replay/small?month=soon", "soon"), ("replay/small?track=lag-3", "lag-1, lag-7"),
        ("replay/none-such/account.pdf", "none-such"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_explained(reader: TestClient, lang: str, path: str, said: str) -> None:
    answer = reader.get(f"/{lang}/{path}")
    assert answer.status_code == 404
    assert said in answer.text


def test_the_account_is_served_in_the_language_of_the_page(world: World, reader: TestClient) -> None:
    for lang in ("en", "fr"):
        answer = reader.get(f"/{lang}/replay/small/account.pdf")
        assert answer.content == (world.replay / f"account.{lang}.pdf").read_bytes()


def test_a_folder_without_a_finished_replay_is_named(world: World) -> None:
    answer = world.client(replays=(world.home,)).get("/en/replay")
    assert answer.status_code == 503
    assert str(world.home) in answer.text


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_control_has_the_colours_and_the_legend_of_its_map(reader: TestClient, lang: str) -> None:
    page = reader.get(f"/{lang}/replay/small?month=2012-04").text
    control = unescape(page).partition('<svg class="ground" ')[2]
    drawn = {said: colour for colour, said in TITLES.findall(control)}
    legend = control_legend(lang)  # type: ignore[arg-type]
    for entry in legend.classes:
        assert f'fill="{entry.colour}"/></svg> {entry.label}<' in control
    states = {say(f"control.state.{name}", lang): name for name in ("held", "contested", "beyond", "unclear")}  # type: ignore[arg-type]
    seen = set()
    for said, colour in drawn.items():
        state = next((states[one] for one in states if f" – {one} (" in said), None)
        if state is None:
            assert colour == "url(#hatch)", said
            continue
        sure = int(said.rpartition("(")[2].partition("%")[0]) >= 80 or state == "unclear"
        assert colour == legend.colour(state if sure else f"{state}_less"), said
        seen.add((state, sure))
    assert len(seen) > 2


@pytest.mark.parametrize(("lang", "title"), [("en", "Onset of violence"), ("fr", "Début de violences")])
def test_a_rule_that_warned_is_called_by_its_title(
    world: World, tmp_path: Path, lang: str, title: str
) -> None:
    shutil.copytree(world.replay, tmp_path / "told")
    with (tmp_path / "told" / "months.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (tmp_path / "told" / "months.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        table.writerows(row | {"warnings": "onset my-own"} for row in rows)
    page = world.client(replays=(tmp_path / "told",)).get(f"/{lang}/replay/small?month=2012-04").text
    assert f'<span title="onset">{title}</span>, <span title="my-own">my-own</span>' in page
