"""The tables of a watch: CSV with an HXL row, Parquet, and the JSON summary."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tocsin import areas, months
from tocsin.errors import BadInput
from tocsin.figures import attribution
from tocsin.files import parquet
from tocsin.forecast.forecast import Forecast
from tocsin.tables import NAME, lines, package
from tocsin.text import LANGUAGES, Language, say
from tocsin.watch.ranking import Row

if TYPE_CHECKING:
    from tocsin.watch.record import Watch

RANKING: dict[str, str] = {
    "rank": "#meta+rank",
    "gw": "#country+code+v_gw",
    "iso3": "#country+code+v_iso3",
    "name_en": "#country+name+i_en",
    "name_fr": "#country+name+i_fr",
    "status": "#status",
    "deaths_last_3": "#affected+killed+last3months",
    "expected_next_3": "#affected+killed+forecast+mean",
    "low_80_next_3": "#affected+killed+forecast+low80",
    "high_80_next_3": "#affected+killed+forecast+high80",
    "p_25_next_3": "#indicator+probability+deaths25+num",
    "p_25_next_3_other_method": "#indicator+probability+deaths25+other+num",
    "p_25_next_3_month_before": "#indicator+probability+deaths25+previous+num",
    "change": "#indicator+probability+change+num",
    "months_last_12": "#affected+killed+list",
}
"""Columns of the ranking, in order, with their HXL tags."""

ANSWERS: tuple[str, ...] = (
    "expected_next_3", "low_80_next_3", "high_80_next_3", "p_25_next_3", "p_25_next_3_other_method",
)  # fmt: skip
"""Columns of the ranking that are made from the forecasts of its own month alone, as `answers` has them."""

UNITS: dict[str, str] = {"gw": "gw", "views": "country_id", "priogrid": "priogrid_gid"}
"""The column that names the area of a row of draws, by the scheme of the areas."""

BANDS: tuple[int, ...] = (50, 80, 90)
"""Central intervals of the forecasts, per cent."""

REACHED: tuple[int, ...] = (1, 25, 100, 1000)
"""Deaths a month whose probability is written."""


def ranking_frame(rows: Sequence[Row], origin: int) -> pl.DataFrame:
    """Return the ranking as a table: one row an area, columns as in `RANKING`; unknown values are null."""
    records = [dict(zip(RANKING, _cells(row, origin), strict=True)) for row in rows]
    kinds = {"rank": pl.Int32(), "gw": pl.Int32(), "deaths_last_3": pl.Int64()}
    texts = {"iso3", "name_en", "name_fr", "status", "months_last_12"}
    schema = {name: kinds.get(name, pl.String() if name in texts else pl.Float64()) for name in RANKING}
    return pl.DataFrame(records, schema=schema)


def ranking_csv(rows: Sequence[Row], origin: int) -> str:
    """Return the ranking as CSV text: header, row of HXL tags, one line an area."""
    frame = ranking_frame(rows, origin)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RANKING)
    writer.writerow(RANKING.values())
    for record in frame.iter_rows():
        writer.writerow([round(cell, 6) if isinstance(cell, float) else cell for cell in record])
    return text.getvalue()


def forecast_frame(forecasts: Sequence[Forecast]) -> pl.DataFrame:
    """Return one row a method, area and month ahead: mean, median, central intervals, probabilities.

    Deaths a month, all kinds together; P(n) is the probability of at least n deaths in that month; null
    where the area is not assessed.
    """
    return pl.concat([_summary(forecast) for forecast in forecasts])


def draws_frame(forecasts: Sequence[Forecast]) -> pl.DataFrame:
    """Return the draws as a long table, assessed areas only.

    Columns: method, target (the kind of deaths), gw (or country_id, priogrid_gid, as the areas go by),
    month_id, draw, outcome (deaths a month). BadInput for areas that go by something else, such as provinces.
    """
    return pl.concat([_long(forecast) for forecast in forecasts])


def write_tables(watch: Watch, folder: Path) -> None:
    """Write ranking.csv, ranking.parquet, forecasts.parquet, draws.parquet and summary.json into `folder`."""
    (folder / "ranking.csv").write_text(ranking_csv(watch.rows, watch.origin), encoding="utf-8", newline="")
    tables = {
        "ranking": ranking_frame(watch.rows, watch.origin),
        "forecasts": forecast_frame(watch.forecasts),
        "draws": draws_frame(watch.forecasts),
    }
    for name, frame in tables.items():
        (folder / f"{name}.parquet").write_bytes(packed(name, frame, watch.panel.releases))
    text = json.dumps(watch.summary(), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def describe_tables(watch: Watch, folder: Path) -> None:
    """Write `datapackage.json`: what the tables of a watch in `folder`, and their columns, mean."""
    facts = watch.summary()
    held = ("as_of", "origin", "basis", "demonstration_on_historical_figures", "watch_sha256")
    content = package(
        folder, name="tocsin-watch",
        titles={one: say("watch.package_title", one, as_of=watch.as_of.isoformat()) for one in LANGUAGES},
        about={one: _about(watch, one) for one in LANGUAGES},
        releases=watch.panel.releases, facts={name: facts[name] for name in held},
    )  # fmt: skip
    (folder / NAME).write_bytes(content)


def _about(watch: Watch, language: Language) -> str:
    """Return what the tables are, with what their reader must not take them for, one a paragraph."""
    parts = [say("watch.package_about", language, origin=months.label(watch.origin))]
    if watch.panel.lag is not None:
        parts.append(say("watch.package_reconstructed", language, as_of=watch.as_of.isoformat()))
    if watch.historical:
        parts.append(say("watch.chart_historical", language))
    return "\n\n".join(parts)


def _cells(row: Row, origin: int) -> Iterator[object]:
    country = areas.country(int(row.area), month=origin)
    yield row.rank
    yield int(row.area)
    yield country.iso3
    yield country.name("en")
    yield country.name("fr")
    yield "assessed" if row.assessed else "not assessed"
    yield row.recent
    yield from (row.expected, row.low, row.high, row.probability, row.beside, row.before, row.change)
    yield " ".join("-" if deaths is None else str(deaths) for deaths in row.history)


def _summary(forecast: Forecast) -> pl.DataFrame:
    levels = [0.5, *(edge for band in BANDS for edge in (0.5 - band / 200, 0.5 + band / 200))]
    names = ["median", *(f"{side}_{band}" for band in BANDS for side in ("low", "high"))]
    known = np.broadcast_to(forecast.assessed[:, None], forecast.draws.shape[:2]).ravel()
    quantiles = forecast.quantile(levels).reshape(-1, len(levels))
    columns: dict[str, object] = {
        **_keys(forecast),
        "assessed": known,
        "mean": np.where(known, forecast.draws.mean(axis=2).ravel(), np.nan),
        **{name: quantiles[:, column] for column, name in enumerate(names)},
        **{f"p_{n}": np.where(known, (forecast.draws >= n).mean(axis=2).ravel(), np.nan) for n in REACHED},
    }
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))


def _keys(forecast: Forecast) -> dict[str, object]:
    count, ahead = len(forecast.areas), len(forecast.steps)
    codes = [areas.country(int(area), month=forecast.origin).iso3 for area in forecast.areas]
    return {
        "method": [forecast.method] * (count * ahead),
        "gw": np.repeat(np.array(forecast.areas, dtype=np.int32), ahead),
        "iso3": pl.Series([code for code in codes for _ in range(ahead)], dtype=pl.String()),
        "step": np.tile(np.array(forecast.steps, dtype=np.int32), count),
        "month_id": np.tile(np.array(forecast.months, dtype=np.int32), count),
        "month": np.tile([months.label(month) for month in forecast.months], count),
    }


def _long(forecast: Forecast) -> pl.DataFrame:
    if forecast.scheme not in UNITS:
        raise BadInput("watch.no_unit", scheme=forecast.scheme, choices=", ".join(UNITS))
    held = forecast.draws[forecast.assessed]
    count, ahead, size = held.shape
    codes = np.array(forecast.areas, dtype=np.int32)[forecast.assessed]
    return pl.DataFrame(
        {
            UNITS[forecast.scheme]: np.repeat(codes, ahead * size),
            "month_id": np.tile(np.repeat(np.array(forecast.months, dtype=np.int32), size), count),
            "draw": np.tile(np.arange(size, dtype=np.int32), count * ahead),
            "outcome": held.ravel(),
        }
    ).select(pl.lit(forecast.method).alias("method"), pl.lit(forecast.target).alias("target"), pl.all())


def packed(table: str, frame: pl.DataFrame, releases: Iterable[str]) -> bytes:
    """Return a table as Parquet that says what its columns mean, and whose the data are.

    table: as `tocsin.tables` names it. releases: names of those it was made from.
    """
    facts = {**attribution(releases).lines, **lines(table, frame.columns)}
    return parquet(frame, compression_level=3, row_group_size=500_000, metadata=facts)
