"""The monthly bulletin: two pages, both languages, and what it says is so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from document_texts import texts_of
from rich.console import Console

from tocsin import areas, figures, forecast, months, warn
from tocsin.bulletin import Box, Paragraph, Table, pages
from tocsin.kinds import KINDS
from tocsin.ledger import Entry, Ledger, entry
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.text import LANGUAGES, Language, catalogue, rooms, say, set_language
from tocsin.watch import Alerts, Row, Watch, bulletin, screen, watch
from tocsin.watch.edition import FILES, write_bulletin
from tocsin.watch.owed import answers, promises
from tocsin.watch.review import review
from tocsin.watch.words import deaths, lies_above, points, shortened

DAY = dt.date(2012, 5, 3)


@pytest.fixture(scope="module")
def found() -> Watch:
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).known(DAY, 1)
    return watch(panel, as_of=DAY, methods=("no-learning", "conflictology-12"))


def _entry(kind: str, id: str, date: str, **more: object) -> object:
    return entry(
        **{
            "type": kind, "id": id, "date": date, "areas": ["MLI"], "text": "Text.", "language": "en",
            "author": "a", "confidence": "high", "sources": ["s"], **more,
        }
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
    assert "{" not in texts_of(document)


def test_the_files_are_those_the_folder_may_hold(found: Watch, tmp_path: Path) -> None:
    write_bulletin(found, tmp_path)
    assert {f.name for f in tmp_path.iterdir()} == set(FILES)
    first = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    write_bulletin(found, tmp_path)
    assert first == {f.name: f.read_bytes() for f in tmp_path.iterdir()}


def test_answers_are_owed_until_given_and_for_a_year() -> None:
    owed = answers(RECORD, as_of=DAY)  # type: ignore[arg-type]
    assert [(one.entry.id, one.days) for one in owed] == [("w1", 123), ("r1", 63)]
    assert answers(RECORD[::-1], as_of=DAY) == owed  # type: ignore[arg-type]
    # On the day itself it is waited for too.
    assert [one.days for one in answers(RECORD[:1], as_of=dt.date(2012, 1, 1))] == [0]  # type: ignore[arg-type]


def test_an_update_of_a_warning_is_no_answer_to_it() -> None:
    update = _entry("warning", "u1", "2012-03-01", status="updated", by="a", to=["b"], links=["updates:w1"])
    owed = answers((*RECORD, update), as_of=DAY)  # type: ignore[arg-type]
    assert [(one.entry.id, one.days) for one in owed] == [("w1", 123), ("r1", 63)]


@pytest.mark.parametrize(
    "last",
    [
        _entry("warning", "e1", "2012-04-01", status="expired", by="a", to=["b"], links=["updates:u1"]),
        _entry("dismissal", "e1", "2012-04-01", by=["b"], reason="ambiguous", links=["answers:u1"]),
    ],
    ids=["ended", "answered"],
)
def test_what_ends_or_answers_an_update_ends_or_answers_its_warning(last: object) -> None:
    update = _entry("warning", "u1", "2012-03-01", status="updated", by="a", to=["b"], links=["updates:w1"])
    owed = answers((*RECORD, update, last), as_of=DAY)  # type: ignore[arg-type]
    assert [one.entry.id for one in owed] == ["r1"]


def test_an_answer_is_waited_for_to_the_last_day_of_a_year() -> None:
    held = {day: answers(RECORD[:1], as_of=day) for day in (dt.date(2013, 1, 1), dt.date(2013, 1, 2))}  # type: ignore[arg-type]
    assert [[one.entry.id for one in owed] for owed in held.values()] == [["w1"], []]


def test_an_outcome_answers_a_request() -> None:
    done = _entry("outcome", "o1", "2012-04-01", result="succeeded", links=["resolves:r1"])
    assert [one.entry.id for one in answers((*RECORD, done), as_of=DAY)] == ["w1"]  # type: ignore[arg-type]


def test_what_is_recorded_of_a_later_day_changes_nothing_owed_before_it() -> None:
    later = _entry("warning", "c1", "2012-06-10", status="cancelled", by="a", to=["b"], links=["updates:w1"])
    assert answers((*RECORD, later), as_of=DAY) == answers(RECORD, as_of=DAY)  # type: ignore[arg-type]
    ended = answers((*RECORD, later), as_of=dt.date(2012, 6, 10))  # type: ignore[arg-type]
    assert [one.entry.id for one in ended] == ["r1"]


@pytest.mark.parametrize(("tongue", "told"), [("fr", "Un\xa0texte."), ("ar", "Text.")])
def test_an_entry_is_told_in_the_language_of_the_page_or_in_its_own(
    found: Watch, tongue: str, told: str
) -> None:
    more = {"translation": {"language": tongue, "text": "Un\xa0texte."}}
    record = (_entry("warning", "w1", "2012-01-01", status="issued", by="a", to=["b"], **more),)
    document = bulletin(found, record=record, language="fr")  # type: ignore[arg-type]
    assert ("123", "b", told) in {
        row for block in document.blocks if isinstance(block, Table) for row in block.rows
    }


@pytest.mark.parametrize("text", ["word " * 100, "x" * 500, "x" * 50 + " " + "y" * 500, "x" * 219 + " y z"])
def test_a_long_text_is_cut_after_a_word_where_there_is_one(text: str) -> None:
    cut = shortened(text, 220)
    assert len(cut) <= 220
    assert cut.endswith(" …")
    kept = cut.removesuffix(" …")
    assert kept
    assert text.startswith(kept)
    assert " " not in text[:219] or text[len(kept)] == " "


def test_promises_fall_due_or_are_overdue() -> None:
    due = promises(RECORD, as_of=DAY)  # type: ignore[arg-type]
    assert [(one.entry.id, one.days) for one in due] == [("past", -13), ("near", 29)]


@pytest.mark.parametrize(
    ("day", "ids"),
    [
        ("2013-02-28", ["past", "near"]), ("2013-03-01", ["past", "near", "far"]),
        ("2013-04-21", ["past", "near", "far"]), ("2013-04-22", ["near", "far"]),
    ],
)  # fmt: skip
def test_promises_are_told_from_three_months_before_their_day_to_a_year_after(
    day: str, ids: list[str]
) -> None:
    due = promises(RECORD, as_of=dt.date.fromisoformat(day))  # type: ignore[arg-type]
    assert [one.entry.id for one in due] == ids


def test_a_promise_that_is_kept_is_owed_no_more_and_one_without_a_deadline_at_its_review() -> None:
    kept = _entry("fulfilment", "f1", "2012-05-01", by="b", extent="full", links=["fulfils:near"])
    reviewed = _entry(
        "commitment", "open-ended", "2012-04-01", promisor=["b"], beneficiary=["a"], words="yes",
        visibility="public", test="t", review="2012-05-13",
    )  # fmt: skip
    due = promises((kept, *RECORD, reviewed), as_of=DAY)  # type: ignore[arg-type]
    assert [(one.entry.id, one.days) for one in due] == [("past", -13), ("open-ended", 10)]


def test_a_promise_that_is_denied_is_still_owed() -> None:
    denied = _entry("denial", "n1", "2012-04-15", by="c", links=["denies:near"])
    due = promises((*RECORD, denied), as_of=DAY)  # type: ignore[arg-type]
    assert [one.entry.id for one in due] == ["past", "near"]


def test_without_a_ledger_the_page_says_so(found: Watch) -> None:
    assert "No ledger was read" in texts_of(bulletin(found))
    assert "No ledger was read" not in texts_of(bulletin(found, record=()))


@pytest.mark.parametrize(("count", "told"), [(23, True), (24, False)])
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "All countries: months of data up to 2011-12"), ("fr", "Tous les pays\u00a0: mois")],
)
def test_a_ranking_on_few_months_says_how_little_it_rests_on(
    panel: Panel, language: Language, said: str, count: int, told: bool
) -> None:
    held = Span(panel.span.last - count + 1, panel.span.last)
    short = dataclasses.replace(
        panel, span=held, deaths=panel.deaths[:, -count:], covered=panel.covered[:, -count:]
    )
    made = watch(short, as_of=dt.date(2012, 1, 15), methods=("conflictology-12",))
    page = " ".join(
        block.text for block in bulletin(made, language=language).blocks if isinstance(block, Paragraph)
    )
    shown = io.StringIO()
    Console(file=shown, width=200).print(screen(made, width=200, language=language))
    assert [said in page, said in shown.getvalue()] == [told, told]


@pytest.mark.parametrize(
    ("language", "said", "gap"),
    [
        (
            "en",
            "Ranked on fewer than 24 months of data up to 2011-12 (2): Mali, South Sudan.",
            "covers: 2011-10:2011-11.",
        ),
        (
            "fr",
            "Classés d'après moins de 24 mois de données jusqu'à 2011-12 (2)",
            "couvre\u00a0: 2011-10:2011-11.",
        ),
    ],
)
def test_countries_of_which_few_months_are_known_are_named_beside_those_known_well(
    panel: Panel, language: Language, said: str, gap: str
) -> None:
    """A month of every country after a gap makes a ranking: one month of zeros must not pass for calm."""
    covered = panel.covered.copy()
    covered[:, -3:-1] = False
    covered[panel.index(432), :-1] = False
    known = dataclasses.replace(panel, deaths=panel.deaths * covered[:, :, None], covered=covered)
    made = watch(known, as_of=dt.date(2012, 1, 15), methods=("conflictology-12",))
    assert made.summary()["few_months"] == {"432": 1, "626": 4}
    page = texts_of(bulletin(made, language=language))
    shown = io.StringIO()
    Console(file=shown, width=500).print(screen(made, width=100, language=language))
    count = say("watch.few", language, count=2, least=24)
    assert all(text in page for text in (said, gap, count))
    assert all(text in shown.getvalue() for text in (said, gap, count))


def test_old_data_are_said_first(found: Watch) -> None:
    old = dataclasses.replace(found, as_of=dt.date(2013, 1, 1))
    first = bulletin(old).blocks[0]
    assert isinstance(first, Box)
    assert first.style == "warning"


@pytest.fixture
def either() -> Iterator[None]:
    """Leave the language as other tests expect it."""
    yield
    set_language("en")


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("run", LANGUAGES)
def test_no_edition_holds_a_sentence_of_the_other_language(
    run: Language, panel: Panel, tmp_path: Path
) -> None:
    set_language(run)
    late = dt.date(2013, 5, 3)
    alerts = Alerts(tmp_path, warn.built_in())
    found = watch(panel, as_of=late, methods=("no-learning", "conflictology-12"), alerts=alerts)
    assert found.alerted is not None
    told = {"month": months.label(found.origin), "age": found.age, "most": 60, "as_of": late.isoformat()}
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        stream = io.StringIO()
        Console(file=stream, width=400).print(screen(found, width=400, language=language))
        page = texts_of(bulletin(found, language=language))
        assert "`" not in page
        for said in (page.replace("**", "`"), stream.getvalue()):
            assert say("warn.stale", language, **told) in said
            # A command is the same in both.
            strange = set(_phrases(other)) - set(_phrases(language))
            assert [part for part in strange if part in said] == []
    assert found.alerted.to_dict()["refused"] == say("warn.stale", run, **told)


def _phrases(language: Language) -> list[str]:
    """Return the longer pieces between the fields of every sentence of one language."""
    sentences = [text for room in rooms(language) for text in catalogue(language, room).values()]
    pieces = [piece for text in sentences for piece in re.split(r"\{[^{}]*\}|\n", text)]
    return [piece for piece in pieces if len(piece) >= 20]


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


def test_a_review_is_what_counting_gives_over_the_countries_whose_month_is_known() -> None:
    gws, came = (432, 433, 434, 435, 436, 437), [[0, 0], [0, 10], [0, 25], [0, 36], [0, 2], [0, 0]]
    counts, covered = np.zeros((6, 2, 3), dtype=np.int32), np.ones((6, 2), dtype=np.bool_)
    counts[:, :, 0], covered[5, 1] = came, False
    panel = Panel(
        level="country", scheme="gw", areas=gws, span=Span.parse("2012-01:2012-02"), kinds=KINDS,
        deaths=counts, covered=covered, as_of=dt.date(2012, 3, 1), releases=("a release",),
    )  # fmt: skip
    # Of the second country every number from 0 to 9 is as likely, of each of the others one is certain.
    draws = np.zeros((6, 1, 1000), dtype=np.int32)
    draws[1, 0], draws[2:, 0] = np.arange(1000) % 10, [[5], [26], [1], [7]]
    made = forecast.Forecast(
        level="country", scheme="gw", areas=gws, origin=panel.span.first, steps=(1,), target="total",
        method="made-up", draws=draws, assessed=np.ones(6, dtype=np.bool_), inputs="none",
    )  # fmt: skip
    (one,) = review(panel, [made])
    assert (one.method, one.month, one.areas, one.held) == ("made-up", panel.span.last, 5, 0.2)
    # |x - y| for what is certain; 5.5 away on average, less half the 3.3 between two draws, for the second.
    assert one.crps == pytest.approx((0 + (5.5 - 3.3 / 2) + 20 + 10 + 1) / 5)
    assert one.brier == pytest.approx(1 / 5)
    missed = [(m.area, m.expected, m.low, m.high, m.deaths) for m in one.missed]
    assert missed[:2] == [(434, 5, 5, 5, 25), (435, 26, 26, 26, 36)]
    assert missed[2] == (433, 4.5, pytest.approx(0.9), pytest.approx(8.1), 10)
    assert len(missed) == 3
    (calm,) = review(panel, [made.only(gws[:1])])
    assert (calm.areas, calm.crps, calm.held, calm.missed) == (1, 0, 1, ())
    # From another month, or where none of its countries is known by now, it is not scored.
    assert review(panel, [dataclasses.replace(made, origin=panel.span.last)]) == ()
    assert review(panel, [dataclasses.replace(made, assessed=np.array([False] * 5 + [True]))]) == ()


def test_the_ranking_is_that_of_the_watch(found: Watch) -> None:
    document = bulletin(found, language="en")
    ranking = next(block for block in document.blocks if isinstance(block, Table))
    assert [row[1] for row in ranking.rows] == [found.country(row).name("en") for row in found.ranked[:15]]
    assert months.label(found.origin + 1) in document.title


def test_the_first_sentence_names_the_first_of_the_ranking_as_that(found: Watch) -> None:
    first, second = found.ranked[:2]
    rows = (
        dataclasses.replace(first, probability=0.996, expected=765.31),
        dataclasses.replace(second, probability=1.0, expected=300.0), *found.rows[2:],
    )  # fmt: skip
    lead = bulletin(dataclasses.replace(found, rows=rows), language="en").blocks[0]
    assert isinstance(lead, Paragraph)
    assert f"{found.country(first).name('en')} ranks first (chance >99%, 770 deaths expected)" in lead.text


@pytest.mark.parametrize(
    ("expected", "said"), [(40.0, True), (30.4, False)], ids=["above its interval", "as its end"]
)
def test_a_mean_above_its_interval_is_explained_below_the_ranking(
    found: Watch, expected: float, said: bool
) -> None:
    rows = tuple(dataclasses.replace(row, expected=20.0, high=30.0) for row in found.ranked)
    last = dataclasses.replace(rows[14], expected=expected)
    changed = dataclasses.replace(found, rows=(*rows[:14], last, *rows[15:]))
    notes = [block.text for block in bulletin(changed, language="en").blocks if isinstance(block, Paragraph)]
    shown = io.StringIO()
    Console(file=shown, width=200).print(screen(changed, top=15, width=200, language="en"))
    told = say("reasons.rare_among", "en")
    assert [any(told in note for note in notes), told in shown.getvalue()] == [said, said]


def test_a_mean_lies_above_its_interval_where_it_is_told_so() -> None:
    assert lies_above(111.3, 79.0)
    assert lies_above(1.6, 0.0)
    assert not lies_above(10.3, 10.0)
    assert not lies_above(1.4, 0.0)
    assert not lies_above(None, None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(765.31, "770"), (674.8, "670"), (99.6, "100"), (12.4, "12"), (0.3, "0.3"), (0.01, "<0.1"), (0, "0")],
)
def test_deaths_are_rounded_once(value: float, shown: str) -> None:
    assert deaths(value, "en") == shown


def test_a_warning_to_nobody_is_owed_an_answer_by_nobody_that_is_named(found: Watch) -> None:
    record = (
        _entry("warning", "w1", "2012-01-01", status="issued", by="Duty desk", text="Headline.\nThe rest."),
    )
    document = bulletin(found, record=record, language="en")  # type: ignore[arg-type]
    assert ("123", say("bulletin.nobody_named", "en"), "Headline.") in {
        row for block in document.blocks if isinstance(block, Table) for row in block.rows
    }


def _changes(found: Watch, language: Language) -> dict[str, tuple[str, ...]]:
    """Return the lines of what changed, by country."""
    heading = say("bulletin.col_why", language)
    tables = [block for block in bulletin(found, language=language).blocks if isinstance(block, Table)]
    return {row[0]: row for table in tables if heading in table.header for row in table.rows}


def _changed(found: Watch, row: Row, **changes: object) -> tuple[Watch, Row]:
    """Return the watch with one of its rows changed, and that row."""
    made = dataclasses.replace(row, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(found, rows=tuple(made if one is row else one for one in found.rows)), made


def test_the_bulletin_tells_a_change_as_the_screen_and_the_table_do(found: Watch) -> None:
    changed, row = _changed(found, found.rises[0], before=0.753, probability=0.895, change=0.142)
    line = _changes(changed, "en")[changed.country(row).name("en")]
    assert line[1:4] == ("75%", "90%", points(0.142, "en")) == ("75%", "90%", "+14")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("deaths", "change", "against"),
    [((37, 18), 0.9, True), ((18, 37), 0.9, False), ((4, 16), -0.9, True), ((16, 4), -0.9, False),
     ((8, 8), 0.9, False)],
)  # fmt: skip
def test_deaths_that_move_against_a_change_are_said_to(
    found: Watch, deaths: tuple[int, int], change: float, against: bool, language: Language
) -> None:
    first = found.rises[0]
    changed, row = _changed(found, first, history=(*first.history[:-2], *deaths), change=change)
    why = _changes(changed, language)[changed.country(row).name(language)][-1]
    told = {"before": deaths[0], "now": deaths[1], "month": months.label(found.origin)}
    assert why.startswith(say("bulletin.why_own", language, **told))
    assert (say("bulletin.why_against", language) in why) is against


def test_deaths_next_door_are_told_with_those_of_the_month_before(found: Watch) -> None:
    row = found.rises[0]
    beside = areas.neighbours(int(row.area), month=found.origin)
    near = next(one for one in found.rows if one.area in beside)
    changed, near = _changed(found, near, history=(*near.history[:-2], 7, 9), recent=99_999)
    told = {"country": found.country(near).name("en"), "now": 9, "before": 7}
    assert _changes(changed, "en")[found.country(row).name("en")][-1].endswith(
        say("bulletin.why_beside", "en", **told)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_month_before_that_is_not_covered_is_said_and_not_taken_for_calm(
    panel: Panel, language: Language
) -> None:
    first = watch(panel, as_of=dt.date(2012, 1, 15), origin=panel.span.first, methods=("no-learning",))
    page = texts_of(bulletin(first, language=language))
    assert say("bulletin.lead_still", language) not in page
    assert say("bulletin.no_change", language) not in page
    assert page.count(say("watch.no_before", language, month="2008-12")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_that_could_not_be_asked_are_told_beside_the_warnings(
    panel: Panel, tmp_path: Path, language: Language
) -> None:
    alerts = Alerts(tmp_path, warn.built_in())
    held = watch(panel, as_of=dt.date(2012, 1, 15), methods=("no-learning",), alerts=alerts)
    assert held.alerted is not None
    told = "".join(held.alerted.remarks(language))
    assert told
    assert told in texts_of(bulletin(held, language=language))


def test_what_another_home_issued_first_is_told_beside_the_warnings_and_all_else_is_written(
    panel: Panel, tmp_path: Path
) -> None:
    rule = warn.Rule(
        name="plain", threshold=25, window=3, trigger=0.5, cancel=0.3, titles=("Plain", "Simple")
    )
    for who in ("a", "b", "b"):
        home = tmp_path / who
        alerts = Alerts(home, (rule,), f"Desk {who}", lambda: Ledger.open(tmp_path / "shared.sqlite"))
        out = None if who == "a" else home / "out"
        held = watch(panel, as_of=dt.date(2012, 1, 15), methods=("conflictology-12",), alerts=alerts, out=out)
        assert held.alerted is not None
        if who == "a":
            issued = [message.id for message in held.alerted.messages]
            assert issued
            assert held.alerted.unrecorded is None
            continue
        assert (held.alerted.messages, held.alerted.shown) == ((), ())
        assert held.alerted.unrecorded is not None
        assert held.alerted.recorded == 0
        for language, other in (("en", "another home"), ("fr", "une autre installation")):
            told = held.alerted.unrecorded.message(language)
            assert other in told
            stream = io.StringIO()
            Console(file=stream, width=100).print(screen(held, width=100, language=language))
            for text in (told, texts_of(bulletin(held, language=language)), stream.getvalue()):
                assert all(id in text for id in issued)
        assert (home / "out" / "ranking.csv").exists()
        assert json.loads((home / "out" / "warnings.json").read_text(encoding="utf-8")) == []


def test_what_this_watch_issues_is_among_what_its_bulletin_says_is_unanswered(
    panel: Panel, tmp_path: Path
) -> None:
    place, day = tmp_path / "ledger.sqlite", dt.date(2012, 1, 15)

    def record() -> list[Entry]:
        with Ledger.open(place) as ledger:
            return ledger.uncorrected(day)

    alerts = Alerts(tmp_path, warn.built_in(), "Desk", lambda: Ledger.open(place))
    held = watch(
        panel, as_of=day, methods=("conflictology-12",), alerts=alerts, record=record, out=tmp_path / "out"
    )
    assert held.alerted is not None
    assert held.alerted.recorded > 0
    page = (tmp_path / "out" / "bulletin.en.html").read_text(encoding="utf-8")
    assert say("bulletin.owed_answers", "en", count=held.alerted.recorded) in page
    assert say("bulletin.none_answers", "en") not in page
