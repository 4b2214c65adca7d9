from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tocsin.local import LocalHistory, fit
from tocsin.local.analogues import BUSY, Analogues
from tocsin.local.model import MIXTURES, Training

COUNTS = 200


@pytest.fixture(scope="module")
def busy(cells):
    """Cells where every other month has deaths, ten times as many in the first half of the cells."""
    random = np.random.default_rng(5)
    deaths = np.zeros_like(cells.deaths)
    level = np.where(np.arange(len(cells.areas)) < len(cells.areas) // 2, 100.0, 10.0)
    size = deaths.shape[:2]
    deaths[:, :, 0] = random.poisson(level[:, None] * random.gamma(4, 0.25, size)) * (
        random.random(size) < 0.5
    )
    return dataclasses.replace(cells, deaths=deaths)


@pytest.fixture(scope="module")
def history(layout, busy, states):
    return LocalHistory.of(layout, busy, states, busy.span.last, "sb")


def test_outcomes_are_brought_to_the_level_of_the_area(history):
    rows = history.seen
    laws = Analogues(history).laws(history, rows, (1, 4), np.full(len(rows), COUNTS))
    assert laws is not None
    assert all(law.shape == (2, COUNTS) and law.dtype == np.int32 for law in laws)
    assert all((np.diff(law, axis=1) >= 0).all() for law in laws)
    half = len(rows) // 2
    means = np.array([law.mean() for law in laws])
    assert 4 < means[:half].mean() / means[half:].mean() < 12
    assert np.mean([(law == 0).mean() for law in laws]) == pytest.approx(0.5, abs=0.1)


def test_only_busy_months_teach_and_too_few_teach_nothing(history):
    quiet = history.panel.deaths.copy()
    quiet[:, : -BUSY + 1] = 0
    calm = dataclasses.replace(history, panel=dataclasses.replace(history.panel, deaths=quiet))
    assert Analogues(calm).laws(calm, calm.seen[:1], (1,), np.array([COUNTS])) is None


def test_the_last_year_is_not_learnt_from_but_read(history, layout, busy, states):
    """A later origin changes where an area stands, not what was learnt."""
    earlier = LocalHistory.of(layout, busy, states, busy.span.last - 12, "sb")
    learnt = Analogues(earlier)
    rows, counts = earlier.seen[:3], np.full(3, COUNTS)
    before = learnt.laws(earlier, rows, (1,), counts)
    after = learnt.laws(history, rows, (1,), counts)
    assert not all(np.array_equal(*pair) for pair in zip(before, after, strict=True))
    for one, two in zip(before, Analogues(earlier).laws(earlier, rows, (1,), counts), strict=True):
        assert np.array_equal(one, two)


def test_a_busy_cell_is_forecast_from_like_months_its_own_and_the_model(history):
    fitted = fit(history, Training(every=12, cold=0.1))
    made = fitted.predict([1, 2])
    most = MIXTURES["cell"][-1]
    busiest = int(np.argmax((history.deaths[:, -12:] > 0).sum(axis=1)))
    laws, left = fitted._remembered(history.seen[[busiest]], (1, 2), 1000, None)
    assert left.tolist() == [round(1000 * (1 - most.alike - most.own))]
    kept = laws[0, 0, : 1000 - left[0]]
    row = np.searchsorted(made.rows, history.seen[busiest])
    assert not np.setdiff1d(kept, made.draws[row, 0]).size


def test_steps_too_far_to_be_learnt_have_the_law_of_the_last_that_can(history):
    rows, counts = history.seen[:2], np.full(2, COUNTS)
    short = LocalHistory.of(
        history.layout, history.panel.until(history.panel.span.first + 59), history.country,
        history.panel.span.first + 59, "sb",
    )  # fmt: skip
    learnt = Analogues(short)
    laws = learnt.laws(short, rows, (24, 36), counts)
    for law in laws:
        assert np.array_equal(law[0], law[1])
