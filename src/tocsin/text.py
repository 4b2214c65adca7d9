"""Every sentence a user sees, in English and French, from the locale files.

A sentence is looked up by `room.name` in `locale/<language>/<room>.toml` and filled with `str.format`
fields. Integers and floats are written the way the language writes them (12,345.6 and 12 345,6) unless a
field asks for its own format. `{days:day|days}` is the first word where the number is one thing in that
language, else the second. A test holds that both languages have the same keys and the same fields.
"""

from __future__ import annotations

import locale
import math
import os
import re
import string
import tomllib
from contextvars import ContextVar
from decimal import Context, localcontext
from functools import cache
from importlib import resources
from typing import Any, Literal

from babel.numbers import format_decimal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")

_FRENCH = re.compile(r"fr(ench)?(?![a-z])", re.IGNORECASE)

_current: ContextVar[Language | None] = ContextVar("tocsin_language", default=None)


def language_from_environment() -> Language:
    """Return the language that TOCSIN_LANG, LC_ALL, LC_MESSAGES or LANG names, else the system's."""
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
        if code:
            return "en"
    # Windows sets none of them; there Python starts with a locale such as `French_France.1252`.
    return "fr" if _FRENCH.match(locale.setlocale(locale.LC_CTYPE)) else "en"


def set_language(language: Language) -> None:
    """Make `language` the current one for this context."""
    _current.set(language)


def current_language() -> Language:
    """Return the current language: the one set, else the environment's."""
    return _current.get() or language_from_environment()


def say(key: str, language: Language | None = None, /, **values: object) -> str:
    """Return the sentence `room.name` in `language`, filled with `values`.

    Raises KeyError if the key is not in the locale files: a missing sentence is a defect, not a state.
    """
    chosen = language or current_language()
    room, _, name = key.partition(".")
    return _Sentence(chosen).vformat(catalogue(chosen, room)[name], (), values)


@cache
def catalogue(language: Language, room: str) -> dict[str, str]:
    """Return the sentences of one room in one language, keys flattened with dots; ValueError for another."""
    if language not in LANGUAGES:
        raise ValueError(f"No language {language!r}. Choose one of: {', '.join(LANGUAGES)}.")
    file = resources.files("tocsin") / "locale" / language / f"{room}.toml"
    rows = _flatten(tomllib.loads(file.read_text(encoding="utf-8")))
    return {key: _fixed(text) if language == "fr" else text for key, text in rows}


@cache
def rooms(language: Language) -> tuple[str, ...]:
    """Return the rooms that have a locale file in `language`, sorted."""
    folder = resources.files("tocsin") / "locale" / language
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


_LONG = Context(prec=5000)
"""Digits enough for every number that Python reads from a text, which a refusal of it repeats."""


def number(value: float, language: Language | None = None, *, decimals: int | None = None) -> str:
    """Return `value` as the language writes it, with `decimals` places (as many as needed when None).

    A number below zero has a minus sign, not a hyphen, at which a line would break.
    """
    pattern = None if decimals is None else "#,##0." + "0" * decimals if decimals else "#,##0"
    with localcontext(_LONG):
        told = format_decimal(value, format=pattern, locale=language or current_language())
    return str(told).replace("-", "−")


HARDLY, NEARLY = 0.005, 0.995
"""Below the first a probability is told as less than 1 per cent, from the second as more than 99."""


UNKNOWN = "?"
"""What is told of a number that is NaN: *not assessed*."""


def percent(probability: float, language: Language | None = None) -> str:
    """Return a probability in per cent; nothing that was drawn is certain, so never 0 or 100."""
    if math.isnan(probability):
        return UNKNOWN
    if not HARDLY <= probability < NEARLY:
        return say("text.percent", language, value="<1" if probability < 0.5 else ">99")
    return say("text.percent", language, value=str(max(round(100 * probability), 1)))


def whole_percent(value: float, language: Language | None = None) -> str:
    """Return a share that was counted in per cent; unlike a probability it may be 0 or 100."""
    if math.isnan(value):
        return UNKNOWN
    return say("text.percent", language, value=str(round(100 * value)))


def points(difference: float, language: Language | None = None, *, decimals: int = 0) -> str:
    """Return a difference of probabilities in signed percentage points."""
    if math.isnan(difference):
        return UNKNOWN
    rounded = round(100 * difference, decimals)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{number(abs(rounded), language, decimals=decimals)}"


_ONE: dict[Language, re.Pattern[str]] = {"en": re.compile("1"), "fr": re.compile(r"[01](,\d+)?")}
"""What a number looks like that takes the singular: in French all below two."""

_BEFORE_MARKS = re.compile(r"(?<=\S) (?=[:;?!%»](?:\W|$))")


def _fixed(text: str) -> str:
    """Return French with the spaces that its punctuation wants, none of which a line may break at."""
    return _BEFORE_MARKS.sub("\N{NO-BREAK SPACE}", text).replace("« ", "«\N{NO-BREAK SPACE}")


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            rows.extend(_flatten(value, f"{prefix}{name}."))
        else:
            rows.append((f"{prefix}{name}", str(value)))
    return rows


class _Sentence(string.Formatter):
    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        one, either, many = format_spec.partition("|")
        if either:
            return one if _ONE[self.language].fullmatch(self.format_field(value, "")) else many
        if not format_spec and isinstance(value, (int, float)) and not isinstance(value, bool):
            return number(value, self.language)
        return str(super().format_field(value, format_spec))
