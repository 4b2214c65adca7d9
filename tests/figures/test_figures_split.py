"""Splitting monthly totals by kind: sums, zeros, certainty, and the property that defines raking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tocsin.figures.split import bounds, raked, rounded, split

tables = arrays(np.int64, (12, 3), elements=st.integers(0, 400))


@given(tables)
def test_any_true_table_gives_a_split_with_its_sums_and_zeros(truth: NDArray[np.int64]) -> None:
    # Months in which a kind had an event without a death are possible but hold none.
    possible = (truth > 0) | (np.arange(36).reshape(12, 3) % 7 == 0)
    seed = np.where(possible, 1.0 + np.arange(36).reshape(12, 3), 0.0)
    found = split(seed, truth.sum(axis=1), truth.sum(axis=0))
    assert (found.sum(axis=1) == truth.sum(axis=1)).all()
    assert (found.sum(axis=0) == truth.sum(axis=0)).all()
    assert (found[~possible] == 0).all()
    assert (found >= 0).all()


@given(tables)
def test_the_truth_as_seed_is_returned_as_it_is(truth: NDArray[np.int64]) -> None:
    found = split(truth.astype(float), truth.sum(axis=1), truth.sum(axis=0))
    assert (found == truth).all()


@given(tables)
def test_bounds_hold_the_truth_and_the_split(truth: NDArray[np.int64]) -> None:
    least, most = bounds(truth > 0, truth.sum(axis=1), truth.sum(axis=0))
    assert (least <= truth).all()
    assert (truth <= most).all()
    found = split((truth > 0).astype(float), truth.sum(axis=1), truth.sum(axis=0))
    certain = least == most
    assert (found[certain] == truth[certain]).all()


def test_bounds_find_what_the_sums_leave_no_choice_about() -> None:
    # Non-state deaths can lie in the second month only, so both of its cells follow.
    possible = np.array([[True, False, False], [True, True, False]])
    least, most = bounds(possible, np.array([5, 9]), np.array([8, 6, 0]))
    assert least.tolist() == most.tolist() == [[5, 0, 0], [3, 6, 0]]


def test_raking_keeps_the_odds_ratio_of_the_seed() -> None:
    """What defines raking: sums change, cross-product ratios do not (Deming & Stephan 1940)."""
    seed = np.array([[40.0, 30.0], [35.0, 50.0]])
    found = raked(seed, np.array([150, 100]), np.array([120, 130]))
    assert found.sum(axis=1) == pytest.approx([150, 100])
    assert found.sum(axis=0) == pytest.approx([120, 130], abs=1e-6)
    ratio = found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0])
    assert ratio == pytest.approx(40 * 50 / (30 * 35), rel=1e-6)


def test_month_sums_win_where_the_sums_contradict_each_other() -> None:
    found = split(np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([10, 7]), np.array([9, 4]))
    assert found.sum(axis=1).tolist() == [10, 7]


def test_a_month_is_not_lost_where_the_year_knows_no_deaths_of_its_only_kind() -> None:
    found = split(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([3, 5]), np.array([8, 0]))
    assert found.tolist() == [[0, 3], [5, 0]]


def test_rounding_moves_no_cell_by_a_whole_death() -> None:
    table = np.array([[0.5, 0.5, 1.0], [0.5, 0.5, 0.0], [1.25, 0.5, 0.25]])
    found = rounded(table, np.array([2, 1, 2]), np.array([2, 2, 1]))
    assert found.sum(axis=1).tolist() == [2, 1, 2]
    assert (np.abs(found - table) < 1).all()
