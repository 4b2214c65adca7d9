"""Real data: the published scores of the prediction challenge, and whether sums have honest spread."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tocsin import forecast, score
from tocsin.forecast import laws, paths
from tocsin.months import month_id
from tocsin.panel import Panel

WINDOWS = (2018, 2019, 2020, 2021)
STEPS = range(3, 15)


def mean_crps(panel: Panel, method: str, year: int, draws: int = 1000) -> float:
    origin = month_id(year - 1, 10)
    said = forecast.fit(panel, origin=origin, method=method).predict(STEPS, draws)
    start = month_id(year, 1) - panel.span.first
    return float(score.crps(said.draws, panel.series("sb")[:, start : start + 12]).mean())


def published(shared: Path, model: str) -> dict[int, float]:
    with (shared / "data" / "challenge" / "published_scores.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {
        int(row["window"]): float(row["value"])
        for row in rows
        if (row["level"], row["model"], row["metric"]) == ("cm", model, "CRPS") and row["window"].isdigit()
    }


@pytest.mark.shared
@pytest.mark.parametrize(("year", "value"), [(2018, 11.91), (2019, 8.52), (2020, 20.77), (2021, 75.34)])
def test_the_no_learning_rule_scores_as_reported(views: Panel, year: int, value: float) -> None:
    assert mean_crps(views, "no-learning", year) == pytest.approx(value, rel=0.015)


@pytest.mark.shared
def test_conflictology_of_twelve_values_scores_as_published(views: Panel, shared: Path) -> None:
    table = published(shared, "conflictology_country12")
    for year in (2020, 2021):
        assert round(mean_crps(views, "conflictology-12", year, draws=12), 3) == table[year]
    for year in (2018, 2019):
        assert mean_crps(views, "conflictology-12", year, draws=12) == pytest.approx(table[year], rel=0.05)


@pytest.mark.shared
def test_paths_of_conflictology_score_as_its_twelve_values(views: Panel) -> None:
    for year in WINDOWS:
        bare = mean_crps(views, "conflictology-12", year, draws=12)
        assert mean_crps(views, "conflictology-12", year) == pytest.approx(bare, rel=5e-4)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("method", "model", "years", "tolerance"),
    [
        ("zero", "exactly_zero", WINDOWS, 5e-5),
        ("bootstrap-240", "bootstrap240", WINDOWS, 2e-3),
        ("last", "last_historical_poisson", (2019, 2020, 2021), 5e-4),
    ],
)
def test_the_benchmarks_score_as_published(
    views: Panel, shared: Path, method: str, model: str, years: tuple[int, ...], tolerance: float
) -> None:
    """Not `last` in 2018: its one input month, October 2017, is estimated in the table at hand."""
    table = published(shared, model)
    for year in years:
        assert mean_crps(views, method, year) == pytest.approx(table[year], rel=tolerance)


@pytest.mark.shared
@pytest.mark.parametrize("method", ["conflictology-12", "negative-binomial", "no-learning"])
def test_sums_of_paths_cover_as_they_say(views: Panel, method: str) -> None:
    """Coverage of 90 % intervals of sums, countries with a death in the last 24 months, origins 2017-2020."""
    quarter, year = (coverage_of_sums(views, method, months, paths.PERSISTENT) for months in (3, 12))
    assert quarter == pytest.approx(0.9, abs=0.04)
    assert abs(year - 0.9) < 0.5 * abs(coverage_of_sums(views, method, 12, paths.Dependence()) - 0.9)


def coverage_of_sums(panel: Panel, method: str, months: int, dependence: paths.Dependence) -> float:
    sums, actual = [], []
    baseline = forecast.named(method)
    assert isinstance(baseline, forecast.Baseline)
    for origin in (month_id(year, month) for year in range(2017, 2021) for month in (4, 10)):
        history = forecast.History.of(panel, origin, "sb")
        active = history.window(24)[0].any(axis=1)
        ascending: laws.Counts = baseline.marginals(history, 1000)[active, None, :]
        seeds = range(int(active.sum()))
        drawn = paths.coupled(ascending, seeds, range(1, months + 1), dependence)
        start = origin - panel.span.first + 1
        sums.append(drawn.sum(axis=1))
        actual.append(panel.series("sb")[active, start : start + months].sum(axis=1))
    return score.coverage(np.concatenate(sums), np.concatenate(actual), (0.9,))[0.9]
