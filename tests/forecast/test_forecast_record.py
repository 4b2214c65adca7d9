"""The forecast record: sums before summaries, absence before numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.forecast import Forecast, total


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
    with pytest.raises(NotAssessed, match="20"):
        said.path(20)
    with pytest.raises(UnknownName, match="99"):
        said.path(99)


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
    both = total([said, dataclasses.replace(said, target="ns", assessed=np.array([True, True]))])
    np.testing.assert_array_equal(both.draws, 2 * said.draws)
    assert both.target == "total"
    assert both.assessed.tolist() == [True, False]
    with pytest.raises(BadInput, match="sb and ns"):
        total([said, dataclasses.replace(said, target="ns", origin=505)])
