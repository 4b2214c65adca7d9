"""The located events that ship with the package, as panels of cells and of admin-1 units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import polars as pl

from tocsin import areas, figures, months
from tocsin.errors import UnknownName
from tocsin.kinds import KINDS
from tocsin.local.layout import Layout, cell_layout, grouped_layout
from tocsin.months import Span
from tocsin.panel import Panel, from_vault

if TYPE_CHECKING:
    from tocsin.vault import Vault

Scope = Literal["africa", "west-africa"]

_FIRST = months.parse("1989-01")
_LAST_LOCATED = months.parse("2020-12")
_LAST_COMPLETE = months.parse("2021-12")


def west_africa() -> tuple[int, ...]:
    """Return the Gleditsch-Ward codes of the eight countries whose every placed event ships, ascending."""
    return areas.admin1_countries()


def cell_data(scope: str = "africa", *, as_of: dt.date, origin: int | None = None) -> tuple[Layout, Panel]:
    """Return the layout of cells and the panel of those with events, **located events only**.

    scope: `africa`: the 13,110 cells of the VIEWS challenge (Africa and the Middle East), events placed in a
           town or near it, 1989-01 to 2020-12. `west-africa`: the eight countries of `west_africa` to
           2021-12, with every event placed in a district or finer; around them Africa as above.
    origin: last month of the panel, and of the events and borders that decide which state a cell counts with.
    UnknownName for another scope; NotAssessed if the figures were not known on `as_of`.
    """
    if scope not in get_args(Scope):
        raise UnknownName("local.unknown_scope", value=scope, choices=", ".join(get_args(Scope)))
    rows = figures.cells(as_of=as_of)
    eight = west_africa()
    if scope == "africa":
        rows = rows.filter(pl.col("source") == "located")
        gids = areas.cells(challenge=True)["gid"].to_list()
        last = _LAST_LOCATED
    else:
        rows = rows.filter((pl.col("source") == "complete") | ~pl.col("gw").is_in(eight))
        land = areas.cells(challenge=True).filter(pl.col("gw").is_in(eight))["gid"].to_list()
        known = areas.cells(challenge=True)["gid"].to_list()
        gids = sorted(set(land) | (set(rows["gid"].to_list()) & set(known)))
        last = _LAST_COMPLETE
    last = min(last, origin or last)
    rows = rows.filter(pl.col("gid").is_in(gids) & (pl.col("month") <= last))
    layout = cell_layout(last, gids=gids, majority=majority(rows))
    seen = tuple(rows["gid"].unique().sort().to_list())
    span = Span(_FIRST, last)
    place = {gid: row for row, gid in enumerate(seen)}
    deaths = np.zeros((len(seen), len(span), len(KINDS)), dtype=np.int32)
    at = rows["gid"].replace_strict(place, return_dtype=pl.Int32).to_numpy()
    kind = rows["kind"].cast(pl.String).replace_strict(_KIND_AT, return_dtype=pl.Int32).to_numpy()
    np.add.at(deaths, (at, rows["month"].to_numpy() - _FIRST, kind), rows["deaths"].to_numpy())
    covered = np.ones(deaths.shape[:2], dtype=np.bool_)
    if scope == "west-africa":
        outside = ~np.isin(layout.states[[layout.rows[gid] for gid in seen]], eight)
        covered[outside, min(_LAST_LOCATED, last) - _FIRST + 1 :] = False
        deaths[~covered] = 0
    panel = Panel(
        level="cell", scheme="priogrid", areas=seen, span=span, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=as_of, releases=_releases("africa_cells"), basis="located events only",
    )  # fmt: skip
    return layout, panel


def admin1_data(*, as_of: dt.date, origin: int | None = None) -> tuple[Layout, Panel]:
    """Return the layout and panel of the admin-1 units of eight West African countries, 1989-01 to 2021-12.

    Units are those of the oldest boundary vintage held (keys such as `ML09@2012`), so that events of any
    date add up in them; events whose unit is not known are in no unit. NotAssessed as in `cell_data`.
    """
    placed, _ = areas.place_admin1(figures.groups(as_of=as_of))
    units = sorted((unit for gw in areas.admin1_countries() for unit in areas.admin1_units(gw)), key=_key)
    keys = tuple(unit.key for unit in units)
    layout = grouped_layout(keys, [unit.gw for unit in units])
    place = {key: row for row, key in enumerate(keys)}
    last = min(_LAST_COMPLETE, origin or _LAST_COMPLETE)
    rows = placed.drop_nulls("admin1").filter(pl.col("month") <= last)
    span = Span(_FIRST, last)
    deaths = np.zeros((len(keys), len(span), len(KINDS)), dtype=np.int32)
    at = rows["admin1"].replace_strict(place, return_dtype=pl.Int32).to_numpy()
    kind = rows["kind"].cast(pl.String).replace_strict(_KIND_AT, return_dtype=pl.Int32).to_numpy()
    np.add.at(deaths, (at, rows["month"].to_numpy() - _FIRST, kind), rows["deaths"].to_numpy())
    covered = np.ones(deaths.shape[:2], dtype=np.bool_)
    panel = Panel(
        level="admin1", scheme="ocha", areas=keys, span=span, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=as_of, releases=_releases("west_africa_groups"), basis="located events only",
    )  # fmt: skip
    return layout, panel


def vault_cells(vault: Vault, *, as_of: dt.date, origin: int) -> tuple[Layout, Panel]:
    """Return the layout of all 64,818 land cells and the panel of those with events, from a vault.

    Events placed in a district or finer (`panel.build`); a cell counts with the state that held the larger
    part of it. Raises what `panel.from_vault` raises.
    """
    panel = from_vault(vault, as_of=as_of, level="cell").until(origin)
    layout = cell_layout(origin, gids=areas.cells(month=origin)["gid"].to_list())
    return layout, panel.only([area for area in panel.areas if area in layout.rows])


def majority(events: pl.DataFrame) -> Mapping[int, int]:
    """Return, by gid, the state of most events of a table `gid, gw, events`; of equals the lowest code."""
    counted = (
        events.group_by("gid", "gw")
        .agg(pl.col("events").sum())
        .sort(["gid", "events", "gw"], descending=[False, True, False])
        .unique("gid", keep="first", maintain_order=True)
    )
    return {int(gid): int(gw) for gid, gw in counted.select("gid", "gw").rows()}


_KIND_AT = {kind: place for place, kind in enumerate(KINDS)}


def _key(unit: areas.Admin1) -> str:
    return unit.key


def _releases(table: str) -> tuple[str, ...]:
    return tuple(figures.manifest()["tables"][table]["releases"])
