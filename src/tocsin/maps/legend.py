"""What colours mean: classes of a number, or named states, apart in lightness and not in hue alone."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tocsin.text import Language, number, say

# Matplotlib's cividis at eight even steps (Nuñez, Anderton & Renslow 2018, PLOS ONE 13(7)): the same order
# of lightness for every kind of colour vision, and in grey.
CIVIDIS = ("#00224e", "#1d3b6f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#e1cc55")

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
        """Return the colour of the class a number falls in."""
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
    """Return the classes of a probability, in per cent, dark for unlikely to bright for likely."""
    edges = (0.0, *CHANCES, 1.0)
    return scale(CHANCES, [_percent(low, high, language) for low, high in pairwise(edges)])


def scale(bounds: Sequence[float], labels: Sequence[str]) -> Scale:
    """Return classes parted by up to seven `bounds`, with a label each, in colours from dark to bright."""
    count = len(bounds) + 1
    picked = [CIVIDIS[round(i * (len(CIVIDIS) - 1) / max(count - 1, 1))] for i in range(count)]
    return Scale(tuple(bounds), tuple(Class(c, text) for c, text in zip(picked, labels, strict=True)))


def _percent(low: float, high: float, language: Language | None) -> str:
    if low == 0:
        return say("maps.legend_under", language, high=number(high * 100, language))
    return say(
        "maps.legend_between", language, low=number(low * 100, language), high=number(high * 100, language)
    )
