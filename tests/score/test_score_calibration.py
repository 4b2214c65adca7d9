"""Coverage, the probability integral transform, and scores of probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from tocsin import score
from tocsin.errors import BadInput


@pytest.fixture(scope="module")
def calibrated() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(11)
    rates = random.gamma(2, 10, size=3000)
    return random.poisson(rates[:, None], size=(3000, 500)), random.poisson(rates)


def test_a_calibrated_forecast_is_uniform_and_a_biased_one_is_not(
    calibrated: tuple[np.ndarray, np.ndarray],
) -> None:
    draws, outcomes = calibrated
    assert kstest(score.pit(draws, outcomes), "uniform").pvalue > 0.01
    assert kstest(score.pit(draws * 2, outcomes), "uniform").pvalue < 1e-6


def test_pit_lies_between_the_shares_and_repeats() -> None:
    draws, outcomes = np.array([[0, 0, 1, 2]]), np.array([0])
    values = [score.pit(draws, outcomes, seed=s)[0] for s in range(200)]
    assert 0 <= min(values) < 0.05
    assert 0.45 < max(values) <= 0.5
    assert score.pit(draws, outcomes, seed=3) == score.pit(draws, outcomes, seed=3)
    assert score.pit(draws, outcomes) == score.pit(draws, outcomes)
    assert score.pit(draws, np.array([5])) == 1


def test_coverage_counts_outcomes_inside(calibrated: tuple[np.ndarray, np.ndarray]) -> None:
    draws = np.tile(np.arange(101), (6, 1))
    # Of draws 0 to 100 the halves end at 25 and 75, the nine tenths at 5 and 95.
    found = score.coverage(draws, np.array([4, 5, 75, 76, 96, np.nan]), levels=(0.5, 0.9))
    assert found == {0.5: pytest.approx(1 / 5), 0.9: pytest.approx(3 / 5)}
    wide = score.coverage(*calibrated)
    assert list(wide) == [0.5, 0.8, 0.9]
    assert 0.5 < wide[0.5] < 0.62
    assert 0.9 <= wide[0.9] < 0.95
    assert math.isnan(score.coverage(draws, np.full(6, np.nan))[0.5])
    for level in (0, 1, 90):
        with pytest.raises(BadInput, match="level"):
            score.coverage(draws, np.zeros(6), levels=(level,))


def test_brier_and_log_score_by_hand() -> None:
    chance, happened = np.array([0.8, 0.8, 0.5, 0.3]), np.array([1, 0, 1, np.nan])
    assert score.brier(chance, happened)[:3] == pytest.approx([0.04, 0.64, 0.25])
    assert score.log_score(chance, happened)[:3] == pytest.approx(
        [-math.log(0.8), -math.log(0.2), math.log(2)]
    )
    assert np.isnan(score.brier(chance, happened)[3])
    assert np.isnan(score.log_score(chance, happened)[3])
    assert score.log_score(np.array([0.0]), np.array([True]))[0] == math.inf
    assert score.log_score(np.array([0.0]), np.array([True]), floor=0.01)[0] == pytest.approx(-math.log(0.01))
    assert score.log_score(np.array([1.0]), np.array([True]), floor=0.01)[0] == pytest.approx(-math.log(0.99))


@pytest.mark.parametrize(
    ("chance", "happened", "says"),
    [
        ([0.2, 1.2], [1, 1], "1.2"),
        ([np.nan], [1], "probability"),
        ([0.5, 0.5], [0, 2], "yes-or-no"),
        ([0.5, 0.5], [1], "shape"),
    ],
)
def test_what_is_no_probability_is_refused(chance: list[float], happened: list[float], says: str) -> None:
    for rule in (score.brier, score.log_score):
        with pytest.raises(BadInput, match=says):
            rule(chance, happened)
    with pytest.raises(BadInput, match="floor"):
        score.log_score([0.5], [1], floor=0.5)
