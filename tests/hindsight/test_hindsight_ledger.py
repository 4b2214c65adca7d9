"""What the ledger says of its own entries: recorded long after their dates, or called wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hindsight_world import BROKEN, DAY, QUIET, commitment, entry_of, panel_of, warning
from rich.console import Console

from tocsin.cli import main
from tocsin.hindsight import of_ledger, screen
from tocsin.ledger import Entry, Ledger

FULL = [*QUIET, 30, 0, 0]


class Clock:
    """Says the day the test has come to."""

    def __init__(self) -> None:
        self.day = dt.date(2012, 1, 10)

    def __call__(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(12), dt.UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite", clock=clock) as opened:
        yield opened


def _record(ledger: Ledger, clock: Clock, day: str, *entries: Entry) -> None:
    clock.day = dt.date.fromisoformat(day)
    ledger.extend(entries)


def _seen(ledger: Ledger, language: str = "en", series: list[int] = FULL) -> str:
    console = Console(width=200, record=True, file=None, force_terminal=False)
    with console.capture() as shown:
        found = of_ledger(ledger, panel_of(series), as_of=DAY, groups=None)
        console.print(screen(found, language, width=200))  # type: ignore[arg-type]
    return " ".join(shown.get().split())


@pytest.mark.parametrize(("recorded", "belated"), [("2012-02-10", False), ("2012-02-11", True)])
def test_a_warning_recorded_long_after_its_date_is_counted_apart(
    ledger: Ledger, clock: Clock, recorded: str, belated: bool
) -> None:
    _record(ledger, clock, recorded, warning("w1", probability=0.95))
    found = of_ledger(ledger, panel_of(FULL), as_of=DAY, groups=None)
    assert found.alarms[0].result == "came_true"
    assert found.alarms[0].belated is belated
    assert (len(found.live.settled), len(found.afterwards.settled)) == ((0, 1) if belated else (1, 0))
    assert bool(found.counts) is not belated
    assert [one.recorded for one in found.belated] == [dt.date(2012, 2, 11)] * belated
    assert ("recorded on 2012-02-11" in _seen(ledger)) is belated
    assert ("inscrite le 2012-02-11" in _seen(ledger, "fr")) is belated
    assert found.to_dict()["afterwards"]["hits"] == int(belated)  # type: ignore[index]


def test_other_entries_recorded_late_are_named(ledger: Ledger, clock: Clock) -> None:
    many = [entry_of("assessment", f"e{n}", "2012-01-10", attributed_to="A desk") for n in range(8)]
    _record(ledger, clock, "2013-01-10", *many)
    found = of_ledger(ledger, panel_of(FULL), as_of=DAY, groups=None)
    assert [one.id for one in found.belated] == [f"e{n}" for n in range(8)]


def test_the_word_of_whoever_warned_does_not_stand_in_for_the_count(ledger: Ledger, clock: Clock) -> None:
    end = warning("w2", status="resolved", result="came_true", links=["updates:w1"], threshold=500)
    _record(ledger, clock, "2012-01-12", warning("w1", threshold=500), end)
    for series, result in ((FULL, "did_not"), ([*QUIET, 30], "open")):
        found = of_ledger(ledger, panel_of(series), as_of=DAY, groups=None)
        assert found.alarms[0].result == result
        assert found.alarms[0].settled == ("data" if result == "did_not" else None)
        assert found.live.hits == 0


def test_what_a_correction_calls_wrong_is_left_out_and_named(ledger: Ledger, clock: Clock) -> None:
    wrong = entry_of("correction", "c1", "2012-04-02", fault="withdrawn", links=["corrects:w1"])
    _record(ledger, clock, "2012-01-12", warning("w1", threshold=500), warning("w3"))
    _record(ledger, clock, "2012-04-03", wrong)
    found = of_ledger(ledger, panel_of(FULL), as_of=DAY, groups=None)
    assert [alarm.id for alarm in found.alarms] == ["w3"]
    assert [(one.id, one.by, str(one.corrected)) for one in found.left_out] == [("w1", "c1", "2012-04-02")]
    assert "w1 (by c1 of 2012-04-02)" in _seen(ledger)
    before = of_ledger(ledger, panel_of(QUIET), as_of=dt.date(2014, 6, 1), groups=None)
    assert before.left_out == found.left_out


@pytest.mark.parametrize(
    ("day", "standings"),
    [("2025-07-31", ["broken"]), ("2025-08-01", []), ("2025-09-01", ["broken"])],
)
def test_a_correction_leaves_an_entry_out_while_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str, standings: list[str]
) -> None:
    wrong = [
        entry_of("correction", id, date, fault="fact", links=[f"corrects:{of}"])
        for id, date, of in (("k2", "2025-08-01", "c1"), ("k3", "2025-09-01", "k2"))
    ]
    later = dt.datetime(2025, 10, 1, tzinfo=dt.UTC)
    with Ledger.open(tmp_path / "ledger.sqlite", clock=lambda: later) as ledger:
        ledger.extend([commitment(), BROKEN, *wrong])
    asked = ["hindsight", "--ledger", str(tmp_path / "ledger.sqlite"), "--as-of", day, "--json"]
    assert main([*asked, "--data", "figures"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["standing"] for one in told["promises"]] == standings
