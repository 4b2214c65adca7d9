"""What colours mean: classes of a number, or named states, apart in lightness and not in hue alone."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tocsin.errors import BadInput
from tocsin.text import Language, number, say

# Matplotlib's magma from light to dark at eight steps: perceptually even, and the same order of lightness for
# every kind of colour vision, and in grey (Smith & van der Walt 2015).
MAGMA = ("#fcf0b2", "#febd82", "#fb835f", "#e44f64", "#b2357b", "#7c2382", "#440f76", "#0e0b2b")

CHANCES = (0.01, 0.02, 0.05, 0.10, 0.25, 0.50, 0.75)
"""Bounds of the classes of a probability, each class holding its lower bound."""


@dataclass(frozen=True)
class Class:
    """One entry of a legend: the colour, and what it stands for."""

    colour: str
    label: str


@dataclass(frozen=True)
class Scale:
    """Classes of a number: `bounds` part them, ascending; each class holds its lower bound."""

    bounds: tuple[float, ...]
    classes: tuple[Class, ...]

    def colour(self, value: float | str) -> str:
        """Return the colour of the class a number falls in; BadInput for NaN, which falls in none."""
        if math.isnan(float(value)):
            raise BadInput("maps.no_class")
        return self.classes[bisect.bisect_right(self.bounds, float(value))].colour


@dataclass(frozen=True)
class States:
    """Named states with a colour each."""

    names: tuple[str, ...]
    classes: tuple[Class, ...]

    def colour(self, value: float | str) -> str:
        """Return the colour of a state."""
        return self.classes[self.names.index(str(value))].colour


Legend = Scale | States


def chances(language: Language | None = None) -> Scale:
    """Return the classes of a probability, in per cent, light for unlikely to dark for likely."""
    edges = (0.0, *CHANCES, 1.0)
    return scale(CHANCES, [_percent(low, high, language) for low, high in pairwise(edges)])


def scale(bounds: Sequence[float], labels: Sequence[str]) -> Scale:
    """Return classes parted by up to seven `bounds`, with a label each, in colours from light to dark."""
    count = len(bounds) + 1
    picked = [MAGMA[round(i * (len(MAGMA) - 1) / max(count - 1, 1))] for i in range(count)]
    return Scale(tuple(bounds), tuple(Class(c, text) for c, text in zip(picked, labels, strict=True)))


def _percent(low: float, high: float, language: Language | None) -> str:
    if low == 0:
        return say("maps.legend_under", language, high=number(high * 100, language))
    return say(
        "maps.legend_between", language, low=number(low * 100, language), high=number(high * 100, language)
    )
