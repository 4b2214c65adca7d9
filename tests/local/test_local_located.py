from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from tocsin import figures, local
from tocsin.errors import NotAssessed, UnknownName
from tocsin.months import parse

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


def test_admin1_units_add_up_to_what_was_placed_in_them():
    layout, panel = local.admin1_data(as_of=DAY)
    assert "ML08@2012" in panel.areas
    assert layout.areas == panel.areas
    assert 0 < panel.deaths.sum() <= figures.groups(as_of=DAY)["deaths"].sum()


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
