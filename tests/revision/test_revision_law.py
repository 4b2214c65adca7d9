"""The law of revision by hand: its mean and spread, the t of new months, and how far a figure may move."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tocsin import months, revision
from tocsin.errors import BadFile, NotAssessed
from tocsin.revision import Revision
from tocsin.revision.model import Pair, law, revised

DAY = dt.date(2026, 6, 25)
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def _pairs(settled: list[int | None], *, first: int = 9) -> tuple[Pair, ...]:
    return tuple(Pair(500 + n, first, DAY, 21, value, None) for n, value in enumerate(settled))


def test_mean_and_spread_are_those_of_the_settled_months_alone() -> None:
    found = law(_pairs([9, 19, 39, 79, 159, None, None]), as_of=DAY)
    # From 10 to 10, 20, 40, 80 and 160, each with one death added: 0 to 4 doublings.
    assert found.count == 5
    assert found.mean == pytest.approx(2 * np.log(2))
    assert found.spread == pytest.approx(np.sqrt(2.5) * np.log(2))
    assert [pair.month for pair in found.open] == [505, 506]
    with pytest.raises(NotAssessed, match="4 months had settled"):
        law(_pairs([9, 19, 39, 79, None]), as_of=DAY)


def test_months_that_never_moved_leave_some_doubt_all_the_same() -> None:
    assert law(_pairs([9] * 6), as_of=DAY).spread == 0.05


def test_a_new_month_follows_students_t_whose_mean_and_variance_are_learnt_from_few_months() -> None:
    known = Revision(DAY, mean=0.3, spread=2.0, count=5, pairs=())
    drawn = known.sample(1, 200_000, name="test")[:, 0]
    expected = 0.3 + 2.0 * np.sqrt(1 + 1 / 5) * stats.t.ppf(LEVELS, df=4)
    assert np.quantile(drawn, LEVELS) == pytest.approx(expected, abs=0.06)


def test_months_of_one_draw_share_their_mean() -> None:
    known = Revision(DAY, mean=0.3, spread=2.0, count=5, pairs=())
    means = known.sample(100, 20_000, name="test").mean(axis=1)
    expected = 0.3 + 2.0 * np.sqrt(1 / 5 + 1 / 100) * stats.t.ppf(LEVELS, df=4)
    assert np.quantile(means, LEVELS) == pytest.approx(expected, abs=0.08)


def test_a_figure_settles_within_a_factor_of_twenty_and_never_below_none() -> None:
    first = np.array([0, 9, 999], dtype=np.int32)
    for ratio, settled in ((0.0, [0, 9, 999]), (np.log(2), [1, 19, 1999]), (-np.log(2), [0, 4, 499])):
        assert revised(first, np.full((2, 3), ratio)).tolist() == [settled] * 2
    assert revised(first, np.full((1, 3), 9.0)).tolist() == [[19, 200, 20085]]
    assert revised(first, np.full((1, 3), -9.0)).tolist() == [[0, 0, 49]]


def test_a_vintage_may_hold_the_month_that_begins_on_its_day_and_none_that_begins_later(
    tmp_path: Path,
) -> None:
    file = tmp_path / "vintages.csv"
    file.write_text("vintage,month,best\n2024-02-01,2024-01,6\n2024-02-01,2024-02,0\n")
    held = revision.read(file, 432)
    assert held.panel(dt.date(2024, 2, 1)).span.last == months.parse("2024-02")
    file.write_text("vintage,month,best\n2024-01-31,2024-01,6\n2024-01-31,2024-02,0\n")
    with pytest.raises(BadFile, match="the vintage 2024-01-31 gives 2024-02"):
        revision.read(file, 432)


def _table(path: Path, figures: dict[str, dict[str, int]]) -> revision.Triangle:
    rows = [f"{day},{month},{deaths}" for day, told in figures.items() for month, deaths in told.items()]
    path.write_text("\n".join(["vintage,month,best", *rows, ""]))
    return revision.read(path, 432)


def test_a_month_settles_with_the_first_vintage_from_august_of_the_next_year_on(tmp_path: Path) -> None:
    told = {"2023-12-20": 5, "2024-07-31": 7, "2024-08-01": 9, "2024-09-01": 11}
    held = _table(tmp_path / "v.csv", {day: {"2023-11": deaths} for day, deaths in told.items()})
    (pair,) = revision.pairs(held, as_of=DAY)
    assert (pair.first, pair.days, pair.settled) == (5, 20, 9)
    assert (pair.reported, pair.known) == (dt.date(2023, 12, 20), dt.date(2024, 8, 1))
    (pair,) = revision.pairs(held, as_of=dt.date(2024, 7, 31))
    assert (pair.settled, pair.known) == (None, None)


def test_a_figure_that_has_moved_since_its_first_report_is_not_drawn_anew(tmp_path: Path) -> None:
    first, moved = {"2024-01": 50}, {"2024-01": 60, "2024-02": 70}
    held = _table(tmp_path / "v.csv", {"2024-02-10": first, "2024-03-10": moved})
    day = dt.date(2024, 3, 10)
    known = Revision(day, mean=0.0, spread=1.0, count=5, pairs=revision.pairs(held, as_of=day))
    drawn = revision.histories(held.panel(day), known)
    assert np.ptp(drawn, axis=0).nonzero()[0].tolist() == [drawn.shape[1] - 1]
    assert (drawn[:, -2] == 60).all()
