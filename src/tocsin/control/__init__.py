"""Control: whether areas are held by the state, contested or beyond its reach, inferred from events alone."""

from tocsin.control.control import (
    ENOUGH,
    MEMORY,
    Control,
    LeftOut,
    Method,
    control,
    known_level,
    left_out_notes,
)
from tocsin.control.evidence import CHANNELS, Evidence, gather
from tocsin.control.located import Level, Located, located, of_events
from tocsin.control.model import DECLARED, STATES, Parameters, filtered, likelihood, smoothed
from tocsin.control.picture import COLOURS, draw_control
from tocsin.control.runs import Run, runs

__all__ = [
    "CHANNELS",
    "COLOURS",
    "DECLARED",
    "ENOUGH",
    "MEMORY",
    "STATES",
    "Control",
    "Evidence",
    "LeftOut",
    "Level",
    "Located",
    "Method",
    "Parameters",
    "Run",
    "control",
    "draw_control",
    "filtered",
    "gather",
    "known_level",
    "left_out_notes",
    "likelihood",
    "located",
    "of_events",
    "runs",
    "smoothed",
]
