from __future__ import annotations

import copy
import dataclasses
import pickle

import numpy as np
import pytest

from tocsin import forecast as states_room
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.local import (
    LocalHistory,
    Training,
    average_precision,
    baselines,
    evaluate,
    fit,
    forecast,
    reconcile,
    scores,
)
from tocsin.local.model import Mixture
from tocsin.months import parse
from tocsin.score import row_scores

SPARSE = Training(every=6, cold=0.3)
STEPS = tuple(range(1, 7))


@pytest.fixture(scope="module")
def fitted(history):
    return fit(history, SPARSE)


@pytest.fixture(scope="module")
def parent(states, history):
    return states_room.fit(states, origin=history.origin, target="sb", method="conflictology-12").predict(
        STEPS
    )


@pytest.fixture(scope="module")
def alone(fitted):
    return fitted.predict(STEPS)


@pytest.fixture(scope="module")
def agreed(fitted, parent):
    return reconcile(fitted.predict(STEPS, parent=parent), parent)


def test_draws_are_counts_where_something_can_happen_and_nowhere_else(alone, layout):
    assert alone.draws.dtype == np.int32
    assert alone.draws.min() == 0
    assert alone.draws.any(axis=(1, 2)).all()
    assert len(alone.rows) < len(layout.areas)
    assert alone.draws.shape == (len(alone.rows), len(STEPS), 1000)


def test_the_share_of_draws_with_deaths_is_the_chance(fitted, alone):
    never = np.setdiff1d(np.arange(len(alone.areas)), fitted.history.seen)
    rows = np.intersect1d(alone.rows, never)
    place = np.searchsorted(alone.rows, rows)
    share = (alone.draws[place] > 0).mean(axis=2)
    # An area without events of its own repeats none of its own months.
    assert share == pytest.approx(alone.chance[rows], abs=0.001)


@pytest.mark.parametrize("mixture", [Mixture(3, own=0.15), Mixture(12, own=0.25, fading=2.0)])
def test_own_months_that_are_not_covered_are_not_repeated_as_months_without_deaths(mixture):
    months, covered = np.repeat(np.array([10, 0], np.int32), 12), np.repeat([True, False], 12)
    assert mixture.repeated(months, covered, 100).all()
    assert (mixture.repeated(months, np.ones(24, np.bool_), 100) == 0).any()


def test_violence_now_makes_violence_next_more_likely(fitted, alone):
    recent = np.zeros(len(alone.areas))
    recent[fitted.history.seen] = (fitted.history.deaths[:, -6:] > 0).sum(axis=1)
    assert alone.chance[recent >= 3, 0].mean() > 5 * alone.chance[recent == 0, 0].mean()


def test_the_same_input_gives_the_same_bytes(history, fitted, alone):
    again = fit(history, SPARSE).predict(STEPS)
    assert again.digest == alone.digest
    assert again.inputs == alone.inputs


def test_some_steps_are_part_of_more_steps(fitted, alone):
    few = fitted.predict(STEPS[:2])
    place = np.searchsorted(alone.rows, few.rows)
    assert np.array_equal(alone.draws[place][:, :2], few.draws)


def test_the_forecast_beats_zero_and_climatology_on_an_invented_land(layout, cells, states):
    window = evaluate(layout, cells, states, year=2012, training=SPARSE)
    assert window.rows == 12 * len(layout.areas)
    assert window.scores["traces"].crps < window.scores["zero"].crps
    assert window.scores["traces"].ign < window.scores["zero"].ign
    assert window.precision > window.climatology


def test_scoring_alone_gives_what_the_window_gives(layout, cells, states):
    fitted = fit(LocalHistory.of(layout, cells, states, parse("2011-10"), "sb"), SPARSE)
    made = fitted.predict(tuple(range(3, 15)))
    outcomes = np.zeros((len(layout.areas), 12), dtype=np.int64)
    for row, area in enumerate(cells.areas):
        outcomes[layout.rows[area]] = cells.series("sb")[row, -12:]
    dense = np.zeros((len(layout.areas), *made.draws.shape[1:]), dtype=np.int32)
    dense[made.rows] = made.draws
    whole = row_scores(dense, outcomes.astype(np.int32))
    assert scores(made, layout, cells).crps == pytest.approx(whole.crps.mean())
    plain = baselines(layout, cells, made.origin, "sb")
    assert plain["zero"].crps == pytest.approx(outcomes.mean())
    half = np.arange(len(layout.areas)) % 2 == 0
    assert baselines(layout, cells, made.origin, "sb", scored=half)["zero"].crps == pytest.approx(
        outcomes[half].mean()
    )


def test_places_and_unplaced_sum_to_the_state_in_every_draw(agreed, parent):
    assert len(agreed.states) > 1
    for state in agreed.states:
        assert np.array_equal(agreed.total(state), parent.draws[parent.index(state)])
    assert (agreed.unplaced >= 0).all()


def test_thinning_only_takes_away_and_keeps_zeros(agreed, fitted, parent):
    before = fitted.predict(STEPS, parent=parent)
    assert np.array_equal(before.rows, agreed.local.rows)
    assert (agreed.local.draws <= before.draws).all()
    assert not agreed.local.draws[before.draws == 0].any()


def test_a_draw_within_the_state_is_left_as_it_is(agreed, fitted, parent):
    before = fitted.predict(STEPS, parent=parent)
    state = agreed.states[0]
    fits = before.state_draws(state) <= parent.draws[parent.index(state)]
    mine = before.states[before.rows] == state
    assert fits.any()
    assert np.array_equal(before.draws[mine][:, fits], agreed.local.draws[mine][:, fits])


def test_thinning_keeps_shares_on_average(agreed):
    local = agreed.local
    state = agreed.states[0]
    rows = np.flatnonzero(local.states[local.rows] == state)[:2]
    draws = np.zeros_like(local.draws)
    draws[rows[0]], draws[rows[1]] = 30, 10
    whole = dataclasses.replace(local, draws=draws)
    total = np.full((1, len(STEPS), 1000), 20, dtype=np.int32)
    country = states_room.Forecast(
        level="country", scheme="gw", areas=(state,), origin=local.origin, steps=STEPS, target="sb",
        method="invented", draws=total, assessed=np.array([True]), inputs="",
    )  # fmt: skip
    thinned = reconcile(whole, country).local.draws
    assert thinned[rows[0]].mean() == pytest.approx(15, abs=0.2)
    assert (thinned[rows].sum(axis=0) == 20).all()


def test_a_bad_path_of_the_state_is_a_bad_path_of_its_places(fitted, parent):
    paired = fitted.predict(STEPS, parent=parent)
    state = max(parent.areas, key=lambda s: paired.state_draws(s).mean())
    mine = paired.state_draws(state).astype(float)
    theirs = parent.draws[parent.index(state)].astype(float)
    assert np.corrcoef(mine[0], theirs[0])[0, 1] > 0.2


def test_forecasts_that_were_not_made_alike_do_not_agree(fitted, alone, parent, states, history):
    later = states_room.fit(states, origin=history.origin + 1, target="sb", method="zero").predict(STEPS)
    with pytest.raises(BadInput):
        reconcile(alone, later)
    with pytest.raises(BadInput):
        fitted.predict((1, 2), parent=parent)
    with pytest.raises(BadInput, match="backwards"):
        alone.probability(1, first=3, last=2)


def test_an_area_that_is_not_covered_is_not_assessed(layout, cells, states):
    covered = cells.covered.copy()
    covered[5, -1] = False
    deaths = cells.deaths.copy()
    deaths[5, -1] = 0
    panel = dataclasses.replace(cells, covered=covered, deaths=deaths)
    made = fit(LocalHistory.of(layout, panel, states, cells.span.last, "sb"), SPARSE).predict([1])
    row = layout.rows[cells.areas[5]]
    assert not made.assessed[row]
    assert np.isnan(made.mean()[row]).all()
    assert np.isnan(made.probability(1, first=1, last=1)[row])
    assert np.isfinite(made.mean()[layout.rows[cells.areas[6]]]).all()


def test_too_little_to_learn_from_is_said(layout, cells, states):
    with pytest.raises(NotAssessed):
        fit(LocalHistory.of(layout, cells, states, parse("2002-01"), "sb"))
    with pytest.raises(NotAssessed):
        fit(LocalHistory.of(layout, cells, states, parse("2011-12"), "ns"))
    with pytest.raises(NotAssessed):
        LocalHistory.of(layout, cells, states, parse("2020-01"), "sb")


def test_the_one_verb_gives_what_its_parts_give(layout, cells, states):
    origin = parse("2004-12")
    made = forecast(layout, cells, states, origin=origin, steps=[1, 2], target="sb", method="zero")
    assert not made.local.draws.any()
    assert (made.thinned[[made.index(s) for s in made.states]] >= 0).all()
    with pytest.raises(UnknownName):
        made.index(2)


def test_average_precision_is_the_textbook_one():
    from sklearn.metrics import average_precision_score

    random = np.random.default_rng(3)
    chance, happened = random.integers(0, 12, 500) / 12, random.random(500) < 0.2
    assert average_precision(chance, happened) == pytest.approx(average_precision_score(happened, chance))
    assert average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True])) == pytest.approx(5 / 6)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_a_forecast_out_of_a_copy_is_the_same_and_cannot_be_written_to(alone, again):
    made = again(alone)
    assert made.digest == alone.digest
    for name in ("draws", "chance", "assessed", "states", "rows"):
        assert not getattr(made, name).flags.writeable
