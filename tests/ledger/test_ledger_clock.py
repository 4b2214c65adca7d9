"""A clock that was ahead when an entry was recorded: said beforehand, named afterwards, and left behind."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from ledger_standin import Clock, event, values

from tocsin.cli import main
from tocsin.errors import BadInput, Damaged
from tocsin.ledger import Ledger, export_bundle, import_bundle, make_key, open_for, write_yaml


def test_an_entry_recorded_with_a_clock_ahead_is_named_and_left_behind(
    home: Path, place: str, tmp_path: Path, clock: Clock
) -> None:
    make_key(home, "example.org/log")
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
