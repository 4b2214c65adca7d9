"""Bulletins: documents of a page or five, written as HTML and PDF, in English and French.

document  the parts of a document, whatever it is written as
html, pdf the two ways of writing it
"""

from tocsin.bulletin.document import (
    Align,
    Block,
    Box,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
    picture,
    plain,
    typeset,
)
from tocsin.bulletin.html import html
from tocsin.bulletin.pdf import FIGURE_FONT, pages, pdf

__all__ = [
    "FIGURE_FONT",
    "Align",
    "Block",
    "Box",
    "Document",
    "Figure",
    "Heading",
    "Paragraph",
    "Table",
    "html",
    "pages",
    "pdf",
    "picture",
    "plain",
    "typeset",
]
