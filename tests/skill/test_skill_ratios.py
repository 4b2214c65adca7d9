"""The ratio of scores over years, on scores whose ratio is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tocsin.score import relative
from tocsin.skill import ratio_over_years
from tocsin.skill.ratios import Ratio


def _scores(areas: int = 40, years: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.gamma(0.5, 10, (areas, years)), np.full((areas, years), 12.0)


def test_a_constant_ratio_has_no_spread() -> None:
    theirs, rows = _scores()
    found = ratio_over_years(0.8 * theirs, theirs, rows, offset=0.0)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))
    assert (found.years, found.worse, found.rows, found.verdict) == (20, 0, 40 * 20 * 12, "better")


def test_it_is_the_geometric_mean_that_score_gives() -> None:
    theirs, rows = _scores()
    ours = theirs * np.random.default_rng(2).uniform(0.5, 1.5, theirs.shape)
    found = ratio_over_years(ours, theirs, rows, offset=0.01)
    known = relative(ours / rows, theirs / rows, np.arange(20)[None, :], offset=0.01)
    assert found is not None
    assert found.value == pytest.approx(known.value)
    assert found.low < found.value < found.high


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Two methods whose scores have the same law: about one interval in ten leaves out 1."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        ours, theirs = random.gamma(2, 1, (2, 30, 25))
        found = ratio_over_years(ours, theirs, np.ones((30, 25)), offset=0.0)
        assert found is not None
        held += found.low <= 1 <= found.high
    # The crossed bootstrap is on the wide side.
    assert 82 <= held <= 100


def test_a_lower_level_gives_a_narrower_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, rows = _scores()
    ours = theirs * np.random.default_rng(2).uniform(0.5, 1.5, theirs.shape)
    nine = ratio_over_years(ours, theirs, rows, offset=0.0)
    monkeypatch.setattr("tocsin.skill.ratios.LEVEL", 0.5)
    half = ratio_over_years(ours, theirs, rows, offset=0.0)
    assert nine is not None
    assert half is not None
    assert nine.low < half.low < half.high < nine.high


def test_a_year_a_hundredth_worse_is_not_counted_as_worse() -> None:
    theirs = np.full((10, 5), 12.0)
    found = ratio_over_years(theirs * [1.0, 1.005, 1.02, 1.2, 0.9], theirs, theirs, offset=0.0)
    assert found is not None
    assert found.worse == 2


def test_three_years_are_enough_for_a_verdict_and_two_are_not() -> None:
    made = Ratio(0.8, 0.7, 0.9, 3, 0, 100)
    assert (made.verdict, dataclasses.replace(made, years=2).verdict) == ("better", "open")


def test_one_year_gives_no_verdict_and_years_without_a_ratio_are_left_out() -> None:
    theirs, rows = _scores(years=1)
    found = ratio_over_years(0.5 * theirs, theirs, rows, offset=0.0)
    assert found is not None
    assert found.verdict == "open"
    zeros = np.zeros((4, 3))
    assert ratio_over_years(zeros, zeros, np.ones((4, 3)), offset=0.0) is None
    part = np.array([[1.0, 0.0, 2.0]])
    found = ratio_over_years(part, part, np.ones((1, 3)), offset=0.0)
    assert found is not None
    assert found.years == 2
    assert found.value == pytest.approx(1)
