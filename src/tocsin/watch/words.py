"""Numbers of a watch as words: probabilities, points and bars; and long texts made short."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tocsin import areas, months
from tocsin.text import UNKNOWN, Language, number, say
from tocsin.text import percent as in_percent
from tocsin.text import points as in_points

NOTHING = "·"
BLOCKS = "▁▂▃▄▅▆▇█"

FEW = 24
"""Covered months below which a reader is told how little a forecast rests on."""


def percent(value: float | None, language: Language | None = None) -> str:
    """Return a probability in per cent, never 0 or 100."""
    return UNKNOWN if value is None else in_percent(value, language)


def points(value: float | None, language: Language) -> str:
    """Return a difference of probabilities in signed percentage points."""
    return UNKNOWN if value is None else in_points(value, language)


def deaths(value: float | None, language: Language | None = None) -> str:
    """Return a number of deaths to two digits: more would say more than the draws know."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.95:
        least = number(0.1, language)
        return number(round(value, 1), language, decimals=1) if value >= 0.05 else f"<{least}"
    beyond = max(len(str(round(value))) - 2, 0)
    return number(round(value, -beyond), language, decimals=0)


def lies_above(mean: float | None, high: float | None) -> bool:
    """Return whether a mean lies above its interval in whole deaths, as rare but very large outcomes lift it.

    A mean of one death does not: in a country at peace it would tell of nothing.
    """
    return mean is not None and high is not None and round(mean) > max(round(high), 1)


def little(count: int, origin: int, language: Language | None = None, *, of: str | None = None) -> str:
    """Return how little a forecast of a country, or of all, rests on; empty where its months are enough."""
    if count >= FEW:
        return ""
    name = say("watch.all_countries", language) if of is None else of
    return say("watch.little", language, name=name, origin=months.label(origin), count=count)


def few(count: int, ranked: int, language: Language | None = None) -> str:
    """Return how many of the countries ranked rest on few months; empty where none does, or all do."""
    return say("watch.few", language, count=count, least=FEW) if 0 < count < ranked else ""


def few_named(gws: Collection[int], origin: int, language: Language | None = None) -> str:
    """Return which countries rest on few months, by their codes, why that matters, and the remedy."""
    names = ", ".join(sorted(areas.name_then(gw, origin, language) for gw in gws))
    told = {"origin": months.label(origin), "count": len(gws), "names": names}
    return say("watch.few_named", language, least=FEW, **told)


def sparkline(history: Sequence[int | None]) -> str:
    """Return one character a month: `·` for no deaths, `?` for not covered, else a bar up to the largest."""
    largest = max((deaths for deaths in history if deaths), default=1)
    return "".join(_mark(deaths, largest) for deaths in history)


def _mark(deaths: int | None, largest: int) -> str:
    if deaths is None:
        return UNKNOWN
    return BLOCKS[min(deaths * len(BLOCKS) // largest, len(BLOCKS) - 1)] if deaths else NOTHING


def gist(text: str, most: int) -> str:
    """Return the first line of a text, shortened."""
    return shortened(text.partition("\n")[0], most)


def shortened(text: str, most: int) -> str:
    """Return a text on one line of at most so many characters, cut after a whole word where one ends before.

    Its non-breaking spaces are left as they are.
    """
    line = re.sub(r"\s+", " ", text, flags=re.ASCII).strip()
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rpartition(" ")[0] or cut[:-1]).rstrip() + " …"
