"""Forecasts: quantiles, probabilities and draws, and exports in the forms of the field.

Data that are too old, or invented, are never answered with 200 as if they spoke of today: 503 says why.
Whoever studies the past asks for it by the day of the watch (`as_of`), on disk or in the archive, and is told
`stale` in the answer.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import polars as pl
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tocsin import months
from tocsin.desk import Desk, Line, Snapshot
from tocsin.errors import UnknownName
from tocsin.watch import quantiles_frame, shaped
from tocsin.watch.ranking import AHEAD, THRESHOLD
from tocsin.web.api import cursors, parameters, shapes
from tocsin.web.api.answers import (
    CSV,
    GEOJSON,
    JSON,
    PARQUET,
    answer,
    as_json,
    asked_for,
    dumps,
    offers,
    table,
)  # fmt: skip
from tocsin.web.api.problems import responses
from tocsin.web.refusal import Refusal

router = APIRouter(
    prefix="/api/v1", tags=["forecasts"], responses=responses(400, 401, 404, 406, 429, 503),
    dependencies=[Depends(parameters.check)],
)  # fmt: skip

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)

AsOf = Annotated[str, Query(description="Day of the watch, to be told of data that are too old for today.")]
Day = Annotated[
    str, Query(description="Day of a watch: the one served, even of old data, or one of the archive.")
]
Area = Annotated[str, Query(description="ISO 3166 code of three letters; every country without one.")]
Format = Annotated[str, Query(description="json, csv, parquet or geojson, in place of the Accept header.")]
Cursor = Annotated[str, Query(description="Where the next page begins, as the last answer said.")]
Size = Annotated[int, Query(ge=1, le=cursors.MOST, description="Rows on a page.")]


def current(request: Request, as_of: str) -> tuple[Snapshot, bool]:
    """Return the watch on disk and whether it is stale; Refusal (503) where it must not be answered with."""
    desk: Desk = request.app.state.desk
    found = desk.current()
    if found.test:
        raise Refusal(503, "api.test_data")
    stale = found.stale(desk.today())
    if as_of and as_of != found.as_of.isoformat():
        raise Refusal(404, "api.other_day", value=as_of[:20], held=found.as_of.isoformat())
    if stale and not as_of:
        raise Refusal(
            503, "api.stale_data", month=months.label(found.origin), days=found.age(desk.today()),
            as_of=found.as_of.isoformat(),
        )  # fmt: skip
    return found, stale


def of_day(request: Request, as_of: str) -> tuple[Snapshot, bool]:
    """Return as `current` does, and for another day the watch that was kept of it."""
    if not as_of:
        return current(request, as_of)
    desk: Desk = request.app.state.desk
    found = desk.of_day(as_of)
    if found.test:
        raise Refusal(503, "api.test_data")
    return found, found.stale(desk.today())


def head(found: Snapshot, stale: bool) -> dict[str, Any]:
    """Return what every answer made from a watch says of it."""
    return {
        "as_of": found.as_of.isoformat(), "origin": months.label(found.origin), "method": found.method,
        "stale": stale, "releases": list(found.summary["releases"]), "basis": found.summary["basis"],
        "digest": found.digest, "attribution": found.attribution.to_dict(),
    }  # fmt: skip


@router.get("/forecasts", responses=offers(JSON, CSV, PARQUET, GEOJSON, shape=shapes.FORECASTS))
def forecasts(
    request: Request, area: Area = "", method: str = "", as_of: Day = "", format: Format = "",
    cursor: Cursor = "", limit: Size = 100,
) -> Response:  # fmt: skip
    """Quantiles and probabilities of deaths, all kinds together, by country and month ahead."""
    found, stale = of_day(request, as_of)
    kind = asked_for(request, (JSON, CSV, PARQUET, GEOJSON), format)
    chosen = method or found.method
    rows = found.figures.filter(pl.col("method") == chosen)
    if not rows.height:
        raise UnknownName("api.no_method", value=chosen[:40], choices=", ".join(found.summary["methods"]))
    if kind == GEOJSON:
        if chosen != found.method:
            raise Refusal(400, "api.points_of", value=chosen, method=found.method)
        return answer(request, dumps(_features(found, stale, area)), GEOJSON, found.attribution)
    if area:
        rows = rows.filter(pl.col("gw") == found.line(area).gw)
    codes = {line.gw: line.iso3 for line in found.lines}
    rows = rows.with_columns(iso3=pl.col("gw").replace_strict(codes, return_dtype=pl.String)).sort(
        "gw", "step"
    )
    if kind != JSON:
        return table(request, rows, kind, found.attribution)
    page, after = cursors.cut(rows.to_dicts(), cursor, limit, f"{found.digest} {chosen} {area}")
    return as_json(
        request, head(found, stale) | {"rows": list(page), "next": after}, found.attribution
    )  # fmt: skip


@router.get("/draws", responses=offers(JSON, CSV, PARQUET, shape=shapes.DRAWS))
def draws(
    request: Request, area: Area = "MLI", as_of: Day = "", format: Format = "",
) -> Response:  # fmt: skip
    """The draws of one country: deaths by month ahead and draw; one draw is one path."""
    found, stale = of_day(request, as_of)
    kind = asked_for(request, (JSON, CSV, PARQUET), format)
    path = found.made.path(found.line(area).gw)
    if kind == JSON:
        held = {"area": area.upper(), "months": _months(found), "draws": path.tolist()}
        return as_json(request, head(found, stale) | held, found.attribution)
    steps, count = path.shape
    frame = pl.DataFrame(
        {
            "month": np.repeat(np.array(_months(found)), count), "draw": np.tile(np.arange(count), steps),
            "deaths": path.ravel(),
        }
    )  # fmt: skip
    return table(request, frame, kind, found.attribution)


@router.get("/exports/views", response_class=Response, responses=offers(PARQUET, CSV))
def views(request: Request, as_of: Day = "", format: Format = "") -> Response:
    """All draws as VIEWS writes them: month_id, country_id, draw, outcome."""
    found, _ = of_day(request, as_of)
    kind = asked_for(request, (PARQUET, CSV), format)
    return table(request, shaped(found.made, "views"), kind, found.attribution)


@router.get("/exports/hubverse", response_class=Response, responses=offers(CSV, PARQUET))
def hubverse(request: Request, as_of: Day = "", format: Format = "") -> Response:
    """Quantiles as a hubverse model output: origin_date, target, horizon, location, output_type and value."""
    found, _ = of_day(request, as_of)
    kind = asked_for(request, (CSV, PARQUET), format)
    return table(request, quantiles_frame(found.made, LEVELS), kind, found.attribution)


def _features(found: Snapshot, stale: bool, area: str) -> dict[str, Any]:
    """Return one point a country, its capital, with what is expected of the next three months."""
    lines = [found.line(area)] if area else list(found.lines)
    question = f"P(at least {THRESHOLD} deaths in months 1 to {AHEAD} after the origin)"
    return {
        "type": "FeatureCollection", "tocsin": head(found, stale) | {"question": question},
        "features": [
            point(
                line,
                {
                    "gw": line.gw, "iso3": line.iso3, "name_en": line.country.name("en"),
                    "name_fr": line.country.name("fr"), "assessed": line.assessed, "rank": line.rank,
                    "probability": line.probability, "expected": line.expected, "low_80": line.low,
                    "high_80": line.high, "change": line.change,
                },
            )
            for line in lines
        ],
    }  # fmt: skip


def point(line: Line, properties: dict[str, Any]) -> dict[str, Any]:
    """Return a country as a feature of GeoJSON, at its capital."""
    held = line.country
    place = {"type": "Point", "coordinates": [held.capital_lon, held.capital_lat]}
    return {"type": "Feature", "id": line.iso3, "geometry": place, "properties": properties}


def _months(found: Snapshot) -> list[str]:
    return [months.label(month) for month in found.made.months]
