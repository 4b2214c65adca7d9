"""What had been published of one country by each of many days: its monthly deaths, vintage by vintage."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tocsin import months
from tocsin.errors import BadFile

MALI = 432


def derive(folder: Path) -> pl.DataFrame:
    """Return `vintage, gw, month, deaths, times`, sorted by the first three: deaths of all kinds.

    vintage: the day of publication; month: id. A vintage that gives every row twice (one did) is kept once,
    with `times` 2: summed as published it doubles the deaths. BadFile where such rows differ.
    """
    rows = pl.read_csv(folder / "vintages/mali_by_vintage.csv", try_parse_dates=False)
    found = (
        rows.select(
            pl.col("vintage").str.to_date(),
            pl.lit(MALI, dtype=pl.Int16).alias("gw"),
            pl.col("month").map_elements(months.parse, return_dtype=pl.Int16),
            pl.col("best").cast(pl.Int32).alias("deaths"),
        )
        .group_by("vintage", "gw", "month")
        .agg(
            pl.col("deaths").first(), pl.col("deaths").n_unique().alias("different"),
            pl.len().cast(pl.Int8).alias("times"),
        )
        .sort("vintage", "gw", "month")
    )  # fmt: skip
    unequal = found.filter(pl.col("different") > 1)
    if not unequal.is_empty():
        raise BadFile("figures.vintage_differs", vintage=str(unequal["vintage"][0]), rows=unequal.height)
    return found.drop("different")
