"""Monthly deaths and events by PRIO-GRID cell and kind, from located events only."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tocsin.figures.countrymonths import read_events, with_states
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
    located = read_events(folder / "ucdp/ged211_located_global_1989_2020.parquet")
    here = (pl.col("region") == "Africa") | pl.col("gid").is_in(challenge.implode())
    complete = read_events(folder / "ucdp/ged241_westafrica8_1989_2021.parquet")
    fine = pl.col("where_prec") <= _FINE
    events = pl.concat([_cells(located.filter(here), "located"), _cells(complete.filter(fine), "complete")])
    return (
        with_states(events)
        .group_by(*ORDER)
        .agg(pl.col("deaths").sum(), pl.len().cast(pl.Int16).alias("events"))
        .with_columns(pl.col("month").cast(pl.Int16))
        .sort(*ORDER)
    )


def _cells(events: pl.DataFrame, source: str) -> pl.DataFrame:
    return events.select(
        "code", "month", "gid",
        kind=pl.col("kind").cast(pl.Enum(KINDS)),
        source=pl.lit(source, dtype=pl.Enum(SOURCES)),
        deaths=pl.col("best").cast(pl.Int32),
    )  # fmt: skip
