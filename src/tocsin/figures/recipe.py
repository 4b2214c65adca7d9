"""How the shipped figures are made from the publishers' tables, and the checks they must pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocsin import areas, digest
from tocsin.errors import BadFile, BadInput
from tocsin.figures import cellmonths, countrymonths, groupmonths, licence, vintagemonths
from tocsin.figures.files import (
    CELLS,
    COUNTRY_MONTH,
    GROUPS,
    LICENCE_FILE,
    MALI_VINTAGES,
    MANIFEST,
    TABLES,
    VIEWS_HISTORY,
    described,
    packed,
)
from tocsin.figures.licence import attribution
from tocsin.files import write
from tocsin.kinds import KINDS
from tocsin.text import Language, say

Progress = Callable[[str, float], None]
"""Called with a label in the current language and the share done, 0 to 1."""

LIMIT = 3_000_000
"""Bytes that all the figures together may take."""


@dataclass(frozen=True)
class Made:
    """One file made: its table, rows, bytes and SHA-256."""

    table: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Report:
    """What a build made, and the figures its checks compared.

    exact, estimated:    deaths in the country table whose kind is certain, and whose kind is estimated.
    missed:              deaths by which yearly sums by kind miss the published ones.
    ours, official:      state-based deaths 2018-2021, here and as the VIEWS challenge published them.
    equal, compared:     state-months with the same value in both, out of all compared.
    correlation:         of log(1 + deaths) over the state-months compared.
    """

    made: tuple[Made, ...]
    exact: int
    estimated: int
    missed: int
    ours: int
    official: int
    equal: int
    compared: int
    correlation: float

    def text(self, language: Language | None = None) -> str:
        """Return the report as lines of text."""
        lines = [
            say(
                "figures.report.made",
                language,
                table=m.table,
                rows=m.rows,
                bytes=m.bytes,
                sha256=m.sha256[:12],
            )
            for m in self.made
        ]
        counts = {"exact": self.exact, "estimated": self.estimated, "missed": self.missed}
        lines.append(say("figures.report.country", language, deaths=self.exact + self.estimated, **counts))
        compared = {"ours": self.ours, "official": self.official, "equal": self.equal}
        correlation = round(self.correlation, 3)
        lines.append(
            say(
                "figures.report.official",
                language,
                compared=self.compared,
                correlation=correlation,
                **compared,
            )
        )
        return "\n".join(lines)


def build(shared: str | Path, out: str | Path, progress: Progress | None = None) -> Report:
    """Make the shipped figures from the publishers' tables in `shared/data` and write them to `out`.

    The same sources give the same bytes. Nothing is written unless every table passes its checks.
    Raises BadInput if a source is missing, BadFile if a check fails.
    """
    shared, out = Path(shared), Path(out)
    folder = shared / "data"
    sources = _digests(folder)
    tell = progress or (lambda label, share: None)
    tell(say("figures.making", table=COUNTRY_MONTH.name), 0.0)
    country, missed = countrymonths.derive(folder)
    frames = {COUNTRY_MONTH.name: country}
    makers = {
        GROUPS: groupmonths.derive, CELLS: cellmonths.derive, VIEWS_HISTORY: _views_history,
        MALI_VINTAGES: vintagemonths.derive,
    }  # fmt: skip
    for done, (table, make) in enumerate(makers.items(), start=1):
        tell(say("figures.making", table=table.name), done / len(TABLES))
        frames[table.name] = make(folder)
    _check(frames, folder)
    files = {table.file: packed(frames[table.name], attribution(table.releases).lines) for table in TABLES}
    entries = {
        table.name: described(table, files[table.file], frames[table.name].height, sources)
        for table in TABLES
    }
    files[LICENCE_FILE] = licence.text(TABLES).encode()
    whose = attribution(name for table in TABLES for name in table.releases).to_dict()
    described_all = {"licence": LICENCE_FILE, "attribution": whose, "tables": entries}
    files[MANIFEST] = (json.dumps(described_all, indent=1, ensure_ascii=False) + "\n").encode()
    total = sum(len(content) for content in files.values())
    if total > LIMIT:
        raise BadFile("figures.too_large", bytes=total, limit=LIMIT)
    for name, content in files.items():
        write(out / name, content)
    tell(say("figures.made"), 1.0)
    made = tuple(Made(name, e["rows"], e["bytes"], e["sha256"]) for name, e in entries.items())
    exact, estimated = (
        int(country.filter(basis=basis).select(pl.sum_horizontal(*KINDS).sum()).item())
        for basis in ("exact", "estimated")
    )
    return Report(made, exact, estimated, missed, **_against_official(country, frames[VIEWS_HISTORY.name]))


def _check(frames: dict[str, pl.DataFrame], folder: Path) -> None:
    """Raise BadFile unless the tables hold exactly the deaths and events of their sources, month by month."""
    published: Counter[tuple[int, int, str]] = Counter()
    for year in countrymonths.country_years(folder):
        for month, deaths, events in zip(year.months, year.deaths, year.events, strict=True):
            if events.any():
                key = countrymonths.state(year.code, month), month
                published.update({(*key, "deaths"): int(deaths), (*key, "events"): int(events.sum())})
    ours = frames[COUNTRY_MONTH.name].select(
        "gw", "month", pl.sum_horizontal(*KINDS), pl.sum_horizontal(*countrymonths.EVENTS)
    )
    differing = 0
    for gw, month, deaths, events in ours.rows():
        differing += (published.pop((gw, month, "deaths"), 0), published.pop((gw, month, "events"), 0)) != (
            deaths, events,
        )  # fmt: skip
    if differing + len(published):
        raise BadFile("figures.months_differ", table=COUNTRY_MONTH.name, months=differing + len(published))
    events = pl.read_parquet(folder / "ucdp/ged241_westafrica8_1989_2021.parquet", columns=["best"])
    found, expected = int(frames[GROUPS.name]["deaths"].sum()), int(events["best"].sum())
    if found != expected:
        raise BadFile("figures.deaths_differ", table=GROUPS.name, found=found, expected=expected)


def _against_official(country: pl.DataFrame, history: pl.DataFrame) -> dict[str, Any]:
    official = history.filter(pl.col("basis") == "official")
    states = {views: areas.by_views_id(views).gw for views in official["country_id"].unique()}
    both = official.select(
        "ged_sb", month="month_id", gw=pl.col("country_id").replace_strict(states, return_dtype=pl.Int16)
    ).join(country, on=["gw", "month"], how="left", maintain_order="left")
    ours, theirs = both["sb"].fill_null(0).to_numpy(), both["ged_sb"].to_numpy()
    return {
        "ours": int(ours.sum()),
        "official": int(theirs.sum()),
        "equal": int((ours == theirs).sum()),
        "compared": both.height,
        "correlation": float(np.corrcoef(np.log1p(ours), np.log1p(theirs))[0, 1]),
    }


def _digests(folder: Path) -> dict[str, str]:
    names = sorted({name for table in TABLES for name in table.sources})
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise BadInput("figures.source_missing", folder=folder, files=", ".join(missing))
    return {name: digest.of_file(folder / name) for name in names}


def _views_history(folder: Path) -> pl.DataFrame:
    return (
        pl.read_parquet(folder / "challenge/history_cm_1989_2021.parquet")
        .select(
            pl.col("country_id").cast(pl.Int16),
            pl.col("month_id").cast(pl.Int16),
            pl.col("ged_sb").cast(pl.Int32),
            pl.col("basis").cast(pl.Enum(["official", "estimated"])),
        )
        .sort("country_id", "month_id")
    )
