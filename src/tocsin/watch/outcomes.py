"""Draws that were written down against what happened: the scores of a table of draws."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, kinds, score
from tocsin.errors import BadFile, BadInput, NotAssessed
from tocsin.forecast.forecast import Forecast
from tocsin.panel import Panel
from tocsin.watch.forms import draws_of
from tocsin.watch.tables import UNITS

STATE_BASED = "ged_sb"
OUTCOMES: tuple[str, ...] = ("outcome", STATE_BASED)
"""Columns of a table of actuals that can hold the deaths of a month; the second says of which kind."""

AT_LEAST = 25
"""Deaths a month whose probability is scored."""


@dataclass(frozen=True)
class Scores:
    """Mean scores of one method over the rows (areas by months) whose outcome is known.

    crps, mis: deaths (MIS of the 90 % interval); ignorance: bits; brier: of P(at least 25 deaths in the
    month); log_score: of the same, in nats. covered: share of outcomes inside the 50, 80 and 90 % interval.
    rows: how many were scored; unknown: rows whose outcome no release covers, which score nothing.
    """

    method: str
    rows: int
    unknown: int
    crps: float
    ignorance: float
    mis: float
    brier: float
    log_score: float
    covered: dict[str, float]


def score_draws(
    draws: str | Path, actuals: str | Path | Panel, *, target: str | None = None
) -> tuple[Scores, ...]:
    """Return the scores of each method in a Parquet table of draws.

    draws:   columns `gw`, `country_id` or `priogrid_gid`; `month_id`, `draw`, `outcome`; `method` and
             `target` where it holds several methods or says what kind of deaths it forecasts. Or a model
             output of hubverse with samples.
    actuals: a Parquet or CSV table with the same area column, `month_id` and `outcome` (or `ged_sb`), or a
             panel whose areas go by the same ids; draws by `country_id` are compared with one by `gw` too.
    target:  kind of deaths to compare with; what the table says, else `total`, when None.
    Raises BadFile for a table that is not one or holds an id that is empty or not whole, BadInput where it is
    not of `target`, of several kinds and none is given, or known to be of other deaths or areas than the
    actuals, NotAssessed if no outcome is known yet.
    """
    draws = Path(draws)
    table = _draws(draws)
    unit = next(name for name in UNITS.values() if name in table.columns)
    held = table["target"].unique().sort().to_list() if "target" in table.columns else []
    kind = kinds.target(target or (str(held[0]) if len(held) == 1 else "total"))
    if held and (kind not in held or (target is None and len(held) > 1)):
        raise BadInput("watch.other_target", file=draws.name, held=", ".join(held))
    if len(held) > 1:
        table = table.filter(pl.col("target") == kind)
    if isinstance(actuals, Panel):
        if (unit, actuals.scheme) == ("country_id", "gw"):
            states = {id: areas.by_views_id(id).gw for id in table[unit].unique().to_list()}
            table, unit = table.with_columns(gw=pl.col(unit).replace_strict(states)), "gw"
        truth = _of_panel(actuals, unit, kind)
    else:
        actuals = Path(actuals)
        column, truth = _of_file(actuals, unit)
        if column == STATE_BASED and kind != "sb" and (held or target):
            raise BadInput("watch.state_based", file=actuals.name, draws=draws.name, kind=kind)
    if "method" not in table.columns:
        table = table.with_columns(method=pl.lit(draws.stem))
    methods = table["method"].unique().sort().to_list()
    parts = {name: table.filter(pl.col("method") == name) for name in methods}
    return tuple(_scores(name, part, unit, truth, draws) for name, part in parts.items())


def _draws(path: Path) -> pl.DataFrame:
    table = _table(path)
    if "output_type" in table.columns:
        table = _samples(path, table)
    units = [name for name in UNITS.values() if name in table.columns]
    missing = [name for name in ("month_id", "draw", "outcome") if name not in table.columns]
    if not units or missing:
        needed = missing or [" / ".join(UNITS.values())]
        raise BadFile("watch.draws_columns", file=path.name, missing=", ".join(needed))
    if table.is_empty():
        raise BadFile("watch.no_rows", file=path.name)
    for name in ("method", "target"):
        if name in table.columns:
            _check(path, table[name], table[name].is_not_null())
    return table


def _samples(path: Path, table: pl.DataFrame) -> pl.DataFrame:
    """Return the samples of a hubverse model output as draws; BadFile where it has none."""
    missing = [
        name
        for name in ("location", "target_end_date", "output_type_id", "value")
        if name not in table.columns
    ]
    if missing:
        raise BadFile("watch.draws_columns", file=path.name, missing=", ".join(missing))
    held = table.filter(pl.col("output_type") == "sample")
    if held.is_empty():
        others = ", ".join(map(str, table["output_type"].unique().sort()))
        raise BadFile("watch.no_samples", file=path.name, held=others)
    values = _floats(held["value"])
    _check(path, held["value"], values.is_not_null())
    return draws_of(held.with_columns(value=values))


def _scores(method: str, table: pl.DataFrame, unit: str, truth: pl.DataFrame, path: Path) -> Scores:
    wide = table.sort(unit, "month_id", "draw").group_by(unit, "month_id", maintain_order=True)
    rows = wide.agg(pl.len(), pl.col("draw").n_unique().alias("distinct"))
    uneven = rows.filter((pl.col("len") != rows["len"][0]) | (pl.col("distinct") != pl.col("len")))
    if not uneven.is_empty():
        first = uneven.row(0, named=True)
        raise BadFile(
            "watch.uneven_draws", file=path.name, method=method, area=first[unit], month=first["month_id"],
            found=first["distinct"], expected=int(rows["len"][0]),
        )  # fmt: skip
    observed = rows.join(truth, on=[unit, "month_id"], how="left", maintain_order="left")["truth"].to_numpy()
    if np.isnan(observed).all():
        raise NotAssessed("watch.no_outcome", file=path)
    ordered = table.sort(unit, "month_id", "draw")["outcome"].to_numpy()
    return _means(method, ordered.reshape(rows.height, -1), observed)


def score_forecast(made: Forecast, panel: Panel) -> Scores | None:
    """Return the scores of a forecast of states by what `panel` knows; None while none of it is known."""
    at = {area: row for row, area in enumerate(panel.areas)}
    observed: NDArray[np.float64] = np.full(made.draws.shape[:2], np.nan)
    deaths = np.where(panel.covered, panel.series(made.target), np.nan)
    for row, area in enumerate(made.areas):
        for column, month in enumerate(made.months):
            if area in at and month in panel.span:
                observed[row, column] = deaths[at[area], month - panel.span.first]
    draws, seen = made.draws[made.assessed], observed[made.assessed]
    if np.isnan(seen).all():
        return None
    return _means(made.method, draws.reshape(seen.size, -1), seen.ravel())


def _means(method: str, draws: NDArray[np.int32], observed: NDArray[np.float64]) -> Scores:
    """Return the mean scores over the rows of `draws` whose outcome is known, which is not NaN."""
    known = ~np.isnan(observed)
    values, seen = draws[known], observed[known]
    each = score.row_scores(values, seen)
    chance, happened = (values >= AT_LEAST).mean(axis=1), seen >= AT_LEAST
    inside = score.coverage(values, seen)
    return Scores(
        method=method,
        rows=int(known.sum()),
        unknown=int((~known).sum()),
        crps=float(each.crps.mean()),
        ignorance=float(each.ignorance.mean()),
        mis=float(each.interval.mean()),
        brier=float(score.brier(chance, happened).mean()),
        log_score=float(score.log_score(chance, happened, floor=1 / (values.shape[1] + 1)).mean()),
        covered={f"{round(100 * level)}": share for level, share in inside.items()},
    )


def _of_panel(panel: Panel, unit: str, kind: kinds.Target) -> pl.DataFrame:
    held = UNITS.get(panel.scheme, panel.scheme)
    if held != unit:
        raise BadInput("watch.needs_actuals", unit=unit, held=held)
    count, span = len(panel.areas), len(panel.span)
    deaths = np.where(panel.covered, panel.series(kind), np.nan)
    return pl.DataFrame(
        {
            unit: np.repeat(np.array(panel.areas, dtype=np.int64), span),
            "month_id": np.tile(np.array(list(panel.span), dtype=np.int64), count),
            "truth": deaths.ravel(),
        }
    )


def _of_file(path: Path, unit: str) -> tuple[str, pl.DataFrame]:
    """Return the column that was read, and what happened."""
    table = _table(path)
    outcome = next((name for name in OUTCOMES if name in table.columns), None)
    missing = [name for name in (unit, "month_id") if name not in table.columns]
    if outcome is None or missing:
        needed = missing or [" / ".join(OUTCOMES)]
        raise BadFile("watch.actuals_columns", file=path.name, missing=", ".join(needed))
    happened = _floats(table[outcome])
    _check(path, table[outcome], happened.is_not_null() | table[outcome].is_null())
    truth = table.select(unit, "month_id", truth=happened)
    if truth.select(unit, "month_id").is_duplicated().any():
        raise BadFile("watch.actuals_twice", file=path.name)
    return outcome, truth.with_columns(pl.col("truth").fill_null(np.nan))


def _table(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise BadFile("watch.no_file", file=str(path))
    try:
        plain = path.suffix.lower() == ".csv"
        held = pl.read_csv(path) if plain else pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadFile("watch.not_a_table", file=path.name, reason=str(error).splitlines()[0]) from None
    return held.with_columns(
        _ids(path, held[name]) for name in (*UNITS.values(), "month_id") if name in held.columns
    )


def _ids(path: Path, column: pl.Series) -> pl.Series:
    """Return a column of ids as Int64; BadFile where one is empty or not whole."""
    numbers = _floats(column)
    _check(path, column, ((numbers == numbers.floor()) & numbers.is_finite()).fill_null(value=False))
    return numbers.cast(pl.Int64)


def _floats(column: pl.Series) -> pl.Series:
    """Return a column, be it of text, as Float64, null where it holds no number."""
    # A date would become the days since 1970.
    plain = column.dtype.is_numeric() or column.dtype in (pl.String, pl.Null)
    return (column if plain else column.cast(pl.String)).cast(pl.Float64, strict=False)


def _check(path: Path, column: pl.Series, right: pl.Series) -> None:
    """Raise BadFile, naming the first, unless all values of a column are right."""
    if not right.all():
        line = int(right.arg_min() or 0)
        value = "null" if column[line] is None else column[line]
        raise BadFile("watch.bad_value", file=path.name, line=line + 1, column=column.name, value=value)
