"""Reasons: what drives a forecast, what came after months like these, and what would change it."""

from tocsin.reasons.explain import explain, explain_fitted
from tocsin.reasons.facts import Facts, Neighbour, facts_of
from tocsin.reasons.precedents import Precedent, Precedents
from tocsin.reasons.record import Change, Reasons, Said
from tocsin.reasons.telling import lines, told

__all__ = [
    "Change",
    "Facts",
    "Neighbour",
    "Precedent",
    "Precedents",
    "Reasons",
    "Said",
    "explain",
    "explain_fitted",
    "facts_of",
    "lines",
    "told",
]
