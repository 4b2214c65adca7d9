"""A reader of a tiny invented format, so that the vault is tested apart from the readers of real files.

A file is JSON: release, span, countries, partial, and events as [id, country, date_start, best].
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tocsin.months import Span
from tocsin.sources import SCHEMA, Coverage, Release

DAY = dt.date(2025, 3, 1)
MORNING = dt.datetime(2025, 3, 1, 9, 30, tzinfo=dt.UTC)
MALI, NIGER = 432, 436


@dataclass(frozen=True)
class Report:
    rows: int
    kept: int
    refused: int
    flagged: dict[str, int]

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    events: pl.DataFrame
    report: Report
    coverage: Coverage
    release: str | None
    format: str = "invented"


def read(path: Path, *, publisher: str, release: str | None = None, **_: object) -> Reading:
    content = json.loads(Path(path).read_bytes())
    rows = content["events"]
    starts = [dt.date.fromisoformat(row[2]) for row in rows]
    values: dict[str, list[Any]] = {
        "id": [row[0] for row in rows],
        "kind": ["sb"] * len(rows),
        "date_start": starts,
        "date_end": starts,
        "country_gw": [row[1] for row in rows],
        "low": [row[3] for row in rows],
        "best": [row[3] for row in rows],
        "high": [row[3] for row in rows],
        "flags": [["imprecise_date"] if row[0] % 7 == 0 else [] for row in rows],
    }
    columns = {name: values.get(name, [None] * len(rows)) for name in SCHEMA}
    events = pl.DataFrame(columns, schema=SCHEMA).sort("id")
    flagged = events.filter(pl.col("flags").list.len() > 0).height
    countries = content["countries"]
    return Reading(
        events,
        Report(len(rows), len(rows), 0, {"imprecise_date": flagged}),
        Coverage(
            Span.parse(content["span"]), None if countries is None else tuple(countries), content["partial"]
        ),
        Release.parse(release).name if release else content["release"],
    )


def write(
    path: Path,
    events: list[tuple[int, int, str, int]],
    *,
    release: str | None = "24.1",
    span: str = "1989-01:2023-12",
    countries: list[int] | None = None,
    partial: bool = False,
) -> Path:
    content = {
        "release": release,
        "span": span,
        "countries": countries,
        "partial": partial,
        "events": events,
    }
    path.write_text(json.dumps(content))
    return path


def tree(home: Path) -> dict[str, bytes]:
    """Return the files of a home, so that two states of it can be compared."""
    return {str(p.relative_to(home)): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}
