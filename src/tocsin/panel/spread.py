"""Which month gets the deaths of an event that lasts: that of its start, of its end, or each its share."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import months
from tocsin.sources.events import month_id_of


def over_months(events: pl.DataFrame, month_of: Literal["start", "end", "spread"]) -> pl.DataFrame:
    """Return the parts of events by month: `event` (row number), `month`, `deaths`, kind and place.

    With `start` and `end` an event is one part; with `spread` one for each month that gets at least one
    of its deaths, and one in the month of its start if it has none.
    """
    frame = events.with_row_index("event").select(
        "event", "date_start", "date_end", "country_gw", "kind", "gid", "adm_1", "where_prec",
        deaths=pl.col("best").cast(pl.Int64),
    )  # fmt: skip
    day = "date_end" if month_of == "end" else "date_start"
    whole = frame.with_columns(month=month_id_of(day))
    if month_of != "spread":
        return whole
    long = whole.filter((month_id_of("date_end") > month_id_of("date_start")) & (pl.col("deaths") > 0))
    shares = [
        (event, month, share)
        for event, start, end, deaths in long.select("event", "date_start", "date_end", "deaths").iter_rows()
        for month, share in _shares(start, end, deaths)
    ]
    split = pl.DataFrame(
        shares,
        schema={"event": whole.schema["event"], "month": pl.Int32, "deaths": pl.Int64},
        orient="row",
    )
    parts = long.drop("month", "deaths").join(split, on="event", how="inner").select(whole.columns)
    return pl.concat([whole.join(long.select("event"), on="event", how="anti"), parts]).sort("event", "month")


def largest_remainder(total: int, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whole numbers that share `total` by whole weights and sum to it; of equal remainders the first.

    Hamilton's method, in whole numbers throughout, so that no rounding error decides who gets the rest.
    """
    shares, remainders = np.divmod(total * weights, weights.sum())
    first = np.argsort(-remainders, kind="stable")
    shares[first[: total - int(shares.sum())]] += 1
    return shares


def _shares(start: dt.date, end: dt.date, deaths: int) -> list[tuple[int, int]]:
    span = range(months.of_date(start), months.of_date(end) + 1)
    days = [
        (min(end, months.last_day(month)) - max(start, months.first_day(month))).days + 1 for month in span
    ]
    shares = largest_remainder(deaths, np.array(days, dtype=np.int64))
    return [(month, int(share)) for month, share in zip(span, shares, strict=True) if share]
