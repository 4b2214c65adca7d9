"""Spillover: what violence beside a state, or beside a place, adds to its outlook, and from which side."""

from tocsin.spillover.links import Change, FittedSpillover, Link, Spillover, assess, coefficients
from tocsin.spillover.places import DIRECTIONS, CellSpillover, into_cells
from tocsin.spillover.reach import REACH_KM, Near, within_reach

__all__ = [
    "DIRECTIONS",
    "REACH_KM",
    "CellSpillover",
    "Change",
    "FittedSpillover",
    "Link",
    "Near",
    "Spillover",
    "assess",
    "coefficients",
    "into_cells",
    "within_reach",
]
