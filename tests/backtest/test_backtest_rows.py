"""Rows against scores computed from the forecast itself, one area and step at a time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin import backtest, forecast, months, score
from tocsin.panel import Panel

ORIGINS = [months.parse("2012-03"), months.parse("2014-03"), months.parse("2015-06")]


@pytest.fixture(scope="module")
def made(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> backtest.Backtest:
    return backtest.run(
        panel, method="no-learning", target="total", origins=ORIGINS, steps=range(1, 14),
        out=tmp_path_factory.mktemp("rows") / "out.parquet",
    )  # fmt: skip


def test_every_row_is_the_score_of_its_draws(panel: Panel, made: backtest.Backtest) -> None:
    rows = made.rows.collect()
    series = panel.series("total")
    for origin in ORIGINS:
        said = forecast.fit(panel, origin=origin, target="total", method="no-learning").predict(range(1, 14))
        for row in rows.filter(pl.col("origin") == origin).iter_rows(named=True):
            first, last = row["first"], row["last"]
            place = panel.index(row["area"])
            draws = said.total_over(first, last)[place]
            at = origin - panel.span.first
            outcome = series[place, at + first : at + last + 1].sum()
            assert row["observed"] == outcome
            assert row["month"] == origin + last
            assert row["crps"] == pytest.approx(float(score.crps(draws, outcome)), rel=1e-6)
            assert row["ign"] == pytest.approx(float(score.ignorance(draws, outcome)), rel=1e-6)
            assert row["interval"] == pytest.approx(float(score.interval_score(draws, outcome)), rel=1e-6)
            assert row["crps_log"] == pytest.approx(float(score.crps(draws, outcome, scale="log")), rel=1e-5)
            assert row["mean"] == pytest.approx(draws.mean(), rel=1e-6)
            assert row["median"] == pytest.approx(np.median(draws), rel=1e-6)
            assert (draws < outcome).mean() - 1e-6 <= row["pit"] <= (draws <= outcome).mean() + 1e-6
            for level in (0.5, 0.8, 0.9):
                assert row[f"in{round(100 * level)}"] == bool(score.coverage(draws, outcome, [level])[level])
            for deaths in backtest.THRESHOLDS:
                assert row[f"p{deaths}"] == (draws >= deaths).mean()
            before = series[place, at - 11 : at + 1][panel.covered[place, at - 11 : at + 1]]
            assert row["mean12"] == pytest.approx(before.mean(), rel=1e-6)
            if before.any():
                assert row["double"] == int(np.ceil(2 * before.mean() * (last - first + 1) - 1e-6))
                assert row["p_double"] == (draws >= row["double"]).mean()
            else:
                assert row["double"] is None
                assert row["p_double"] is None


def test_what_is_not_covered_or_not_known_yet_is_counted_and_not_scored(
    panel: Panel, made: backtest.Backtest
) -> None:
    rows = made.rows.collect()
    # 13 steps and two windows; June 2014 of Senegal is step 3 from March, and in both windows.
    gap = rows.filter((pl.col("area") == 433) & (pl.col("origin") == ORIGINS[1]))
    assert set(gap["last"]) == {1, 2, *range(4, 14)}
    assert gap.filter(pl.col("first") != pl.col("last")).is_empty()
    assert made.unscored.not_covered == 3
    # From June 2015 six months are known: steps 7-13 and the year are not, for each of five areas.
    assert made.unscored.beyond == 5 * 8
    assert made.unscored.not_assessed == 0
    assert rows.height == 3 * 5 * 15 - 3 - 40


def test_an_area_that_is_not_covered_at_the_origin_is_not_scored(panel: Panel, tmp_path: Path) -> None:
    made = backtest.run(
        panel, method="zero", target="sb", origins=[months.parse("2011-01")], steps=[1, 8],
        out=tmp_path / "out.parquet",
    )  # fmt: skip
    assert 626 not in made.rows.collect()["area"].to_list()
    assert made.unscored == backtest.Unscored(not_assessed=1)


def test_a_month_that_nothing_covers_and_a_country_alone_have_no_rows(panel: Panel, tmp_path: Path) -> None:
    covered = panel.covered.copy()
    covered[:, months.parse("2012-04") - panel.span.first] = False
    blank = dataclasses.replace(panel, covered=covered, deaths=panel.deaths * covered[:, :, None])
    made = backtest.run(
        blank,
        method="no-learning",
        target="sb",
        origins=ORIGINS[:1],
        steps=[1, 2],
        out=tmp_path / "a.parquet",
    )
    assert made.rows.collect()["last"].unique().to_list() == [2]
    assert made.unscored.not_covered == len(panel.areas)
    alone = backtest.run(
        panel.only([626]), method="zero", target="sb", steps=[1],
        origins=[months.parse("2011-01"), months.parse("2012-01")], out=tmp_path / "b.parquet",
    )  # fmt: skip
    assert alone.rows.collect().height == 1


def test_rows_are_sorted_and_the_file_says_what_it_was_made_from(
    panel: Panel, made: backtest.Backtest
) -> None:
    rows = made.rows.collect()
    assert rows.equals(rows.sort("origin", "area", "first", "last"))
    facts = made.facts
    assert facts["settings"]["panel"] == panel.digest
    assert facts["settings"]["method"] == made.method == "no-learning"
    assert facts["releases"] == ["invented-1"]
    assert made.origins == tuple(ORIGINS)
    assert made.windows.collect().select("first", "last").unique().sort("last").rows() == [(1, 3), (1, 12)]


def test_the_pit_is_the_same_for_every_method_and_choice_of_steps_where_the_draws_are(
    panel: Panel, made: backtest.Backtest, tmp_path: Path
) -> None:
    fewer = backtest.run(
        panel,
        method="no-learning",
        target="total",
        origins=ORIGINS[:1],
        steps=[2, 7],
        out=tmp_path / "few.parquet",
    )
    keys = ["area", "origin", "first", "last"]
    both = fewer.rows.collect().join(made.rows.collect(), on=keys, how="left")
    assert both.height == 2 * 5
    assert (both["pit"] == both["pit_right"]).all()


def test_a_later_month_does_not_change_a_row(panel: Panel, made: backtest.Backtest, tmp_path: Path) -> None:
    """Deaths after an outcome are rewritten: its rows stay as they are."""
    end = ORIGINS[0] + 13
    deaths = panel.deaths.copy()
    deaths[:, end - panel.span.first + 1 :] = 999 * panel.covered[:, end - panel.span.first + 1 :, None]
    other = dataclasses.replace(panel, deaths=deaths)
    again = backtest.run(
        other,
        method="no-learning",
        target="total",
        origins=ORIGINS[:1],
        steps=range(1, 14),
        out=tmp_path / "o.parquet",
    )
    assert again.rows.collect().equals(made.rows.filter(pl.col("origin") == ORIGINS[0]).collect())


@pytest.mark.shared
def test_the_challenge_is_inside_the_backtest(shared: Path, tmp_path: Path) -> None:
    """Windows 2020 and 2021, steps 3-14 from October: the published CRPS of conflictology."""
    import datetime as dt

    from tocsin.challenge import read_history

    table = read_history(shared / "data/challenge/history_cm_1989_2021.parquet")
    made = backtest.run(
        table.panel(as_of=dt.date(2022, 1, 1)), method="conflictology-12", target="sb",
        origins=[months.parse("2019-10"), months.parse("2020-10")], steps=range(3, 15),
        out=tmp_path / "v.parquet",
    )  # fmt: skip
    means = (
        made.months.group_by("origin")
        .agg(pl.col("crps").cast(pl.Float64).mean(), pl.len())
        .sort("origin")
        .collect()
    )
    assert means["len"].to_list() == [2292, 2292]
    assert means["crps"].to_list() == pytest.approx([21.339, 76.849], abs=0.01)
    assert made.rows.select("region").collect()["region"].null_count() == 0
