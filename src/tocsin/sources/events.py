"""The event table: the one schema that every source is read into.

One row is one event: an incident of lethal violence with at least one death, as its publisher issued it.
Names and texts of source articles are not carried: areas, not people.
"""

from __future__ import annotations

import polars as pl

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

REQUIRED: tuple[str, ...] = ("id", "kind", "date_start", "date_end", "country_gw", "low", "best", "high")
"""Columns that hold a value in every row."""

FLAGS: tuple[str, ...] = (
    "low_above_best",
    "best_above_high",
    "parts_not_best",
    "imprecise_place",
    "imprecise_date",
    "place_off_grid",
)
"""What can be odd about a row that is kept: it occurs in real releases and is counted in the report."""
