"""Reasons: facts by hand, the forecast made again with one thing changed, precedents, and their words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import tomllib
from importlib import resources

import numpy as np
import pytest

from tocsin import forecast, reasons
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.kinds import KINDS
from tocsin.months import Span, parse
from tocsin.panel import Panel
from tocsin.reasons import Change, Precedent, Reasons, Said, explain, explain_fitted, facts_of, told
from tocsin.reasons.explain import GROUPS
from tocsin.text import set_language

MALI, NIGER, ALGERIA, MADAGASCAR = 432, 436, 615, 580
OTHERS = (437, 438, 439, 452, 461, 475, 483, 620, 500, 501, 510, 517, 530, 540)
AREAS = tuple(sorted((MALI, NIGER, ALGERIA, MADAGASCAR, *OTHERS)))
MONTHS = 180
FIRST = parse("2000-01")
ORIGIN = FIRST + MONTHS - 1


def panel_of(deaths: np.ndarray, covered: np.ndarray | None = None) -> Panel:
    mask = np.ones(deaths.shape[:2], dtype=bool) if covered is None else covered
    held = np.where(mask[:, :, None], deaths, 0).astype(np.int32)
    return Panel(
        level="country", scheme="gw", areas=AREAS, span=Span(FIRST, ORIGIN), kinds=KINDS, deaths=held,
        covered=mask, as_of=dt.date(2024, 1, 1), releases=("test 1.0",), events=(held + 3) // 4,
    )  # fmt: skip


def row(area: int) -> int:
    return AREAS.index(area)


@pytest.fixture(scope="module")
def deaths() -> np.ndarray:
    """Deaths [area, month, kind]: wars that come and go, Madagascar at peace, Mali at war of late."""
    rng = np.random.default_rng(3)
    state = np.zeros((len(AREAS), MONTHS))
    for month in range(1, MONTHS):
        stays = rng.random(len(AREAS)) < np.where(state[:, month - 1] > 0, 0.95, 0.98)
        state[:, month] = np.where(stays, state[:, month - 1], 1 - state[:, month - 1])
    made = rng.poisson(state[:, :, None] * np.array([40, 5, 3]) * rng.gamma(2, 0.5, (len(AREAS), MONTHS, 1)))
    made[row(MADAGASCAR)] = 0
    made[row(MALI), -20:, 0] = 60
    made[row(NIGER), -6:, 0] = 30
    return made.astype(np.int32)


@pytest.fixture(scope="module")
def fitted(deaths: np.ndarray) -> forecast.Fitted:
    return forecast.fit(panel_of(deaths), origin=ORIGIN, target="total")


@pytest.fixture(scope="module")
def mali(fitted: forecast.Fitted) -> Reasons:
    return explain_fitted(fitted, MALI)


def test_facts_are_sums_that_anyone_can_check() -> None:
    made = np.zeros((len(AREAS), MONTHS, 3), dtype=np.int32)
    made[row(MALI), -13:, 0] = range(13)
    made[row(NIGER), -5, 1] = 7
    made[row(ALGERIA), -1, 2] = 4
    facts = facts_of(panel_of(made), MALI, "total")
    assert (facts.last_3, facts.before_3) == (10 + 11 + 12, 7 + 8 + 9)
    assert (facts.last_12, facts.before_12) == (sum(range(1, 13)), 0)
    assert facts.rising == 12
    assert (facts.falling, facts.quiet, facts.covered) == (0, 0, MONTHS)
    assert (facts.usual_3, facts.usual_over) == (0, 120)
    assert [(near.area, near.last, near.before) for near in facts.neighbours] == [(ALGERIA, 4, 0)]
    niger = facts_of(panel_of(made), NIGER, "total")
    assert niger.quiet == 4
    assert niger.falling == 2
    assert [near.area for near in niger.neighbours] == [MALI, ALGERIA]


def test_what_is_not_covered_is_not_a_fact() -> None:
    made = np.ones((len(AREAS), MONTHS, 3), dtype=np.int32)
    covered = np.ones((len(AREAS), MONTHS), dtype=bool)
    covered[row(MALI), :-4] = False
    covered[row(NIGER), -2] = False
    facts = facts_of(panel_of(made, covered), MALI, "sb")
    assert (facts.last_3, facts.before_3, facts.last_12, facts.usual_3) == (3, None, None, None)
    assert (facts.covered, facts.usual_over) == (4, 4)
    assert NIGER not in [near.area for near in facts.neighbours]
    assert facts.unknown == 1


def test_months_that_are_not_covered_are_no_months_without_deaths(deaths: np.ndarray) -> None:
    made = np.zeros((len(AREAS), MONTHS, 3), dtype=np.int32)
    made[row(MALI), :-20] = 1
    covered = np.ones((len(AREAS), MONTHS), dtype=bool)
    covered[row(MALI), -9:-2] = False
    panel = panel_of(made, covered)
    facts = facts_of(panel, MALI, "total")
    assert (facts.quiet, facts.covered, facts.usual_over) == (2, 2, 113)
    text = told(reasons.explain(panel, origin=ORIGIN, area=MALI, method="conflictology-12"), "en")
    assert "- no death for 2 months\n" in text
    assert "- covered without a gap for 2 months only" in text


def test_neighbours_of_which_none_is_covered_are_not_called_calm() -> None:
    def lines(*known: int) -> str:
        covered = np.zeros((len(AREAS), MONTHS), dtype=bool)
        covered[[row(area) for area in known]] = True
        panel = panel_of(np.zeros((len(AREAS), MONTHS, 3)), covered)
        return told(reasons.explain(panel, origin=ORIGIN, area=MALI, method="conflictology-12"), "en")

    assert "no death in the covered neighbours" not in lines(MALI)
    assert "no death in the covered neighbours" in lines(MALI, NIGER)


def test_what_is_usual_is_not_said_of_years_before_there_were_data(deaths: np.ndarray) -> None:
    covered = np.ones((len(AREAS), MONTHS), dtype=bool)
    covered[row(MALI), :-30] = False
    young = reasons.explain(panel_of(deaths, covered), origin=ORIGIN, area=MALI, target="sb")
    english, french = told(young, "en"), told(young, "fr").replace("\N{NO-BREAK SPACE}", " ")
    assert "- usual here over the 30 months covered in the last ten years: " in english
    assert "as usual here over the 30 months covered in the last ten years (one at a time" in english
    assert "- niveau habituel ici sur les 30 mois couverts des dix dernières années : " in french
    old = told(reasons.explain(panel_of(deaths), origin=ORIGIN, area=MALI, target="sb"), "en")
    assert "- usual here over the last ten years: " in old


def test_the_reasons_speak_of_the_forecast_itself(fitted: forecast.Fitted, mali: Reasons) -> None:
    said = fitted.predict((1, 2, 3))
    sums = said.total_over(1, 3)[said.index(MALI)]
    assert mali.said.probability == (sums >= 25).mean()
    assert mali.said.expected == pytest.approx(sums.mean())
    assert mali.inputs == said.digest


def test_a_forecast_of_twelve_months_has_the_same_reasons(fitted: forecast.Fitted, mali: Reasons) -> None:
    whole = fitted.predict(range(1, 13))
    again = explain_fitted(fitted, MALI, said=whole)
    assert again.groups == mali.groups
    assert again.precedents == mali.precedents


def test_each_group_and_each_other_past_moves_the_chance_the_way_it_should(mali: Reasons) -> None:
    assert [group.name for group in mali.groups] == list(GROUPS)
    now = mali.said.probability
    level = next(group for group in mali.groups if group.name == "level")
    assert level.said.probability < now
    changed = {change.name: change.said.probability for change in mali.whatif}
    assert changed["quiet"] < changed["half"] <= now
    assert "shock" not in changed


def test_where_no_events_are_known_none_are_spoken_of(deaths: np.ndarray) -> None:
    bare = dataclasses.replace(panel_of(deaths), events=None)
    groups = explain(bare, origin=ORIGIN, area=MALI, target="sb").groups
    assert {group.name for group in groups} == set(GROUPS) - {"events", "others"}


def test_a_quiet_country_is_asked_what_a_shock_would_do(fitted: forecast.Fitted) -> None:
    told_of = explain_fitted(fitted, MADAGASCAR)
    assert [change.name for change in told_of.whatif] == ["shock"]
    assert told_of.whatif[0].said.probability > told_of.said.probability
    assert told_of.facts.quiet is None


def test_half_of_single_deaths_is_not_told_as_half(deaths: np.ndarray) -> None:
    made = deaths.copy()
    made[row(MADAGASCAR), -3:, 0] = (1, 0, 1)
    few = reasons.explain(panel_of(made), origin=ORIGIN, area=MADAGASCAR, target="sb")
    assert [change.name for change in few.whatif] == ["quiet", "shock"]
    made[row(MADAGASCAR), -1, 0] = 2
    more = reasons.explain(panel_of(made), origin=ORIGIN, area=MADAGASCAR, target="sb")
    assert [change.name for change in more.whatif] == ["quiet", "half", "shock"]


def test_precedents_are_past_months_with_what_came_after(mali: Reasons, deaths: np.ndarray) -> None:
    found = mali.precedents
    assert found is not None
    assert found.kind == "sb"
    assert len(found.nearest) == 5
    assert 0 < found.reached <= 1
    shares = [one.likeness for one in found.nearest]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1
    for one in found.nearest:
        series, month = deaths[row(int(one.area)), :, 0], one.month - FIRST
        assert one.month < ORIGIN
        assert one.next_3 == series[month + 1 : month + 4].sum()
        assert one.before_3 == series[month - 2 : month + 1].sum()
        if one.next_12 is not None:
            assert one.next_12 == series[month + 1 : month + 13].sum()
    recent = [one for one in found.nearest if one.area == MALI and one.month >= ORIGIN - 12]
    assert not recent


def test_no_reason_sees_a_month_after_the_origin(deaths: np.ndarray, mali: Reasons) -> None:
    earlier = ORIGIN - 12
    planted = deaths.copy()
    planted[:, -12:] = 500
    before, after = (
        reasons.explain(panel_of(made), origin=earlier, area=MALI, target="sb") for made in (deaths, planted)
    )
    assert before == after
    assert before.origin == earlier != mali.origin


@pytest.mark.parametrize(
    ("method", "reads", "whose", "said"),
    [
        ("conflictology-12", 12, "own", "reads the area's last 12 months and nothing else"),
        ("last", 1, "own", "reads the area's last month and nothing else"),
        ("neighbours-12", 12, "neighbours", "reads the last 12 months of the area and of its neighbours"),
        ("neighbours-1", 1, "neighbours", "reads the last month of the area and of its neighbours"),
        ("region-240", 240, "region", "reads the last 240 months of all states of the region"),
        ("bootstrap-240", 240, "everyone", "reads the last 240 months of all areas in one pool"),
        ("zero", 0, "own", "reads nothing"),
        ("recent", 24, "seasonal", "reads the area's last 24 months and the seasons of its last years"),
        ("hurdle", None, "learnt", "learns from what came after the past months of all areas"),
        ("weighted", None, "learnt", "learns from what came after the past months of all areas"),
    ],
)
def test_a_method_without_precedents_says_what_it_reads(
    deaths: np.ndarray, method: str, reads: int | None, whose: str, said: str
) -> None:
    found = reasons.explain(panel_of(deaths), origin=ORIGIN, area=MALI, target="sb", method=method)
    assert (found.reads, found.whose) == (reads, whose)
    assert found.precedents is None
    assert f"the method {method} {said}" in told(found)


def test_refusals(deaths: np.ndarray, fitted: forecast.Fitted) -> None:
    with pytest.raises(UnknownName):
        explain_fitted(fitted, 999)
    covered = np.ones((len(AREAS), MONTHS), dtype=bool)
    covered[row(MALI), -1] = False
    with pytest.raises(NotAssessed):
        reasons.explain(panel_of(deaths, covered), origin=ORIGIN, area=MALI, method="conflictology-12")
    with pytest.raises(BadInput):
        explain_fitted(_Opaque(), MALI)  # type: ignore[arg-type]


class _Opaque:
    """A method that keeps no history."""


def test_the_words_hold_the_numbers_in_both_languages(mali: Reasons) -> None:
    english, french = told(mali, "en"), told(mali, "fr")
    assert english.startswith("Mali, ")
    niger = next(near for near in mali.facts.neighbours if near.area == NIGER)
    assert f"Niger {niger.last} ({niger.before})" in english
    for text in (english, french):
        assert "{" not in text
        assert text.count("\n") > 12
    assert len(english.splitlines()) == len(french.splitlines())
    assert "deaths in the last 3 months, against" in english
    set_language("fr")
    assert told(mali) == french


def test_a_share_below_one_in_two_hundred_is_said_in_words_and_others_as_everywhere(mali: Reasons) -> None:
    assert "1% chance" in told(dataclasses.replace(mali, said=Said(0.006, 0.1, 0, 0, 0)), "en")
    assert (
        "less than"
        not in told(dataclasses.replace(mali, said=Said(0.006, 0.1, 0, 0, 0)), "en").split("\n")[0]
    )
    assert "99% chance" in told(dataclasses.replace(mali, said=Said(0.993, 90, 30, 80, 200)), "en")
    calm = dataclasses.replace(mali, said=Said(0.004, 0.1, 0, 0, 0))
    assert "less than 1% chance" in told(calm, "en")
    assert "probabilité de moins de 1 %" in told(calm, "fr").replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    assert "<" not in told(calm, "fr")
    certain = dataclasses.replace(mali, said=Said(0.996, 90, 30, 80, 200))
    assert "more than 99% chance" in told(certain, "en")


def test_every_group_and_change_has_its_words() -> None:
    for language in ("en", "fr"):
        text = resources.files("tocsin").joinpath(f"locale/{language}/reasons.toml").read_text("utf-8")
        words = tomllib.loads(text)
        assert set(words["group"]) == set(GROUPS)
        assert set(words["whatif"]) == {"quiet", "half", "shock"}


def test_the_record_is_plain_and_its_digest_moves_with_it(mali: Reasons, fitted: forecast.Fitted) -> None:
    plain = json.loads(json.dumps(mali.to_dict()))
    assert plain["origin"] == "2014-12"
    assert plain["precedents"]["nearest"][0]["month"][4] == "-"
    assert mali.digest == explain_fitted(fitted, MALI).digest
    assert mali.digest != explain_fitted(fitted, NIGER).digest


def test_the_words_say_which_way_each_group_pulls(mali: Reasons) -> None:
    def group(name: str, probability: float) -> Change:
        return Change(name, Said(probability, 40, 0, 20, 90))

    torn = dataclasses.replace(
        mali, said=Said(0.40, 40, 0, 20, 90), whatif=(),
        groups=(group("trend", 0.44), group("level", 0.06), group("quiet", 0.401)),
    )  # fmt: skip
    text = told(torn, "en")
    assert "- raises it: the last 12 months; as usual, 6%" in text
    assert "- lowers it: the trend; as usual, 44%" in text
    assert "- little or no difference: the time since the last deaths" in text
    assert text.index("raises it") < text.index("lowers it")


def test_neighbours_that_nothing_is_known_of_are_not_said_to_make_no_difference(mali: Reasons) -> None:
    same = Change("neighbours", mali.said)

    def text(unknown: int, *groups: Change) -> str:
        facts = dataclasses.replace(mali.facts, touching=3, unknown=unknown)
        return told(dataclasses.replace(mali, groups=groups, facts=facts), "en")

    assert "- little or no difference: the neighbours" in text(0, same)
    assert "- little or no difference: the covered neighbours" in text(2, same)
    assert "little or no difference" not in text(3, same)
    assert "- raises the median: the neighbours" in text(3, Change("neighbours", Said(1.0, 40, 0, 20, 90)))


def test_of_a_war_the_median_is_told_since_nothing_moves_its_chance(mali: Reasons) -> None:
    war = dataclasses.replace(
        mali, said=Said(1.0, 6000, 900, 5000, 15000),
        groups=(
            Change("level", Said(0.999, 900, 90, 357, 3000)), Change("past", Said(1.0, 6, 9, 4900, 9)),
            Change("trend", Said(1.0, 6, 9, 6000, 9)),
        ),
        whatif=(Change("half", Said(1.0, 3000, 500, 2500, 8000)),),
    )  # fmt: skip
    text = told(war, "en")
    assert "the median (5,000 deaths)" in text
    assert "- raises the median: the last 12 months; as usual, more than 99%, median 357" in text
    assert "- lowers the median: the trend; as usual, more than 99%, median 6,000" in text
    assert "- little or no difference: the years before" in text
    assert "half the deaths: more than 99%, median 2,500" in text


@pytest.mark.parametrize(
    ("high", "english", "french"),
    [
        (0, "at most one chance in ten of any death", "au plus une chance sur dix qu'il y ait un décès"),
        (0.4, "at most one chance in ten of any death", "au plus une chance sur dix qu'il y ait un décès"),
        (1, "one chance in ten of more than 1 death", "une chance sur dix de dépasser 1 décès"),
        (3, "one chance in ten of more than 3 deaths", "une chance sur dix de dépasser 3 décès"),
    ],
)
def test_what_is_hardly_expected_is_not_given_one_chance_in_ten(
    mali: Reasons, high: float, english: str, french: str
) -> None:
    calm = dataclasses.replace(
        mali, said=Said(0.01, 1, 0, 0, 0), groups=(), whatif=(Change("quiet", Said(0.001, 0, 0, 0, high)),)
    )
    assert told(calm, "en").endswith(f"without deaths: less than 1% ({english})")
    assert told(calm, "fr").endswith(f" ({french})")


def test_a_precedent_that_ended_is_not_said_to_be_still_open(mali: Reasons) -> None:
    assert mali.precedents is not None

    def line(month: int, scaled: float) -> str:
        past = Precedent(ALGERIA, month, 0.02, 1, 9, None, scaled, None)
        found = dataclasses.replace(mali.precedents, nearest=(past,))  # type: ignore[type-var]
        return next(
            line for line in told(dataclasses.replace(mali, precedents=found), "en").splitlines()
            if line.startswith("- Algeria 20")
        )  # fmt: skip

    assert "1 death in the 3 months up to then, 9 in the 3 after, not covered in the 12 after" in line(
        FIRST, 9.2
    )
    assert "not yet known in the 12 after" in line(ORIGIN - 11, 9.2)
    assert "not covered in the 12 after" in line(ORIGIN - 12, 9.2)
    assert "scale" not in line(FIRST, 9.2)
    assert "(at today's scale 12 in 3 months)" in line(FIRST, 12.4)


def test_a_short_history_says_why_nothing_is_called_usual(deaths: np.ndarray) -> None:
    covered = np.ones((len(AREAS), MONTHS), dtype=bool)
    covered[row(MALI), :-12] = False
    found = reasons.explain(panel_of(deaths, covered), origin=ORIGIN, area=MALI, target="sb")
    assert found.groups == ()
    assert "fewer than 24 months of the last ten years are covered" in told(found, "en")
    assert "moins de 24 mois couverts sur les dix dernières années" in told(found, "fr")
