"""The results of a backtest: one Parquet file, written the same way every time and checked when read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tocsin import digest, months
from tocsin.backtest.rows import THRESHOLDS, Unscored, schema
from tocsin.backtest.settings import SCHEMA, Settings
from tocsin.errors import BadFile
from tocsin.figures import attribution, attribution_of
from tocsin.files import whole
from tocsin.panel import Panel

_FACTS = b"tocsin.backtest"

HORIZONS: tuple[tuple[int, int], ...] = ((1, 3), (4, 6), (7, 12), (13, 24), (25, 36))
"""Groups of steps by which results are told."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """A finished backtest.

    file:     the Parquet file of its rows.
    facts:    its metadata: settings, origins, and of the panel: level, scheme, span, releases, basis, as_of.
    unscored: what no row stands for.
    """

    file: Path
    facts: Mapping[str, Any]
    unscored: Unscored

    @property
    def method(self) -> str:
        """Name of the method."""
        return str(self.facts["settings"]["method"])

    @property
    def target(self) -> str:
        """Kind of deaths, or `total`."""
        return str(self.facts["settings"]["target"])

    @property
    def scheme(self) -> str:
        """Scheme of the area ids: `gw` or `views` for countries."""
        return str(self.facts["scheme"])

    @property
    def panel(self) -> str:
        """Digest of the panel."""
        return str(self.facts["settings"]["panel"])

    @property
    def origins(self) -> tuple[int, ...]:
        """Origins, ascending."""
        return tuple(self.facts["origins"])

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps, ascending."""
        return tuple(self.facts["settings"]["steps"])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return digest.of_file(self.file)

    @property
    def rows(self) -> pl.LazyFrame:
        """All rows: months and windows; probabilities as they were drawn, to six decimals.

        The file keeps them as float32, in which 0.7 is less than 0.7 and would fall below what it reaches.
        """
        chances = pl.col(*(f"p{deaths}" for deaths in THRESHOLDS), "p_double")
        return pl.scan_parquet(self.file).with_columns(chances.cast(pl.Float64).round(6))

    @property
    def months(self) -> pl.LazyFrame:
        """Rows of single months (`first` equal to `last`), one an area, origin and step."""
        return self.rows.filter(pl.col("first") == pl.col("last"))

    @property
    def windows(self) -> pl.LazyFrame:
        """Rows of sums over steps 1 to 3 and 1 to 12."""
        return self.rows.filter(pl.col("first") != pl.col("last"))

    def by_horizon(self) -> list[dict[str, Any]]:
        """Return mean scores by group of steps, and coverage where there were deaths in the last 24 months.

        Keys: first, last and steps, those of the group that were forecast; rows, crps, ign, interval,
        crps_log, active; in50, in80, in90, shares of outcomes inside the intervals, ends included; mid50,
        mid80, mid90, shares of randomised PIT in the middle of the law, which are 0.5, 0.8 and 0.9 where the
        law is right, also for counts with many zeros.
        """
        found = []
        active = pl.col("active24")
        middle = (pl.col("pit") - 0.5).abs()
        for first, last in HORIZONS:
            row = (
                self.months.filter(pl.col("last").is_between(first, last))
                .select(
                    pl.len().alias("rows"),
                    pl.col("crps", "ign", "interval", "crps_log").cast(pl.Float64).mean(),
                    active.sum().alias("active"),
                    *(pl.col(f"in{n}").filter(active).mean() for n in (50, 80, 90)),
                    *((middle <= n / 200).filter(active).mean().alias(f"mid{n}") for n in (50, 80, 90)),
                )
                .collect()
                .row(0, named=True)
            )
            if row["rows"]:
                steps = [step for step in self.steps if first <= step <= last]
                found.append({"first": first, "last": last, "steps": steps, **row})
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the rows as plain values."""
        chosen = self.origins
        return {
            **self.facts,
            "origins": {
                "first": months.label(chosen[0]), "last": months.label(chosen[-1]), "count": len(chosen),
            },
            "file": str(self.file),
            "digest": self.digest,
            "by_horizon": self.by_horizon(),
        }  # fmt: skip


def describe(panel: Panel, settings: Settings, origins: Sequence[int], unscored: Unscored) -> dict[str, Any]:
    """Return the metadata of a file of results; nothing in it depends on when, where or by how many jobs."""
    return {
        "settings": settings.to_dict(), "key": settings.key, "origins": list(origins), "level": panel.level,
        "scheme": panel.scheme, "span": str(panel.span), "releases": list(panel.releases),
        "basis": panel.basis, "as_of": panel.as_of.isoformat(), "unscored": asdict(unscored),
        "attribution": attribution_of(panel).to_dict(),
    }  # fmt: skip


def write(tables: Iterable[pa.Table], facts: Mapping[str, Any], out: Path) -> None:
    """Write the rows of each origin as one row group of `out`, whole or not at all."""
    whose = attribution(facts["attribution"]["releases"]).lines
    told = {_FACTS.decode(): json.dumps(facts, sort_keys=True, ensure_ascii=False), **whose}
    wanted = schema(str(facts["level"])).with_metadata(told)
    with (
        whole(out) as file,
        pq.ParquetWriter(
            file, wanted, compression="zstd", compression_level=9, write_page_checksum=True
        ) as writer,
    ):
        for table in tables:
            if table.num_rows:
                writer.write_table(table.replace_schema_metadata(wanted.metadata), row_group_size=2**22)


def read(file: str | os.PathLike[str]) -> Backtest:
    """Return a finished backtest; BadFile if the file is none, is damaged, or of another version."""
    file = Path(file)
    try:
        found = pq.read_schema(file)
        facts = json.loads((found.metadata or {})[_FACTS])
        version = facts["settings"]["schema"]
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise BadFile("backtest.not_results", file=file) from error
    if version != SCHEMA:
        raise BadFile("backtest.other_schema", file=file, found=str(version), wanted=str(SCHEMA))
    try:
        unscored, ours = Unscored(**facts["unscored"]), found.equals(schema(facts["level"]))
    except (KeyError, TypeError) as error:
        raise BadFile("backtest.not_results", file=file) from error
    if not ours:
        raise BadFile("backtest.not_results", file=file)
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as rows:
            for group in range(rows.num_row_groups):
                rows.read_row_group(group)
    except (OSError, pa.ArrowException) as error:
        raise BadFile("backtest.damaged_results", file=file) from error
    return Backtest(file, facts, unscored)
