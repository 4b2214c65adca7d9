"""`tocsin forecast --level` and `tocsin spillover`, as a person types them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from cli_events import event, write_csv
from rich.console import Console

from tocsin import areas, figures, local, months, spillover, watch
from tocsin.cli import main, places
from tocsin.cli.spillover import _sentences
from tocsin.local import LocalForecast
from tocsin.months import parse
from tocsin.spillover import assess
from tocsin.text import number, set_language
from tocsin.vault import Vault
from tocsin.watch import current_panel

QUICK = ("--method", "conflictology-12")
"""For what is the same by whichever method the country is forecast."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")


def test_the_units_of_a_country_sum_to_it(capsys, tmp_path):
    words = ["forecast", "MLI", "--level", "admin1", "--origin", "1994-12", "--steps", "3"]
    out = tmp_path / "draws.parquet"
    assert main([*words, "--json", "--out", str(out), "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["basis"] == "located events only"
    first = [row for row in found["rows"] if row["month"] == "1995-01"]
    parts = sum(row["mean"] for row in first if row["area"] != "total")
    (whole,) = [row["mean"] for row in first if row["area"] == "total"]
    assert parts == pytest.approx(whole)
    assert {row["area"] for row in first} >= {"ML08@2012", "unplaced", "total"}
    draws = pl.read_parquet(out).filter(pl.col("month_id") == parse("1995-01"))
    assert draws["outcome"].min() > 0
    assert draws["outcome"].sum() / 1000 == pytest.approx(whole)
    (kidal,) = [row for row in first if row["area"] == "ML08@2012"]
    outcomes = draws.filter(pl.col("area") == "ML08@2012")["outcome"]
    shares = {n: (outcomes >= n).sum() / 1000 for n in (1, 25)}
    assert (kidal["p_1"], kidal["p_25"]) == pytest.approx((shares[1], shares[25]))
    assert 0 < kidal["p_25"] < kidal["p_1"] < 1


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Located events only"), ("fr", "Événements localisés seulement")]
)
def test_places_say_that_they_are_located_events_only(lang, said, capsys):
    words = ["forecast", "Mali", "--level", "admin1", "--steps", "1", "--origin", "1994-12", *QUICK]
    assert main(["--lang", lang, *words]) == 0
    assert said in capsys.readouterr().out.replace("\n", " ")


def test_a_country_without_admin1_data_is_not_assessed(capsys):
    assert main(["forecast", "FRA", "--level", "admin1"]) == 3
    assert "France" in capsys.readouterr().err


def test_a_country_without_places_keeps_no_other_from_being_forecast(capsys, tmp_path):
    words = ["forecast", "FRA", "MLI", "--level", "admin1", "--steps", "1", "--origin", "1994-12", *QUICK]
    assert main(words) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.index("France") < told.index("no admin-1 data here") < told.index("Mali: ")
    out = tmp_path / "places.parquet"
    assert main([*words, "--json", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["not_assessed"], {row["gw"] for row in found["rows"]}) == ([220], {432})
    assert pl.read_parquet(out)["gw"].unique().to_list() == [432]


def test_a_country_without_cells_is_told_beside_those_that_have_some():
    day = dt.date(2026, 1, 1)
    panel = figures.panel(as_of=day)
    *_, unplaced = places.source("cell", ["FRA", "MLI"], panel, parse("1994-12"), day, "figures")
    assert list(unplaced) == [220]
    assert "France" in str(unplaced[220])
    assert "by cell" in str(unplaced[220])


def test_a_country_of_which_only_border_cells_are_held_is_not_assessed_by_cell(capsys):
    assert main(["forecast", "AFG", "--level", "cell", "--origin", "2019-12"]) == 3
    assert "10 of the 255 cells" in capsys.readouterr().err
    assert main(["forecast", "Monaco", "--level", "cell", "--origin", "2019-12"]) == 3
    assert "Monaco is too small for the half-degree grid and has no cell" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_where_no_cells_ship_a_release_brought_in_is_all_that_is_needed(lang, capsys, tmp_path):
    out = str(tmp_path / "map.png")
    for words in (["forecast", "AFG"], ["map", "risk", "--country", "FRA", "--out", out]):
        assert main(["--lang", lang, *words, "--level", "cell"]) == 3
        assert capsys.readouterr().err.rstrip().endswith(" `tocsin ingest`.")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_neither_names_nor_numbers_are_cut_in_80_columns(lang):
    rng, steps = np.random.default_rng(0), (1, 2, 3)
    units = tuple(unit.key for unit in areas.admin1_units(439))
    draws = rng.integers(0, 20_000, (len(units), 3, 50)).astype(np.int32)
    made = LocalForecast(
        level="admin1", scheme="ocha", areas=units, states=np.full(len(units), 439), origin=parse("2019-12"),
        steps=steps, target="total", method="traces", rows=np.arange(len(units)), draws=draws,
        chance=np.zeros((len(units), 3)), assessed=np.ones(len(units), bool), inputs="x",
    )  # fmt: skip
    whole = SimpleNamespace(
        local=made, unplaced=draws[:1], index=lambda gw: 0, total=lambda gw: draws.sum(axis=0)
    )
    set_language(lang)
    page = StringIO()
    Console(file=page, width=80).print(places._table(whole, 439))
    told = page.getvalue()
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= 80
    whole_mean = number(round(float(draws.sum(axis=(0, 1)).mean()), 1))
    assert all(word in told for word in ("Mouhoun", "BF56@2020", "P(≥ 25)", whole_mean))
    assert all(line.rstrip().endswith("%") for line in told.splitlines() if "BF" in line)


@pytest.mark.parametrize(("width", "has_codes"), [(100, True), (80, False), (60, False)])
def test_codes_give_way_to_numbers_in_a_narrow_terminal(width, has_codes, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    words = ["forecast", "SEN", "--level", "admin1", "--origin", "1993-06", "--steps", "3", *QUICK]
    assert main(words) == 0
    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if "Tambacounda" in line]
    assert len(lines) == 1
    assert lines[0].rstrip().endswith("%")
    assert ("SN-tambacounda@2012" in lines[0]) is has_codes
    assert ("Left out, for the width: code." in " ".join(told.split())) is not has_codes


def test_levels_that_do_not_exist_are_named_with_the_choices(capsys):
    assert main(["forecast", "MLI", "--level", "village"]) == 2
    assert "country, cell, admin1" in capsys.readouterr().err
    assert main(["spillover", "MLI", "--level", "admin1"]) == 2
    assert "country, cell" in capsys.readouterr().err
    assert main(["spillover", "--level", "cell"]) == 2
    assert main(["spillover", "MLI", "--top", "0"]) == 2
    assert "1 or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "not assessed, since a month"), ("fr", "non évalués, car un mois")]
)
def test_a_neighbour_that_is_not_covered_is_named(lang, said):
    found = assess(figures.panel(as_of=dt.date(2026, 1, 1)), month=parse("2012-01")).of(432)
    set_language(lang)
    told = [one for one in _sentences(replace(found, not_assessed=(620, 615))) if said in one]
    assert len(told) == 1
    assert told[0].endswith(": Libya, Algeria." if lang == "en" else ": Libye, Algérie.")
    assert not any(said in one for one in _sentences(found))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_violence_around_is_said_of_the_states_assessed_alone(lang):
    found = assess(figures.panel(as_of=dt.date(2026, 1, 1)), month=parse("2012-01")).of(432)
    quiet = replace(found, links=tuple(replace(link, deaths_12=0) for link in found.links))
    set_language(lang)
    whole, partly = _sentences(quiet)[-1], _sentences(replace(quiet, not_assessed=(620,)))[-1]
    told = (
        ("No state with deaths", "Of the states assessed")
        if lang == "en"
        else ("Aucun", "Parmi les États évalués")
    )
    assert [whole.startswith(told[0]), partly.startswith(told[1])] == [True, True]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_strongest_links_say_how_many_states_are_in_none(lang, capsys, monkeypatch):
    panel = figures.panel(as_of=dt.date(2026, 1, 1))
    gone = [panel.index(gw) for gw in (620, 615)], parse("2012-01") - panel.span.first
    deaths, events, covered = panel.deaths.copy(), panel.events.copy(), panel.covered.copy()
    deaths[gone], events[gone], covered[gone] = 0, 0, False
    partly = replace(panel, deaths=deaths, events=events, covered=covered)
    monkeypatch.setattr(watch, "current_panel", lambda day, data: partly)
    words = ["--lang", lang, "spillover", "--month", "2012-01", "--top", "3"]
    assert main(words) == 0
    assert ("line: 2 of" if lang == "en" else "lignes : 2 États") in " ".join(capsys.readouterr().out.split())
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_assessed"] == [615, 620]


def test_what_libya_adds_to_mali_is_said(capsys):
    assert main(["spillover", "MLI", "--month", "2012-01", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (libya,) = [link for link in found["links"] if link["source"] == 620]
    assert not libya["touches"]
    assert libya["deaths_12"] > 1000
    for place, change in enumerate(found["together"]):
        parts = sum(link["changes"][place]["added"] for link in found["links"])
        assert parts == pytest.approx(change["added"])
    assert main(["spillover", "MLI", "--month", "2012-01"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    alone = max(libya["changes"], key=lambda change: abs(change["added"]))
    fall = 100 * (alone["full"] - alone["without"])
    assert fall > 0
    assert "Taken away alone, Libya" in told
    assert f"({libya['deaths_12']:,} deaths in 12 months) lowers P(≥ 25) by {fall:.1f} points" in told
    assert "not proof of cause" in told


@pytest.mark.parametrize(
    ("moved", "said"),
    [(0.0004, "leaves P(≥ 25) as it is (0.0 points)"), (-0.002, "raises P(≥ 25) by 0.2 points")],
)
def test_what_taking_a_state_away_alone_does_is_said_to_the_tenth_of_a_point(moved, said):
    found = assess(figures.panel(as_of=dt.date(2026, 1, 1)), month=parse("2012-01")).of(432)
    (libya,) = [link for link in found.links if link.source == 620]
    changes = tuple(replace(change, without=change.full - moved) for change in libya.changes)
    told = _sentences(replace(found, links=(replace(libya, changes=changes),)))
    assert [said in one for one in told if "Taken away alone" in one] == [True]


def test_a_quiet_neighbourhood_is_said_to_be_one(capsys):
    assert main(["spillover", "New Zealand", "--month", "2012-01"]) == 0
    assert "No state with deaths" in capsys.readouterr().out


def test_a_state_too_small_for_distances_is_not_said_to_have_quiet_neighbours(capsys):
    assert main(["spillover", "Singapore", "--month", "2012-01"]) == 3
    assert "not assessed" in capsys.readouterr().err
    assert main(["spillover", "Monaco", "--month", "2012-01"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "No state with deaths" not in told
    assert "only states that touch it" in told


def test_the_strongest_links_of_a_month(capsys):
    assert main(["spillover", "--month", "2014-12", "--top", "3", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["links"]) == 3
    assert main(["--lang", "fr", "spillover", "--month", "2014-12", "--top", "3"]) == 0
    assert "Liens transfrontaliers" in capsys.readouterr().out


def test_places_come_from_the_vault_when_the_country_does_and_it_is_read_once(tmp_path, capsys, monkeypatch):
    events = [event(1, country_id=432, adm_1="Gao region", date_start="2022-03-05", date_end="2022-03-05")]
    assert main(["ingest", str(write_csv(tmp_path / "GEDEvent_v24_1.csv", events)), "--quiet"]) == 0
    capsys.readouterr()
    day, read = months.today(), []
    resolve = Vault.resolve
    monkeypatch.setattr(Vault, "resolve", lambda *held, **how: (read.append(held), resolve(*held, **how))[1])
    for level in ("admin1", "cell"):
        parent = current_panel(day, "auto")
        read.clear()
        _, panel, last, _ = places.source(level, ["MLI"], parent, None, day, "auto")
        # Events of every release are read; the panel of countries, with the last month, is at hand.
        assert len(read) == 1
        assert (months.label(last), panel.releases) == ("2023-12", ("24.1",))
        assert int(panel.deaths.sum()) == 3
        _, _, last, _ = places.source(level, ["MLI"], current_panel(day, "figures"), None, day, "figures")
        assert months.label(last) == "2021-12"


def test_what_a_gap_hides_is_said_of_places_as_of_their_country(tmp_path, capsys):
    """Months to 2022-12 and 2024-03 are covered; 77 deaths of 2024-01 are in no total."""
    days = [f"{year}-{month:02d}-05" for year in range(2019, 2023) for month in range(1, 13)]
    days += ["2024-03-05", "2024-01-05"]
    units = (("Gao region", 0, 1), ("Kidal region", 0, 2), ("Mopti region", 1, 3), ("Segou region", 2, 5))
    events = [
        event(10 * at + place, adm_1=unit, date_start=day, date_end=day, best=77 if day == days[-1] else 3)
        for at, day in enumerate(days)
        for place, (unit, first, every) in enumerate(units)
        if (at - first) % every == 0 and (day != days[-1] or place == 0)
    ]
    early = [one for one in events if one["date_start"] < "2023"]
    whole = write_csv(tmp_path / "GEDEvent_v23_1.csv", early)
    month = write_csv(tmp_path / "GEDEvent_v24_0_3.csv", events[len(early) :])
    assert main(["ingest", str(whole), str(month), "--quiet"]) == 0
    capsys.readouterr()
    words = ["forecast", "MLI", "--steps", "1", "--method", "recent", "--quiet"]
    for level in ("country", "admin1"):
        assert main([*words, "--level", level]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert "Mali: no release in hand covers these months, so they are not known: 2023-01:2024-02." in told
        assert main([*words, "--level", level, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["gaps"] == {"432": ["2023-01:2024-02"]}
    assert [(left["reason"], left["deaths"]) for left in found["left_out"]] == [("not_covered", 77)]


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(
    "words",
    [("forecast",), ("forecast", "--why"), ("forecast", "--level", "cell"), ("spillover", "--level", "cell")],
)
def test_a_country_that_no_release_covers_is_not_assessed_by_name(words, lang, capsys, monkeypatch):
    """Not quiet: a table without a row, and a map of the lowest class, said so of its cells."""
    panel = figures.panel(as_of=dt.date(2026, 1, 1))
    covered = panel.covered.copy()
    covered[panel.index(571), parse("2019-12") - panel.span.first] = False
    monkeypatch.setattr(watch, "current_panel", lambda day, data: replace(panel, covered=covered))
    asked = "--month" if words[0] == "spillover" else "--origin"
    assert main(["--lang", lang, words[0], "BWA", *words[1:], asked, "2019-12"]) == 3
    told = capsys.readouterr().err
    assert told.startswith("Botswana is not" if lang == "en" else "Botswana\u00a0: pays non évalué")
    assert "2019-12" in told


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_cells_of_which_none_lies_near_an_event_have_a_sentence_and_no_table(lang, capsys, monkeypatch):
    monkeypatch.setattr(local, "fit", lambda history: None)
    monkeypatch.setattr(spillover, "into_cells", lambda fitted, gw: ())
    assert main(["--lang", lang, "spillover", "NER", "--level", "cell", "--month", "2021-12"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert ("No cell of Niger had" if lang == "en" else "Niger : aucune cellule n'a connu") in told
    assert ("Nigeria, Chad, Algeria" if lang == "en" else "Nigeria, Tchad, Algérie") in told
    assert "─" not in told
