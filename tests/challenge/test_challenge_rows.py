"""Files of other teams: whatever their types, order and number of draws, or one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.challenge import Actuals, read_actuals, read_predictions
from tocsin.challenge.rows import POISSON_SEED
from tocsin.errors import BadFile, BadInput, BadRow, TocsinError

UNITS, MONTHS = [3, 7, 240], range(457, 469)


def rows(draws: int, *, first: int = 0) -> pl.DataFrame:
    """Return a whole window; the outcome tells its unit, month and draw."""
    return pl.DataFrame(
        [
            (month, unit, first + draw, unit * 1000 + (month - 457) * 50 + draw)
            for month in MONTHS
            for unit in UNITS
            for draw in range(draws)
        ],
        schema=["month_id", "country_id", "draw", "outcome"],
        orient="row",
    )


def expected(draws: int) -> np.ndarray:
    units, at, number = np.ix_(UNITS, range(12), range(draws))
    return units * 1000 + at * 50 + number


@pytest.fixture
def actuals(tmp_path: Path) -> Actuals:
    file = tmp_path / "actuals.parquet"
    rows(1).drop("draw").with_columns(pl.col("outcome") // 100).write_parquet(file)
    return read_actuals([file], "cm", "Y2018")


def save(folder: Path, table: pl.DataFrame, name: str = "p.parquet") -> Path:
    file = folder / name
    table.write_parquet(file)
    return file


def test_actuals_are_dense_and_ascending(actuals: Actuals) -> None:
    assert actuals.units.tolist() == UNITS
    assert actuals.months.tolist() == list(MONTHS)
    assert actuals.observed[1, 2] == 7100 // 100


@pytest.mark.parametrize("draws", [2, 15, 37, 1000])
def test_any_number_of_draws_in_any_order(tmp_path: Path, actuals: Actuals, draws: int) -> None:
    table = rows(draws, first=1).sample(fraction=1, shuffle=True, seed=4)
    found = read_predictions([save(tmp_path, table)], actuals)
    assert not found.from_points
    assert found.draws.dtype == np.int32
    np.testing.assert_array_equal(found.draws, expected(draws))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.with_columns(pl.col("outcome").cast(pl.Float64)),
        lambda t: t.with_columns(pl.col("outcome").cast(pl.Float32), pl.col("draw").cast(pl.Float64)),
        lambda t: t.with_columns(pl.col("outcome").cast(pl.UInt32), pl.col("month_id").cast(pl.Int16)),
        lambda t: t.with_row_index("__index_level_0__").select(pl.all().reverse()),
        lambda t: t.with_columns(pl.lit("Y2018").alias("window"), draw=pl.col("draw") * 7 - 3),
        lambda t: t.with_columns(pl.col("draw") * 10**9),
        lambda t: t.select("outcome", "draw", "country_id", "month_id"),
    ],
)
def test_types_columns_and_draw_numbers_of_other_teams(
    tmp_path: Path, actuals: Actuals, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    found = read_predictions([save(tmp_path, change(rows(20)))], actuals)
    np.testing.assert_array_equal(found.draws, expected(20))
    assert found.draws.dtype == np.int32


def test_several_files_make_one_window(tmp_path: Path, actuals: Actuals) -> None:
    table = rows(16)
    files = [save(tmp_path, table[::2], "a.parquet"), save(tmp_path, table[1::2], "b.parquet")]
    np.testing.assert_array_equal(read_predictions(files, actuals).draws, expected(16))


def test_fractions_and_giants_keep_their_size(tmp_path: Path, actuals: Actuals) -> None:
    table = rows(16)
    halves = table.with_columns(pl.col("outcome") + 0.5)
    found = read_predictions([save(tmp_path, halves)], actuals)
    np.testing.assert_allclose(found.draws, expected(16) + 0.5)
    giant = table.with_columns(
        pl.when(pl.col("draw") == 3).then(10**12).otherwise("outcome").alias("outcome")
    )
    found = read_predictions([save(tmp_path, giant)], actuals)
    assert found.draws.dtype == np.int64
    assert (found.draws[:, :, 3] == 10**10).all()
    assert found.draws[0, 0, 4] == 3004
    points = save(tmp_path, rows(1).with_columns(outcome=pl.lit(1e300)))
    assert read_predictions([points], actuals).draws.mean() == pytest.approx(10**10, rel=1e-6)


@pytest.mark.parametrize("with_draw", [True, False])
def test_point_forecasts_become_the_organisers_poisson_draws(
    tmp_path: Path, actuals: Actuals, with_draw: bool
) -> None:
    table = rows(1).with_columns(pl.Series("outcome", np.linspace(-1.5, 400, 36)))
    given = table if with_draw else table.drop("draw")
    found = read_predictions([save(tmp_path, given)], actuals)
    assert found.from_points
    assert found.draws.shape == (3, 12, 1000)
    random = np.random.RandomState(POISSON_SEED)
    for month, unit, _, rate in table.iter_rows():
        drawn = random.poisson(max(rate, 0), size=1000)
        np.testing.assert_array_equal(found.draws[UNITS.index(unit), month - 457], drawn)


def change_one(column: str, value: object) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def change(table: pl.DataFrame) -> pl.DataFrame:
        kept = (
            table
            if isinstance(value, int) or value is None
            else table.with_columns(pl.col(column).cast(pl.Float64))
        )
        return (
            kept.with_row_index("row")
            .with_columns(pl.when(pl.col("row") == 40).then(pl.lit(value)).otherwise(column).alias(column))
            .drop("row")
        )

    return change


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (lambda t: t.head(-3), BadInput, r"missing: 3 of 720, .* month_id 468, draw 17"),
        (lambda t: t.filter(pl.col("country_id") != 7), BadInput, "country_id 7, month_id 457"),
        (lambda t: pl.concat([t, t[100:104]]), BadInput, "rows of window Y2018 too many: 4, .*_id 240"),
        (change_one("outcome", -2), BadRow, "row 41.*-2 is negative"),
        (change_one("outcome", None), BadRow, r"row 41: the column outcome is empty \(such rows: 1"),
        (change_one("outcome", float("nan")), BadRow, "row 41: the column outcome is empty"),
        (change_one("country_id", 8), BadInput, "row 41: country_id 8 is not among"),
        (change_one("country_id", 10**9), BadInput, "row 41: country_id 1000000000 is not"),
        (change_one("draw", 1.5), BadRow, "row 41: 1.5 in the column draw"),
        (change_one("month_id", None), BadRow, "row 41: the column month_id is empty"),
        (lambda t: t.with_columns(pl.col("month_id") + 12), BadInput, "month_id 469 is not in window Y2018"),
        (lambda t: t.rename({"outcome": "prediction"}), BadInput, "lacks the columns: outcome"),
        (lambda t: t.rename({"country_id": "priogrid_gid"}), BadInput, "lacks the columns: country_id"),
        (lambda t: t.with_columns(pl.col("outcome").cast(pl.String)), BadInput, "outcome holds .*string"),
        (lambda t: t.drop("draw").with_row_index("draw"), BadInput, "720 draw numbers need 25,920"),
        (lambda t: t.clear(), BadInput, "missing: 36 of 36"),
    ],
)  # fmt: skip
def test_bad_files_get_one_clear_error(
    tmp_path: Path,
    actuals: Actuals,
    change: Callable[[pl.DataFrame], pl.DataFrame],
    kind: type[TocsinError],
    says: str,
) -> None:
    with pytest.raises(kind, match=says) as caught:
        read_predictions([save(tmp_path, change(rows(20)))], actuals)
    assert caught.value.exit_code == 2
    assert caught.value.message("fr") != caught.value.message("en")


def test_files_that_are_not_parquet(tmp_path: Path, actuals: Actuals) -> None:
    page, cut = tmp_path / "page.parquet", tmp_path / "cut.parquet"
    page.write_text("<!doctype html><html>Sign in</html>")
    cut.write_bytes(save(tmp_path, rows(20)).read_bytes()[:-200])
    for file in (page, cut, tmp_path / "absent.parquet"):
        with pytest.raises(BadFile, match=file.name):
            read_predictions([file], actuals)


def test_draws_in_some_files_only(tmp_path: Path, actuals: Actuals) -> None:
    files = [save(tmp_path, rows(20), "a.parquet"), save(tmp_path, rows(20).drop("draw"), "b.parquet")]
    with pytest.raises(BadInput, match="some of the files"):
        read_predictions(files, actuals)


@pytest.mark.parametrize("draws", [20, 1])
def test_months_of_the_window_that_have_not_passed_are_passed_over(
    tmp_path: Path, actuals: Actuals, draws: int
) -> None:
    early = pl.col("month_id") <= 460
    file = save(tmp_path, rows(1).drop("draw").filter(early), "actuals.parquet")
    part = read_actuals([file], "cm", "Y2018")
    table = rows(draws).with_columns(pl.col("outcome") // 1000)
    found = read_predictions([save(tmp_path, table)], part)
    np.testing.assert_array_equal(
        found.draws, read_predictions([save(tmp_path, table)], actuals).draws[:, :4]
    )
    beyond = table.with_columns(pl.col("month_id") + pl.when(early).then(0).otherwise(12))
    with pytest.raises(BadInput, match=r"month_id 473 .* whose months are 457 to 468"):
        read_predictions([save(tmp_path, beyond)], part)
    with pytest.raises(BadInput, match=r"too many: \d+, for example country_id 3, month_id 457"):
        read_predictions([save(tmp_path, pl.concat([table, table.filter(early).head(draws)]))], part)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.with_columns(pl.col("outcome") + 0.5), "not a whole number of deaths"),
        (lambda t: t.head(-1), "missing: 1 of 36"),
        (lambda t: pl.concat([t, t.head(1)]), "country_id 3, month_id 457"),
        (lambda t: t.with_columns(pl.col("month_id") + 12), "begins in 2019-01"),
        (lambda t: t.clear(), "no rows"),
        (lambda t: t.with_columns(-pl.col("outcome")), "negative"),
        (lambda t: t.with_columns(pl.col("outcome") / 0), "not a whole number of deaths"),
    ],
)
def test_bad_actuals(tmp_path: Path, change: Callable[[pl.DataFrame], pl.DataFrame], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_actuals([save(tmp_path, change(rows(1).drop("draw")))], "cm", "Y2018")
