"""Revision: how the figures of a month move from first report to final, and what that does to a forecast.

triangle  what was published of a country by each day, month by month
model     first report to settled value, from the months whose settled value is known
widened   a forecast from histories that the newest months may turn out to have
"""

from tocsin.revision.model import ENOUGH, Pair, Revision, fit, pairs
from tocsin.revision.triangle import Triangle, read, settled_from, shipped
from tocsin.revision.widened import histories, plain, widened

__all__ = [
    "ENOUGH",
    "Pair",
    "Revision",
    "Triangle",
    "fit",
    "histories",
    "pairs",
    "plain",
    "read",
    "settled_from",
    "shipped",
    "widened",
]
