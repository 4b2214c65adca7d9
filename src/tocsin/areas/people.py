"""How many people live in a state, with the source and the year the figure is of."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin import months
from tocsin.areas.lookup import country, held
from tocsin.areas.tables import Source, population_table, units_table
from tocsin.errors import NotAssessed


@dataclass(frozen=True)
class Population:
    """Persons in a state; `year` is the year the figure is of, `asked` the one it was asked for.

    `source` is `gw_year` (the yearly table by Gleditsch-Ward code, from the World Bank and the Penn World
    Table) or `factbook` (an estimate of 2025, given only where the former has none).
    """

    persons: int
    source: Source
    year: int
    asked: int

    @property
    def exact(self) -> bool:
        """Whether the figure is of the year that was asked for."""
        return self.year == self.asked


def population(gw: int, *, year: int) -> Population:
    """Return the number of people living on the land a state held at the end of a year.

    A past state's figure is the sum over the land it held then. Where the yearly table has none (17
    microstates, years after its last), the Factbook's estimate of 2025 is returned and says so; before the
    table begins (1980) nothing is.
    Raises UnknownName where the state does not exist at the end of that year, NotAssessed where no source
    counts its land apart (the two Germanies, the two Yemens) or the year is before 1980.
    """
    month = months.month_id(year, 12)
    state = country(gw, month=month)
    tables = population_table()
    first = min(known for _, known in tables["gw_year"])
    territories = _territories(state.gw, month)
    if territories is None or year < first:
        raise NotAssessed("areas.population_unknown", name=state.name(), year=year)
    counted = [tables["gw_year"].get((territory, year)) for territory in territories]
    if None not in counted:
        return Population(sum(c for c in counted if c is not None), "gw_year", year, year)
    latest = {territory: (known, n) for (territory, known), n in tables["factbook"].items()}
    known_year = max(latest[territory][0] for territory in territories)
    return Population(sum(latest[t][1] for t in territories), "factbook", known_year, year)


def _territories(gw: int, month: int) -> set[str] | None:
    """Return the territories whose statistics add up to a state's land; None where they do not fit it."""
    holder, units = held(month), units_table()
    mine = {unit.territory for unit in units.values() if holder.get(unit.code) == gw}
    fits = all(holder.get(unit.code) == gw for unit in units.values() if unit.territory in mine)
    return mine if fits else None
