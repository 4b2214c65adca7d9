"""A file of another source as it was found: its layout told by its columns, its rows held to rules."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tocsin.errors import BadFile
from tocsin.sources.comma import read_csv
from tocsin.sources.files import form_of
from tocsin.sources.raw import INDEX, Raw, number_rows
from tocsin.sources.report import MISSHAPEN, Refusal, refuse

Layout = Literal["acled", "hdx"]

DOWNLOADS = "https://data.humdata.org/dataset/hdx-hapi-conflict-event"

NEEDED: dict[Layout, tuple[str, ...]] = {
    "acled": (
        "event_id_cnty", "event_date", "event_type", "sub_event_type", "iso", "country", "fatalities",
        "timestamp",
    ),
    "hdx": (
        "location_code", "admin_level", "event_type", "events", "fatalities", "reference_period_start",
        "reference_period_end",
    ),
}  # fmt: skip
"""The columns that are read, by layout. No other is: those of ACLED's events name persons."""

_SIGN: dict[str, Layout] = {"event_id_cnty": "acled", "location_code": "hdx"}
"""The column that tells a layout."""


@dataclass(frozen=True)
class Rule:
    """What a row must not be. key: the sentence of the reason; column: where it stands."""

    key: str
    column: str
    broken: pl.Expr


def open_rows(path: Path) -> tuple[Layout, Raw]:
    """Return the rows of a file, texts as they stand, and its layout; BadFile if it is none that is read."""
    form = form_of(path, downloads=DOWNLOADS)
    if form == "json":
        raw = _read_answer(path)
    elif form == "csv":
        raw = read_csv(path, choosing=_choose, known=_ALL)
    else:
        raise BadFile("tally.not_csv", file=path.name, downloads=DOWNLOADS)
    return _layout(raw.table.columns), raw


def sound(raw: Raw, file: str, rules: Sequence[Rule]) -> pl.DataFrame:
    """Return the rows if all of them keep the rules, else raise RefusedRows that names the first."""
    if raw.misshapen:
        found = raw.locate(raw.misshapen[:1])[0]
        refusal = Refusal(found.number, "", found.misshapen, MISSHAPEN, raw.unit)
        raise refuse(file, (refusal,), len(raw.misshapen))
    verdict = pl.coalesce(pl.when(rule.broken).then(pl.lit(n)) for n, rule in enumerate(rules))
    broken = raw.table.with_columns(_rule=verdict).filter(pl.col("_rule").is_not_null())
    if broken.height:
        row = broken.row(0, named=True)
        rule = rules[row["_rule"]]
        line = raw.locate([row[INDEX]])[0].number
        refusal = Refusal(line, rule.column, str(row[rule.column] or ""), rule.key, raw.unit)
        raise refuse(file, (refusal,), broken.height)
    return raw.table


def whole(column: str) -> pl.Expr:
    """Return a column of texts as whole numbers, null where it holds none."""
    text = pl.col(column).str.strip_chars()
    # Tables made with pandas write 6 as 6.0 where the column has a gap.
    return text.str.extract(r"^(\d{1,9})(?:\.0+)?$").cast(pl.Int64())


_ALL = frozenset(name for names in NEEDED.values() for name in names)


def _choose(header: Sequence[str], file: str) -> tuple[list[str], tuple[str, ...]]:
    if not any(sign in header for sign in _SIGN):
        found = ", ".join(header[:6]) + (" …" if len(header) > 6 else "")
        raise BadFile("tally.unknown_layout", file=file, found=found)
    needed = NEEDED[_layout(header)]
    if twice := [name for name in needed if list(header).count(name) > 1]:
        raise BadFile("sources.column_twice", file=file, column=twice[0])
    if absent := [name for name in needed if name not in header]:
        raise BadFile("tally.columns_missing", file=file, columns=", ".join(absent))
    return list(needed), ()


def _layout(header: Collection[str]) -> Layout:
    return next(layout for sign, layout in _SIGN.items() if sign in header)


def _read_answer(path: Path) -> Raw:
    """Return the events of one answer of ACLED's interface; BadFile if it announces more than it holds."""
    try:
        answer = json.loads(path.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadFile("sources.json_damaged", file=path.name, line=getattr(error, "lineno", 1)) from error
    rows = answer.get("data") if isinstance(answer, dict) else answer
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise BadFile("tally.not_an_answer", file=path.name)
    announced = answer.get("count") if isinstance(answer, dict) else None
    if isinstance(announced, int) and announced != len(rows):
        raise BadFile("tally.answer_incomplete", file=path.name, found=len(rows), announced=announced)
    chosen, absent = _choose(list(rows[0]), path.name)
    columns = {name: [_text(row.get(name)) for row in rows] for name in chosen}
    table = pl.DataFrame(columns, schema=dict.fromkeys(chosen, pl.String())).with_row_index(INDEX)
    return Raw(table, "api", absent, number_rows, "row")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
