"""The land cells of PRIO-GRID: which land lies in each, and which state held that land by date."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tocsin import months
from tocsin.areas import grid
from tocsin.areas.holders import holder
from tocsin.areas.lookup import country
from tocsin.errors import UnknownName

if TYPE_CHECKING:
    import polars as pl

BASES = ("area", "rule", "nearest")
"""Why a cell has its land: the largest area in it; a rule for disputed land; the nearest, all of it water."""


def cells(*, gw: int | None = None, month: int | None = None, challenge: bool = False) -> pl.DataFrame:
    """Return the land cells, a row each, ascending by `gid`: 64,818 of them, or the 13,110 of the challenge.

    gw:        only cells whose larger part a state held (at the end of `month`, today when None).
    challenge: only the cells of the VIEWS challenge, Africa and the Middle East.
    Columns: `gid`; `land`, `share`: today's state with the largest part of the cell, and that part (0 to 1 of
    the cell, 0 where its land is too small for the map); `other`, `other_share`: the second; `gw`,
    `other_gw`: the states that held that land at the end of `month` (null where none did, or its parts had
    two); `basis` (`BASES`); `challenge`; `capital_km`: km from the centre to today's capital.
    These are facts about land. **The country of an event is its own, never that of its cell**: border cells
    hold two, and only 93 % of events lie in a cell of their country.
    Raises UnknownName where the state does not exist then.
    Source: Natural Earth 4.1 (borders of 2018) with the rules in `areas/data/SOURCES.md`.
    """
    import polars as pl

    table = _table()
    when = _TODAY if month is None else month
    codes = set(table["land"].unique()) | set(table["other"].drop_nulls().unique())
    held = {code: holder(code, when) for code in sorted(codes)}
    first, second = (
        pl.col(column).cast(pl.String).replace_strict(held, return_dtype=pl.Int32)
        for column in ("land", "other")
    )
    table = table.with_columns(gw=first, other_gw=second)
    if challenge:
        table = table.filter("challenge")
    if gw is not None:
        table = table.filter(pl.col("gw") == country(gw, month=when).gw)
    return table.select(
        "gid", "land", "share", "gw", "other", "other_share", "other_gw", "basis", "challenge", "capital_km"
    )


@cache
def challenge_countries(month: int) -> tuple[int, ...]:
    """Return the states at the end of a month of whose land cells the challenge holds at least half, by code.

    Its last cells reach over the border: a few of Pakistan's and Afghanistan's are in it, which would pass
    for the whole of these.
    """
    import polars as pl

    held = cells(month=month).drop_nulls("gw").group_by("gw").agg(pl.col("challenge").mean())
    return tuple(sorted(held.filter(pl.col("challenge") >= 0.5)["gw"].to_list()))


def cell_country(gid: int, month: int) -> int | None:
    """Return the Gleditsch-Ward code of the state that held the larger part of a cell at the end of a month.

    None where no state here held that land then, or the two Germanies or Yemens shared it.
    UnknownName for a cell at sea, BadInput for a gid outside 1..259200. Not the country of events in it.
    """
    grid.row_col(gid)
    code = _land().get(gid)
    if code is None:
        lat, lon = grid.centre(gid)
        raise UnknownName("areas.cell_at_sea", value=gid, lat=lat, lon=lon)
    return holder(code, month)


# Any month after the last change of borders that is held.
_TODAY = months.month_id(2025, 1)


@cache
def _table() -> pl.DataFrame:
    import polars as pl

    content = (resources.files("tocsin.areas") / "data" / "cells.parquet").read_bytes()
    return pl.read_parquet(io.BytesIO(content))


@cache
def _land() -> dict[int, str]:
    return dict(_table().select("gid", "land").rows())
