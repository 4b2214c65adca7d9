"""Control: whether areas are held by the state, contested or beyond its reach, inferred from events alone."""

from tocsin.control.control import MEMORY, Control, LeftOut, Level, Method, control
from tocsin.control.evidence import CHANNELS, Evidence, gather
from tocsin.control.model import DECLARED, STATES, Parameters, filtered, likelihood, smoothed

__all__ = [
    "CHANNELS",
    "DECLARED",
    "MEMORY",
    "STATES",
    "Control",
    "Evidence",
    "LeftOut",
    "Level",
    "Method",
    "Parameters",
    "filtered",
    "gather",
    "likelihood",
    "smoothed",
    "control",
]
