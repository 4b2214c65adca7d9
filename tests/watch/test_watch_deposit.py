"""Watches on record: once, by their digest, only what was said on its day and is as it was."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tocsin import months
from tocsin.errors import BadInput, Damaged
from tocsin.ledger import Ledger, Receipt
from tocsin.ledger.entries import ForecastEntry
from tocsin.ledger.log import Given
from tocsin.panel import Panel
from tocsin.watch import Kept, Watch, deposit, keep, kept, on_record, watch

DAY = dt.date(2012, 1, 15)
NOON = dt.datetime(2012, 1, 15, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def found(panel: Panel) -> Watch:
    return watch(panel.until(panel.span.last - 1), as_of=DAY, methods=("no-learning", "conflictology-12"))


@pytest.fixture
def held(found: Watch, tmp_path: Path) -> Kept:
    return keep(found, tmp_path / "archive", clock=lambda: NOON)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.sqlite", clock=lambda: NOON)


def test_an_entry_says_what_was_forecast_and_under_which_digest(
    found: Watch, held: Kept, ledger: Ledger
) -> None:
    (receipt,) = deposit([held], ledger, by="Duty desk")
    (recorded,) = ledger.entries(type="forecast")
    entry = recorded.entry
    assert isinstance(entry, ForecastEntry)
    assert (recorded.entry.id, recorded.recorded_at) == (receipt.id, receipt.recorded_at)
    assert (entry.digest, str(entry.by)) == (found.digest, "Duty desk")
    # As of a warning: the last day of data, and not that of the watch.
    assert entry.data_as_of == months.last_day(found.origin) < DAY
    assert (str(entry.date), str(entry.window)) == ("2012-01-15", "2011-12/2012-11")
    assert entry.areas == tuple(f"gw:{row.area}" for row in sorted(found.ranked, key=lambda row: row.area))
    assert found.not_assessed
    for language in ("en", "fr"):
        assert found.digest[:16] in entry.text_in(language)
        assert f" {len(found.ranked)} " in entry.text_in(language)
    assert entry.text_in("fr") != entry.text


def test_a_watch_is_recorded_once_and_found_by_its_digest(held: Kept, ledger: Ledger) -> None:
    assert on_record(None) == {}
    assert on_record(ledger) == {}
    (receipt,) = deposit([held], ledger, by="Duty desk")
    assert deposit([held], ledger, by="Duty desk") == deposit([held], ledger, by="Night desk") == ()
    assert {digest: one.entry.id for digest, one in on_record(ledger).items()} == {held.digest: receipt.id}


def test_of_two_days_that_said_the_same_the_first_is_recorded(
    found: Watch, held: Kept, ledger: Ledger, tmp_path: Path
) -> None:
    eve = dataclasses.replace(found, as_of=dt.date(2012, 1, 14))
    keep(eve, tmp_path / "archive", clock=lambda: NOON.replace(day=14))
    watches = kept(tmp_path / "archive").watches
    assert [(one.on_its_day, one.digest) for one in watches] == [(True, held.digest)] * 2
    assert len(deposit(watches, ledger, by="Duty desk")) == 1
    assert [str(one.entry.date) for one in ledger.entries()] == ["2012-01-14"]


def test_what_a_ledger_took_in_later_was_not_on_record_then(held: Kept, ledger: Ledger) -> None:
    deposit([held], ledger, by="Duty desk")
    assert on_record(ledger, dt.date(2012, 1, 14)) == {}
    assert on_record(ledger, DAY).keys() == {held.digest}


def test_a_role_is_named_or_nothing_is_recorded(held: Kept, ledger: Ledger) -> None:
    for none in ("", " \n", "Duty\x07desk", "x" * 201):
        with pytest.raises(BadInput) as refused:
            deposit([held], ledger, by=none)
        assert refused.value.key == "warn.no_role"
    deposit([held], ledger, by=" Duty \n desk ")
    assert [one.entry.author for one in ledger.entries()] == ["Duty desk"]


def test_what_was_made_afterwards_is_not_put_on_record(
    found: Watch, held: Kept, ledger: Ledger, tmp_path: Path
) -> None:
    eve = dataclasses.replace(found, as_of=dt.date(2012, 1, 14))
    keep(eve, tmp_path / "archive", clock=lambda: NOON)
    watches = kept(tmp_path / "archive").watches
    assert [one.on_its_day for one in watches] == [False, True]
    assert len(deposit(watches, ledger, by="Duty desk")) == 1
    assert [str(one.entry.date) for one in ledger.entries()] == ["2012-01-15"]


def test_what_was_changed_since_is_not_put_on_record_nor_is_any_other(
    panel: Panel, held: Kept, ledger: Ledger, tmp_path: Path
) -> None:
    other = watch(panel.until(panel.span.last - 2), as_of=DAY, methods=("no-learning", "conflictology-12"))
    keep(other, tmp_path / "archive", clock=lambda: NOON)
    file = held.folder / "forecasts.parquet"
    pl.read_parquet(file).with_columns(pl.col("mean") + 1).write_parquet(file)
    watches = kept(tmp_path / "archive").watches
    assert len(watches) == 2
    with pytest.raises(Damaged, match=held.digest[:16]):
        deposit(watches, ledger, by="Duty desk")
    assert len(ledger) == 0


def test_two_that_record_the_same_at_once_record_it_once(
    held: Kept, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Ledger.open(tmp_path / "ledger.sqlite", clock=lambda: NOON)
    extend = ledger.extend

    def slower(given: list[Given]) -> tuple[Receipt, ...]:
        deposit([held], other, by="Duty desk")
        return extend(given)

    monkeypatch.setattr(ledger, "extend", slower)
    assert deposit([held], ledger, by="Duty desk") == ()
    assert len(ledger.entries(type="forecast")) == 1


def test_an_id_that_another_entry_has_is_refused(held: Kept, ledger: Ledger) -> None:
    with Ledger.open(held.folder.parent / "aside.sqlite", clock=lambda: NOON) as aside:
        (receipt,) = deposit([held], aside, by="Duty desk")
        entry = aside.entry(receipt.id).entry
    ledger.append(entry.model_copy(update={"digest": "0" * 64}))
    with pytest.raises(BadInput, match=receipt.id):
        deposit([held], ledger, by="Duty desk")
