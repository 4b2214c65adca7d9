"""The account: within five pages, in both languages, with a label on what it says and nothing cut off."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from document_texts import texts_of
from replay_world import CASE, METHOD, panel_of, readings_of

from tocsin import areas, revision
from tocsin.bulletin import Figure, Paragraph, Table, html, pages, plain
from tocsin.errors import BadInput, UnknownName
from tocsin.months import Span, parse
from tocsin.panel import Panel
from tocsin.replay import Case, Replay, account, case_of, ground, lagged, read, replay
from tocsin.replay.case import Both, TurningPoint
from tocsin.replay.numbers import points_table, price_table
from tocsin.replay.page import main
from tocsin.replay.tracks import vintaged
from tocsin.text import LANGUAGES, Language, number, say
from tocsin.warn import Rule
from tocsin.watch import current_groups


def _run(case: Case, panel: Panel, rules: tuple[Rule, ...]) -> Replay:
    table = readings_of(panel, rules)
    groups = current_groups(panel.as_of, "figures")
    tracks = lagged(panel, case.lags, rules, groups)
    return replay(
        case, tracks, outcomes=panel, groups=groups, readings=table, method=METHOD, rules=rules, priced=False
    )


@pytest.fixture(scope="module")
def found(case: Case, panel: Panel, rules: tuple[Rule, ...]) -> Replay:
    return _run(case, panel, rules)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_price_that_was_not_asked_for_is_not_told_as_one_that_could_not_be_had(
    found: Replay, language: Language
) -> None:
    not_asked = say("replay.account.price_not_asked", language)
    absent = say("replay.account.price_absent", language)
    assert [block.text for block in price_table(found, language)] == [not_asked]
    asked = dataclasses.replace(found, priced=True)
    assert [block.text for block in price_table(asked, language)] == [absent]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_for_the_documentation_is_in_the_language_asked_for(
    found: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    monkeypatch.setattr("tocsin.replay.page.produce", lambda case, out, method: found)
    file = tmp_path / "page.md"
    main(["mali-2011-2015", str(tmp_path), str(file), found.method, "--lang", language])
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"# {found.case.title.said(language)}\n")
    assert say("replay.account.score_numbers", language) in text
    assert found.tracks[0].said(language) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_has_five_pages_at_most_and_is_whole(found: Replay, language: Language) -> None:
    document = account(found, language)
    assert 1 <= len(pages(document, dots=30)) <= 5
    assert "{" not in texts_of(document)
    text = html(document)
    assert f'lang="{language}"' in text
    _Balanced().feed(text)
    assert account(found, language) == document


class _Balanced(HTMLParser):
    """Fails on a tag that closes what is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "line", "rect", "circle", "path", "polyline", "image", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "circle", "path", "polyline", "image"):
            assert self.open.pop() == tag


def test_the_first_paragraph_says_whether_it_would_have_warned(found: Replay) -> None:
    first = account(found, "en").blocks[0]
    assert isinstance(first, Paragraph)
    leads = [one.lead for one in found.before[0]]
    would = [lead is not None and lead > 0 for lead in leads]
    said = plain(first.text)
    assert ("would not have warned" in said) == (not any(would))
    assert "“The turn” (2012-03)" in said


def test_a_warning_in_advance_is_said_with_its_lead(
    case: Case, deaths: np.ndarray, rules: tuple[Rule, ...]
) -> None:
    loud = deaths.copy()
    loud[0, parse("2011-01") - Span.parse("2004-01").first :, 0] += 60
    turned = _run(case, panel_of(loud), rules)
    first = account(turned, "en").blocks[0]
    assert isinstance(first, Paragraph)
    (row,) = turned.before
    assert row[0].lead is not None
    assert row[0].lead > 0
    assert f"{row[0].lead} months before (reconstructed, lag 1 month)" in first.text
    late = dataclasses.replace(turned, before=((dataclasses.replace(row[0], lead=1), *row[1:]),))
    last = account(late, "en").blocks[0]
    assert isinstance(last, Paragraph)
    assert "one month before (reconstructed, lag 1 month)" in last.text


@pytest.mark.parametrize(("language", "one"), [("en", "1 month"), ("fr", "1 mois")])
def test_a_lead_of_one_month_is_told_in_the_singular_beside_its_turning_point(
    found: Replay, language: Language, one: str
) -> None:
    (row,) = found.before
    late = dataclasses.replace(found, before=(tuple(dataclasses.replace(told, lead=1) for told in row),))
    assert [cells[6] for cells in points_table(late, language).rows] == [f"{one} / {one}"]


def test_a_neighbour_that_has_ended_since_is_told_of_under_its_name(rules: tuple[Rule, ...]) -> None:
    areas_then = (340, 343, 345)
    span = Span.parse("2003-01:2007-12")
    deaths = np.zeros((3, len(span), 3), dtype=np.int32)
    deaths[1, parse("2006-06") - span.first, 0] = 40
    covered = np.array([[one.exists(month) for month in span] for one in map(areas.country, areas_then)])
    panel = dataclasses.replace(
        panel_of(np.zeros((6, 120, 3), dtype=np.int32)), areas=areas_then, span=span, deaths=deaths,
        covered=covered,
    )  # fmt: skip
    made = case_of("MKD", Span.parse("2006-05:2007-01"), panel, lags=(1,), compiled=dt.date(2020, 1, 1))
    tables = [block for block in account(_run(made, panel, rules), "en").blocks if isinstance(block, Table)]
    (beside,) = [one for one in tables if one.header[0] == "Area"]
    assert ("Serbia and Montenegro", "0") in [row[:2] for row in beside.rows]


def test_a_force_that_was_there_before_its_state_is_set_against_the_ground_of_its_first_month(
    panel: Panel, case: Case, rules: tuple[Rule, ...]
) -> None:
    sent = """  - id: sent
    type: deployment
    date: 2012-05
    areas: [SSD]
    force: desk
    strength: 9000
    start: 2005-03
    text: {en: A force is there., fr: Une force est sur place.}
    sources: [paper]
    confidence: high
"""
    made = read((CASE + sent).encode(), "small.yaml")
    south = dataclasses.replace(panel, areas=(*panel.areas[:-1], 626))
    found = _run(dataclasses.replace(made, gw=626, neighbours=()), south, rules)
    assert "Ground in 2011-07" in texts_of(account(found, "en"))


@pytest.mark.parametrize(
    ("language", "next_door", "by_province"),
    [("en", "next door", "by province"), ("fr", "voisin", "par province")],
)
def test_a_country_without_neighbours_has_none_told_of_and_control_is_of_provinces(
    found: Replay, monkeypatch: pytest.MonkeyPatch, language: Language, next_door: str, by_province: str
) -> None:
    """Of an island nothing lies next door; events may be held by cell of a country without provinces here."""
    monkeypatch.setattr(ground, "_held", lambda *_: None)
    island = dataclasses.replace(found, case=dataclasses.replace(found.case, neighbours=()))
    told = [
        texts_of(
            dataclasses.replace(account(found, language), blocks=tuple(ground.neighbours(one, language)))
        )
        for one in (found, island)
    ]
    assert next_door in told[0]
    assert next_door not in told[1]
    (absent,) = ground.control(found, language)
    assert isinstance(absent, Paragraph)
    assert by_province in absent.text


def test_provinces_are_told_of_where_an_event_of_the_last_twelve_months_tells_of_them(
    case: Case, panel: Panel, rules: tuple[Rule, ...]
) -> None:
    """Kidal had events in 2007; six provinces with none would be a choice by the alphabet."""
    one = TurningPoint(month="2008-02", name=Both(en="A turn", fr="Un tournant"))
    early = dataclasses.replace(
        case, span=Span.parse("2008-02:2008-02"), turning_points=(one,), lags=(1,), entries=()
    )
    known = dataclasses.replace(panel, as_of=dt.date(2026, 1, 1))
    table, _ = ground.control(dataclasses.replace(_run(early, panel, rules), outcomes=known), "en")
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["Kidal"]
    assert table.rows[0][1] != "?"


DENIAL = """
  - id: denied
    type: denial
    date: 2012-05
    by: [capital]
    links: ["denies:sworn"]
    text: {en: Nothing was promised., fr: Rien n'a été promis.}
    sources: [paper]
    confidence: high
"""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Standing: **denied**; see the denial, no. 4."),
        ("fr", "État\u00a0: **démenti** ; voir le démenti, n° 4."),
    ],
)
def test_a_promise_that_stands_as_denied_is_not_said_to_be_denied_twice(
    case: Case, panel: Panel, rules: tuple[Rule, ...], language: Language, said: str
) -> None:
    denied = read((CASE.rstrip() + DENIAL).encode(), "small.yaml")
    made = account(_run(dataclasses.replace(case, entries=denied.entries), panel, rules), language)
    assert said in texts_of(made)


def test_the_figure_numbers_every_entry_of_the_record(found: Replay) -> None:
    document = account(found, "en")
    (figure,) = [block for block in document.blocks if isinstance(block, Figure)]
    record = [block for block in document.blocks if isinstance(block, Table)][-1]
    numbers = [row[0] for row in record.rows]
    assert numbers == ["1", "2", "3"]
    for label in numbers:
        assert re.search(rf">{label}</text>", figure.svg)
    height = float(re.search(r'viewBox="0 0 1000 ([\d.]+)"', figure.svg)[1])  # type: ignore[index]
    placed = [(float(x), float(y)) for x, y in re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)"', figure.svg)]
    assert all(0 <= x <= 1000 and 0 <= y <= height for x, y in placed)


def test_scores_are_those_of_the_probabilities_that_were_told(found: Replay) -> None:
    track = found.tracks[0].name
    told, came = [], []
    for step in found.steps:
        seen = found.outcomes.series("total")[0]
        first = step.month - found.outcomes.span.first
        told.append(step.of(track)["ahead"]["probability"])
        came.append(float(seen[first : first + 3].sum() >= 25))
    expected = float(np.mean((np.array(told) - np.array(came)) ** 2))
    assert found.verdicts[0].brier == pytest.approx(expected)


def test_scores_that_read_as_equal_are_not_told_as_beaten(found: Replay) -> None:
    first, second = found.verdicts
    near = dataclasses.replace(second, brier=0.83501, beside=0.83502)
    won = dataclasses.replace(first, brier=0.3, beside=0.4)
    told = plain(texts_of(account(dataclasses.replace(found, verdicts=(won, near), method="last"), "en")))
    assert "under some of these assumptions only: Brier 0.300 against 0.400" in told


def test_the_promise_stands_as_denied_or_open_and_the_dismissal_beside_what_followed(found: Replay) -> None:
    text = texts_of(account(found, "en"))
    assert "Standing: **overdue, nothing recorded**" in text
    (refusal,) = found.said.refusals
    assert refusal.reason == "hyperbolic"


def test_the_scorecard_counts_around_an_entry_as_hindsight_does(
    case: Case, panel: Panel, rules: tuple[Rule, ...]
) -> None:
    wide = read(CASE.replace("date: 2012-02\n", "date: 2012-01/2012-03\n").encode(), "small.yaml")
    made = _run(dataclasses.replace(case, entries=wide.entries), panel, rules)
    (refusal,) = made.said.refusals
    series = panel.series("total")[0]
    first, last = parse("2012-01") - panel.span.first, parse("2012-03") - panel.span.first
    spans = (first - 12, first), (last, last + 3), (last, last + 12)
    expected = tuple(int(series[start:end].sum()) for start, end in spans)
    held = refusal.followed
    assert (held.before, held.after_3, held.after_12) == expected
    rows = [row for block in account(made, "en").blocks if isinstance(block, Table) for row in block.rows]
    (row,) = [row for row in rows if row[1] == "dismissal, 2012-01 to 2012-03"]
    assert row[4:7] == tuple(number(count, "en") for count in expected)


AGREEMENT = """
  - id: truce
    type: agreement
    date: 2012-04
    title: A truce
    parties: [capital, desk]
    text: {en: A truce is signed., fr: Une trêve est signée.}
    sources: [paper]
    confidence: high
"""


@pytest.mark.parametrize(("language", "mark"), [("en", "“?”"), ("fr", "«\u00a0?\u00a0»")])
def test_the_mark_of_parties_that_the_data_do_not_know_is_told_under_their_table(
    case: Case, panel: Panel, rules: tuple[Rule, ...], language: Language, mark: str
) -> None:
    signed = read((CASE.rstrip() + AGREEMENT).encode(), "small.yaml")
    made = account(_run(dataclasses.replace(case, entries=signed.entries), panel, rules), language)
    place, table = next(
        (place, block)
        for place, block in enumerate(made.blocks)
        if isinstance(block, Table) and "2012-04" in (block.caption or "")
    )
    assert {cell for row in table.rows for cell in row[2:]} == {"?"}
    note = made.blocks[place + 1]
    assert isinstance(note, Paragraph)
    assert mark in note.text


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "known one month after its end. Real", "known 1 and 7 months after its end, and is given"),
        (
            "fr",
            "connu un mois après sa fin. De vraies",
            "connu 1 et 7 mois après sa fin. Les nombres sont donnés",
        ),
    ],
)
def test_the_lags_are_told_as_one_or_as_several(
    case: Case, panel: Panel, rules: tuple[Rule, ...], found: Replay, language: Language, one: str,
    several: str,
) -> None:  # fmt: skip
    single = texts_of(account(_run(dataclasses.replace(case, lags=(1,)), panel, rules), language))
    both = texts_of(account(found, language))
    assert one in single
    assert several in both
    for words in ("9% / 12%", "9 % / 12 %", "1 months"):
        assert words not in plain(single)


@pytest.mark.parametrize(("language", "one"), [("en", "In 1 of the 2 months"), ("fr", "Pour 1 mois sur 2")])
def test_months_without_a_revision_are_counted_under_the_name_that_promises_one(
    panel: Panel, rules: tuple[Rule, ...], language: Language, one: str
) -> None:
    day = dt.date(2026, 6, 25)
    triangle = revision.shipped(432, as_of=day)
    outcomes = triangle.panel(day)
    # Until the vintage of 25 August 2025 fewer than five months had settled.
    made = case_of("Mali", Span.parse("2025-08:2025-09"), outcomes, compiled=day)
    table = readings_of(panel, rules)
    walked = replay(
        dataclasses.replace(made, turning_points=()), vintaged(triangle), outcomes=outcomes, groups=None,
        readings=table, method=METHOD, rules=rules, priced=False,
    )  # fmt: skip
    assert one in texts_of(account(walked, language))


def test_a_span_that_begins_with_the_data_is_told_month_by_month(
    case: Case, panel: Panel, rules: tuple[Rule, ...]
) -> None:
    span = Span.parse("2004-01:2004-06")
    name = Both(en="A turn", fr="Un tournant")
    points = tuple(TurningPoint(month=month, name=name) for month in ("2004-01", "2004-03"))
    begun = _run(dataclasses.replace(case, span=span, turning_points=points, entries=()), panel, rules)
    assert [step.month for step in begun.steps] == list(span)
    assert [facts["assessed"] for facts in begun.facts(span.first)] == [False, False]
    assert [facts["on"] for facts in begun.facts(points[1].id)] == ["2004-03-01"] * 2
    for language in LANGUAGES:
        texts = texts_of(account(begun, language))
        assert "{" not in texts
        # The first turn stood before anything was known.
        assert say("replay.account.verdict_unassessed", language) in texts
    first, second = points_table(begun, "en").rows
    assert (first[2:6], second[2]) == (("2004-01", "? / ?", "? / ?", "? / ?"), "2004-03")
    # Lag 1: January is known in March, and Mali's months are all without deaths.
    assert second[5] == "0 (0–0) / ?"


def test_whoever_was_beside_a_country_in_a_month_of_the_span_is_a_neighbour(panel: Panel) -> None:
    made = case_of("Sudan", Span.parse("2011-05:2011-09"), panel, compiled=dt.date(2020, 1, 1))
    assert {490, 500, 501, 626} < set(made.neighbours)
    late = case_of("South Sudan", Span.parse("2011-05:2011-09"), panel, compiled=dt.date(2020, 1, 1))
    assert late.neighbours == areas.neighbours(626, month=parse("2011-09"))


def test_a_country_and_a_span_make_a_case(panel: Panel, rules: tuple[Rule, ...]) -> None:
    made = case_of("Mali", Span.parse("2011-06:2012-12"), panel, lags=(1,), compiled=dt.date(2020, 1, 1))
    assert (made.gw, made.name, made.entries) == (432, "mli-2011-06-2012-12", ())
    assert [point.name.said("fr") for point in made.turning_points][-1].endswith("2012")
    assert "are the deadliest three months" in made.limits[0].en
    # What follows the last months of the data is not known: of them none is the deadliest.
    ends = case_of("Mali", Span(panel.span.last - 1, panel.span.last), panel, compiled=dt.date(2020, 1, 1))
    assert ends.turning_points == ()
    assert "no turning point was chosen" in ends.limits[0].en
    short = dataclasses.replace(made, span=Span.parse("2012-10:2012-12"), turning_points=())
    document = account(_run(short, panel, rules), "fr")
    assert len(pages(document, dots=30)) <= 5
    with pytest.raises(UnknownName):
        case_of("Atlantis", Span.parse("2011-06:2012-12"), panel, compiled=dt.date(2020, 1, 1))
    with pytest.raises(BadInput):
        case_of("Mali", Span.parse("2011-06:2012-12"), panel, lags=(), compiled=dt.date(2020, 1, 1))
