"""The triangle: what had been published of a country by each of many days, month by month."""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, digest, figures, months
from tocsin.errors import BadFile, BadInput, NotAssessed
from tocsin.months import Span
from tocsin.panel import Panel

FIRST = months.month_id(1989, 1)
"""First month that the publisher's data account for."""

BASIS = "true vintage, all kinds together"

PROMPT_DAYS = 35
"""Days after its end within which the first sight of a month is its first report. A month first seen later
had been reported before, in a vintage that is not at hand."""


@dataclass(frozen=True, eq=False)
class Triangle:
    """Monthly deaths of one country, of all kinds together, vintage by vintage.

    vintages: days of publication, ascending. span: months of the second axis.
    deaths:   int32 [vintage, month]; covered: bool [vintage, month], whether the vintage reaches the month.
    doubled:  vintages that gave every row twice; each row is taken once.
    """

    gw: int
    vintages: tuple[dt.date, ...]
    span: Span
    deaths: NDArray[np.int32]
    covered: NDArray[np.bool_]
    doubled: tuple[dt.date, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        return digest.of_parts(
            self.gw, [day.isoformat() for day in self.vintages], str(self.span), self.deaths, self.covered
        )

    def row(self, on: dt.date) -> int:
        """Return the place of the newest vintage of `on` or earlier; NotAssessed before the first."""
        place = bisect.bisect_right(self.vintages, months.day(on, "as_of")) - 1
        if place < 0:
            raise NotAssessed("revision.before_first", on=on.isoformat(), first=self.vintages[0].isoformat())
        return place

    def until(self, on: dt.date) -> Triangle:
        """Return the triangle as it stood on a day: later vintages are not in it."""
        last = self.row(on) + 1
        reach = int(np.flatnonzero(self.covered[:last].any(axis=0))[-1]) + 1
        return Triangle(
            self.gw, self.vintages[:last], Span(self.span.first, self.span.first + reach - 1),
            self.deaths[:last, :reach].copy(), self.covered[:last, :reach].copy(),
            tuple(day for day in self.doubled if day <= on),
        )  # fmt: skip

    def panel(self, on: dt.date) -> Panel:
        """Return what was published by a day as a panel of one country: true vintages, nothing assumed.

        The vintages do not tell kinds apart, so the panel has one kind, in the place of `sb`, which holds the
        deaths of all; its `total` is right, and its basis says so. NotAssessed before the first vintage.
        """
        place = self.row(on)
        reach = int(np.flatnonzero(self.covered[place])[-1]) + 1
        return Panel(
            level="country", scheme="gw", areas=(self.gw,),
            span=Span(self.span.first, self.span.first + reach - 1), kinds=("sb",),
            deaths=self.deaths[place, :reach][None, :, None].copy(),
            covered=self.covered[place, :reach][None].copy(), as_of=on,
            releases=(f"vintage {self.vintages[place].isoformat()}",), basis=BASIS,
        )  # fmt: skip

    def first_seen(self) -> dict[int, tuple[int, bool]]:
        """Return, by month, the place of the vintage that first reaches it, and whether it is a first report.

        A month that the first vintage already reached was published before it, we cannot say how.
        """
        found: dict[int, tuple[int, bool]] = {}
        for column in np.flatnonzero(self.covered.any(axis=0)):
            place = int(np.flatnonzero(self.covered[:, column])[0])
            month = self.span.first + int(column)
            late = (self.vintages[place] - months.last_day(month)).days
            newest = column == np.flatnonzero(self.covered[place])[-1]
            if place > 0 or newest:
                found[month] = place, late <= PROMPT_DAYS
        return found


def settled_from(month: int) -> dt.date:
    """Return the day from which a month's figure is taken as settled: 1 August of the next year.

    UCDP's annual release of a year comes out in June or July of the next; later releases change little.
    """
    return dt.date(months.first_day(month).year + 1, 8, 1)


def shipped(gw: int, *, as_of: dt.date) -> Triangle:
    """Return the shipped triangle of a country as known on `as_of`; NotAssessed if none ships of it."""
    rows, state = figures.vintages(as_of=as_of), areas.country(gw)
    own = rows.filter(pl.col("gw") == state.gw)
    if own.is_empty():
        held = ", ".join(areas.country(int(code)).name() for code in rows["gw"].unique().sort())
        raise NotAssessed("revision.not_held", name=state.name(), held=held)
    return _of_rows(own, state.gw)


def read(path: str | Path, gw: int) -> Triangle:
    """Return the triangle of a CSV table with `vintage` (day), `month` (2024-03) and `best` or `deaths`.

    A month without a row, up to the newest of its vintage, had no deaths. Raises BadFile for a table that
    lacks a column or a value, holds a value that is none, a month before 1989 or one that begins after its
    vintage, or gives a month twice with different deaths.
    """
    path = Path(path)
    try:
        table = pl.read_csv(path, infer_schema=False, row_index_name="line", row_index_offset=2)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _no_table(path, error) from None
    value = "best" if "best" in table.columns else "deaths"
    missing = [name for name in ("vintage", "month", value) if name not in table.columns]
    # Empty lines come back as rows of nothing.
    table = table.filter(~pl.all_horizontal(pl.exclude("line").is_null()))
    if missing or table.is_empty():
        raise BadFile("revision.columns", file=str(path), missing=", ".join(missing) or "–")
    for column in ("vintage", "month", value):
        if table[column].has_nulls():
            line = table.filter(pl.col(column).is_null())["line"][0]
            raise BadFile("revision.empty", file=str(path), line=line, column=column)
    try:
        rows = table.select(
            vintage=pl.col("vintage").str.to_date("%Y-%m-%d"),
            month=pl.Series([months.parse(label) for label in table["month"]], dtype=pl.Int32),
            deaths=pl.col(value).cast(pl.Int32),
        )
    except (pl.exceptions.PolarsError, BadInput) as error:
        raise _no_table(path, error) from None
    keys = ["vintage", "month"]
    grouped = rows.group_by(keys).agg(
        pl.col("deaths").first(), pl.col("deaths").n_unique().alias("different"), pl.len().alias("times")
    )
    unequal = grouped.filter(pl.col("different") > 1).sort(keys)
    if not unequal.is_empty():
        first = unequal.row(0, named=True)
        raise BadFile(
            "revision.twice",
            file=str(path),
            month=months.label(first["month"]),
            vintage=str(first["vintage"]),
        )
    if (grouped["deaths"] < 0).any():
        raise BadFile("revision.negative", file=str(path))
    if (grouped["month"] < FIRST).any():
        early = months.label(grouped["month"].to_numpy().min())
        raise BadFile("revision.too_early", file=str(path), month=early, first=months.label(FIRST))
    _check_past(grouped.sort(keys), path)
    return _of_rows(grouped.sort(keys), gw)


def _no_table(path: Path, error: Exception) -> BadFile:
    return BadFile("revision.not_a_table", file=str(path), reason=str(error).splitlines()[0])


def _check_past(rows: pl.DataFrame, path: Path) -> None:
    for vintage, month in rows.select("vintage", "month").iter_rows():
        if months.first_day(month) > vintage:
            raise BadFile(
                "revision.ahead", file=str(path), month=months.label(month), vintage=vintage.isoformat()
            )


def _of_rows(rows: pl.DataFrame, gw: int) -> Triangle:
    vintages = tuple(rows["vintage"].unique().sort())
    place = {day: number for number, day in enumerate(vintages)}
    last = int(rows["month"].cast(pl.Int64).to_numpy().max())
    span = Span(FIRST, last)
    deaths = np.zeros((len(vintages), len(span)), dtype=np.int32)
    covered = np.zeros(deaths.shape, dtype=np.bool_)
    which = np.array([place[day] for day in rows["vintage"]])
    column = rows["month"].cast(pl.Int64).to_numpy() - FIRST
    deaths[which, column] = rows["deaths"].to_numpy()
    for number in range(len(vintages)):
        covered[number, : column[which == number].max() + 1] = True
    twice = rows.group_by("vintage").agg(pl.col("times").max()).filter(pl.col("times") > 1)
    return Triangle(gw, vintages, span, deaths, covered, tuple(twice["vintage"].sort()))
