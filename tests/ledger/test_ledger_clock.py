"""The clock of a ledger: in UTC and never backwards; one ahead is said beforehand, named, left behind."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from ledger_standin import MORNING, NAME, Clock, event, values

from tocsin.cli import main
from tocsin.errors import BadInput, Damaged
from tocsin.ledger import Ledger, export_bundle, import_bundle, make_key, open_for, write_yaml
from tocsin.ledger.clock import TOLERANCE, latest_day, next_stamp, stamp


def test_an_entry_recorded_with_a_clock_ahead_is_named_and_left_behind(
    home: Path, place: str, tmp_path: Path, clock: Clock
) -> None:
    make_key(home, NAME)
    with Ledger.open(place, clock=clock) as ledger:
        ledger.extend(event(n) for n in range(3))
        clock.move(days=366)
        ledger.append(event(3))
        assert ledger.verify().ok
        clock.move(days=-366)
        assert [(p.kind, p.index, p.id) for p in ledger.verify().problems] == [("future", 3, "e-3")]
        with pytest.raises(BadInput, match="If it is right, that entry was recorded with a clock ahead"):
            ledger.append(event(4))
        whole = export_bundle(ledger, tmp_path / "whole").path
        others = export_bundle(ledger, tmp_path / "others", ids=[f"e-{n}" for n in range(3)]).path
    with open_for(others, tmp_path / "new.sqlite") as new:
        with pytest.raises(Damaged, match="clock ahead"):
            import_bundle(Ledger(new.store, clock=clock), whole)
        assert import_bundle(new, others).recorded == 3
        new.append(event(4))
        assert new.verify().ok


@pytest.mark.parametrize(("days", "said"), [(30, False), (200, True)])
@pytest.mark.parametrize("check", [False, True])
def test_a_long_pause_is_told_before_recording(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int, said: bool, check: bool
) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    with Ledger.open(place, clock=Clock(before)) as ledger:
        ledger.append(event(1))
    path = tmp_path / "entry.yaml"
    path.write_text(write_yaml(values("e-2")), encoding="utf-8")
    assert main(["ledger", "add", str(path), "--ledger", place, *(["--check"] if check else [])]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert (f"is {days} days past. If the clock is ahead" in told) is said


def test_a_clock_may_lie_behind_by_the_tolerance_and_no_further() -> None:
    last = stamp(MORNING)
    assert next_stamp(MORNING - TOLERANCE, last) == last
    with pytest.raises(BadInput):
        next_stamp(MORNING - TOLERANCE - dt.timedelta(microseconds=1), last)


def test_the_latest_day_is_that_of_islands_fourteen_hours_ahead() -> None:
    for hour, minute, day in ((9, 59, 1), (10, 0, 2)):
        present = dt.datetime(2026, 3, 1, hour, minute, tzinfo=dt.UTC)
        assert latest_day(present) == dt.date(2026, 3, day)


def test_time_does_not_run_backwards(ledger: Ledger, clock: Clock) -> None:
    first = ledger.append(event(0))
    clock.move(seconds=-3)
    second = ledger.append(event(1))
    assert second.recorded_at == first.recorded_at
    clock.move(seconds=-3)
    for ask in (ledger.append, lambda entry: ledger.check([entry])):
        with pytest.raises(BadInput, match="6 seconds behind"):
            ask(event(2))
    assert len(ledger) == 2
    clock.move(days=1)
    assert ledger.append(event(2)).recorded_at > second.recorded_at
    assert ledger.verify().ok


def test_time_is_told_in_utc_whatever_the_clock_says(ledger: Ledger, clock: Clock) -> None:
    clock.now = MORNING.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert ledger.append(event(0)).recorded_at == "2024-05-02T08:00:00.000000Z"
