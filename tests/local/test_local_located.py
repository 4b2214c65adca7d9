from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from tocsin import figures, local
from tocsin.areas import grid
from tocsin.errors import NotAssessed, UnknownName
from tocsin.forecast import DRAWS
from tocsin.local.model import _Outcomes, _quiet
from tocsin.local.traces import snapshots
from tocsin.months import Span, parse
from tocsin.panel import in_states
from tocsin.sources.events import SCHEMA
from tocsin.vault.resolve import CoverageRow, Resolved

DAY = dt.date(2026, 1, 1)


def test_the_challenge_cells_hold_every_located_death_of_theirs():
    layout, panel = local.cell_data(as_of=DAY)
    assert len(layout.areas) == 13110
    rows = figures.cells(as_of=DAY).filter(
        (pl.col("source") == "located") & pl.col("gid").is_in(list(layout.areas))
    )
    assert int(panel.deaths.sum()) == rows["deaths"].sum()
    assert panel.basis == "located events only"
    assert str(panel.span) == "1989-01:2020-12"
    # Memory follows the cells that ever saw an event.
    assert len(panel.areas) < len(layout.areas) / 4


def test_west_africa_reaches_further_and_says_what_it_does_not_cover():
    layout, panel = local.cell_data("west-africa", as_of=DAY)
    assert str(panel.span) == "1989-01:2021-12"
    inside = np.isin(layout.states[[layout.rows[gid] for gid in panel.areas]], local.west_africa())
    assert panel.covered[inside, -1].all()
    assert not panel.covered[~inside, -1].any()


def test_a_panel_cut_at_an_origin_knows_nothing_later():
    layout, panel = local.cell_data(as_of=DAY, origin=parse("2011-12"))
    whole, full = local.cell_data(as_of=DAY)
    assert panel.span.last == parse("2011-12")
    held = full.only(panel.areas).until(panel.span.last)
    assert np.array_equal(held.deaths, panel.deaths)
    assert layout.areas == whole.areas


@pytest.mark.parametrize("scope", ["africa", "west-africa"])
def test_which_cells_there_are_and_whose_is_decided_without_what_came_after(scope, monkeypatch):
    origin = parse("2009-12")
    layout, panel = local.cell_data(scope, as_of=DAY, origin=origin)
    past = pl.col("month") <= origin
    cells, groups = figures.cells(as_of=DAY).filter(past), figures.groups(as_of=DAY)
    groups = dataclasses.replace(groups, rows=groups.rows.filter(past))
    monkeypatch.setattr(figures, "cells", lambda as_of: cells)
    monkeypatch.setattr(figures, "groups", lambda as_of: groups)
    before, known = local.cell_data(scope, as_of=DAY, origin=origin)
    assert before.digest == layout.digest
    assert known.digest == panel.digest


def test_quiet_cells_of_the_eight_countries_are_as_quiet_as_they_are_said_to_be():
    """One chance stands for all quiet cells: deaths foretold in those of the eight, against what happened."""
    origin = parse("2011-12")
    layout, panel = local.cell_data("west-africa", as_of=DAY, origin=origin)
    history = local.LocalHistory.of(layout, panel, figures.panel(as_of=DAY), origin, "sb")
    past = range(panel.span.first + 24, origin, 12)
    shots, outcomes = snapshots(history, past), _Outcomes(history)
    chance = _quiet(history, shots, outcomes, past)
    eight = np.flatnonzero(np.isin(layout.states, local.west_africa()))
    quiet = [(t, np.setdiff1d(eight, shots[t].rows)) for t in past]
    hits = sum(
        int((outcomes.of(rows, np.full(len(rows), min(t + 7, origin)))[0] > 0).sum()) for t, rows in quiet
    )
    low, high = poisson.interval(0.95, chance * sum(len(rows) for _, rows in quiet))
    assert low <= hits <= high
    assert chance < 0.5 / DRAWS


def test_admin1_units_add_up_to_what_was_placed_in_them():
    layout, panel = local.admin1_data(as_of=DAY)
    assert "ML08@2012" in panel.areas
    assert layout.areas == panel.areas
    assert 0 < panel.deaths.sum() <= figures.groups(as_of=DAY).rows["deaths"].sum()


def test_most_events_decide_and_ties_go_to_the_lowest_code():
    events = pl.DataFrame(
        {"gid": [1, 1, 2, 2, 2], "gw": [432, 436, 439, 432, 439], "events": [1, 1, 1, 3, 1]}
    )
    assert local.majority(events) == {1: 432, 2: 432}


def test_what_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match="africa, west-africa"):
        local.cell_data("europe", as_of=DAY)
    with pytest.raises(NotAssessed):
        local.cell_data(as_of=dt.date(2019, 1, 1))


def test_no_event_of_the_eight_countries_is_dropped_without_being_counted():
    whole = figures.groups(as_of=DAY).rows
    _, units = local.admin1_data(as_of=DAY)
    left = {out.reason: (out.events, out.deaths) for out in in_states(units.left_out)}
    assert set(left) == {"place_too_coarse", "outside_areas"}
    assert int(units.deaths.sum()) + sum(deaths for _, deaths in left.values()) == whole["deaths"].sum()
    _, cells = local.cell_data("west-africa", as_of=DAY)
    rows = figures.cells(as_of=DAY)
    placed = rows.filter(pl.col("source") == "complete")["events"].sum()
    counted = {out.reason: out.events for out in in_states(cells.left_out)}
    assert placed + counted["place_too_coarse"] == whole["events"].sum()


def test_what_was_left_out_is_told_of_the_states_asked_for():
    _, cells = local.cell_data("west-africa", as_of=DAY)
    (mali,) = (out for out in in_states(cells.left_out, [432]) if out.reason == "place_too_coarse")
    every = figures.groups(as_of=DAY).rows.filter(pl.col("gw") == 432)["events"].sum()
    placed = figures.cells(as_of=DAY).filter((pl.col("source") == "complete") & (pl.col("gw") == 432))
    assert mali.codes == (432,)
    assert mali.events == every - placed["events"].sum() > 0
    both = in_states(cells.left_out, [432, 436])
    assert {436, 432} == {code for out in both for code in out.codes}
    assert sum(out.events for out in in_states(cells.left_out)) == sum(out.events for out in cells.left_out)


def vault_of(events, coverage, undecided=None):
    now = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    lost = events.clear() if undecided is None else undecided
    rows = tuple(CoverageRow("ucdp", "x", "s", Span.parse(span), None) for span in coverage)
    return SimpleNamespace(
        resolve=lambda as_of, publisher="ucdp": Resolved(events, rows, ("x",), now, 0, 0, lost)
    )


def test_events_at_sea_and_at_the_centre_of_a_country_are_counted_not_placed():
    plain = {"kind": "sb", "country_gw": 432, "low": 1, "best": 5, "high": 9, "adm_1": "Gao region"}
    start = {"date_start": dt.date(2012, 1, 10), "date_end": dt.date(2012, 1, 10)}
    places = [
        {"gid": grid.gid(16.3, 0.0), "where_prec": 1},
        {"gid": grid.gid(0.0, -20.0), "where_prec": 1},
        {"gid": grid.gid(17.3, -3.5), "where_prec": 6},
    ]
    rows = [
        {name: ({"id": number} | plain | start | place).get(name) for name in SCHEMA}
        for number, place in enumerate(places)
    ]
    vault = vault_of(pl.DataFrame(rows, schema=SCHEMA), ["2011-01:2012-03"])
    layout, panel = local.vault_cells(vault, as_of=DAY, origin=parse("2012-02"))
    assert len(layout.areas) == 64818
    assert panel.areas == (places[0]["gid"],)
    assert {out.reason: out.events for out in panel.left_out} == {"place_too_coarse": 1, "outside_areas": 1}


def test_units_from_a_vault_reach_as_far_as_its_releases():
    """Events of Mali to 2024-02; a month that no release decides is not covered, and not zero."""
    plain = {"kind": "sb", "country_gw": 432, "low": 1, "best": 5, "high": 9, "where_prec": 4}
    told = [
        {"date_start": dt.date(2023, 10, 5), "adm_1": "Gao region"},
        {"date_start": dt.date(2024, 2, 5), "adm_1": "M\u00e9naka region"},
        {"date_start": dt.date(2024, 2, 6), "adm_1": "Gao region", "where_prec": 6},
        {"date_start": dt.date(2024, 2, 7), "adm_1": "Atlantis"},
        {"date_start": dt.date(2024, 2, 8), "adm_1": "Gao region", "country_gw": 615},
    ]
    rows = [{name: ({"id": id} | plain | row).get(name) for name in SCHEMA} for id, row in enumerate(told)]
    vault = vault_of(pl.DataFrame(rows, schema=SCHEMA), ["2023-01:2023-12", "2024-02:2024-02"])
    layout, panel = local.vault_admin1(vault, as_of=DAY, origin=parse("2024-02"))
    _, shipped = local.admin1_data(as_of=DAY)
    assert layout.areas == panel.areas == shipped.areas
    assert str(panel.span) == "2023-01:2024-02"
    gao = panel.index("ML07@2012")
    assert panel.deaths[gao, parse("2023-10") - panel.span.first].tolist() == [5, 0, 0]
    # M\u00e9naka was split off from Gao.
    assert panel.deaths[gao, -1].tolist() == [5, 0, 0]
    assert panel.covered[:, -1].all()
    assert not panel.covered[:, -2].any()
    assert panel.releases == ("x",)
    assert {out.reason: (out.events, out.codes) for out in panel.left_out} == {
        "place_too_coarse": (1, (432,)), "outside_areas": (1, (432,)),
    }  # fmt: skip
    with pytest.raises(NotAssessed, match="2024-03"):
        local.vault_admin1(vault, as_of=DAY, origin=parse("2024-03"))


@pytest.mark.parametrize("read", [local.vault_cells, local.vault_admin1])
def test_places_from_a_vault_leave_out_what_no_release_decides_and_tell_of_nothing_later(read):
    """At sea and in no unit: 5 deaths of 2023-10, 5 of 2024-03, and 77 of 2024-01, which nothing covers."""
    at_sea = {"gid": grid.gid(0.0, -20.0), "adm_1": "Atlantis"}
    plain = {"kind": "sb", "country_gw": 432, "low": 1, "best": 5, "high": 9, "where_prec": 1} | at_sea
    told = [
        {"date_start": dt.date(2023, 10, 5)},
        {"date_start": dt.date(2023, 10, 6), "gid": grid.gid(16.3, 0.0), "adm_1": "Gao region"},
        {"date_start": dt.date(2024, 3, 5)},
        {"date_start": dt.date(2024, 1, 5), "best": 77},
    ]
    rows = [{name: ({"id": id} | plain | row).get(name) for name in SCHEMA} for id, row in enumerate(told)]
    events = pl.DataFrame(rows, schema=SCHEMA)
    vault = vault_of(events[:3], ["2023-01:2023-12", "2024-03:2024-03"], events[3:])
    for origin, left in (
        ("2023-11", {"outside_areas": 5}),
        ("2024-03", {"outside_areas": 10, "not_covered": 77}),
    ):
        _, panel = read(vault, as_of=DAY, origin=parse(origin))
        assert {out.reason: out.deaths for out in panel.left_out} == left
        assert {out.codes for out in panel.left_out} == {(432,)}
        assert int(panel.deaths.sum()) == 5
