"""Forecasts in the forms of the field: the columns of VIEWS, and model output of hubverse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from tocsin import areas, months
from tocsin.errors import BadInput, UnknownName
from tocsin.files import write
from tocsin.forecast.forecast import Forecast
from tocsin.kinds import KINDS
from tocsin.watch.tables import draws_frame, packed

FORMS: tuple[str, ...] = ("tocsin", "views", "hubverse")
"""What draws can be written as: the table of a watch, or in the columns of another."""

TARGETS: dict[str, str] = {"total": "deaths", **{kind: f"deaths_{kind}" for kind in KINDS}}
"""What hubverse calls a target, by the kind of deaths."""

HUB: tuple[str, ...] = (
    "origin_date", "target", "horizon", "target_end_date", "location", "output_type", "output_type_id",
    "value",
)  # fmt: skip
"""Columns of a model output of hubverse, in order."""


def check_form(form: str) -> None:
    """Raise UnknownName unless a form of draws is one of `FORMS`."""
    if form not in FORMS:
        raise UnknownName("watch.unknown_form", value=form, choices=", ".join(FORMS))


def shaped(forecast: Forecast, form: str = "tocsin") -> pl.DataFrame:
    """Return the draws of a forecast as a table in one of `FORMS`, assessed areas only.

    UnknownName for another form; BadInput as `draws_frame`, and for areas that hubverse's form cannot name.
    """
    check_form(form)
    if form == "views":
        return views_frame(forecast)
    return samples_frame(forecast) if form == "hubverse" else draws_frame([forecast])


def write_draws(
    forecast: Forecast, path: str | Path, *, releases: Iterable[str], form: str = "tocsin"
) -> None:
    """Write the draws of one forecast as a Parquet table, with the columns of `shaped`.

    releases: names of those it was made from; the file names them, their licence and what to cite, and says
    what its columns mean.
    The file is written whole or not at all; errors as `shaped`, and BadInput for another ending or a place
    that refuses it.
    """
    path = Path(path)
    if path.suffix != ".parquet":
        raise BadInput("watch.not_parquet", file=str(path))
    write(path, packed("draws" if form == "tocsin" else form, shaped(forecast, form), releases))


def views_frame(forecast: Forecast) -> pl.DataFrame:
    """Return the draws as VIEWS writes them: month_id, country_id (or priogrid_gid), draw, outcome.

    A state goes by the id that VIEWS gives it in the month of the origin; one without is left out. The kind
    of deaths and the method have no column there.
    """
    table, unit = draws_frame([forecast]), "priogrid_gid" if forecast.scheme == "priogrid" else "country_id"
    if forecast.scheme == "gw":
        codes, origin = table["gw"].unique().to_list(), forecast.origin
        held = {gw: areas.country(gw, month=origin).views_id(origin) for gw in codes}
        ids = pl.col("gw").replace_strict(held, return_dtype=pl.Int32)
        table = table.with_columns(ids.alias(unit)).drop_nulls(unit).sort(unit, maintain_order=True)
    return table.select("month_id", unit, "draw", "outcome")


def samples_frame(forecast: Forecast) -> pl.DataFrame:
    """Return the draws as samples of a hubverse model output, columns as in `HUB`.

    A sample has the id of its country and draw: the same in all months of a path, and in no other country.
    """
    count = forecast.draws.shape[2]
    width = len(str(count - 1))
    return _output(forecast, "sample", forecast.draws, [f"{draw:0{width}}" for draw in range(count)])


def quantiles_frame(forecast: Forecast, levels: Sequence[float]) -> pl.DataFrame:
    """Return quantiles of each month as a hubverse model output, columns as in `HUB`."""
    return _output(forecast, "quantile", forecast.quantile(levels), list(levels))


def _output(forecast: Forecast, kind: str, values: ArrayLike, ids: Sequence[str | float]) -> pl.DataFrame:
    """Return values [area, step, id] as a long table."""
    if forecast.scheme != "gw":
        raise BadInput("watch.no_location", scheme=forecast.scheme)
    held = np.asarray(values)[forecast.assessed]
    count, ahead, size = held.shape
    codes = [int(forecast.areas[row]) for row in np.flatnonzero(forecast.assessed)]
    places = pl.Series([_location(gw, forecast.origin) for gw in codes], dtype=pl.String)
    ends = [months.last_day(month) for month in forecast.months]
    where, when = np.repeat(np.arange(count), ahead * size), np.tile(np.repeat(np.arange(ahead), size), count)
    named = pl.Series(ids).gather(np.tile(np.arange(size), count * ahead))
    place = places.gather(where)
    table = pl.DataFrame(
        {
            "horizon": pl.Series(forecast.steps, dtype=pl.Int32).gather(when),
            "target_end_date": pl.Series(ends).gather(when),
            "location": place,
            "output_type_id": place + "-" + named if kind == "sample" else named,
            "value": held.ravel(),
        }
    )
    same = {"origin_date": months.last_day(forecast.origin), "target": TARGETS[forecast.target]}
    return table.with_columns(
        *(pl.lit(value).alias(name) for name, value in {**same, "output_type": kind}.items())
    ).select(HUB)


def _location(gw: int, month: int) -> str:
    """Return how a state is named in a hubverse model output: its ISO code, or its own where it has none."""
    return areas.country(gw, month=month).iso3 or str(gw)


def draws_of(samples: pl.DataFrame) -> pl.DataFrame:
    """Return samples of a hubverse model output as draws: gw, month_id, draw, outcome.

    And `target`, the kind of deaths, where all targets go by the names in `TARGETS`. UnknownName for a
    location that is no state in its month, BadInput for a day that is none.
    """
    kinds = {name: kind for kind, name in TARGETS.items()}
    keys = ("location", "target_end_date")
    held = samples.select(keys).unique()
    ends = [_month(day) for day in held["target_end_date"]]
    states = [areas.country(str(at), month=end).gw for at, end in zip(held["location"], ends, strict=True)]
    codes = held.with_columns(gw=pl.Series(states, dtype=pl.Int64), month_id=pl.Series(ends, dtype=pl.Int64))
    table = samples.join(codes, on=keys, how="left", maintain_order="left")
    known = "target" in samples.columns and set(samples["target"]) <= set(kinds)
    told = [pl.col("target").replace_strict(kinds, return_dtype=pl.String)] if known else []
    return table.select(*told, "gw", "month_id", draw="output_type_id", outcome="value")


def _month(day: object) -> int:
    try:
        return months.of_date(day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day)))
    except ValueError:
        raise BadInput("watch.no_day", value=str(day)) from None
