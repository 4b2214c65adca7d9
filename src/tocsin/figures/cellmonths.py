"""Monthly deaths and events by PRIO-GRID cell and kind, from located events only."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tocsin.figures.countrymonths import UCDP_CODE_OF_NAME, state
from tocsin.kinds import KINDS

SOURCES = ("located", "complete")

# UCDP where_prec: 1 exact, 2 within 25 km, 3 somewhere in a district; coarser places stand for a region.
_FINE = 3

ORDER = ("gid", "month", "gw", "kind", "source")


def derive(folder: Path) -> pl.DataFrame:
    """Return `gid, month, gw, kind, source, deaths, events`, sorted; months by the event's start.

    source: `located`, the release of events located to a town or near it, for Africa and for every cell of
            the VIEWS challenge (Africa and the Middle East), to 2020-12; `complete`, every event of eight
            West African countries placed in a district or finer, to 2021-12. The two overlap: use one.
    gw:     the event's own country, never derived from the cell.
    """
    challenge = pl.read_csv(folder / "geo/views_africa_me_13110_gids.csv")["gid"]
    located = _events(pl.read_parquet(folder / "ucdp/ged211_located_global_1989_2020.parquet"), "located")
    located = located.filter((pl.col("region") == "Africa") | pl.col("gid").is_in(challenge.implode()))
    complete = pl.read_parquet(folder / "ucdp/ged241_westafrica8_1989_2021.parquet")
    complete = _events(complete.filter(pl.col("where_prec") <= _FINE), "complete")
    events = pl.concat([located, complete])
    codes = events.select("code", "month").unique()
    codes = codes.with_columns(gw=pl.Series([state(*row) for row in codes.rows()], dtype=pl.Int16))
    return (
        events.join(codes, on=["code", "month"])
        .group_by(*ORDER)
        .agg(pl.col("deaths").sum(), pl.len().cast(pl.Int16).alias("events"))
        .with_columns(pl.col("month").cast(pl.Int16))
        .sort(*ORDER)
    )


def _events(frame: pl.DataFrame, source: str) -> pl.DataFrame:
    start = pl.col("date_start")
    return frame.select(
        code=pl.col("country").replace_strict(UCDP_CODE_OF_NAME, default=pl.col("country_id")).cast(pl.Int32),
        region=pl.col("region"),
        gid=pl.col("priogrid_gid").cast(pl.Int32),
        month=(start.dt.year().cast(pl.Int32) - 1980) * 12 + start.dt.month().cast(pl.Int32),
        kind=pl.col("type_of_violence").replace_strict(dict(enumerate(KINDS, start=1))).cast(pl.Enum(KINDS)),
        source=pl.lit(source, dtype=pl.Enum(SOURCES)),
        deaths=pl.col("best").cast(pl.Int32),
    )
