"""Paths: the order changes, the draws of a month never do."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.forecast import laws, paths

STEPS = (1, 2, 3, 4, 5, 6)


@pytest.fixture
def ascending() -> np.ndarray:
    values = np.random.default_rng(1).negative_binomial(0.5, 0.02, size=(5, 12)).astype(np.int32)
    return laws.negative_binomial(values, np.ones(values.shape, dtype=bool), 1000)[:, None, :]


def test_marginals_are_exactly_unchanged(ascending: np.ndarray) -> None:
    drawn = paths.coupled(ascending, range(5), STEPS)
    np.testing.assert_array_equal(np.sort(drawn, axis=2), np.broadcast_to(ascending, drawn.shape))
    assert (drawn[:, 0] != drawn[:, 1]).any()


def test_each_step_keeps_its_own_law(ascending: np.ndarray) -> None:
    rising = ascending * np.arange(1, 7, dtype=np.int32)[None, :, None]
    drawn = paths.coupled(rising, range(5), STEPS)
    np.testing.assert_array_equal(np.sort(drawn, axis=2), rising)


def test_months_hang_together_by_nine_tenths_unless_asked_otherwise() -> None:
    uniform = np.arange(20_000, dtype=np.int32)[None, None, :]
    drawn = paths.coupled(uniform, [5], STEPS)[0].astype(float)
    correlation = np.corrcoef(drawn)
    spearman = [6 / np.pi * np.arcsin(0.9**lag / 2) for lag in range(6)]
    np.testing.assert_allclose(correlation[0], spearman, atol=0.02)
    free = np.corrcoef(paths.coupled(uniform, [5], STEPS, persistence=0.0)[0].astype(float))
    assert np.abs(free[0, 1:]).max() < 0.03


def test_some_steps_are_part_of_more_steps(ascending: np.ndarray) -> None:
    every = paths.coupled(ascending, range(5), range(1, 15))
    np.testing.assert_array_equal(paths.coupled(ascending, range(5), (3, 4, 14)), every[:, [2, 3, 13]])


def test_a_row_depends_on_its_own_seed(ascending: np.ndarray) -> None:
    drawn = paths.coupled(ascending, [10, 11, 12, 13, 14], STEPS)
    np.testing.assert_array_equal(paths.coupled(ascending[2:3], [12], STEPS)[0], drawn[2])
    assert (paths.coupled(ascending[2:3], [99], STEPS)[0] != drawn[2]).any()


def test_the_window_in_time_order_repeats_what_a_gap_leaves() -> None:
    values = np.array([[5, 0, 7, 9], [1, 2, 3, 4], [0, 0, 0, 0]], dtype=np.int32)
    mask = np.array([[True, False, True, True], [True] * 4, [False] * 4])
    np.testing.assert_array_equal(
        paths.in_time_order(values, mask), [[5, 7, 9, 5], [1, 2, 3, 4], [0, 0, 0, 0]]
    )
