"""What a document says."""

from __future__ import annotations

from tocsin.bulletin import Box, Document, Paragraph, Table


def texts_of(document: Document) -> str:
    """Return the titles, paragraphs, boxes and cells of a document, one a line."""
    texts = [document.title, document.subtitle]
    for block in document.blocks:
        if isinstance(block, Paragraph):
            texts.append(block.text)
        elif isinstance(block, Box):
            texts += [block.title, *block.paragraphs]
        elif isinstance(block, Table):
            texts += [block.caption, *block.header, *(cell for row in block.rows for cell in row)]
    return "\n".join(texts)
