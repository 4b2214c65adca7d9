"""`tocsin map` and `tocsin control` as a person uses them, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin import maps
from tocsin.cli import main
from tocsin.text import set_language

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.chdir(tmp_path)

    def runner(*words: str) -> tuple[int, str, str]:
        set_language("en")
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return runner


CASE = ("control", "MLI", "--from", "2012-01", "--to", "2012-12")


def test_control_shows_runs_and_says_what_it_is(run: Run) -> None:
    code, out, _ = run(*CASE)
    assert code == 0
    assert "beyond reach" in out
    assert "inference" in out
    assert "unknown" in out


def test_control_as_json_adds_up(run: Run) -> None:
    code, out, _ = run(*CASE, "--json")
    assert code == 0
    found = json.loads(out)
    assert len(found["rows"]) == 9 * 12
    assert all(abs(r["held"] + r["contested"] + r["beyond"] - 1) < 1e-9 for r in found["rows"])
    assert found["hindsight"] is False


def test_control_in_french(run: Run) -> None:
    _, out, _ = run("--lang", "fr", *CASE)
    assert "hors de portée" in out
    assert "ce n'est pas un relevé" in out


def test_pictures_are_written(run: Run, tmp_path: Path) -> None:
    assert run(*CASE, "--out", "control.png")[0] == 0
    assert run("map", "control", "--country", "MLI", "--month", "2012-06", "--out", "map.svg")[0] == 0
    for name in ("control.png", "map.svg"):
        assert (tmp_path / name).stat().st_size > 10_000


def test_a_map_of_risk_of_a_region(run: Run, tmp_path: Path) -> None:
    code, out, err = run("map", "risk", "--region", "afrique", "--method", "zero", "--out", "a.svg")
    assert (code, out) == (0, "")
    assert "a.svg" in err
    assert (tmp_path / "a.svg").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("risk", "--region", "west-africa", "--level", "admin1", "--month", "1995-06"), "West Africa"),
        (("spillover", "--country", "MLI", "--month", "2012-01"), "Libya"),
        (("spillover", "--region", "Africa", "--month", "2014-12"), "MLI"),
        (("control", "--region", "West Africa", "--month", "2012-10"), "Gao"),
        # Events of most of Africa end a year before.
        (("control", "--region", "Africa", "--level", "cell", "--month", "2021-06"), "45 of 53"),
    ],
)
def test_maps_below_and_across_the_country(
    run: Run, tmp_path: Path, words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {}
    real = maps.draw
    monkeypatch.setattr(maps, "draw", lambda chart, out: drawn.update(chart=chart) or real(chart, out))
    assert run("map", *words, "--out", "a.svg")[0] == 0
    assert (tmp_path / "a.svg").stat().st_size > 10_000
    chart = drawn["chart"]
    assert told in " ".join([chart.title, *chart.labels.values(), *chart.notes])


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("control", "Atlantis"), 2, "Atlantis"),
        (("control", "NGA"), 3, "with --level cell"),
        (("control", "AFG", "--level", "cell"), 3, "only some on its border"),
        (("control", "MLI", "--from", "2030-01"), 3, "for all of 2030-01. They are held for 1989-01:2021-12"),
        (("control", "USA", "--level", "cell"), 3, "No located events"),
        (("control", "MLI", "--to", "2030-01"), 3, "for all of 2030-01. They are held for 1989-01:2021-12"),
        (("control", "MLI", "--to", "1980-01"), 3, "for all of 1980-01. They are held for 1989-01:2021-12"),
        (("control", "MLI", "--from", "2015-02", "--to", "2015-01"), 2, "2015-02"),
        (("control", "MLI", "--level", "village"), 2, "admin1, cell"),
        (("control", "MLI", "--out", "nowhere/a.png"), 2, "does not exist"),
        (("control", "MLI", "--out", "a.bmp"), 2, ".png, .svg"),
        (("map", "risk", "--out", "a.png"), 2, "--region"),
        (("map", "risk", "--country", "MLI", "--region", "world", "--out", "a.png"), 2, "one place"),
        (("map", "risk", "--country", "Atlantis", "--out", "a.png"), 2, "Atlantis"),
        (("map", "risk", "--region", "Mars", "--out", "a.png"), 2, "Middle East, West Africa, world"),
        (("map", "risk", "--country", "MLI", "--month", "2030-01", "--out", "a.png"), 3, "2030-01"),
        (("map", "risk", "--country", "FRA", "--level", "admin1", "--out", "a.png"), 3, "Mali"),
        (("map", "risk", "--region", "Europe", "--level", "admin1", "--out", "a.png"), 3, "Mali"),
        (("map", "risk", "--region", "Americas", "--level", "cell", "--out", "a.png"), 3, "Middle East"),
        (("map", "risk", "--country", "MLI", "--level", "village", "--out", "a.png"), 2, "country, admin1"),
        (("map", "spillover", "--country", "MLI", "--level", "admin1", "--out", "a.png"), 2, "country, cell"),
        (("map", "spillover", "--out", "a.png"), 2, "one place"),
        (("map", "risk", "--region", "Asia", "--level", "cell", "--out", "a.png"), 3, "Middle East only"),
        (("map", "control", "--region", "Asia", "--level", "cell", "--out", "a.png"), 3, "No located events"),
        (("map", "spillover", "--country", "MLI", "--month", "2030-01", "--out", "a.png"), 3, "2030-01"),
        (("map", "control", "--out", "a.png"), 2, "--country"),
        (("map", "control", "--country", "MLI", "--month", "2030-01", "--out", "a.png"), 3, "2021-12"),
        (("map", "control", "--country", "MLI", "--out", "nowhere/a.png"), 2, "does not exist"),
        (("map", "risk", "--country", "MLI", "--out", "a.gif"), 2, ".png, .svg"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(
    run: Run, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    found, out, err = run(*words)
    assert (found, out) == (code, "")
    assert told in err
    assert not list(tmp_path.glob("a.*"))
