"""Releases of UCDP GED by name: what a name says about the product, its months and its publication.

25.1            annual: every event from 1989-01 to 2024-12
25.0.3          candidate, one month: 2025-03
25.01.25.06     candidate, several months: 2025-01 to 2025-06
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from tocsin import months
from tocsin.errors import BadInput
from tocsin.months import Span

Product = Literal["ucdp-ged", "ucdp-candidate"]

FIRST_MONTH = months.month_id(1989, 1)
"""The first month of GED."""

CANDIDATE_DAY = 25
"""Day of the month after the last one covered on which a candidate release is assumed to be public."""

ANNUAL_DAY = (6, 30)
"""Month and day of the release year on which an annual release is assumed to be public."""

_MONTHLY = re.compile(r"(\d{2})\.0\.(\d{1,2})")
_SEVERAL = re.compile(r"(\d{2})\.(\d{2})\.(\d{2})\.(\d{2})")
_ANNUAL = re.compile(r"(\d{2})\.([1-9])")

# Older than 2017 the annual releases were numbered 1.0 to 5.0, which say nothing about their years.
_FIRST_DATED_YEAR = 17

# The publisher's own names, whole (a browser may add " (1)"): `ged251_mali.csv`, `mali_ged251.csv` and
# `ged251.mali.csv` are not release 25.1 but a part of it, and must not pass for all of it.
_END = r"(?:-csv)?(?: ?\(\d+\))?(?:\.(?:csv|zip|jsonl?|parquet))?(?:\.part)?$"

_IN_NAMES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"gedevent_v(\d{2})_(\d{2})_(\d{2})_(\d{2})" + _END, re.I), "{}.{}.{}.{}"),
    (re.compile(r"gedevent_v(\d{2})_0_(\d{1,2})" + _END, re.I), "{}.0.{}"),
    (re.compile(r"gedevent_v(\d{2})_(\d)" + _END, re.I), "{}.{}"),
    (re.compile(r"gedevents-(\d{2}(?:\.\d{1,2}){1,3})" + _END, re.I), "{}"),
    (re.compile(r"(?<![a-z])ged(\d{2})(\d)" + _END, re.I), "{}.{}"),
)

_IN_DERIVED = (re.compile(r"(?<![a-z])ged(\d{2})(\d)(?!\d)", re.I), "{}.{}")


def release_order(name: str) -> tuple[bool, tuple[int, ...]]:
    """Return what releases are put in order by: their numbers; a name that is no release stands last."""
    try:
        return False, Release.parse(name).numbers
    except BadInput:
        return True, ()


@dataclass(frozen=True)
class Release:
    """A release by its name, as its publisher writes it, and the product it belongs to."""

    name: str
    product: Product
    span: Span

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the name: 25.0.10 comes after 25.0.2."""
        return tuple(int(part) for part in self.name.split("."))

    @classmethod
    def parse(cls, name: str) -> Release:
        """Return the release of a name such as `25.1`, `25.0.3` or `25.01.25.06`; BadInput if it is none."""
        text = str(name).strip().lower().removeprefix("v")
        if found := _MONTHLY.fullmatch(text):
            month = _month(name, found[1], found[2])
            return cls(f"{found[1]}.0.{int(found[2])}", "ucdp-candidate", Span(month, month))
        if found := _SEVERAL.fullmatch(text):
            first, last = _month(name, found[1], found[2]), _month(name, found[3], found[4])
            if last >= first:
                return cls(text, "ucdp-candidate", Span(first, last))
        elif (found := _ANNUAL.fullmatch(text)) and int(found[1]) >= _FIRST_DATED_YEAR:
            last = months.month_id(2000 + int(found[1]) - 1, 12)
            return cls(text, "ucdp-ged", Span(FIRST_MONTH, last))
        raise BadInput("sources.no_such_release", value=name)

    @property
    def known_at(self) -> dt.date:
        """The day this release is *assumed* to have been published: see `known_at`."""
        if self.product == "ucdp-ged":
            return dt.date(2000 + self.numbers[0], *ANNUAL_DAY)
        return months.first_day(self.span.last + 1).replace(day=CANDIDATE_DAY)


def known_at(release: str) -> dt.date:
    """Return the day on which a release is assumed to have been public; for use only where none is recorded.

    Annual: 30 June of the year of release. Candidate: the 25th of the month after the last one it covers.
    Both are chosen late rather than early, so that an assumed day does not let a model read what was not
    yet out: between December 2023 and June 2026 each month of candidate events was on hand by the 21st to
    26th of the next one.
    """
    return Release.parse(release).known_at


def guess(*names: str, derived: bool = False) -> Release | None:
    """Return the release that the first telling name speaks of (file names, a ZIP's member), else None.

    derived: whether the names may say more than the release, as those of tables made from one do.
    """
    for name in names:
        # A member of a ZIP may lie in a folder.
        base = name.replace("\\", "/").rsplit("/", 1)[-1]
        for pattern, form in (*_IN_NAMES, _IN_DERIVED) if derived else _IN_NAMES:
            if found := pattern.search(base) if derived else pattern.match(base):
                try:
                    return Release.parse(form.format(*found.groups()))
                except BadInput:
                    continue
    return None


def _month(name: str, year: str, month: str) -> int:
    try:
        return months.month_id(2000 + int(year), int(month))
    except BadInput:
        raise BadInput("sources.no_such_release", value=name) from None
