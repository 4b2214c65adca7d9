"""Every form in which UCDP events come is read into the one event table."""

from __future__ import annotations

import datetime as dt
import json
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest
from ged_table import HEADER, row, text, write

from tocsin import months
from tocsin.sources import SCHEMA, check_schema, read
from tocsin.text import LANGUAGES, say


def test_candidate_csv(tmp_path: Path) -> None:
    reading = read(write(tmp_path, [row(2), row(1, type_of_violence=3, code_status="Check deaths")]))
    assert (reading.release, reading.format) == ("23.0.10", "candidate-csv")
    assert str(reading.coverage.span) == "2023-10:2023-10"
    assert reading.known_at == dt.date(2023, 11, 25)
    assert reading.coverage.countries is None
    assert not reading.coverage.partial
    first = check_schema(reading.events).row(0, named=True)
    assert (first["id"], first["kind"], first["status"]) == (1, "os", "Check deaths")
    assert (first["date_start"], first["date_end"]) == (dt.date(2023, 10, 5), dt.date(2023, 10, 6))
    assert (first["country_gw"], first["best"], first["adm_2"], first["gid"]) == (432, 6, None, 153000)


def test_annual_zip(tmp_path: Path) -> None:
    path = tmp_path / "ged241-csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("GEDEvent_v24_1.csv", text([row(1)]))
        archive.writestr("__MACOSX/._GEDEvent_v24_1.csv", b"\0\1")
    reading = read(path)
    assert (reading.release, reading.format) == ("24.1", "ged-zip")
    assert str(reading.coverage.span) == "1989-01:2023-12"
    assert reading.known_at == dt.date(2024, 6, 30)


def test_hdx_extract_drops_its_tags_and_covers_its_country_alone(tmp_path: Path) -> None:
    header = [name for name in reversed(HEADER) if name not in ("relid", "code_status")] + ["iso3"]
    lines = text([row(1), row(2, date_start="2023-12-02", date_end="2023-12-02")], header).splitlines(
        keepends=True
    )
    tags = ",".join("#affected+killed" if name == "best" else "" for name in header) + "\n"
    path = tmp_path / "conflict_data_MLI.csv"
    path.write_text(lines[0] + tags + "".join(lines[1:]), encoding="utf-8")
    reading = read(path)
    assert (reading.report.rows, reading.format, reading.release) == (2, "hdx-csv", None)
    assert reading.report.absent == ("relid", "code_status")
    assert reading.coverage.countries == (432,)
    assert str(reading.coverage.span) == "1989-01:2023-12"
    assert reading.coverage.covers(432, months.parse("1990-01"))
    assert not reading.coverage.covers(475, months.parse("1990-01"))
    assert str(read(path, release="25.1").coverage.span) == "1989-01:2024-12"
    path.write_text("".join(lines), encoding="utf-8")
    assert (read(path).format, read(path).coverage) == (reading.format, reading.coverage)


@pytest.mark.parametrize("form", ["one page", "list of pages", "page a line"])
def test_api_pages(tmp_path: Path, form: str) -> None:
    whole = [{"TotalCount": 2, "TotalPages": 1, "NextPageUrl": "", "Result": [row(1), row(2)]}]
    url = "https://ucdpapi.pcr.uu.se/api/gedevents/23.0.10?PageSize=1&page=1"
    parts = [{"TotalCount": 2, "TotalPages": 2, "NextPageUrl": url, "Result": [row(n)]} for n in (1, 2)]
    content = {
        "one page": json.dumps(whole[0], indent=1),
        "list of pages": json.dumps(parts),
        "page a line": "\n".join(json.dumps(part) for part in parts) + "\n",
    }[form]
    path = tmp_path / "gedevents-23.0.10.jsonl"
    path.write_text(content, encoding="utf-8")
    reading = read(path)
    assert (reading.release, reading.format, reading.coverage.partial) == ("23.0.10", "api-json", False)
    assert reading.events.equals(read(write(tmp_path, [row(1), row(2)])).events)


def test_a_page_asked_for_one_country_covers_nothing_whole(tmp_path: Path) -> None:
    url = "https://ucdpapi.pcr.uu.se/api/gedevents/23.0.10?pagesize=1&Country=432&page=1"
    pages = [{"TotalCount": 2, "TotalPages": 2, "NextPageUrl": url, "Result": [row(n)]} for n in (1, 2)]
    path = tmp_path / "mali.json"
    path.write_text(json.dumps(pages), encoding="utf-8")
    reading = read(path)
    assert reading.release == "23.0.10"
    assert reading.coverage.partial


def test_parquet_covers_only_what_it_says_is_complete(tmp_path: Path) -> None:
    rows = [row(1), row(2, country_id=433)]
    table = pl.DataFrame(rows).select(
        "id", "type_of_violence", "date_start", "country_id", "low", "best", "high"
    )
    table.with_columns(
        date_start=pl.col("date_start").str.to_datetime(), id=pl.col("id") * 1.0
    ).write_parquet(tmp_path / "some.parquet")
    fragment = read(tmp_path / "some.parquet")
    assert fragment.coverage.partial
    assert not fragment.coverage.covers(432, months.parse("2023-10"))
    assert fragment.events["date_end"].equals(fragment.events["date_start"])
    pl.read_parquet(tmp_path / "some.parquet").with_columns(
        coverage=pl.lit("complete (1989-2023)"), ged_version=pl.lit("24.1")
    ).write_parquet(tmp_path / "whole.parquet")
    whole = read(tmp_path / "whole.parquet")
    assert (whole.release, whole.coverage.countries, whole.coverage.partial) == ("24.1", (432, 433), False)
    assert str(whole.coverage.span) == "1989-01:2023-10"
    pl.read_parquet(tmp_path / "some.parquet").with_columns(
        coverage=pl.Series(["complete (1989-2022)", "complete (1989-2023)"]),
        ged_version=pl.Series(["23.1", "24.1"]),
    ).write_parquet(tmp_path / "two.parquet")
    two = read(tmp_path / "two.parquet")
    assert (two.release, two.coverage.partial) == (None, True)


def test_an_extract_of_a_candidate_release_does_not_leave_its_months(tmp_path: Path) -> None:
    rows = [row(1), row(2), row(3, date_start="2023-09-30")]
    tags = ",".join("#meta" for _ in HEADER) + "\n"
    lines = text(rows).splitlines(keepends=True)
    path = tmp_path / "mali.csv"
    path.write_text(lines[0] + tags + "".join(lines[1:]), encoding="utf-8")
    extract = read(path, release="23.0.10").coverage
    assert (str(extract.span), extract.countries) == ("2023-10:2023-10", (432,))
    table = pl.DataFrame(rows).with_columns(
        coverage=pl.lit("complete"), date_start=pl.col("date_start").str.slice(0, 10)
    )
    for release, span in (("23.0.10", "2023-10:2023-10"), ("23.08.23.12", "2023-08:2023-10")):
        table.with_columns(ged_version=pl.lit(release)).write_parquet(tmp_path / "a.parquet")
        assert str(read(tmp_path / "a.parquet").coverage.span) == span


def test_a_file_whose_path_is_not_utf_8_is_read_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"donn\xe9es")
    try:
        folder.mkdir()
    except (OSError, UnicodeError):
        pytest.skip("names of files are always Unicode here")
    plain = read(write(folder, [row(1)]))
    assert plain.release == "23.0.10"
    table = folder / os.fsdecode(b"\xe9.parquet")
    pl.DataFrame([row(1)]).write_parquet(table.open("wb"))
    derived = read(table)
    assert derived.events.equals(plain.events)
    assert derived.report.file == "\N{REPLACEMENT CHARACTER}.parquet"


def test_a_csv_of_no_known_release_covers_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)], name="events.csv")
    assert read(path).coverage.partial
    assert read(path).coverage.countries == (432,)
    assert not read(path, release="23.0.10").coverage.partial
    assert read(write(tmp_path, [row(1)], name="mali_GEDEvent_v23_0_10.csv")).coverage.partial


def test_byte_order_mark_line_ends_and_empty_lines_are_accepted(tmp_path: Path) -> None:
    plain = read(write(tmp_path, [row(1), row(2)]))
    content = text([row(1), row(2)]).replace("\n", "\r\n") + "\r\n"
    path = tmp_path / "marked" / "GEDEvent_v23_0_10.csv"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    marked = read(path)
    assert marked.events.equals(plain.events)
    assert marked.report == plain.report
    assert marked.digest != plain.digest


def test_flags_keep_the_row_and_are_counted(tmp_path: Path) -> None:
    odd = [
        row(1, low=7), row(2, high=5), row(3, best=7), row(4, where_prec=4), row(5, date_prec=5),
        row(6, priogrid_gid=153001), row(7, date_prec=9), row(8, country="Macedonia, FYR", country_id=""),
        row(9),
    ]  # fmt: skip
    reading = read(write(tmp_path, odd))
    flags = reading.events["flags"].to_list()
    assert flags == [
        ["low_above_best"], ["best_above_high"], ["parts_not_best"], ["imprecise_place"], ["imprecise_date"],
        ["place_off_grid"], ["unknown_precision"], ["country_from_name"], [],
    ]  # fmt: skip
    assert set(reading.report.flagged.values()) == {1}
    unread = read(write(tmp_path, [row(1, event_clarity="?")]))
    assert unread.events["flags"].to_list() == [["unknown_precision"]]
    assert reading.report.kept == 9
    assert reading.events["date_prec"][6] is None
    assert reading.events["country_gw"][7] == 343


def test_cells_are_computed_where_absent_and_hold_at_the_edges(tmp_path: Path) -> None:
    corners = [(-90, -180), (90, 180), (-90, 180), (0, 0), (12.649999, -8.000001)]
    rows = [
        row(n, latitude=lat, longitude=lon, priogrid_gid="") for n, (lat, lon) in enumerate(corners, start=1)
    ]
    events = read(write(tmp_path, rows)).events
    assert events["gid"].to_list() == [1, 259_200, 720, 129_961, 205 * 720 + 344]


def test_report_in_both_languages(tmp_path: Path) -> None:
    rows = [row(1, low=7), row(2, best="x"), row(3, best="y"), row(4, date_start="2023-09-30")]
    report = read(write(tmp_path, rows), skip_bad_rows=True).report
    assert (report.rows, report.kept, report.refused, report.outside_coverage) == (4, 2, 2, 1)
    assert json.loads(json.dumps(report.to_dict()))["refusals"][0] == {
        "line": 4, "column": "best", "value": "x", "reason": "row_whole",
    }  # fmt: skip
    for language in LANGUAGES:
        lines = report.text(language, listed=1).splitlines()
        assert "4" in lines[0]
        assert any("best" in line and "x" in line for line in lines)
        assert "  " + say("sources.report.outside", language, count=1) in lines
        assert not any('"y"' in line or "« y »" in line for line in lines)
    assert report.text("en") != report.text("fr")


def test_one_type_for_every_column_however_it_is_stored(tmp_path: Path) -> None:
    read_back = read(write(tmp_path, [row(1)])).events
    assert dict(read_back.schema) == SCHEMA
    numbers = pl.DataFrame([row(1)]).with_columns(
        pl.col("best", "low", "high", "country_id").cast(pl.Float32)
    )
    categories = numbers.with_columns(pl.col("country", "side_a").cast(pl.Categorical))
    categories.with_columns(date_start=pl.col("date_start").str.to_datetime()).write_parquet(
        tmp_path / "a.parquet"
    )
    assert read(tmp_path / "a.parquet").events.equals(read_back)
    decimals = numbers.with_columns(
        pl.col("best").cast(pl.Decimal(10, 1)),
        pl.col("type_of_violence").cast(pl.String).cast(pl.Enum(["3", "1"])),
    )
    decimals.write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").events.equals(read_back)
    # Where other tools write a missing number as NaN, it is missing, not wrong.
    numbers.with_columns(
        dyad_new_id=pl.lit(float("nan")), date_start=pl.col("date_start").str.to_datetime()
    ).write_parquet(tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet").events["dyad_id"].to_list() == [None]


@pytest.mark.shared
def test_candidate_of_october_2023(shared: Path) -> None:
    reading = read(shared / "data/ucdp/GEDEvent_v23_0_10.csv")
    check_schema(reading.events)
    assert (reading.report.rows, reading.report.kept) == (2391, 2391)
    assert reading.release == "23.0.10"
    assert (reading.report.flagged["low_above_best"], reading.report.flagged["best_above_high"]) == (4, 11)
    assert reading.report.outside_coverage == 33
    assert reading.report.absent == ()


@pytest.mark.shared
def test_extract_of_bangladesh(shared: Path) -> None:
    reading = read(shared / "data/ucdp/conflict_data_BGD.csv")
    check_schema(reading.events)
    assert (reading.report.kept, reading.coverage.countries) == (601, (771,))


@pytest.mark.shared
def test_mali_in_ged_24_1(shared: Path) -> None:
    reading = read(shared / "data/ucdp/ged241_westafrica8_1989_2021.parquet")
    check_schema(reading.events)
    mali = reading.events.filter(pl.col("country_gw") == 432).with_columns(
        year=pl.col("date_start").dt.year()
    )
    totals = {
        year: (part["best"].sum(), part.filter(pl.col("kind") == "sb")["best"].sum())
        for (year,), part in mali.group_by("year")
    }
    assert totals[2012] == (359, 218)
    assert totals[2013] == (881, 823)
    assert (reading.release, len(reading.coverage.countries or ())) == ("24.1", 8)
    assert str(reading.coverage.span) == "1989-01:2021-12"
    assert reading.report.flagged["parts_not_best"] == 0


@pytest.mark.shared
def test_located_events_cover_nothing_whole(shared: Path) -> None:
    reading = read(shared / "data/ucdp/ged211_located_global_1989_2020.parquet")
    check_schema(reading.events)
    assert (reading.release, reading.report.kept) == ("21.1", 176_579)
    assert reading.coverage.partial
    assert reading.report.flagged["country_from_name"] == 50
    assert reading.report.flagged["place_off_grid"] == 0
