"""Documents: nothing in a text is read as markup, both writers say the same, and bytes do not change."""

from __future__ import annotations

import html as entities
import re

import pytest

from tocsin.bulletin import (
    Box,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
    html,
    pages,
    pdf,
    picture,
    typeset,
)
from tocsin.errors import BadFile

NASTY = 'a *b* _c_ #d $e$ [f] <g> @h \\i "j" `k` ~l // m /* n */ = o - p {q} \u2028 é'


def _document(language: str = "en", text: str = NASTY) -> Document:
    return Document(
        language=language, title=text, subtitle=text, footer=text, attribution=text,  # type: ignore[arg-type]
        blocks=(
            Paragraph(text, "lead"), Paragraph(text, "small"), Heading(text),
            Box(text, (text, text), "warning"),
            Table(("a", text), (("1", text), ("2", "x")), ("right", "left"), (None, 1), caption=text),
            Figure('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', text, text),
        ),
    )  # fmt: skip


def test_nothing_in_a_text_is_markup() -> None:
    assert pdf(_document()).startswith(b"%PDF")
    text = html(_document())
    assert "<g>" not in text
    said = entities.unescape(re.sub(r"<[^>]+>", "", text))
    assert said.count(NASTY) >= 9


def test_the_same_document_has_the_same_bytes() -> None:
    assert pdf(_document()) == pdf(_document())
    assert html(_document()) == html(_document())


def test_bold_is_bold_in_both() -> None:
    assert "<strong>now</strong>" in html(_document(text="do it **now** please"))


def test_fonts_are_inside_the_pdf() -> None:
    made = pdf(_document(text="Élan « vital » ▁▂▃"))
    described = re.findall(rb"/Type/FontDescriptor[^>]*", made)
    assert described
    for one in described:
        (file,) = re.findall(rb"/FontFile[23]? (\d+) 0 R", one)
        assert b"\n%s 0 obj" % file in made


@pytest.mark.parametrize(
    ("given", "set_"),
    [
        ("Oui ; non ?", "Oui\u202f; non\u202f?"),
        ("Voici : « là »", "Voici\u00a0: «\u00a0là\u00a0»"),
        ("12 %", "12\u202f%"),
        ("l'eau", "l’eau"),
    ],
)
def test_french_is_set_as_french(given: str, set_: str) -> None:
    assert typeset(given, "fr") == set_


def test_english_is_left_alone() -> None:
    assert typeset("Yes; no? “so”", "en") == "Yes; no? “so”"


def test_a_long_table_runs_over_pages_and_a_short_one_does_not_break() -> None:
    rows = tuple((str(n), "x") for n in range(300))
    long = Table(("n", "x"), rows, ("right", "left"), (None, 1))
    document = Document("en", "t", "s", (long,), "f")
    assert len(pages(document, dots=20)) > 2


def test_a_table_too_wide_for_the_screen_is_moved_by_keyboard() -> None:
    assert '<div class="scroll" tabindex="0"><table>' in html(_document())


def test_a_picture_is_a_png() -> None:
    (page,) = pages(_document(text="x"), dots=20)
    assert "data:image/png;base64," in picture(page)
    with pytest.raises(BadFile):
        picture(b"GIF89a")
