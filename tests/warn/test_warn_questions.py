from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest
from warn_panels import FIRST, MALI, NIGER, SENEGAL, panel_of, rule

from tocsin import figures, forecast, months, warn
from tocsin.errors import BadInput, NotAssessed
from tocsin.months import Span
from tocsin.warn import places
from tocsin.warn.questions import NOT_ASSESSED, TRUE, outcomes, rest, settled

QUIET = [0] * 12


def test_a_plain_question_is_settled_by_counting() -> None:
    panel = panel_of({MALI: [*QUIET, 10, 10, 5, 0], SENEGAL: [*QUIET, 10, 10, 4, 0]})
    origin = FIRST + 11
    assert warn.resolve(rule(), panel, MALI, origin) == "came_true"
    assert warn.resolve(rule(), panel, SENEGAL, origin) == "did_not"
    assert warn.resolve(rule(), panel.until(FIRST + 13), SENEGAL, origin) == "open"
    assert warn.resolve(rule(), panel.until(FIRST + 13), MALI, origin) == "open"
    assert warn.resolve(rule(threshold=20), panel.until(FIRST + 13), MALI, origin) == "came_true"
    assert warn.resolve(rule(), panel.until(origin), MALI, origin) == "open"


@pytest.mark.parametrize("origin", [FIRST - 40, FIRST - 1, FIRST + 15])
def test_a_month_that_the_panel_does_not_hold_is_no_origin(origin: int) -> None:
    panel = panel_of({MALI: [*QUIET, 10, 10, 5]})
    for asked in (lambda: warn.ask(rule(), panel, origin), lambda: warn.resolve(rule(), panel, MALI, origin)):
        with pytest.raises(NotAssessed, match=rf"{months.label(origin)} lies outside the data \(2009-01:"):
            asked()


@pytest.mark.parametrize(("origin", "answer"), [(FIRST - 30, "not_assessed"), (FIRST - 2, "came_true")])
def test_a_month_of_a_question_before_the_data_is_not_covered(origin: int, answer: str) -> None:
    evidence = warn.Evidence(panel_of({MALI: [0, 30, *[50] * 20]}), {})
    one = rule(window=12)
    assert evidence.answer(one, MALI, origin, 30) == answer
    assert list(evidence.passed(one, MALI, FIRST - 2)[1]) == [False, *[True] * 11]
    assert not evidence.closed(one, MALI, origin)


def test_the_month_in_which_it_came_true_is_counted_from_the_first_of_the_window() -> None:
    deaths = np.array([[30, 0, 0], [10, 15, 0], [10, 0, 15], [0, 0, 0]])
    assert list(settled(deaths, np.ones(deaths.shape, dtype=np.bool_), 25, 3)[1]) == [1, 2, 3, 0]


def test_months_that_are_not_covered_are_not_calm() -> None:
    series = {MALI: [*QUIET, 0, 0, 0], SENEGAL: [*QUIET, 0, 30, 0], NIGER: [*QUIET, 0, 0, 0]}
    panel = panel_of(series, uncovered={MALI: slice(13, 14), SENEGAL: slice(12, 13), NIGER: slice(11, 12)})
    origin = FIRST + 11
    assert warn.resolve(rule(), panel, MALI, origin) == "not_assessed"
    assert warn.resolve(rule(), panel, SENEGAL, origin) == "came_true"
    assert warn.resolve(rule(), panel, NIGER, origin) == "not_assessed"
    onset = rule(quiet_months=12)
    held = panel_of(series, uncovered={MALI: slice(5, 6)})
    assert warn.resolve(onset, held, MALI, origin) == "not_assessed"
    assert warn.resolve(onset, held, SENEGAL, origin) == "came_true"


def test_onset_is_only_asked_of_the_quiet() -> None:
    panel = panel_of({MALI: [*QUIET[:-1], 1, 0, 30, 0], SENEGAL: [*QUIET, 0, 30, 0]})
    asked = warn.ask(rule(quiet_months=12), panel, FIRST + 11)
    assert [list(told) for told in outcomes(asked, panel)] == [[NOT_ASSESSED, TRUE], [0, 2]]
    assert list(asked.applies) == [False, True]
    assert list(asked.assessed) == [True, True]
    assert warn.resolve(rule(quiet_months=12), panel, MALI, FIRST + 11) == "not_assessed"


def test_fewer_months_of_data_than_have_to_be_quiet_are_not_quiet() -> None:
    panel = panel_of({MALI: [*QUIET, 30, 0, 0]})
    found = [warn.resolve(rule(quiet_months=12), panel, MALI, FIRST + month) for month in (10, 11)]
    assert found == ["not_assessed", "came_true"]


def test_escalation_needs_both_its_thresholds() -> None:
    mean_20, mean_10 = [20] * 12, [10] * 12
    panel = panel_of(
        {MALI: [*mean_20, 119, 0, 0], SENEGAL: [*mean_10, 100, 0, 0], NIGER: [*mean_20, 120, 0, 0]}
    )
    escalation = rule(threshold=100, times_mean=2.0)
    asked = warn.ask(escalation, panel, FIRST + 11)
    assert list(asked.needed) == [120, 100, 120]
    answers = [warn.resolve(escalation, panel, area, FIRST + 11) for area in (MALI, SENEGAL, NIGER)]
    assert answers == ["did_not", "came_true", "came_true"]


def test_a_mean_that_is_no_binary_fraction_asks_for_no_death_too_many() -> None:
    # 14 deaths in 12 months: 1.2 x 5 x 14 / 12 is 7 exactly, and a little more in binary.
    panel = panel_of({MALI: [14, *[0] * 11, 7, 0, 0]})
    assert warn.ask(rule(threshold=1, times_mean=1.2, window=5), panel, FIRST + 11).needed[0] == 7


def test_the_mean_is_that_of_the_months_that_are_covered() -> None:
    panel = panel_of({MALI: [20] * 12}, uncovered={MALI: slice(0, 11)})
    assert warn.ask(rule(threshold=1, times_mean=2.0), panel, FIRST + 11).needed[0] == 120


def test_chances_are_shares_of_summed_draws() -> None:
    panel = panel_of({MALI: [5, 40] * 12, SENEGAL: [0] * 24}, uncovered={SENEGAL: slice(23, 24)})
    said = forecast.fit(panel, origin=panel.span.last, target="total", method="conflictology-12").predict(
        range(1, 4)
    )
    totals = np.sort(said.draws[0].sum(axis=0))
    needed = int(totals[totals.size // 2])
    asked = warn.ask(rule(threshold=needed), panel, panel.span.last)
    chances = warn.chance(asked, said)
    assert chances[0] == (totals >= needed).mean()
    assert np.isnan(chances[1])
    unsaid = dataclasses.replace(said, assessed=np.zeros_like(said.assessed))
    assert np.isnan(warn.chance(asked, unsaid)).all()
    still = {"needed": needed, "sofar": 10, "last": panel.span.last + 2}
    assert rest(said, MALI, **still) == (10 + said.draws[0, :2].sum(axis=0) >= needed).mean()
    assert rest(unsaid, MALI, **still) is None
    with pytest.raises(BadInput, match="same month"):
        warn.chance(warn.ask(rule(), panel, panel.span.last - 1), said)


def test_nothing_after_the_origin_enters_a_question() -> None:
    panel = panel_of({MALI: [3] * 12 + [500] * 6})
    escalation = rule(threshold=1, times_mean=2.0)
    whole, cut = (
        warn.ask(escalation, panel, FIRST + 11),
        warn.ask(escalation, panel.until(FIRST + 11), FIRST + 11),
    )
    assert list(whole.needed) == list(cut.needed) == [18]


def test_spread_is_asked_where_provinces_are_known_and_nowhere_else() -> None:
    day = dt.date(2026, 1, 1)
    panel = figures.panel(as_of=day)
    spread = warn.named("spread", warn.built_in())
    evidence = warn.Evidence.of(panel, [spread], figures.groups(as_of=day))
    origin = months.parse("2011-12")
    asked = evidence.ask(spread, origin)
    assessed = {int(area) for area, held in zip(panel.areas, asked.assessed, strict=True) if held}
    assert assessed == {404, 432, 433, 434, 436, 437, 439, 461}
    # In early 2012 the rebellion reaches provinces of Mali that had been quiet for years.
    assert evidence.answer(spread, 432, origin, 1) == "came_true"
    assert evidence.answer(spread, 651, origin, 1) == "not_assessed"
    chances = evidence.until(origin).chance(asked, {})
    assert np.isnan(chances[panel.index(651)])
    assert 0 < chances[panel.index(432)] < 1


def test_the_chance_of_spread_reads_nothing_after_its_origin() -> None:
    day = dt.date(2026, 1, 1)
    spread = warn.named("spread", warn.built_in())
    evidence = warn.Evidence.of(figures.panel(as_of=day), [spread], figures.groups(as_of=day))
    origin = months.parse("2014-06")
    cut = evidence.until(origin)
    whole, known = evidence.chance(evidence.ask(spread, origin), {}), cut.chance(cut.ask(spread, origin), {})
    assert np.array_equal(whole, known, equal_nan=True)


def test_the_chance_of_spread_is_a_share_of_alike_pasts_with_half_an_event_on_either_side() -> None:
    spread = warn.named("spread", warn.built_in())
    panel, origin = panel_of({MALI: [0] * 40}), FIRST + 39
    still, struck = np.zeros((2, 1, 40), dtype=np.int32)
    struck[0, 30] = 1
    # From the 24th month on 14 windows of three months have closed, and the death lies in three of them.
    for deaths, share in ((still, 0.5 / 15), (struck, 3.5 / 15)):
        held = places.Places("total", np.array([MALI]), ("Mopti",), deaths, deaths >= 0, panel.span)
        asked = places.ask(spread, held, panel.areas, origin)
        assert places.chance(asked, held, panel)[0] == pytest.approx(share)
        early = [places.ask(spread, held, panel.areas, FIRST + n).assessed[0] for n in (22, 23)]
        assert early == [False, True]


@pytest.mark.parametrize(
    ("past", "lately", "beside_past", "beside_lately", "alike"),
    [
        pytest.param(0, 0, 0, 0, 34, id="every origin is alike"),
        pytest.param(1, 0, 0, 0, 22, id="one death is not none"),
        pytest.param(24, 1, 0, 0, 14, id="1 to 24 deaths are alike"),
        pytest.param(25, 24, 0, 0, 2, id="25 are not 24"),
        pytest.param(99, 25, 0, 0, 14, id="25 to 99 are alike"),
        pytest.param(100, 99, 0, 0, 2, id="100 are not 99"),
        pytest.param(499, 100, 0, 0, 14, id="100 to 499 are alike"),
        pytest.param(500, 499, 0, 0, 2, id="500 are not 499"),
        pytest.param(9000, 500, 0, 0, 14, id="from 500 all are alike"),
        pytest.param(0, 0, 25, 0, 22, id="a neighbour with 25 deaths tells apart"),
        pytest.param(0, 0, 24, 0, 34, id="a neighbour with 24 does not"),
        pytest.param(1, 0, 0, 25, 2, id="a neighbour's deaths are not one's own"),
    ],
)
def test_the_chance_of_spread_is_taken_over_origins_of_the_same_class(
    past: int, lately: int, beside_past: int, beside_lately: int, alike: int
) -> None:
    spread = warn.named("spread", warn.built_in())
    # Deaths in month 30 count in twelve of the 34 origins from month 23 to 56, those of month 55 in two.
    own, beside = [0] * 60, [0] * 60
    own[30], own[55], beside[30], beside[55] = past, lately, beside_past, beside_lately
    panel = panel_of({MALI: own, NIGER: beside})
    still = np.zeros((1, 60), dtype=np.int32)
    held = places.Places("total", np.array([MALI]), ("Mopti",), still, still >= 0, panel.span)
    asked = places.ask(spread, held, panel.areas, FIRST + 59)
    assert places.chance(asked, held, panel)[0] == pytest.approx(0.5 / (alike + 1))


def test_a_past_in_which_the_deaths_of_the_country_are_not_known_is_like_none() -> None:
    spread = warn.named("spread", warn.built_in())
    panel = panel_of({MALI: [0] * 40})
    span = Span(panel.span.first - 90, panel.span.last)
    still = np.zeros((1, len(span)), dtype=np.int32)
    held = places.Places("total", np.array([MALI]), ("Mopti",), still, still >= 0, span)
    asked = places.ask(spread, held, panel.areas, span.last)
    assert places.chance(asked, held, panel)[0] == pytest.approx(0.5 / (40 - spread.window + 1))


def test_what_is_left_of_a_question_of_spread_is_asked_over_the_months_left() -> None:
    spread = warn.named("spread", warn.built_in())
    panel, origin = panel_of({MALI: [0] * 40}), FIRST + 37
    struck = np.zeros((1, 40), dtype=np.int32)
    struck[0, 30] = 1
    held = places.Places("total", np.array([MALI]), ("Mopti",), struck, struck >= 0, panel.span)
    evidence = warn.Evidence(panel, {"total": held})
    # To month 38 the death lies in two of 14 windows of two months, to month 39 in one of 16 of one.
    left = [evidence.rest(spread, MALI, origin, 1, now, {}) for now in (origin + 1, origin + 2)]
    assert left == [pytest.approx(2.5 / 15), pytest.approx(1.5 / 17)]
    assert evidence.rest(spread, MALI, origin, 1, FIRST + 40, {}) is None
    assert evidence.rest(spread, MALI, FIRST + 21, 1, FIRST + 22, {}) is None


def test_without_provinces_spread_is_not_assessed() -> None:
    spread = warn.named("spread", warn.built_in())
    panel = panel_of({MALI: [0] * 40})
    evidence = warn.Evidence.of(panel, [spread], None)
    assert not evidence.places
    assert not evidence.ask(spread, panel.span.last).assessed.any()
    assert evidence.answer(spread, MALI, FIRST + 30, 1) == "not_assessed"


def test_provinces_are_cut_after_a_month_and_none_are_left_before_the_first() -> None:
    held = _places(("Mopti", [0, 3, 5]))
    cut = held.until(held.span.first)
    assert cut is not None
    assert cut.span == Span(held.span.first, held.span.first)
    assert cut.deaths.tolist() == [[0]]
    assert held.until(held.span.first - 1) is None


def _places(*rows: tuple[str, list[int]], gap: int | None = None) -> places.Places:
    """Return provinces of Mali with deaths from FIRST on, by name; the month `gap` is not covered."""
    told = [
        {"month": FIRST + month, "gw": MALI, "adm_1": name, "kind": "sb", "deaths": count}
        for name, series in rows
        for month, count in enumerate(series)
        if count
    ]
    size = max(len(series) for _, series in rows)
    held = frozenset(FIRST + month for month in range(size) if month != gap)
    found = places.Places.of(figures.Groups(pl.DataFrame(told), {MALI: held}), "total")
    assert found is not None
    return found


def test_a_month_that_is_not_covered_is_no_quiet_month_and_settles_nothing() -> None:
    spread = warn.named("spread", warn.built_in())
    panel = panel_of({MALI: [0] * 60})
    series = [1] + [0] * 59
    for gap, asked in ((None, True), (10, False), (40, True)):
        held = _places(("Gao", series), gap=gap)
        question = places.ask(spread, held, panel.areas, FIRST + 30)
        assert question.assessed[0] == asked
    held = _places(("Gao", series), gap=32)
    question = places.ask(spread, held, panel.areas, FIRST + 30)
    assert [int(found[0]) for found in places.outcomes(question, held)] == [warn.questions.OPEN, 0]
    assert not places.closed(spread, held, MALI, FIRST + 30)
    whole = _places(("Gao", series))
    assert [places.closed(spread, whole, gw, FIRST + 30) for gw in (MALI, NIGER)] == [True, False]
    assert len({_places(("Gao", series), gap=gap).digest for gap in (None, 31, 32)}) == 3
    # Before there is a past to be quiet in, nothing is asked and nothing comes of it.
    for origin in (FIRST - 30, FIRST + 5):
        found = places.outcomes(places.ask(spread, whole, panel.areas, origin), whole)
        assert [part.tolist() for part in found] == [[NOT_ASSESSED], [0]]
    # The one death of the second province settles it, whatever is not known beside it.
    held = _places(("Gao", series), ("Kidal", [0] * 31 + [2] + [0] * 28), gap=32)
    question = places.ask(spread, held, panel.areas, FIRST + 30)
    assert [int(found[0]) for found in places.outcomes(question, held)] == [warn.questions.TRUE, 1]
    struck = {month: places.struck(spread, held, MALI, FIRST + month) for month in range(27, 32)}
    assert struck == {27: (), 28: ("Kidal",), 29: ("Kidal",), 30: ("Kidal",), 31: ()}
    # 60 months, 24 of them quiet before a question of three: 33 origins, and the gap takes 27 of them.
    last = places.ask(spread, _places(("Gao", [0] * 59 + [1]), gap=30), panel.areas, FIRST + 58)
    share = places.chance(last, _places(("Gao", [0] * 59 + [1]), gap=30), panel)
    assert share[0] == pytest.approx(0.5 / (6 + 1))


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("Gao region", "Gao district"), ("Gao",)),
        (("Barisal Division", "Barisāl Division"), ("Barisāl",)),
        (("Nord province", "NORD Region"), ("NORD",)),
        (("Kivu", "Sud-Kivu province"), ("Kivu", "Sud-Kivu")),
        (("Nord province", "Nord-Ouest province"), ("Nord", "Nord-Ouest")),
    ],
)
def test_a_province_that_changes_its_title_or_its_accents_is_one(
    names: tuple[str, str], shown: tuple[str, ...]
) -> None:
    held = _places((names[0], [3] + [0] * 39), (names[1], [0] * 39 + [4]))
    assert held.names == shown
    assert held.deaths.sum() == 7


def test_spread_is_asked_of_countries_that_succeeded_others_and_of_none_that_ended() -> None:
    spread = warn.named("spread", warn.built_in())
    serbia, yugoslavia, bosnia = 340, 345, 346
    span = Span.parse("2000-01:2012-12")
    begins = months.parse("2006-06")
    rows = pl.DataFrame(
        [
            (span.first, yugoslavia, "Kosovo", "sb", 5), (begins + 40, serbia, "Kosovo", "sb", 1),
            (span.first, bosnia, "Brcko", "sb", 2),
        ],
        schema=["month", "gw", "adm_1", "kind", "deaths"], orient="row",
    )  # fmt: skip
    covered = {
        yugoslavia: frozenset(range(span.first, begins)), serbia: frozenset(range(begins, span.last + 1)),
        bosnia: frozenset(span),
    }  # fmt: skip
    held = places.Places.of(figures.Groups(rows, covered), "total")
    panel = figures.panel(as_of=dt.date(2026, 1, 1)).only([serbia, yugoslavia, bosnia])
    assert held is not None
    # The month in which Serbia begins lies after the last window that has closed by then.
    asked = {
        "2006-01": [yugoslavia, bosnia],
        "2006-06": [bosnia],
        "2008-04": [bosnia],
        "2008-05": [serbia, bosnia],
    }
    for label, states in asked.items():
        origin = months.parse(label)
        question = places.ask(spread, held, panel.areas, origin)
        chances = places.chance(question, held, panel.until(origin))
        expected = [area in states for area in panel.areas]
        assert (question.assessed.tolist(), np.isfinite(chances).tolist()) == (expected, expected), label
