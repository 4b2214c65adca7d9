"""Sums over months: what is said of them happens as often as it is said, which no single month shows."""

from __future__ import annotations

import datetime as dt
from itertools import chain

import numpy as np
import pytest

from tocsin import figures, forecast, months, score
from tocsin.forecast import paths
from tocsin.forecast.pool import FittedPool
from tocsin.kinds import KINDS, Kind, Target
from tocsin.panel import Panel

AHEAD = (1, 2, 3)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return figures.panel(as_of=dt.date(2025, 12, 31))


@pytest.fixture(scope="module")
def forecasts(panel: Panel) -> list[list[FittedPool]]:
    """By origin and kind: the fitted method."""
    origins = [months.parse(f"{year}-10") for year in (2003, 2009, 2014, 2019)]
    return [[_of_kind(panel, origin, kind) for kind in KINDS] for origin in origins]


def _of_kind(panel: Panel, origin: int, kind: Kind) -> FittedPool:
    fitted = forecast.fit(panel.until(origin), origin=origin, target=kind, method="tocsin")
    assert isinstance(fitted, FittedPool)
    return fitted


def _came(panel: Panel, fitted: FittedPool, target: Target) -> np.ndarray:
    """Return the deaths of the three months after the origin."""
    first = fitted.history.origin - panel.span.first + 1
    return panel.series(target)[:, first : first + len(AHEAD)].sum(axis=1)


def test_any_death_in_three_months_happens_as_often_as_it_is_said(
    panel: Panel, forecasts: list[list[FittedPool]]
) -> None:
    said, joined_by_nine_tenths, happened = [], [], []
    for fitted in chain(*forecasts):
        ascending = fitted.marginals(fitted.present, AHEAD, 1000)
        deaths, assessed = _came(panel, fitted, fitted.history.target), fitted.history.assessed
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


def test_three_months_of_all_kinds_cover_as_they_say(panel: Panel, forecasts: list[list[FittedPool]]) -> None:
    """Countries with a death in the last 24 months, origins in four years, the figures that ship."""
    sums, actual = [], []
    for parts in forecasts:
        said = forecast.total([fitted.predict(AHEAD) for fitted in parts])
        stop = said.origin - panel.span.first + 1
        active = panel.series("total")[:, stop - 24 : stop].any(axis=1) & said.assessed
        sums.append(said.total_over(1, 3)[active])
        actual.append(_came(panel, parts[0], "total")[active])
    covered = score.coverage(np.concatenate(sums), np.concatenate(actual), (0.5, 0.8, 0.9))
    assert covered[0.9] == pytest.approx(0.9, abs=0.06)
