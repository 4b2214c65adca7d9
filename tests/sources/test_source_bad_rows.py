"""A row that cannot be read is named by line, column and value, and left out only when asked."""

from __future__ import annotations

import datetime as dt
import io
import pickle
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from ged_table import NAME, SOUND, put, row, text, write

from tocsin.errors import BadRow
from tocsin.sources import RefusedRows, read
from tocsin.sources.comma import record_lines


@pytest.mark.parametrize(("new", "shape"), [(b"Mali, north,", "50/49"), (b"", "48/49")])
def test_a_comma_too_many_or_too_few_is_named_as_such(tmp_path: Path, new: bytes, shape: str) -> None:
    content = SOUND + text([row(3)]).split("\n", 1)[1].encode().replace(b"Mali,432,", new + b"432,")
    with pytest.raises(RefusedRows) as caught:
        read(put(tmp_path, content))
    refusal = caught.value.refusal
    assert (refusal.line, refusal.value, refusal.key) == (6, shape, "sources.row_fields")


def refused(path: Path) -> list[tuple[int, str, str]]:
    """Return line, value and key of the rows that `path` is read without."""
    return [(r.line, r.value, r.key) for r in read(path, skip_bad_rows=True).report.refusals]


@pytest.mark.parametrize("column", ["deaths_a", "low", "gwnoa"])
def test_a_comma_too_many_where_every_value_still_fits_is_not_passed_over(
    tmp_path: Path, column: str
) -> None:
    content = text([row(1), row(2, **{column: "0,1"}), row(3)]).replace('"0,1"', "0,1")
    path = put(tmp_path, content.encode())
    with pytest.raises(RefusedRows):
        read(path)
    assert refused(path) == [(4, "50/49", "sources.row_fields")]
    assert read(path, skip_bad_rows=True).events["id"].to_list() == [1, 3]


def test_a_row_that_lacks_its_last_fields_is_refused(tmp_path: Path) -> None:
    lines = text([row(n, source_article="plain") for n in (1, 2, 3)]).splitlines()
    lines[2] = lines[2].removesuffix(",432,")
    path = put(tmp_path, "\n".join([*lines, ""]).encode())
    assert refused(path) == [(3, "47/49", "sources.row_fields")]


def test_two_rows_run_together_are_refused_and_not_read_as_one(tmp_path: Path) -> None:
    lines = text([row(n, source_article="plain") for n in (1, 2, 3, 4)]).splitlines(keepends=True)
    lines[2] = lines[2].rstrip("\n")
    path = put(tmp_path, "".join(lines).encode())
    with pytest.raises(RefusedRows) as caught:
        read(path)
    assert (caught.value.refusal.line, caught.value.refusal.value) == (3, "97/49")
    assert read(path, skip_bad_rows=True).events["id"].to_list() == [1, 4]


def test_a_last_row_too_long_and_without_a_line_end_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, SOUND[:-1] + b",")
    assert refused(path) == [(4, "50/49", "sources.row_fields")]


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_fields_are_counted_alike_wherever_a_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("tocsin.sources.comma._BLOCK", block)
    rows = [row(n, side_b=side) for n, side in enumerate(('a "b", c', "\n,\n", "d", '""'), start=1)]
    rows[2]["gwnob"] = "0,1"
    content = text(rows).replace('"0,1"', "0,1").encode() + b"\n"
    path = put(tmp_path, content)
    assert [value for _, value, _ in refused(path)] == ["50/49"]
    assert read(path, skip_bad_rows=True).events["side_b"].to_list() == ['a "b", c', ",", '""']


BAD = [
    ("id", "", "row_missing"),
    ("id", "12a", "row_whole"),
    ("id", "-3", "row_negative"),
    ("type_of_violence", "4", "row_kind"),
    ("type_of_violence", "", "row_missing"),
    ("date_start", "2023-02-30", "row_date"),
    ("date_start", "05/10/2023", "row_date"),
    ("date_start", "2023-10-05 noon", "row_date"),
    ("date_start", "1023-10-05", "row_early"),
    ("date_start", "2023-10-07", "row_backwards"),
    ("date_end", "2203-10-06", "row_future"),
    ("country_id", "Mali", "row_whole"),
    ("country_id", "4320", "row_country_gw"),
    ("country_id", "", "row_missing"),
    ("latitude", "162.7", "row_latitude"),
    ("latitude", "16,27", "row_number"),
    ("longitude", "-190.5", "row_longitude"),
    ("longitude", "nan", "row_number"),
    ("priogrid_gid", "300000", "row_gid"),
    ("best", "-1", "row_negative"),
    ("deaths_civilians", "-6", "row_negative"),
    ("best", "6.5", "row_whole"),
    ("high", "99999999999", "row_whole"),
    ("low", "", "row_missing"),
    ("conflict_new_id", "none", "row_whole"),
]


@pytest.mark.parametrize(("column", "value", "key"), BAD)
def test_a_bad_row_is_named_by_its_physical_line(tmp_path: Path, column: str, value: str, key: str) -> None:
    rows = [row(1), row(2), row(3, **{column: value}), row(4)]
    path = write(tmp_path, rows)
    with pytest.raises(BadRow) as caught:
        read(path)
    error = caught.value
    assert isinstance(error, RefusedRows)
    # Each sound row takes two lines, for its quoted line end; so the third row begins on line 6.
    expected = "2023-10-06 00:00:00.000" if key == "row_backwards" else value
    assert (error.refusal.line, error.refusal.value, error.key) == (6, expected, f"sources.{key}")
    assert error.exit_code == 2
    for language in ("en", "fr"):
        message = error.message(language)
        assert NAME in message
        assert expected in message
        assert "--skip-bad-rows" in message
    skipped = read(path, skip_bad_rows=True)
    assert skipped.events["id"].to_list() == [1, 2, 4]
    assert (skipped.report.kept, skipped.report.refused) == (3, 1)
    assert skipped.report.refusals == (error.refusal,)


def test_a_repeated_id_is_refused_where_it_comes_again(tmp_path: Path) -> None:
    path = write(tmp_path, [row(5), row(6), row(5, best=7)])
    with pytest.raises(RefusedRows) as caught:
        read(path)
    assert (caught.value.refusal.line, caught.value.key) == (6, "sources.row_repeated")
    assert read(path, skip_bad_rows=True).events["best"].to_list() == [6, 6]


def test_a_refused_row_does_not_take_a_sound_one_of_its_id_along(tmp_path: Path) -> None:
    path = write(tmp_path, [row(5, best="x"), row(5), row(6), row(6, best="y"), row(6)])
    reading = read(path, skip_bad_rows=True)
    assert reading.events["id"].to_list() == [5, 6]
    assert [refusal.key.removeprefix("sources.") for refusal in reading.report.refusals] == [
        "row_whole", "row_whole", "row_repeated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "odd"),
    [("best", [Decimal("6.5"), Decimal("6.0")]), ("best", [True, False]), ("type_of_violence", [True, True])],
)
def test_what_is_no_whole_number_is_refused_and_not_cut(
    tmp_path: Path, column: str, odd: list[object]
) -> None:
    table = pl.DataFrame([row(1), row(2)]).with_columns(pl.Series(column, odd))
    table.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(RefusedRows) as caught:
        read(tmp_path / "a.parquet")
    assert (caught.value.refusal.line, caught.value.refusal.column) == (1, column)


def test_the_first_is_named_and_the_others_counted(tmp_path: Path) -> None:
    rows = [row(1), row(2, best="x"), *(row(n, low="y") for n in range(3, 1503))]
    with pytest.raises(RefusedRows) as caught:
        read(write(tmp_path, rows))
    assert caught.value.refused == 1501
    assert "line 4, column best" in str(caught.value)
    assert "1,500 other rows" in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.message("fr") == caught.value.message("fr")


def test_no_good_row_at_all_refuses_the_file_even_so(tmp_path: Path) -> None:
    with pytest.raises(RefusedRows):
        read(write(tmp_path, [row(1, best="x")]), skip_bad_rows=True)


def test_the_future_begins_after_today(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)])
    assert read(path, today=dt.date(2023, 10, 6)).report.kept == 1
    with pytest.raises(BadRow) as caught:
        read(path, today=dt.date(2023, 10, 5))
    assert caught.value.key == "sources.row_future"


def test_rows_of_formats_without_lines_are_counted_as_rows(tmp_path: Path) -> None:
    pl.DataFrame([row(1), row(2, best=-1)]).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(BadRow, match=r"row 2, column best"):
        read(tmp_path / "a.parquet")


def test_record_lines_follow_quotes() -> None:
    content = b'h,h\n"a\nb",c\nd,"e\n\nf"\ng,h\n'
    found = list(record_lines(io.BytesIO(content), [-1, 0, 2]))
    assert found == [(1, b"h,h\n"), (2, b'"a\nb",c\n'), (7, b"g,h\n")]
    assert list(record_lines(io.BytesIO(content), [1])) == [(4, b'd,"e\n\nf"\n')]
