"""Warnings and dismissals: what came of them, and what followed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hindsight_world import (
    MALI,
    NIGER,
    QUIET,
    UNKNOWN,
    dismissal,
    entry_of,
    panel_of,
    see,
    warning,
    when,
)

from tocsin import months, warn
from tocsin.hindsight.outcomes import Followed, followed


def test_a_warning_is_settled_by_counting_with_its_scores() -> None:
    panel = panel_of([*QUIET, 10, 15, 0, 0])
    (alarm,) = see([warning()], panel).alarms
    assert (alarm.result, alarm.settled, alarm.deaths, alarm.lead) == ("came_true", "data", 25, 2)
    assert alarm.brier == pytest.approx(0.09)
    assert alarm.log == pytest.approx(-np.log(0.7))
    (missed,) = see([warning(threshold=26)], panel).alarms
    assert (missed.result, missed.lead, missed.brier) == ("did_not", None, pytest.approx(0.49))
    (certain,) = see([warning(probability=1.0, threshold=26)], panel).alarms
    assert (certain.brier, certain.log) == (1, pytest.approx(np.log(1001)))


def test_a_warning_without_a_probability_is_settled_and_has_no_score() -> None:
    found = see([warning(probability=None, rule=None), warning("w2")], panel_of([*QUIET, 10, 15, 0]))
    assert [(one.result, one.brier is None, one.log is None) for one in found.alarms] == [
        ("came_true", True, True), ("came_true", False, False),
    ]  # fmt: skip
    assert (found.live.hits, found.live.brier) == (2, pytest.approx(0.09))


def test_a_warning_is_settled_by_deaths_of_the_kind_that_it_speaks_of() -> None:
    panel = panel_of([*QUIET, 10, 15, 0])
    of = {kind: see([warning(kind=kind)], panel).alarms[0] for kind in ("sb", "ns", "total")}
    assert {kind: (one.result, one.deaths) for kind, one in of.items()} == {
        "sb": ("came_true", 25), "ns": ("did_not", 0), "total": ("came_true", 25),
    }  # fmt: skip


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
    found = see([plain], panel_of([*QUIET, 10, 15, 0] + [0] * 20 + [7]))
    (alarm,) = found.alarms
    assert (alarm.result, alarm.brier) == ("no_criterion", None)
    assert alarm.followed == Followed(before=0, after_3=25, after_12=25, after_24=32, months_to_25=2)
    assert found.live.precision is None


@pytest.mark.parametrize("told", [{"rule": "spread", "threshold": 1}, {"rule": None, "threshold": None}])
def test_the_ledger_settles_what_the_panel_cannot(told: dict[str, object]) -> None:
    end = warning("w2", status="resolved", result="came_true", links=["updates:w1"], **told)  # type: ignore[arg-type]
    (alarm,) = see([warning(**told), end], panel_of([*QUIET, 0, 0, 0])).alarms  # type: ignore[arg-type]
    assert (alarm.result, alarm.settled, alarm.ended) == ("came_true", "ledger", "resolved")
    assert alarm.brier == pytest.approx(0.09)


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
    refused = [dismissal(id, f"d-{id}") for id in ("w1", "w2")]
    # It did not come true, and 25 deaths followed later: to set it aside was no fault.
    entries = [warning(threshold=1000, **told), update, *refused]  # type: ignore[arg-type]
    found = see(entries, panel_of([*QUIET, 10, 5, 0, 100, *[0] * 20]))
    assert [(r.result, r.exercise) for r in found.refusals] == [("did_not", episode is not None)] * 2
    counts = {(c.subject, c.cases, c.times) for c in found.counts if c.subject == "dismissals"}
    assert counts == (set() if subject is None else {("dismissals", 2, 0)})


def test_the_last_thing_said_of_a_warning_is_how_it_ended() -> None:
    told: dict[str, object] = {"rule": "spread", "threshold": 1}
    later = [
        warning("w1-0", status="updated", links=["updates:w1"], **told),
        warning("w1-a", status="resolved", result="did_not", links=["updates:w1-0"], **told),
        warning("w1-b", status="cancelled", links=["updates:w1-a"], **told),
        warning("w1-c", status="resolved", result="came_true", links=["updates:w1-b"], **told),
    ]
    for count, ended in (
        (1, ("not_assessed", None)), (3, ("did_not", "cancelled")), (4, ("came_true", "resolved")),
    ):  # fmt: skip
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
    assert followed(panel, ["gw:432", "gid:146512"], day) == held
    for last, reached in ((2, 24), (1, None)):
        panel = panel_of([*QUIET, *[1] * 23, last, 1])
        assert followed(panel, ["gw:432"], day).months_to_25 == reached


def test_what_followed_in_several_states_is_unknown_where_one_of_them_is_not_covered() -> None:
    one = panel_of([*QUIET, 1, 2, 3])
    for gap, after_3 in ((None, 12), (25, None)):
        covered = np.ones((2, 27), dtype=np.bool_)
        deaths = np.repeat(one.deaths, 2, axis=0)
        if gap is not None:
            covered[1, gap], deaths[1, gap] = False, 0
        both = dataclasses.replace(one, areas=(MALI, NIGER), deaths=deaths, covered=covered)
        held = followed(both, ["gw:432", "gw:436"], when("2012-01-31"))
        assert (held.before, held.after_3) == (0, after_3)


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


def test_a_dismissal_is_shown_with_the_deaths_after_it() -> None:
    found = see([warning(), dismissal()], panel_of([*QUIET, 10, 15, 0] + [1] * 9))
    (refusal,) = found.refusals
    assert (refusal.reason, refusal.answers, refusal.result) == ("hyperbolic", ("w1",), "came_true")
    assert (refusal.followed.before, refusal.followed.after_12) == (0, 34)


def test_a_dismissal_is_of_what_it_answers_which_need_not_be_a_warning() -> None:
    said = entry_of("assessment", "a1", "2012-01-10", attributed_to="A desk")
    refused = [
        dismissal(id="d1", links=["follows:w2", "answers:w1"]), dismissal("a1", "d2", links=["answers:a1"]),
    ]  # fmt: skip
    entries = [warning(), warning("w2", threshold=26), said, *refused]
    one, other = see(entries, panel_of([*QUIET, 10, 15, 0])).refusals
    assert (one.answers, one.result, one.closed) == (("w1",), "came_true", True)
    assert (other.answers, other.result, other.closed, other.exercise) == (("a1",), None, False, False)


@pytest.mark.parametrize(("deaths", "times"), [(24, 0), (25, 1)])
def test_a_dismissal_is_regretted_from_twenty_five_deaths(deaths: int, times: int) -> None:
    plain = entry_of("warning", "w0", "2012-01", status="issued", by="A desk", recommendation="Help.")
    found = see([plain, dismissal("w0")], panel_of([*QUIET, deaths] + [0] * 11))
    (count,) = [one for one in found.counts if one.subject == "dismissals"]
    assert (count.cases, count.times) == (1, times)
