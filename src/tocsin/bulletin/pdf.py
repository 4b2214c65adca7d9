"""A document as PDF, set by Typst from its wheel: no program beside Python, no font of the system."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tocsin.bulletin.document import Block, Box, Document, Figure, Heading, Paragraph, Table, plain, spans
from tocsin.text import Language

FIGURE_FONT = "DejaVu Sans"
"""Font of the letters in figures."""

UNBROKEN = 18
"""Rows up to which a table is kept on one page."""

_SHEET = """
#set page(paper: "a4", margin: (x: 1.7cm, top: 1.5cm, bottom: 1.6cm), footer-descent: 30%, footer: context {
  set text(size: 7.6pt, fill: rgb("#555555"))
  grid(columns: (1fr, auto), column-gutter: 1em, footer-text,
    [#counter(page).display() / #counter(page).final().first()])
})
#set text(font: ("Libertinus Serif", "DejaVu Sans"), size: 9.6pt, lang: doc-lang, fallback: true)
#set par(leading: 0.52em, spacing: 0.72em, justify: false)
#set table(stroke: none, inset: (x: 0.32em, y: 0.27em))
#show table.cell: set text(size: 8.4pt)
#show table.cell: set par(leading: 0.42em)
#show heading: it => block(above: 1.05em, below: 0.45em, sticky: true, width: 100%,
  stroke: (bottom: 0.6pt + rgb("#b9c4cf")), inset: (bottom: 0.25em),
  text(size: 11.2pt, weight: "bold", fill: rgb("#12395b"), it.body))
#let rule-above = table.hline(stroke: 0.9pt + rgb("#12395b"))
#let rule-between = table.hline(stroke: 0.35pt + rgb("#cfd7df"))
#let framed(title, colour, fill, body) = block(width: 100%, breakable: false, inset: (x: 0.8em, y: 0.6em),
  fill: fill, stroke: (left: 2.5pt + colour, rest: 0.5pt + colour), above: 0.9em, below: 0.9em,
  [#if title != none [#text(weight: "bold", title)#linebreak()] #body])
"""
_FRAMES = {"plain": ("#12395b", "#f3f6f9"), "warning": ("#9a4a00", "#fff6ec")}


def pdf(document: Document) -> bytes:
    """Return the document as PDF with its fonts inside; the same document gives the same bytes."""
    made = _compiler().compile(_source(document), format="pdf")
    return made if isinstance(made, bytes) else made[0]


def pages(document: Document, *, dots: float = 110.0) -> list[bytes]:
    """Return each page as a PNG of so many dots per inch, for looking at."""
    made = _compiler().compile(_source(document), format="png", ppi=dots)
    return [made] if isinstance(made, bytes) else list(made)


class _Typst:
    """The compiler with its fonts, found once."""

    def __init__(self) -> None:
        import matplotlib
        import typst

        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        self._fonts = typst.Fonts(font_paths=[str(folder)], include_system_fonts=False)

    def compile(self, source: str, **options: object) -> bytes | list[bytes]:
        import typst

        return typst.compile(  # type: ignore[no-any-return, call-overload]
            source.encode(), font_paths=self._fonts, ignore_system_fonts=True, **options
        )


@cache
def _compiler() -> _Typst:
    return _Typst()


def _source(document: Document) -> str:
    language = document.language
    return "\n".join(
        (
            f"#let doc-lang = {_string(language)}",
            f"#let footer-text = [{_inline(document.footer, language)}]",
            f"#set document(title: {_string(plain(document.title))}, date: none)",
            _SHEET,
            f'#text(size: 17pt, weight: "bold")[{_inline(document.title, language)}]',
            "#v(-0.55em)",
            f'#text(size: 9.6pt, fill: rgb("#444444"))[{_inline(document.subtitle, language)}]',
            *(_block(block, language) for block in document.blocks),
            *_attribution(document),
        )
    )


def _attribution(document: Document) -> Iterator[str]:
    if document.attribution:
        text = _inline(document.attribution, document.language)
        yield f'#v(0.4em)#text(size: 7.8pt, fill: rgb("#444444"))[{text}]'


def _block(block: Block, language: Language) -> str:
    match block:
        case Heading():
            return f"#heading[{_inline(block.text, language)}]"
        case Paragraph():
            size = {"plain": "9.6pt", "small": "8.2pt", "lead": "10.4pt"}[block.style]
            return f"#par(text(size: {size})[{_inline(block.text, language)}])"
        case Table():
            return _table(block, language)
        case Figure():
            alt = _string(plain(block.alt))
            drawn = f'image(bytes({_string(block.svg)}), format: "svg", width: 100%, alt: {alt})'
            caption = (
                f"#v(-0.3em)#text(size: 8.2pt)[{_inline(block.caption, language)}]" if block.caption else ""
            )
            return f"#block(breakable: false, width: 100%)[#{drawn}{caption}]"
        case Box():
            colour, fill = _FRAMES[block.style]
            title = f"[{_inline(block.title, language)}]" if block.title else "none"
            body = " #parbreak() ".join(_inline(text, language) for text in block.paragraphs)
            return f'#framed({title}, rgb("{colour}"), rgb("{fill}"), [{body}])'


def _table(table: Table, language: Language) -> str:
    widths = ", ".join("auto" if width is None else f"{width:g}fr" for width in table.widths)
    align = ", ".join(table.align)
    head = ", ".join(f"[#strong[{_inline(text, language)}]]" for text in table.header)
    rows = []
    for place, row in enumerate(table.rows):
        texts = [_inline(text, language) for text in row]
        cells = (f"[#strong[{text}]]" if place in table.strong else f"[{text}]" for text in texts)
        rows.append(", ".join(cells) + ", rule-between")
    caption = (
        f"#block(sticky: true, above: 0.8em, below: 0.35em)[#strong[{_inline(table.caption, language)}]]\n"
        if table.caption else ""
    )  # fmt: skip
    body = (
        f"#table(columns: ({widths},), align: ({align},),\n"
        f"table.header({head}, rule-above),\n" + ",\n".join(rows) + ")"
    )
    if len(table.rows) > UNBROKEN:
        return caption + body
    # Sticky: the note below a table stays on its page.
    return f"#block(breakable: false, sticky: true, width: 100%)[{caption}{body}]"


def _inline(text: str, language: Language) -> str:
    return "".join(
        f"#strong({_string(piece)})" if bold else f"#{_string(piece)}"
        for piece, bold in spans(text, language)
    )


def _string(text: str) -> str:
    """Return a text as a Typst string: nothing in it is read as markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", " ")
    return f'"{escaped}"'
