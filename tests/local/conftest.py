"""A small invented land: a square of real cells in Mali where violence comes, stays and spreads."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tocsin import areas
from tocsin.areas import grid
from tocsin.kinds import KINDS
from tocsin.local import Layout, LocalHistory, cell_layout
from tocsin.months import Span, parse
from tocsin.panel import Panel

SPAN = Span(parse("2000-01"), parse("2012-12"))
MALI = 432


def square(side: int = 16) -> list[int]:
    """Return the gids of a square of cells on land held by Mali and its neighbours."""
    row, col = grid.row_col(grid.gid(13.0, -6.0))
    land = set(areas.cells(challenge=True)["gid"].to_list())
    gids = [(row + up - 1) * grid.COLUMNS + col + right for up in range(side) for right in range(side)]
    return sorted(gid for gid in gids if gid in land)


def cells_of(layout: Layout, seed: int = 1) -> Panel:
    """Return an invented panel: centres of violence that flare for months and spill over."""
    random = np.random.default_rng(seed)
    seen = [gid for place, gid in enumerate(layout.areas) if place % 3 and place < 160]
    deaths = np.zeros((len(seen), len(SPAN), 3), dtype=np.int32)
    level = np.zeros(len(seen))
    for month in range(len(SPAN)):
        flare = random.random(len(seen)) < 0.004
        level = np.where(flare, 1.0, level * 0.9)
        beside = np.convolve(level, [0.3, 1.0, 0.3], mode="same")
        hit = random.random(len(seen)) < np.clip(beside, 0.0, 0.8)
        deaths[:, month, 0] = np.where(hit, 1 + random.poisson(6.0 * (1 + beside)), 0)
    covered = np.ones(deaths.shape[:2], dtype=np.bool_)
    return Panel(
        level="cell", scheme="priogrid", areas=tuple(seen), span=SPAN, kinds=KINDS, deaths=deaths,
        covered=covered, as_of=dt.date(2013, 1, 31), releases=("invented",), basis="located events only",
    )  # fmt: skip


def states_of(layout: Layout, cells: Panel) -> Panel:
    """Return the panel of the states that the cells count with: their deaths, and a third more unplaced."""
    codes = sorted(set(layout.states.tolist()) - {0})
    deaths = np.zeros((len(codes), len(SPAN), 3), dtype=np.int32)
    for row, area in enumerate(cells.areas):
        state = int(layout.states[layout.rows[area]])
        if state:
            deaths[codes.index(state)] += cells.deaths[row]
    deaths += deaths // 3
    return Panel(
        level="country", scheme="gw", areas=tuple(codes), span=SPAN, kinds=KINDS, deaths=deaths,
        covered=np.ones(deaths.shape[:2], dtype=np.bool_), as_of=cells.as_of, releases=("invented",),
    )  # fmt: skip


@pytest.fixture(scope="session")
def layout() -> Layout:
    return cell_layout(SPAN.last, gids=square())


@pytest.fixture(scope="session")
def cells(layout: Layout) -> Panel:
    return cells_of(layout)


@pytest.fixture(scope="session")
def states(layout: Layout, cells: Panel) -> Panel:
    return states_of(layout, cells)


@pytest.fixture(scope="session")
def history(layout: Layout, cells: Panel, states: Panel) -> LocalHistory:
    return LocalHistory.of(layout, cells, states, parse("2011-12"), "sb")
