"""What draws and outcomes may be: deaths, or not observed; and never a number that stands for neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from tocsin import score
from tocsin.errors import BadInput

NAN = np.nan
SCORES: list[Callable[..., object]] = [
    score.crps, partial(score.crps, scale="log"), score.ignorance, partial(score.ignorance, upsample=True),
    score.interval_score, score.row_scores, score.coverage, score.pit,
]  # fmt: skip


@pytest.mark.parametrize("rule", SCORES)
@pytest.mark.parametrize(
    ("draws", "observed", "says"),
    [
        ([[1, 2], [0, 0], [0, 0]], [3, -99, NAN], "Row 1 of the outcomes holds −99"),
        ([[1, 2], [0, 0], [0, 0]], [NAN, 3, np.inf], "Row 2 of the outcomes holds"),
        ([[1, 2], [0, 0], [3, -1]], [NAN, 3, 1], "Row 2 of the draws holds a negative"),
        (np.ma.masked_equal([[1, 2], [0, -1]], -1), [0, 3], "Row 1 of the draws .* missing"),
    ],
)
def test_what_is_no_number_of_deaths_is_refused_by_every_score(
    rule: Callable[..., object], draws: object, observed: object, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        rule(draws, observed)


def test_what_is_masked_was_not_observed_whatever_lies_under_the_mask() -> None:
    draws = np.zeros((3, 10), dtype=np.int32)
    for dtype in (np.int64, np.float64):
        seen = np.ma.masked_array(np.array([0, 0, -99], dtype=dtype), mask=[0, 1, 1])
        for rule in (score.crps, score.ignorance, score.interval_score, score.pit):
            assert np.isnan(rule(draws, seen)).tolist() == [False, True, True]
    assert score.coverage(draws, np.ma.masked_array([0, 5, 0], mask=[0, 0, 1]))[0.9] == 0.5
    assert score.crps(np.ma.masked_array(draws, mask=False), [0, 1, 2]).tolist() == [0, 1, 2]
    happened = np.ma.masked_array([True, False, True], mask=[0, 1, 0])
    for probability in (score.brier, score.log_score):
        assert np.isnan(probability(np.full(3, 0.5), happened)).tolist() == [False, True, False]


def test_masked_scores_enter_no_comparison() -> None:
    table = np.random.default_rng(1).normal(1, 1, size=(6, 12))
    hidden = np.zeros(table.shape, dtype=bool)
    hidden[2, 3:7] = True
    held, gone = np.ma.masked_array(table, mask=hidden), np.where(hidden, NAN, table)
    assert score.block_bootstrap(held, resamples=50) == score.block_bootstrap(gone, resamples=50)
    groups = np.arange(12) // 3
    ours, theirs = abs(gone), np.ones(table.shape)
    assert score.relative(abs(held), theirs, groups) == score.relative(ours, theirs, groups)
    assert score.relative(theirs, abs(held), groups) == score.relative(theirs, ours, groups)
