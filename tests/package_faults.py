"""What another's reader of the Data Package standard finds wrong with a table by its description."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
from frictionless import Package, Resource, Schema

from tocsin.tables import NAME

EVERY = 11

# That reader sets the longest field of a CSV for the whole process, which other tests rest on, when it loads.
_LONGEST = csv.field_size_limit()
import frictionless.formats.csv.parser  # noqa: E402, F401

csv.field_size_limit(_LONGEST)


def faults(folder: Path, name: str) -> set[tuple[str, str]]:
    """Return the kind of each error, and the column if it is one's."""
    resource = Package(str(folder / NAME)).get_resource(name)
    if resource.format == "parquet":
        # Its own reader of Parquet needs pandas: it gets the values from that of Polars, some of the draws.
        frame = pl.read_parquet(folder / str(resource.path))
        rows = frame if frame.height < 1000 else frame.gather_every(EVERY)
        described = Schema.from_descriptor(resource.schema.to_descriptor())
        resource = Resource(data=[frame.columns, *map(list, rows.rows())], schema=described)
    return {(kind, column or "") for kind, column in resource.validate().flatten(["type", "fieldName"])}
