"""ACLED's monthly counts as the Humanitarian Data Exchange gives them out: one row an area, month and sort.

Each sort of event has rows of its own: civilians targeted are part of political violence, and a sum over all
three would count them twice. Where a country is given by district it has no row of its own.
"""

from __future__ import annotations

import polars as pl

from tocsin.sources.events import month_id_of
from tocsin.sources.raw import INDEX, Raw
from tocsin.tally.rows import Rule, sound, whole

POLITICAL = "political_violence"
SORTS = (POLITICAL, "civilian_targeting", "demonstration")


def monthly(raw: Raw, file: str) -> pl.DataFrame:
    """Return `code`, `month`, `events`, `deaths`: political violence by country and month.

    Raises RefusedRows where a row is not what it should be.
    """
    table = sound(raw, file, _rules()).with_columns(
        day=_day("reference_period_start"), level=whole("admin_level"),
        sort=pl.col("event_type").str.strip_chars(), code=pl.col("location_code").str.strip_chars(),
        n=whole("events"), killed=whole("fatalities"),
    ).with_columns(month=month_id_of("day"))  # fmt: skip
    # The same row twice is one row; of a country told both whole and by district the whole is taken.
    once = table.unique(subset=[name for name in raw.table.columns if name != INDEX], maintain_order=True)
    whole_first = once.filter(pl.col("level") == pl.col("level").min().over("code", "month", "sort"))
    political = pl.col("sort") == POLITICAL
    return (
        whole_first.group_by("code", "month")
        .agg(
            told=political.any(), events=pl.col("n").filter(political).sum(),
            deaths=pl.col("killed").filter(political).sum(),
        )
        .filter("told")
        .drop("told")
        .sort("code", "month")
    )  # fmt: skip


def _rules() -> tuple[Rule, ...]:
    start, end = _day("reference_period_start"), _day("reference_period_end")
    political = pl.col("event_type").str.strip_chars() == POLITICAL
    return (
        Rule(
            "tally.row_code", "location_code",
            ~pl.col("location_code").str.strip_chars().str.contains(r"^[A-Z]{3}$").fill_null(False),
        ),
        Rule(
            "tally.row_sort", "event_type",
            ~pl.col("event_type").str.strip_chars().is_in(SORTS).fill_null(False),
        ),
        Rule("tally.row_level", "admin_level", whole("admin_level").is_null() | (whole("admin_level") > 2)),
        Rule("tally.row_day", "reference_period_start", start.is_null()),
        Rule("tally.row_month", "reference_period_start", start.dt.day() != 1),
        Rule("tally.row_month", "reference_period_end", end.is_null() | (end != start.dt.month_end())),
        Rule("tally.row_whole", "events", whole("events").is_null()),
        Rule("tally.row_whole", "fatalities", political & whole("fatalities").is_null()),
    )  # fmt: skip


def _day(column: str) -> pl.Expr:
    text = pl.col(column).str.extract(r"^\s*(\d{4}-\d{2}-\d{2})(?:[ T]00:00:00.*)?\s*$")
    return text.str.to_date("%Y-%m-%d", strict=False)
