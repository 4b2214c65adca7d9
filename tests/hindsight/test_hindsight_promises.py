"""Promises: kept, late, broken, denied, and what is known of them on a day."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hindsight_world import BROKEN, DENIED, MENDED, QUIET, commitment, entry_of, met, panel_of, see

from tocsin.errors import BadInput
from tocsin.hindsight import hindsight, promises
from tocsin.ledger import Entry


@pytest.mark.parametrize(
    ("after", "standing", "days"),
    [
        ([], "overdue", None),
        ([met("2013-01-20")], "kept", 50),
        ([met("2013-03-01")], "late", 90),
        ([met("2013-01-20", "partial")], "partly_kept", 50),
        ([DENIED], "denied", None),
        ([DENIED, met("2013-03-01")], "late", 90),
        ([met("2013-01-20"), BROKEN], "broken", 50),
        ([met("2013")], "kept_time_unknown", None),
        ([met("2013-01-31/2013-02-01")], "kept", None),
        ([met("2013-02-01/2013-02-02")], "kept_time_unknown", None),
        ([met("2013-02-02/2013-02-03")], "late", None),
        ([met("2013", "partial")], "partly_kept", None),
        ([met("2013"), BROKEN], "broken", None),
        ([met("2013-01-20", "partial"), met("2013-01-30", "partial")], "partly_kept", 60),
        ([met("2013-01-20"), met("2013-01-30", "partial")], "kept", 50),
        ([BROKEN, MENDED], "kept", None),
    ],
)
def test_a_commitment_stands_where_the_record_puts_it(
    after: list[Entry], standing: str, days: int | None
) -> None:
    (promise,) = see([commitment(), *after], panel_of(QUIET)).promises
    assert (promise.standing, promise.days) == (standing, days)
    assert promise.denied == (DENIED in after)
    assert promise.evidence == tuple(
        one.id for kind in ("outcome", "fulfilment", "denial") for one in after if one.type == kind
    )


@pytest.mark.parametrize(
    ("day", "after", "standing"),
    [
        ("2013-02-01", [], "open"), ("2013-02-02", [], "overdue"),
        ("2013-01-19", [met("2013-01-20")], "open"), ("2013-01-20", [met("2013-01-20")], "kept"),
    ],
)  # fmt: skip
def test_a_day_belongs_to_what_is_known_on_it_and_the_deadline_to_its_promise(
    day: str, after: list[Entry], standing: str
) -> None:
    as_of = dt.date.fromisoformat(day)
    panel = dataclasses.replace(panel_of(QUIET), as_of=as_of)
    entries = [commitment(), *after]
    (promise,) = hindsight(entries, panel, as_of=as_of, groups=None).promises
    assert promise.standing == standing
    assert promises(entries, as_of=as_of) == (promise,)


@pytest.mark.parametrize(
    ("result", "standing"),
    [
        ("kept", "kept"), ("succeeded", "kept"), ("partly_kept", "partly_kept"), ("late", "late"),
        ("broken", "broken"), ("failed", "broken"), ("undecided", "overdue"),
    ],
)  # fmt: skip
def test_a_recorded_outcome_says_where_a_promise_stands(result: str, standing: str) -> None:
    end = entry_of("outcome", "o1", "2013-06-01", result=result, links=["resolves:c1"])
    (promise,) = see([commitment(), end], panel_of(QUIET)).promises
    assert (promise.standing, promise.settled) == (standing, result != "undecided")


def test_an_outcome_is_of_every_promise_that_it_names_and_of_no_other() -> None:
    made = [commitment(id=f"c{n}") for n in (1, 2, 3)]
    end = entry_of("outcome", "o1", "2013-06-01", result="broken", links=["resolves:c1", "resolves:c2"])
    found = see([*made, end], panel_of(QUIET))
    assert [promise.standing for promise in found.promises] == ["broken", "broken", "overdue"]


def test_a_promise_kept_at_a_time_not_known_is_in_no_share() -> None:
    found = see([commitment(), met("2013")], panel_of(QUIET))
    (count,) = found.counts
    assert (count.subject, count.cases, count.times, count.pending) == ("commitments", 0, 0, 1)
    assert count.share is None
    (promise,) = found.to_dict()["promises"]  # type: ignore[misc]
    assert (promise["standing"], promise["days"]) == ("kept_time_unknown", None)


def test_days_are_told_between_whole_days_only() -> None:
    (promise,) = see([commitment(date="2012-12"), met("2013-01-20")], panel_of(QUIET)).promises
    assert (promise.standing, promise.days) == ("kept", None)
    (promise,) = see([commitment(date="2013-01-20"), met("2013-01-20")], panel_of(QUIET)).promises
    assert (promise.standing, promise.days) == ("kept", 0)


def test_hindsight_of_a_day_does_not_know_later_entries_or_data() -> None:
    entries = [commitment(), met("2013-03-01")]
    panel = panel_of(QUIET)
    new_year = dt.date(2013, 1, 1)
    early = dataclasses.replace(panel, as_of=new_year)
    (promise,) = hindsight(entries, early, as_of=new_year, groups=None).promises
    assert promise.standing == "open"
    with pytest.raises(BadInput, match="after the day of asking"):
        hindsight(entries, panel, as_of=new_year, groups=None)
