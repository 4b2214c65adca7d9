"""Forecasts of places: grid cells and admin-1 units, from located events, made to agree with the state."""

from tocsin.local.agreement import forecast
from tocsin.local.evaluation import Scores, Window, average_precision, baselines, evaluate, scores
from tocsin.local.layout import Layout, cell_layout, grouped_layout
from tocsin.local.located import (
    admin1_data,
    cell_data,
    majority,
    vault_admin1,
    vault_cells,
    west_africa,
)
from tocsin.local.model import FittedLocal, Training, fit
from tocsin.local.reconciliation import Reconciled, reconcile
from tocsin.local.record import PLACED, LocalForecast
from tocsin.local.tables import draws_frame, write_draws
from tocsin.local.traces import LocalHistory

__all__ = [
    "PLACED",
    "FittedLocal",
    "Layout",
    "LocalForecast",
    "LocalHistory",
    "Reconciled",
    "Scores",
    "Training",
    "Window",
    "admin1_data",
    "average_precision",
    "baselines",
    "cell_data",
    "cell_layout",
    "draws_frame",
    "evaluate",
    "fit",
    "forecast",
    "grouped_layout",
    "majority",
    "reconcile",
    "scores",
    "vault_admin1",
    "vault_cells",
    "west_africa",
    "write_draws",
]
