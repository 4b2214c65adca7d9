"""A file as it was found: its rows as text or numbers, under the publisher's column names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from tocsin.sources.report import Unit

Layout = Literal["csv", "zip", "hdx", "parquet", "api"]

INDEX = "__record"
"""Column of a raw table that holds the position of the record in its file, from 0, header not counted."""


@dataclass(frozen=True)
class Place:
    """Where a record begins (line or row, from 1), and its fields found/expected where they differ."""

    number: int
    misshapen: str = ""


@dataclass(frozen=True)
class Raw:
    """Rows of a file before any check.

    table:     the columns of `tocsin.sources.columns.COLUMNS` that the file has, and INDEX.
    layout:    how the file is laid out.
    absent:    columns of the publisher's layout that it lacks.
    locate:    records (positions, ascending) to where a person finds them; slow, for errors only.
    unit:      what `locate` counts.
    names:     further names that may tell the release (a ZIP's member, the address of an API page).
    complete:  False if the file itself shows that it is a selection; None if it does not say.
    misshapen: records with more or fewer fields than the header, ascending.
    """

    table: pl.DataFrame
    layout: Layout
    absent: tuple[str, ...]
    locate: Callable[[Sequence[int]], list[Place]]
    unit: Unit
    names: tuple[str, ...] = ()
    complete: bool | None = None
    misshapen: tuple[int, ...] = ()


def number_rows(records: Sequence[int]) -> list[Place]:
    """Return the row numbers, from 1, of records in a format that has no lines."""
    return [Place(record + 1) for record in records]
