"""Submissions: what each window may know, and what is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin import challenge
from tocsin.challenge import layout
from tocsin.errors import BadInput, NotAssessed, UnknownName

OCTOBER_2017 = 454


def deaths(unit: int, month: int) -> int:
    return 0 if unit == 1 else (unit * month) % 17


@pytest.fixture
def table() -> pl.DataFrame:
    lines = [(unit, month, deaths(unit, month)) for unit in (1, 2, 30) for month in range(121, 469)]
    return pl.DataFrame(lines, schema=["country_id", "month_id", "ged_sb"], orient="row")


def save(folder: Path, table: pl.DataFrame) -> Path:
    file = folder / "history.parquet"
    table.write_parquet(file)
    return file


def outcomes(folder: Path, window: str = "Y2018") -> np.ndarray:
    files = challenge.window_files(folder, "cm")[window]
    frame = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files])
    units, draws = frame["country_id"].n_unique(), frame["draw"].n_unique()
    return frame["outcome"].to_numpy().reshape(12, units, draws).swapaxes(0, 1)


def test_conflictology_of_twelve_draws_is_the_last_twelve_values(tmp_path: Path, table: pl.DataFrame) -> None:
    made = challenge.run(
        save(tmp_path, table), windows=[2018], method="conflictology-12", out=tmp_path / "out", draws=12
    )
    drawn = outcomes(tmp_path / "out")
    for row, unit in enumerate((1, 2, 30)):
        last = [deaths(unit, month) for month in range(OCTOBER_2017 - 11, OCTOBER_2017 + 1)]
        assert (drawn[row] == last).all()
    assert made.files == (tmp_path / "out" / "cm" / "window=Y2018" / "predictions_2018.parquet",)
    assert made.left_out == {"Y2018": ()}
    assert made.to_dict() == {
        "folder": str(tmp_path / "out"), "level": "cm", "method": "conflictology-12", "windows": ["Y2018"],
        "draws": 12, "files": [str(made.files[0])], "left_out": {"Y2018": []}, "inputs": made.inputs,
        "without_events": [],
    }  # fmt: skip
    assert challenge.model_name(tmp_path / "out") == "tocsin conflictology-12"


@pytest.mark.parametrize("draws", [-1, 0, 1, 1001])
def test_numbers_of_draws_that_a_scorer_reads_otherwise_are_refused(
    tmp_path: Path, table: pl.DataFrame, draws: int
) -> None:
    file = save(tmp_path, table)
    with pytest.raises(BadInput, match="Ask for 2 to 1,000"):
        challenge.run(file, windows=[2018], method="zero", out=tmp_path / "out", draws=draws)
    assert not (tmp_path / "out").exists()


def test_a_method_may_read_the_events_of_the_same_months_or_the_history_alone(
    tmp_path: Path, table: pl.DataFrame
) -> None:
    file = save(tmp_path, table)
    inputs = {}
    for name, alone in (("beside", False), ("alone", True)):
        made = challenge.run(
            file, windows=[2018], method="analogues", out=tmp_path / name, draws=20, alone=alone
        )  # fmt: skip
        inputs[name] = made.inputs
    assert (outcomes(tmp_path / "beside") != outcomes(tmp_path / "alone")).any()
    assert inputs["beside"] != inputs["alone"]


def test_windows_whose_october_the_figures_do_not_cover_are_named(tmp_path: Path) -> None:
    lines = [(unit, month, deaths(unit, month)) for unit in (2, 246) for month in range(330, 520)]
    file = save(tmp_path, pl.DataFrame(lines, schema=["country_id", "month_id", "ged_sb"], orient="row"))

    def told(method: str, **options: bool) -> list[str]:
        made = challenge.run(
            file, windows=[2011, 2013, 2022, 2023], method=method, out=tmp_path / method, draws=4, **options
        )
        return made.to_dict()["without_events"]  # type: ignore[return-value]

    # In October 2010 South Sudan was no state; the figures end in 2021.
    assert told("analogues") == ["Y2011", "Y2023"]
    assert told("analogues", alone=True) == told("recent") == told("last") == []


@pytest.mark.parametrize("method", ["conflictology-12", "last", "bootstrap-240", "no-learning"])
def test_nothing_after_october_is_read(tmp_path: Path, table: pl.DataFrame, method: str) -> None:
    later = table.with_columns(
        pl.when(pl.col("month_id") > OCTOBER_2017)
        .then(9999)
        .otherwise("ged_sb")
        .cast(pl.Int64)
        .alias("ged_sb")
    )
    earlier = table.with_columns(
        pl.when(pl.col("month_id") == OCTOBER_2017)
        .then(9999)
        .otherwise("ged_sb")
        .cast(pl.Int64)
        .alias("ged_sb")
    )
    for name, frame in (("plain", table), ("later", later), ("earlier", earlier)):
        challenge.run(save(tmp_path, frame), windows=["Y2018"], method=method, out=tmp_path / name)
    assert (outcomes(tmp_path / "plain") == outcomes(tmp_path / "later")).all()
    assert (outcomes(tmp_path / "plain") != outcomes(tmp_path / "earlier")).any()


def test_a_window_does_not_depend_on_the_others(tmp_path: Path, table: pl.DataFrame) -> None:
    file = save(tmp_path, table)
    stages: list[tuple[str, float, float | None]] = []
    both = challenge.run(
        file, windows=[2017, "Y2018"], method="no-learning", out=tmp_path / "both",
        progress=lambda *stage: stages.append(stage),
    )  # fmt: skip
    challenge.run(file, windows=["2018"], method="no-learning", out=tmp_path / "one")
    assert (
        both.files[1].read_bytes() == (tmp_path / "one" / both.files[1].relative_to(both.folder)).read_bytes()
    )
    assert outcomes(tmp_path / "both").shape == (3, 12, 1000)
    assert [stage[1:] for stage in stages] == [(0, 2), (0, 2), (1, 2), (2, 2)]


def test_units_without_data_at_the_origin_get_no_rows(tmp_path: Path, table: pl.DataFrame) -> None:
    gone = table.filter(~((pl.col("country_id") == 2) & (pl.col("month_id") >= OCTOBER_2017)))
    made = challenge.run(save(tmp_path, gone), windows=[2018], method="last", out=tmp_path / "out")
    assert made.left_out == {"Y2018": (2,)}
    written = pl.read_parquet(made.files[0], hive_partitioning=False)
    assert written["country_id"].unique().sort().to_list() == [1, 30]
    assert made.to_dict()["left_out"] == {"Y2018": [2]}


def test_cells_are_written_under_their_own_level(tmp_path: Path, table: pl.DataFrame) -> None:
    file = save(tmp_path, table.rename({"country_id": "priogrid_gid"}))
    made = challenge.run(file, level="pgm", windows=[2018], method="zero", out=tmp_path / "out", draws=20)
    assert made.files[0].parts[-3] == "pgm"
    assert "priogrid_gid" in pl.read_parquet(made.files[0], hive_partitioning=False).columns


def test_what_cannot_be_run_is_said(tmp_path: Path, table: pl.DataFrame) -> None:
    file, out = save(tmp_path, table), tmp_path / "out"
    with pytest.raises(NotAssessed, match="needs data up to 2019-10"):
        challenge.run(file, windows=[2020], method="zero", out=out)
    with pytest.raises(UnknownName, match="conflictology"):
        challenge.run(file, windows=[2018], method="crystal-ball", out=out)
    with pytest.raises(UnknownName, match="cm, pgm"):
        challenge.run(file, windows=[2018], method="zero", out=out, level="country")
    with pytest.raises(BadInput, match="at least one year"):
        challenge.run(file, windows=[], method="zero", out=out)
    assert not out.exists()
    hole = save(tmp_path, table.filter(pl.col("month_id") != OCTOBER_2017))
    with pytest.raises(NotAssessed, match="covers no unit in 2017-10"):
        challenge.run(hole, windows=[2018], method="zero", out=out)


def test_a_window_that_cannot_be_made_leaves_none_of_the_others(tmp_path: Path, table: pl.DataFrame) -> None:
    file, out = save(tmp_path, table), tmp_path / "out"
    with pytest.raises(NotAssessed, match="the window Y2030"):
        challenge.run(file, windows=[2018, 2030], method="zero", out=out, draws=20)
    assert not out.exists()


@pytest.mark.parametrize("place", ["file", "file/below", "window", "strange"])
def test_a_folder_that_cannot_be_written_is_told_before_the_first_forecast(
    tmp_path: Path, table: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    file, out = save(tmp_path, table), tmp_path / place
    second = out / "cm" / "window=Y2018"
    if place == "window":
        second.parent.mkdir(parents=True)
        second.touch()
    elif place == "strange":
        second.mkdir(parents=True)
        (second / "others.parquet").touch()
    else:
        (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(challenge.submission, "read_history", None)
    told = r"others\.parquet" if place == "strange" else "cannot be written: Not a"
    with pytest.raises(BadInput, match=told):
        challenge.run(file, windows=[2017, 2018], method="last", out=out, draws=20)
    assert sorted(tmp_path.rglob("*")) == before


def test_windows_of_two_methods_never_share_a_submission(tmp_path: Path, table: pl.DataFrame) -> None:
    file, out = save(tmp_path, table), tmp_path / "out"
    challenge.run(file, windows=[2018], method="last", out=out, draws=20)
    with pytest.raises(BadInput, match=r"tocsin last: Y2018.*scored as tocsin zero"):
        challenge.run(file, windows=[2019], method="zero", out=out, draws=20)
    challenge.run(file, windows=[2019], method="last", out=out, draws=20)
    challenge.run(file, windows=[2018, 2019], method="zero", out=out, draws=20)
    assert challenge.model_name(out) == "tocsin zero"


def test_steps_are_three_to_fourteen() -> None:
    assert tuple(454 + step for step in challenge.submission.STEPS) == layout.months_of("Y2018")
