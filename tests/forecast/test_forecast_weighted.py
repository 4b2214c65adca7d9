"""Weights fitted by CRPS: the algebra against plain sums, the optimum, and the pool that uses them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from forecast_world import wars
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin import forecast, score
from tocsin.forecast import Conflictology, FittedWeighted, History, NoLearning, Weighted, Zero
from tocsin.forecast.forecast import GROUPS
from tocsin.forecast.states import STATES
from tocsin.forecast.weights import Distances, distances, fitted, shared_out
from tocsin.panel import Panel

FIRST = 109
MakePanel = Callable[..., Panel]

PLAIN = Weighted("weighted", (Conflictology(), Conflictology(36), Zero()), (0.5, 0.3, 0.2))
"""A pool of parts that fit in no time."""


def last(panel: Panel, method: Weighted = PLAIN) -> FittedWeighted:
    return method.fit(History.of(panel, panel.span.last, "sb"))


def some_laws(
    seed: int, outcomes: int = 7, draws: int = 40
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    laws = [np.sort(rng.poisson(rate, (outcomes, draws)).astype(np.float64)) for rate in (1, 6, 30)]
    return laws, rng.poisson(8, outcomes).astype(np.float64)


@given(st.integers(0, 10_000))
def test_distances_give_the_crps_of_the_mixture_itself(seed: int) -> None:
    """A mixture by 1/4, 1/4 and 1/2 holds each law's draws so many times, and is scored as an ensemble."""
    laws, outcomes = some_laws(seed)
    said = distances(laws, outcomes).crps(np.array([0.25, 0.25, 0.5]))
    mixed = np.concatenate([laws[0], laws[1], laws[2], laws[2]], axis=1)
    found = score.row_scores(mixed.astype(np.int32), outcomes.astype(np.int32))
    assert said == pytest.approx(found.crps.sum(), rel=1e-6)


def test_distances_add_up_over_outcomes() -> None:
    laws, outcomes = some_laws(1)
    parts = [distances([law[rows] for law in laws], outcomes[rows]) for rows in (slice(0, 3), slice(3, None))]
    whole = distances(laws, outcomes)
    np.testing.assert_allclose((parts[0] + parts[1]).between, whole.between)
    np.testing.assert_allclose((parts[0] + parts[1]).to_outcome, whole.to_outcome)


def test_the_weights_of_a_true_mixture_are_found() -> None:
    rng = np.random.default_rng(4)
    low, high = np.sort(rng.poisson(2, (1, 200))), np.sort(rng.poisson(40, (1, 200)))
    outcomes = np.where(rng.random(4000) < 0.7, rng.poisson(2, 4000), rng.poisson(40, 4000)).astype(
        np.float64
    )
    laws = [np.repeat(law, 4000, axis=0).astype(np.float64) for law in (low, high, low * 0 + 500)]
    weights = fitted(distances(laws, outcomes), np.full(3, 1 / 3), shrink=0.0)
    assert weights == pytest.approx([0.7, 0.3, 0.0], abs=0.03)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_weights_are_shares_and_no_worse_than_the_prior(seed: int, shrink: float) -> None:
    found = distances(*some_laws(seed))
    prior = np.array([0.2, 0.3, 0.5])
    weights = fitted(found, prior, shrink)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    assert found.crps(weights) <= found.crps(prior) * (1 + 1e-9)


def test_a_strong_pull_keeps_the_prior() -> None:
    prior = np.array([0.2, 0.3, 0.5])
    assert fitted(distances(*some_laws(9)), prior, 1e6) == pytest.approx(prior, abs=1e-3)


def test_nothing_to_learn_from_keeps_the_prior() -> None:
    prior = np.array([0.2, 0.8])
    np.testing.assert_array_equal(fitted(Distances(np.zeros(2), np.zeros((2, 2))), prior, 0.1), prior)


@pytest.mark.parametrize(
    ("weights", "counts"), [((0.5, 0.5), (5, 4)), ((0.0, 1.0), (0, 9)), ((0.7, 0.3), (6, 3))]
)
def test_draws_are_shared_out_whole(weights: tuple[float, ...], counts: tuple[int, ...]) -> None:
    assert tuple(shared_out(9, np.array(weights))) == counts


def test_a_better_part_gains_weight_where_it_is_better(make_panel: MakePanel) -> None:
    """Half the areas are calm after their wars, half go on: zero is right in the one state only."""
    deaths = np.zeros((20, 240), dtype=np.int32)
    deaths[:10] = wars(10, 240) + 30
    panel = make_panel(deaths)
    weights = last(panel).weights(GROUPS[0])
    assert set(weights) == set(STATES)
    assert weights["steady"][2] < 0.05
    for one in weights.values():
        assert one.sum() == pytest.approx(1)


def test_too_short_a_history_has_the_prior(make_panel: MakePanel) -> None:
    for one in last(make_panel(wars(4, 50))).weights(GROUPS[0]).values():
        np.testing.assert_array_equal(one, PLAIN.prior)


def test_the_draws_are_those_of_the_parts_by_weight(make_panel: MakePanel) -> None:
    panel = make_panel(wars(6, 50))
    said = np.sort(last(panel).predict((1, 2), 100).draws, axis=2)
    history = History.of(panel, panel.span.last, "sb")
    parts = [part.fit(history).predict((1, 2), 100).draws for part in PLAIN.parts]
    assert said[:, :, :20].max() == 0
    assert np.isin(said[0, 0], np.concatenate([part[0, 0] for part in parts])).all()


def test_later_months_cannot_reach_a_forecast(make_panel: MakePanel) -> None:
    deaths = wars(8, 200)
    later = deaths.copy()
    later[:, 150:] = 99_999
    said, other = (
        PLAIN.fit(History.of(make_panel(one), FIRST + 149, "sb")).predict(range(1, 13), 100)
        for one in (deaths, later)
    )
    assert said.digest == other.digest


def test_the_same_bytes_again_and_in_parts(make_panel: MakePanel) -> None:
    panel = make_panel(wars(8, 200))
    every = last(panel).predict(range(1, 37), 200)
    np.testing.assert_array_equal(last(panel).predict((3, 14), 200).draws, every.draws[:, [2, 13]])
    assert last(panel).predict((1,), 50).digest == last(panel).predict((1,), 50).digest


def test_an_area_that_is_not_covered_is_not_assessed(make_panel: MakePanel) -> None:
    covered = np.ones((6, 160), dtype=bool)
    covered[5, 100:] = False
    said = last(make_panel(wars(6, 160), covered)).predict((1, 2), 50)
    assert said.assessed.tolist() == [True] * 5 + [False]
    assert not said.draws[5].any()


def test_parts_and_their_settings_are_named_in_the_inputs(make_panel: MakePanel) -> None:
    panel = make_panel(wars(4, 50))
    other = Weighted("weighted", (NoLearning(), NoLearning(zeros=0.1), Zero()), PLAIN.prior)
    same = Weighted("weighted", (NoLearning(), NoLearning(zeros=0.2), Zero()), PLAIN.prior)
    inputs = {last(panel, one).predict((1,), 10).inputs for one in (PLAIN, other, same)}
    assert len(inputs) == 3


def test_the_method_by_that_name_pools_the_bank() -> None:
    made = forecast.named("weighted")
    assert isinstance(made, Weighted)
    assert sum(made.prior) == pytest.approx(1)
    assert len(made.prior) == len(made.parts)
    assert {part.name for part in made.parts} <= set(forecast.methods()) | {"conflictology-36"}
