"""Scores of whole submissions: by hand, beside the published rows, and against a reference."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filled_disk import room_for

from tocsin import challenge, score
from tocsin.challenge import layout
from tocsin.challenge.published import published
from tocsin.errors import BadInput

UNITS = (1, 2, 30)


def deaths(unit: int, month: int) -> int:
    return 0 if unit == 1 else (unit * month) % 17


@pytest.fixture
def actuals(tmp_path: Path) -> Path:
    for window in ("Y2017", "Y2018"):
        lines = [(month, unit, deaths(unit, month)) for month in layout.months_of(window) for unit in UNITS]
        frame = pl.DataFrame(lines, schema=["month_id", "country_id", "outcome"], orient="row")
        folder = tmp_path / "actuals" / "cm" / f"window={window}"
        folder.mkdir(parents=True)
        frame.write_parquet(folder / f"cm_actuals_{window[1:]}.parquet")
    return tmp_path / "actuals"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    lines = [(unit, month, deaths(unit, month)) for unit in UNITS for month in range(121, 469)]
    frame = pl.DataFrame(lines, schema=["country_id", "month_id", "ged_sb"], orient="row")
    frame.write_csv(tmp_path / "history.csv")
    return tmp_path / "history.csv"


def submit(folder: Path, method: str, history: Path, **options: int) -> Path:
    challenge.run(history, windows=[2017, 2018], method=method, out=folder, **options)
    return folder


def foresee(folder: Path) -> Path:
    """Write a submission that knew every death."""
    for window in ("Y2017", "Y2018"):
        months = layout.months_of(window)
        known = np.array([[[deaths(u, m)] * 20 for m in months] for u in UNITS], dtype=np.int32)
        challenge.write_window(folder, "cm", window, UNITS, months, known)
    return folder


def test_zero_scores_the_mean_of_deaths(tmp_path: Path, actuals: Path, history: Path) -> None:
    table = challenge.score(submit(tmp_path / "zero", "zero", history), actuals)
    for row in table.windows:
        mean = np.mean([deaths(u, m) for u in UNITS for m in layout.months_of(row.window)])
        assert row.crps == pytest.approx(mean)
        assert row.deaths == pytest.approx(mean)
        assert row.mis == pytest.approx(20 * mean)
        assert (row.units, row.months, row.draws) == (3, 12, 1000)
        assert row.covered_90 >= 1 / 3
    assert table.model == "tocsin zero"
    assert table.comparison is None
    assert table.mean("CRPS") == pytest.approx(np.mean([row.crps for row in table.windows]))


def test_a_perfect_submission_beats_the_reference(tmp_path: Path, actuals: Path, history: Path) -> None:
    table = challenge.score(foresee(tmp_path / "perfect"), actuals, history=history)
    assert table.model == "perfect"
    assert table.mean("CRPS") == 0
    found = table.comparison
    assert found is not None
    assert found.reference == "conflictology-12"
    assert found.difference.high < 0
    assert found.difference.share_below_zero > 0.9
    assert found.by_window is None
    assert found.by_unit is not None
    assert found.by_unit.value < 0.2
    assert (found.by_unit.groups, found.by_unit.left_out) == (2, 1)


def test_months_are_drawn_in_blocks_of_three(tmp_path: Path, actuals: Path, history: Path) -> None:
    zero = submit(tmp_path / "zero", "zero", history)
    found = challenge.score(foresee(tmp_path / "perfect"), actuals, reference=zero).comparison
    assert found is not None
    # The one loses nothing, the other every death.
    months = [month for window in ("Y2017", "Y2018") for month in layout.months_of(window)]
    lost = -np.array([[deaths(unit, month) for month in months] for unit in UNITS])
    assert found.difference == score.block_bootstrap(lost, blocks=[place // 3 for place in range(24)])
    # A tenth of a death is added to both means of a unit; the first has neither deaths nor a ratio.
    assert found.by_unit is not None
    ratios = 0.1 / (0.1 - lost[1:].mean(axis=1))
    assert found.by_unit.value == pytest.approx(np.sqrt(ratios.prod()))


def test_a_window_of_fewer_units_is_compared_unit_by_unit(
    tmp_path: Path, actuals: Path, history: Path
) -> None:
    zero, perfect = submit(tmp_path / "zero", "zero", history), foresee(tmp_path / "perfect")
    for file in (
        actuals / "cm/window=Y2018/cm_actuals_2018.parquet",
        zero / "cm/window=Y2018/predictions_2018.parquet",
        perfect / "cm/window=Y2018/predictions_2018.parquet",
    ):
        pl.read_parquet(file).filter(pl.col("country_id") == 30).write_parquet(file)
    found = challenge.score(perfect, actuals, reference=zero).comparison
    assert found is not None
    assert found.by_unit is not None
    held = {2: layout.months_of("Y2017"), 30: (*layout.months_of("Y2017"), *layout.months_of("Y2018"))}
    ratios = [0.1 / (0.1 + np.mean([deaths(unit, m) for m in span])) for unit, span in held.items()]
    assert found.by_unit.value == pytest.approx(np.sqrt(np.prod(ratios)))


def test_history_and_a_submission_give_the_same_reference(
    tmp_path: Path, actuals: Path, history: Path
) -> None:
    last = submit(tmp_path / "last", "last", history)
    bare = submit(tmp_path / "bare", "conflictology-12", history, draws=12)
    by_history = challenge.score(last, actuals, history=history).comparison
    by_folder = challenge.score(last, actuals, reference=bare).comparison
    assert by_history is not None
    assert by_folder is not None
    assert by_folder.reference == "tocsin conflictology-12"
    assert by_folder.difference == by_history.difference
    assert by_folder.by_window == by_history.by_window
    itself = challenge.score(bare, actuals, history=history).comparison
    assert itself is not None
    assert itself.difference.low == itself.difference.high == 0
    assert itself.by_unit is not None
    assert itself.by_unit.value == 1


def test_rows_put_the_best_first_and_mark_our_own(tmp_path: Path, actuals: Path, history: Path) -> None:
    table = challenge.score(submit(tmp_path / "out", "zero", history), actuals, windows=[2018])
    rows = table.rows()
    assert list(dict.fromkeys(row["metric"] for row in rows)) == ["CRPS", "IGN", "MIS"]
    assert sum(row["own"] for row in rows) == 3
    for metric in ("CRPS", "IGN", "MIS"):
        means = [row["mean"] for row in rows if row["metric"] == metric]
        assert means == sorted(means)
    published = {row["model"]: row["Y2018"] for row in rows if row["metric"] == "CRPS" and not row["own"]}
    assert published["conflictology_country12"] == 14.483
    assert table.other_vintage == ("Y2018",)
    assert {row.window for row in table.published} == {"Y2018"}


def test_a_published_model_is_listed_under_the_metrics_it_was_scored_by_alone(
    tmp_path: Path, actuals: Path, history: Path
) -> None:
    table = challenge.score(submit(tmp_path / "out", "zero", history), actuals, windows=[2018])
    # Of cells some models were published by one or two of the three.
    held = tuple(row for row in published("pgm") if row.window == "Y2018")
    listed = [row for row in dataclasses.replace(table, published=held).rows() if not row["own"]]
    assert {(row["metric"], row["model"]) for row in listed} == {(row.metric, row.model) for row in held}
    assert len(listed) == len(held) < 3 * len({row.model for row in held})


@pytest.mark.parametrize(("level", "decimals"), [("cm", 3), ("pgm", 4)])
@pytest.mark.parametrize(("off", "other"), [(1, ()), (2, ("Y2018",))])
def test_actuals_are_of_another_vintage_by_more_than_the_last_published_place(
    tmp_path: Path, actuals: Path, monkeypatch: pytest.MonkeyPatch,
    level: layout.Level, decimals: int, off: int, other: tuple[str, ...],
) -> None:  # fmt: skip
    known = pl.read_parquet(actuals / "cm/window=Y2018/cm_actuals_2018.parquet")
    held = tmp_path / "held" / level / "window=Y2018"
    held.mkdir(parents=True)
    known.rename({"country_id": layout.UNIT[level]}).write_parquet(held / "actuals.parquet")
    nothing = np.zeros((len(UNITS), 12, 20), dtype=np.int32)
    challenge.write_window(tmp_path / "out", level, 2018, UNITS, layout.months_of("Y2018"), nothing)
    value = known["outcome"].mean() + off * 10**-decimals
    rows = [dataclasses.replace(row, value=value) for row in published(level) if row.window == "Y2018"]
    monkeypatch.setattr("tocsin.challenge.evaluation.published", lambda level: rows)
    found = challenge.score(tmp_path / "out", tmp_path / "held", level=level)
    assert found.other_vintage == other


def test_a_published_model_that_lacks_a_window_has_no_mean_and_comes_last(
    tmp_path: Path, actuals: Path, history: Path
) -> None:
    rows = challenge.score(submit(tmp_path / "out", "zero", history), actuals).rows()
    assert {row["mean"] for row in rows if not row["own"]} == {None}
    assert rows[0]["own"]
    assert all(row["mean"] is not None for row in rows if row["own"])


def test_files_hold_what_the_table_holds(tmp_path: Path, actuals: Path, history: Path) -> None:
    folder = submit(tmp_path / "out", "last", history)
    table = challenge.score(folder, actuals, history=history)
    written, record = table.write(tmp_path / "scores")
    lines = list(csv.DictReader(io.StringIO(written.read_text())))
    own = {(row["metric"], row["window"]): float(row["value"]) for row in lines if row["source"] == "own"}
    assert own["CRPS", "Y2018"] == table.windows[1].crps
    assert own["MIS", "mean"] == table.mean("MIS")
    plain = json.loads(record.read_text())
    assert plain["windows"][0]["crps"] == table.windows[0].crps
    assert plain["mean"] == {name.lower(): table.mean(name) for name in ("CRPS", "IGN", "MIS")}
    assert plain["comparison"]["difference"]["resamples"] == 2000
    assert plain["inputs"] == challenge.score(folder, actuals, history=history).inputs
    assert plain["inputs"] != challenge.score(folder, actuals).inputs


@pytest.mark.parametrize("refused", ["csv", "json"])
def test_a_disk_that_fills_leaves_the_scores_that_were_there(
    tmp_path: Path, actuals: Path, history: Path, refused: str
) -> None:
    table = challenge.score(submit(tmp_path / "out", "zero", history), actuals)
    files = table.write(tmp_path / "scores")
    before = [file.read_bytes() for file in files]
    assert len(before[0]) < len(before[1])
    room = len(before[0]) - (refused == "csv")
    with room_for(room), pytest.raises(BadInput, match=rf"scores_cm\.{refused} cannot be written: File"):
        table.write(tmp_path / "scores")
    assert [file.read_bytes() for file in files] == before


def test_inputs_name_the_actuals_and_the_submission(tmp_path: Path, actuals: Path, history: Path) -> None:
    zero, last = submit(tmp_path / "zero", "zero", history), submit(tmp_path / "last", "last", history)
    before = [challenge.score(folder, actuals).inputs for folder in (zero, last)]
    file = actuals / "cm/window=Y2018/cm_actuals_2018.parquet"
    pl.read_parquet(file).with_columns(pl.col("outcome") + 1).write_parquet(file)
    assert len({*before, challenge.score(zero, actuals).inputs}) == 3


def test_windows_must_be_in_both_folders(tmp_path: Path, actuals: Path, history: Path) -> None:
    folder = submit(tmp_path / "out", "zero", history)
    (folder / "cm" / "window=Y2017").rename(folder / "cm" / "window=Y2016")
    assert [row.window for row in challenge.score(folder, actuals).windows] == ["Y2018"]
    with pytest.raises(BadInput, match=r"no window Y2017.*It has: Y2016, Y2018"):
        challenge.score(folder, actuals, windows=[2017])
    (folder / "cm" / "window=Y2018").rename(folder / "cm" / "window=Y2015")
    with pytest.raises(BadInput, match="No window is in both"):
        challenge.score(folder, actuals)


def test_a_reference_must_have_every_window(tmp_path: Path, actuals: Path, history: Path) -> None:
    zero = submit(tmp_path / "zero", "zero", history)
    (zero / "cm" / "window=Y2017").rename(tmp_path / "gone")
    with pytest.raises(BadInput, match=r"no window Y2017.*It has: Y2018"):
        challenge.score(foresee(tmp_path / "perfect"), actuals, reference=zero)


def test_units_left_out_are_missed_when_scored(tmp_path: Path, actuals: Path, history: Path) -> None:
    short = pl.read_csv(history).filter((pl.col("country_id") != 2) | (pl.col("month_id") < 400))
    short.write_csv(tmp_path / "short.csv")
    folder = submit(tmp_path / "out", "zero", tmp_path / "short.csv")
    with pytest.raises(BadInput, match=r"missing: .*, for example country_id 2"):
        challenge.score(folder, actuals)
    whole = submit(tmp_path / "whole", "last", history)
    found = challenge.score(whole, actuals, history=tmp_path / "short.csv").comparison
    assert found is not None
    assert found.by_unit is not None
    assert found.by_unit.groups + found.by_unit.left_out == 2


def test_a_window_of_the_true_future_is_compared_with_a_reference_from_its_own_origin(
    tmp_path: Path, history: Path
) -> None:
    """July to June: conflictology, made properly, differs from itself in nothing."""
    month_ids = range(451, 463)
    lines = [(month, unit, deaths(unit, month)) for month in month_ids for unit in UNITS]
    frame = pl.DataFrame(lines, schema=["month_id", "country_id", "outcome"], orient="row")
    (tmp_path / "actuals" / "cm" / "window=Y2017").mkdir(parents=True)
    frame.write_parquet(tmp_path / "actuals" / "cm" / "window=Y2017" / "cm_actuals_2017.parquet")
    held = challenge.read_history(history)
    made = challenge.forecast_window(
        held, "Y2017", method="conflictology-12", draws=12, month_ids=tuple(month_ids)
    )
    assert (made.origin, made.months) == (448, tuple(month_ids))
    challenge.write_window(tmp_path / "own", "cm", "Y2017", held.units, made.months, made.draws)
    found = challenge.score(tmp_path / "own", tmp_path / "actuals", history=history).comparison
    assert found is not None
    assert found.difference.low == found.difference.high == 0


def test_a_window_of_the_true_future_of_which_some_months_have_passed_keeps_its_origin_and_its_months(
    tmp_path: Path, history: Path
) -> None:
    ahead = tuple(range(451, 463))
    lines = [(month, unit, deaths(unit, month)) for month in ahead[:6] for unit in UNITS]
    frame = pl.DataFrame(lines, schema=["month_id", "country_id", "outcome"], orient="row")
    (tmp_path / "actuals" / "cm" / "window=Y2017").mkdir(parents=True)
    frame.write_parquet(tmp_path / "actuals" / "cm" / "window=Y2017" / "cm_actuals_2017.parquet")
    held = challenge.read_history(history)
    made = challenge.forecast_window(held, "Y2017", method="conflictology-12", draws=12, month_ids=ahead)
    for name, passed in (("passed", 6), ("whole", 12)):
        draws = made.draws[:, :passed]
        challenge.write_window(tmp_path / name, "cm", "Y2017", held.units, ahead[:passed], draws)
        table = challenge.score(tmp_path / name, tmp_path / "actuals", history=history)
        assert table.windows[0].months == 6
        assert table.comparison is not None
        assert table.comparison.difference.low == table.comparison.difference.high == 0
    later = tuple(month + 1 for month in ahead)
    challenge.write_window(tmp_path / "later", "cm", "Y2017", held.units, later, made.draws)
    with pytest.raises(BadInput, match="month_id 463 is not in window Y2017, whose months are 451 to 462"):
        challenge.score(tmp_path / "later", tmp_path / "actuals")


def test_a_year_of_which_some_months_have_passed_is_scored_on_these(
    tmp_path: Path, actuals: Path, history: Path
) -> None:
    folder = submit(tmp_path / "out", "zero", history)
    whole = challenge.score(folder, actuals, windows=[2017], history=history)
    file = actuals / "cm" / "window=Y2018" / "cm_actuals_2018.parquet"
    pl.read_parquet(file).filter(pl.col("month_id") < 461).write_parquet(file)
    part = challenge.score(folder, actuals, history=history)
    assert [(row.window, row.months) for row in part.windows] == [("Y2017", 12), ("Y2018", 4)]
    assert part.windows[0] == whole.windows[0]
    first = [deaths(unit, month) for month in range(457, 461) for unit in UNITS]
    assert part.windows[1].crps == pytest.approx(np.mean(first))


def test_a_name_that_a_spreadsheet_would_calculate_is_written_as_text(
    tmp_path: Path, actuals: Path, history: Path
) -> None:
    folder = submit(tmp_path / "out", "zero", history)
    (folder / layout.DETAILS).write_text("team: '=1+1'\n")
    table = challenge.score(folder, actuals)
    assert table.model == "=1+1"
    own = {row["model"] for row in csv.DictReader(io.StringIO(table.to_csv())) if row["source"] == "own"}
    assert own == {"'=1+1"}
