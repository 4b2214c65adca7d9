"""Vintages and revision: what was published when, how it moved, and forecasts that know it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin import months, revision, score
from tocsin.errors import BadFile, BadInput, NotAssessed
from tocsin.revision import Triangle
from tocsin.revision.model import law

LATE = dt.date(2026, 6, 25)


@pytest.fixture(scope="module")
def triangle() -> Triangle:
    return revision.shipped(432, as_of=LATE)


def _deaths(held: Triangle, on: str, month: str) -> int:
    panel = held.panel(dt.date.fromisoformat(on))
    return int(panel.series("total")[0, months.parse(month) - panel.span.first])


def test_march_2024_goes_from_116_to_186_to_143(triangle: Triangle) -> None:
    seen = [_deaths(triangle, day, "2024-03") for day in ("2024-04-22", "2025-03-01", "2025-08-25")]
    assert seen == [116, 186, 143]


def test_a_panel_holds_nothing_published_later(triangle: Triangle) -> None:
    panel = triangle.panel(dt.date(2024, 4, 21))
    assert str(panel.span) == "1989-01:2024-02"
    assert panel.releases == ("vintage 2024-03-21",)
    early = revision.shipped(432, as_of=dt.date(2024, 4, 21))
    assert early.panel(dt.date(2024, 4, 21)).digest == panel.digest
    assert early.vintages[-1] == dt.date(2024, 3, 21)
    for cut in (early, triangle.until(dt.date(2024, 4, 21))):
        assert cut.span == panel.span
        assert cut.deaths.shape == cut.covered.shape == (len(early.vintages), len(panel.span))


def test_a_vintage_that_gives_every_row_twice_is_counted_once(triangle: Triangle) -> None:
    doubled = dt.date(2026, 3, 29)
    assert triangle.doubled == triangle.until(doubled).doubled == (doubled,)
    assert triangle.until(dt.date(2026, 3, 28)).doubled == ()
    assert _deaths(triangle, "2026-03-29", "2025-06") == _deaths(triangle, "2026-03-28", "2025-06") == 415


def test_nothing_is_known_before_the_first_vintage(triangle: Triangle) -> None:
    with pytest.raises(NotAssessed, match="2023-12-22"):
        triangle.panel(dt.date(2023, 12, 21))
    with pytest.raises(NotAssessed, match="Mali"):
        revision.shipped(436, as_of=LATE)
    assert revision.shipped("MLI", as_of=LATE).digest == triangle.digest  # type: ignore[arg-type]


def test_a_month_first_seen_late_has_no_first_report(triangle: Triangle) -> None:
    found = {months.label(pair.month): pair for pair in revision.pairs(triangle, as_of=LATE)}
    # No vintage was kept between September 2025 and March 2026.
    assert "2025-10" not in found
    assert (found["2024-10"].first, found["2024-10"].settled) == (61, 182)
    assert found["2025-06"].settled is None
    assert all(20 <= pair.days <= 31 for pair in found.values())


@pytest.mark.parametrize(("day", "prompt"), [("2024-03-06", True), ("2024-03-07", False)])
def test_of_the_first_vintage_only_its_newest_month_is_a_first_report_and_for_35_days(
    day: str, prompt: bool, tmp_path: Path
) -> None:
    file = tmp_path / "vintages.csv"
    file.write_text(f"vintage,month,best\n{day},2023-12,5\n{day},2024-01,7\n")
    assert revision.read(file, 432).first_seen() == {months.parse("2024-01"): (0, prompt)}


def test_the_law_knows_only_what_had_settled(triangle: Triangle) -> None:
    with pytest.raises(NotAssessed, match="2 months had settled"):
        revision.fit(triangle, as_of=dt.date(2025, 7, 30))
    on = dt.date(2025, 9, 1)
    now, then = revision.fit(triangle, as_of=on), revision.fit(revision.shipped(432, as_of=on), as_of=on)
    assert (now.mean, now.spread, now.count) == (then.mean, then.spread, then.count)


def test_settled_values_lie_inside_the_interval_as_often_as_it_says(triangle: Triangle) -> None:
    """Each settled month, left out, against the law of the others."""
    settled = [pair for pair in revision.pairs(triangle, as_of=LATE) if pair.settled is not None]
    inside, ours, plain = [], [], []
    for pair in settled:
        others = law(tuple(other for other in settled if other is not pair), as_of=LATE)
        drawn = others.settled(pair.first)
        low, high = np.quantile(drawn, [0.1, 0.9])
        assert pair.settled is not None
        inside.append(low <= pair.settled <= high)
        ours.append(float(score.crps(drawn, pair.settled)))
        plain.append(abs(pair.first - pair.settled))
    assert len(settled) == 14
    assert np.mean(inside) >= 0.7
    assert np.mean(ours) < np.mean(plain)


def test_the_forecast_is_wider_and_says_whether_revision_is_in_it(triangle: Triangle) -> None:
    panel = triangle.panel(LATE)
    steps = range(1, 4)
    wide, known = revision.widened(triangle, as_of=LATE, method="no-learning", steps=steps)
    plain = revision.plain(panel, method="no-learning", steps=steps)
    assert known
    assert wide.draws.shape == plain.draws.shape
    spread = [np.ptp(np.quantile(made.total_over(1, 3)[0], [0.1, 0.9])) for made in (wide, plain)]
    assert spread[0] > spread[1]
    again, _ = revision.widened(triangle, as_of=LATE, method="no-learning", steps=steps)
    assert again.digest == wide.digest
    early, known = revision.widened(triangle, as_of=dt.date(2025, 3, 1), method="no-learning", steps=steps)
    assert not known
    assert early.target == "total"
    with pytest.raises(BadInput, match="multiple of 20"):
        revision.widened(triangle, as_of=LATE, method="no-learning", steps=steps, draws=999)


@pytest.mark.parametrize(("method", "draws"), [("conflictology-50", 1000), ("conflictology-12", 240)])
def test_months_of_the_wider_forecast_are_paths_for_any_number_of_draws(
    triangle: Triangle, method: str, draws: int
) -> None:
    """A twentieth of the draws is as many as the method's months, of which it would make bare values."""
    made, known = revision.widened(triangle, as_of=LATE, method=method, steps=range(1, 4), draws=draws)
    assert known
    assert (made.draws[0, 0] != made.draws[0, 1]).any()


def test_only_months_still_at_their_first_report_are_drawn_anew(triangle: Triangle) -> None:
    panel = triangle.panel(LATE)
    drawn = revision.histories(panel, revision.fit(triangle, as_of=LATE))
    moved = {months.label(panel.span.first + int(column)) for column in np.flatnonzero(np.ptp(drawn, axis=0))}
    assert "2026-05" in moved
    assert "2024-10" not in moved
    assert "2025-10" not in moved


@pytest.mark.parametrize("column", ["best", "deaths"])
def test_a_table_of_ones_own_is_read(tmp_path: Path, column: str) -> None:
    file = tmp_path / "vintages.csv"
    file.write_text(
        f"vintage,month,{column}\n2024-03-21,2024-02,5\n2024-04-21,2024-02,7\n2024-04-21,2024-03,2\n"
    )
    held = revision.read(file, 432)
    assert held.vintages == (dt.date(2024, 3, 21), dt.date(2024, 4, 21))
    assert _deaths(held, "2024-04-21", "2024-02") == 7
    assert held.digest != revision.shipped(432, as_of=LATE).digest


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2024-01-22,1988-11,777", "1988-11"), ("2024-01-22,2023-12,", "line 3: the column best"),
        ("2024-01-22,,7", "line 3: the column month"), (",2023-12,7", "line 3: the column vintage"),
        ("2024-01-22,2024-02,7", "the vintage 2024-01-22 gives 2024-02"),
    ],
)  # fmt: skip
def test_neither_an_empty_cell_nor_a_month_outside_the_data_is_taken_for_deaths(
    row: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "vintages.csv"
    file.write_text(f"vintage,month,best\n2024-01-22,2023-11,6\n{row}\n")
    with pytest.raises(BadFile, match=said):
        revision.read(file, 432)


@pytest.mark.parametrize(
    "content",
    [
        "", "a,b\n1,2\n", "vintage,month,best\n", "vintage,month,best\nsoon,2024-02,5\n",
        "vintage,month,best\n2024-03-21,2024-02,-5\n", "vintage,month,best\n2024-03-21,2024-02,many\n",
        "vintage,month,best\n2024-03-21,2024-02,5\n2024-03-21,2024-02,6\n",
        "vintage,month,best\n2024-03-21,2024-13,5\n", "vintage,month,best\n04/05/2024,2024-02,5\n",
    ],
)  # fmt: skip
def test_what_is_no_table_of_vintages_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "vintages.csv"
    file.write_text(content)
    with pytest.raises(BadFile, match=r"vintages\.csv") as refused:
        revision.read(file, 432)
    assert "\n" not in str(refused.value)


@pytest.mark.shared
def test_the_shipped_vintages_are_those_of_the_source(shared: Path) -> None:
    source = revision.read(shared / "data/vintages/mali_by_vintage.csv", 432)
    assert source.digest == revision.shipped(432, as_of=dt.date(2027, 1, 1)).digest


@pytest.mark.parametrize("day", ["2024-04-22", dt.datetime(2024, 4, 22), None])
def test_a_day_that_is_none_is_refused(triangle: Triangle, day: Any) -> None:
    asked: list[Callable[[], object]] = [
        lambda: revision.shipped(432, as_of=day), lambda: revision.fit(triangle, as_of=day),
        lambda: triangle.panel(day), lambda: revision.widened(triangle, as_of=day, method="last", steps=(1,)),
    ]  # fmt: skip
    for ask in asked:
        with pytest.raises(BadInput, match="no day"):
            ask()


def test_a_first_report_is_a_number_of_deaths(triangle: Triangle) -> None:
    with pytest.raises(BadInput, match="first is nan"):
        revision.fit(triangle, as_of=LATE).settled(float("nan"))  # type: ignore[arg-type]
