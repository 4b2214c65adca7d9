from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from tocsin import figures, local
from tocsin.kinds import target
from tocsin.local import LocalHistory
from tocsin.months import parse
from tocsin.spillover import into_cells, unknown_around

NIGER, NIGERIA, BURKINA = 436, 475, 439
DAY = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def history() -> LocalHistory:
    """Return what is known at the end of 2021: of the countries around the eight no place is."""
    layout, panel = local.cell_data("west-africa", as_of=DAY)
    return LocalHistory.of(layout, panel, figures.panel(as_of=DAY), parse("2021-12"), target("total"))


def test_states_around_whose_cells_are_not_covered_are_told(history):
    unknown = unknown_around(history, NIGER)
    assert {NIGERIA, 620} <= set(unknown)
    assert not {NIGER, BURKINA, 432} & set(unknown)
    assert unknown == tuple(sorted(unknown))


def test_of_cells_that_are_not_covered_nothing_is_told(history):
    rows = np.concatenate([history.layout.of_state(gw)[:3] for gw in (NIGER, NIGERIA)])
    chances = np.full((len(history.layout.areas), 1), 0.5)
    fitted = SimpleNamespace(history=history, snapshot=SimpleNamespace(rows=rows))
    fitted.at = lambda other: SimpleNamespace(probability=lambda steps: chances)
    assert {cell.gw for cell in into_cells(fitted, None)} == {NIGER}
    assert into_cells(fitted, NIGERIA) == ()
