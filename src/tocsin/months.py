"""Months as the field counts them: `month_id`, where 1980-01 is 1 (PRIO and VIEWS convention)."""

from __future__ import annotations

import calendar
import datetime as dt
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any, cast

from tocsin.errors import BadInput

_LABEL = re.compile(r"(\d{4})-(\d{2})")


def today() -> dt.date:
    """Return the day it is in UTC: days end there for everything that is known, recorded or due on one."""
    return dt.datetime.now(dt.UTC).date()


def whole(value: object, name: str) -> int:
    """Return a whole number, of Python or of NumPy, as an int; BadInput, naming what it is, for all else."""
    try:
        return operator.index(cast(Any, value))
    except TypeError:
        raise BadInput("months.not_whole", name=name, value=repr(value)) from None


def wholes(values: object, name: str) -> tuple[int, ...]:
    """Return whole numbers, in a list, an array or any other row, as ints; BadInput as in `whole`."""
    try:
        given = iter(cast(Any, values))
    except TypeError:
        raise BadInput("months.not_wholes", name=name, value=repr(values)) from None
    return tuple(whole(value, name) for value in given)


def day(value: object, name: str) -> dt.date:
    """Return a day; BadInput, naming what it is, for text, a time of day or anything else that is none."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise BadInput("months.not_a_day", name=name, value=repr(value))


def span(value: object, name: str) -> Span:
    """Return a span of months; BadInput, naming what it is, for its text or anything else that is none."""
    if isinstance(value, Span):
        return value
    raise BadInput("months.not_a_span", name=name, value=repr(value))


def month_id(year: int, month: int) -> int:
    """Return the id of a calendar month; 1980-01 is 1, 2018-01 is 457. BadInput for a month that is none."""
    year, month = whole(year, "year"), whole(month, "month")
    if not 1 <= month <= 12:
        raise BadInput("months.no_such_month", value=f"{year:04d}-{month:02d}")
    return (year - 1980) * 12 + month


def parse(label: str) -> int:
    """Return the month id of a label such as `2012-01`; BadInput if it is not one."""
    found = _LABEL.fullmatch(str(label).strip())
    if not found:
        raise BadInput("months.not_a_month", value=str(label))
    return month_id(int(found[1]), int(found[2]))


def label(month: int) -> str:
    """Return `2012-01` for a month id."""
    year, index = divmod(whole(month, "month") - 1, 12)
    return f"{1980 + year:04d}-{index + 1:02d}"


def of_date(day: dt.date) -> int:
    """Return the month id of the month a day lies in."""
    return month_id(day.year, day.month)


def first_day(month: int) -> dt.date:
    """Return the first day of a month."""
    year, index = divmod(whole(month, "month") - 1, 12)
    return dt.date(1980 + year, index + 1, 1)


def last_day(month: int) -> dt.date:
    """Return the last day of a month."""
    start = first_day(month)
    return start.replace(day=calendar.monthrange(start.year, start.month)[1])


def within(month: object, first: int | None, last: int | None) -> bool:
    """Return whether something is a month from `first` to `last`, both included; None leaves an end open."""
    if not isinstance(month, Integral):
        return False
    return (first is None or first <= int(month)) and (last is None or int(month) <= last)


def runs(ids: Iterable[int]) -> tuple[Span, ...]:
    """Return ascending months as unbroken runs."""
    found: list[Span] = []
    for month in ids:
        if found and month == found[-1].last + 1:
            found[-1] = Span(found[-1].first, month)
        else:
            found.append(Span(month, month))
    return tuple(found)


@dataclass(frozen=True, order=True)
class Span:
    """An unbroken run of months, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", whole(self.first, "first"))
        object.__setattr__(self, "last", whole(self.last, "last"))
        if self.last < self.first:
            raise BadInput("months.backwards", first=label(self.first), last=label(self.last))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __contains__(self, month: object) -> bool:
        return within(month, self.first, self.last)

    def __str__(self) -> str:
        return f"{label(self.first)}:{label(self.last)}"

    @classmethod
    def parse(cls, text: str) -> Span:
        """Return the span of a label such as `1995-10:2020-10` (or one month, `2012-01`)."""
        first, colon, last = str(text).partition(":")
        return cls(parse(first), parse(last if colon else first))
