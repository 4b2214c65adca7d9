"""The command that derives cells.parquet: `python -m tocsin.areas.build_cells SOURCE OUT`.

SOURCE is a folder with the source tables named in `data/SOURCES.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from tocsin.areas.cells import BASES
from tocsin.areas.tables import units_table
from tocsin.errors import BadFile

LAND = "grid_cell_country_2018borders.parquet"

# Land without a state of its own here keeps its own code, so that who held it can be told by date.
OWN_LAND = {"W. Sahara": "ESH", "Palestine": "PSE"}

# Names of the map for land that is nowhere the largest part of a cell, or is part of another state.
SECOND = {
    "Akrotiri": "GBR",
    "Andorra": "AND",
    "Aruba": "NLD",
    "Dhekelia": "GBR",
    "Gibraltar": "GBR",
    "Liechtenstein": "LIE",
    "Monaco": "MCO",
    "San Marino": "SMR",
    "Singapore": "SGP",
    "USNB Guantanamo Bay": "USA",
    "Russia": "RUS",
}


def build_cells(source: Path, out: Path) -> None:
    """Write cells.parquet into `out` from the two tables of cells in the folder geo.

    Raises BadFile for a piece of land that is none of the units of `areas`.
    """
    land = pl.read_parquet(source / "geo" / LAND)
    static = pl.read_parquet(source / "geo" / "grid_cell_static.parquet")
    code_of = dict(land.filter(pl.col("ne_name") != "Russia").select("ne_name", "iso3").unique().rows())
    code_of |= SECOND | OWN_LAND
    first = pl.col("ne_name").replace_strict(OWN_LAND, default=pl.col("iso3"))
    second = pl.col("second_name").replace_strict(code_of, default=pl.col("second_name"))
    cells = land.join(static, on="gid", how="left", validate="1:1").select(
        pl.col("gid").cast(pl.Int32),
        land=first,
        share=pl.col("land_share_first").cast(pl.Float32).round(3),
        other=second,
        other_share=pl.col("land_share_second").cast(pl.Float32).round(3),
        basis=pl.when(pl.col("note").str.starts_with("rule"))
        .then(pl.lit("rule"))
        .when(pl.col("note").str.starts_with("nearest"))
        .then(pl.lit("nearest"))
        .otherwise(pl.lit("area")),
        challenge=pl.col("in_views_africa_me"),
        capital_km=pl.col("capdist_km").round(0).cast(pl.UInt16),
    )
    # Dependencies of the same state (Hong Kong beside China) are no second state.
    own = pl.col("other") == pl.col("land")
    cells = cells.with_columns(
        other=pl.when(~own).then("other"), other_share=pl.when(own).then(0.0).otherwise("other_share")
    )
    known = {unit.code for unit in units_table().values()} | {u.territory for u in units_table().values()}
    unknown = (set(cells["land"]) | set(cells["other"].drop_nulls())) - known
    if unknown:
        raise BadFile(
            "areas.land_unknown", file="grid_cell_country_2018borders.parquet", names=", ".join(unknown)
        )
    codes = pl.Enum(sorted(set(cells["land"]) | set(cells["other"].drop_nulls())))
    cells = cells.with_columns(pl.col("land", "other").cast(codes), pl.col("basis").cast(pl.Enum(BASES)))
    cells.sort("gid").write_parquet(out / "cells.parquet", compression="zstd", compression_level=19)


if __name__ == "__main__":
    build_cells(*(Path(argument) for argument in sys.argv[1:3]))
