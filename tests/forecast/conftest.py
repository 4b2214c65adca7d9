"""Small panels to forecast from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tocsin.kinds import KINDS, Kind
from tocsin.months import Span
from tocsin.panel import Panel

FIRST = 109


def _panel(
    deaths: NDArray[np.int32],
    covered: NDArray[np.bool_] | None = None,
    areas: Sequence[int] | None = None,
    kinds: tuple[Kind, ...] = ("sb",),
) -> Panel:
    """Return a panel of deaths [area, month] (one kind) or [area, month, kind] from 1989-01 on."""
    cube = deaths[:, :, None] if deaths.ndim == 2 else deaths
    mask = np.ones(cube.shape[:2], dtype=bool) if covered is None else covered
    return Panel(
        level="country",
        scheme="gw",
        areas=tuple(areas or range(1, len(cube) + 1)),
        span=Span(FIRST, FIRST + cube.shape[1] - 1),
        kinds=kinds,
        deaths=np.where(mask[:, :, None], cube, 0).astype(np.int32),
        covered=mask,
        as_of=dt.date(2024, 1, 1),
        releases=("test 1.0",),
    )


@pytest.fixture
def make_panel() -> Callable[..., Panel]:
    return _panel


@pytest.fixture
def three_kinds() -> Panel:
    """Return six areas by 300 months by three kinds of irregular counts, the last area always at peace."""
    rng = np.random.default_rng(7)
    deaths = rng.negative_binomial(0.3, 0.01, size=(6, 300, 3)).astype(np.int32)
    deaths[-1] = 0
    return _panel(deaths, kinds=KINDS)


@pytest.fixture(scope="session")
def views(shared: Path) -> Panel:
    table = pl.read_parquet(shared / "data" / "challenge" / "history_cm_1989_2021.parquet").sort(
        "country_id", "month_id"
    )
    areas = tuple(table["country_id"].unique().sort().to_list())
    months = table["month_id"]
    span = Span(int(months.min()), int(months.max()))  # type: ignore[arg-type]
    deaths = table["ged_sb"].to_numpy().reshape(len(areas), len(span), 1).astype(np.int32)
    return Panel(
        level="country",
        scheme="views",
        areas=areas,
        span=span,
        kinds=("sb",),
        deaths=deaths,
        covered=np.ones(deaths.shape[:2], dtype=bool),
        as_of=dt.date(2022, 6, 1),
        releases=("challenge history",),
    )
