"""What a panel was made from, in a reader's words: its releases, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.panel.panel import RECONSTRUCTED
from tocsin.sources.release import release_order
from tocsin.text import Language, say

PARTS = {"(located events)": "located_events", "(West Africa)": "west_africa"}
"""What the name of a release says of the part that was read, by its sentence."""

BASES = {"as published": "as_published", "as published, kinds partly estimated": "kinds_estimated"}


def released(releases: Iterable[str], language: Language | None = None) -> str:
    """Return the names of releases by their numbers, with commas, and in words which part of one was read."""
    told = ", ".join(sorted(releases, key=release_order))
    for part, key in PARTS.items():
        told = told.replace(part, say(f"panel.release.{key}", language))
    return told


def based(text: str, language: Language | None = None) -> str:
    """Return what a panel rests on in the language; a basis without words of its own as it is."""
    name, _, lag = text.partition(", lag ")
    if name == RECONSTRUCTED and lag:
        return say("panel.basis.reconstructed", language, lag=lag)
    return say(f"panel.basis.{BASES[text]}", language) if text in BASES else text
