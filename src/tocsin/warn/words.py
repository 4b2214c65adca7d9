"""Words of likelihood (ICD 203), percentages and confidence, in English and French.

Likelihood and confidence are two things and are never said in one sentence.
Source: Intelligence Community Directive 203, Analytic Standards (2015), section D.6.e(2).
"""

from __future__ import annotations

from typing import Literal

from tocsin.errors import BadInput
from tocsin.text import Language, say

Word = Literal[
    "almost_no_chance", "very_unlikely", "unlikely", "roughly_even", "likely", "very_likely", "almost_certain"
]
Confidence = Literal["low", "moderate", "high"]

WORDS: tuple[tuple[float, Word], ...] = (
    (0.05, "almost_no_chance"),
    (0.20, "very_unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly_even"),
    (0.80, "likely"),
    (0.95, "very_likely"),
    (1.00, "almost_certain"),
)
"""Upper bound of each word; a probability on a bound takes the word above it."""


def word(probability: float) -> Word:
    """Return the word for a probability, in whole per cent: the word and the figure beside it must agree.

    Raises BadInput for what is no probability; NaN, an area that is not assessed, has no word either.
    """
    share = round(probability, 2)
    if not 0 <= share <= 1:
        raise BadInput("warn.no_word", value=float(probability))
    return next((name for bound, name in WORDS if share < bound), WORDS[-1][1])


def likelihood(probability: float, language: Language | None = None) -> str:
    """Return the word for a probability, in `language`; BadInput as `word`."""
    return say(f"warn.icd.{word(probability)}", language)


def confidence(level: Confidence, language: Language | None = None) -> str:
    """Return the sentence that says how far the evidence carries."""
    return say(f"warn.confidence.{level}", language)
