"""Names of states in English and French, and finding one however it is written."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from babel import Locale

from tocsin.text import Language


@cache
def territory_name(iso2: str, language: Language) -> str:
    """Return the name of a territory from the Unicode CLDR, as prose writes it (no ampersand in English).

    Raises KeyError for a code that CLDR does not hold.
    """
    name = str(Locale.parse(language).territories[iso2])
    return name.replace(" & ", " and ")


@cache
def fold(name: str) -> str:
    """Return a name without case, accents, articles or punctuation, so that spellings meet."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe"))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", plain.replace("&", " and ")).split()
    while len(words) > 1 and words[0] in {"the", "le", "la", "les", "l"}:
        words = words[1:]
    return " ".join("saint" if word == "st" else word for word in words)


def without_brackets(name: str) -> str:
    """Return a name without what stands in brackets, where lists put former names."""
    return re.sub(r"\(.*\)", "", name)


def closest(name: str, choices: Iterable[str], *, count: int = 3) -> list[str]:
    """Return up to `count` of `choices` whose spelling is closest to `name`, best first."""
    by_fold: dict[str, str] = {}
    for choice in choices:
        by_fold.setdefault(fold(choice), choice)
    return [by_fold[key] for key in difflib.get_close_matches(fold(name), by_fold, n=count, cutoff=0.6)]
