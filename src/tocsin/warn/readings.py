"""Readings: what a rule would have said at every past origin, and what came of it.

They are made once for a panel, a method and a rule's criterion, and kept: the record of a rule at any
trigger, and as of any day, is read off them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tocsin import digest, forecast, months
from tocsin.backtest import THRESHOLDS, WINDOWS, Backtest
from tocsin.backtest.settings import ROOMS
from tocsin.errors import BadFile, BadInput
from tocsin.figures import attribution
from tocsin.files import whole
from tocsin.panel import released
from tocsin.panel.panel import AreaId
from tocsin.warn.evidence import Evidence, forecasts
from tocsin.warn.questions import TRUE
from tocsin.warn.rules import Rule

FIRST_YEARS = 3
"""Years of data before the first origin."""

PARTS = 1000
"""Chances are kept as parts per thousand, which is what a thousand draws can show."""

_FACTS = b"tocsin.warn.readings"
_SCHEMA = 1
_NOT_ASKED, _NOT_ASSESSED = -1, -2

Progress = Callable[[str, float, float | None], None]


@dataclass(frozen=True)
class Basis:
    """What readings were made from, and by what: digests of the evidence and of the forecasting code."""

    method: str
    releases: tuple[str, ...]
    data: str
    evidence: str
    code: str


@dataclass(frozen=True, eq=False)
class Readings:
    """One rule at every past origin.

    areas:    ids as in the panel. origins: consecutive month ids.
    chances:  float32 [area, origin], probability of the rule's question; NaN where it is not asked.
    assessed: bool [area, origin], whether the rule could be asked at all: elsewhere nothing is covered.
    results:  int8 [area, origin] of TRUE, FALSE, OPEN, NOT_ASSESSED (`tocsin.warn.questions`).
    after:    int8 [area, origin], months until it came true; 0 where it did not.
    criterion: of the rule (`Rule.criterion`): readings say nothing of one that asks something else.
    """

    areas: tuple[AreaId, ...]
    origins: tuple[int, ...]
    chances: NDArray[np.float32]
    assessed: NDArray[np.bool_]
    results: NDArray[np.int8]
    after: NDArray[np.int8]
    basis: Basis
    criterion: str

    @property
    def until(self) -> int:
        """The last month of data that they know."""
        return self.origins[-1] + 1


Table = Mapping[str, Readings]
"""Readings by the criterion of their rule."""


def code() -> str:
    """Return the digest of the code that makes readings of some evidence."""
    return digest.of_rooms(*ROOMS, "warn")


def origins_of(evidence: Evidence) -> tuple[int, ...]:
    """Return the past origins at which rules are tried: every month from three years into the data."""
    span = evidence.panel.span
    return tuple(range(span.first + 12 * FIRST_YEARS - 1, span.last))


def make(
    evidence: Evidence, rules: Sequence[Rule], *, method: str, stage: str = "",
    progress: Progress = lambda stage, done, total: None,
) -> Table:  # fmt: skip
    """Return the readings of rules at every past origin, by `method`, each from what lay before it.

    Raises BadInput for a panel too short to hold an origin.
    """
    origins = origins_of(evidence)
    if not origins:
        raise BadInput("warn.short_history", span=str(evidence.panel.span), years=FIRST_YEARS)
    shape = len(evidence.panel.areas), len(origins)
    table = {rule.criterion: np.full(shape, np.nan, dtype=np.float32) for rule in rules}
    for place, origin in enumerate(origins):
        progress(stage, place, len(origins))
        known = evidence.until(origin)
        said = forecasts(known.panel, rules, origin=origin, method=method)
        for rule in rules:
            table[rule.criterion][:, place] = known.chance(known.ask(rule, origin), said)
    progress(stage, len(origins), len(origins))
    return _settled(evidence, rules, origins, table, method)


def from_backtest(evidence: Evidence, rules: Sequence[Rule], found: Backtest) -> Table:
    """Return the readings of the rules that a finished backtest of the same panel can speak of.

    It keeps sums over 3 and 12 months, of one kind, reaching 1, 25, 100 or 1,000 deaths, or twice the mean.
    Rules on provinces are computed here. BadInput if it was made from another panel, leaves out months, or
    cannot speak of a rule.
    """
    panel = evidence.panel
    if found.panel != panel.digest:
        raise BadInput("warn.other_backtest", file=str(found.file), releases=released(panel.releases))
    held = set(found.origins)
    origins = tuple(origin for origin in origins_of(evidence) if origin in held)
    if not origins or origins != tuple(range(origins[0], origins[-1] + 1)):
        first = months.label(origins_of(evidence)[0])
        raise BadInput("warn.backtest_gaps", file=str(found.file), first=first)
    shape = len(panel.areas), len(origins)
    table: dict[str, NDArray[np.float32]] = {}
    for rule in rules:
        values = np.full(shape, np.nan, dtype=np.float32)
        said = _from_rows(found, rule, panel.areas, origins) if rule.level == "country" else None
        for place, origin in enumerate(origins):
            known = evidence.until(origin)
            asked = known.ask(rule, origin)
            chances = known.chance(asked, {}) if said is None else said[:, place]
            values[asked.applies, place] = chances[asked.applies]
        table[rule.criterion] = values
    return _settled(evidence, rules, origins, table, found.method)


def _from_rows(
    found: Backtest, rule: Rule, areas: tuple[AreaId, ...], origins: tuple[int, ...]
) -> NDArray[np.float32]:
    on_grid = rule.window in WINDOWS and rule.threshold in THRESHOLDS and rule.kind == found.target
    if not on_grid or rule.times_mean not in (None, 2.0):
        raise BadInput("warn.off_grid", rule=rule.name, file=str(found.file))
    rows = found.windows.filter(pl.col("last") == rule.window).collect()
    share = rows[f"p{rule.threshold}"].to_numpy()
    if rule.times_mean is not None:
        share = np.fmin(share, rows["p_double"].to_numpy())
    at = {area: row for row, area in enumerate(areas)}
    said = np.full((len(areas), len(origins)), np.nan, dtype=np.float32)
    for area, origin, value in zip(rows["area"], rows["origin"], share, strict=True):
        if origins[0] <= origin <= origins[-1]:
            said[at[area], origin - origins[0]] = value
    return said


def _settled(
    evidence: Evidence, rules: Sequence[Rule], origins: tuple[int, ...],
    table: Mapping[str, NDArray[np.float32]], method: str,
) -> Table:  # fmt: skip
    """Return chances beside what came of each question in `evidence`."""
    panel = evidence.panel
    basis = Basis(method, panel.releases, panel.basis, evidence.digest, code())
    shape = len(panel.areas), len(origins)
    found: dict[str, Readings] = {}
    for rule in rules:
        results, after = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int8)
        assessed = np.zeros(shape, dtype=np.bool_)
        for place, origin in enumerate(origins):
            asked = evidence.ask(rule, origin)
            assessed[:, place] = asked.assessed
            results[:, place], after[:, place] = evidence.outcomes(asked)
        # As they are written down, so that what is made and what is read give the same record.
        chances = np.rint(table[rule.criterion] * PARTS).astype(np.float32) / np.float32(PARTS)
        found[rule.criterion] = Readings(
            panel.areas, origins, chances, assessed, results, after, basis, rule.criterion
        )
    return found


def write(table: Table, path: str | Path) -> None:
    """Write readings as a Parquet file, whole or not at all; the same bytes for the same readings."""
    path = Path(path)
    any_of = next(iter(table.values()))
    areas, origins, basis = any_of.areas, any_of.origins, any_of.basis
    columns: dict[str, Any] = {
        "area": pa.array(np.repeat(np.array([int(area) for area in areas], dtype=np.int32), len(origins))),
        "origin": pa.array(np.tile(np.array(origins, dtype=np.int16), len(areas))),
    }
    for criterion, held in sorted(table.items()):
        asked = np.where(held.assessed, _NOT_ASKED, _NOT_ASSESSED)
        parts = np.where(np.isnan(held.chances), asked, np.rint(held.chances * PARTS))
        columns[f"chance_{criterion}"] = pa.array(parts.astype(np.int16).ravel())
        came = held.results == TRUE
        columns[f"result_{criterion}"] = pa.array(np.where(came, held.after, held.results).ravel())
    facts = {"schema": _SCHEMA, **dataclasses.asdict(basis)}
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    told = {_FACTS.decode(): text, **attribution(basis.releases).lines}
    made = pa.table(columns).replace_schema_metadata(told)
    with whole(path) as file:
        pq.write_table(made, file, compression="zstd", compression_level=19)


def read(file: Path | Traversable) -> Table:
    """Return readings written before; BadFile if the file holds none."""
    try:
        table = pq.read_table(pa.BufferReader(file.read_bytes()))
        facts = json.loads((table.schema.metadata or {})[_FACTS])
        if facts.pop("schema") != _SCHEMA:
            raise KeyError("schema")
        basis = Basis(**facts | {"releases": tuple(facts["releases"])})
        areas = tuple(dict.fromkeys(table["area"].to_pylist()))
        shape = len(areas), table.num_rows // len(areas)
        origins = tuple(table["origin"].to_pylist()[: shape[1]])
        found: dict[str, Readings] = {}
        for name in table.column_names:
            if name.startswith("chance_"):
                criterion = name.removeprefix("chance_")
                parts = table[name].to_numpy().reshape(shape)
                result = table[f"result_{criterion}"].to_numpy().reshape(shape)
                chances = np.where(parts < 0, np.nan, parts).astype(np.float32) / np.float32(PARTS)
                after = np.maximum(result, 0).astype(np.int8)
                results = np.minimum(result, TRUE).astype(np.int8)
                found[criterion] = Readings(
                    areas, origins, chances, parts != _NOT_ASSESSED, results, after, basis, criterion
                )
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise BadFile("warn.not_readings", file=str(file)) from error
    return found


def kept(folder: str | Path, method: str) -> Path:
    """Return where readings by `method` that were computed here are kept."""
    return Path(folder) / "records" / f"{forecast.named(method).name}.parquet"


def known(folder: str | Path | None, method: str) -> Table:
    """Return the readings at hand for `method`: those computed here first, then those of the package."""
    found: dict[str, Readings] = {}
    packaged = resources.files("tocsin.warn") / "data" / f"{forecast.named(method).name}.parquet"
    if packaged.is_file():
        found |= read(packaged)
    if folder is not None and (own := kept(folder, method)).is_file():
        found |= read(own)
    return found


def outdated(folder: str | Path, method: str) -> bool:
    """Return whether the readings by `method` computed here were made by another version of Tocsin."""
    own = kept(folder, method)
    return own.is_file() and any(readings.basis.code != code() for readings in read(own).values())
