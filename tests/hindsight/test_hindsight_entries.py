from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin import areas, figures, months, warn
from tocsin.cli import main
from tocsin.errors import BadInput, NotAssessed
from tocsin.hindsight import FEW, hindsight, propose_non_signatories, screen, tally, wilson, write_tables
from tocsin.hindsight.alarms import Alarm, Result
from tocsin.hindsight.outcomes import Followed, followed
from tocsin.kinds import KINDS
from tocsin.ledger import Entry, Ledger, entry
from tocsin.ledger.entries import Agreement
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.text import LANGUAGES

MALI, NIGER = 432, 436
FIRST = months.parse("2010-01")
DAY = dt.date(2014, 6, 1)
UNKNOWN = Followed(None, None, None, None, None)


def _panel(series: list[int], *, gap: int | None = None) -> Panel:
    deaths = np.zeros((1, len(series), len(KINDS)), dtype=np.int32)
    deaths[0, :, 0] = series
    covered = np.ones((1, len(series)), dtype=np.bool_)
    if gap is not None:
        deaths[0, gap], covered[0, gap] = 0, False
    span = Span(FIRST, FIRST + len(series) - 1)
    return Panel("country", "gw", (MALI,), span, KINDS, deaths, covered, DAY, ("a release",))


def _entry(type: str, id: str, date: str, **fields: object) -> Entry:
    head = {
        "type": type, "id": id, "date": date, "areas": ["gw:432"], "text": "Invented.", "language": "en",
        "sources": ["An invented source"], "author": "Test desk", "confidence": "high",
    }  # fmt: skip
    return entry(head | fields)


def _warning(id: str = "w1", probability: float = 0.7, threshold: int = 25, **fields: object) -> Entry:
    told = {
        "status": "issued", "by": "Duty desk", "to": ["A ministry"], "rule": "plain", "question": "Invented?",
        "kind": "total", "threshold": threshold, "window": "2012-01-01/2012-03-31",
        "probability": probability, "data_as_of": "2011-12-31",
    }  # fmt: skip
    return _entry("warning", id, "2012-01-10", **(told | fields))


def _see(entries: list[Entry], panel: Panel, **more: object):  # type: ignore[no-untyped-def]
    return hindsight(entries, panel, **({"as_of": DAY} | more))  # type: ignore[arg-type]


QUIET = [0] * 24


def test_a_warning_is_settled_by_counting_with_its_scores() -> None:
    panel = _panel([*QUIET, 10, 15, 0, 0])
    (alarm,) = _see([_warning()], panel).alarms
    assert (alarm.result, alarm.settled, alarm.deaths, alarm.lead) == ("came_true", "data", 25, 2)
    assert alarm.brier == pytest.approx(0.09)
    assert alarm.log == pytest.approx(-np.log(0.7))
    (missed,) = _see([_warning(threshold=26)], panel).alarms
    assert (missed.result, missed.lead, missed.brier) == ("did_not", None, pytest.approx(0.49))


def test_an_open_or_uncovered_window_is_not_settled() -> None:
    (open_,) = _see([_warning()], _panel([*QUIET, 10])).alarms
    assert (open_.result, open_.brier) == ("open", None)
    (later,) = _see([_warning()], _panel(QUIET)).alarms
    assert later.result == "open"
    (gap,) = _see([_warning()], _panel([*QUIET, 10, 0, 14, 0], gap=25)).alarms
    assert (gap.result, gap.deaths) == ("not_assessed", None)
    (hole,) = _see([_warning()], _panel([*QUIET, 10, 0], gap=25)).alarms
    assert (hole.result, hole.deaths) == ("open", None)


@pytest.mark.parametrize("gap", [None, 24, 25, 26])
@pytest.mark.parametrize("series", [[0, 30, 0], [10, 14, 0], [10, 0, 15], [40], [9, 9]])
def test_a_warning_comes_true_here_when_it_does_for_the_rules(series: list[int], gap: int | None) -> None:
    panel = _panel([*QUIET, *series], gap=gap if gap is not None and gap < 24 + len(series) else None)
    origin = months.parse("2011-12")
    plain = warn.Rule("plain", 25, 3, trigger=0.5, cancel=0.3)
    evidence = warn.Evidence(panel, {})
    (alarm,) = _see([_warning()], panel).alarms
    assert alarm.result == evidence.answer(plain, MALI, origin, 25) == evidence.resolve(plain, MALI, origin)
    _, after = evidence.outcomes(evidence.ask(plain, origin))
    assert alarm.lead == (int(after[0]) or None)


def test_what_was_reached_is_reached_though_a_later_month_is_not_covered() -> None:
    (alarm,) = _see([_warning()], _panel([*QUIET, 100, 0, 0], gap=26)).alarms
    assert (alarm.result, alarm.lead, alarm.deaths) == ("came_true", 1, None)


def test_a_warning_that_asks_nothing_is_shown_with_what_followed() -> None:
    plain = _entry("warning", "w0", "2012-01", status="issued", by="A desk", recommendation="Help.")
    found = _see([plain], _panel([*QUIET, 10, 15, 0] + [0] * 21))
    (alarm,) = found.alarms
    assert (alarm.result, alarm.brier) == ("no_criterion", None)
    assert alarm.followed == Followed(before=0, after_3=25, after_12=25, after_24=25, months_to_25=2)
    assert found.precision is None


def test_the_ledger_settles_what_the_panel_cannot() -> None:
    end = _warning(
        "w1-end", status="resolved", result="came_true", links=["updates:w1"], rule="spread", threshold=1
    )
    panel = _panel([*QUIET, 0, 0, 0])
    (alarm,) = _see([_warning(rule="spread", threshold=1), end], panel, by_place=["spread"]).alarms
    assert (alarm.result, alarm.settled, alarm.ended) == ("came_true", "ledger", "resolved")


def test_what_followed_is_unknown_where_a_month_is_not_covered() -> None:
    panel = _panel([*QUIET, 1, 2, 3, *[1] * 21], gap=30)
    held = followed(panel, ["gw:432"], dt.date(2012, 1, 31))
    assert (held.before, held.after_3, held.after_12, held.months_to_25) == (0, 6, None, None)
    assert followed(panel, ["gw:436"], dt.date(2012, 1, 31)) == UNKNOWN
    assert followed(panel, ["gid:146512"], dt.date(2012, 1, 31)) == UNKNOWN


def test_a_dismissal_is_shown_with_the_deaths_after_it() -> None:
    refused = _entry(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", links=["answers:w1"]
    )
    found = _see([_warning(), refused], _panel([*QUIET, 10, 15, 0] + [1] * 9))
    (refusal,) = found.refusals
    assert (refusal.reason, refusal.answers, refusal.result) == ("hyperbolic", ("w1",), "came_true")
    assert (refusal.followed.before, refusal.followed.after_12) == (0, 34)


def _commitment(date: str = "2012-12-01", **fields: object) -> Entry:
    told = {
        "promisor": "A minister", "beneficiary": "An ally", "words": "whatever it takes",
        "visibility": "private", "test": "Aircraft in place.", "deadline": "2013-02-01",
    }  # fmt: skip
    return _entry("commitment", "c1", date, **(told | fields))


def _met(date: str, extent: str = "full") -> Entry:
    id = f"f-{date.replace('/', '-')}"
    return _entry("fulfilment", id, date, by="A minister", extent=extent, links=["fulfils:c1"])


DENIED = _entry("denial", "n1", "2013-01-15", by="An official", links=["denies:c1"])
BROKEN = _entry("outcome", "o1", "2013-06-01", result="broken", links=["resolves:c1"])


@pytest.mark.parametrize(
    ("after", "standing", "days"),
    [
        ([], "overdue", None),
        ([_met("2013-01-20")], "kept", 50),
        ([_met("2013-03-01")], "late", 90),
        ([_met("2013-01-20", "partial")], "partly_kept", 50),
        ([DENIED], "denied", None),
        ([DENIED, _met("2013-03-01")], "late", 90),
        ([_met("2013-01-20"), BROKEN], "broken", 50),
        ([_met("2013")], "kept_time_unknown", None),
        ([_met("2013-01-31/2013-02-01")], "kept", None),
        ([_met("2013-02-01/2013-02-02")], "kept_time_unknown", None),
        ([_met("2013-02-02/2013-02-03")], "late", None),
        ([_met("2013", "partial")], "partly_kept", None),
        ([_met("2013"), BROKEN], "broken", None),
    ],
)
def test_a_commitment_stands_where_the_record_puts_it(
    after: list[Entry], standing: str, days: int | None
) -> None:
    (promise,) = _see([_commitment(), *after], _panel(QUIET)).promises
    assert (promise.standing, promise.days) == (standing, days)
    assert promise.denied == (DENIED in after)
    assert promise.evidence == tuple(
        one.id for kind in ("outcome", "fulfilment", "denial") for one in after if one.type == kind
    )


def test_a_promise_kept_at_a_time_not_known_is_in_no_share() -> None:
    found = _see([_commitment(), _met("2013")], _panel(QUIET))
    (count,) = found.counts
    assert (count.subject, count.cases, count.times, count.pending) == ("commitments", 0, 0, 1)
    assert count.share is None
    (promise,) = found.to_dict()["promises"]  # type: ignore[misc]
    assert (promise["standing"], promise["days"]) == ("kept_time_unknown", None)


def test_days_are_told_between_whole_days_only() -> None:
    (promise,) = _see([_commitment(date="2012-12"), _met("2013-01-20")], _panel(QUIET)).promises
    assert (promise.standing, promise.days) == ("kept", None)


@pytest.mark.parametrize(
    ("day", "standings"),
    [("2025-07-31", ["broken"]), ("2025-08-01", []), ("2025-09-01", ["broken"])],
)
def test_a_correction_leaves_an_entry_out_while_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str, standings: list[str]
) -> None:
    wrong = [
        _entry("correction", id, date, fault="fact", links=[f"corrects:{of}"])
        for id, date, of in (("k2", "2025-08-01", "c1"), ("k3", "2025-09-01", "k2"))
    ]
    later = dt.datetime(2025, 10, 1, tzinfo=dt.UTC)
    with Ledger.open(tmp_path / "ledger.sqlite", clock=lambda: later) as ledger:
        ledger.extend([_commitment(), BROKEN, *wrong])
    asked = ["hindsight", "--ledger", str(tmp_path / "ledger.sqlite"), "--as-of", day, "--json"]
    assert main([*asked, "--data", "figures"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["standing"] for one in told["promises"]] == standings


def test_hindsight_of_a_day_does_not_know_later_entries_or_data() -> None:
    entries = [_commitment(), _met("2013-03-01")]
    panel = _panel(QUIET)
    new_year = dt.date(2013, 1, 1)
    early = dataclasses.replace(panel, as_of=new_year)
    (promise,) = hindsight(entries, early, as_of=new_year).promises
    assert promise.standing == "open"
    with pytest.raises(BadInput, match="after the day of asking"):
        hindsight(entries, panel, as_of=new_year)


def test_an_agreement_shows_what_each_side_did_after() -> None:
    signed = [{"name": "Government of Mali", "actor": 72}, {"name": "Invented coalition"}]
    deal = _entry(
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
    elsewhere = _entry("agreement", "a2", "2015-06-20", areas=["gw:651"], title="Another", parties=signed)
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
        id="x", date=DAY, areas=("gw:432",), by=by, to=(), rule=None, probability=None, threshold=None,
        result=result, settled=None, deaths=None, lead=None, brier=None, log=None, ended=None,
        followed=UNKNOWN,
    )  # fmt: skip


def test_nobody_is_ranked_on_few_cases() -> None:
    many = [_alarm("Good", "came_true")] * 8 + [_alarm("Good", "did_not")] * 2
    many += [_alarm("Fair", "came_true")] * 6 + [_alarm("Fair", "did_not")] * 4
    lucky = [_alarm("Lucky", "came_true")] * (FEW - 1) + [_alarm("Lucky", "open")] * 5
    found = {count.party: count for count in tally(many + lucky, [], [])}
    assert (found["Good"].rank, found["Fair"].rank, found["Lucky"].rank) == (1, 2, None)
    assert (found["Lucky"].cases, found["Lucky"].pending) == (FEW - 1, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_shown_and_written(tmp_path: Path, language: str) -> None:
    from rich.console import Console

    refused = _entry(
        "dismissal", "d1", "2012-01-20", by="A ministry", reason="hyperbolic", links=["answers:w1"]
    )
    parties = [{"name": "One"}, {"name": "Two"}]
    deal = _entry("agreement", "a1", "2012-06", title="A deal", parties=parties)
    found = _see([_warning(), refused, _commitment(), DENIED, deal], _panel([*QUIET, 10, 15, 0]))
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


def _agreement(**fields: object) -> Agreement:
    parties = ["Government of Mali", {"name": "The coordination of movements", "actor": 1158}]
    told = {"title": "An accord", "parties": parties} | fields
    made = _entry("agreement", "a1", "2015-06", **told)
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
    tried = _warning("w2", episode="tocsin-exercise-reconstructed-lag-0-plain-gw432-2011-12")
    found = _see([_warning(), tried], _panel([*QUIET, 10, 15, 0, 0]))
    assert [alarm.exercise for alarm in found.alarms] == [False, True]
    counts = {count.subject: (count.party, count.cases, count.times) for count in found.counts}
    assert counts["warnings"] == counts["exercises"] == ("Duty desk", 1, 1)
    assert counts["warned"] == ("A ministry", 1, 1)
