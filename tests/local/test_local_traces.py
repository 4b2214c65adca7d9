from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tocsin import areas
from tocsin.areas import grid
from tocsin.errors import BadInput, UnknownName
from tocsin.forecast.seasons import Seasons
from tocsin.local import LocalHistory, cell_layout, grouped_layout
from tocsin.local.traces import NAMES, snapshots
from tocsin.months import parse

MALI, BURKINA = 432, 439


def test_rings_of_cells_are_disjoint_and_as_large_as_the_grid_has_it(layout):
    near, far, wide = layout.rings
    inner = max(range(len(layout.areas)), key=lambda row: near[row].nnz + far[row].nnz + wide[row].nnz)
    assert (near[inner].nnz, far[inner].nnz, wide[inner].nnz) == (8, 16, 56)
    around = {layout.areas[col] for col in near[inner].indices}
    assert around == set(grid.neighbours(layout.areas[inner]))
    assert not set(near[inner].indices) & set(far[inner].indices)
    assert not set(far[inner].indices) & set(wide[inner].indices)


def test_a_cell_counts_with_its_land_unless_its_events_say_otherwise():
    gid = grid.gid(16.75, -3.0)
    assert cell_layout(500, gids=[gid]).states.tolist() == [areas.cell_country(gid, 500)] == [432]
    assert cell_layout(500, gids=[gid], majority={gid: 436}).states.tolist() == [436]


def test_a_cell_that_is_no_land_is_refused_by_name():
    with pytest.raises(UnknownName, match="cell 1 "):
        cell_layout(500, gids=[grid.gid(16.75, -3.0), 1])
    with pytest.raises(BadInput, match="300000"):
        cell_layout(500, gids=[300000])


def test_units_of_a_state_are_near_each_other_by_their_mean():
    layout = grouped_layout(["A", "B", "C", "D"], [1, 1, 1, 2])
    near, far, wide = (ring.toarray() for ring in layout.rings)
    assert near[0].tolist() == [0, 0.5, 0.5, 0]
    assert near[3].tolist() == [0, 0, 0, 0]
    assert far[3] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert not wide.any()


def _one_event(layout, cells, states, month, deaths=7):
    blank = np.zeros_like(cells.deaths)
    blank[10, month - cells.span.first, 0] = deaths
    panel = dataclasses.replace(cells, deaths=blank)
    return LocalHistory.of(layout, panel, states, cells.span.last, "sb"), cells.areas[10]


def test_a_trace_halves_in_its_half_life_and_reaches_the_ring_around(layout, cells, states):
    event = parse("2008-01")
    history, gid = _one_event(layout, cells, states, event)
    shots = snapshots(history, [event, event + 6, event + 18])
    place = {name: column for column, name in enumerate(NAMES)}

    def read(month, area, name):
        shot = shots[month]
        return shot.values[shot.rows.tolist().index(layout.rows[area]), place[name]]

    assert read(event, gid, "last") == pytest.approx(np.log1p(7))
    assert read(event, gid, "months_6") == 1
    assert read(event + 6, gid, "months_6") == pytest.approx(0.5, abs=1e-5)
    assert read(event + 18, gid, "deaths_18") == pytest.approx(np.log1p(7) / 2, abs=1e-4)
    assert read(event + 6, gid, "since") == pytest.approx(np.log1p(6))
    beside = next(g for g in grid.neighbours(gid) if g in layout.rows)
    assert read(event + 6, beside, "near_months_6") == pytest.approx(0.5, abs=1e-5)
    assert read(event + 6, beside, "months_6") == 0


def test_only_areas_within_reach_of_an_event_carry_traces(layout, cells, states):
    event = parse("2008-01")
    history, gid = _one_event(layout, cells, states, event)
    shot = snapshots(history, [event + 1])[event + 1]
    reached = {layout.areas[row] for row in shot.rows}
    assert reached == {gid, *grid.neighbours(gid, 2)} & set(layout.areas)


def test_months_that_are_not_covered_neither_add_nor_fade(layout, cells, states):
    event = parse("2008-01")
    history, gid = _one_event(layout, cells, states, event)
    covered = cells.covered.copy()
    covered[:, event + 1 - cells.span.first :] = False
    gone = dataclasses.replace(history.panel, covered=covered)
    held = dataclasses.replace(history, panel=gone)
    shot = snapshots(held, [event + 12])[event + 12]
    row = shot.rows.tolist().index(layout.rows[gid])
    assert shot.values[row, NAMES.index("months_6")] == 1


def _uncovered(panel, first):
    """Return the panel as it would be if no release covered a month from `first` on."""
    deaths, covered = panel.deaths.copy(), panel.covered.copy()
    deaths[:, first - panel.span.first :], covered[:, first - panel.span.first :] = 0, False
    return dataclasses.replace(panel, deaths=deaths, covered=covered)


def test_a_cell_without_events_is_known_where_its_state_is(layout, cells, states):
    """In Mali the last month is covered nowhere; in a state without a cell with events none can be told."""
    whose = layout.states[[layout.rows[area] for area in cells.areas]]
    elsewhere = cells.only([area for area, state in zip(cells.areas, whose, strict=True) if state != BURKINA])
    whose = whose[whose != BURKINA]
    covered, deaths = elsewhere.covered.copy(), elsewhere.deaths.copy()
    covered[whose == MALI, -1] = False
    deaths[~covered] = 0
    panel = dataclasses.replace(elsewhere, covered=covered, deaths=deaths)
    history = LocalHistory.of(layout, panel, states, panel.span.last, "sb")
    never = np.setdiff1d(np.arange(len(layout.areas)), history.seen)
    known = {state: history.covered[never[layout.states[never] == state]] for state in layout.states[never]}
    assert history.covered[:, :-1].all()
    assert {state: bool(rows[:, -1].any()) for state, rows in known.items()} == {
        state: state in whose and state != MALI for state in known
    }
    assert {MALI, BURKINA} < set(known)
    assert np.array_equal(history.covered[history.seen], covered)


@pytest.mark.parametrize("has_events", [True, False])
def test_a_cell_without_events_is_not_known_where_its_state_is_not(layout, cells, states, has_events):
    """No release covers Burkina Faso; events of its neighbours may lie in cells that count with it."""
    whose = [int(layout.states[layout.rows[area]]) for area in cells.areas]
    if not has_events:
        cells = cells.only([area for area, gw in zip(cells.areas, whose, strict=True) if gw != BURKINA])
    covered = states.covered.copy()
    covered[states.index(BURKINA), -1] = False
    panel = dataclasses.replace(states, covered=covered)
    history = LocalHistory.of(layout, cells, panel, cells.span.last, "sb")
    never = np.setdiff1d(np.arange(len(layout.areas)), history.seen)
    assert BURKINA in layout.states[never]
    assert np.array_equal(history.covered[never, -1], layout.states[never] != BURKINA)
    assert history.covered[:, :-1].all()
    assert history.covered[history.seen].all()


@pytest.mark.parametrize("gone", [("panel",), ("country",), ("panel", "country"), ()])
def test_traces_of_a_state_fade_only_in_months_that_are_covered(layout, cells, states, gone):
    event = parse("2008-01")
    history, gid = _one_event(layout, cells, states, event)
    blank = np.zeros_like(states.deaths)
    blank[:, event - states.span.first, 0] = 9
    history = dataclasses.replace(history, country=dataclasses.replace(states, deaths=blank))
    held = {name: _uncovered(getattr(history, name), event + 1) for name in gone}
    shots = snapshots(dataclasses.replace(history, **held), [event, event + 12])

    def read(month, name):
        shot = shots[month]
        return shot.values[shot.rows.tolist().index(layout.rows[gid]), NAMES.index(name)]

    sources = {"state_months_12": "panel", "state_deaths_12": "panel", "parent_12": "country"}
    for name, source in sources.items():
        left = 1 if source in gone else 0.5
        assert read(event, name) > 0
        assert read(event + 12, name) == pytest.approx(left * read(event, name), abs=1e-5)


def test_seasons_are_not_looked_for_in_months_that_are_not_covered(layout, cells, states):
    deaths = np.zeros_like(states.deaths)
    deaths[:, (states.span.first + np.arange(len(states.span)) - 1) % 12 == 6, 0] = 500
    july, origin = dataclasses.replace(states, deaths=deaths), parse("2011-12")
    gone = _uncovered(july, parse("2010-01")).until(origin)
    history = LocalHistory.of(layout, cells, gone, origin, "sb")
    found = snapshots(history, [origin])[origin].seasons[history.state_codes == 432]
    known = Seasons().factors(july.until(origin).series("sb")[:1], gone.covered[:1], gone.span.first)
    blind = Seasons().factors(gone.series("sb")[:1], np.ones_like(gone.covered[:1]), gone.span.first)
    assert found == pytest.approx(np.log(known), abs=1e-5)
    assert found != pytest.approx(np.log(blind), abs=1e-2)


def test_nothing_after_the_origin_is_in_memory(layout, cells, states):
    origin = parse("2009-06")
    louder = cells.deaths.copy()
    louder[:, origin + 1 - cells.span.first :] += 50
    changed = dataclasses.replace(cells, deaths=louder)
    first = LocalHistory.of(layout, cells, states, origin, "sb")
    second = LocalHistory.of(layout, changed, states, origin, "sb")
    assert first.digest == second.digest
    one, two = (snapshots(h, [origin])[origin].values for h in (first, second))
    assert np.array_equal(one, two)


def test_the_last_months_are_told_one_by_one_and_gaps_are_passed_over(layout, cells, states):
    event = parse("2008-01")
    history, gid = _one_event(layout, cells, states, event)
    covered = cells.covered.copy()
    covered[10, event + 2 - cells.span.first] = False
    gap = dataclasses.replace(history, panel=dataclasses.replace(history.panel, covered=covered))
    place = {name: column for column, name in enumerate(NAMES)}

    def read(held, month, area, name):
        shot = snapshots(held, [month])[month]
        return shot.values[shot.rows.tolist().index(layout.rows[area]), place[name]]

    assert read(history, event + 3, gid, "own_3") == pytest.approx(np.log1p(7))
    assert read(gap, event + 3, gid, "own_2") == pytest.approx(np.log1p(7))
    beside = next(g for g in grid.neighbours(gid) if g in layout.rows)
    assert [read(history, event + 3, beside, f"near_{k}") for k in range(4)] == [0, 0, 0, 1]
    assert read(history, event + 3, beside, "since_near") == pytest.approx(np.log1p(3))
    assert read(history, event + 11, gid, "count_12") == 1
    assert read(history, event + 12, gid, "count_12") == 0
    assert read(history, event + 11, gid, "state_active_12") == pytest.approx(np.log1p(1))


def test_the_season_told_is_that_of_the_month_ahead(layout, cells, states):
    # All deaths of every state fall in July: seen from January, six months ahead is the season.
    deaths = np.zeros_like(states.deaths)
    deaths[:, (states.span.first + np.arange(len(states.span)) - 1) % 12 == 6, 0] = 500
    july = dataclasses.replace(states, deaths=deaths)
    origin = parse("2009-01")
    history = LocalHistory.of(layout, cells, july, origin, "sb")
    shot = snapshots(history, [origin])[origin]
    told = [shot.ahead(step)[:, len(NAMES)] for step in range(1, 13)]
    assert np.argmax(np.stack(told), axis=0).tolist() == [5] * len(shot.rows)
    each = np.arange(len(shot.rows)) % 12 + 1
    assert np.array_equal(shot.ahead(each)[:, -1], each)
    assert np.array_equal(shot.ahead(6, [0, 2]), shot.ahead(6)[[0, 2]])
