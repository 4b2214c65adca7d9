"""Who held a piece of today's land: the code of a state of today, read at the end of any month."""

from __future__ import annotations

from functools import cache

from tocsin.areas.lookup import held
from tocsin.areas.tables import units_table


@cache
def holder(code: str, month: int) -> int | None:
    """Return the Gleditsch-Ward code of the state that held the land of `code` at the end of a month.

    code: ISO 3166 alpha-3 of today's land, `XKX` for Kosovo, `ESH` and `PSE` for land without a state here.
    None where no state here held it then, or where several held parts of it (Germany and Yemen before they
    were united, whose line of division is not kept).
    """
    holders = {held(month).get(unit) for unit in parts(code)}
    return holders.pop() if len(holders) == 1 else None


@cache
def parts(code: str) -> tuple[str, ...]:
    """Return the units of land that the land of `code` is kept in: itself, or its halves, ascending."""
    units = units_table()
    if code in units:
        return (code,)
    return tuple(sorted(unit.code for unit in units.values() if unit.territory == code))
