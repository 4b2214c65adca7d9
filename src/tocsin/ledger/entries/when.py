"""When something happened, as precisely as the source gives it and no more."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any, Literal

from pydantic import Field, model_validator

from tocsin.ledger.entries.frozen import Frozen
from tocsin.ledger.entries.refusal import Refused
from tocsin.ledger.entries.words import Day
from tocsin.text import Language, say

Precision = Literal["day", "month", "season", "year", "range"]

_SEASONS = {
    "spring": 3, "summer": 6, "autumn": 9, "winter": 12,
    "printemps": 3, "été": 6, "ete": 6, "automne": 9, "hiver": 12,
}  # fmt: skip
_POINT = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?|-(?P<season>[a-zé]+))?")


class When(Frozen):
    """A stretch of days and how precisely it is known.

    `day`, `month`, `season` (three months of the northern year: spring is March to May, winter 2012 begins in
    December 2012) and `year` say that it happened within the stretch; `range` that it lies between two dates
    that the source gives. Both ends are included.

    May be written short: 2012-03-21, 2012-03, 2012-spring, 2012, or two of these with a slash between.
    """

    precision: Precision
    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = value.isoformat()
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return _written_short(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check(self) -> When:
        if self.last < self.first:
            raise Refused(
                "ledger.bad.when_backwards", first=self.first.isoformat(), last=self.last.isoformat()
            )
        if self.precision != "range" and (self.first, self.last) not in _stretches(
            self.precision, self.first
        ):
            raise Refused(
                "ledger.bad.when_mismatch",
                precision=self.precision,
                first=self.first.isoformat(),
                last=self.last.isoformat(),
            )
        return self

    def __str__(self) -> str:
        if self.precision == "day":
            return self.first.isoformat()
        if self.precision == "month":
            return self.first.isoformat()[:7]
        if self.precision == "year":
            return self.first.isoformat()[:4]
        if self.precision == "season":
            return f"{self.first.isoformat()[:4]}-{self.season}"
        return "/".join(self._ends)

    @property
    def _ends(self) -> tuple[str, str]:
        """Both ends, as years or months where the stretch is made of whole ones."""
        last_of_month = calendar.monthrange(self.last.year, self.last.month)[1]
        if (self.first.day, self.last.day) != (1, last_of_month):
            size = 10
        else:
            size = 4 if (self.first.month, self.last.month) == (1, 12) else 7
        return self.first.isoformat()[:size], self.last.isoformat()[:size]

    @property
    def season(self) -> str:
        """Name of the season that begins on the first day."""
        return next(name for name, month in _SEASONS.items() if month == self.first.month)

    def said(self, language: Language | None = None) -> str:
        """Return the date as a person writes it."""
        if self.precision == "season":
            return say(f"ledger.date.{self.season}", language, year=self.first.year)
        if self.precision == "range":
            return say("ledger.date.range", language, first=self._ends[0], last=self._ends[1])
        return str(self)


def _written_short(text: str) -> dict[str, Any]:
    start, slash, end = text.strip().partition("/")
    precision, first, last = _point(start, text)
    if slash:
        precision, last = "range", _point(end, text)[2]
    return {"precision": precision, "from": first, "to": last}


def _point(text: str, whole: str) -> tuple[Precision, dt.date, dt.date]:
    found = _POINT.fullmatch(text.strip().lower())
    if found is None or (found["season"] and found["season"] not in _SEASONS):
        raise Refused("ledger.bad.when")
    precision: Precision = (
        "season" if found["season"] else "day" if found["day"] else "month" if found["month"] else "year"
    )
    month = _SEASONS[found["season"]] if found["season"] else int(found["month"] or 1)
    try:
        first, last = next(
            iter(_stretches(precision, dt.date(int(found["year"]), month, int(found["day"] or 1))))
        )
    except (ValueError, StopIteration):
        raise Refused("ledger.bad.when", value=whole) from None
    return precision, first, last


def _stretches(precision: Precision, first: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Return the stretch of this precision that begins on a day; none where no such stretch begins then."""
    if precision == "day":
        return [(first, first)]
    months = {"month": 1, "season": 3, "year": 12}[precision]
    begins = {"month": range(1, 13), "season": (3, 6, 9, 12), "year": (1,)}[precision]
    if first.day != 1 or first.month not in begins:
        return []
    year, month = divmod(first.month - 1 + months - 1, 12)
    year, month = first.year + year, month + 1
    return [(first, dt.date(year, month, calendar.monthrange(year, month)[1]))]
