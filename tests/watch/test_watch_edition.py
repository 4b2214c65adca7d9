"""The monthly bulletin: two pages, both languages, and what it says is so."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tocsin import figures, months
from tocsin.bulletin import Box, Document, Paragraph, Table, pages
from tocsin.ledger import entry
from tocsin.text import LANGUAGES, Language
from tocsin.watch import Watch, bulletin, watch
from tocsin.watch.edition import FILES, write_bulletin
from tocsin.watch.owed import answers, promises
from tocsin.watch.review import review

DAY = dt.date(2012, 5, 3)


@pytest.fixture(scope="module")
def found() -> Watch:
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).known(DAY, 1)
    return watch(panel, as_of=DAY, methods=("no-learning", "conflictology-12"))


def _said(document: Document) -> str:
    texts = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            texts.append(block.text)
        elif isinstance(block, Box):
            texts += [block.title, *block.paragraphs]
        elif isinstance(block, Table):
            texts += [block.caption, *(cell for row in block.rows for cell in row)]
    return "\n".join(texts)


def _entry(kind: str, id: str, date: str, **more: object) -> object:
    return entry(
        type=kind, id=id, date=date, areas=["MLI"], text="Text.", language="en", author="a",
        confidence="high",
        sources=["s"], **more,
    )  # fmt: skip


RECORD = (
    _entry("warning", "w1", "2012-01-01", status="issued", by="a", to=["b"]),
    _entry("warning", "w2", "2012-02-01", status="issued", by="a", to=["b"]),
    _entry("dismissal", "d1", "2012-02-03", by=["b"], reason="ambiguous", links=["answers:w2"]),
    _entry("request", "r1", "2012-03-01", by=["a"], to=["b"], asked="More.", form="military"),
    _entry("request", "r0", "2010-03-01", by=["a"], to=["b"], asked="More.", form="military"),
    *(
        _entry(
            "commitment", id, "2012-04-01", promisor=["b"], beneficiary=["a"], words="yes",
            visibility="public",
            test="t", deadline=due,
        )
        for id, due in (("near", "2012-06-01"), ("far", "2013-06-01"), ("past", "2012-04-20"))
    ),
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bulletin_has_two_pages_at_most(found: Watch, language: Language) -> None:
    document = bulletin(found, record=RECORD, language=language)  # type: ignore[arg-type]
    assert len(pages(document, dots=30)) <= 2
    assert "{" not in _said(document)


def test_the_files_are_those_the_folder_may_hold(found: Watch, tmp_path: Path) -> None:
    write_bulletin(found, tmp_path)
    assert {f.name for f in tmp_path.iterdir()} == set(FILES)
    first = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    write_bulletin(found, tmp_path)
    assert first == {f.name: f.read_bytes() for f in tmp_path.iterdir()}


def test_answers_are_owed_until_given_and_for_a_year() -> None:
    owed = answers(RECORD, as_of=DAY)  # type: ignore[arg-type]
    assert [(one.entry.id, one.days) for one in owed] == [("w1", 123), ("r1", 63)]


def test_promises_fall_due_or_are_overdue() -> None:
    due = promises(RECORD, as_of=DAY)  # type: ignore[arg-type]
    assert [(one.entry.id, one.days) for one in due] == [("past", -13), ("near", 29)]


def test_without_a_ledger_the_page_says_so(found: Watch) -> None:
    assert "No ledger was read" in _said(bulletin(found))
    assert "No ledger was read" not in _said(bulletin(found, record=()))


def test_old_data_are_said_first(found: Watch) -> None:
    old = dataclasses.replace(found, as_of=dt.date(2013, 1, 1))
    first = bulletin(old).blocks[0]
    assert isinstance(first, Box)
    assert first.style == "warning"


def test_last_month_is_scored_against_the_month_itself(found: Watch) -> None:
    held = review(found.panel, found.earlier)
    assert [one.method for one in held] == [made.method for made in found.forecasts]
    made = found.earlier[0]
    assert made.origin == found.origin - 1
    seen = found.panel.series("total")[:, -1]
    known = made.assessed & found.panel.covered[:, -1]
    chance = (made.draws[:, 0] >= 25).mean(axis=1)[known]
    assert held[0].brier == pytest.approx(float(np.mean((chance - (seen[known] >= 25)) ** 2)))
    assert held[0].month == found.origin
    for one in held[0].missed:
        assert one.deaths > one.high
        assert one.deaths == seen[found.panel.index(one.area)]


def test_the_ranking_is_that_of_the_watch(found: Watch) -> None:
    document = bulletin(found, language="en")
    ranking = next(block for block in document.blocks if isinstance(block, Table))
    assert [row[1] for row in ranking.rows] == [found.country(row).name("en") for row in found.ranked[:15]]
    assert months.label(found.origin + 1) in document.title
