"""One verb for all methods: as of the origin, the same bytes, absence kept apart from zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tocsin import forecast
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.forecast import laws
from tocsin.kinds import KINDS, TARGETS
from tocsin.panel import Panel

FIRST = 109
MakePanel = Callable[..., Panel]

SLOW = ("boosting", "hurdle", "weighted")
"""Methods that are tried with smaller settings in files of their own."""

METHODS = tuple(name for name in forecast.methods() if name not in SLOW)
TOGETHER = ("tocsin", "analogues", "neighbours-12", "region-240", "bootstrap-240")
OWN = tuple(name for name in METHODS if name not in TOGETHER)
"""Methods that read nothing of other areas."""

BASELINES = tuple(name for name in OWN if isinstance(forecast.named(name), forecast.Baseline))
ORIGIN = FIRST + 249


def test_the_methods_have_their_names() -> None:
    assert set(forecast.methods()) == {
        "tocsin", "analogues", "recent", "boosting", "hurdle", "weighted", "zero", "last", "conflictology-12",
        "neighbours-12", "region-240", "bootstrap-240", "negative-binomial", "no-learning",
    }  # fmt: skip
    windows = ("conflictology-1", "conflictology-120", "negative-binomial-36", "bootstrap-120")
    for name in (*forecast.methods(), *windows, "neighbours-36", "region-480"):
        assert forecast.named(name).name == name


@pytest.mark.parametrize("name", ["conflictology-0", "conflictology-121", "negative-binomial-1"])
def test_a_window_out_of_range_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"Choose \d+ to 120 months"):
        forecast.named(name)


def test_an_unknown_method_names_the_choices_and_the_closest(three_kinds: Panel) -> None:
    with pytest.raises(UnknownName, match=r"closest is \"no-learning\".*bootstrap-240.*conflictology-K"):
        forecast.fit(three_kinds, origin=ORIGIN, method="nolearning")
    with pytest.raises(UnknownName, match="Choose one of: tocsin, analogues, recent, boosting, hurdle"):
        forecast.fit(three_kinds, origin=ORIGIN, method="crystal ball")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", TARGETS)
def test_a_forecast_says_what_it_is(three_kinds: Panel, method: str, target: str) -> None:
    said = forecast.fit(three_kinds, origin=ORIGIN, target=target, method=method).predict((3, 4, 5), 200)
    assert said.draws.shape == (6, 3, 200)
    assert (said.target, said.method, said.origin, said.areas) == (target, method, ORIGIN, three_kinds.areas)
    assert said.months == (ORIGIN + 3, ORIGIN + 4, ORIGIN + 5)
    assert said.assessed.all()


@pytest.mark.parametrize("method", METHODS)
def test_later_months_cannot_reach_a_forecast(three_kinds: Panel, make_panel: MakePanel, method: str) -> None:
    deaths = three_kinds.deaths.copy()
    deaths[:, ORIGIN - FIRST + 1 :] = 99_999
    other = make_panel(deaths, kinds=KINDS)
    for target in TARGETS:
        ours = forecast.fit(three_kinds, origin=ORIGIN, target=target, method=method).predict(
            range(1, 13), 100
        )
        theirs = forecast.fit(other, origin=ORIGIN, target=target, method=method).predict(range(1, 13), 100)
        assert ours.digest == theirs.digest


@pytest.mark.parametrize("method", METHODS)
def test_the_same_input_gives_the_same_bytes(three_kinds: Panel, method: str) -> None:
    fitted = forecast.fit(three_kinds, origin=ORIGIN, method=method)
    assert fitted.predict((1, 2, 3)).digest == fitted.predict((1, 2, 3)).digest
    again = forecast.fit(three_kinds, origin=ORIGIN, method=method).predict((1, 2, 3))
    assert again.digest == fitted.predict((1, 2, 3)).digest


def test_the_inputs_name_panel_target_method_and_settings(three_kinds: Panel) -> None:
    history = forecast.History.of(three_kinds, ORIGIN, "sb")
    named = [
        forecast.fit(three_kinds, origin=ORIGIN, method="no-learning"),
        forecast.fit(three_kinds, origin=ORIGIN, target="ns", method="no-learning"),
        forecast.fit(three_kinds, origin=ORIGIN - 1, method="no-learning"),
        forecast.fit(three_kinds, origin=ORIGIN, method="last"),
        forecast.NoLearning(zeros=0.1).fit(history),
    ]
    assert len({fitted.predict((1,), 10).inputs for fitted in named}) == len(named)


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize("target", ["sb", "total"])
def test_an_area_does_not_depend_on_the_others(three_kinds: Panel, method: str, target: str) -> None:
    chosen = (2, 5, 6)
    every = forecast.fit(three_kinds, origin=ORIGIN, target=target, method=method).predict(range(1, 13))
    some = forecast.fit(three_kinds.only(chosen), origin=ORIGIN, target=target, method=method).predict(
        range(1, 13)
    )
    np.testing.assert_array_equal(some.draws, every.only(chosen).draws)


@pytest.mark.parametrize("method", METHODS)
def test_some_steps_are_part_of_more_steps(three_kinds: Panel, method: str) -> None:
    fitted = forecast.fit(three_kinds, origin=ORIGIN, method=method)
    np.testing.assert_array_equal(
        fitted.predict((3, 14)).draws, fitted.predict(range(1, 37)).draws[:, [2, 13]]
    )


def test_bootstrap_is_one_law_of_every_area(three_kinds: Panel) -> None:
    said = forecast.fit(three_kinds, origin=ORIGIN, method="bootstrap-240").predict((1, 2))
    pool = three_kinds.series("sb")[:, ORIGIN - FIRST - 239 : ORIGIN - FIRST + 1].reshape(1, -1)
    law = laws.empirical(pool, np.ones(pool.shape, dtype=bool), 1000)[0]
    for row in range(6):
        np.testing.assert_array_equal(np.sort(said.draws[row, 1]), law)


def test_a_region_has_the_law_of_its_states(make_panel: MakePanel) -> None:
    """Mali and Niger are in Africa, Iraq and Syria in the Middle East; 9999 is no state."""
    deaths = np.random.default_rng(1).integers(0, 90, (5, 300)).astype(np.int32)
    panel = make_panel(deaths, areas=(432, 436, 645, 652, 9999))
    said = np.sort(forecast.fit(panel, origin=ORIGIN, method="region-24").predict((1,)).draws[:, 0])
    window = panel.series("sb")[:, ORIGIN - FIRST - 23 : ORIGIN - FIRST + 1]
    for rows in ([0, 1], [2, 3], [4]):
        pool = window[rows].reshape(1, -1)
        for row in rows:
            np.testing.assert_array_equal(
                said[row], laws.empirical(pool, np.ones(pool.shape, dtype=bool), 1000)[0]
            )


def test_neighbours_are_those_that_share_a_border(make_panel: MakePanel) -> None:
    """Mali touches Niger and Algeria, these touch each other, and Iraq touches none of them."""
    deaths = np.random.default_rng(1).integers(0, 90, (4, 300)).astype(np.int32)
    panel = make_panel(deaths, areas=(432, 436, 615, 645))
    said = np.sort(forecast.fit(panel, origin=ORIGIN, method="neighbours-12").predict((1,)).draws[:, 0])
    window = panel.series("sb")[:, ORIGIN - FIRST - 11 : ORIGIN - FIRST + 1]
    for row, rows in ((0, [0, 1, 2]), (3, [3])):
        pool = window[rows].reshape(1, -1)
        np.testing.assert_array_equal(
            said[row], laws.empirical(pool, np.ones(pool.shape, dtype=bool), 1000)[0]
        )


def test_conflictology_gives_bare_values_for_as_many_draws_as_months(three_kinds: Panel) -> None:
    said = forecast.fit(three_kinds, origin=ORIGIN, method="conflictology-12").predict(range(3, 15), 12)
    window = three_kinds.series("sb")[:, ORIGIN - FIRST - 11 : ORIGIN - FIRST + 1]
    for step in range(12):
        np.testing.assert_array_equal(said.draws[:, step], window)


def test_conflictology_gives_each_month_its_share(three_kinds: Panel) -> None:
    said = forecast.fit(three_kinds, origin=ORIGIN, method="conflictology-4").predict((1, 2, 3), 1000)
    window = three_kinds.series("sb")[:, ORIGIN - FIRST - 3 : ORIGIN - FIRST + 1]
    for step in range(3):
        np.testing.assert_array_equal(
            np.sort(said.draws[:, step], axis=1), np.repeat(np.sort(window), 250, axis=1)
        )


@pytest.mark.parametrize("method", METHODS)
def test_the_total_is_the_sum_of_the_kinds_draw_by_draw(three_kinds: Panel, method: str) -> None:
    total = forecast.fit(three_kinds, origin=ORIGIN, target="total", method=method).predict((1, 2, 3), 300)
    parts = [
        forecast.fit(three_kinds, origin=ORIGIN, target=kind, method=method).predict((1, 2, 3), 300).draws
        for kind in KINDS
    ]
    np.testing.assert_array_equal(total.draws, np.sum(parts, axis=0))


def test_a_kind_the_panel_lacks_is_an_error(make_panel: MakePanel) -> None:
    panel = make_panel(np.ones((2, 30), dtype=np.int32))
    with pytest.raises(BadInput, match=r"needs sb, ns, os, but the panel holds only sb"):
        forecast.fit(panel, origin=FIRST + 20, target="total")
    with pytest.raises(UnknownName, match='no deaths of kind "ns"'):
        forecast.fit(panel, origin=FIRST + 20, target="ns")
    with pytest.raises(UnknownName, match="not a kind of violence"):
        forecast.fit(panel, origin=FIRST + 20, target="wars")


@pytest.mark.parametrize("origin", [FIRST - 1, FIRST + 300])
def test_an_origin_beyond_the_data_is_not_assessed(three_kinds: Panel, origin: int) -> None:
    with pytest.raises(NotAssessed, match="lies outside the data"):
        forecast.fit(three_kinds, origin=origin)


@pytest.mark.parametrize("steps", [(0,), (99,), (1, 37), (), (2, 1), (3, 3)])
@pytest.mark.parametrize("target", ["sb", "total"])
def test_steps_that_cannot_be_are_refused(three_kinds: Panel, steps: tuple[int, ...], target: str) -> None:
    with pytest.raises(BadInput):
        forecast.fit(three_kinds, origin=ORIGIN, target=target).predict(steps)


def test_no_draws_are_refused(three_kinds: Panel) -> None:
    with pytest.raises(BadInput, match="at least 1"):
        forecast.fit(three_kinds, origin=ORIGIN).predict((1,), 0)


@pytest.mark.parametrize("method", OWN)
def test_peace_in_ones_own_history_forecasts_peace(three_kinds: Panel, method: str) -> None:
    said = forecast.fit(three_kinds, origin=ORIGIN, method=method).predict(range(1, 13))
    assert said.assessed[-1]
    assert not said.draws[-1].any()


@pytest.mark.parametrize("method", METHODS)
def test_an_area_not_covered_at_the_origin_is_not_assessed(make_panel: MakePanel, method: str) -> None:
    covered = np.ones((2, 60), dtype=bool)
    covered[1, -1] = False
    panel = make_panel(np.full((2, 60), 50, dtype=np.int32), covered)
    said = forecast.fit(panel, origin=FIRST + 59, method=method).predict((1, 2, 3))
    assert said.assessed.tolist() == [True, False]
    assert not said.draws[1].any()
    assert np.isnan(said.probability(25)[1])
    with pytest.raises(NotAssessed):
        said.path(2)


def test_a_total_is_assessed_where_every_kind_is(make_panel: MakePanel) -> None:
    covered = np.ones((2, 60), dtype=bool)
    covered[0, -1] = False
    panel = make_panel(np.full((2, 60, 3), 5, dtype=np.int32), covered, kinds=KINDS)
    assert forecast.fit(panel, origin=FIRST + 59, target="total").predict((1,)).assessed.tolist() == [
        False,
        True,
    ]


@pytest.mark.parametrize("method", BASELINES)
def test_a_country_that_begins_inside_the_span_uses_the_months_there_are(
    make_panel: MakePanel, method: str
) -> None:
    """Four covered months forecast as those four months alone would: what came before is not zero."""
    deaths = np.array([[0] * 56 + [30, 45, 60, 75]], dtype=np.int32)
    covered = np.array([[False] * 56 + [True] * 4])
    young = forecast.fit(make_panel(deaths, covered), origin=FIRST + 59, method=method).predict((1, 2), 500)
    assert young.assessed.all()
    law = forecast.named(method)
    assert isinstance(law, forecast.Baseline)
    alone = law.law(deaths[:, -4:], covered[:, -4:], 500)
    np.testing.assert_array_equal(np.sort(young.draws[0], axis=1), np.repeat(alone, 2, axis=0))


@pytest.mark.parametrize("method", METHODS)
def test_a_panel_shorter_than_the_window_is_enough(make_panel: MakePanel, method: str) -> None:
    panel = make_panel(np.array([[10, 20]], dtype=np.int32))
    said = forecast.fit(panel, origin=FIRST + 1, method=method).predict((1, 2), 100)
    assert said.assessed.all()
    assert said.draws.any() == (method != "zero")


def test_a_window_is_calendar_months_and_a_gap_does_not_reach_back(make_panel: MakePanel) -> None:
    deaths = np.arange(1, 41, dtype=np.int32)[None]
    covered = np.ones((1, 40), dtype=bool)
    covered[0, 30:36] = False
    history = forecast.History.of(make_panel(deaths, covered), FIRST + 39, "sb")
    values, mask = history.window(12)
    assert values[mask].tolist() == [29, 30, 37, 38, 39, 40]
    longer, known = history.window(48)
    assert longer.shape == (1, 48)
    assert known.sum() == 34
