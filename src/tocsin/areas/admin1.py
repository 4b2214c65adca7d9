"""Admin-1 units of eight West African countries, each under a code **and** the vintage of its boundaries.

A code alone does not name a unit: Mali's `ML09` meant Bamako until the reform of 2023, Taoudenni since. The
key of a unit is `ML09@2012`; a vintage is named by the year of the list that defines it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from tocsin import months
from tocsin.areas.lookup import country
from tocsin.areas.names import closest, fold
from tocsin.areas.tables import hand
from tocsin.errors import BadInput, NotAssessed, UnknownName

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, order=True)
class Admin1:
    """One unit in one vintage of boundaries.

    pcode:  the United Nations' place code; None where none could be checked against a published list.
    name:   as in the country's official language; kind: `region` or `department`.
    parent: key of the unit of the vintage before that holds this one whole; None in the first vintage.
    """

    gw: int
    vintage: int
    code: str
    name: str = field(compare=False)
    kind: str = field(compare=False)
    pcode: str | None = field(compare=False)
    parent: str | None = field(compare=False)

    @property
    def key(self) -> str:
        """The code and the vintage, such as `ML09@2012`."""
        return f"{self.code}@{self.vintage}"


@dataclass(frozen=True, order=True)
class Vintage:
    """One division of a country: the months it was in force in (None: open), and of when its polygons are.

    boundary: year of the shipped polygons that draw it; None where none do.
    """

    gw: int
    vintage: int
    first: int | None = field(compare=False)
    last: int | None = field(compare=False)
    boundary: int | None = field(compare=False)

    def __contains__(self, month: object) -> bool:
        return months.within(month, self.first, self.last)


@dataclass(frozen=True)
class Unmatched:
    """A published place name that is no unit here, with what it would have counted."""

    gw: int
    name: str | None
    events: int
    deaths: int


def admin1_countries() -> tuple[int, ...]:
    """Return the Gleditsch-Ward codes of the countries whose admin-1 units are held, ascending."""
    return tuple(sorted({v.gw for v in _vintages()}))


def vintages(gw: int) -> tuple[Vintage, ...]:
    """Return the divisions of a country that are held, oldest first; NotAssessed where none is."""
    state = country(gw)
    found = tuple(v for v in _vintages() if v.gw == state.gw)
    if not found:
        raise NotAssessed("areas.no_admin1", name=state.name(), choices=", ".join(_names()))
    return found


def admin1_units(
    gw: int, *, vintage: int | str | None = None, month: int | None = None
) -> tuple[Admin1, ...]:
    """Return the units of a country by code, in one vintage, or in that in force in a month.

    Without either, the oldest vintage held: later ones split its units, so that events of any date add up
    in it. NotAssessed for a country that is not held or a month no vintage is held for, UnknownName for an
    unknown vintage.
    """
    chosen = _chosen(gw, vintage, month) or vintages(gw)[0]
    return tuple(u for u in _units() if (u.gw, u.vintage) == (chosen.gw, chosen.vintage))


def admin1(
    code: str, *, gw: int | None = None, vintage: int | str | None = None, month: int | None = None
) -> Admin1:
    """Return one unit by key (`ML09@2012`), by p-code, or (with `gw`) by name.

    vintage, month: which list the code is read in. Without either the code must mean the same place in every
    vintage that holds it, and the oldest of these units is returned; otherwise UnknownName names what it
    meant in each. P-codes with an ISO3 prefix (`NER001`) are known too. BadInput for a key of one vintage
    asked for in another.
    """
    gw = None if gw is None else country(gw).gw
    text, _, given = code.strip().partition("@")
    if given and vintage is not None and given != str(vintage):
        raise BadInput("areas.two_vintages", value=code, vintage=str(vintage))
    wanted = given or vintage
    spelt = _plain_code(text)
    found = [u for u in _units() if (gw is None or u.gw == gw) and u.code == spelt]
    if not found and gw is not None:
        found = [u for v in vintages(gw) if (u := _by_name(gw, v.vintage).get(_alias(gw, text))) is not None]
    if not found:
        known = [u.name if gw is not None else u.code for u in _units() if gw is None or u.gw == gw]
        near = closest(text, known) or sorted(set(known))[:3]
        raise UnknownName("areas.unknown_admin1", value=text, choices=", ".join(near))
    if wanted is None and month is None:
        meanings = {fold(u.name) for u in found}
        if len(meanings) > 1:
            told = "; ".join(f"{u.key} {u.name}" for u in sorted(found))
            raise UnknownName("areas.admin1_ambiguous", value=text, choices=told)
        return min(found)
    held = {u.vintage: u for u in found}
    chosen = _chosen(found[0].gw, wanted, month)
    if chosen is None or chosen.vintage not in held:
        told = ", ".join(u.key for u in sorted(found))
        raise UnknownName("areas.admin1_not_in_vintage", value=text, choices=told)
    return held[chosen.vintage]


def match_admin1(gw: int, published: str | None, *, vintage: int | str | None = None) -> Admin1 | None:
    """Return the unit of a vintage (the oldest when None) that a published name lies in; None if none does.

    Names of units split off later are found in the vintage that has them and taken to the unit they were
    split from. Case, accents, hyphens and the word for the unit do not matter; other spellings stand in
    `data/hand/admin1_aliases.csv`.
    """
    base = _chosen(gw, vintage, None) or vintages(gw)[0]
    gw = base.gw
    if published is None:
        return None
    for held in sorted(v for v in vintages(gw) if v.vintage >= base.vintage):
        unit: Admin1 | None = _by_name(gw, held.vintage).get(_alias(gw, published))
        while unit is not None and unit.vintage > base.vintage:
            unit = _by_key().get(unit.parent or "")
        if unit is not None:
            return unit
    return None


def place_admin1(
    frame: pl.DataFrame, *, vintage: int | str | None = None
) -> tuple[pl.DataFrame, tuple[Unmatched, ...]]:
    """Return a table with a column `admin1` (key, null where no unit matches), and what did not match.

    frame:   has `gw`, `adm_1`, `events` and `deaths`, as `figures.groups`; no row is dropped.
    vintage: as in `match_admin1`, the same for every country; the oldest of each when None.
    The unmatched names come by country and name, with their events and deaths; a null name is one of them.
    """
    import polars as pl

    held = set(admin1_countries())
    pairs = frame.select("gw", "adm_1").unique().sort("gw", "adm_1", nulls_last=True)
    found = [match_admin1(gw, name, vintage=vintage) if gw in held else None for gw, name in pairs.rows()]
    keys = pl.Series("admin1", [None if unit is None else unit.key for unit in found], dtype=pl.String)
    pairs = pairs.with_columns(keys)
    placed = frame.join(
        pairs, on=["gw", "adm_1"], how="left", nulls_equal=True, maintain_order="left", validate="m:1"
    )
    lost = (
        placed.filter(pl.col("admin1").is_null())
        .group_by("gw", "adm_1")
        .agg(pl.col("events", "deaths").sum())
        .sort("gw", "adm_1", nulls_last=True)
    )
    return placed, tuple(Unmatched(*row) for row in lost.select("gw", "adm_1", "events", "deaths").rows())


def _chosen(gw: int, vintage: int | str | None, month: int | None) -> Vintage | None:
    held = vintages(gw)
    if vintage is not None:
        for v in held:
            if str(v.vintage) == str(vintage):
                return v
        choices = ", ".join(str(v.vintage) for v in held)
        raise UnknownName(
            "areas.unknown_vintage", value=str(vintage), name=country(gw).name(), choices=choices
        )
    if month is not None:
        for v in held:
            if month in v:
                return v
        raise NotAssessed("areas.no_vintage_then", name=country(gw).name(), month=months.label(month))
    return None


def _plain_code(code: str) -> str:
    iso3 = re.fullmatch(r"([A-Za-z]{3})(\d+)", code)
    if iso3:
        for gw in admin1_countries():
            state = country(gw)
            if state.iso3 == iso3[1].upper():
                return f"{state.iso2}{iso3[2]}"
    return code.upper() if re.fullmatch(r"[A-Za-z]{2}\d+", code) else code


def _names() -> Iterable[str]:
    return sorted(country(gw).name() for gw in admin1_countries())


def _alias(gw: int, published: str) -> str:
    told = _aliases().get((gw, fold(published)))
    return told or _bare(fold(published))


def _bare(folded: str) -> str:
    return folded.removesuffix(" region").removesuffix(" department")


@cache
def _vintages() -> tuple[Vintage, ...]:
    def month(label: str) -> int | None:
        return months.parse(label) if label else None

    return tuple(
        Vintage(
            int(row["gw"]), int(row["vintage"]), month(row["first"]), month(row["last"]),
            int(row["boundary"]) if row["boundary"] else None,
        )
        for row in hand("admin1_vintages")
    )  # fmt: skip


@cache
def _units() -> tuple[Admin1, ...]:
    before: dict[tuple[int, int], int] = {}
    for gw in admin1_countries():
        years = [v.vintage for v in vintages(gw)]
        before |= {(gw, later): earlier for earlier, later in pairwise(years)}
    units = []
    for row in hand("admin1"):
        gw, vintage = int(row["gw"]), int(row["vintage"])
        code = row["pcode"] or f"{country(gw).iso2}-{fold(row['name']).replace(' ', '-')}"
        parent = f"{row['parent']}@{before[gw, vintage]}" if row["parent"] else None
        units.append(Admin1(gw, vintage, code, row["name"], row["kind"], row["pcode"] or None, parent))
    return tuple(sorted(units))


@cache
def _by_key() -> dict[str, Admin1]:
    return {unit.key: unit for unit in _units()}


@cache
def _by_name(gw: int, vintage: int) -> dict[str, Admin1]:
    return {fold(u.name): u for u in _units() if u.gw == gw and u.vintage == vintage}


@cache
def _aliases() -> dict[tuple[int, str], str]:
    return {(int(row["gw"]), fold(row["alias"])): fold(row["name"]) for row in hand("admin1_aliases")}
