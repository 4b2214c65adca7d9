"""Boosted trees: what they learn of known laws, and the rules every method keeps."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from forecast_world import wars
from numpy.typing import NDArray

from tocsin import forecast
from tocsin.forecast import Boosted, FittedBoosted, History, Hurdle, Quantiles
from tocsin.forecast.cores import Bins, Past, Trees
from tocsin.forecast.threads import one_thread
from tocsin.panel import Panel

FIRST = 109
MakePanel = Callable[..., Panel]

FEW = Trees(rounds=5)
QUICK = {
    "boosting": Boosted("boosting", Quantiles(levels=(0.1, 0.5, 0.9), trees=FEW)),
    "hurdle": Boosted("hurdle", Hurdle(occurrence=FEW, size=Quantiles(levels=(0.1, 0.5, 0.9), trees=FEW))),
}
"""The two methods with few rounds, for what does not hang on how well they learn."""

either = pytest.mark.parametrize("method", QUICK.values(), ids=QUICK)


@pytest.fixture
def alone() -> Iterator[None]:
    """Let cores learn as a method has them learn: threads of two workers would wait for one another."""
    with one_thread():
        yield


def fitted(method: Boosted, panel: Panel) -> FittedBoosted:
    return method.fit(History.of(panel, panel.span.last, "sb"))


def past(deaths: NDArray[np.float64], read: NDArray[np.float64], level: float = 40.0) -> Past:
    rows = len(deaths)
    return Past(read.astype(np.float32), np.arange(rows) % 30, deaths, np.full(rows, level), np.ones(rows))


def test_the_two_methods_are_there_by_name() -> None:
    for name in QUICK:
        made = forecast.named(name)
        assert isinstance(made, Boosted)
        assert made.name == name


@pytest.mark.usefixtures("alone")
def test_quantiles_of_a_known_law_are_found() -> None:
    """Deaths with the same lognormal law around a middle that the one feature says."""
    rng = np.random.default_rng(5)
    said = rng.choice([1.0, 3.0], 6000)
    deaths = 40 * np.exp(said + 0.5 * rng.normal(size=6000))
    law = Quantiles().learn(past(deaths, said[:, None]))
    found = law(np.array([[1.0], [3.0]], dtype=np.float32), np.array([40.0, 40.0]), 1000)
    assert (np.diff(found, axis=1) >= 0).all()
    for row, middle in enumerate((1.0, 3.0)):
        for level, score in ((0.1, -1.2816), (0.5, 0.0), (0.9, 1.2816)):
            assert found[row, int(level * 1000)] == pytest.approx(40 * np.exp(middle + 0.5 * score), rel=0.08)


@pytest.mark.usefixtures("alone")
def test_a_larger_level_is_a_larger_law() -> None:
    rng = np.random.default_rng(5)
    law = Quantiles(levels=(0.1, 0.5, 0.9)).learn(past(40 * np.exp(rng.normal(size=800)), np.zeros((800, 1))))
    small, large = law(np.zeros((2, 1), dtype=np.float32), np.array([40.0, 4000.0]), 100)
    assert np.median(large) == pytest.approx(100 * np.median(small), rel=0.05)


@pytest.mark.usefixtures("alone")
def test_occurrence_is_calibrated_and_sizes_are_those_of_months_with_deaths() -> None:
    rng = np.random.default_rng(8)
    said = rng.choice([0.1, 0.7], 9000)
    deaths = np.where(rng.random(9000) < said, rng.integers(20, 61, 9000), 0).astype(np.float64)
    law = Hurdle().learn(past(deaths, said[:, None]))
    found = law(np.array([[0.1], [0.7]], dtype=np.float32), np.array([40.0, 40.0]), 1000)
    assert (found > 0).mean(axis=1) == pytest.approx([0.1, 0.7], abs=0.03)
    some = found[1][found[1] > 0]
    assert np.median(some) == pytest.approx(40, abs=3)
    assert np.quantile(some, [0.1, 0.9]) == pytest.approx([24, 56], abs=4)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("core", [Hurdle(), Quantiles()])
def test_a_past_without_deaths_foresees_none(core: Hurdle | Quantiles) -> None:
    law = core.learn(past(np.zeros(400), np.zeros((400, 2))))
    assert not np.rint(law(np.zeros((3, 2), dtype=np.float32), np.full(3, 30.0), 100)).any()


@pytest.mark.usefixtures("alone")
def test_a_past_with_deaths_alone_foresees_some() -> None:
    law = Hurdle().learn(past(np.full(400, 7.0), np.zeros((400, 2))))
    assert (law(np.zeros((1, 2), dtype=np.float32), np.array([40.0]), 100) >= 1).all()


def test_bins_keep_the_order_of_values_and_few_values_apart() -> None:
    read = np.column_stack([np.linspace(-1, 5, 500), np.repeat([0.0, 2.0, 9.0], [480, 10, 10])]).astype(
        np.float32
    )
    bins = Bins.of(read)
    placed = bins(read)
    assert (np.diff(placed[:, 0]) >= 0).all()
    assert len(np.unique(placed[:, 0])) == 64
    assert np.unique(placed[:, 1]).tolist() == [0, 1, 2]
    assert bins(np.array([[-50, 1], [50, 50]], dtype=np.float32)).tolist() == [[0, 0], [63, 2]]


@either
def test_later_months_cannot_reach_a_forecast(make_panel: MakePanel, method: Boosted) -> None:
    deaths = wars(12, 130)
    panel = make_panel(deaths)
    later = deaths.copy()
    later[:, 110:] = 99_999
    said, other = (
        method.fit(History.of(one, FIRST + 109, "sb")).predict(range(1, 13), 100)
        for one in (panel, make_panel(later))
    )
    assert said.digest == other.digest


@either
def test_the_same_bytes_again_and_in_parts(make_panel: MakePanel, method: Boosted) -> None:
    panel = make_panel(wars(12, 130))
    every = fitted(method, panel).predict(range(1, 37), 200)
    some = fitted(method, panel).predict((3, 14), 200)
    np.testing.assert_array_equal(some.draws, every.draws[:, [2, 13]])
    assert some.digest == fitted(method, panel).predict((3, 14), 200).digest


@either
@pytest.mark.parametrize("months", [1, 3, 12, 20, 40])
def test_short_histories_are_enough(make_panel: MakePanel, method: Boosted, months: int) -> None:
    said = fitted(method, make_panel(wars(5, months))).predict(range(1, 37), 100)
    assert said.assessed.all()
    assert said.draws.any()


@either
def test_absence_is_not_assessed_and_gaps_do_not_stop_a_forecast(
    make_panel: MakePanel, method: Boosted
) -> None:
    covered = np.random.default_rng(2).random((8, 120)) > 0.3
    covered[:7, -1], covered[7, -20:] = True, False
    said = fitted(method, make_panel(wars(8, 120), covered)).predict((1, 2, 3), 100)
    assert said.assessed.tolist() == [True] * 7 + [False]
    assert not said.draws[7].any()


@either
def test_the_settings_are_named_in_the_inputs(make_panel: MakePanel, method: Boosted) -> None:
    panel = make_panel(wars(4, 20))
    other = Boosted(method.name, Quantiles(trees=Trees(rounds=6)))
    assert fitted(method, panel).predict((1,), 10).inputs != fitted(other, panel).predict((1,), 10).inputs


def test_one_thread_learns_where_nothing_that_learns_was_loaded_before() -> None:
    program = """
import sys
import numpy as np
from threadpoolctl import threadpool_info
from tocsin.forecast.boosted import _Learnt
from tocsin.forecast.cores import Past, Quantiles

class Watched(Quantiles):
    def learn(self, past):
        law = super().learn(past)
        print({held["num_threads"] for held in threadpool_info()})
        return law

print("sklearn" in sys.modules)
few, rows = np.ones(200), np.arange(200)
_Learnt.of(Past(few[:, None].astype(np.float32), rows, few, few, few), Watched(levels=(0.1, 0.5, 0.9)), 1)
print(max(held["num_threads"] for held in threadpool_info()))
"""
    words, many = [sys.executable, "-c", program], {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3"}
    ran = subprocess.run(words, capture_output=True, check=True, text=True, env=os.environ | many)
    assert ran.stdout.split() == ["False", "{1}", "3"]
