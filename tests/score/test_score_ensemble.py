"""CRPS, ignorance and interval score against their definitions, closed forms and the official routes."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.signal import resample
from scipy.stats import norm

from tocsin import score
from tocsin.errors import BadInput, UnknownName
from tocsin.score.blocks import quantile

COUNTS = st.integers(0, 5000)
ROWS = hnp.arrays(
    np.int32, st.tuples(st.integers(1, 5), st.integers(1, 40)), elements=st.one_of(st.just(0), COUNTS)
)


def crps_by_definition(draws: np.ndarray, outcome: float) -> float:
    x = draws.astype(float)
    return float(np.abs(x - outcome).mean() - np.abs(x[:, None] - x[None, :]).mean() / 2)


@given(ROWS, st.data())
@settings(max_examples=80)
def test_all_three_equal_their_definitions(draws: np.ndarray, data: st.DataObject) -> None:
    outcomes = np.array(data.draw(st.lists(COUNTS, min_size=len(draws), max_size=len(draws))))
    before = draws.copy()
    found = score.row_scores(draws, outcomes)
    assert (draws == before).all()
    edges = [0, *score.BIN_EDGES]
    for row, outcome in enumerate(outcomes):
        assert found.crps[row] == pytest.approx(crps_by_definition(draws[row], outcome), abs=1e-8)
        counted = Counter(np.digitize(draws[row], edges))
        share = (counted[np.digitize(outcome, edges)] + 1) / (draws.shape[1] + 11)
        assert found.ignorance[row] == pytest.approx(-math.log2(share))
        low, high = np.quantile(draws[row], [0.05, 0.95])
        outside = max(low - outcome, 0) + max(outcome - high, 0)
        assert found.interval[row] == pytest.approx(high - low + 20 * outside, abs=1e-6)


@given(ROWS)
@settings(max_examples=30)
def test_each_score_alone_equals_the_single_pass(draws: np.ndarray) -> None:
    outcomes = draws.max(axis=1) // 2
    together = score.row_scores(draws, outcomes, upsample=True)
    np.testing.assert_allclose(score.crps(draws, outcomes), together.crps)
    np.testing.assert_allclose(score.ignorance(draws, outcomes, upsample=True), together.ignorance)
    np.testing.assert_allclose(score.interval_score(draws, outcomes), together.interval)


def test_crps_of_a_normal_law_nears_its_closed_form() -> None:
    draws = 10 + norm.ppf((np.arange(4000) + 0.5) / 4000)
    for away in (-1.5, 0.0, 0.7):
        exact = away * (2 * norm.cdf(away) - 1) + 2 * norm.pdf(away) - 1 / math.sqrt(math.pi)
        assert score.crps(draws, 10 + away) == pytest.approx(exact, abs=1e-3)


def test_a_zero_forecast_scores_the_deaths_that_came() -> None:
    outcomes = np.array([0, 3, 1200])
    found = score.row_scores(np.zeros((3, 1000), np.int32), outcomes)
    assert found.crps.tolist() == [0, 3, 1200]
    for many in (7, 70_000):
        assert score.crps(np.full((2, many), 3), np.array([3, 4])).tolist() == [0, 1]
    assert found.interval == pytest.approx([0, 60, 24000])


def test_ignorance_has_the_published_ends() -> None:
    sure = np.zeros((2, 1000), np.int32)
    best, worst = score.ignorance(sure, np.array([0, 1001]))
    assert best == pytest.approx(0.01434, abs=5e-6)
    assert worst == pytest.approx(9.98, abs=2e-3)


@pytest.mark.parametrize(
    ("inside", "outside"),
    [(0, 1), (1, 2), (2, 3), (5, 6), (10, 11), (25, 26), (50, 51), (100, 101), (250, 251), (500, 501),
     (1000, 1001)],
)  # fmt: skip
def test_bins_end_where_the_challenge_ends_them(inside: int, outside: int) -> None:
    draws = np.full((2, 1000), inside)
    hit, miss = score.ignorance(draws, np.array([inside, outside]))
    if (inside, outside) == (1, 2):
        assert hit == miss
    else:
        assert hit < 0.02 < 9 < miss


def test_a_draw_on_an_edge_is_in_the_bin_above_it() -> None:
    hit, miss = score.ignorance(np.full((2, 1000), 0.5), np.array([1, 0]))
    assert hit < 0.02 < 9 < miss


def test_quantiles_are_those_of_numpy_to_the_last_bit() -> None:
    draws = np.random.default_rng(2).gamma(0.3, 100, size=(50, 12))
    for level in np.linspace(0.01, 0.99, 99):
        assert (quantile(np.sort(draws, axis=1), level) == np.quantile(draws, level, axis=1)).all()


def test_interval_score_by_hand() -> None:
    draws = np.arange(21)
    assert score.interval_score(draws, 10) == pytest.approx(18)
    assert score.interval_score(draws, 0) == pytest.approx(18 + 20 * 1)
    assert score.interval_score(draws, 22) == pytest.approx(18 + 20 * 3)
    assert score.interval_score(draws, 10, level=0.5) == pytest.approx(10)


@pytest.mark.parametrize(("draw", "outcome", "found"), [(30, 30, 1000), (30, 0, 0), (0, 0, 1000)])
def test_a_single_draw_stands_for_all_when_it_is_upsampled(draw: int, outcome: int, found: int) -> None:
    expected = -math.log2((found + 1) / 1011)
    assert score.ignorance([[draw]], [outcome], upsample=True)[0] == pytest.approx(expected)


def test_upsampling_follows_the_order_of_the_draws() -> None:
    draws = np.array([[0, 0, 3, 40, 2, 0, 0, 9, 0, 1, 0, 0], [0] * 12, [7] * 12])
    outcomes = np.array([4, 0, 7])
    wide = np.maximum(resample(draws.astype(float), 1000, axis=1), 0)
    np.testing.assert_allclose(
        score.ignorance(draws, outcomes, upsample=True), score.ignorance(wide, outcomes)
    )
    shuffled = np.sort(draws, axis=1)
    assert score.ignorance(draws, outcomes, upsample=True)[0] != pytest.approx(
        score.ignorance(shuffled, outcomes, upsample=True)[0]
    )
    assert score.ignorance(draws, outcomes)[1] == pytest.approx(-math.log2(13 / 23))


def test_log_scale_is_the_score_of_logarithms() -> None:
    draws, outcomes = np.array([[0, 5, 90], [0, 0, 0]]), np.array([12, 3])
    logged = score.crps(np.log1p(draws), np.log1p(outcomes))
    np.testing.assert_allclose(score.crps(draws, outcomes, scale="log"), logged)
    assert logged[1] == pytest.approx(math.log(4))


def test_more_axes_keep_their_shape() -> None:
    draws = np.random.default_rng(5).poisson(3, size=(4, 6, 50))
    outcomes = np.full((4, 6), 2)
    found = score.crps(draws, outcomes)
    assert found.shape == (4, 6)
    assert found[3, 5] == pytest.approx(crps_by_definition(draws[3, 5], 2))


def test_what_was_not_observed_has_no_score() -> None:
    draws = np.array([[1, 2, 3], [0, 0, 0], [1, 1, 1]])
    found = score.row_scores(draws, np.array([np.nan, np.nan, 1.0]))
    for values in (found.crps, found.ignorance, found.interval):
        assert np.isnan(values).tolist() == [True, True, False]


def test_bad_arrays_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"\(2, 3\)"):
        score.crps(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(BadInput, match="Row 1"):
        score.crps(np.array([[0.0, 1.0], [np.nan, 1.0]]), np.zeros(2))
    with pytest.raises(BadInput, match="bool"):
        score.crps(np.ones((2, 3), bool), np.zeros(2))
    with pytest.raises(BadInput, match="observed"):
        score.crps(np.ones((2, 3)), np.array(["0", "1"]))
    for level in (0.0, 1.0):
        with pytest.raises(BadInput, match="level"):
            score.interval_score(np.ones((1, 3)), np.zeros(1), level=level)
    with pytest.raises(UnknownName, match="natural, log"):
        score.crps(np.ones((1, 3)), np.zeros(1), scale="sqrt")  # type: ignore[arg-type]
