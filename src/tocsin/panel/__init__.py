"""The panel: deaths per area, month and kind, with what is covered kept apart from what is zero."""

from tocsin.panel.assembly import (
    Covering,
    MonthOf,
    build,
    existing,
    from_vault,
    in_states_of,
    of_resolved,
    state_of,
)
from tocsin.panel.naming import based, released
from tocsin.panel.panel import LeftOut, Level, Panel, in_states
from tocsin.panel.spread import largest_remainder

__all__ = [
    "Covering",
    "LeftOut",
    "Level",
    "MonthOf",
    "Panel",
    "based",
    "build",
    "existing",
    "from_vault",
    "in_states",
    "in_states_of",
    "largest_remainder",
    "of_resolved",
    "released",
    "state_of",
]
