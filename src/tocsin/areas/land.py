"""The land of states by date: who holds it, what borders on it, how large it is, who had it before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache

from tocsin.areas.lookup import country, held
from tocsin.areas.state import Country
from tocsin.areas.tables import Holding, borders_table, countries_table, holdings_table, units_table


def neighbours(gw: int, *, month: int) -> tuple[int, ...]:
    """Return the Gleditsch-Ward codes of the states with a land border with `gw` at the end of a month.

    Ascending. Rivers and lakes along a border are land; touching in a point, straits, bridges and land
    overseas are not (France does not neighbour Brazil, nor Spain Morocco). Western Sahara counts with Morocco
    from August 1979, the Palestinian territories with Israel, Somaliland with Somalia.
    Raises UnknownName where the state does not exist then.
    Source: Natural Earth 4.1 (1:50 million) and `areas/data/hand/borders.csv`.
    """
    return _neighbours(month).get(country(gw, month=month).gw, ())


def area_km2(gw: int, *, month: int) -> float:
    """Return the area of a state at the end of a month, in square kilometres, inland water included.

    The area of a past state is that of the land it held, measured today.
    Raises UnknownName where the state does not exist then. Source: World Factbook (archive of 2026).
    """
    state = country(gw, month=month)
    return sum(units_table()[unit].area_km2 for unit, holder in held(month).items() if holder == state.gw)


def predecessors(state: Country) -> tuple[Country, ...]:
    """Return the states that held land of `state` just before it did, sorted by code and first day."""
    before: set[Country] = set()
    for holding in _holdings(state):
        before |= _holders(holding.unit, max(holding.start, state.start) - dt.timedelta(days=1))
    return tuple(sorted(before - {state}))


def successors(state: Country) -> tuple[Country, ...]:
    """Return the states that held land of `state` just after it did, sorted by code and first day.

    A state that lost land without ending has successors too: Namibia is one of South Africa.
    """
    after: set[Country] = set()
    for holding in _holdings(state):
        ends = [end for end in (holding.end, state.end) if end is not None]
        if ends:
            after |= _holders(holding.unit, min(ends) + dt.timedelta(days=1))
    return tuple(sorted(after - {state}))


@cache
def _neighbours(month: int) -> dict[int, tuple[int, ...]]:
    holder = held(month)
    found: dict[int, set[int]] = {}
    for a, b in borders_table():
        first, second = holder.get(a), holder.get(b)
        if first is not None and second is not None and first != second:
            found.setdefault(first, set()).add(second)
            found.setdefault(second, set()).add(first)
    return {gw: tuple(sorted(others)) for gw, others in found.items()}


def _holdings(state: Country) -> Iterator[Holding]:
    """Yield what `state` held while it existed: its code may be that of another state at another time."""
    for holding in holdings_table():
        before = holding.end is not None and holding.end < state.start
        after = state.end is not None and state.end < holding.start
        if holding.gw == state.gw and not before and not after:
            yield holding


def _holders(unit: str, day: dt.date) -> set[Country]:
    gws = {h.gw for h in holdings_table() if h.unit == unit and h.covers(day)}
    return {
        c for c in countries_table() if c.gw in gws and c.start <= day and (c.end is None or day <= c.end)
    }
