"""Relative scores and the block bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin import score
from tocsin.errors import BadInput


def test_relative_is_the_geometric_mean_of_ratios_of_group_means() -> None:
    ours = np.array([[1.0, 3.0, 8.0, 8.0]])
    theirs = np.array([[2.0, 2.0, 4.0, 4.0]])
    found = score.relative(ours, theirs, np.array(["a", "a", "b", "b"]))
    assert found.value == pytest.approx(np.sqrt(1.0 * 2.0))
    assert (found.groups, found.left_out) == (2, 0)


def test_one_catastrophe_does_not_decide_alone() -> None:
    ours, theirs = np.ones(10), np.full(10, 2.0)
    ours[0], theirs[0] = 40_000.0, 20_000.0
    assert ours.mean() > theirs.mean()
    assert score.relative(ours, theirs, np.arange(10)).value == pytest.approx(0.5**0.8)


def test_groups_without_a_score_are_left_out_and_counted() -> None:
    ours, theirs = np.array([0.0, 2.0, np.nan]), np.array([0.0, 1.0, 5.0])
    found = score.relative(ours, theirs, np.arange(3))
    assert (found.value, found.groups, found.left_out) == (pytest.approx(2), 1, 1)


def test_a_lone_zero_needs_an_offset() -> None:
    ours, theirs = np.array([0.0, 2.0]), np.array([1.0, 2.0])
    for pair in ((ours, theirs), (theirs, ours)):
        with pytest.raises(BadInput, match="offset"):
            score.relative(*pair, np.arange(2))
    assert score.relative(ours, theirs, np.arange(2), offset=0.1).value == pytest.approx((0.1 / 1.1) ** 0.5)
    with pytest.raises(BadInput, match="no ratio"):
        score.relative(np.zeros(2), np.zeros(2), np.arange(2))
    with pytest.raises(BadInput, match="shapes"):
        score.relative(np.zeros(2), np.zeros(3), np.arange(2))
    with pytest.raises(BadInput, match="labels"):
        score.relative(np.zeros(2), np.zeros(2), np.arange(3))
    for ours, theirs in (([1, -1], [1, 1]), ([1, 1], [1, -1])):
        with pytest.raises(BadInput, match="at least 0"):
            score.relative(ours, theirs, np.arange(2))
    with pytest.raises(BadInput, match="score is infinite"):
        score.relative(np.ones(2), np.array([1, np.inf]), np.arange(2))
    for offset in (np.nan, np.inf):
        with pytest.raises(BadInput, match="none of them infinite"):
            score.relative(np.ones(2), np.ones(2), np.arange(2), offset=offset)


def test_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(3)
    hits = 0
    for turn in range(120):
        by_area, by_month = random.normal(size=(40, 1)), random.normal(size=(1, 24))
        table = 0.5 + by_area + by_month + random.normal(size=(40, 24))
        found = score.block_bootstrap(table, blocks=1, resamples=200, seed=turn)
        hits += found.low <= 0.5 <= found.high
    # The nominal rate is 0.9; the crossed bootstrap is known to be a little wide.
    assert 0.82 <= hits / 120 <= 0.99


def test_a_lower_level_gives_a_narrower_interval() -> None:
    table = np.random.default_rng(4).normal(size=(30, 24))
    half, nine = (score.block_bootstrap(table, level=level, resamples=300) for level in (0.5, 0.9))
    assert nine.low < half.low < half.high < nine.high


def test_blocks_are_of_three_months_unless_told_otherwise() -> None:
    table = np.random.default_rng(1).normal(size=(30, 24))
    default, *told = (
        score.block_bootstrap(table, resamples=50, **more)
        for more in ({}, {"blocks": 3}, {"blocks": np.int64(3)})
    )
    assert told == [default, default]


def test_no_difference_at_all_is_not_below_zero() -> None:
    assert score.block_bootstrap(np.zeros((3, 6)), resamples=50).share_below_zero == 0


def test_shared_shocks_widen_the_interval() -> None:
    random = np.random.default_rng(8)
    alone = random.normal(size=(300, 24))
    shared = np.repeat(random.normal(size=(1, 24)), 300, axis=0)

    def width(table: np.ndarray) -> float:
        found = score.block_bootstrap(table, resamples=300)
        return found.high - found.low

    assert width(shared) > 2 * width(alone)


def test_bootstrap_repeats_and_keeps_windows_together() -> None:
    table = np.random.default_rng(1).normal(-1, 1, size=(30, 24))
    windows = ["Y2018"] * 12 + ["Y2019"] * 12
    first = score.block_bootstrap(table, blocks=windows, resamples=200)
    assert first == score.block_bootstrap(table, blocks=windows, resamples=200)
    assert first != score.block_bootstrap(table, blocks=windows, resamples=200, seed=2)
    assert first.estimate == pytest.approx(table.mean())
    assert first.low < first.estimate < first.high < 0
    assert first.share_below_zero == 1


def test_unobserved_months_do_not_count() -> None:
    table = np.full((5, 6), 2.0)
    table[:, :3] = np.nan
    found = score.block_bootstrap(table, resamples=100)
    assert (found.estimate, found.low, found.high) == (2, 2, 2)


@pytest.mark.parametrize(
    ("values", "options", "says"),
    [
        (np.zeros(4), {}, "area"),
        (np.full((2, 2), np.nan), {}, "no value"),
        (np.array([[np.inf, -0.2], [np.nan, -0.2]]), {}, "infinite"),
        (np.zeros((2, 2)), {"level": 1.5}, "level"),
        (np.zeros((2, 2)), {"resamples": 0}, "resamples"),
        (np.zeros((2, 2)), {"blocks": 0}, "block"),
        (np.zeros((2, 2)), {"blocks": ["a"]}, "1 block label for 2 months"),
    ],
)
def test_a_bootstrap_that_cannot_be_is_refused(values: np.ndarray, options: dict, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        score.block_bootstrap(values, **options)
