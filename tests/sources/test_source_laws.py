"""What holds whatever the rows are."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from pathlib import Path

import polars as pl
from ged_table import Row, row, write
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources import check_schema, read

_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=12
)
_DEATHS = st.integers(0, 2_000)


@st.composite
def _rows(draw: st.DrawFn) -> list[Row]:
    numbers = draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=8, unique=True))
    rows = []
    for number in numbers:
        start = dt.date(2023, 10, 1) + dt.timedelta(days=draw(st.integers(0, 30)))
        end = start + dt.timedelta(days=draw(st.integers(0, 40)))
        values: Row = {
            name: draw(_DEATHS)
            for name in ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low")
        }
        values |= {
            name: draw(_TEXT) for name in ("side_a", "side_b", "adm_1", "source_article", "conflict_name")
        }
        values |= {
            "type_of_violence": draw(st.sampled_from([1, 2, 3])),
            "date_start": start.isoformat(),
            "date_end": end.isoformat(),
            "latitude": draw(st.floats(-90, 90)),
            "longitude": draw(st.floats(-180, 180)),
            "where_prec": draw(st.integers(1, 7)),
        }
        rows.append(row(number, **values))
    return rows


@settings(max_examples=60)
@given(rows=_rows(), order=st.randoms(use_true_random=False))
def test_reading_does_not_depend_on_the_order_of_rows(rows: list[Row], order: random.Random) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        first = read(write(Path(folder), rows))
        second = read(write(Path(folder), shuffled))
    assert check_schema(first.events).equals(second.events)
    assert first.report == second.report
    assert first.events["best"].sum() == sum(int(str(each["best"])) for each in rows)


@settings(max_examples=60)
@given(rows=_rows())
def test_csv_and_parquet_of_the_same_rows_agree(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "rows.parquet"
        pl.DataFrame(rows).with_columns(
            pl.col("date_start", "date_end").str.to_datetime("%Y-%m-%d"),
            pl.col("best", "low").cast(pl.Float64),
        ).write_parquet(table)
        from_csv, from_parquet = read(write(Path(folder), rows)), read(table)
    assert from_csv.events.equals(from_parquet.events)
    assert from_csv.report.flagged == from_parquet.report.flagged
