"""Scores of forecasts against what happened: pure functions on arrays, lower is better unless said otherwise.

Draws come as [..., draw], outcomes as [...]; every score returns one number a row, and the mean over rows is
the caller's. Draws and outcomes are deaths, finite and at least 0. A row whose outcome is NaN or masked was
not observed and scores NaN, never 0. A score can be infinite (`log_score`), a comparison cannot.
"""

from tocsin.score.calibration import coverage, pit
from tocsin.score.comparison import Interval, Relative, block_bootstrap, relative
from tocsin.score.ensemble import (
    BIN_EDGES,
    OFFICIAL_DRAWS,
    RowScores,
    crps,
    ignorance,
    interval_score,
    row_scores,
)
from tocsin.score.probability import brier, log_score

__all__ = [
    "BIN_EDGES",
    "OFFICIAL_DRAWS",
    "Interval",
    "Relative",
    "RowScores",
    "block_bootstrap",
    "brier",
    "coverage",
    "crps",
    "ignorance",
    "interval_score",
    "log_score",
    "pit",
    "relative",
    "row_scores",
]
