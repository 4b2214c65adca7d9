from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filled_disk import room_for
from hindsight_world import (
    BROKEN,
    DAY,
    DENIED,
    MALI,
    QUIET,
    UNKNOWN,
    commitment,
    entry_of,
    met,
    panel_of,
    see,
    warning,
    when,
)
from rich.console import Console

from tocsin import areas, figures, months, warn
from tocsin.cli import main
from tocsin.errors import BadInput, NotAssessed
from tocsin.hindsight import hindsight, propose_non_signatories, screen, tally, wilson, write_tables
from tocsin.hindsight.alarms import Alarm, Result
from tocsin.hindsight.outcomes import Followed, followed
from tocsin.ledger import Entry, Ledger
from tocsin.ledger.entries import Agreement
from tocsin.text import LANGUAGES, Language, say


def test_a_warning_is_settled_by_counting_with_its_scores() -> None:
    panel = panel_of([*QUIET, 10, 15, 0, 0])
    (alarm,) = see([warning()], panel).alarms
    assert (alarm.result, alarm.settled, alarm.deaths, alarm.lead) == ("came_true", "data", 25, 2)
    assert alarm.brier == pytest.approx(0.09)
    assert alarm.log == pytest.approx(-np.log(0.7))
    (missed,) = see([warning(threshold=26)], panel).alarms
    assert (missed.result, missed.lead, missed.brier) == ("did_not", None, pytest.approx(0.49))


def test_an_open_or_uncovered_window_is_not_settled() -> None:
    (open_,) = see([warning()], panel_of([*QUIET, 10])).alarms
    assert (open_.result, open_.brier) == ("open", None)
    (later,) = see([warning()], panel_of(QUIET)).alarms
    assert later.result == "open"
    (gap,) = see([warning()], panel_of([*QUIET, 10, 0, 14, 0], gap=25)).alarms
    assert (gap.result, gap.deaths) == ("not_assessed", None)
    (hole,) = see([warning()], panel_of([*QUIET, 10, 0], gap=25)).alarms
    assert (hole.result, hole.deaths) == ("open", None)


@pytest.mark.parametrize("gap", [None, 24, 25, 26])
@pytest.mark.parametrize("series", [[0, 30, 0], [10, 14, 0], [10, 0, 15], [40], [9, 9]])
def test_a_warning_comes_true_here_when_it_does_for_the_rules(series: list[int], gap: int | None) -> None:
    panel = panel_of([*QUIET, *series], gap=gap if gap is not None and gap < 24 + len(series) else None)
    origin = months.parse("2011-12")
    plain = warn.Rule("plain", 25, 3, trigger=0.5, cancel=0.3)
    evidence = warn.Evidence(panel, {})
    (alarm,) = see([warning()], panel).alarms
    answer = warn.resolve(plain, panel, MALI, origin)
    assert alarm.result == evidence.answer(plain, MALI, origin, 25) == answer
    _, after = evidence.outcomes(evidence.ask(plain, origin))
    assert alarm.lead == (int(after[0]) or None)


def test_what_was_reached_is_reached_though_a_later_month_is_not_covered() -> None:
    (alarm,) = see([warning()], panel_of([*QUIET, 100, 0, 0], gap=26)).alarms
    assert (alarm.result, alarm.lead, alarm.deaths) == ("came_true", 1, None)


def test_a_warning_that_asks_nothing_is_shown_with_what_followed() -> None:
    plain = entry_of("warning", "w0", "2012-01", status="issued", by="A desk", recommendation="Help.")
    found = see([plain], panel_of([*QUIET, 10, 15, 0] + [0] * 21))
    (alarm,) = found.alarms
    assert (alarm.result, alarm.brier) == ("no_criterion", None)
    assert alarm.followed == Followed(before=0, after_3=25, after_12=25, after_24=25, months_to_25=2)
    assert found.live.precision is None


def test_the_ledger_settles_what_the_panel_cannot() -> None:
    end = warning(
        "w1-end", status="resolved", result="came_true", links=["updates:w1"], rule="spread", threshold=1
    )
    panel = panel_of([*QUIET, 0, 0, 0])
    (alarm,) = see([warning(rule="spread", threshold=1), end], panel).alarms
    assert (alarm.result, alarm.settled, alarm.ended) == ("came_true", "ledger", "resolved")


def test_a_warning_of_provinces_is_known_by_its_level_and_an_older_one_by_its_rule() -> None:
    panel = panel_of([*QUIET, 30, 0, 0])
    for told, result in (
        ({"rule": "mine", "level": "admin1"}, "not_assessed"),
        ({"rule": "spread"}, "not_assessed"),
        ({"rule": "mine"}, "came_true"),
        ({"rule": "spread", "level": "country"}, "came_true"),
    ):
        (alarm,) = see([warning(threshold=1, **told)], panel).alarms  # type: ignore[arg-type]
        assert alarm.result == result, told


@pytest.mark.parametrize(
    ("episode", "subject"), [(None, "dismissals"), ("tocsin-exercise-drill-gw432-2011-12", None)]
)
def test_whoever_dismisses_an_update_has_dismissed_the_warning(
    episode: str | None, subject: str | None
) -> None:
    told = {} if episode is None else {"episode": episode}
    update = warning("w2", status="updated", links=["updates:w1"], threshold=25, **told)  # type: ignore[arg-type]
    refused = [
        entry_of(
            "dismissal",
            f"d-{id}",
            "2012-01-20",
            by="A ministry",
            reason="hyperbolic",
            links=[f"answers:{id}"],
        )
        for id in ("w1", "w2")
    ]
    # It did not come true, and 25 deaths followed later: to set it aside was no fault.
    entries = [warning(threshold=1000, **told), update, *refused]  # type: ignore[arg-type]
    found = see(entries, panel_of([*QUIET, 10, 5, 0, 100, *[0] * 20]))
    assert [(r.result, r.exercise) for r in found.refusals] == [("did_not", episode is not None)] * 2
    counts = {(c.subject, c.cases, c.times) for c in found.counts if c.subject == "dismissals"}
    assert counts == (set() if subject is None else {("dismissals", 2, 0)})


def test_the_last_thing_said_of_a_warning_is_how_it_ended() -> None:
    told: dict[str, object] = {"rule": "spread", "threshold": 1}
    later = [
        warning("w1-a", status="resolved", result="did_not", links=["updates:w1"], **told),
        warning("w1-b", status="cancelled", links=["updates:w1-a"], **told),
        warning("w1-c", status="resolved", result="came_true", links=["updates:w1-b"], **told),
    ]
    for count, ended in ((2, ("did_not", "cancelled")), (3, ("came_true", "resolved"))):
        entries = [warning(**told), *later[:count]]  # type: ignore[arg-type]
        (alarm,) = see(entries, panel_of([*QUIET, 0, 0, 0])).alarms
        assert (alarm.result, alarm.ended) == ended


def test_what_followed_is_unknown_where_a_month_is_not_covered() -> None:
    panel = panel_of([*QUIET, 1, 2, 3, *[1] * 21], gap=30)
    day = when("2012-01-31")
    held = followed(panel, ["gw:432"], day)
    assert (held.before, held.after_3, held.after_12, held.months_to_25) == (0, 6, None, None)
    assert followed(panel, ["gw:436"], day) == UNKNOWN
    assert followed(panel, ["gid:146512"], day) == UNKNOWN
    assert followed(panel_of([*QUIET, *[1] * 25]), ["gw:432"], day).months_to_25 is None


@pytest.mark.parametrize(
    ("date", "before", "after_3"),
    [
        ("2012-01-31", 12, 111),
        ("2012-01", 12, 111),
        ("2012-01/2012-03", 12, 11100),
        ("2012", 12, None),
        ("2011-12-31/2012-01-01", 11, 111),
    ],
)
def test_a_month_in_which_an_entry_may_lie_is_not_before_it_nor_what_came_first_after_it(
    date: str, before: int, after_3: int | None
) -> None:
    panel = panel_of([0] * 12 + [1] * 12 + [1, 10, 100, 1000, 10000] + [0] * 7)
    held = followed(panel, ["gw:432"], when(date))
    assert (held.before, held.after_3) == (before, after_3)


def _dated(date: str) -> list[Entry]:
    """Return one entry of each kind that hindsight looks back on, all of one date."""
    parties = [{"name": "One"}, {"name": "Two"}]
    told = {"by": "A ministry", "reason": "hyperbolic", "links": ["answers:w1"]}
    return [
        entry_of("warning", "w1", date, status="issued", by="A desk", recommendation="Help."),
        entry_of("dismissal", "d1", date, **told), commitment(date),
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
    for path in tmp_path.glob("*.csv"):
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        assert {row.get("date", "2012-01/2012-03") for row in rows} == {"2012-01/2012-03"}


def test_the_examples_of_the_command_can_be_run_on_what_ships(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.extend([commitment()])
    lines = say("hindsight.cli.examples", "en").splitlines()
    words = [line.split()[1:] for line in lines if line.startswith("tocsin ")]
    assert words
    for asked in words:
        assert main([*asked, "--ledger", str(tmp_path / "ledger.sqlite"), "--data", "figures"]) == 0


def test_a_dismissal_is_shown_with_the_deaths_after_it() -> None:
    refused = entry_of(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", links=["answers:w1"]
    )
    found = see([warning(), refused], panel_of([*QUIET, 10, 15, 0] + [1] * 9))
    (refusal,) = found.refusals
    assert (refusal.reason, refusal.answers, refusal.result) == ("hyperbolic", ("w1",), "came_true")
    assert (refusal.followed.before, refusal.followed.after_12) == (0, 34)


@pytest.mark.parametrize(("deaths", "times"), [(24, 0), (25, 1)])
def test_a_dismissal_is_regretted_from_twenty_five_deaths(deaths: int, times: int) -> None:
    plain = entry_of("warning", "w0", "2012-01", status="issued", by="A desk", recommendation="Help.")
    refused = entry_of(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", links=["answers:w0"]
    )
    found = see([plain, refused], panel_of([*QUIET, deaths] + [0] * 11))
    (count,) = [one for one in found.counts if one.subject == "dismissals"]
    assert (count.cases, count.times) == (1, times)


def test_what_followed_an_agreement_is_counted_from_when_it_is_in_force() -> None:
    told = {"title": "An accord", "parties": ["A", "B"], "in_force": "2012-03-01"}
    (made,) = see(
        [entry_of("agreement", "a1", "2012-01-10", **told)], panel_of([*QUIET, 7, 0, 0, 9, 0])
    ).deals
    assert (str(made.date), made.followed.before, made.followed.after_3) == ("2012-03-01", 7, 9)


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


def test_hindsight_of_a_day_does_not_know_later_entries_or_data() -> None:
    entries = [commitment(), met("2013-03-01")]
    panel = panel_of(QUIET)
    new_year = dt.date(2013, 1, 1)
    early = dataclasses.replace(panel, as_of=new_year)
    (promise,) = hindsight(entries, early, as_of=new_year).promises
    assert promise.standing == "open"
    with pytest.raises(BadInput, match="after the day of asking"):
        hindsight(entries, panel, as_of=new_year)


def test_an_agreement_shows_what_each_side_did_after() -> None:
    signed = [{"name": "Government of Mali", "actor": 72}, {"name": "Invented coalition"}]
    deal = entry_of(
        "agreement", "a1", "2015-06-20", title="An agreement", parties=signed,
        non_signatories=[{"party": {"name": "AQIM", "actor": 539}, "basis": "Events of the year before."}],
    )  # fmt: skip
    day = dt.date(2026, 1, 1)
    panel = figures.panel(as_of=day)
    (found,) = hindsight([deal], panel, as_of=day).deals
    sides = {side.name: side for side in found.sides}
    groups = figures.groups(as_of=day)
    after = figures.active_groups(groups, gw=MALI, until=months.parse("2016-05"), months_back=12)
    known = {row["group_id"]: row for row in after.to_dicts()}
    for name, actor in (("Government of Mali", 72), ("AQIM", 539)):
        expected = known.get(actor, {"events": 0, "deaths": 0})
        assert (sides[name].after, sides[name].deaths_after) == (expected["events"], expected["deaths"])
    assert sides["AQIM"].role == "did_not_sign"
    assert (sides["Invented coalition"].actor, sides["Invented coalition"].after) == (None, None)
    others = {side.actor for side in found.sides if side.role == "not_named"}
    assert others
    assert not others & {72, 539}
    mistyped = [signed[0], {"name": "Nobody known", "actor": 9999999}]
    slip = entry_of("agreement", "a3", "2015-06-20", title="A third", parties=mistyped)
    (nobody,) = (s for s in hindsight([slip], panel, as_of=day).deals[0].sides if s.actor == 9999999)
    assert (nobody.before, nobody.after, nobody.deaths_after) == (None, None, None)
    elsewhere = entry_of("agreement", "a2", "2015-06-20", areas=["gw:651"], title="Another", parties=signed)
    (unknown,) = hindsight([elsewhere], panel, as_of=day).deals
    assert {side.after for side in unknown.sides} == {None}


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

    refused = entry_of(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", links=["answers:w1"]
    )
    parties = [{"name": "One"}, {"name": "Two"}]
    deal = entry_of("agreement", "a1", "2012-06", title="A deal", parties=parties)
    found = see([warning(), refused, commitment(), DENIED, deal], panel_of([*QUIET, 10, 15, 0]))
    console = Console(width=120, record=True)
    console.print(screen(found, language))  # type: ignore[arg-type]
    text = console.export_text()
    assert areas.country(MALI).name(language) in text  # type: ignore[arg-type]
    assert "?" in text
    names = {path.name for path in write_tables(found, tmp_path)}
    assert names == {f"{n}.csv" for n in ("warnings", "dismissals", "commitments", "agreements", "parties")}
    (row,) = csv.DictReader((tmp_path / "warnings.csv").open(encoding="utf-8"))
    assert (row["result"], row["followed_after_3"], row["followed_after_12"]) == ("came_true", "25", "")
    assert json.dumps(found.to_dict(), default=str)


@pytest.mark.parametrize(("language", "word"), [("en", "Republic"), ("fr", "centrafricaine")])
def test_a_narrow_screen_leaves_out_columns_and_breaks_no_word(language: Language, word: str) -> None:

    there = ["gw:482"]
    refused = entry_of(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", areas=there,
        links=["answers:w1"],
    )  # fmt: skip
    found = see([warning(areas=there), refused], panel_of([*QUIET, 10, 15, 0]))
    legend = say("hindsight.left_out", language, columns="").split(":")[0].strip()
    for width, whole in ((60, False), (120, True)):
        console = Console(width=width, record=True)
        console.print(screen(found, language, width=width))
        text = console.export_text()
        assert text.count(word) == 2
        assert (legend in text) is not whole


def _agreement(**fields: object) -> Agreement:
    parties = ["Government of Mali", {"name": "The coordination of movements", "actor": 1158}]
    told = {"title": "An accord", "parties": parties} | fields
    made = entry_of("agreement", "a1", "2015-06", **told)
    assert isinstance(made, Agreement)
    return made


def test_active_parties_that_did_not_sign_are_proposed_from_the_events_of_the_year_before() -> None:
    day = dt.date(2025, 7, 1)
    given = _agreement(non_signatories=["FLM: said so itself"])
    made = propose_non_signatories(given, as_of=day)
    assert made.id == "a1"
    assert made.non_signatories[0] == given.non_signatories[0]
    proposed = {other.party.actor: other for other in made.non_signatories[1:]}
    # Counted afresh from the rows: the groups of those twelve months, without who is named in any way.
    held = figures.groups(as_of=day)
    last = months.parse("2015-05")
    year = held.filter(pl.col("gw") == MALI, pl.col("month").is_between(last - 11, last))
    sides = pl.concat([year.select(pl.col(f"side_{s}_id").alias("id"), "deaths") for s in "ab"]).drop_nulls()
    assert set(proposed) == set(sides["id"]) - {72, 1158, 6267}
    for actor, other in proposed.items():
        assert other.status == "proposed"
        assert other.deaths == sides.filter(pl.col("id") == actor)["deaths"].sum()
        assert "2014-06 to 2015-05" in other.basis
    assert propose_non_signatories(made, as_of=day) == made


def test_nobody_is_proposed_where_nobody_is_known() -> None:
    for areas_ in (["gw:530"], ["gid:146512"]):
        with pytest.raises(NotAssessed):
            propose_non_signatories(_agreement(areas=areas_), as_of=dt.date(2025, 7, 1))


def test_exercises_are_counted_apart_from_warnings() -> None:
    exercise = "tocsin-exercise-reconstructed-lag-0-plain-gw432-2011-12"
    tried = [warning(f"w{n}", episode=f"{exercise}-{n}", threshold=n) for n in (2, 99)]
    refused = entry_of(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", links=["answers:w2"]
    )
    found = see([warning(), *tried, refused], panel_of([*QUIET, 10, 15, 0, 0]))
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
