"""Months, days and whole numbers as they are given: of Python or NumPy, and refused where they are none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin import decide, figures, hindsight, local, months, panel, watch
from tocsin.errors import BadInput
from tocsin.months import Span
from tocsin.sources import SCHEMA


@pytest.mark.parametrize("given", [np.int64(384), np.uint16(384), 384])
def test_a_month_of_any_whole_type_is_that_month(given: Any) -> None:
    assert months.label(given) == "2011-12"
    assert months.first_day(given) == dt.date(2011, 12, 1)
    assert given in Span(380, 384)
    assert np.int64(385) not in Span(380, 384)
    held = Span(given, given)
    assert held == Span(384, 384)
    assert type(held.first) is int
    assert type(months.month_id(np.int64(2011), np.int64(12))) is int  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [384.0, "2011-12", dt.date(2011, 12, 1), None, np.float64(384)])
@pytest.mark.parametrize(
    "door", [months.label, months.first_day, months.last_day, lambda month: Span(month, 400)]
)
def test_a_month_that_is_no_whole_number_is_refused(door: Callable[[Any], object], given: Any) -> None:
    with pytest.raises(BadInput, match="no whole number"):
        door(given)
    assert given not in Span(1, 400)


@pytest.mark.parametrize("given", ["2011-01:2012-12", (384, 385), 384, None])
def test_months_that_are_no_span_are_refused(given: Any) -> None:
    with pytest.raises(BadInput, match=r"^span is .*no span of months"):
        months.span(given, "span")


@pytest.mark.parametrize("given", [201112, None, dt.date(2011, 12, 1)])
def test_a_label_that_is_no_text_is_no_month(given: Any) -> None:
    for door in (months.parse, Span.parse):
        with pytest.raises(BadInput, match="is not a month"):
            door(given)


@pytest.mark.parametrize(
    "given", [[1, 2, 3], np.arange(1, 4), pl.Series([1, 2, 3]), range(1, 4), iter([1, 2, 3])]
)
def test_whole_numbers_in_any_row_are_ints(given: Any) -> None:
    found = months.wholes(given, "steps")
    assert found == (1, 2, 3)
    assert [type(value) for value in found] == [int] * 3


@pytest.mark.parametrize("given", [3, None, [1.0, 2.0], "123", [None]])
def test_what_is_no_row_of_whole_numbers_is_refused(given: Any) -> None:
    with pytest.raises(BadInput, match="steps is"):
        months.wholes(given, "steps")


@pytest.mark.parametrize(
    ("label", "month"),
    [("1980-01", 1), ("1979-12", 0), ("1980-12", 12), ("1989-01", 109), ("2011-12", 384), ("2018-01", 457)],
)
def test_months_are_counted_from_january_1980_as_the_field_counts_them(label: str, month: int) -> None:
    year, calendar_month = map(int, label.split("-"))
    assert months.parse(label) == months.month_id(year, calendar_month) == month
    assert months.label(month) == label
    first, last = months.first_day(month), months.last_day(month)
    assert (first.year, first.month, first.day) == (year, calendar_month, 1)
    assert last + dt.timedelta(days=1) == months.first_day(month + 1)
    assert months.of_date(first) == months.of_date(last) == month


@pytest.mark.parametrize("given", ["2012-00", "2012-13", "2012-1", "12-01", "2012", "2012-01-01", ""])
def test_a_month_that_no_calendar_has_is_refused(given: str) -> None:
    with pytest.raises(BadInput):
        months.parse(given)


def test_a_span_holds_both_its_ends() -> None:
    span = Span.parse("2011-11:2012-02")
    assert list(span) == [383, 384, 385, 386]
    assert (len(span), str(span)) == (4, "2011-11:2012-02")
    assert [month in span for month in (382, 383, 386, 387)] == [False, True, True, False]
    assert Span.parse("2012-01") == Span(385, 385)
    # An end that is left open is not the first month alone.
    for text in ("2012-01:", ":2012-01"):
        with pytest.raises(BadInput, match='"" is not a month'):
            Span.parse(text)
    with pytest.raises(BadInput, match=r"ends \(2012-01\) before it begins \(2012-02\)"):
        Span(386, 385)


def test_an_open_end_of_a_range_of_months_holds_all_beyond_it() -> None:
    assert [months.within(month, 5, 7) for month in (4, 5, 7, 8)] == [False, True, True, False]
    assert months.within(-900, None, 7)
    assert months.within(900, 5, None)
    assert not months.within("2012-01", None, None)


def test_runs_of_months_break_where_a_month_lacks() -> None:
    assert months.runs([]) == ()
    assert months.runs([1, 2, 3, 5, 7, 8]) == (Span(1, 3), Span(5, 5), Span(7, 8))


LATE = dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("door", "said"),
    [
        (lambda: watch.watch(figures.panel(as_of=LATE), as_of="2026-01-01"), "as_of is '2026-01-01'"),
        (lambda: hindsight.hindsight([], figures.panel(as_of=LATE), as_of="2026", groups=None), "as_of is"),
        (lambda: figures.groups(as_of=LATE).active(gw=432, until="2012-01"), "until is '2012-01'"),
        (lambda: local.cell_data(as_of=LATE, origin="2019-12"), "origin is '2019-12'"),
        (lambda: local.admin1_data(as_of=LATE, origin="2019-12"), "origin is '2019-12'"),
        (lambda: decide.economy_of(432, month="2012-01"), "month is '2012-01'"),
        (
            lambda: panel.build(
                pl.DataFrame(schema=SCHEMA), coverage=(), as_of=LATE, releases=(), span="2012-01"
            ),
            "span is '2012-01'",
        ),
    ],
)
def test_months_and_days_given_as_text_are_refused_by_name(door: Callable[[], object], said: str) -> None:
    with pytest.raises(BadInput, match=f"^{said}"):
        door()
