"""Seasons: what the time of the year does to a history, and what it may not do."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.forecast.seasons import Seasons, by_month, calendar_month
from tocsin.months import month_id, parse

FIRST = month_id(1989, 1)
PLAIN = Seasons(shrink=0.0, offset=0.01)
SHAPE = np.array([0.5, 0.5, 0.8, 1.0, 1.5, 2.0, 2.0, 1.6, 1.2, 1.0, 0.8, 0.6])


def ended(series: np.ndarray) -> np.ndarray:
    return np.ones(series.shape, dtype=bool)


def wave(years: int, level: float = 1_000.0) -> np.ndarray:
    return np.rint(np.tile(SHAPE, years) * level)[None, :].astype(np.int32)


def test_the_months_of_the_calendar() -> None:
    assert [calendar_month(parse(month)) for month in ("1980-01", "2012-01", "2012-12")] == [0, 0, 11]
    factors = np.arange(12.0)[None, :]
    assert by_month(factors, parse("2012-11"), 4)[0].tolist() == [10, 11, 0, 1]


def test_a_season_that_repeats_is_found_whatever_the_month_the_data_end_in() -> None:
    shape = np.log(SHAPE)
    smooth = 0.25 * np.roll(shape, 1) + 0.5 * shape + 0.25 * np.roll(shape, -1)
    expected = np.exp(smooth - smooth.mean())
    for missing in (0, 5, 11):
        series = wave(10)[:, : 120 - missing]
        np.testing.assert_allclose(PLAIN.factors(series, ended(series), FIRST)[0], expected, rtol=1e-3)


def test_steady_growth_is_no_season() -> None:
    series = np.rint(100 * 1.03 ** np.arange(120))[None, :].astype(np.int32)
    np.testing.assert_allclose(PLAIN.factors(series, ended(series), FIRST), 1.0, atol=0.005)


def test_the_fewer_years_the_weaker_the_season_and_none_before_a_year_was_seen_whole() -> None:
    seasons = Seasons()
    summers = []
    for years in (1, 2, 4, 8):
        series = wave(years)
        summers.append(float(seasons.factors(series, ended(series), FIRST)[0, 6]))
    assert summers[0] == 1.0
    assert summers == sorted(summers)
    assert summers[-1] < 1.9


def test_a_few_deaths_make_no_season() -> None:
    series = wave(8, level=1.0)
    assert np.abs(np.log(Seasons().factors(series, ended(series), FIRST))).max() < 0.1


def test_only_the_last_years_count() -> None:
    old = np.concatenate([wave(5), np.full((1, 120), 1_000, dtype=np.int32)], axis=1)
    np.testing.assert_allclose(Seasons().factors(old, ended(old), FIRST), 1.0, atol=1e-9)


def test_months_that_are_not_covered_are_neither_low_nor_high() -> None:
    series, covered = wave(8), ended(wave(8))
    covered[0, 30:33] = False
    whole = PLAIN.factors(series, ended(series), FIRST)
    gap = PLAIN.factors(np.where(covered, series, 0), covered, FIRST)
    np.testing.assert_allclose(gap, whole, rtol=1e-6)
    assert (Seasons().factors(series * 0, np.zeros_like(covered), FIRST) == 1.0).all()


@pytest.mark.parametrize("months", [1, 6, 12, 13, 40])
def test_factors_balance_over_the_year(months: int) -> None:
    rng = np.random.default_rng(5)
    series = rng.negative_binomial(0.4, 0.01, (20, months)).astype(np.int32)
    factors = Seasons().factors(series, rng.random(series.shape) > 0.1, FIRST)
    assert factors.shape == (20, 12)
    np.testing.assert_allclose(np.log(factors).sum(axis=1), 0.0, atol=1e-9)
