"""Rows as found to rows of the event table: typed, checked and flagged, all at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import polars.selectors as cs

from tocsin.sources.columns import COLUMNS
from tocsin.sources.events import COUNTS, EARLIEST_DAY, FLAGS, RANGES, REQUIRED, SCHEMA
from tocsin.sources.raw import INDEX

_PRECISIONS = ("date_prec", "where_prec", "clarity")
_PARTS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
_WHOLE = tuple(name for name, kind in SCHEMA.items() if kind.is_integer())
_DAY = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$"
_KINDS = {1: "sb", 2: "ns", 3: "os"}
_PUBLISHED = {ours: theirs for theirs, ours in COLUMNS.items()}

_CODES = {"Macedonia, FYR": 343}
"""Countries that occur in tables derived from GED with a name and without their code."""

_EXACT = 2.0**53
_TEXT = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class Checked:
    """Good rows as an event table sorted by id; broken rows as record, column, value and reason."""

    events: pl.DataFrame
    broken: pl.DataFrame


@dataclass(frozen=True)
class _Rule:
    key: str
    column: str
    broken: pl.Expr


def check(table: pl.DataFrame, today: dt.date, misshapen: Sequence[int] = ()) -> Checked:
    """Return the rows of a raw table that keep the schema, typed and flagged, and those that do not.

    A row is broken by the first rule it breaks, in the order of `_rules`; dates after `today` break one, and
    so do the records `misshapen`, whose values cannot be told apart.
    """
    raw = table.rename({name: ours for name, ours in COLUMNS.items() if name in table.columns})
    text = [name for name, kind in raw.schema.items() if isinstance(kind, _TEXT)]
    raw = raw.with_columns(*(_blank_to_null(name) for name in text), cs.float().fill_nan(None))
    has = set(raw.columns)
    if "date_end" not in has:
        raw = raw.with_columns(date_end=pl.col("date_start"))
    missing = [pl.lit(None, kind).alias(name) for name, kind in SCHEMA.items() if name not in raw.columns]
    typed = raw.select(INDEX, *(_typed(name, raw.schema[name]) for name in SCHEMA if name in raw.columns))
    typed = typed.with_columns(missing)
    odd = [raw[name].is_not_null() & typed[name].is_null() for name in _PRECISIONS if name in has]
    named = pl.col("country").replace_strict(_CODES, default=None, return_dtype=pl.Int32())
    typed = typed.with_columns(
        _from_name=pl.col("country_gw").is_null() & named.is_not_null(),
        _odd=pl.any_horizontal(odd) if odd else pl.lit(False),
        country_gw=pl.coalesce("country_gw", named),
    )
    # Both stand side by side, row by row: what was found, and what it was read as.
    found = raw.select(pl.all().name.prefix("raw:"))
    both = pl.concat([typed, found], how="horizontal")
    rules = _rules(set(raw.columns), today, misshapen)
    verdict = pl.coalesce(pl.when(rule.broken).then(pl.lit(n, pl.Int16())) for n, rule in enumerate(rules))
    both = both.with_columns(_rule=verdict)
    # Last, and among sound rows alone: a row that is refused must not take one of the same id with it.
    first = pl.when(pl.col("_rule").is_null()).then(pl.col("id")).is_first_distinct()
    again = pl.when(~first).then(pl.lit(len(rules), pl.Int16()))
    both = both.with_columns(_rule=pl.coalesce("_rule", again))
    rules.append(_Rule("row_repeated", "id", ~first))
    broken = _describe(both.filter(pl.col("_rule").is_not_null()), rules)
    good = both.filter(pl.col("_rule").is_null()).select(*typed.columns)
    return Checked(_finish(good), broken)


def _blank_to_null(name: str) -> pl.Expr:
    stripped = pl.col(name).cast(pl.String()).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(name)


def _typed(name: str, found: pl.DataType) -> pl.Expr:
    wanted = SCHEMA[name]
    if name == "kind":
        code = _whole(pl.col(name), found)
        return code.replace_strict(_KINDS, default=None, return_dtype=wanted).alias(name)
    if name in _WHOLE:
        return _whole(pl.col(name), found).cast(wanted, strict=False).alias(name)
    if wanted == pl.Date():
        return _date(pl.col(name), found).alias(name)
    if wanted == pl.Float64():
        value = pl.col(name).cast(wanted, strict=False)
        return pl.when(value.is_finite()).then(value).alias(name)
    return pl.col(name).cast(wanted, strict=False).alias(name)


def _whole(value: pl.Expr, found: pl.DataType) -> pl.Expr:
    if found.is_integer():
        return value.cast(pl.Int64(), strict=False)
    if not found.is_numeric() and found != pl.String():
        return pl.lit(None, pl.Int64())
    real = value.cast(pl.Float64(), strict=False)
    # 2^53: beyond it a float no longer tells one whole number from the next.
    whole = pl.when((real == real.floor()) & (real.abs() < _EXACT)).then(real).cast(pl.Int64(), strict=False)
    # A cast to whole numbers cuts what stands behind the point, except in text.
    return pl.coalesce(value.cast(pl.Int64(), strict=False), whole) if found == pl.String() else whole


def _date(value: pl.Expr, found: pl.DataType) -> pl.Expr:
    if found == pl.String():
        day = value.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        return pl.when(value.str.contains(_DAY)).then(day)
    return value.cast(pl.Date(), strict=False) if found.is_temporal() else pl.lit(None, pl.Date())


def _rules(has: set[str], today: dt.date, misshapen: Sequence[int]) -> list[_Rule]:
    def given(name: str) -> pl.Expr:
        return pl.col(f"raw:{name}").is_not_null()

    odd = pl.Series(misshapen, dtype=pl.UInt32()).implode()
    rules = [_Rule("row_fields", "id", pl.col(INDEX).is_in(odd))]
    for name in REQUIRED:
        absent = ~given(name)
        if name == "country_gw":
            absent &= pl.col(name).is_null()
        rules.append(_Rule("row_missing", name, absent))
    keys = {"kind": "row_kind", "date_start": "row_date", "date_end": "row_date"}
    keys |= {"latitude": "row_number", "longitude": "row_number"}
    keys |= dict.fromkeys(_WHOLE, "row_whole")
    for name, key in keys.items():
        # An odd code of precision is not worth an event: it is dropped and flagged.
        if name in has and name not in _PRECISIONS:
            rules.append(_Rule(key, name, given(name) & pl.col(name).is_null()))
    first = pl.lit(EARLIEST_DAY).str.to_date()
    rules += [
        _Rule("row_early", "date_start", pl.col("date_start") < first),
        _Rule("row_future", "date_start", pl.col("date_start") > pl.lit(today)),
        _Rule("row_future", "date_end", pl.col("date_end") > pl.lit(today)),
        _Rule("row_backwards", "date_end", pl.col("date_end") < pl.col("date_start")),
    ]
    for name in ("latitude", "longitude", "country_gw", "gid"):
        rules.append(_Rule(f"row_{name}", name, ~pl.col(name).is_between(*RANGES[name])))
    rules += [_Rule("row_negative", name, pl.col(name) < 0) for name in (*COUNTS, "id")]
    return rules


def _describe(rows: pl.DataFrame, rules: Sequence[_Rule]) -> pl.DataFrame:
    """Return record, column, value and key of each broken row, in file order."""
    described = []
    for (number,), part in rows.group_by("_rule"):
        rule = rules[int(str(number))]
        described.append(
            part.select(
                pl.col(INDEX).alias("record"),
                pl.lit(_PUBLISHED[rule.column]).alias("column"),
                pl.col(f"raw:{rule.column}").cast(pl.String()).fill_null("").alias("value"),
                pl.lit(f"sources.{rule.key}").alias("key"),
            )
        )
    schema = {"record": pl.UInt32(), "column": pl.String(), "value": pl.String(), "key": pl.String()}
    return pl.concat([pl.DataFrame(schema=schema), *described], how="vertical_relaxed").sort("record")


def _finish(good: pl.DataFrame) -> pl.DataFrame:
    """Return typed rows with odd precisions dropped, cells filled in, flags set, in SCHEMA, sorted by id."""
    outside = pl.any_horizontal(~pl.col(name).is_between(*RANGES[name]) for name in _PRECISIONS)
    cell = (
        ((pl.col("latitude") + 90) * 2).floor().clip(upper_bound=359) * 720
        + ((pl.col("longitude") + 180) * 2).floor().clip(upper_bound=719) + 1
    ).cast(pl.Int32())  # fmt: skip
    flags = {
        "low_above_best": pl.col("low") > pl.col("best"),
        "best_above_high": pl.col("best") > pl.col("high"),
        "parts_not_best": pl.sum_horizontal(_PARTS, ignore_nulls=False) != pl.col("best"),
        "imprecise_place": pl.col("where_prec").is_between(4, RANGES["where_prec"][1]),
        "imprecise_date": pl.col("date_prec") == RANGES["date_prec"][1],
        "place_off_grid": pl.col("gid") != cell,
        "unknown_precision": pl.col("_odd") | outside.fill_null(False),
        "country_from_name": pl.col("_from_name"),
    }
    # Few combinations occur: naming each once is much quicker than building a list for every row.
    mask = pl.sum_horizontal(
        pl.when(flags[name]).then(1 << bit).otherwise(0) for bit, name in enumerate(FLAGS)
    )
    good = good.with_columns(_mask=mask.cast(pl.Int64()))
    masks = good["_mask"].unique().to_list()
    names = [[name for bit, name in enumerate(FLAGS) if found >> bit & 1] for found in masks]
    schema = {"_mask": pl.Int64(), "flags": SCHEMA["flags"]}
    flagged = good.drop("flags").join(
        pl.DataFrame({"_mask": masks, "flags": names}, schema=schema), on="_mask", how="left"
    )
    kept = [
        pl.when(pl.col(name).is_between(*RANGES[name])).then(pl.col(name)).alias(name) for name in _PRECISIONS
    ]
    return flagged.with_columns(*kept, gid=pl.coalesce("gid", cell)).select(*SCHEMA).sort("id")
