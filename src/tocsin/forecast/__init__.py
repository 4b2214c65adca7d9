"""Forecasts: sampled deaths per area and month ahead, by methods that all fit and predict in the same way."""

from tocsin.forecast.baselines import (
    Baseline,
    Bootstrap,
    Conflictology,
    Last,
    NegativeBinomial,
    NoLearning,
    Zero,
)
from tocsin.forecast.fitted import Fitted, FittedSampler, FittedTotal, Method, Sampler
from tocsin.forecast.forecast import DRAWS, MAX_STEP, Forecast, check_steps, total
from tocsin.forecast.history import History
from tocsin.forecast.registry import fit, methods, named

__all__ = [
    "DRAWS",
    "MAX_STEP",
    "Baseline",
    "Bootstrap",
    "Conflictology",
    "Fitted",
    "FittedSampler",
    "FittedTotal",
    "Forecast",
    "History",
    "Last",
    "Method",
    "NegativeBinomial",
    "NoLearning",
    "Sampler",
    "Zero",
    "check_steps",
    "fit",
    "methods",
    "named",
    "total",
]
