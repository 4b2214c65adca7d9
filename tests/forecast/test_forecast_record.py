"""The forecast record: sums before summaries, absence before numbers."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.forecast import (
    Bootstrap,
    Conflictology,
    Forecast,
    NegativeBinomial,
    check_steps,
    fit,
    named,
    total,
)
from tocsin.panel import Level, Panel


@pytest.fixture
def said() -> Forecast:
    """Return two areas by steps 1 to 3 by four draws, the second area not assessed."""
    draws = np.array([[[0, 10, 20, 30], [0, 10, 5, 0], [0, 10, 0, 0]], np.zeros((3, 4))], dtype=np.int32)
    return Forecast(
        level="country", scheme="gw", areas=(2, 20), origin=504, steps=(1, 2, 3), target="sb",
        method="by hand", draws=draws, assessed=np.array([True, False]), inputs="none",
    )  # fmt: skip


def test_sums_are_taken_draw_by_draw_then_summarised(said: Forecast) -> None:
    assert said.total_over(1, 3)[0].tolist() == [0, 30, 25, 30]
    assert said.probability(25)[0] == 0.75
    assert said.probability(25, last=1)[0] == 0.25
    np.testing.assert_allclose(said.quantile([0.0, 0.5, 1.0])[0, 0], [0, 15, 30])


def test_what_is_not_assessed_has_no_number(said: Forecast) -> None:
    assert np.isnan(said.probability(25)[1])
    assert np.isnan(said.quantile([0.5])[1]).all()
    assert said.path(2).shape == (3, 4)
    with pytest.raises(
        NotAssessed, match=r"^Canada is not assessed: no release in hand covers it in 2021-12\."
    ):
        said.path(20)
    with pytest.raises(UnknownName, match="99"):
        said.path(99)


@pytest.mark.parametrize(
    ("level", "scheme", "area", "told"),
    [
        ("country", "views", 20, "Grenada is not"), ("country", "gw", 999, "Area 999"),
        ("country", "gw", 315, "Czechoslovakia is not"), ("cell", "priogrid", 153000, "Area 153000"),
    ],
)  # fmt: skip
def test_what_is_not_assessed_goes_by_the_name_that_it_has(
    said: Forecast, level: Level, scheme: str, area: int, told: str
) -> None:
    other = dataclasses.replace(said, level=level, scheme=scheme, areas=(2, area))
    with pytest.raises(NotAssessed, match=f"^{told}"):
        other.path(area)


def test_a_sum_over_steps_not_held_is_refused(said: Forecast) -> None:
    with pytest.raises(BadInput, match="1-3"):
        said.total_over(1, 4)


def test_the_record_cannot_be_written_to_and_its_digest_follows_what_it_says(said: Forecast) -> None:
    with pytest.raises(ValueError, match="read-only"):
        said.draws[0, 0, 0] = 1
    assert said.digest == dataclasses.replace(said, draws=said.draws.copy()).digest
    assert said.digest != dataclasses.replace(said, draws=said.draws + np.int32(1)).digest
    assert said.digest != dataclasses.replace(said, assessed=np.array([True, True])).digest


@pytest.mark.parametrize(
    "draws", [np.zeros((2, 3)), np.zeros((2, 3, 4)), np.full((2, 3, 4), -1, dtype=np.int32)]
)
def test_draws_of_another_shape_or_kind_are_refused(said: Forecast, draws: np.ndarray) -> None:
    with pytest.raises(BadInput):
        dataclasses.replace(said, draws=draws)


def test_only_parts_that_fit_make_a_total(said: Forecast) -> None:
    ns = dataclasses.replace(said, target="ns", assessed=np.array([True, True]))
    os = dataclasses.replace(said, target="os")
    both = total([said, ns, os])
    np.testing.assert_array_equal(both.draws, 3 * said.draws)
    assert (both.target, both.draws.dtype) == ("total", np.int32)
    assert both.assessed.tolist() == [True, False]
    changes: dict[str, object] = {"origin": 505, "scheme": "views", "level": "cell", "method": "other"}
    for field, value in changes.items():
        with pytest.raises(BadInput, match="sb and ns"):
            total([said, dataclasses.replace(ns, **{field: value}), os])  # type: ignore[arg-type]
    for parts in ([], [said], [said, said, said], [said, ns], [said, ns, os, os]):
        with pytest.raises(BadInput, match="each of sb, ns, os"):
            total(parts)
    most = [dataclasses.replace(part, draws=np.full_like(said.draws, 2**31 - 1)) for part in (said, ns, os)]
    with pytest.raises(BadInput, match="6,442,450,941"):
        total(most)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"assessed": np.array([True])}, r"bool \(1,\)"),
     ({"assessed": np.ones((2, 2), dtype=np.bool_)}, r"bool \(2, 2\)"),
     ({"assessed": np.array([1, 0])}, "int64"),
     ({"areas": (20, 20)}, "20 is given twice"),
     ({"areas": ("DZA", "MLI")}, "whole numbers"),
     ({"draws": np.zeros((2, 3, 0), dtype=np.int32)}, "0 draws"),
     ({"origin": "2021-12"}, "origin is '2021-12'"),
     ({"steps": (1.0, 2.0, 3.0)}, "1.0")],
)  # fmt: skip
def test_what_a_forecast_cannot_hold_is_refused(
    said: Forecast, changes: dict[str, Any], expected: str
) -> None:
    with pytest.raises(BadInput, match=expected):
        dataclasses.replace(said, **changes)
    with pytest.raises(BadInput, match="given twice"):
        said.only([2, 2])


def test_numbers_of_numpy_are_the_same_forecast(said: Forecast) -> None:
    other = dataclasses.replace(
        said, areas=tuple(np.array([2, 20])), origin=np.int64(504), steps=tuple(np.arange(1, 4))
    )
    assert other.digest == said.digest
    assert {type(value) for value in (*other.areas, other.origin, *other.steps)} == {int}


@pytest.mark.parametrize("by", [copy.copy, copy.deepcopy, lambda said: pickle.loads(pickle.dumps(said))])
def test_a_copy_cannot_be_written_to_either(said: Forecast, by: Callable[[Forecast], Forecast]) -> None:
    digest, other = said.digest, by(said)
    for array in (other.draws, other.assessed):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert "digest" not in vars(other)
    assert other.digest == digest


@pytest.mark.parametrize(("first", "last"), [(2, 1), (3, 1), (5, 4)])
def test_steps_that_run_backwards_are_refused(said: Forecast, first: int, last: int) -> None:
    for ask in (said.total_over, lambda first, last: said.probability(25, first=first, last=last)):
        with pytest.raises(BadInput, match=f"from {first} to {last}"):
            ask(first, last)


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), "25", None])
def test_a_threshold_is_a_number(said: Forecast, threshold: Any) -> None:
    with pytest.raises(BadInput, match="deaths to reach"):
        said.probability(threshold)


@pytest.mark.parametrize("levels", [[5, 95], [float("nan")], ["a"], [-0.1], None])
def test_levels_of_quantiles_are_shares(said: Forecast, levels: Any) -> None:
    with pytest.raises(BadInput, match="shares from 0 to 1"):
        said.quantile(levels)
    np.testing.assert_array_equal(said.quantile(np.array([0.5])), said.quantile([0.5]))


@pytest.mark.parametrize("steps", [np.arange(1, 4), [np.int64(1), 2, 3], range(1, 4)])
def test_steps_and_draws_of_numpy_are_those_of_python(three_kinds: Panel, steps: Any) -> None:
    known = fit(three_kinds, origin=300, method="no-learning").predict((1, 2, 3), 50)
    origin: Any = np.int64(300)
    other = fit(three_kinds, origin=origin, method="no-learning").predict(steps, np.int64(50))  # type: ignore[arg-type]
    assert other.digest == known.digest


@pytest.mark.parametrize("steps", [3, None, [1.0, 2.0], ["1"], dt.date(2012, 1, 1)])
def test_steps_that_are_no_whole_numbers_are_refused(steps: Any) -> None:
    with pytest.raises(BadInput, match="steps is"):
        check_steps(steps)


@pytest.mark.parametrize(
    ("make", "months"),
    [(Conflictology, 0), (Conflictology, -3), (Conflictology, 121), (Bootstrap, 481), (NegativeBinomial, 1),
     (Conflictology, 12.0)],
)  # fmt: skip
def test_a_window_out_of_range_is_refused_however_the_method_is_made(make: Any, months: Any) -> None:
    with pytest.raises(BadInput):
        make(months)


def test_a_method_is_asked_for_by_its_name() -> None:
    with pytest.raises(UnknownName, match="tocsin"):
        named(Conflictology())  # type: ignore[arg-type]
