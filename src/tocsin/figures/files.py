"""The files of the shipped figures: how they are written, described, read back and checked."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import polars as pl

from tocsin import digest, months
from tocsin.errors import Damaged, NotAssessed
from tocsin.files import parquet
from tocsin.months import Span
from tocsin.panel import released

MANIFEST = "figures.json"
LICENCE_FILE = "LICENCE.md"
COMMAND = "tocsin figures build"

SPAN = Span(months.month_id(1989, 1), months.month_id(2021, 12))
"""Months of the shipped figures."""

LAST_LOCATED = months.month_id(2020, 12)
"""Last month of the located events among them."""


@dataclass(frozen=True)
class Table:
    """One shipped table: what it holds, from which releases, and since when those are known.

    known_at: the day from which the newest of its releases is taken to be public. UCDP publishes its annual
              releases in June; the end of that month is an assumption, not a recorded day.
    coverage: what is assessed, in words: the areas and months for which a missing row is a zero.
    dated:    whether every row carries the day on which it was published, so that nothing is assumed.
    """

    name: str
    releases: tuple[str, ...]
    known_at: dt.date
    coverage: str
    sources: tuple[str, ...]
    dated: bool = False

    @property
    def file(self) -> str:
        """Name of the Parquet file."""
        return f"{self.name}.parquet"


COUNTRY_MONTH = Table(
    "country_month",
    (
        "ged-21.1 (located events)",
        "ged-24.1 (West Africa)",
        "ged-25.1",
        "organizedviolencecy-25.1",
        "views-actuals-2018-2021",
    ),
    dt.date(2025, 6, 30),
    "every Gleditsch-Ward state, in every month of 1989-01:2021-12 in which it exists; a missing row is zero",
    (
        "ucdp/ged251_country_month_1989_2021.parquet",
        "ucdp/organizedviolencecy_v25_1_to_2021.csv",
        "ucdp/ged241_westafrica8_1989_2021.parquet",
        "ucdp/ged211_located_global_1989_2020.parquet",
        "challenge/history_cm_1989_2021.parquet",
        "challenge/views_country_ids.csv",
    ),
)
GROUPS = Table(
    "west_africa_groups",
    ("ged-24.1",),
    dt.date(2024, 6, 30),
    "every event of Benin, Burkina Faso, Guinea-Bissau, Ivory Coast, Mali, Niger, Senegal and Togo, "
    "1989-01:2021-12; a missing row is zero",
    ("ucdp/ged241_westafrica8_1989_2021.parquet",),
)
CELLS = Table(
    "africa_cells",
    ("ged-21.1 (located events)", "ged-24.1 (West Africa)"),
    dt.date(2024, 6, 30),
    "located events only. `located`: Africa and the Middle East, 1989-01:2020-12, events placed in a town or "
    "near it, about two thirds of all; a missing row does not mean that nothing happened. `complete`: the "
    "eight countries of west_africa_groups, 1989-01:2021-12, events placed in a district or finer",
    (
        "ucdp/ged211_located_global_1989_2020.parquet",
        "ucdp/ged241_westafrica8_1989_2021.parquet",
        "geo/views_africa_me_13110_gids.csv",
    ),
)
VIEWS_HISTORY = Table(
    "views_history",
    ("ged-25.1", "organizedviolencecy-25.1", "views-actuals-2018-2021"),
    dt.date(2025, 6, 30),
    "191 VIEWS countries, 1989-01:2021-12, a row for every month; months before a state was founded hold 0 "
    "and are not assessed",
    ("challenge/history_cm_1989_2021.parquet",),
)
MALI_VINTAGES = Table(
    "mali_vintages",
    ("ged-by-vintage (Mali)",),
    dt.date(2023, 12, 22),
    "what was published of Mali by each of 30 days; in a vintage, a month up to its newest without a row had "
    "no deaths. Events that span two months are left out, so totals are lower than those of an annual "
    "release",
    ("vintages/mali_by_vintage.csv",),
    dated=True,
)
TABLES: tuple[Table, ...] = (COUNTRY_MONTH, GROUPS, CELLS, VIEWS_HISTORY, MALI_VINTAGES)


def packed(frame: pl.DataFrame, facts: Mapping[str, str]) -> bytes:
    """Return a frame as Parquet bytes with some facts of it; the same rows and facts give the same bytes."""
    return parquet(frame, compression_level=19, statistics=True, metadata=dict(facts))


def described(table: Table, content: bytes, rows: int, sources: dict[str, str]) -> dict[str, Any]:
    """Return the manifest entry of one file; `sources` maps each source file to its SHA-256."""
    entry = asdict(table)
    entry.pop("name")
    dated = entry.pop("dated")
    return entry | {
        "file": table.file,
        "known_at": table.known_at.isoformat(),
        "known_at_basis": "recorded: every row carries the day on which it was published"
        if dated
        else "assumed: the end of the month in which UCDP publishes its annual release",
        "sources": {name: sources[name] for name in table.sources},
        "command": COMMAND,
        "rows": rows,
        "bytes": len(content),
        "sha256": digest.of_bytes(content),
    }


def manifest() -> dict[str, Any]:
    """Return the manifest of the shipped figures: by table, its releases, sources, rows and SHA-256."""
    return dict(json.loads((_folder() / MANIFEST).read_text(encoding="utf-8")))


@cache
def shipped(table: Table) -> pl.DataFrame:
    """Return a shipped table as it is, whatever the day; Damaged if its bytes are not those described."""
    content = (_folder() / table.file).read_bytes()
    expected = manifest()["tables"][table.name]["sha256"]
    found = digest.of_bytes(content)
    if found != expected:
        raise Damaged("figures.damaged", file=table.file, found=found[:12], expected=expected[:12])
    return pl.read_parquet(io.BytesIO(content))


def known(table: Table, as_of: dt.date) -> pl.DataFrame:
    """Return a shipped table as known on `as_of`; NotAssessed if its releases were not yet out."""
    if months.day(as_of, "as_of") < table.known_at:
        raise NotAssessed(
            "figures.not_yet_known", table=table.name, releases=released(table.releases),
            known_at=table.known_at.isoformat(), as_of=as_of.isoformat(),
        )  # fmt: skip
    return shipped(table)


def _folder() -> Traversable:
    return resources.files("tocsin.figures") / "data"
