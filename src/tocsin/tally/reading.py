"""`read`: a file of another source to deaths by country and month, with what was left out and why."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tocsin import areas, digest, months
from tocsin.errors import BadFile, NotAssessed, UnknownName
from tocsin.months import Span
from tocsin.sources.raw import Raw
from tocsin.tally import acled, hdx
from tocsin.tally.rows import Layout, open_rows

SCHEMA: dict[str, pl.DataType] = {
    "gw": pl.Int32(), "month": pl.Int32(), "events": pl.Int64(), "deaths": pl.Int64(),
}  # fmt: skip
"""Columns of a tally: one row for each country and month that it tells of, sorted."""

SETTLED = 7
"""Days after the end of a month before which a count of it is taken to be under way: ACLED adds to a week's
events until the end of the next."""

_NOT_WITHOUT = {"ISR": "PSE", "376": "275"}
"""Countries in whose figures UCDP counts a territory where most of the deaths are: both are told or none."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One file, read and checked.

    table:     the tally (`SCHEMA`).
    layout:    `hdx` for monthly counts, `acled` for events.
    digest:    SHA-256 of the file's bytes; `file` its name.
    under_way: months that it tells of and that were not over, or not for long enough, when it was had.
    elsewhere: code and deaths of each territory left out, which no state's figures here hold.
    alone:     whether Israel was left out, since the file tells of it or of Palestine alone.
    lacking:   types of political violence of which a file of events has not one: it may be a selection.
    """

    table: pl.DataFrame
    layout: Layout
    digest: str
    file: str
    under_way: tuple[int, ...]
    elsewhere: tuple[tuple[str, int], ...]
    alone: bool
    lacking: tuple[str, ...]

    @property
    def span(self) -> Span:
        """The months from the first told of to the last."""
        return Span(int(self.table["month"].min()), int(self.table["month"].max()))  # type: ignore[arg-type]

    @property
    def countries(self) -> int:
        """How many countries it tells of."""
        return self.table["gw"].n_unique()


def read(path: Path | str, *, had_on: dt.date, stated: bool = False) -> Reading:
    """Return the deaths by country and month of a file: ACLED's events, or its monthly counts from HDX.

    had_on: the day on which the file was had from its publisher; months that had not been over for `SETTLED`
            days then are left out.
    stated: whether someone says so; otherwise a file of events is not taken to be more than `SETTLED` days
            younger than its last change.

    A month of a country counts where the file has a row of it: a row of zeros is a zero, no row is nothing
    known. Raises BadFile or RefusedRows for a file that is not what it should be, NotAssessed where nothing
    is left to count.
    Source: https://acleddata.com/resources/general-guides/ and
    https://hdx-hapi.readthedocs.io/en/latest/data_usage_guides/coordination_and_context/.
    """
    path = Path(path)
    layout, raw = open_rows(path)
    told = hdx.monthly(raw, path.name) if layout == "hdx" else acled.monthly(raw, path.name)
    until = _until(raw, layout, had_on, stated)
    under_way = sorted(told.filter(pl.col("month") > until)["month"].unique())
    over = told.filter(pl.col("month") <= until)
    whole, alone = _both_or_none(over)
    table, elsewhere = _by_state(whole)
    if not table.height:
        raise NotAssessed("tally.nothing_over" if under_way else "tally.no_country", file=path.name)
    return Reading(
        table=table, layout=layout, digest=digest.of_file(path),
        # A name that is not UTF-8 could not be written where tallies are kept.
        file=os.fsencode(path.name).decode("utf-8", errors="replace"),
        under_way=tuple(under_way), elsewhere=elsewhere, alone=alone,
        lacking=acled.lacking(raw) if layout == "acled" else (),
    )  # fmt: skip


def _until(raw: Raw, layout: Layout, had_on: dt.date, stated: bool) -> int:
    """Return the last month that was over for long enough when the file was had."""
    if layout == "acled" and not stated and (changed := acled.last_change(raw)):
        had_on = min(had_on, changed + dt.timedelta(days=SETTLED))
    return months.of_date(had_on - dt.timedelta(days=SETTLED - 1)) - 1


def _both_or_none(told: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """Leave out the months of a country without its territory, and of the territory without it."""
    codes = [code for pair in _NOT_WITHOUT.items() for code in pair]
    of_pair = pl.col("code").is_in(codes)
    pairs = told.filter(of_pair)
    both = pairs.filter(pl.col("code").n_unique().over("month") == 2)
    return pl.concat([told.filter(~of_pair), both]), both.height < pairs.height


def _by_state(told: pl.DataFrame) -> tuple[pl.DataFrame, tuple[tuple[str, int], ...]]:
    """Return the sums by state as it was in each month, and what belongs to none here."""
    keys = told.select("code", "month").unique()
    gw = [_state(code, month) for code, month in keys.iter_rows()]
    found = told.join(keys.with_columns(gw=pl.Series(gw, dtype=pl.Int32())), on=["code", "month"])
    lost = found.filter(pl.col("gw").is_null()).group_by("code").agg(pl.col("deaths").sum()).sort("code")
    table = (
        found.filter(pl.col("gw").is_not_null())
        .group_by("gw", "month")
        .agg(pl.col("events").sum(), pl.col("deaths").sum())
        .cast(dict(SCHEMA))  # type: ignore[arg-type]
        .select(*SCHEMA)
        .sort("gw", "month")
    )
    return table, tuple(lost.iter_rows())


def _state(code: str, month: int) -> int | None:
    try:
        if code.isdecimal():
            return areas.counted_in(int(code), month=month).gw
        if len(code) == 3 and code.isupper():
            return areas.counted_in(code, month=month).gw
        return areas.country(code, month=month).gw
    except UnknownName:
        return None


def check_day(day: dt.date, today: dt.date) -> dt.date:
    """Return a day on which a file can have been had; BadFile for one to come."""
    if day > today:
        raise BadFile("tally.day_to_come", day=day.isoformat(), today=today.isoformat())
    return day
