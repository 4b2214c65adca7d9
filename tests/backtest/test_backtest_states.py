"""States of areas on series whose state is plain."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.backtest import STATES, states


@pytest.mark.parametrize(
    ("last_12", "state"),
    [
        ([0] * 12, "quiet"),
        ([0] * 11 + [1], "sporadic"),
        ([3, 0, 0, 4, 0, 0, 0, 0, 2, 0, 1, 0], "sporadic"),
        ([10] * 12, "steady"),
        ([0] * 11 + [30], "rising"),
        ([0] * 11 + [25], "rising"),
        ([0] * 11 + [24], "sporadic"),
        ([2] * 9 + [3] * 3, "rising"),
        ([0] * 4 + [500] + [0] * 7, "falling"),
        ([8] * 9 + [4] * 3, "falling"),
        ([0, 9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 8], "sporadic"),
        ([8] * 9 + [5] * 3, "steady"),
    ],
)  # fmt: skip
def test_declared_states(last_12: list[int], state: str) -> None:
    series = np.array([[99] * 12 + last_12], dtype=np.int32)
    assert states(series, np.ones(series.shape, dtype=np.bool_)).tolist() == [state]
    assert state in STATES


def test_months_that_are_not_covered_do_not_count() -> None:
    series = np.array([[10] * 12, [10] * 12, [40] * 12], dtype=np.int32)
    covered = np.ones(series.shape, dtype=np.bool_)
    covered[0] = False
    covered[1, :9] = False
    covered[2, 3:9] = False
    assert states(series, covered).tolist() == ["unknown", "sporadic", "steady"]
