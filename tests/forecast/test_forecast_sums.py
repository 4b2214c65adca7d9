"""Sums over months: what is said of them happens as often as it is said, which no single month shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest

from tocsin import figures, forecast, months
from tocsin.forecast import paths
from tocsin.forecast.pool import FittedPool
from tocsin.kinds import KINDS
from tocsin.panel import Panel

AHEAD = (1, 2, 3)


@pytest.fixture(scope="module")
def forecasts() -> list[tuple[FittedPool, np.ndarray, np.ndarray]]:
    """By origin and kind: the fitted method, its marginals and what happened in the three months."""
    panel = figures.panel(as_of=dt.date(2025, 12, 31))
    return [one for year in range(2017, 2021) for one in _of_origin(panel, months.parse(f"{year}-04"))]


def _of_origin(panel: Panel, origin: int) -> Iterator[tuple[FittedPool, np.ndarray, np.ndarray]]:
    first = origin - panel.span.first + 1
    for kind in KINDS:
        fitted = forecast.fit(panel.until(origin), origin=origin, target=kind, method="tocsin")
        assert isinstance(fitted, FittedPool)
        happened = panel.series(kind)[:, first : first + len(AHEAD)].sum(axis=1)
        yield fitted, fitted.marginals(fitted.present, AHEAD, 1000), happened


def test_any_death_in_three_months_happens_as_often_as_it_is_said(
    forecasts: list[tuple[FittedPool, np.ndarray, np.ndarray]],
) -> None:
    said, joined_by_nine_tenths, happened = [], [], []
    for fitted, ascending, deaths in forecasts:
        assessed = fitted.history.assessed
        seeds = range(len(ascending))
        before = paths.coupled(ascending, seeds, AHEAD, paths.PERSISTENT).sum(axis=1)
        joined_by_nine_tenths.append((before >= 1).mean(axis=1)[assessed])
        said.append(fitted.predict(AHEAD).probability(1)[assessed])
        happened.append((deaths >= 1)[assessed])
    truth = np.concatenate(happened)
    now, then = np.concatenate(said), np.concatenate(joined_by_nine_tenths)
    assert now.mean() == pytest.approx(truth.mean(), abs=0.012)
    assert truth.mean() - then.mean() > 0.015
    assert ((now - truth) ** 2).mean() < 0.97 * ((then - truth) ** 2).mean()
