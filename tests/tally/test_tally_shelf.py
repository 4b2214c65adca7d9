"""Tallies kept: each known from a day, none overwritten, no row of a file among them."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import polars as pl
import pytest
from tally_files import PERSON, acled, event, hdx, hdx_row

from tocsin import digest, months, tally
from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.figures import panel as shipped
from tocsin.tally import Shelf

MALI = 432
FIRST, SECOND = dt.date(2021, 5, 10), dt.date(2021, 6, 10)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "home")


def year(path: Path, *deaths: int) -> Path:
    return hdx(path, [hdx_row("MLI", f"2021-{n:02}", 1, killed) for n, killed in enumerate(deaths, 1)])


def deaths(shelf: Shelf, as_of: dt.date | dt.datetime) -> list[int]:
    return shelf.monthly(as_of=as_of)["deaths"].to_list()


def test_reading_makes_nothing(shelf: Shelf) -> None:
    assert shelf.tallies(as_of=FIRST) == ()
    assert shelf.monthly(as_of=FIRST).height == 0
    assert not shelf.home.exists()


def test_what_is_kept_is_known_from_then_on(shelf: Shelf, tmp_path: Path) -> None:
    before = dt.datetime.now(dt.UTC)
    made, new = shelf.add(year(tmp_path / "a.csv", 1, 2, 3))
    assert new
    assert made.basis == "retrieved"
    assert made.known_at >= before
    assert deaths(shelf, before) == []
    assert deaths(shelf, made.known_at) == [1, 2, 3]
    assert made.sha256 == digest.of_file(tmp_path / "a.csv")


def test_of_a_month_the_tally_known_last_counts_and_the_day_asked_for_decides(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.add(year(tmp_path / "b.csv", 5, 6, 7, 8, 9), known_at=SECOND)
    shelf.add(year(tmp_path / "a.csv", 1, 2, 3, 4, 5), known_at=FIRST)
    assert deaths(shelf, FIRST - dt.timedelta(days=1)) == []
    assert deaths(shelf, FIRST) == [1, 2, 3, 4]
    assert deaths(shelf, SECOND) == [5, 6, 7, 8, 9]
    assert [one.name for one in shelf.tallies(as_of=SECOND)] == ["a.csv", "b.csv"]


def test_the_same_bytes_twice_change_nothing(shelf: Shelf, tmp_path: Path) -> None:
    file = year(tmp_path / "a.csv", 1, 2)
    made, _ = shelf.add(file, known_at=FIRST)
    assert shelf.add(file) == (made, False)
    assert shelf.add(file, known_at=FIRST) == (made, False)
    with pytest.raises(BadInput) as caught:
        shelf.add(file, known_at=SECOND)
    assert caught.value.key == "tally.held_otherwise"
    assert len(list(shelf.folder.iterdir())) == 1


def test_a_refused_file_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        shelf.add(hdx(tmp_path / "a.csv", [hdx_row("MLI", "2021-01", "many", 1)]))
    with pytest.raises(BadInput) as caught:
        shelf.add(year(tmp_path / "b.csv", 1), known_at=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2))
    assert caught.value.key == "tally.day_to_come"
    assert not shelf.home.exists()


def test_what_is_withdrawn_is_seen_before_and_not_after_and_can_come_anew(
    shelf: Shelf, tmp_path: Path
) -> None:
    file = year(tmp_path / "a.csv", 1, 2)
    made, _ = shelf.add(file, known_at=FIRST)
    gone = shelf.withdraw(made.short, reason="Battles only")
    assert gone.withdrawn_at is not None
    assert deaths(shelf, FIRST) == [1, 2]
    assert deaths(shelf, gone.withdrawn_at) == []
    for again in (lambda: shelf.withdraw(made.sha256, reason="twice"), lambda: shelf.add(file)):
        with pytest.raises(BadInput, match="Battles only"):
            again()
    anew, new = shelf.add(file, again=True)
    assert (anew.arrival, new) == (2, True)
    assert deaths(shelf, dt.datetime.now(dt.UTC)) == [1, 2]
    assert shelf.add(file) == (anew, False)
    assert shelf.withdraw(made.short, reason="once more").arrival == 2


def test_a_tally_is_named_by_its_digest_and_taken_back_for_a_reason(shelf: Shelf, tmp_path: Path) -> None:
    made, _ = shelf.add(year(tmp_path / "a.csv", 1))
    for named in ("", "12345", "a.csv", "zzzzzz", "../../x"):
        with pytest.raises(UnknownName, match=made.short):
            shelf.withdraw(named, reason="why")
    with pytest.raises(BadInput) as caught:
        shelf.withdraw(made.short, reason="  ")
    assert caught.value.key == "tally.no_reason"


def test_what_is_known_of_a_tally_comes_back_as_it_was(shelf: Shelf, tmp_path: Path) -> None:
    rows = [hdx_row("MLI", "2021-01", 1, 2), hdx_row("GUF", "2021-01", 1, 3), hdx_row("PSE", "2021-01", 1, 4)]
    late = [hdx_row("MLI", "2021-05", 1, 2)]
    made, _ = shelf.add(hdx(tmp_path / "a.csv", rows + late), known_at=FIRST)
    assert (made.elsewhere, made.alone, made.under_way) == ((("GUF", 3),), True, (months.parse("2021-05"),))
    assert shelf.tallies(as_of=FIRST) == (made,)
    json.dumps(made.to_dict())


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_file_whose_name_is_not_unicode_is_kept(shelf: Shelf, tmp_path: Path) -> None:
    file = year(tmp_path / "a.csv", 1, 2)
    odd = file.rename(tmp_path / os.fsdecode(b"Cr\xe9e.csv"))
    made, _ = shelf.add(odd)
    assert made.name == "Cr\N{REPLACEMENT CHARACTER}e.csv"
    assert shelf.tallies(as_of=made.known_at) == (made,)


def test_no_row_of_a_file_is_kept(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add(acled(tmp_path / "events.csv", [event("MLI1", "2021-01-05", 3)]))
    (kept,) = (path for path in shelf.home.rglob("*") if path.is_file())
    assert PERSON.encode() not in kept.read_bytes()
    assert pl.read_parquet(kept).columns == list(tally.SCHEMA)


def test_a_tally_that_was_changed_is_found(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add(year(tmp_path / "a.csv", 1, 2), known_at=FIRST)
    (kept,) = shelf.folder.iterdir()
    meta = pl.read_parquet_metadata(kept)
    pl.read_parquet(kept).with_columns(deaths=pl.col("deaths") + 1).write_parquet(
        kept, metadata={"tocsin": meta["tocsin"]}
    )
    with pytest.raises(Damaged, match=kept.name):
        shelf.monthly(as_of=FIRST)
    kept.write_bytes(b"PAR1")
    with pytest.raises(Damaged, match=kept.name):
        shelf.tallies(as_of=FIRST)


def test_no_forecast_reads_a_tally(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.watch import current_panel

    monkeypatch.setenv("TOCSIN_HOME", str(shelf.home))
    before = current_panel(dt.date(2026, 1, 1)).digest
    shelf.add(year(tmp_path / "a.csv", 10_000), known_at=FIRST)
    assert current_panel(dt.date(2026, 1, 1)).digest == before == shipped(as_of=dt.date(2026, 1, 1)).digest
