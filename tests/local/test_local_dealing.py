from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from tocsin import figures, local
from tocsin import forecast as states_room
from tocsin.errors import BadInput
from tocsin.local.dealing import LEVELS, Dealing
from tocsin.months import parse

DAY = dt.date(2026, 1, 1)
STEPS = (3, 4, 5)


@pytest.fixture(scope="module")
def units():
    layout, panel = local.admin1_data(as_of=DAY)
    return local.LocalHistory.of(layout, panel, figures.panel(as_of=DAY), parse("2016-10"), "sb")


@pytest.fixture(scope="module")
def parent(units):
    fitted = states_room.fit(units.country, origin=units.origin, target="sb", method="conflictology-12")
    return fitted.predict(STEPS)


@pytest.fixture(scope="module")
def dealing(units, parent):
    return Dealing.of(units, parent)


def unit(units, key):
    row = units.layout.rows[key]
    state = int(units.layout.states[row])
    return row, state, units.deaths[np.searchsorted(units.seen, row), -12:]


def test_a_unit_with_every_death_of_its_state_has_the_law_of_the_state(units, parent, dealing):
    row, state, _ = unit(units, "ML06@2012")
    whole = dealing.deaths[np.searchsorted(units.state_codes, state), -12:]
    theirs = np.sort(parent.draws[parent.index(state)], axis=1)
    assert (
        theirs[:, (2 * np.arange(LEVELS) + 1) * 1000 // (2 * LEVELS)] == dealing.law(row, whole, 100)
    ).all()


def test_a_unit_has_the_part_of_the_forecast_that_it_had_of_the_deaths(units, parent, dealing):
    row, state, own = unit(units, "ML08@2012")
    whole = dealing.deaths[np.searchsorted(units.state_codes, state), -12:]
    part = (own[whole > 0] / whole[whole > 0]).mean()
    assert 0 < part < 1
    law = dealing.law(row, own, 2000)
    assert (np.diff(law, axis=1) >= 0).all()
    expected = parent.draws[parent.index(state)].mean(axis=1) * part
    # Rounding to whole deaths moves a mean by less than half a death, and the tail is cut at its quantiles.
    assert law.mean(axis=1) == pytest.approx(expected, abs=0.5 + 0.05 * expected.max())


def test_months_without_deaths_in_the_state_tell_nothing(units, dealing):
    row, state, own = unit(units, "ML08@2012")
    place = np.searchsorted(units.state_codes, state)
    deaths = dealing.deaths.copy()
    deaths[place, -12:-6], own = 0, np.where(np.arange(12) < 6, 0, own)
    silent = dataclasses.replace(dealing, deaths=deaths)
    assert np.array_equal(silent.law(row, own, 300), dealing.law(row, own[-6:], 300))


def test_without_a_forecast_of_the_state_own_months_stand_in(units, parent):
    fitted = local.fit(units)
    alone = fitted.predict(STEPS)
    none = dataclasses.replace(parent, assessed=np.zeros_like(parent.assessed))
    assert Dealing.of(units, none).law(unit(units, "ML06@2012")[0], np.ones(12, np.int32), 10) is None
    orphaned, led = fitted.predict(STEPS, parent=none), fitted.predict(STEPS, parent=parent)
    assert np.array_equal(np.sort(orphaned.draws, axis=2), np.sort(alone.draws, axis=2))
    busy = np.searchsorted(led.rows, units.layout.rows["ML06@2012"])
    assert not np.array_equal(np.sort(led.draws[busy], axis=1), np.sort(alone.draws[busy], axis=1))
    assert len({alone.inputs, orphaned.inputs, led.inputs}) == 3
    with pytest.raises(BadInput):
        fitted.predict((3, 4), parent=parent)
