import json
from pathlib import Path

import polars as pl
import pytest
from cli_running import Run

from tocsin import areas, months
from tocsin.challenge import published

COUNTRIES = (50, 78, 79)


def _history(path: Path) -> Path:
    rows = [
        {"country_id": unit, "month_id": month, "ged_sb": (unit * month) % 7}
        for unit in COUNTRIES
        for month in range(months.parse("2000-01"), months.parse("2020-12") + 1)
    ]
    pl.DataFrame(rows).write_parquet(path)
    return path


def _actuals(folder: Path, year: int) -> Path:
    first = months.month_id(year, 1)
    rows = [
        {"month_id": month, "country_id": unit, "outcome": (unit + month) % 5}
        for month in range(first, first + 12)
        for unit in COUNTRIES
    ]
    target = folder / "cm" / f"window=Y{year}"
    target.mkdir(parents=True)
    pl.DataFrame(rows).write_parquet(target / f"cm_actuals_{year}.parquet")
    return folder


def test_a_submission_is_made_and_scored(run: Run, tmp_path: Path) -> None:
    history = str(_history(tmp_path / "history.parquet"))
    made = run("challenge", "run", "--history", history, "--windows", "2019", "2020", "--out", "mine")
    assert (made.code, made.err) == (0, "")
    for year in (2019, 2020):
        table = pl.read_parquet(f"mine/cm/window=Y{year}/predictions_{year}.parquet")
        assert table.columns == ["month_id", "country_id", "draw", "outcome"]
        assert table.height == 12 * len(COUNTRIES) * 1000
        _actuals(tmp_path / "actuals", year)
    assert Path("mine/submission_details.yml").is_file()
    words = ("challenge", "score", "--predictions", "mine", "--actuals", str(tmp_path / "actuals"))
    found = json.loads(run(*words, "--json").out)
    assert [window["window"] for window in found["windows"]] == ["Y2019", "Y2020"]
    shown = run(*words, "--windows", "2020", "--history", history, "--out", "scores")
    assert shown.code == 0
    assert "Y2020" in shown.out
    assert "Y2019" not in shown.out
    assert "CRPS minus that of conflictology-12" in shown.out
    assert Path("scores/scores_cm.csv").is_file()
    for model in {row.model for row in published("cm")}:
        assert shown.out.count(model) == 3, "every published row stands beside ours, in each of three tables"


def test_a_gap_below_none_has_a_minus_sign_and_none_has_no_sign(run: Run, tmp_path: Path) -> None:
    history, actuals = str(_history(tmp_path / "history.parquet")), str(_actuals(tmp_path / "actuals", 2019))
    for method in ("last", "zero"):
        run(
            "challenge", "run", "--history", history, "--windows", "2019", "--out", method,
            "--method", method,
        )  # fmt: skip
    score = ("challenge", "score", "--actuals", actuals, "--predictions")
    gaps = [
        run(*score, mine, "--reference", beside).out.partition("CRPS minus")[2]
        for mine, beside in (("last", "zero"), ("zero", "last"), ("zero", "zero"))
    ]
    assert "−" in gaps[0] + gaps[1]
    assert "0.000, 90% interval 0.000 to 0.000" in gaps[2]
    assert not any("-0" in gap or "-1" in gap for gap in gaps)


def test_units_left_out_and_months_that_have_not_passed_are_told(run: Run, tmp_path: Path) -> None:
    history = _history(tmp_path / "history.parquet")
    short = (pl.col("country_id") != 78) | (pl.col("month_id") < months.parse("2010-01"))
    pl.read_parquet(history).filter(short).write_parquet(history)
    made = run(
        "challenge", "run", "--history", str(history), "--windows", "2019", "--out", "mine", "--draws", "20"
    )
    assert "(left out, because the history does not cover them (1): " in " ".join(made.out.split())
    assert areas.by_views_id(78).name() in made.out
    actuals = _actuals(tmp_path / "actuals", 2019)
    file = actuals / "cm" / "window=Y2019" / "cm_actuals_2019.parquet"
    held = (pl.col("month_id") <= months.parse("2019-04")) & (pl.col("country_id") != 78)
    pl.read_parquet(file).filter(held).write_parquet(file)
    shown = run("challenge", "score", "--predictions", "mine", "--actuals", str(actuals))
    assert "Y2019: months scored, 4 of 12, since" in shown.out


@pytest.mark.parametrize("words", [("--windows", "2019,2020"), ("--windows", "2019", "--windows", "2020")])
def test_windows_can_be_listed_in_any_usual_way(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    history = str(_history(tmp_path / "history.parquet"))
    made = run(
        "challenge", "run", "--history", history, *words, "--out", "mine", "--method", "zero", "--json"
    )
    assert json.loads(made.out)["windows"] == ["Y2019", "Y2020"]


def test_a_history_that_ends_too_early_is_not_assessed(run: Run, tmp_path: Path) -> None:
    history = str(_history(tmp_path / "history.parquet"))
    ran = run("challenge", "run", "--history", history, "--windows", "2022", "--out", "mine")
    assert ran.code == 3
    assert "2021-10" in ran.err


@pytest.mark.parametrize("command", ["challenge", "backtest"])
def test_countries_unknown_to_views_are_named_before_the_first_forecast(
    run: Run, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "history.csv"
    rows = [f"{unit},{month},1" for unit in (50, 432, 9999) for month in range(400, 481)]
    file.write_text("country_id,month_id,ged_sb\n" + "\n".join(rows), encoding="utf-8")
    words = {
        "challenge": ("challenge", "run", "--windows", "2019", "--method", "zero", "--out", "mine"),
        "backtest": ("backtest", "--origins", "2018-10", "--method", "zero", "--out", "mine.parquet"),
    }[command]
    ran = run(*words, "--history", str(file))
    assert ran.code == 2
    assert f"{file}: " in ran.err
    assert "432, 9999. Give VIEWS ids" in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert list(Path().iterdir()) == []


@pytest.mark.shared
def test_conflictology_through_the_command_line_has_the_published_score(run: Run, shared: Path) -> None:
    data = shared / "data/challenge"
    history = str(data / "history_cm_1989_2021.parquet")
    words = ("--history", history, "--windows", "2020", "--draws", "12", "--out", "mine")
    ran = run("challenge", "run", *words)
    assert ran.code == 0
    assert "Draws of each month: 12. The challenge itself takes 15 to 1,000." in ran.out
    ran = run("challenge", "score", "--predictions", "mine", "--actuals", str(data / "actuals"), "--json")
    assert json.loads(ran.out)["windows"][0]["crps"] == pytest.approx(21.339, abs=0.0005)
