"""The clock that stamps entries, and the one way a moment is written: UTC, to the microsecond."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tocsin.errors import BadInput

Clock = Callable[[], dt.datetime]
"""Returns the present as an aware datetime."""

TOLERANCE = dt.timedelta(seconds=5)
"""How far a clock may lie behind the last entry: clocks of two machines that are kept in step."""

_FURTHEST_AHEAD = dt.timedelta(hours=14)


def now() -> dt.datetime:
    """Return the present in UTC."""
    return dt.datetime.now(dt.UTC)


def stamp(moment: dt.datetime) -> str:
    """Return `2026-11-24T03:05:35.123456Z`; all stamps have one length, so their order is that of time."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stamped: str) -> dt.datetime:
    """Return the moment a stamp names; ValueError if it is none."""
    return dt.datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)


def latest_day(present: dt.datetime) -> dt.date:
    """Return the latest calendar day that has begun anywhere on Earth."""
    return (present.astimezone(dt.UTC) + _FURTHEST_AHEAD).date()


def next_stamp(present: dt.datetime, last: str | None) -> str:
    """Return the stamp for what is recorded now, after an entry stamped `last`.

    A clock slightly behind takes the time of the last entry, so that stamps never fall. Raises BadInput for
    one further behind than TOLERANCE: it would date entries before those they follow.
    """
    if last is None or stamp(present) >= last:
        return stamp(present)
    if moment(last) - present > TOLERANCE:
        seconds = round((moment(last) - present).total_seconds())
        raise BadInput("ledger.clock_backwards", now=stamp(present), last=last, seconds=seconds)
    return last
