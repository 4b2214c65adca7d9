"""Located events of a country: from the figures that ship with the package, or from releases in the vault."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from tocsin import areas, figures
from tocsin.errors import NotAssessed, UnknownName
from tocsin.figures.files import CELLS, GROUPS, LAST_LOCATED, SPAN
from tocsin.months import Span
from tocsin.panel import in_states_of
from tocsin.vault import Vault
from tocsin.vault.folder import locate

Level = Literal["admin1", "cell"]
Data = Literal["auto", "vault", "figures"]
Basis = Literal["complete", "located"]

# UCDP where_prec: 1-2 a place or near it, 3 a district, 4 a province.
_COARSEST: dict[Level, int] = {"admin1": 4, "cell": 3}


@dataclass(frozen=True, eq=False)
class Located:
    """The events of one country by place and month.

    rows:   `month`, `adm_1` or `unit` (gid), `kind`, `events`, `deaths`, and the sides with their deaths
            where they are told.
    months: the month ids accounted for, ascending.
    basis:  `complete`: every event; `located`: only those placed in a town or near it, about two thirds.
    """

    rows: pl.DataFrame
    months: tuple[int, ...]
    releases: tuple[str, ...]
    basis: Basis

    @property
    def span(self) -> Span:
        """From the first to the last month accounted for."""
        return Span(self.months[0], self.months[-1])


def known_choice(name: str, choices: object) -> str:
    """Return `name`; UnknownName, with the choices, if it is none of the words of the Literal `choices`."""
    if name not in get_args(choices):
        raise UnknownName("control.unknown_choice", value=name, choices=", ".join(get_args(choices)))
    return name


def located(gw: int, *, level: Level, as_of: dt.date, data: str = "auto") -> Located:
    """Return the located events of a country as known on a day.

    data: `vault`, `figures`, or `auto`: the vault where a complete release in it covers more months of the
          country than the shipped figures do, else the figures.
    Raises NotAssessed where neither covers the country at that level (the figures hold cells of Africa and
    the Middle East; of countries beside them only those on the border, which are not the country),
    UnknownName for another `data`.
    """
    if known_choice(data, Data) == "vault":
        return from_vault(gw, level=level, as_of=as_of)
    held = None
    # Opening a vault makes one; asking what is at hand must not.
    if data == "auto" and locate(None).catalogue.exists():
        with suppress(NotAssessed):
            held = from_vault(gw, level=level, as_of=as_of)
    try:
        shipped = from_figures(gw, level=level, as_of=as_of)
    except NotAssessed:
        # That the vault is empty says less than what the figures do and do not cover.
        if held is None:
            raise
        return held
    return shipped if held is None or len(held.months) <= len(shipped.months) else held


def from_figures(gw: int, *, level: Level, as_of: dt.date) -> Located:
    """Return what the shipped figures hold: eight West African countries whole, other cells in part.

    Of a country among those whose cells they hold there may be no event at all. NotAssessed for one of which
    they hold no province, or at most the cells at its borders.
    """
    if level == "admin1":
        _check_provinces(gw)
        rows = figures.groups(as_of=as_of).rows.filter(pl.col("gw") == gw)
        return Located(rows, tuple(SPAN), GROUPS.releases, "complete")
    rows = figures.cells(as_of=as_of)
    # One country's code decides: its events, wherever its cells lie.
    rows = rows.filter(pl.col("gw") == gw).with_columns(unit=pl.col("gid").cast(pl.Int64))
    whole = rows.filter(pl.col("source") == "complete")
    if not whole.is_empty():
        return Located(_with_coarse(whole, gw, as_of), tuple(SPAN), CELLS.releases[1:], "complete")
    if gw not in areas.challenge_countries(LAST_LOCATED):
        missing = "control.no_events" if rows.is_empty() else "control.border_cells"
        raise NotAssessed(missing, name=areas.country(gw).name())
    return Located(rows, tuple(Span(SPAN.first, LAST_LOCATED)), CELLS.releases[:1], "located")


def from_vault(gw: int, *, level: Level, as_of: dt.date) -> Located:
    """Return what the complete releases in the vault hold of a country; NotAssessed where that is nothing."""
    if level == "admin1":
        _check_provinces(gw)
    resolved = Vault.open().resolve(as_of=as_of)
    code = areas.country(gw, month=resolved.span.last).ucdp_id
    rows = {m: row for m in resolved.span if (row := resolved.decides(code, m)) is not None}
    if not rows:
        raise NotAssessed("control.no_events", name=areas.country(gw).name())
    releases = tuple(sorted({row.release for row in rows.values()}))
    return Located(of_events(resolved.events, gw, level), tuple(rows), releases, "complete")


def _with_coarse(rows: pl.DataFrame, gw: int, as_of: dt.date) -> pl.DataFrame:
    """Return the cells' rows and, without a unit, what the country's events of that release have beyond them.

    The table of cells leaves out events placed more coarsely than in a district; that of provinces has all.
    """
    keys, sums = ["month", "gw", "kind"], pl.col("events", "deaths").sum()
    whole = figures.groups(as_of=as_of).rows.filter(pl.col("gw") == gw).group_by(keys).agg(sums)
    placed = rows.group_by(keys).agg(sums)
    coarse = whole.join(placed, on=keys, how="left", suffix="_placed").select(
        *keys,
        events=(pl.col("events") - pl.col("events_placed").fill_null(0)).cast(rows.schema["events"]),
        deaths=(pl.col("deaths") - pl.col("deaths_placed").fill_null(0)).cast(rows.schema["deaths"]),
        unit=pl.lit(None, dtype=pl.Int64),
    )
    return pl.concat([rows, coarse.filter(pl.col("events") > 0).sort(keys)], how="diagonal")


def _check_provinces(gw: int) -> None:
    """Raise NotAssessed unless the provinces of a country are held."""
    held = areas.admin1_countries()
    if gw not in held:
        choices = ", ".join(sorted(areas.country(code).name() for code in held))
        raise NotAssessed("control.no_provinces", name=areas.country(gw).name(), choices=choices)


def of_events(events: pl.DataFrame, gw: int, level: Level) -> pl.DataFrame:
    """Return the rows of `Located` from an event table (`sources.events.SCHEMA`), one an event."""
    fine = pl.col("where_prec").fill_null(_COARSEST["admin1"] + 1) <= _COARSEST[level]
    return in_states_of(events).filter(pl.col("gw") == gw).select(
        "month", "gw", "kind", "events", "deaths", "side_a", "side_b", "deaths_a", "deaths_b",
        adm_1=pl.when(fine).then("adm_1"), unit=pl.when(fine).then(pl.col("gid").cast(pl.Int64)),
    )  # fmt: skip
