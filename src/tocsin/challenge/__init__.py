"""The VIEWS Prediction Challenge 2023/24: make submissions in its layout, and score anyone's.

`run` forecasts windows by one of the methods and writes the official folders; `score` reads such folders,
whoever wrote them, and sets the scores beside the published ones.
"""

from tocsin.challenge.evaluation import score
from tocsin.challenge.history import HistoryTable, read_history
from tocsin.challenge.layout import (
    Level,
    SubmissionDetails,
    model_name,
    months_of,
    origin_of,
    window_files,
    write_details,
    write_window,
)
from tocsin.challenge.published import PublishedScore, published
from tocsin.challenge.rows import Actuals, Predictions, read_actuals, read_predictions
from tocsin.challenge.submission import TAKEN, Submission, forecast_window, run, without_events
from tocsin.challenge.table import Comparison, ScoreTable, WindowScore

__all__ = [
    "TAKEN",
    "Actuals",
    "Comparison",
    "HistoryTable",
    "Level",
    "Predictions",
    "PublishedScore",
    "ScoreTable",
    "Submission",
    "SubmissionDetails",
    "WindowScore",
    "forecast_window",
    "model_name",
    "months_of",
    "origin_of",
    "published",
    "read_actuals",
    "read_history",
    "read_predictions",
    "run",
    "score",
    "window_files",
    "without_events",
    "write_details",
    "write_window",
]
