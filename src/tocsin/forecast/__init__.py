"""Forecasts: sampled deaths per area and month ahead, by methods that all fit and predict in the same way."""

from tocsin.forecast.baselines import (
    Baseline,
    Bootstrap,
    Conflictology,
    Last,
    NegativeBinomial,
    Neighbours,
    NoLearning,
    Region,
    Zero,
)
from tocsin.forecast.boosted import Boosted, FittedBoosted
from tocsin.forecast.cores import Hurdle, Quantiles
from tocsin.forecast.fitted import Fitted, FittedSampler, FittedTotal, Method, Sampler
from tocsin.forecast.forecast import DRAWS, MAX_STEP, Forecast, check_steps, total
from tocsin.forecast.history import History
from tocsin.forecast.own import Own
from tocsin.forecast.pool import FittedPool, Pool
from tocsin.forecast.reading import Present
from tocsin.forecast.registry import DEFAULT, fit, found, methods, named
from tocsin.forecast.weighted import FittedWeighted, Weighted

__all__ = [
    "DEFAULT",
    "DRAWS",
    "MAX_STEP",
    "Baseline",
    "Boosted",
    "Bootstrap",
    "Conflictology",
    "Fitted",
    "FittedBoosted",
    "FittedPool",
    "FittedSampler",
    "FittedTotal",
    "FittedWeighted",
    "Forecast",
    "History",
    "Hurdle",
    "Last",
    "Method",
    "NegativeBinomial",
    "Neighbours",
    "NoLearning",
    "Own",
    "Pool",
    "Present",
    "Quantiles",
    "Region",
    "Sampler",
    "Weighted",
    "Zero",
    "check_steps",
    "fit",
    "found",
    "methods",
    "named",
    "total",
]
