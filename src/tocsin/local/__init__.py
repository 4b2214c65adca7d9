"""Forecasts of places: grid cells and admin-1 units, from located events, made to agree with the state."""

from tocsin.local.layout import Layout, cell_layout, grouped_layout
from tocsin.local.located import admin1_data, cell_data, majority, west_africa
from tocsin.local.model import FittedLocal, Training, fit
from tocsin.local.record import PLACED, LocalForecast
from tocsin.local.traces import LocalHistory

__all__ = [
    "PLACED",
    "FittedLocal",
    "Layout",
    "LocalForecast",
    "LocalHistory",
    "Training",
    "admin1_data",
    "cell_data",
    "cell_layout",
    "fit",
    "grouped_layout",
    "majority",
    "west_africa",
]
