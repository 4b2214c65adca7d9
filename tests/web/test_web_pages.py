"""The situation, a country and the data: what they say is what the watch found."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from collections import OrderedDict
from concurrent.futures import Future
from html import unescape
from importlib import import_module, resources
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from starlette.testclient import TestClient
from tally_files import hdx, hdx_row
from web_world import World, retell

from tocsin import figures, months, warn
from tocsin.decide.words import span
from tocsin.desk import Desk, atlas, situation
from tocsin.desk.area import Asked, delay
from tocsin.desk.situation import DIVERGING
from tocsin.desk.snapshot import panel_of
from tocsin.desk.telling import Told
from tocsin.errors import Damaged, NotAssessed
from tocsin.maps import chances
from tocsin.months import Span
from tocsin.panel import based, released
from tocsin.sources import Coverage, due
from tocsin.tally import Shelf
from tocsin.text import LANGUAGES, Language, number, say
from tocsin.watch import current_panel
from tocsin.web import rendering


@pytest.fixture(scope="module")
def desk(world: World) -> Desk:
    """Return the desk that the pages of the small world read."""
    return Desk(world.results, world.home)


def test_what_a_page_does_not_know_of_its_address_is_neither_kept_nor_handed_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_pages", OrderedDict())
    client = world.client()
    pages = {client.get(f"/en/situation?measure=change{more}").text for more in ("", "&x=ABRA", "&y=CADABRA")}
    assert len(pages) == len(rendering._pages) == 1
    (page,) = pages
    assert "ABRA" not in page
    for twin in re.findall(r'href="(/fr/situation[^"]*)"', page):
        assert twin == "/fr/situation?measure=change"
    assert "back=%2Fen%2Fsituation%3Fmeasure%3Dchange" in page.replace("/en/s", "%2Fen%2Fs")


def test_pages_are_kept_by_their_bytes_and_the_ones_asked_for_longest_ago_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_pages", OrderedDict())
    client = world.client()
    sizes = [len(client.get(f"/en/situation?sort={sort}").content) for sort in ("rank", "name")]
    monkeypatch.setattr(rendering, "KEPT", sum(sizes) + 1)
    third = client.get("/en/situation?sort=expected").content
    kept = list(rendering._pages.values())
    assert sum(map(len, kept)) <= sum(sizes) + 1
    assert kept[-1] == third
    assert 0 < len(kept) < 3


@pytest.mark.parametrize("query", ["measure=fear", "region=Atlantis", "sort=luck"])
def test_what_cannot_be_shown_is_named_with_the_choices(reader: TestClient, query: str) -> None:
    answer = reader.get(f"/en/situation?{query}")
    assert answer.status_code == 404
    assert query.partition("=")[2] in answer.text


def test_colours_follow_the_value_and_absence_has_none(desk: Desk) -> None:
    found = situation(desk.current(), "en")
    shades = [entry.colour for entry in found.legend.classes]
    colours = [found.colour(line) for line in found.lines if line.assessed]
    assert [shades.index(c) for c in colours if c] == sorted(
        (shades.index(c) for c in colours if c), reverse=True
    )


def test_the_map_has_every_state_once_and_is_small(desk: Desk) -> None:
    world = atlas(desk.current().origin)
    gws = [place.gw for place in world.places]
    assert len(gws) == len(set(gws)) > 190
    assert sum(len(place.path) for place in world.places) + len(world.rest) < 300_000
    south_sudan = 626
    assert south_sudan in gws
    assert south_sudan not in [place.gw for place in atlas(months.parse("2010-12")).places]


@pytest.mark.parametrize(("lang", "word"), [("en", "Near it"), ("fr", "plus proches")])
def test_an_unknown_country_is_answered_with_those_near(reader: TestClient, lang: str, word: str) -> None:
    answer = reader.get(f"/{lang}/area/MALI")
    assert answer.status_code == 404
    assert "(MLI)" in answer.text
    assert word in answer.text
    assert reader.get(f"/{lang}/area/mli").headers["location"] == f"/{lang}/area/MLI"
    assert reader.get(f"/{lang}/area/%3Cscript%3E").status_code == 404


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/en/ledger/nothing", "in the list of entries by type"),
        ("/fr/ledger/nothing", "dans la liste des inscriptions, par type"),
        ("/en/warnings/nothing", "The list of warnings holds all"),
        ("/fr/warnings/nothing", "La liste des alertes les comprend toutes"),
        ("/api/v1/draws?area=QQQ&as_of=2026-11-24", "/api/v1/areas"),
    ],
)
def test_what_is_not_there_is_answered_with_where_to_look(reader: TestClient, path: str, said: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 404
    assert said in answer.text


def test_the_delay_table_answers_changed_inputs(reader: TestClient, desk: Desk) -> None:
    held = desk.current()
    for horizon in (60, 240):
        page = reader.get(f"/en/area/MLI?moments=0,6&horizon={horizon}&response=mediation").text
        made = delay(held, 432, Asked((0, 6), horizon, 0.0, ("mediation",)))
        for moment in made.option("mediation").moments:
            assert span(moment.deaths, 90, "en") in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_record_stands_by_the_name_of_its_rule(
    own: World, lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = SimpleNamespace(rule="spread", sentence=lambda _: "It was right 8 times.")
    monkeypatch.setattr(import_module("tocsin.desk.area"), "records", lambda *_: (sentence,))
    page = unescape(own.client("reader").get(f"/{lang}/area/MLI").text)
    title = warn.title_of("spread", lang)
    assert f'<strong title="spread">{title}</strong>{say("web.colon", lang)} It was right 8 times.' in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_country_page_says_calm_of_no_state_around_that_is_not_assessed(
    own: World, lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("tocsin.desk.area")
    snapshot = Desk(own.results, own.home).current()
    found = module._spillover(snapshot, 432)
    assert found is not None
    unknown = say("spillover.unknown", lang, km=1000, names="@").partition("@")[0]
    client = own.client("reader")

    def shown(**changed: object) -> str:
        monkeypatch.setattr(rendering, "_pages", OrderedDict())
        monkeypatch.setattr(module, "_spillover", lambda *_: dataclasses.replace(found, **changed))
        return unescape(client.get(f"/{lang}/area/MLI").text)

    whole, partly, none = shown(), shown(not_assessed=(436,)), shown(not_assessed=(436,), links=())
    assert [unknown in page for page in (whole, partly, none)] == [False, True, False]
    assert "Niger." in partly.partition(unknown)[2][:20]
    nothing = say("web.area.no_spillover", lang)
    assert [nothing in page for page in (whole, partly, none)] == [False, False, True]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_country_not_assessed_is_counted_as_such_and_not_told_as_without_warning(
    own: World, lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, client = Desk(own.results, own.home).current(), own.client("reader")
    figures = dict.fromkeys(("rank", "recent", "expected", "low", "high", "probability", "before", "change"))
    lines = tuple(
        dataclasses.replace(line, **figures) if line.iso3 == "BWA" else line for line in whole.lines
    )
    held = {"counted": say("web.situation.ranking", lang, count=len(lines))}
    held |= {"partly": say("web.situation.ranking_partly", lang, count=len(lines) - 1, total=len(lines))}
    held |= {key: say(f"web.area.{key}", lang) for key in ("no_warnings", "unasked")}
    monkeypatch.setattr(import_module("tocsin.desk.area"), "asked", lambda *_: True)
    for snapshot, told in (
        (whole, ["counted", "no_warnings"]),
        (dataclasses.replace(whole, lines=lines), ["partly", "unasked"]),
    ):
        monkeypatch.setattr(rendering, "_pages", OrderedDict())
        monkeypatch.setattr(Desk, "current", lambda _, one=snapshot: one)
        pages = "".join(unescape(client.get(f"/{lang}/{path}").text) for path in ("situation", "area/BWA"))
        assert [key for key, sentence in held.items() if sentence in pages] == told


@pytest.mark.parametrize(
    "query",
    ["horizon=soon", "horizon=5", "moments=,x", "moments=1,2,3,4,5,6,7,8,9", "value=-1", "response=prayer"],
)
def test_inputs_that_cannot_be_used_are_told_beside_the_form(reader: TestClient, query: str) -> None:
    answer = reader.get(f"/en/area/MLI?{query}")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_mean_above_its_interval_is_explained_and_no_other_is(
    own: World, results: Path, lang: Language
) -> None:
    ranking = pl.read_parquet(results / "ranking.parquet")
    rare = pl.when(pl.col("iso3") == "MLI").then(pl.col("high_80_next_3") + 2).otherwise("low_80_next_3")
    ranking.with_columns(expected_next_3=rare).write_parquet(results / "ranking.parquet")
    # Signed in: the page is not one kept of the results as they were.
    reader = own.client("reader", results=results)
    for iso3 in ("MLI", "NGA"):
        page = unescape(reader.get(f"/{lang}/area/{iso3}").text)
        assert (say("reasons.rare", lang) in page) is (iso3 == "MLI")


def test_reasons_wait_until_a_reader_asks(reader: TestClient) -> None:
    assert 'href="?why=1"' in reader.get("/en/area/MLI").text
    assert reader.get("/en/area/nowhere/reasons").status_code == 404


def test_reasons_and_provinces_are_shown_once_they_are_there(world: World) -> None:
    client = world.client()
    told = Told(
        {"en": ["It is so.", "What the data say:", "- many"], "fr": ["C'est ainsi."]},
        (("Gao", 0.5), ("Kidal", None)),
    )
    coming: Future[Told] = Future()
    teller = client.app.state.teller  # type: ignore[attr-defined]
    teller._asked[(client.app.state.desk.current().digest, 439)] = coming  # type: ignore[attr-defined]
    assert client.get("/en/area/BFA/reasons").status_code == 202
    coming.set_result(told)
    page = client.get("/en/area/BFA").text
    for words in ("It is so.", "<h3>What the data say</h3>", "many", "Gao", "50%", "Kidal", "not assessed"):
        assert words in page
    assert "ainsi" in client.get("/fr/area/BFA/reasons").text


def test_a_reason_that_could_not_be_worked_out_is_said_and_asked_for_again(world: World) -> None:
    client = world.client()
    failed: Future[Told] = Future()
    failed.set_exception(OSError("no processes left"))
    teller = client.app.state.teller  # type: ignore[attr-defined]
    key = (client.app.state.desk.current().digest, 436)  # type: ignore[attr-defined]
    teller._asked[key] = failed
    # A script that waits is told so once; it does not start the same failure over and over.
    assert 'data-state="failed"' in client.get("/en/area/NER/reasons").text
    assert 'data-state="failed"' not in client.get("/en/area/NER").text
    assert teller.ask(client.app.state.desk.current(), 436) is not failed  # type: ignore[attr-defined]
    teller.close()


def test_figures_other_than_those_a_forecast_was_made_from_are_not_shown_beside_it(
    world: World, results: Path
) -> None:
    held = Desk(results, world.home).current()
    assert held.panel is not None
    assert held.panel.only(held.made.areas).digest == held.summary["inputs_sha256"]
    retell(results, inputs_sha256="0" * 64)
    assert Desk(results, world.home).current().panel is None
    page = world.client(results=results).get("/en/area/MLI")
    assert page.status_code == 200
    told = "Deaths in the last 12 months: "
    assert told in world.client().get("/en/area/MLI").text
    assert told not in page.text


def test_a_past_day_made_with_a_lag_has_its_figures_beside_it() -> None:
    day = dt.date(2015, 1, 20)
    cut = current_panel(dt.date.today(), "auto").known(day, 1)
    assert cut.lag == 1
    assert panel_of(day, cut.lag).digest == cut.digest


def test_results_that_are_replaced_are_taken_up_and_never_read_half(world: World, tmp_path: Path) -> None:
    results = tmp_path / "out"
    desk = Desk(results, world.home)
    with pytest.raises(NotAssessed, match="tocsin watch"):
        desk.current()
    shutil.copytree(world.results, results)
    first = desk.current()
    assert desk.current() is first
    retell(results, watch_sha256="f" * 64)
    assert desk.current().digest == "f" * 64
    (results / "draws.parquet").write_bytes(b"PAR1")
    with pytest.raises(Damaged, match="tocsin watch"):
        desk.current()
    client = world.client(results=results)
    assert client.get("/fr/situation").status_code == 503
    shutil.rmtree(results)
    answer = client.get("/fr/situation")
    assert answer.status_code == 503
    assert "tocsin watch" in answer.text


@pytest.mark.parametrize(("column", "change"), [("month_id", 1), ("gw", 1), ("draw", 1), ("draw", -1)])
def test_draws_of_another_watch_are_not_shown_as_those_of_this_one(
    world: World, tmp_path: Path, column: str, change: int
) -> None:
    results = tmp_path / "out"
    shutil.copytree(world.results, results)
    draws = pl.read_parquet(results / "draws.parquet").with_columns(pl.col(column).cast(pl.Int64) + change)
    draws.write_parquet(results / "draws.parquet")
    with pytest.raises(Damaged, match="tocsin watch"):
        Desk(results, world.home).current()


def test_the_data_page_says_what_is_there_and_how_old(reader: TestClient) -> None:
    page = reader.get("/en/data").text
    for words in ("2021-12", "country_month", "CC BY 4.0", "Sundberg"):
        assert words in page
    for table in figures.manifest()["tables"]:
        assert say(f"web.data.table_covers.{table}", "en") in page


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_another_source_counts_stands_beside_a_country_and_among_the_data(
    own: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: Language
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    client = own.client(today=months.today)

    def told(path: str) -> str:
        return unescape(client.get(f"/{lang}/{path}").text)

    heading = say("tally.heading", lang)
    assert heading not in told("area/MLI")
    assert say("web.data.no_tallies", lang).partition(" ")[0] in told("data")
    rows = [hdx_row("MLI", f"2021-{n:02}", 1, 100) for n in range(1, 13)]
    tally, _ = Shelf(own.home).add(hdx(tmp_path / "hdx.csv", rows))
    page = told("area/MLI")
    assert heading in page
    assert say("tally.apart", lang) in page
    assert number(1200, lang) in page
    assert "acleddata.com/terms-of-use" in page
    assert heading not in told("area/NER")
    assert tally.short in told("data")
    # In nothing that programs read.
    assert "ACLED" not in client.get("/api/v1/areas?format=json").text
    Shelf(own.home).withdraw(tally.short, reason="a test")
    assert heading not in told("area/MLI")
    next(Shelf(own.home).folder.iterdir()).write_bytes(b"spoilt")
    assert heading not in told("area/MLI")
    assert "tocsin tally add" in told("data")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_data_page_names_the_months_that_no_complete_release_covers(
    own: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: Language
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(own.home))
    client = own.client(today=months.today)

    def told() -> str:
        return unescape(client.get(f"/{lang}/data").text)

    assert say("web.data.no_vault", lang).partition(":")[0] in told()
    own.bring_in("23.1", Coverage(Span.parse("1989-01:2022-12")), "2022-05", tmp_path, monkeypatch)
    assert say("web.data.gaps", lang, spans="").partition(":")[0] not in told()
    own.bring_in("23.0.6", Coverage(Span.parse("2023-06:2023-06")), "2023-06", tmp_path, monkeypatch)
    own.bring_in(
        "23.0.9", Coverage(Span.parse("2023-07:2023-09"), partial=True), "2023-08", tmp_path, monkeypatch
    )
    own.bring_in("23.0.10", Coverage(Span.parse("2023-10:2023-10")), "2023-10", tmp_path, monkeypatch)
    page = told()
    assert say("web.data.gaps", lang, spans="2023-01:2023-05, 2023-07:2023-09") in page
    out = due(months.today())
    lacking = say("cli.status.lacking", lang, releases=", ".join(one.name for one in out), count=len(out))
    assert lacking.partition("`")[0] in page
    part = say("cli.status.partial", lang)
    assert page.count(part) == 1
    assert f"2023-07:2023-09 {part}" in page
    some = say("cli.status.countries", lang, publisher="ucdp", release="23.0.11", count=1)
    assert some.partition("`")[0] not in page
    one = Coverage(Span.parse("2023-11:2023-11"), countries=(432,))
    own.bring_in("23.0.11", one, "2023-11", tmp_path, monkeypatch)
    assert some.partition("`")[0] in told()


def test_the_language_of_the_reader_is_met(reader: TestClient) -> None:
    for accept, lang in (
        ("fr-FR,en;q=0.5", "fr"),
        ("de, en;q=0.8, fr;q=0.3", "en"),
        ("fr, en", "fr"),
        ("", "en"),
        ("x;q=y", "en"),
    ):
        answer = reader.get("/", headers={"Accept-Language": accept})
        assert answer.headers["location"] == f"/{lang}/situation"
    assert reader.get("/de").status_code == 404


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_releases_and_what_data_rest_on_are_told_in_the_language_of_the_page(
    world: World, reader: TestClient, desk: Desk, lang: str
) -> None:
    held = desk.current()
    page = unescape(reader.get(f"/{lang}/data").text)
    assert f"{released(held.summary['releases'], lang)} ({based(held.summary['basis'], lang)})" in page  # type: ignore[arg-type]
    for table in figures.manifest()["tables"].values():
        assert f"<td>{released(table['releases'], lang)}</td>" in page  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_number_on_the_map_governs_a_noun_that_has_a_plural(reader: TestClient, lang: str) -> None:
    told = re.findall(r'data-facts="([^"]*)"', reader.get(f"/{lang}/situation").text)
    assert len(told) > 300
    assert not [one for one in told if re.search(r"\d (points|deaths|décès)", one.replace("25 d", ""))]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_note_says_by_what_countries_are_ranked(reader: TestClient, lang: str) -> None:
    note = reader.get(f"/{lang}/situation").text.rpartition('<p class="note">')[2].partition("</p>")[0]
    assert "99" in note


def test_countries_that_did_not_change_have_borders_that_can_be_seen(reader: TestClient) -> None:
    assert '<svg class="map change"' in reader.get("/en/situation?measure=change").text
    style = reader.get("/static/tocsin.css").text
    stroke = re.search(r"\.map\.change \{ --border: var\((--[a-z]+)\)", style)
    assert stroke
    for held in _themes(style):
        for beside in (DIVERGING[len(DIVERGING) // 2], held["--sea"]):
            assert _contrast(held[stroke[1]], beside) > 2, beside


def test_countries_in_danger_have_borders_that_can_be_seen_in_every_theme(reader: TestClient) -> None:
    scale = chances("en")
    themes = _themes(reader.get("/static/tocsin.css").text)
    assert len(themes) == 3
    for held in themes:
        for probability in (0.1, *scale.bounds[5:], 1):
            assert _contrast(held["--border"], scale.colour(probability)) >= 3, (
                held["--border"],
                probability,
            )


def _themes(style: str) -> list[dict[str, str]]:
    """Return the colours of each block of the style sheet that sets them, by name."""
    found = [dict(re.findall(r"(--[a-z]+): (#[0-9a-f]{6})", block)) for block in style.split("{")]
    return [held for held in found if "--sea" in held]


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_no_page_writes_a_colon_after_a_value_without_asking_the_language() -> None:
    folder = Path(str(resources.files("tocsin.web") / "templates"))
    files = sorted(folder.glob("*.html"))
    assert files
    for file in files:
        assert not re.search(r"\}\}: ", file.read_text(encoding="utf-8")), file.name
    assert say("web.colon", "fr") == "\N{NO-BREAK SPACE}:"


def test_what_is_cited_in_english_is_marked_as_such_on_a_french_page(reader: TestClient) -> None:
    page = reader.get("/fr/area/MLI").text
    quoted = re.findall(r'<td>(?:<span lang="en">([^<]*)</span>)?([^<]*)</td></tr>', page)
    assert any("Collier, P." in cited for cited, _ in quoted)
    assert any(not cited and "Passages observés" in said for cited, said in quoted)
    assert not any("read" in said for _, said in quoted)
