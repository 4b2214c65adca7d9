from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tocsin import areas, figures, spillover
from tocsin.errors import NotAssessed, UnknownName
from tocsin.kinds import KINDS
from tocsin.months import Span, parse
from tocsin.panel import Panel
from tocsin.spillover.regression import BESIDE, OWN, Regression, Terms, _coefficients, fit

DAY = dt.date(2026, 1, 1)
MALI, LIBYA, ALGERIA = 432, 620, 615


@pytest.fixture(scope="module")
def january():
    return spillover.assess(figures.panel(as_of=DAY), month=parse("2012-01"))


def test_libya_is_within_reach_of_mali_without_touching_it():
    near = {other.gw: other for other in spillover.within_reach(MALI, month=parse("2012-01"))}
    touching = {gw for gw, other in near.items() if other.touches}
    assert touching == set(areas.neighbours(MALI, month=parse("2012-01")))
    assert LIBYA not in touching
    assert 600 < near[LIBYA].km <= spillover.REACH_KM
    assert near[ALGERIA].km == 0


def test_reach_is_mutual_and_excludes_the_far_and_the_gone():
    month = parse("2012-01")
    for gw in (MALI, 2, 365, 710):
        for other in spillover.within_reach(gw, month=month):
            back = {n.gw: n for n in spillover.within_reach(other.gw, month=month)}
            assert back[gw].km == other.km
    assert 2 not in {n.gw for n in spillover.within_reach(MALI, month=month)}
    with pytest.raises(UnknownName):
        spillover.within_reach(626, month=parse("2005-01"))


def test_reach_is_a_thousand_kilometres():
    libya = {other.gw: other.km for other in spillover.within_reach(LIBYA, month=parse("2012-01"))}
    spain, bulgaria = 230, 355
    assert libya[spain] == 985
    assert bulgaria not in libya  # 1,001 km


def test_parts_of_the_links_sum_to_all_together(january):
    found = january.of(MALI)
    for place, change in enumerate(found.together):
        assert sum(link.changes[place].added for link in found.links) == pytest.approx(change.added, abs=1e-9)
        assert change.added == pytest.approx(change.full - change.without)
        assert change.low <= change.added <= change.high


def test_a_state_without_deaths_adds_nothing(january):
    found = january.of(MALI)
    quiet = [link for link in found.links if not link.deaths_12]
    assert quiet
    assert all(change.added == 0 and change.alone == 0 for link in quiet for change in link.changes)


def test_taking_libya_away_alone_is_what_a_panel_without_it_gives(january):
    panel = figures.panel(as_of=DAY)
    link = january.of(MALI).of(LIBYA)
    assert link.deaths_12 == int(
        panel.series("total")[panel.index(LIBYA), parse("2011-02") - panel.span.first :][:12].sum()
    )
    terms = january.terms
    beside = terms.supposed(MALI, [frozenset([LIBYA])])
    regression = january.regressions[1]
    without = regression.probability(np.c_[terms.own(MALI, -1), beside])[0, 0]
    assert link.changes[1].without == pytest.approx(float(without))


def _three_states(*, gap=None):
    """Return six years of Mali, Algeria beside it and Libya near it, of which one month is not covered."""
    span = Span.parse("2006-01:2011-12")
    deaths, covered = np.zeros((3, 72, 3), dtype=np.int32), np.ones((3, 72), dtype=np.bool_)
    deaths[0, [-1, -3, -12, -13, -60, -61, -72], 0] = 1, 2, 4, 8, 16, 32, 64
    deaths[1, [-12, -13], 0] = 10, 100
    deaths[2, [-12, -14], 0] = 50, 500
    if gap is not None:
        covered[2, gap], deaths[2, gap] = False, 0
    return Panel(
        level="country", scheme="gw", areas=(MALI, ALGERIA, LIBYA), span=span, kinds=KINDS, deaths=deaths,
        covered=covered, as_of=dt.date(2012, 1, 1), releases=("a release",),
    )  # fmt: skip


def test_the_terms_are_deaths_of_ones_own_by_window_and_of_a_year_beside_that_fade_with_distance():
    terms = Terms.of(_three_states(), parse("2011-12"), "total")
    assert terms.own(MALI, -1) == pytest.approx(np.log1p([[1, 3, 7, 31]]))
    (km,) = (n.km for n in spillover.within_reach(MALI, month=parse("2011-12")) if n.gw == LIBYA)
    assert terms.supposed(MALI, [frozenset()]) == pytest.approx(np.log1p([[10, 50 * np.exp(-km / 500)]]))
    assert terms.supposed(MALI, [frozenset([LIBYA])]) == pytest.approx(np.log1p([[10, 0]]))
    # Before there are so many months, a window is of those there are.
    assert terms.own(MALI, 11) == pytest.approx(np.log1p([[32, 32, 96, 96]]))


def test_a_neighbour_is_known_by_the_twelve_months_that_are_read():
    for gap, held in ((-13, [ALGERIA, LIBYA]), (-12, [ALGERIA])):
        near = Terms.of(_three_states(gap=gap), parse("2011-12"), "total").near[MALI]
        assert sorted(other.gw for other, *_ in near) == held


def test_a_question_is_learnt_from_every_third_month_whose_answer_is_known():
    terms = Terms.of(_three_states(), parse("2011-12"), "total")
    # Five years in, three months of each state have the next three behind them: the two deaths come in one.
    found = fit(terms, 2, 3)
    assert (found.rows, found.hits) == (9, 1)
    with pytest.raises(NotAssessed):
        fit(terms, 3, 3)
    # Libya's first of these months has a gap in the year before it.
    short = Terms.of(_three_states(gap=-23), parse("2011-12"), "total")
    assert (fit(short, 2, 3).rows, fit(short, 2, 3).hits) == (8, 1)


def test_an_interval_is_of_the_states_drawn_again_and_not_of_the_fit():
    coefficients = np.zeros((102, 1 + len(OWN) + len(BESIDE)))
    coefficients[:, -1] = 1000, *range(101)
    assert Regression(1, 3, coefficients, 9, 1).interval("near") == pytest.approx((1000, 5, 95))


def test_the_regression_is_the_usual_one():
    random = np.random.default_rng(5)
    terms = random.normal(size=(800, len(OWN) + len(BESIDE)))
    answers = random.random(800) < 1 / (1 + np.exp(-(0.5 * terms[:, 0] - terms[:, 3] - 0.7)))
    ours = _coefficients(terms, answers, np.ones(800), np.zeros(terms.shape[1] + 1), ridge=1.0)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(terms, answers)
    assert ours[0] == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert ours[1:] == pytest.approx(theirs.coef_[0], abs=1e-5)


def test_the_outlook_reads_nothing_after_the_month():
    panel = figures.panel(as_of=DAY)
    month = parse("2012-01")
    first = spillover.assess(panel, month=month).of(MALI)
    second = spillover.assess(panel.until(month), month=month).of(MALI)
    assert first == second


def test_neighbours_that_touch_go_with_more_violence(january):
    asked = {regression.at_least: regression for regression in january.regressions}
    assert {at_least: regression.within for at_least, regression in asked.items()} == {1: 3, 25: 3}
    _, low, _ = asked[1].interval("touching")
    assert low > 0


def test_the_strongest_links_are_ordered_and_real(january):
    links = january.strongest(10)
    parts = [link.changes[-1].added for link in links]
    assert parts == sorted(parts, reverse=True)
    assert all(link.deaths_12 > 0 and link.source != link.target for link in links)


def test_a_state_that_is_not_covered_is_not_assessed(january):
    partly = dataclasses.replace(january.terms, near={})
    with pytest.raises(NotAssessed, match="Mali"):
        dataclasses.replace(january, terms=partly).of(MALI)
    with pytest.raises(NotAssessed):
        spillover.assess(figures.panel(as_of=DAY), month=parse("2030-01"))


@pytest.mark.parametrize("months", [("2011-02", "2011-02"), ("2011-11", "2012-01")])
def test_a_neighbour_that_is_not_covered_is_not_one_without_deaths(january, months):
    panel = january.terms.panel
    row, (first, last) = panel.index(LIBYA), (parse(month) - panel.span.first for month in months)
    deaths, events, covered = panel.deaths.copy(), panel.events.copy(), panel.covered.copy()
    gap = slice(first, last + 1)
    deaths[row, gap], events[row, gap], covered[row, gap] = 0, 0, False
    partly = dataclasses.replace(panel, deaths=deaths, events=events, covered=covered)
    fitted = spillover.assess(partly, month=parse("2012-01"))
    found = fitted.of(MALI)
    assert found.of(LIBYA) is None
    assert (january.of(MALI).not_assessed, found.not_assessed) == ((), (LIBYA,))
    with pytest.raises(NotAssessed, match="Libya"):
        fitted.of(LIBYA)


def test_a_state_around_which_nothing_is_covered_is_not_one_without_violence_around(january):
    terms = january.terms
    beside = {near.gw for near in spillover.within_reach(MALI, month=january.month)}
    cut = {gw: [one for one in near if one[0].gw not in beside] for gw, near in terms.near.items()}
    cut = {gw: near for gw, near in cut.items() if gw not in beside}
    fitted = dataclasses.replace(january, terms=dataclasses.replace(terms, near=cut))
    assert set(fitted.not_assessed) == beside
    assert january.not_assessed == ()
    found = fitted.of(MALI)
    assert (found.links, set(found.not_assessed), found.known) == ((), beside, False)
    with pytest.raises(NotAssessed, match=r"within reach of Mali none is covered .* 2012-01"):
        found.check_known()
    january.of(MALI).check_known()
    assert "Algeria" in found.unknown("en")
    assert january.of(MALI).unknown() == ""


def test_a_month_that_no_release_covers_leaves_nothing_to_assess(january):
    panel = january.terms.panel
    place = parse("2011-08") - panel.span.first
    deaths, events, covered = panel.deaths.copy(), panel.events.copy(), panel.covered.copy()
    deaths[:, place], events[:, place], covered[:, place] = 0, 0, False
    partly = dataclasses.replace(panel, deaths=deaths, events=events, covered=covered)
    with pytest.raises(NotAssessed, match="to 2012-01"):
        spillover.assess(partly, month=parse("2012-01"))


def test_a_young_state_is_a_neighbour_from_its_first_month():
    sudan, south_sudan = 625, 626
    month = parse("2011-09")
    found = spillover.assess(figures.panel(as_of=DAY), month=month).of(sudan)
    assert found.not_assessed == ()
    assert found.of(south_sudan).deaths_12 > 0


def test_a_neighbour_lies_where_the_atlas_has_it():
    def seen(there, here=MALI):
        return spillover.direction(here, there, month=parse("2012-01"))

    ivory_coast, guinea, senegal, nigeria, russia, united_states = 437, 438, 433, 475, 365, 2
    told = [seen(there) for there in (LIBYA, ivory_coast, guinea, senegal, nigeria)]
    assert told == ["ne", "s", "sw", "w", "se"]
    assert seen(russia, united_states) == "n"  # over the pole, not around the world
    assert seen(MALI) is None
