"""The table of past deaths, and what of it a window may know."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tocsin import months
from tocsin.challenge import read_history
from tocsin.errors import BadFile, BadInput, NotAssessed


def table() -> pl.DataFrame:
    """Two units from 2010-01 to 2010-12; unit 9 lacks April and leaves May empty."""
    lines = [(unit, 361 + at, unit + at) for unit in (9, 4) for at in range(12)]
    frame = pl.DataFrame(lines, schema=["country_id", "month_id", "ged_sb"], orient="row")
    frame = frame.filter(~((pl.col("country_id") == 9) & (pl.col("month_id") == 364)))
    hole = (pl.col("country_id") == 9) & (pl.col("month_id") == 365)
    return frame.with_columns(pl.when(hole).then(None).otherwise("ged_sb").alias("ged_sb"))


def save(folder: Path, frame: pl.DataFrame, name: str = "h.parquet") -> Path:
    file = folder / name
    frame.write_csv(file) if name.endswith(".csv") else frame.write_parquet(file)
    return file


def test_what_is_not_in_the_table_is_not_covered(tmp_path: Path) -> None:
    found = read_history(save(tmp_path, table()))
    assert found.units == (4, 9)
    assert str(found.span) == "2010-01:2010-12"
    assert (~found.covered).nonzero()[1].tolist() == [3, 4]
    assert found.deaths[1].tolist() == [9, 10, 11, 0, 0, *range(14, 21)]


@pytest.mark.parametrize("name", ["h.csv", "floats.parquet", "shuffled.parquet"])
def test_formats_types_and_order_do_not_matter(tmp_path: Path, name: str) -> None:
    frame = table()
    if name.startswith("floats"):
        frame = frame.with_columns(pl.col("ged_sb").cast(pl.Float64).fill_null(float("nan")))
    if name.startswith("shuffled"):
        frame = frame.sample(fraction=1, shuffle=True, seed=2).with_columns(pl.lit("x").alias("iso3"))
    assert read_history(save(tmp_path, frame, name)).digest == read_history(save(tmp_path, table())).digest


def test_a_path_may_be_given_as_text(tmp_path: Path) -> None:
    file = save(tmp_path, table())
    assert read_history(str(file)).digest == read_history(file).digest


def test_the_panel_ends_with_the_last_month_that_had_ended(tmp_path: Path) -> None:
    found = read_history(save(tmp_path, table()))
    panel = found.panel(as_of=dt.date(2010, 8, 31))
    assert panel.span.last == months.parse("2010-08")
    assert found.panel(as_of=dt.date(2010, 8, 30)).span.last == months.parse("2010-07")
    assert found.panel(as_of=dt.date(2030, 1, 1)).span == found.span
    assert (panel.level, panel.scheme, panel.kinds, panel.areas) == ("country", "views", ("sb",), (4, 9))
    assert (panel.basis, panel.lag) == ("reconstructed, lag 0", 0)
    assert panel.digest == dataclasses.replace(panel, lag=None).digest
    assert panel.series("sb").shape == (2, 8)
    with pytest.raises(NotAssessed, match="begins after 2010-01-30"):
        found.panel(as_of=dt.date(2010, 1, 30))


def test_cells_have_their_own_column(tmp_path: Path) -> None:
    # Numbers of cells that are no ids of countries.
    cells = table().rename({"country_id": "priogrid_gid"}).with_columns(pl.col("priogrid_gid") + 150_000)
    file = save(tmp_path, cells)
    panel = read_history(file, level="pgm").panel(as_of=dt.date(2011, 1, 1))
    assert (panel.level, panel.areas, panel.beside) == ("cell", (150_004, 150_009), None)
    with pytest.raises(BadInput, match="country_id"):
        read_history(file)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop("ged_sb"), "lacks the columns: ged_sb"),
        (lambda t: pl.concat([t, t.head(2)]), "4 rows share .* country_id 9, month_id 361"),
        (lambda t: t.with_columns(-pl.col("ged_sb")), r"negative deaths \(rows: \d+\), .* country_id 4"),
        (lambda t: t.with_columns(pl.col("ged_sb") + 0.25), "not a whole number"),
        (lambda t: t.with_columns(pl.col("ged_sb") / 0), "not a whole number"),
        (lambda t: t.with_columns(pl.col("country_id") / 0), "row 1: inf in the column country_id"),
        (lambda t: t.with_columns(pl.col("month_id") + 201_800), r"month_id 20\d+ stands for no month"),
        (lambda t: t.with_columns(pl.col("month_id") - 2_000_000_000), "stands for no month"),
        (lambda t: t.with_columns(pl.col("ged_sb") * 10**9), "exceeds 2,147,483,647"),
        (lambda t: t.with_columns(pl.col("ged_sb").cast(pl.String)), "not numbers"),
        (lambda t: t.with_columns(pl.col("month_id").replace({363: None})), r"row 3: .* is empty \(such.* 2"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused(tmp_path: Path, change: object, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_history(save(tmp_path, change(table())))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("unknown", "told"),
    [(10, "990, 991, 992, 993, 994, 995, 996, 997, 998, 999"),
     (11, "990, 991, 992, 993, 994, 995, 996, 997, 998, 999, …")],
)  # fmt: skip
def test_countries_by_other_codes_are_counted_and_the_first_ten_named(
    tmp_path: Path, unknown: int, told: str
) -> None:
    others = [table().head(1).with_columns(country_id=990 + at) for at in range(unknown)]
    file = save(tmp_path, pl.concat([table(), *(one.cast(table().schema) for one in others)]))
    with pytest.raises(BadInput, match=rf"\(such ids: {unknown}\): {told}\. Give VIEWS ids"):
        read_history(file)


def test_files_that_are_no_table(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="does not exist"):
        read_history(tmp_path / "absent.csv")
    with pytest.raises(BadFile, match="is a folder"):
        read_history(tmp_path)
    (tmp_path / "cut.parquet").write_bytes(save(tmp_path, table()).read_bytes()[:100])
    with pytest.raises(BadFile, match=r"cut\.parquet"):
        read_history(tmp_path / "cut.parquet")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(BadFile, match=r"empty\.csv"):
        read_history(tmp_path / "empty.csv")
    with pytest.raises(BadFile, match="no rows"):
        read_history(save(tmp_path, table().clear(), "header.csv"))
