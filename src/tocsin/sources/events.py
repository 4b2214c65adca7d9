"""The event table: the one schema that every source is read into.

One row is one event: an incident of lethal violence with at least one death, as its publisher issued it.
Names and texts of source articles are not carried: areas, not people.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from tocsin.errors import BadInput
from tocsin.text import Language, say

SCHEMA: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "relid": pl.String(),
    "kind": pl.Enum(["sb", "ns", "os"]),
    "date_start": pl.Date(),
    "date_end": pl.Date(),
    "date_prec": pl.Int8(),
    "country_gw": pl.Int32(),
    "country": pl.String(),
    "adm_1": pl.String(),
    "adm_2": pl.String(),
    "latitude": pl.Float64(),
    "longitude": pl.Float64(),
    "where_prec": pl.Int8(),
    "gid": pl.Int32(),
    "conflict_id": pl.Int64(),
    "conflict": pl.String(),
    "dyad_id": pl.Int64(),
    "dyad": pl.String(),
    "side_a_id": pl.Int64(),
    "side_a": pl.String(),
    "side_b_id": pl.Int64(),
    "side_b": pl.String(),
    "deaths_a": pl.Int32(),
    "deaths_b": pl.Int32(),
    "deaths_civilians": pl.Int32(),
    "deaths_unknown": pl.Int32(),
    "low": pl.Int32(),
    "best": pl.Int32(),
    "high": pl.Int32(),
    "clarity": pl.Int8(),
    "status": pl.String(),
    "flags": pl.List(pl.String()),
}
"""Columns and types of the event table, in order. Units and allowed values are in `MEANING`."""

EARLIEST_DAY = "1946-01-01"
"""No event is dated before this day: the first year of UCDP's conflict data."""

REQUIRED: tuple[str, ...] = ("id", "kind", "date_start", "date_end", "country_gw", "low", "best", "high")
"""Columns that hold a value in every row."""

FLAGS: tuple[str, ...] = (
    "low_above_best",
    "best_above_high",
    "parts_not_best",
    "imprecise_place",
    "imprecise_date",
    "place_off_grid",
    "unknown_precision",
    "country_from_name",
)
"""What can be odd about a row that is kept: it occurs in real releases and is counted in the report."""


class Meaning(NamedTuple):
    """What a column holds: its unit, its allowed values, and the key of the sentence that explains it."""

    unit: str
    allowed: str
    key: str

    def sentence(self, language: Language | None = None) -> str:
        """Return the explanation in `language` (the current one when None)."""
        return say(self.key, language)


_UNITS: dict[str, tuple[str, str]] = {
    "id": ("id", ">= 0, unique"),
    "relid": ("id", "any"),
    "kind": ("code", "sb, ns, os"),
    "date_start": ("day", f">= {EARLIEST_DAY}, <= date_end"),
    "date_end": ("day", ">= date_start, not in the future"),
    "date_prec": ("code", "1..5"),
    "country_gw": ("Gleditsch-Ward code", "1..999"),
    "country": ("name", "any"),
    "adm_1": ("name", "any"),
    "adm_2": ("name", "any"),
    "latitude": ("degrees north, WGS84", "-90..90"),
    "longitude": ("degrees east, WGS84", "-180..180"),
    "where_prec": ("code", "1..7"),
    "gid": ("PRIO-GRID cell", "1..259200"),
    "conflict_id": ("id", "any"),
    "conflict": ("name", "any"),
    "dyad_id": ("id", "any"),
    "dyad": ("name", "any"),
    "side_a_id": ("id", "any"),
    "side_a": ("name", "any"),
    "side_b_id": ("id", "any"),
    "side_b": ("name", "any"),
    "deaths_a": ("deaths", ">= 0"),
    "deaths_b": ("deaths", ">= 0"),
    "deaths_civilians": ("deaths", ">= 0"),
    "deaths_unknown": ("deaths", ">= 0"),
    "low": ("deaths", ">= 0"),
    "best": ("deaths", ">= 0"),
    "high": ("deaths", ">= 0"),
    "clarity": ("code", "1..2"),
    "status": ("code", "any"),
    "flags": ("list of codes", "of FLAGS, in their order"),
}

MEANING: dict[str, Meaning] = {
    column: Meaning(unit, allowed, f"sources.column.{column}") for column, (unit, allowed) in _UNITS.items()
}
"""Column -> unit, allowed values and sentence: the written schema of the event table."""

RANGES: dict[str, tuple[float, float]] = {
    "date_prec": (1, 5),
    "where_prec": (1, 7),
    "clarity": (1, 2),
    "country_gw": (1, 999),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "gid": (1, 259_200),
}
"""Numeric columns with two bounds, both included; deaths and ids are bounded below by 0 alone."""

COUNTS: tuple[str, ...] = (
    "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "low", "best", "high",
)  # fmt: skip
"""Columns that count deaths."""


def month_id_of(day: str) -> pl.Expr:
    """Return the month id of a column of days."""
    return (pl.col(day).dt.year().cast(pl.Int32) - 1980) * 12 + pl.col(day).dt.month().cast(pl.Int32)


def check_schema(events: pl.DataFrame) -> pl.DataFrame:
    """Return `events` unchanged if it is an event table; BadInput names the first thing that is not.

    Holds columns and types to SCHEMA, values to MEANING, ids to be ascending without repeats.
    """
    if dict(events.schema) != SCHEMA or tuple(events.columns) != tuple(SCHEMA):
        wrong = [name for name, kind in SCHEMA.items() if events.schema.get(name) != kind]
        wrong += [name for name in events.columns if name not in SCHEMA]
        raise BadInput("sources.table_schema", columns=", ".join(wrong) or "(order)")
    for name in (*REQUIRED, "flags"):
        if events[name].null_count():
            raise BadInput("sources.table_null", column=name)
    broken = {name: ~pl.col(name).is_between(*bounds) for name, bounds in RANGES.items()}
    broken |= {name: pl.col(name) < 0 for name in (*COUNTS, "id")}
    broken["date_end"] = pl.col("date_end") < pl.col("date_start")
    broken["date_start"] = pl.col("date_start") < pl.lit(EARLIEST_DAY).str.to_date()
    broken["flags"] = pl.col("flags").list.eval(~pl.element().is_in(FLAGS)).list.any()
    found = events.select(
        pl.col("id").diff().le(0).any().alias("order"), **{n: e.any() for n, e in broken.items()}
    )
    if found["order"][0]:
        raise BadInput("sources.table_order")
    for name in broken:
        if found[name][0]:
            raise BadInput("sources.table_value", column=name, allowed=MEANING[name].allowed)
    return events
