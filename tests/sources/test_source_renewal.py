"""Which releases are asked for, and what comes of those that are not there."""

from __future__ import annotations

import datetime as dt

import pytest

from tocsin.errors import BadInput, NotPublished
from tocsin.sources import Release, Renewal, due, renew

NOVEMBER = dt.date(2026, 11, 30)
MONTHS = [f"26.0.{month}" for month in range(1, 11)]


class Publisher:
    """Has some releases, and keeps which were asked for."""

    def __init__(self, *has: str) -> None:
        self.has, self.asked = has, list[str]()

    def bring(self, release: Release) -> bool:
        self.asked.append(release.name)
        return release.name in self.has


def names(releases: tuple[Release, ...]) -> list[str]:
    return [release.name for release in releases]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (NOVEMBER, ["26.1", *MONTHS]),
        (dt.date(2026, 11, 24), ["26.1", *MONTHS[:-1]]),
        (dt.date(2026, 6, 30), ["26.1", *MONTHS[:5]]),
        (dt.date(2026, 6, 29), ["25.1", *(f"25.0.{month}" for month in range(1, 13)), *MONTHS[:5]]),
        (dt.date(2026, 1, 24), ["25.1", *(f"25.0.{month}" for month in range(1, 12))]),
    ],
)
def test_what_is_assumed_to_be_out(day: dt.date, expected: list[str]) -> None:
    assert names(due(day)) == expected


def test_what_is_withheld_is_not_due() -> None:
    assert names(due(NOVEMBER, withheld={"26.0.3"})) == ["26.1", *(m for m in MONTHS if m != "26.0.3")]
    assert names(due(NOVEMBER, withheld={"26.1"}))[:2] == ["25.1", "25.0.1"]
    assert due(NOVEMBER, withheld={"25.1", "26.1"}) == ()


def test_all_that_is_out_is_asked_for_once_in_the_order_of_its_months() -> None:
    publisher = Publisher("26.1", *MONTHS)
    assert renew(lambda release: False, publisher.bring, today=NOVEMBER) == Renewal((), (), ())
    assert publisher.asked == ["26.1", *MONTHS]


def test_what_is_held_is_not_asked_for() -> None:
    publisher, held = Publisher("26.0.10"), {"26.1", *MONTHS[:-1]}
    found = renew(lambda release: release.name in held, publisher.bring, today=NOVEMBER)
    assert publisher.asked == ["26.0.10"]
    assert found.missing == ()


def test_of_what_was_here_the_months_after_the_annual_release_may_have_been_replaced() -> None:
    publisher, held = Publisher("26.0.10"), {"25.1", "25.0.12", "26.1", *MONTHS[:-1]}
    found = renew(lambda release: release.name in held, publisher.bring, today=NOVEMBER)
    assert names(found.held) == MONTHS[:-1]


def test_an_annual_release_that_is_not_out_yet_leaves_last_years_with_the_months_since() -> None:
    day = dt.date(2026, 4, 2)
    publisher = Publisher("25.1", *(f"25.0.{month}" for month in range(1, 13)), "26.0.1", "26.0.2")
    found = renew(lambda release: False, publisher.bring, today=day)
    assert names(found.missing) == ["26.1", "26.0.3"]
    assert publisher.asked[:3] == ["26.1", "25.1", "25.0.1"]
    assert len(publisher.asked) == 17


def test_an_annual_release_is_taken_before_the_day_on_which_it_is_assumed_to_be_out() -> None:
    publisher = Publisher("26.1", "25.1")
    renew(lambda release: False, publisher.bring, today=dt.date(2026, 6, 2))
    assert publisher.asked == ["26.1", *MONTHS[:5]]


def test_a_month_that_is_missing_does_not_keep_back_those_after_it() -> None:
    publisher = Publisher("26.1", *(name for name in MONTHS if name != "26.0.4"))
    found = renew(lambda release: False, publisher.bring, today=NOVEMBER)
    assert names(found.missing) == ["26.0.4"]
    assert publisher.asked[-1] == "26.0.10"


def test_without_an_annual_release_no_month_is_asked_for() -> None:
    publisher = Publisher(*MONTHS)
    with pytest.raises(NotPublished, match=r"26\.1, 25\.1"):
        renew(lambda release: False, publisher.bring, today=NOVEMBER)
    assert publisher.asked == ["26.1", "25.1"]


def test_what_is_withheld_is_not_asked_for_and_last_years_annual_release_stands_in() -> None:
    publisher = Publisher("26.1", "25.1", *(f"25.0.{month}" for month in range(1, 13)), *MONTHS)
    found = renew(lambda release: False, publisher.bring, today=NOVEMBER, withheld={"26.1", "26.0.3"})
    assert names(found.withheld) == ["26.1", "26.0.3"]
    assert publisher.asked[:2] == ["25.1", "25.0.1"]
    assert publisher.asked[-9:] == [month for month in MONTHS if month != "26.0.3"]


def test_what_is_withheld_and_covered_by_another_release_is_held() -> None:
    found = renew(lambda release: True, Publisher().bring, today=NOVEMBER, withheld={"26.0.3"})
    assert names(found.withheld) == []
    assert names(found.held) == MONTHS


def test_where_only_withheld_annual_releases_are_left_nothing_is_brought_in() -> None:
    publisher = Publisher("26.1", *MONTHS)
    with pytest.raises(BadInput, match=r"Withdrawn here: 26\.1\. "):
        renew(lambda release: False, publisher.bring, today=NOVEMBER, withheld={"26.1"})
    assert publisher.asked == ["25.1"]
