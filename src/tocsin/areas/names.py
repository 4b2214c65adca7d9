"""Names of states in English and French, and finding one however it is written."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale

from tocsin.text import Language

# Fewer letters begin too many names to say which one was meant.
_FEWEST_LETTERS = 3


@cache
def territory_name(iso2: str, language: Language) -> str:
    """Return the name of a territory from the Unicode CLDR, as prose writes it (no ampersand in English).

    Raises KeyError for a code that CLDR does not hold.
    """
    name = str(Locale.parse(language).territories[iso2])
    return name.replace(" & ", " and ")


# Names that a server's readers write come through here too, and they need not end.
@lru_cache(maxsize=10_000)
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
    """Return up to `count` of `choices` closest to `name`, best first.

    Names that begin with what is written come first, then those with a word that does, then similar ones.
    """
    by_fold: dict[str, str] = {}
    for choice in choices:
        by_fold.setdefault(fold(choice), choice)
    typed = fold(name)
    holding = [key for key in by_fold if len(typed) >= _FEWEST_LETTERS and f" {typed}" in f" {key}"]
    holding.sort(key=lambda key: (not key.startswith(typed), len(key), key))
    alike = difflib.get_close_matches(typed, by_fold, n=count, cutoff=0.6)
    return [by_fold[key] for key in dict.fromkeys((*holding, *alike))][:count]
