"""The located events that ship with the package, as panels of cells and of admin-1 units."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, figures, months
from tocsin.errors import NotAssessed, UnknownName
from tocsin.figures.files import CELLS, GROUPS, LAST_LOCATED, SPAN
from tocsin.kinds import KINDS
from tocsin.local.layout import Layout, cell_layout, grouped_layout
from tocsin.months import Span
from tocsin.panel import LeftOut, Panel, build, in_states_of
from tocsin.panel.panel import Reason

if TYPE_CHECKING:
    from tocsin.vault import Resolved, Vault

Scope = Literal["africa", "west-africa"]

_PROVINCE = 4
"""UCDP where_prec of an event placed in a province; finer is less."""


def west_africa() -> tuple[int, ...]:
    """Return the Gleditsch-Ward codes of the eight countries whose every placed event ships, ascending."""
    return areas.admin1_countries()


def cell_data(scope: str = "africa", *, as_of: dt.date, origin: int | None = None) -> tuple[Layout, Panel]:
    """Return the layout of cells and the panel of those with events, **located events only**.

    scope: both hold the 13,110 cells of the VIEWS challenge (Africa and the Middle East). `africa`: events
           placed in a town or near it, 1989-01 to 2020-12. `west-africa`: in the eight countries of
           `west_africa` every event placed in a district or finer, to 2021-12; elsewhere as in `africa`.
    origin: last month of the panel, and of the events and borders that decide which state a cell counts with.
    Events that count in no cell are in the panel's `left_out`, by reason; those of `africa` that are placed
    more coarsely are not in the figures at all.
    UnknownName for another scope; NotAssessed if the figures were not known on `as_of`.
    """
    if scope not in get_args(Scope):
        raise UnknownName("local.unknown_scope", value=scope, choices=", ".join(get_args(Scope)))
    rows = figures.cells(as_of=as_of)
    eight = west_africa()
    if scope == "africa":
        rows, last = rows.filter(pl.col("source") == "located"), LAST_LOCATED
    else:
        rows = rows.filter((pl.col("source") == "complete") | ~pl.col("gw").is_in(eight))
        last = SPAN.last
    last = min(last, months.whole(origin or last, "origin"))
    rows = rows.filter(pl.col("month") <= last)
    # Geography alone says which cells there are: a choice by events would know of those after the origin, and
    # a model taught by cells that saw events would think quiet ones dangerous.
    gids = areas.cells(challenge=True)["gid"].to_list()
    left_out = _left("outside_areas", rows.filter(~pl.col("gid").is_in(gids)))
    if scope == "west-africa":
        left_out += _coarser(rows.filter(pl.col("gw").is_in(eight)), as_of, last)
    rows = rows.filter(pl.col("gid").is_in(gids))
    layout = cell_layout(last, gids=gids, majority=majority(rows))
    seen = tuple(rows["gid"].unique().sort().to_list())
    span = Span(SPAN.first, last)
    place = {gid: row for row, gid in enumerate(seen)}
    deaths = np.zeros((len(seen), len(span), len(KINDS)), dtype=np.int32)
    at = rows["gid"].replace_strict(place, return_dtype=pl.Int32).to_numpy()
    kind = rows["kind"].cast(pl.String).replace_strict(_KIND_AT, return_dtype=pl.Int32).to_numpy()
    np.add.at(deaths, (at, rows["month"].to_numpy() - span.first, kind), rows["deaths"].to_numpy())
    covered = np.ones(deaths.shape[:2], dtype=np.bool_)
    if scope == "west-africa":
        outside = ~np.isin(layout.states[[layout.rows[gid] for gid in seen]], eight)
        covered[outside, min(LAST_LOCATED, last) - span.first + 1 :] = False
        deaths[~covered] = 0
        unknown = rows.filter(pl.col("gid").is_in([seen[row] for row in np.flatnonzero(outside)]))
        left_out += _left("not_covered", unknown.filter(pl.col("month") > LAST_LOCATED))
    panel = Panel(
        level="cell", scheme="priogrid", areas=seen, span=span, kinds=KINDS, deaths=deaths, covered=covered,
        as_of=as_of, releases=CELLS.releases, basis="located events only", left_out=left_out,
    )  # fmt: skip
    return layout, panel


def admin1_data(*, as_of: dt.date, origin: int | None = None) -> tuple[Layout, Panel]:
    """Return the layout and panel of the admin-1 units of eight West African countries, 1989-01 to 2021-12.

    Units are those of the oldest boundary vintage held (keys such as `ML09@2012`), so that events of any
    date add up in them; events whose unit is not known are in no unit but in the panel's `left_out`: without
    a published name (`place_too_coarse`) or with one that is no unit (`outside_areas`). NotAssessed as in
    `cell_data`.
    """
    last = min(SPAN.last, months.whole(origin or SPAN.last, "origin"))
    rows = figures.groups(as_of=as_of).rows.filter(pl.col("month") <= last)
    layout = _units()
    covered = np.ones((len(layout.areas), last - SPAN.first + 1), dtype=np.bool_)
    return layout, _in_units(rows, layout, covered, SPAN.first, as_of, GROUPS.releases)


def vault_admin1(vault: Vault, *, as_of: dt.date, origin: int) -> tuple[Layout, Panel]:
    """Return the layout and panel of the same admin-1 units as `admin1_data`, from a vault.

    Events placed in a province or finer; a unit is covered where a complete release accounts for its state.
    Events of the eight states in months that no release decides are in `left_out` as `not_covered`.
    Raises NotAssessed if no such release was known on `as_of`, or none reaches `origin`.
    """
    past, span = _past(vault, as_of, origin)
    named = pl.when(pl.col("where_prec").fill_null(_PROVINCE + 1) <= _PROVINCE).then("adm_1")
    rows = in_states_of(past.events).filter(pl.col("gw").is_in(west_africa()))
    layout = _units()
    codes = {gw: areas.country(gw, month=origin).ucdp_id for gw in west_africa()}
    decided = {gw: [past.decides(code, month) for month in span] for gw, code in codes.items()}
    covered = np.array([[row is not None for row in decided[gw]] for gw in layout.states.tolist()])
    releases = tuple(sorted({row.release for one in decided.values() for row in one if row}))
    panel = _in_units(rows.with_columns(adm_1=named), layout, covered, span.first, as_of, releases)
    lost = tuple(left for left in _undecided(past) if left.codes[0] in west_africa())
    return layout, dataclasses.replace(panel, left_out=panel.left_out + lost)


def _past(vault: Vault, as_of: dt.date, origin: int) -> tuple[Resolved, Span]:
    """Return what a vault holds of the months up to `origin`, and these months."""
    resolved = vault.resolve(as_of=as_of)
    if origin not in resolved.span:
        raise NotAssessed("panel.origin_outside", origin=months.label(origin), span=str(resolved.span))
    begun = pl.col("date_start") <= months.last_day(origin)
    past = dataclasses.replace(
        resolved, events=resolved.events.filter(begun), undecided=resolved.undecided.filter(begun)
    )
    return past, Span(resolved.span.first, origin)


def _undecided(past: Resolved) -> tuple[LeftOut, ...]:
    """Return the events that no release decides, one count a state or code that names none."""
    return _left("not_covered", in_states_of(past.undecided).with_columns(pl.coalesce("gw", "country_gw")))


def _units() -> Layout:
    """Return the layout of the units of the oldest boundary vintage held."""
    units = dict(sorted((unit.key, unit.gw) for gw in west_africa() for unit in areas.admin1_units(gw)))
    return grouped_layout(list(units), list(units.values()))


def _in_units(
    events: pl.DataFrame, layout: Layout, covered: NDArray[np.bool_], first: int, as_of: dt.date,
    releases: tuple[str, ...],
) -> Panel:  # fmt: skip
    """Return the panel of events `month, gw, kind, adm_1, events, deaths` by unit, from month `first`."""
    placed, _ = areas.place_admin1(events)
    lost = placed.filter(pl.col("admin1").is_null())
    left_out = _left("place_too_coarse", lost.filter(pl.col("adm_1").is_null()))
    left_out += _left("outside_areas", lost.drop_nulls("adm_1"))
    rows = placed.drop_nulls("admin1")
    deaths = np.zeros((*covered.shape, len(KINDS)), dtype=np.int32)
    at = rows["admin1"].replace_strict(layout.rows, return_dtype=pl.Int32).to_numpy()
    kind = rows["kind"].cast(pl.String).replace_strict(_KIND_AT, return_dtype=pl.Int32).to_numpy()
    np.add.at(deaths, (at, rows["month"].to_numpy() - first, kind), rows["deaths"].to_numpy())
    return Panel(
        level="admin1", scheme="ocha", areas=layout.areas, span=Span(first, first + covered.shape[1] - 1),
        kinds=KINDS, deaths=deaths, covered=covered, as_of=as_of, releases=releases,
        basis="located events only", left_out=left_out,
    )  # fmt: skip


def vault_cells(vault: Vault, *, as_of: dt.date, origin: int) -> tuple[Layout, Panel]:
    """Return the layout of all 64,818 land cells and the panel of those with events, from a vault.

    Events placed in a district or finer (`panel.build`); a cell counts with the state that held the larger
    part of it. Cells at sea are no land cells: their events are counted in `left_out`, as are those that
    are placed more coarsely and those of months that no release decides. What came after `origin` is in
    neither. Raises what `vault_admin1` raises.
    """
    layout = cell_layout(origin, gids=areas.cells(month=origin)["gid"].to_list())
    past, span = _past(vault, as_of, origin)
    made = partial(
        build, past.events, coverage=past.coverage, as_of=as_of, releases=past.releases, level="cell",
        span=span,
    )  # fmt: skip
    panel = made()
    land = [area for area in panel.areas if area in layout.rows]
    if len(land) < len(panel.areas):
        # Once more with the land named, so that what lies at sea is counted as left out.
        panel = made(areas=land)
    return layout, dataclasses.replace(panel, left_out=panel.left_out + _undecided(past))


def majority(events: pl.DataFrame) -> Mapping[int, int]:
    """Return, by gid, the state of most events of a table `gid, gw, events`; of equals the lowest code."""
    counted = (
        events.group_by("gid", "gw")
        .agg(pl.col("events").sum())
        .sort(["gid", "events", "gw"], descending=[False, True, False])
        .unique("gid", keep="first", maintain_order=True)
    )
    return {int(gid): int(gw) for gid, gw in counted.select("gid", "gw").rows()}


def _left(reason: Reason, rows: pl.DataFrame) -> tuple[LeftOut, ...]:
    """Return the events of a table `gw, events, deaths` as left out, one count a state."""
    by_state = rows.group_by("gw").agg(pl.col("events", "deaths").sum()).sort("gw")
    return tuple(LeftOut(reason, events, deaths, (gw,)) for gw, events, deaths in by_state.iter_rows())


def _coarser(cells: pl.DataFrame, as_of: dt.date, last: int) -> tuple[LeftOut, ...]:
    """Return the events of the eight countries placed too coarsely for a cell: all, less those placed."""
    counts = ["gw", "events", "deaths"]
    whole = figures.groups(as_of=as_of).rows.filter(pl.col("month") <= last).select(counts)
    lacking = pl.concat([whole, cells.select("gw", -pl.col("events", "deaths"))], how="vertical_relaxed")
    return tuple(left for left in _left("place_too_coarse", lacking) if left.events)


_KIND_AT = {kind: place for place, kind in enumerate(KINDS)}
