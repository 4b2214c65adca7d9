"""Analogues: weights, what may teach, and outcomes brought to scale."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.forecast.analogues import Forest, Grown, grow
from tocsin.forecast.features import features

SMALL = Forest(trees=12, leaf=5, late_leaf=10)


def history(areas: int = 12, months: int = 120) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    rng = np.random.default_rng(3)
    level = np.exp(rng.normal(2, 1.5, (areas, 1)))
    deaths = rng.poisson(level * rng.gamma(1, 1, (areas, months))).astype(np.int32)
    deaths[-3:] = 0
    return deaths, np.ones(deaths.shape, dtype=bool)


def described(deaths: NDArray[np.int32], covered: NDArray[np.bool_]) -> NDArray[np.float32]:
    return features(deaths, covered, np.zeros((len(deaths), len(deaths)), dtype=bool))


def grown(
    deaths: NDArray[np.int32], covered: NDArray[np.bool_], steps: tuple[int, ...] = (1, 2, 3)
) -> tuple[Grown, NDArray[np.float32]]:
    told = described(deaths, covered)
    found = grow(deaths, covered, told, steps, settings=SMALL, seed=5)
    assert found is not None
    return found, told[:, -1]


@pytest.mark.parametrize("steps", [(1, 2, 3), tuple(range(13, 25))])
def test_weights_sum_to_one_and_outcomes_are_known(steps: tuple[int, ...]) -> None:
    found, now = grown(*history(), steps)
    alike = found.analogues(now)
    np.testing.assert_allclose(np.asarray(alike.weights.sum(axis=1)).ravel(), 1.0)
    assert (alike.weights.data > 0).all()
    assert alike.months.max() == 119 - steps[-1]
    for area in range(12):
        pairs, weight = alike.of(area)
        assert len(pairs) == len(weight) > 0


@pytest.mark.parametrize(("steps", "least"), [((10, 11, 12), 5), ((13, 14), 10)])
def test_a_leaf_holds_more_pairs_beyond_a_year(steps: tuple[int, ...], least: int) -> None:
    sizes = np.asarray(grown(*history(), steps)[0].leaves.sum(axis=1)).ravel()
    assert sizes[sizes > 0].min() == least


def test_an_uncovered_month_teaches_nothing() -> None:
    deaths, covered = history()
    covered[:, 60:70] = False
    found, _ = grown(np.where(covered, deaths, 0).astype(np.int32), covered)
    for month in found.months:
        assert not 57 <= month <= 69


def test_months_after_the_origin_change_nothing() -> None:
    deaths, covered = history()
    wild = deaths.copy()
    wild[:, 100:] = 5_000
    cut = slice(None), slice(None, 100)
    laws = []
    for series in (deaths, wild):
        found, now = grown(series[cut], covered[cut])
        laws.append(found.analogues(now).law(series[cut], 2, 200))
    np.testing.assert_array_equal(*laws)


def test_outcomes_are_brought_to_the_present_scale() -> None:
    deaths, covered = history()
    found, now = grown(deaths, covered)
    alike = found.analogues(now)
    twice = dataclasses.replace(alike, present=2 * alike.present)
    small, large = (a.law(deaths, 1, 999).astype(float) for a in (alike, twice))
    big = small > 50
    assert big.sum() > 100
    np.testing.assert_allclose(large[big] / small[big], 2.0, rtol=0.02)


def test_a_quiet_area_resembles_quiet_areas() -> None:
    deaths, covered = history()
    found, now = grown(deaths, covered)
    alike = found.analogues(now)
    pairs, weight = alike.of(11)
    assert weight[np.isin(alike.rows[pairs], (9, 10, 11))].sum() > 0.9
    assert not alike.law(deaths, 1, 100)[11].any()


def test_the_law_ascends_and_the_seed_alone_decides() -> None:
    deaths, covered = history()
    first, now = grown(deaths, covered)
    again, _ = grown(deaths, covered)
    law = first.analogues(now).law(deaths, 3, 500)
    assert (np.diff(law, axis=1) >= 0).all()
    np.testing.assert_array_equal(law, again.analogues(now).law(deaths, 3, 500))
    other = grow(deaths, covered, described(deaths, covered), (1, 2, 3), settings=SMALL, seed=6)
    assert other is not None
    assert (other.analogues(now).law(deaths, 3, 500) != law).any()


def test_some_areas_find_what_all_areas_find() -> None:
    deaths, covered = history()
    found, now = grown(deaths, covered)
    np.testing.assert_array_equal(
        found.analogues(now[2:5]).law(deaths, 1, 100), found.analogues(now).law(deaths, 1, 100)[2:5]
    )


def test_nothing_known_teaches_nothing() -> None:
    deaths = np.zeros((2, 60), dtype=np.int32)
    covered = np.zeros((2, 60), dtype=bool)
    covered[:, -1] = True
    assert grow(deaths, covered, described(deaths, covered), (1, 2, 3), settings=SMALL, seed=1) is None
