"""Laws of one month: known values, gaps, peace."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tocsin.forecast import laws

Law = Callable[[np.ndarray, np.ndarray, int], laws.Counts]

NO_LEARNING = partial(laws.no_learning, zeros=0.2, spread=0.6, floor=50)
ALL: dict[str, Law] = {
    "zero": laws.zero,
    "empirical": laws.empirical,
    "poisson_last": laws.poisson_last,
    "negative_binomial": laws.negative_binomial,
    "no_learning": NO_LEARNING,
}


def window(*values: int) -> np.ndarray:
    return np.array([values], dtype=np.int32)


def full(values: np.ndarray) -> np.ndarray:
    return np.ones(values.shape, dtype=bool)


@pytest.mark.parametrize("law", ALL.values(), ids=ALL.keys())
def test_draws_are_sorted_counts_and_rows_do_not_touch_each_other(law: Law) -> None:
    values = np.random.default_rng(3).negative_binomial(0.2, 0.002, size=(40, 9)).astype(np.int32)
    mask = np.random.default_rng(4).random(values.shape) < 0.8
    together = law(values, mask, 500)
    assert together.dtype == np.int32
    assert together.shape == (40, 500)
    assert (np.diff(together, axis=1) >= 0).all()
    assert (together >= 0).all()
    alone = np.concatenate([law(values[[row]], mask[[row]], 500) for row in range(40)])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("law", ALL.values(), ids=ALL.keys())
def test_peace_and_no_covered_month_give_zeros(law: Law) -> None:
    assert not law(window(0, 0, 0), full(window(0, 0, 0)), 100).any()
    assert not law(window(5, 6, 7), np.zeros((1, 3), dtype=bool), 100).any()


@pytest.mark.parametrize("name", ["empirical", "negative_binomial", "no_learning"])
def test_a_gap_is_left_out_and_is_not_a_zero(name: str) -> None:
    values = window(40, 0, 60, 0, 80)
    gap = np.array([[True, False, True, False, True]])
    short = window(40, 60, 80)
    np.testing.assert_array_equal(ALL[name](values, gap, 200), ALL[name](short, full(short), 200))


def test_draws_stand_in_the_middle_of_their_shares_of_a_law() -> None:
    assert laws.levels(4).tolist() == [0.125, 0.375, 0.625, 0.875]


def test_what_fades_is_each_power_by_itself_as_one_number_is_raised_anywhere() -> None:
    age = np.array([[0, 399], [120, 1]])
    told = laws.fading(age, 120.0)
    assert told.tolist() == [[1.0, 0.5 ** (399 / 120)], [0.5, 0.5 ** (1 / 120)]]
    assert laws.fading(np.array([], dtype=np.int64), 2.0).tolist() == []


def test_empirical_gives_each_month_its_share() -> None:
    values = window(9, 1, 5, 1)
    law = laws.empirical(values, full(values), 1000)[0]
    assert {int(v): int((law == v).sum()) for v in np.unique(law)} == {1: 500, 5: 250, 9: 250}
    np.testing.assert_array_equal(laws.empirical(values, full(values), 4)[0], [1, 1, 5, 9])
    # The levels of two draws are 1/4 and 3/4: neither is in the middle third.
    np.testing.assert_array_equal(laws.empirical(window(9, 1, 5), full(window(9, 1, 5)), 2)[0], [1, 9])


def test_poisson_of_the_last_month() -> None:
    values = window(900, 4)
    law = laws.poisson_last(values, full(values), 10_000)[0]
    for count in range(12):
        assert (law <= count).mean() == pytest.approx(stats.poisson.cdf(count, 4), abs=1e-4)
    assert (laws.poisson_last(window(1), full(window(1)), 10_000) == 0).mean() == pytest.approx(
        np.exp(-1), abs=1e-4
    )
    first_alone, last_alone = np.array([[True, False]]), np.array([[False, True]])
    assert not laws.poisson_last(values, first_alone, 10_000).any()
    np.testing.assert_array_equal(laws.poisson_last(values, last_alone, 10_000)[0], law)


def test_negative_binomial_has_the_moments_of_the_window() -> None:
    values = window(3, 14, 0, 8, 21, 2, 5, 9, 11, 7, 0, 16)
    law = laws.negative_binomial(values, full(values), 100_000)[0]
    assert law.mean() == pytest.approx(values.mean(), rel=1e-3)
    assert law.var() == pytest.approx(values.var(ddof=1), rel=5e-3)


def test_negative_binomial_is_poisson_without_more_variance_than_mean() -> None:
    steady = window(10, 10, 11, 9)
    poisson = stats.poisson.ppf(laws.levels(100), 10)
    np.testing.assert_array_equal(laws.negative_binomial(steady, full(steady), 100)[0], poisson)
    one = np.array([[False, False, False, True]])
    np.testing.assert_array_equal(laws.negative_binomial(window(0, 0, 0, 10), one, 100)[0], poisson)


def test_no_learning_has_its_zeros_cap_and_noise() -> None:
    """Cap: twice the third largest, 2 x 100; so the law is that of 100, 100, 200 and 200 with noise."""
    values = window(100, 100, 300, 9000)
    law = NO_LEARNING(values, full(values), 10_000)[0]
    assert (law == 0).mean() == pytest.approx(0.2, abs=1e-3)
    assert np.median(law[law > 0]) == pytest.approx(np.median(_mixture([100, 100, 200, 200])), rel=0.01)
    assert law.mean() == pytest.approx(0.8 * 150 * np.exp(0.6**2 / 2), rel=0.01)


def test_no_learning_never_caps_below_its_floor() -> None:
    values = window(0, 0, 0, 40)
    law = NO_LEARNING(values, full(values), 10_000)[0]
    assert law.mean() == pytest.approx(0.8 * 10 * np.exp(0.6**2 / 2), rel=0.01)
    both = window(30, 900)
    capped = NO_LEARNING(both, full(both), 10_000)[0]
    assert capped.mean() == pytest.approx(0.8 * (30 + 60) / 2 * np.exp(0.6**2 / 2), rel=0.01)


def test_the_cap_of_recent_months_is_twice_the_third_largest_of_their_last_year() -> None:
    # The third largest of the last 12 is the oldest of them, and of the last 13 it is 900.
    values = np.array([[1000.0] * 3 + [70.0] + [40.0] * 9 + [900.0] * 2])
    law = laws.recent(values, full(values), 100, half_life=24, spread=0, floor=10)
    assert np.unique(law).tolist() == [40, 70, 140]
    two = np.array([[30.0, 900.0]])
    for floor, found in ((10, [30, 60]), (100, [30, 100])):
        law = laws.recent(two, full(two), 100, half_life=24, spread=0, floor=floor)
        assert np.unique(law).tolist() == found


def test_the_weight_of_a_recent_month_halves_with_its_age_in_the_calendar() -> None:
    values = np.array([[10.0, 99.0, 20.0]])
    for mask, share in (([False, True, True], 1 / 3), ([True, False, True], 1 / 5)):
        law = laws.recent(values, np.array([mask]), 1500, half_life=1, spread=0, floor=1000)[0]
        assert (law != 20).mean() == pytest.approx(share, abs=1e-3)


def test_recent_months_have_lognormal_noise() -> None:
    values = np.array([[1000.0]])
    law = laws.recent(values, full(values), 1500, half_life=24, spread=0.5, floor=10)[0]
    assert law.mean() == pytest.approx(1000 * np.exp(0.5**2 / 2), rel=0.02)
    assert np.log(law).std() == pytest.approx(0.5, rel=0.05)
    assert np.median(law) == 1000


def test_draws_are_scaled_row_by_row() -> None:
    draws = np.array([[2, 4], [10, 21]], dtype=np.int32)
    assert laws.scaled(draws, np.array([3.0, 0.1])).tolist() == [[6, 12], [1, 2]]


def test_a_law_does_not_overflow_its_counts() -> None:
    assert np.iinfo(np.int32).max // 3 >= laws.LARGEST
    huge = np.full((1, 9), 2_000_000_000, dtype=np.int32)
    assert NO_LEARNING(huge, full(huge), 100).max() == laws.LARGEST


def _mixture(scales: list[int]) -> np.ndarray:
    noise = np.exp(0.6 * stats.norm.ppf(laws.levels(5000)))
    return np.sort(np.concatenate([scale * noise for scale in scales]))


def test_a_law_is_recalibrated_to_how_outcomes_fell() -> None:
    """Outcomes that fell at the levels of a Beta law fall evenly at those of the law made from it."""
    rng = np.random.default_rng(6)
    law = np.arange(1000, dtype=np.int32)[None]
    again = laws.recalibrated(law, 0.8, 0.5)[0]
    outcomes = np.floor(rng.beta(0.8, 0.5, 40_000) * 1000)
    for level in (50, 100, 250, 500, 750, 900, 950):
        assert (outcomes < again[level]).mean() == pytest.approx(level / 1000, abs=0.01)


def test_even_outcomes_leave_a_law_as_it_is() -> None:
    law = np.sort(np.random.default_rng(6).poisson(40, (3, 200)).astype(np.int32), axis=1)
    np.testing.assert_array_equal(laws.recalibrated(law, 1.0, 1.0), law)


@given(st.floats(0.3, 1.0), st.floats(0.3, 1.0))
def test_a_recalibrated_law_is_ascending_and_made_of_its_own_draws(low: float, high: float) -> None:
    law = np.sort(np.random.default_rng(6).poisson(4, (2, 3, 50)).astype(np.int32), axis=-1)
    found = laws.recalibrated(law, low, high)
    assert found.shape == law.shape
    assert (np.diff(found, axis=-1) >= 0).all()
    assert np.isin(found, law).all()
