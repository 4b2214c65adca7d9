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
from tocsin.forecast.pool import FittedPool, Pool, Present
from tocsin.forecast.registry import DEFAULT, fit, methods, named

__all__ = [
    "DEFAULT",
    "DRAWS",
    "MAX_STEP",
    "Baseline",
    "Bootstrap",
    "Conflictology",
    "Fitted",
    "FittedPool",
    "FittedSampler",
    "FittedTotal",
    "Forecast",
    "History",
    "Last",
    "Method",
    "NegativeBinomial",
    "NoLearning",
    "Pool",
    "Present",
    "Sampler",
    "Zero",
    "check_steps",
    "fit",
    "methods",
    "named",
    "total",
]
