"""A table of monthly deaths by the challenge's own units, and the panel of it as known at a month's end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, digest, figures, months
from tocsin.challenge.layout import UNIT, Level
from tocsin.errors import BadFile, BadInput, NotAssessed, UnknownName
from tocsin.months import Span
from tocsin.panel import Panel

TARGET = "ged_sb"

MONTHS = Span(months.month_id(1900, 1), months.month_id(2199, 12))
"""Month ids that can be meant; others are dates written as numbers (202110) or slips."""

UNKNOWN_SHOWN = 10
"""Ids that a message about unknown countries lists; it counts all of them."""


@dataclass(frozen=True, eq=False)
class HistoryTable:
    """State-based deaths: int32 [unit, month] with a coverage mask, for ascending units.

    A unit-month that the table lacks, or leaves empty, is not covered; it is never taken for 0.
    """

    level: Level
    name: str
    units: tuple[int, ...]
    span: Span
    deaths: NDArray[np.int32]
    covered: NDArray[np.bool_]
    digest: str

    def panel(self, *, as_of: dt.date, alone: bool = False) -> Panel:
        """Return the panel of the months that had ended by `as_of`; NotAssessed if none had.

        One later table cut at a day is not what was published by that day, so the panel is marked as
        reconstructed, without any publication lag: the challenge's own rule. Beside countries are, cut in the
        same way and unless `alone`, the deaths and events of all kinds of the shipped figures.
        """
        ended = sum(1 for month in self.span if months.last_day(month) <= as_of)
        if not ended:
            raise NotAssessed("challenge.history_later", file=self.name, span=str(self.span), day=as_of)
        span = Span(self.span.first, self.span.first + ended - 1)
        beside = None
        if self.level == "cm" and not alone:
            # A later table as well: it is cut with the span, not left out because it is later.
            beside = figures.views_kinds(self.units, span, as_of=dt.date.max)
        return Panel(
            level="country" if self.level == "cm" else "cell",
            scheme="views" if self.level == "cm" else "priogrid",
            areas=self.units,
            span=span,
            kinds=("sb",),
            deaths=self.deaths[:, :ended, None].copy(),
            covered=self.covered[:, :ended].copy(),
            as_of=as_of,
            releases=(self.name,),
            beside=beside,
        ).reconstructed(0)


def read_history(file: str | Path, *, level: Level = "cm") -> HistoryTable:
    """Return the history in a Parquet or CSV table with the columns unit, month_id and ged_sb.

    The unit is country_id for `cm` (VIEWS ids) and priogrid_gid for `pgm`; other columns are passed over.
    Raises BadFile for a file that is not such a table, BadInput for a missing column, a value that is
    negative or not whole, an empty id, a month that no id stands for, a unit-month given twice, or a
    country_id that is none of VIEWS'.
    """
    file = Path(file)
    unit = UNIT[level]
    wanted = [unit, "month_id", TARGET]
    table = _read(file)
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        raise BadInput(
            "challenge.columns", file=file, missing=", ".join(missing), found=", ".join(table.columns)
        )
    table = table.select(wanted)
    if table.is_empty():
        raise BadFile("challenge.no_rows", file=file)
    numbers = {name: _column(file, table[name]) for name in wanted}
    for name in (unit, "month_id"):
        if numbers[name].is_null().any():
            line = int(numbers[name].is_null().arg_max() or 0) + 1
            raise BadInput(
                "challenge.missing_value", file=file, column=name, line=line, count=numbers[name].null_count()
            )
    table = pl.DataFrame(numbers).sort(unit, "month_id")
    if level == "cm":
        _check_countries(file, table[unit].unique().sort().to_list())
    odd = table.filter(~pl.col("month_id").is_between(MONTHS.first, MONTHS.last))
    if not odd.is_empty():
        raise BadInput("challenge.no_month", file=file, count=odd.height, value=odd["month_id"][0])
    low = table.filter(pl.col(TARGET) < 0)
    if not low.is_empty():
        raise BadInput("challenge.history_negative", file=file, count=low.height, example=_example(low, unit))
    twice = table.filter(pl.struct(unit, "month_id").is_duplicated())
    if not twice.is_empty():
        raise BadInput(
            "challenge.history_twice", file=file, count=twice.height, example=_example(twice, unit)
        )
    return _dense(file, level, table, unit)


def _check_countries(file: Path, ids: list[int]) -> None:
    """Raise BadInput for ids that VIEWS does not know.

    They have no region to be told by, nothing is known of their events, and most are another scheme's codes.
    """
    unknown = [id for id in ids if not _is_known(id)]
    if unknown:
        shown = ", ".join(map(str, unknown[:UNKNOWN_SHOWN])) + (", …" if unknown[UNKNOWN_SHOWN:] else "")
        raise BadInput("challenge.unknown_countries", file=file, count=len(unknown), ids=shown)


def _is_known(id: int) -> bool:
    try:
        areas.by_views_id(id)
    except UnknownName:
        return False
    return True


def _read(file: Path) -> pl.DataFrame:
    if file.is_dir():
        raise BadFile("challenge.folder", file=file)
    if not file.is_file():
        raise BadFile("challenge.no_file", file=file)
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            return pl.read_parquet(file, hive_partitioning=False)
        return pl.read_csv(file, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadFile("challenge.not_a_table", file=file, why=str(error).splitlines()[0]) from error


def _column(file: Path, column: pl.Series) -> pl.Series:
    if not column.dtype.is_numeric():
        raise BadInput("challenge.not_numbers", file=file, column=column.name, type=str(column.dtype))
    if column.dtype.is_float():
        column = column.fill_nan(None)
        odd = column.is_not_null() & ((column != column.floor()) | column.is_infinite())
        if odd.any():
            line = int(odd.arg_max() or 0)
            key = "not_whole" if column.name == TARGET else "not_an_id"
            raise BadInput(
                f"challenge.{key}", file=file, column=column.name, line=line + 1, value=column[line]
            )
    limit = np.iinfo(np.int32).max
    largest = column.max()
    if isinstance(largest, (int, float)) and largest > limit:
        raise BadInput("challenge.too_large", file=file, column=column.name, value=largest, limit=limit)
    return column.cast(pl.Int64)


def _dense(file: Path, level: Level, table: pl.DataFrame, unit: str) -> HistoryTable:
    units, rows = np.unique(table[unit].to_numpy(), return_inverse=True)
    at = table["month_id"].to_numpy()
    span = Span(int(at.min()), int(at.max()))
    deaths = np.zeros((units.size, len(span)), dtype=np.int32)
    covered = np.zeros((units.size, len(span)), dtype=np.bool_)
    given = table[TARGET].is_not_null().to_numpy()
    columns = at - span.first
    deaths[rows[given], columns[given]] = table[TARGET].drop_nulls().to_numpy()
    covered[rows[given], columns[given]] = True
    return HistoryTable(
        level, file.name, tuple(units.tolist()), span, deaths, covered,
        digest.of_parts(level, units, str(span), deaths, covered),
    )  # fmt: skip


def _example(table: pl.DataFrame, unit: str) -> str:
    first = table.row(0, named=True)
    return f"{unit} {first[unit]}, month_id {first['month_id']}, {TARGET} {first[TARGET]}"
