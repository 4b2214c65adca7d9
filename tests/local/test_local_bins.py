"""Trees on bins found at one sorting split as scikit-learn's on the values do, to the bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from tocsin.forecast.threads import one_thread
from tocsin.local import bins
from tocsin.local.bins import BINS, Bins


@pytest.fixture(autouse=True)
def held() -> Iterator[None]:
    """Hold what learns to one thread, as a fit does."""
    with one_thread():
        yield


def _rows(seed: int, count: int) -> np.ndarray:
    """Return columns of values all apart, of many values with ties, of mostly one value, and of few."""
    random = np.random.default_rng(seed)
    ties = random.integers(0, 400, count)
    mostly = np.where(random.random(count) < 0.5, 0, random.random(count))
    return np.stack([random.normal(size=count), ties, mostly, ties % 7], axis=1).astype(np.float32)


@pytest.mark.parametrize("weighs", ["all alike", "more or less", "some not at all"])
def test_trees_on_bins_are_those_on_values(weighs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Fewer than scikit-learn has unless told otherwise: it takes its time over each.
    monkeypatch.setattr(bins, "BINS", 40)
    past, present = _rows(1, 700), 1.1 * _rows(2, 3000)
    happened = past[:, 0] + past[:, 1] / 300 + past[:, 2] > 1
    weights = np.ones(len(past), dtype=np.float32)
    if weighs != "all alike":
        weights = np.random.default_rng(3).choice([0.05, 1.0, 20.0], len(past)).astype(np.float32)
    if weighs == "some not at all":
        weights[::5] = 0
    trees = HistGradientBoostingClassifier(max_iter=12, max_bins=40, min_samples_leaf=5, early_stopping=False)
    plain = trees.fit(past, happened, sample_weight=weights).decision_function(present)
    found = Bins.of(past, weights)
    assert [bounds is None for bounds in found.bounds] == [False, False, False, True]
    binned = trees.fit(found.place(past), happened, sample_weight=weights)
    assert np.array_equal(binned.decision_function(found.place(present)), plain)
    assert len(np.unique(plain)) > 100


def test_what_lies_in_a_bin_without_a_row_goes_where_it_goes_by_the_values() -> None:
    """Of six rows four have one value: a bound lies at it, and the next between it and the one above."""
    values = np.repeat(np.arange(384), np.tile([1, 1, 4], 128))
    past = values[: 3 * BINS, None].astype(np.float32)
    present, happened = past + 0.3, np.random.default_rng(4).random(len(past)) < 0.5
    weights = np.ones(len(past), dtype=np.float32)
    trees = HistGradientBoostingClassifier(max_iter=12, min_samples_leaf=1, early_stopping=False)
    plain = trees.fit(past, happened, sample_weight=weights).decision_function(present)
    found = Bins.of(past, weights)
    (bounds,) = found.bounds
    assert bounds is not None
    assert len(bounds) < BINS - 1
    binned = trees.fit(found.place(past), happened, sample_weight=weights)
    assert np.array_equal(binned.decision_function(found.place(present)), plain)


def test_of_more_rows_than_are_all_looked_at_values_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _rows(1, BINS * 2)
    monkeypatch.setattr(bins, "MOST", len(rows) - 1)
    found = Bins.of(rows, np.ones(len(rows), dtype=np.float32))
    assert found.bounds == (None,) * rows.shape[1]
    assert found.place(rows) is rows
