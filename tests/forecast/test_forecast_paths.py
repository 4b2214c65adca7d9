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
    free = np.corrcoef(paths.coupled(uniform, [5], STEPS, paths.Dependence())[0].astype(float))
    assert np.abs(free[0, 1:]).max() < 0.03


def test_what_lasts_joins_all_months_alike() -> None:
    uniform = np.arange(20_000, dtype=np.int32)[None, None, :]
    drawn = paths.coupled(uniform, [5], STEPS, paths.LASTING)[0].astype(float)
    others = np.corrcoef(drawn)[~np.eye(6, dtype=bool)]
    np.testing.assert_allclose(others, 6 / np.pi * np.arcsin(0.4 / 2), atol=0.02)


@pytest.mark.parametrize("dependence", [paths.Dependence(0.4, 0.5), paths.Dependence(0.9, 0.0)])
def test_paths_are_standard_normal_whatever_joins_them(dependence: paths.Dependence) -> None:
    path = dependence.paths(3, 12, 20_000)
    np.testing.assert_allclose(path.std(axis=1), 1, atol=0.03)
    joined = dependence.lasting + (1 - dependence.lasting) * dependence.persistence**11
    assert np.corrcoef(path[0], path[11])[0, 1] == pytest.approx(joined, abs=0.03)


@pytest.mark.parametrize("dependence", [paths.PERSISTENT, paths.LASTING, paths.Dependence(0.3, 0.3)])
def test_some_steps_are_part_of_more_steps(ascending: np.ndarray, dependence: paths.Dependence) -> None:
    every = paths.coupled(ascending, range(5), range(1, 15), dependence)
    some = paths.coupled(ascending, range(5), (3, 4, 14), dependence)
    np.testing.assert_array_equal(some, every[:, [2, 3, 13]])


@pytest.mark.parametrize("law", [[0] * 99 + [7], [0] + [7] * 99])
def test_one_draw_that_differs_is_enough_for_an_order(law: list[int]) -> None:
    drawn = paths.coupled(np.array([[law]], dtype=np.int32), [5], STEPS, paths.Dependence())[0]
    assert len({tuple(month) for month in drawn.tolist()}) > 1


def test_a_month_without_doubt_leaves_the_others_their_order() -> None:
    laws_of_steps = np.array([[[0] * 100, range(100), range(100)]], dtype=np.int32)
    drawn = paths.coupled(laws_of_steps, [5], (1, 2, 3))[0]
    assert not drawn[0].any()
    assert (drawn[1] != np.arange(100)).any()
    assert (drawn[1] != drawn[2]).any()


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
