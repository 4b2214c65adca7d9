"""What hindsight shows, writes and counts by party, in both languages and on a narrow screen."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pytest
from filled_disk import room_for
from hindsight_world import (
    DAY,
    DENIED,
    MALI,
    QUIET,
    UNKNOWN,
    commitment,
    dismissal,
    entry_of,
    met,
    panel_of,
    see,
    warning,
    when,
)
from rich.console import Console

from tocsin import areas
from tocsin.cli import main
from tocsin.errors import BadInput
from tocsin.hindsight import screen, tally, wilson, write_tables
from tocsin.hindsight.alarms import Alarm, Result
from tocsin.hindsight.record import Belated, LeftOut
from tocsin.ledger import Entry, Ledger
from tocsin.text import LANGUAGES, Language, say


def _dated(date: str) -> list[Entry]:
    """Return one entry of each kind that hindsight looks back on, all of one date."""
    parties = [{"name": "One"}, {"name": "Two"}]
    return [
        entry_of("warning", "w1", date, status="issued", by="A desk", recommendation="Help."),
        dismissal(date=date), commitment(date),
        entry_of("agreement", "a1", date, title="A deal", parties=parties),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_is_shown_and_written_no_more_precisely_than_its_source(
    tmp_path: Path, language: Language
) -> None:
    found = see(_dated("2012-01/2012-03"), panel_of([*QUIET, 10, 15, 0]))
    console = Console(width=200, record=True)
    console.print(screen(found, language))
    text = console.export_text()
    assert text.count(when("2012-01/2012-03").said(language)) == 4
    assert "2012-01-01" not in text
    plain = found.to_dict()
    for name in ("alarms", "refusals", "promises", "deals"):
        assert [one["date"] for one in plain[name]] == ["2012-01/2012-03"]  # type: ignore[attr-defined]
    write_tables(found, tmp_path)
    for name in ("warnings", "dismissals", "commitments", "agreements"):
        rows = csv.DictReader((tmp_path / f"{name}.csv").open(encoding="utf-8"))
        assert {row["date"] for row in rows} == {"2012-01/2012-03"}, name


def test_the_page_says_what_every_column_of_a_table_is(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/concepts/hindsight.md").read_text(encoding="utf-8")
    write_tables(see(_dated("2012-01"), panel_of([*QUIET, 10, 15, 0])), tmp_path)
    held = {file.name: next(csv.reader(file.open(encoding="utf-8"))) for file in tmp_path.glob("*.csv")}
    assert set(held) == {
        f"{n}.csv" for n in ("warnings", "dismissals", "commitments", "agreements", "parties")
    }
    for name, record in (("belated.csv", Belated), ("left_out.csv", LeftOut)):
        held[name] = [field.name for field in dataclasses.fields(record)]
    for name, columns in held.items():
        (line,) = re.findall(rf"^\| `{re.escape(name)}` \|.*$", page, flags=re.M)
        followed = [column for column in columns if column.startswith("followed_")]
        assert [one for one in columns if one not in followed and f"`{one}`" not in line] == [], name
        assert all(f"`{column.removeprefix('followed_')}`" in page for column in followed)
        assert bool(followed) == ("`followed_…`" in line)


def test_the_examples_of_the_command_can_be_run_on_what_ships(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.extend([commitment()])
    lines = say("hindsight.cli.examples", "en").splitlines()
    words = [line.split()[1:] for line in lines if line.startswith("tocsin ")]
    assert words
    for asked in words:
        assert main([*asked, "--ledger", str(tmp_path / "ledger.sqlite"), "--data", "figures"]) == 0


def test_wilson_intervals_are_the_published_ones() -> None:
    # Newcombe (1998), Statistics in Medicine 17: 857-872, Table I: 81/263, 15/148, 0/20, 1/29.
    for times, cases, low, high in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
    ):  # fmt: skip
        assert wilson(times, cases) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(0, 0) == (0.0, 1.0)


def _alarm(by: str, result: Result) -> Alarm:
    return Alarm(
        id="x", date=when(DAY.isoformat()), areas=("gw:432",), by=by, to=(), rule=None,
        probability=None, threshold=None, result=result, settled=None, closed=result != "open", deaths=None,
        lead=None, brier=None, log=None, ended=None, followed=UNKNOWN,
    )  # fmt: skip


def test_nobody_is_ranked_on_few_cases() -> None:
    many = [_alarm("Good", "came_true")] * 8 + [_alarm("Good", "did_not")] * 2
    many += [_alarm("Fair", "came_true")] * 6 + [_alarm("Fair", "did_not")] * 4
    lucky = [_alarm("Lucky", "came_true")] * 9 + [_alarm("Lucky", "open")] * 5
    found = {count.party: count for count in tally(many + lucky, [], [])}
    assert (found["Good"].rank, found["Fair"].rank, found["Lucky"].rank) == (1, 2, None)
    assert (found["Lucky"].cases, found["Lucky"].pending) == (9, 5)


def test_a_disk_that_fills_leaves_the_tables_that_were_there(tmp_path: Path) -> None:
    found = see([warning()], panel_of([*QUIET, 10, 15, 0]))
    path, *_ = write_tables(found, tmp_path)
    before = path.read_bytes()
    told = r"warnings\.csv cannot be written: File too large"
    with room_for(len(before) // 2), pytest.raises(BadInput, match=told):
        write_tables(found, tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_shown_and_written(tmp_path: Path, language: str) -> None:
    parties = [{"name": "One"}, {"name": "Two"}]
    deal = entry_of("agreement", "a1", "2012-06", title="A deal", parties=parties)
    found = see([warning(), dismissal(), commitment(), DENIED, deal], panel_of([*QUIET, 10, 15, 0]))
    console = Console(width=120, record=True)
    console.print(screen(found, language))  # type: ignore[arg-type]
    text = console.export_text()
    assert areas.country(MALI).name(language) in text  # type: ignore[arg-type]
    assert "?" in text
    names = {path.name for path in write_tables(found, tmp_path)}
    tables = {f"{n}.csv" for n in ("warnings", "dismissals", "commitments", "agreements", "parties")}
    assert names == tables | {"hindsight.json"}
    (row,) = csv.DictReader((tmp_path / "warnings.csv").open(encoding="utf-8"))
    assert (row["result"], row["followed_after_3"], row["followed_after_12"]) == ("came_true", "25", "")
    assert json.dumps(found.to_dict(), default=str)


@pytest.mark.parametrize(
    ("deadline", "said"),
    [("2013-06", "2013-06"), ("2013-02-01", "2013-02-01"), ("2013-spring", "spring 2013")],
)
def test_a_deadline_is_shown_as_it_was_given(tmp_path: Path, deadline: str, said: str) -> None:
    found = see([commitment(deadline=deadline)], panel_of(QUIET))
    console = Console(width=160, record=True)
    console.print(screen(found, "en", width=160))
    assert f" {said} " in console.export_text()
    (told,) = found.to_dict()["promises"]  # type: ignore[misc]
    assert told["deadline"] == deadline
    write_tables(found, tmp_path)
    (row,) = csv.DictReader((tmp_path / "commitments.csv").open(encoding="utf-8"))
    assert row["deadline"] == deadline


@pytest.mark.parametrize(("language", "word"), [("en", "Republic"), ("fr", "centrafricaine")])
def test_a_narrow_screen_leaves_out_columns_and_breaks_no_word(language: Language, word: str) -> None:
    there = ["gw:482"]
    found = see([warning(areas=there), dismissal(areas=there)], panel_of([*QUIET, 10, 15, 0]))
    legend = say("text.left_out", language, columns="").split(":")[0].strip()
    for width, whole in ((60, False), (120, True)):
        console = Console(width=width, record=True)
        console.print(screen(found, language, width=width))
        text = console.export_text()
        assert text.count(word) == 2
        assert (legend in text) is not whole


def test_the_screen_says_of_each_entry_what_came_of_it_and_of_each_party_how_often() -> None:
    said = [warning(f"w{n}", threshold=5 if n < 7 else 99) for n in range(10)]
    said += [warning("late", rule=None), dismissal(), commitment(), DENIED, met("2013-01-20")]
    never = commitment(id="c2", deadline=None, review="2020-01-01")
    found = see([*said, never], panel_of([*QUIET, 5, 5, 20]), belated=["late"])
    recorded = dt.date(2013, 1, 10)
    late = tuple(Belated(f"e{n}", "warning", when("2012-01-10"), recorded) for n in range(7))
    console = Console(width=200, record=True)
    console.print(screen(dataclasses.replace(found, belated=late), "en", width=200))
    shown = console.export_text()
    rows = [" ".join(line.split()) for line in shown.splitlines()]
    assert rows.count("2012-01-10 Mali plain 70% came true 30 1 0.09") == 7
    assert rows.count("2012-01-10 Mali plain 70% false alarm 30 – 0.49") == 3
    for row in (
        "2012-01-10 Mali Duty desk† 70% came true 30 3 0.09",
        "2012-01-20 Mali A ministry hyperbolic 0 30 ? 3",
        "2012-12-01 A minister whatever it takes 2013-02-01 kept yes 50",
        "2012-12-01 A minister whatever it takes – open no –",
        "warnings given: came true Duty desk 10 7 70% (40%–89%) 0 1",
        "commitments: kept in full and in time A minister 1 1 100% (21%–100%) 1 –",
    ):
        assert rows.count(row) == 1, row
    told = " ".join(shown.split())
    assert "† Recorded more than 31 days after its date, counted apart" in told
    assert "came true: 7; false alarms: 3;" in told
    assert "e4 (2012-01-10, recorded on 2013-01-10); and 2 more." in told


def test_what_alone_is_in_a_ledger_is_shown_without_tables_of_what_is_not() -> None:
    titles = {
        name: say(f"hindsight.{name}_title", "en") for name in ("alarms", "refusals", "promises", "counts")
    }
    deal = entry_of("agreement", "a1", "2012-06", title="A deal", parties=[{"name": "One"}, {"name": "Two"}])
    for entry, tables in (
        (warning(), {"alarms", "counts"}),
        (dismissal(), {"refusals", "counts"}),
        (commitment(), {"promises", "counts"}),
        (deal, set()),
    ):
        console = Console(width=200, record=True)
        console.print(screen(see([entry], panel_of([*QUIET, 10, 15, 0])), "en", width=200))
        text = console.export_text()
        assert {name for name, title in titles.items() if title in text} == tables
        assert say("hindsight.nothing", "en") not in text
        assert ("One" in text) is (entry is deal)


def test_a_state_is_called_what_it_was_at_the_time() -> None:
    there = ["gw:345", "gid:151919"]
    warned = entry_of("warning", "w1", "1991-06", areas=there, status="issued", by="Desk", to="A ministry")
    told = [warned, dismissal(date="1991-07", areas=there)]
    console = Console(width=200, record=True)
    console.print(screen(see(told, panel_of([*QUIET, 10, 15, 0])), "en", width=200))
    assert console.export_text().count("Yugoslavia, gid:151919") == 2


def test_exercises_are_counted_apart_from_warnings() -> None:
    exercise = "tocsin-exercise-reconstructed-lag-0-plain-gw432-2011-12"
    tried = [warning(f"w{n}", episode=f"{exercise}-{n}", threshold=n) for n in (2, 99)]
    meant = warning(episode="tocsin-plain-gw432-2011-12")
    found = see([meant, *tried, dismissal("w2")], panel_of([*QUIET, 10, 15, 0, 0]))
    assert [alarm.exercise for alarm in found.alarms] == [False, True, True]
    counts = {count.subject: (count.party, count.cases, count.times) for count in found.counts}
    assert counts == {
        "warnings": ("Duty desk", 1, 1), "exercises": ("Duty desk", 2, 1), "warned": ("A ministry", 1, 1),
    }  # fmt: skip
    assert (len(found.live.settled), found.live.hits, found.live.brier) == (1, 1, pytest.approx(0.09))
    assert (len(found.exercises.settled), found.exercises.false_alarms) == (2, 1)
    told = found.to_dict()
    assert told["summary"] == found.live.to_dict()
    assert told["exercises"] == found.exercises.to_dict()
    console = Console(width=200, record=True)
    console.print(screen(found, "en", width=200))
    assert console.export_text().count("A ministry*") == 1
