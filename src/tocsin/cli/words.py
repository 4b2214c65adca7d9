"""Words of the command line turned into values: days, months, steps, countries."""

from __future__ import annotations

import datetime as dt

from tocsin import months
from tocsin.errors import BadInput


def day(text: str, option: str) -> dt.date:
    """Return the day written YYYY-MM-DD; BadInput, naming the option, if it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadInput("cli.not_a_day", value=text, option=option) from None


def today_or(text: str, option: str, today: dt.date | None = None) -> dt.date:
    """Return the day written, or when nothing is the current one, which a caller may have read already."""
    return day(text, option) if text else today or months.today()


def month_or_none(text: str) -> int | None:
    """Return the id of the month written YYYY-MM, or None when nothing is."""
    return months.parse(text) if text else None
