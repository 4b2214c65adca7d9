"""Spillover: what violence beside a state, or beside a place, adds to its outlook, and from which side."""

from tocsin.spillover.links import Change, FittedSpillover, Link, Spillover, assess
from tocsin.spillover.places import CellSpillover, into_cells, unknown_around
from tocsin.spillover.reach import DIRECTIONS, REACH_KM, Near, direction, has_cells, within_reach

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
    "direction",
    "has_cells",
    "into_cells",
    "unknown_around",
    "within_reach",
]
