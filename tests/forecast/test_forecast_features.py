"""Features: what each says, and that none reads a later month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.forecast.features import FEATURES, LEVEL, SIZES, contiguity, features
from tocsin.months import parse
from tocsin.panel import Panel

MakePanel = Callable[..., Panel]
FIRST = 109


def described(deaths: NDArray[np.int32], covered: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    known = np.ones(deaths.shape, dtype=bool) if covered is None else covered
    touching = ~np.eye(len(deaths), dtype=bool)
    return features(deaths, known, touching)


def one(found: NDArray[np.float32], area: int, month: int, name: str) -> float:
    return float(found[area, month, FEATURES.index(name)])


@given(seed=st.integers(0, 10**6), cut=st.integers(1, 79), last=st.integers(0, 10**6))
@settings(max_examples=25)
def test_later_months_never_change_earlier_features(seed: int, cut: int, last: int) -> None:
    rng = np.random.default_rng(seed)
    deaths = rng.negative_binomial(0.3, 0.02, (4, 80)).astype(np.int32)
    covered = rng.random((4, 80)) > 0.1
    other, unknown = deaths.copy(), covered.copy()
    other[:, cut:] = last
    unknown[:, cut:] = rng.random((4, 80 - cut)) > 0.5
    before = described(deaths, covered)[:, :cut]
    np.testing.assert_allclose(described(other, unknown)[:, :cut], before, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(described(deaths[:, :cut], covered[:, :cut]), before, rtol=1e-6, atol=1e-6)


def test_features_say_what_their_names_say() -> None:
    deaths = np.zeros((2, 40), dtype=np.int32)
    deaths[0, 28:40] = [0, 30, 0, 0, 5, 0, 0, 0, 6, 12, 0, 3]
    deaths[1, 39] = 9
    found = described(deaths)
    expected = {
        "last": np.log1p(3), "mean_3": np.log1p(5), "mean_12": np.log1p(56 / 12), "max_12": np.log1p(30),
        "third_12": np.log1p(6), "active_12": 5 / 12, "since_any": 0.0, "since_25": np.log1p(10),
        "neighbours_3": np.log1p(3), "neighbours_active": np.log1p(9) / 12,
        "trend_3_12": np.log1p(5) - np.log1p(56 / 12),
    }  # fmt: skip
    for name, value in expected.items():
        assert one(found, 0, 39, name) == pytest.approx(value, rel=1e-5), name
    assert one(found, 1, 39, "since_25") == pytest.approx(np.log1p(120), rel=1e-5)


def test_a_decayed_mean_halves_in_its_half_life() -> None:
    deaths = np.full((1, 60), 100, dtype=np.int32)
    deaths[0, 57:] = 0
    level = np.expm1(one(described(deaths), 0, 59, "decayed_3"))
    assert level == pytest.approx(50, rel=1e-4)
    assert LEVEL in FEATURES
    assert set(SIZES) <= set(FEATURES)


def test_a_gap_is_neither_calm_nor_violence() -> None:
    deaths = np.full((1, 24), 10, dtype=np.int32)
    covered = np.ones((1, 24), dtype=bool)
    covered[0, 14:22] = False
    whole, gapped = described(deaths), described(np.where(covered, deaths, 0), covered)
    for name in ("mean_3", "mean_12", "log_mean_12", "active_12", "spread_12", "decayed_3"):
        assert one(gapped, 0, 23, name) == pytest.approx(one(whole, 0, 23, name), abs=1e-5), name


def test_neighbours_are_those_of_the_last_month(make_panel: MakePanel) -> None:
    """Sudan (625) and South Sudan (626) touch from 2011-07; Mali (432) touches neither."""
    months = parse("2011-12") - FIRST + 1
    panel = make_panel(np.zeros((3, months), dtype=np.int32), areas=(432, 625, 626))
    assert contiguity(panel).tolist() == [
        [False, False, False],
        [False, False, True],
        [False, True, False],
    ]
    assert not contiguity(panel.until(parse("2010-12"))).any()
