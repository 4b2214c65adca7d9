"""A document: its parts, whatever it is written as. Texts are plain; `**word**` is bold."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.errors import BadFile
from tocsin.text import Language

Align = Literal["left", "right", "center"]

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)

# French typography: no line begins with a mark that belongs to the word before it, nor ends with one that
# opens. A thousands separator stays with its digits.
_NARROW = "\u202f"
_FIXED = "\u00a0"


@dataclass(frozen=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Text; `small` for notes under a table, `lead` for the first paragraph of a document."""

    text: str
    style: Literal["plain", "small", "lead"] = "plain"


@dataclass(frozen=True)
class Table:
    """A table: header, rows of the same length, how each column is set, and its share of the width.

    widths: shares of the line, None for as wide as its text. caption: above it. strong: rows set apart.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: tuple[Align, ...]
    widths: tuple[float | None, ...]
    caption: str = ""
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG, with what it shows for those who cannot see it, and a caption below it."""

    svg: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Box:
    """Paragraphs set apart in a frame, under a title; `warning` for what must not be overlooked."""

    title: str
    paragraphs: tuple[str, ...]
    style: Literal["plain", "warning"] = "plain"


Block = Heading | Paragraph | Table | Figure | Box


@dataclass(frozen=True)
class Document:
    """A document in one language.

    title, subtitle: at its head. blocks: in their order. footer: on every page. attribution: at the end.
    """

    language: Language
    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    footer: str
    attribution: str = ""


def picture(png: bytes) -> str:
    """Return the SVG that shows a PNG, so that a figure may hold either; BadFile for bytes that are none."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or len(png) < 24:
        raise BadFile("bulletin.not_png")
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    held = base64.b64encode(png).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{held}"/></svg>'
    )


def spans(text: str, language: Language) -> Iterator[tuple[str, bool]]:
    """Yield pieces of a text with whether each is bold, set as its language sets it."""
    set_text = typeset(text, language)
    place = 0
    for found in _BOLD.finditer(set_text):
        if found.start() > place:
            yield set_text[place : found.start()], False
        yield found[1], True
        place = found.end()
    if place < len(set_text):
        yield set_text[place:], False


def typeset(text: str, language: Language) -> str:
    """Return a text with the spaces its language does not break a line at."""
    if language == "fr":
        text = re.sub(r" ([;!?%])", rf"{_NARROW}\1", text)
        text = re.sub(r" :", f"{_FIXED}:", text)
        text = text.replace("« ", f"«{_FIXED}").replace(" »", f"{_FIXED}»")
        text = re.sub(r"(\d) (\d{3})\b", rf"\1{_NARROW}\2", text)
        text = text.replace("'", "’")
    return re.sub(r"(\d) (mois|months|%)", rf"\1{_FIXED}\2", text)


def plain(text: str) -> str:
    """Return a text without its marks for bold."""
    return _BOLD.sub(r"\1", text)
