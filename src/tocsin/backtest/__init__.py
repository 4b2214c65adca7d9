"""Backtests: forecasts from rolling origins, scored month by month, in one file of results."""

from tocsin.backtest.results import HORIZONS, Backtest, read
from tocsin.backtest.rolling import run
from tocsin.backtest.rows import THRESHOLDS, WINDOWS, Unscored
from tocsin.backtest.settings import SCHEMA, Settings, origins_of, parse_steps
from tocsin.forecast.states import STATES, State, states

__all__ = [
    "HORIZONS",
    "SCHEMA",
    "STATES",
    "THRESHOLDS",
    "WINDOWS",
    "Backtest",
    "Settings",
    "State",
    "Unscored",
    "origins_of",
    "parse_steps",
    "read",
    "run",
    "states",
]
