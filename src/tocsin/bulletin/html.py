"""A document as one HTML file: no other file, no script, nothing fetched; it prints on A4."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tocsin.bulletin.document import Block, Box, Document, Figure, Heading, Paragraph, Table, plain, spans
from tocsin.text import Language

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.5 Georgia, "Times New Roman", serif; color: #1a1a1a; background: #fff; margin: 0; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; padding-bottom: .2rem; color: #12395b;
  border-bottom: 1px solid #b9c4cf; }
p { margin: .5rem 0; }
.subtitle { color: #444; margin-top: .3rem; }
.lead { font-size: 1.08rem; }
.small, caption, figcaption, footer { font-size: .86rem; color: #444; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.35; margin: .6rem 0; }
caption { text-align: left; font-weight: bold; color: #1a1a1a; padding-bottom: .25rem; }
th, td { padding: .25rem .5rem; vertical-align: top; text-align: left; border-bottom: 1px solid #dde3e9; }
th { border-bottom: 2px solid #12395b; vertical-align: bottom; }
td { font-variant-numeric: tabular-nums; }
.right { text-align: right; }
td.right { white-space: nowrap; }
.center { text-align: center; }
tr.strong td { font-weight: bold; }
figure { margin: 1rem 0; }
figure svg { width: 100%; height: auto; display: block; }
.box { border: 1px solid #12395b; border-left-width: 5px; padding: .6rem 1rem; margin: 1rem 0;
  background: #f3f6f9; }
.box.warning { border-color: #9a4a00; background: #fff6ec; }
.box h3 { margin: 0 0 .25rem; font-size: 1rem; }
footer { margin-top: 2.5rem; border-top: 1px solid #b9c4cf; padding-top: .6rem; }
@page { size: A4; margin: 1.6cm; }
@media print { main { max-width: none; padding: 0; } body { font-size: 10pt; } }
"""


def html(document: Document) -> str:
    """Return the document as HTML; the same document gives the same text."""
    language = document.language
    body = "\n".join(_block(block, language) for block in document.blocks)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{_text(document.title, language)}</h1>\n"
        f'<p class="subtitle">{_text(document.subtitle, language)}</p>\n</header>\n{body}\n'
        f"<footer>\n{''.join(_notes(document))}</footer>\n</main>\n</body>\n</html>\n"
    )


def _notes(document: Document) -> Iterator[str]:
    for note in (document.attribution, document.footer):
        if note:
            yield f"<p>{_text(note, document.language)}</p>\n"


def _block(block: Block, language: Language) -> str:
    match block:
        case Heading():
            return f"<h2>{_text(block.text, language)}</h2>"
        case Paragraph():
            mark = "" if block.style == "plain" else f' class="{block.style}"'
            return f"<p{mark}>{_text(block.text, language)}</p>"
        case Table():
            return _table(block, language)
        case Figure():
            caption = f"<figcaption>{_text(block.caption, language)}</figcaption>" if block.caption else ""
            label = escape(plain(block.alt), quote=True)
            return f'<figure role="img" aria-label="{label}">{block.svg}{caption}</figure>'
        case Box():
            inner = "".join(f"<p>{_text(text, language)}</p>" for text in block.paragraphs)
            title = f"<h3>{_text(block.title, language)}</h3>" if block.title else ""
            return f'<section class="box {block.style}">{title}{inner}</section>'


def _table(table: Table, language: Language) -> str:
    caption = f"<caption>{_text(table.caption, language)}</caption>" if table.caption else ""
    head = "".join(
        f'<th scope="col" class="{align}">{_text(text, language)}</th>'
        for text, align in zip(table.header, table.align, strict=True)
    )
    rows = []
    for place, row in enumerate(table.rows):
        cells = "".join(
            f'<td class="{align}">{_text(text, language)}</td>'
            for text, align in zip(row, table.align, strict=True)
        )
        rows.append(f"<tr{' class=strong' if place in table.strong else ''}>{cells}</tr>")
    return (
        f'<div class="scroll" tabindex="0"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _text(text: str, language: Language) -> str:
    return "".join(
        f"<strong>{escape(piece)}</strong>" if bold else escape(piece)
        for piece, bold in spans(text, language)
    )
