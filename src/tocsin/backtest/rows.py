"""One origin of a backtest: fit on what was known, forecast, score against what followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tocsin import areas, digest, forecast, score
from tocsin.backtest.settings import Settings
from tocsin.forecast.states import YEAR, masked_mean, states
from tocsin.panel import Panel
from tocsin.score.blocks import inside, quantile

THRESHOLDS: tuple[int, ...] = (1, 25, 100, 1000)
"""Deaths whose probability of being reached is kept, for every month and window."""

WINDOWS: tuple[int, ...] = (3, 12)
"""Lengths in months of the windows that are kept beside single months; each begins at step 1."""

LEVELS: tuple[float, ...] = (0.5, 0.8, 0.9)

ACTIVE_MONTHS = 24

_AREAS_AT_ONCE = 256


def schema(level: str) -> pa.Schema:
    """Return the columns of the results of a panel level, as documented in docs/concepts/backtest.md."""
    fields: list[tuple[str, pa.DataType]] = [
        ("area", pa.int32() if level in ("country", "cell") else pa.string()),
        ("origin", pa.int16()),
        ("first", pa.int8()),
        ("last", pa.int8()),
        ("month", pa.int16()),
        ("observed", pa.int64()),
        *((name, pa.float32()) for name in ("crps", "ign", "interval", "crps_log", "pit", "mean", "median")),
        *((f"in{round(100 * held)}", pa.bool_()) for held in LEVELS),
        *((f"p{deaths}", pa.float32()) for deaths in THRESHOLDS),
        ("double", pa.int64()),
        ("p_double", pa.float32()),
        ("mean12", pa.float32()),
        ("before12", pa.float32()),
        ("active24", pa.bool_()),
        ("state", pa.string()),
        ("region", pa.string()),
    ]
    return pa.schema(fields)


@dataclass(frozen=True)
class Unscored:
    """What an origin asked for and no row stands for.

    not_assessed: areas that the method does not assess, since no release covers them at the origin; beyond:
    rows of assessed areas whose months lie after the data; not_covered: rows whose months are not all
    covered.
    """

    not_assessed: int = 0
    beyond: int = 0
    not_covered: int = 0

    def __add__(self, other: Unscored) -> Unscored:
        return Unscored(
            self.not_assessed + other.not_assessed,
            self.beyond + other.beyond,
            self.not_covered + other.not_covered,
        )


def score_origin(panel: Panel, settings: Settings, origin: int) -> tuple[pa.Table, Unscored]:
    """Return the rows of one origin, sorted by area and steps, and what no row stands for.

    The method is given the panel cut at the origin; outcomes are read from the whole panel.
    """
    spans = _spans(settings.steps)
    known = [span for span in spans if origin + span[1] <= panel.span.last]
    steps = [step for step in settings.steps if origin + step <= panel.span.last]
    if not known:
        covered = int(panel.covered[:, origin - panel.span.first].sum())
        return schema(panel.level).empty_table(), Unscored(len(panel.areas) - covered, covered * len(spans))
    method = forecast.found(settings.method)
    fitted = forecast.fit(panel.until(origin), origin=origin, target=settings.target, method=method)
    said = fitted.predict(steps, settings.draws)
    assessed = np.flatnonzero(said.assessed)
    parts = [
        _scored(said, panel, known, assessed[start : start + _AREAS_AT_ONCE])
        for start in range(0, assessed.size, _AREAS_AT_ONCE)
    ]
    table = pa.concat_tables([schema(panel.level).empty_table(), *parts]).combine_chunks()
    return table, Unscored(
        not_assessed=len(panel.areas) - assessed.size,
        beyond=assessed.size * (len(spans) - len(known)),
        not_covered=assessed.size * len(known) - table.num_rows,
    )


def _spans(steps: tuple[int, ...]) -> list[tuple[int, int]]:
    windows = [(1, last) for last in WINDOWS if set(range(1, last + 1)) <= set(steps)]
    return sorted([(step, step) for step in steps] + windows)


def _scored(
    said: forecast.Forecast, panel: Panel, spans: list[tuple[int, int]], rows: NDArray[np.intp]
) -> pa.Table:
    """Return the rows of the areas at `rows`, those of `spans` whose months are covered."""
    origin, now = said.origin, said.origin - panel.span.first + 1
    series, covered = panel.series(said.target)[rows], panel.covered[rows]
    past, held = series[:, :now], covered[:, :now]
    place = {step: at for at, step in enumerate(said.steps)}
    mean12 = masked_mean(past[:, -YEAR:], held[:, -YEAR:])
    by_area: dict[str, NDArray[Any]] = {
        "area": np.array([panel.areas[row] for row in rows]),
        "mean12": mean12,
        "before12": masked_mean(past[:, -2 * YEAR : -YEAR], held[:, -2 * YEAR : -YEAR]),
        "active24": np.where(held, past, 0)[:, -ACTIVE_MONTHS:].sum(axis=1) > 0,
        "state": states(past, held),
        "region": _regions(panel, rows, origin),
    }
    uniforms = np.array([_uniforms(said.target, origin, panel.areas[row]) for row in rows])
    columns: dict[str, list[NDArray[Any]]] = {}
    for at, (first, last) in enumerate(spans):
        told = covered[:, now + first - 1 : now + last].all(axis=1)
        outcome = series[:, now + first - 1 : now + last].sum(axis=1, dtype=np.int64)
        draws = said.draws[rows[told], place[first]]
        for step in range(first + 1, last + 1):
            draws = draws.astype(np.int64, copy=False) + said.draws[rows[told], place[step]]
        count = int(told.sum())
        part = {
            "order": np.flatnonzero(told) * len(spans) + at,
            "origin": np.full(count, origin),
            "first": np.full(count, first),
            "last": np.full(count, last),
            "month": np.full(count, origin + last),
            **{name: values[told] for name, values in by_area.items()},
            **_scores(
                draws,
                outcome[told],
                uniforms[told, _uniform_of(first, last)],
                _doubled(mean12[told], last - first + 1),
            ),
        }
        for name, values in part.items():
            columns.setdefault(name, []).append(values)
    joined = {name: np.concatenate(values) for name, values in columns.items()}
    order = np.argsort(joined.pop("order"))
    wanted = schema(panel.level)
    return pa.table(
        {field.name: _column(joined[field.name][order], field.type) for field in wanted}, schema=wanted
    )


def _scores(
    draws: NDArray[Any],
    observed: NDArray[np.int64],
    uniform: NDArray[np.float64],
    double: NDArray[np.float64],
) -> dict[str, NDArray[Any]]:
    """Return one column a score for draws [row, draw], sorting each row once."""
    ascending = np.sort(draws, axis=1)
    scores = score.row_scores(ascending, observed)
    outcome = observed[:, None]
    below, up_to = (ascending < outcome).mean(axis=1), (ascending <= outcome).mean(axis=1)
    return {
        "observed": observed,
        "crps": scores.crps,
        "ign": scores.ignorance,
        "interval": scores.interval,
        "crps_log": score.crps(ascending, observed, scale="log"),
        "pit": below + uniform * (up_to - below),
        "mean": ascending.mean(axis=1),
        "median": quantile(ascending, 0.5),
        **{f"in{round(100 * held)}": inside(ascending, observed, held) for held in LEVELS},
        **{f"p{deaths}": (ascending >= deaths).mean(axis=1) for deaths in THRESHOLDS},
        "double": double,
        "p_double": np.where(np.isnan(double), np.nan, (ascending >= double[:, None]).mean(axis=1)),
    }


def _doubled(mean: NDArray[np.float64], months: int) -> NDArray[np.float64]:
    """Return the least whole number of deaths that is twice the mean of the last 12 months, kept up.

    NaN where that mean is 0: twice nothing is reached by nothing.
    """
    # The mean is a fraction in binary: 8.33 x 2 x 3 must not ask for 51 where 50 is meant.
    return np.where(mean > 0, np.ceil(2 * mean * months - 1e-6), np.nan)


def _uniform_of(first: int, last: int) -> int:
    return last - 1 if first == last else forecast.MAX_STEP + WINDOWS.index(last)


def _uniforms(target: str, origin: int, area: int | str) -> NDArray[np.float64]:
    """Return the uniform parts of the PIT of an area at an origin: the same for every method."""
    seed = digest.seed("backtest.pit", target, origin, area)
    return np.random.Generator(np.random.PCG64(seed)).random(forecast.MAX_STEP + len(WINDOWS))


def _regions(panel: Panel, rows: NDArray[np.intp], origin: int) -> NDArray[Any]:
    """Return UCDP's region of each country; None for areas that are no countries."""
    if panel.level != "country":
        return np.full(len(rows), None, dtype=object)
    ids = [int(panel.areas[row]) for row in rows]
    if panel.scheme == "views":
        return np.array([areas.by_views_id(id).region for id in ids], dtype=object)
    return np.array([areas.country(id, month=origin).region for id in ids], dtype=object)


def _column(values: NDArray[Any], type: pa.DataType) -> pa.Array:
    if values.dtype.kind in "UO":
        return pa.array(values.tolist(), type)
    if values.dtype.kind == "f":
        return pa.array(
            values.astype(np.float32) if pa.types.is_float32(type) else values, from_pandas=True
        ).cast(type)
    return pa.array(values).cast(type)
