"""What is on record: areas, kept watches, warnings, the ledger and its proofs, scores, the price of delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tocsin import months
from tocsin.desk import Asked, Desk, delay
from tocsin.desk import ledger as desk_ledger
from tocsin.desk import warnings as desk_warnings
from tocsin.desk.area import records
from tocsin.desk.ledger import is_exercise
from tocsin.desk.scores import MADE_FROM, shipped, years_of
from tocsin.feeds import attribution_of, geojson, table, values
from tocsin.feeds.table import COLUMNS
from tocsin.figures import attribution
from tocsin.ledger import Recorded
from tocsin.watch import gone, of_record
from tocsin.web.api import cursors, parameters, shapes, tables
from tocsin.web.api.answers import (
    CSV,
    GEOJSON,
    JSON,
    PARQUET,
    PLAIN,
    answer,
    as_json,
    asked_for,
    dumps,
    offers,
)  # fmt: skip
from tocsin.web.api.answers import table as as_table
from tocsin.web.api.forecasts import AsOf, Cursor, Day, Format, Size, current, head, of_day, point
from tocsin.web.api.problems import responses
from tocsin.web.refusal import Refusal

router = APIRouter(
    prefix="/api/v1", tags=["records"], responses=responses(400, 401, 404, 406, 429, 503),
    dependencies=[Depends(parameters.check)],
)  # fmt: skip


TABLES = (JSON, CSV, PARQUET)


@router.get("/areas", responses=offers(*TABLES, GEOJSON, shape=shapes.AREAS))
def areas(request: Request, as_of: Day = "", format: Format = "") -> Response:
    """Every country of the watch: codes, names, region, and whether it is assessed."""
    found, stale = of_day(request, as_of)
    kind = asked_for(request, (*TABLES, GEOJSON), format)
    lines = sorted(found.lines, key=lambda line: line.gw)
    rows = [
        {
            "gw": line.gw, "iso3": line.iso3, "name_en": line.country.name("en"),
            "name_fr": line.country.name("fr"), "region": line.country.region, "assessed": line.assessed,
        }
        for line in lines
    ]  # fmt: skip
    if kind == GEOJSON:
        points = [point(line, row) for line, row in zip(lines, rows, strict=True)]
        told = {"type": "FeatureCollection", "tocsin": head(found, stale), "features": points}
        return answer(request, dumps(told), GEOJSON, found.attribution)
    if kind != JSON:
        return as_table(request, pl.DataFrame(rows), kind, found.attribution)
    return as_json(request, head(found, stale) | {"areas": rows}, found.attribution)


@router.get("/archive", responses=offers(*TABLES, shape=shapes.ARCHIVE, derived=False))
def archive(request: Request, format: Format = "") -> Response:
    """The watches that were kept, by day; `as_of` asks for the forecasts, draws, areas and exports of one.

    `on_record` says whether the ledger holds the digest of a watch, null where it cannot be asked; `entry` is
    the one that does, and `recorded_at` when it was taken in. `damaged` names those, by day and digest, that
    cannot be read; `gone` the entries of those that are on record and not here, null where the ledger cannot
    be asked.
    """
    desk: Desk = request.app.state.desk
    kind = asked_for(request, TABLES, format)
    held, recorded = desk.archive(), desk_ledger.deposits(desk.home)
    rows: list[dict[str, Any]] = [
        {
            "as_of": one.as_of.isoformat(), "began_at": one.began_at.isoformat(),
            "kept_at": one.kept_at.isoformat(), "on_its_day": one.on_its_day,
            "origin": months.label(one.origin), "method": one.methods[0], "digest": one.digest,
            **of_record(one.digest, recorded),
        }
        for one in held.watches
    ]  # fmt: skip
    if kind == JSON:
        lost = {"damaged": [place.name for place in held.damaged], "gone": gone(held, recorded)}
        return as_json(request, {"watches": rows} | lost)
    return as_table(request, pl.DataFrame(rows, schema=tables.WATCHES), kind)


@router.get("/warnings", responses=offers(*TABLES, GEOJSON, shape=shapes.WARNINGS))
def warnings(
    request: Request,
    group: Annotated[str, Query(description="open, past or resolved; all without one.")] = "",
    as_of: AsOf = "", format: Format = "", cursor: Cursor = "", limit: Size = 100,
) -> Response:  # fmt: skip
    """Every warning with its latest message, in both languages, the latest told first."""
    found, stale = current(request, as_of)
    desk: Desk = request.app.state.desk
    if group and group not in desk_warnings.GROUPS:
        raise Refusal(400, "api.no_group", value=group[:40], choices=", ".join(desk_warnings.GROUPS))
    kind = asked_for(request, (*TABLES, GEOJSON), format)
    chosen = [one for one in desk_warnings.standing(desk.home) if not group or one.group == group]
    latest = [one.latest for one in chosen]
    whose = attribution_of(latest)
    if kind == CSV:
        return answer(request, table(latest), CSV, whose)
    if kind == PARQUET:
        rows = [{name: take(message) for name, (_, take) in COLUMNS.items()} for message in latest]
        frame = pl.DataFrame(rows, schema=list(COLUMNS), infer_schema_length=None)
        return as_table(request, frame, PARQUET, whose)
    if kind == GEOJSON:
        return answer(request, geojson(latest), GEOJSON, whose)
    # One that has ended or was told of anew stands elsewhere: further pages would leave another out.
    order = " ".join(one.latest.warning for one in chosen)
    page, after = cursors.cut(chosen, cursor, limit, f"warnings {order}")
    told = [values(one.latest) | {"group": one.group, "answers": len(one.answers)} for one in page]
    return as_json(
        request, head(found, stale) | {"found": len(chosen), "warnings": told, "next": after}, whose
    )  # fmt: skip


@router.get("/warnings/{id}", responses=offers(JSON, shape=shapes.WARNING))
def warning(request: Request, id: str, as_of: AsOf = "") -> Response:
    """One warning: all its messages, and the entries that answer it."""
    found, stale = current(request, as_of)
    asked_for(request, (JSON,))
    desk: Desk = request.app.state.desk
    one = desk_warnings.warning(desk.home, id)
    held = {
        "warning": one.latest.warning, "group": one.group, "messages": [values(m) for m in one.messages],
        "answers": [entry.entry.content() for entry in one.answers],
    }  # fmt: skip
    return as_json(request, head(found, stale) | held, attribution_of(one.messages))


@router.get("/ledger", responses=offers(*TABLES, shape=shapes.LEDGER, derived=False))
def ledger(
    request: Request, type: str = "", area: str = "", party: str = "", text: str = "", format: Format = "",
    cursor: Cursor = "", limit: Size = 50,
) -> Response:  # fmt: skip
    """Entries of the ledger that match, newest first; as a table, all of them."""
    kind = asked_for(request, TABLES, format)
    desk: Desk = request.app.state.desk
    found = desk_ledger.matching(desk.home, type=type, area=area[:80], party=party[:80], text=text[:80])
    if kind != JSON:
        return as_table(request, tables.entries(found, desk_ledger.corrected(desk.home)), kind)
    page, after = cursors.cut(found, cursor, limit, f"ledger {(type, area, party, text)}")
    return as_json(request, {"found": len(found), "entries": [_plain(one) for one in page], "next": after})


@router.get("/ledger/checkpoint", response_class=Response, responses=offers(PLAIN, derived=False))
def checkpoint(request: Request) -> Response:
    """The last signed checkpoint of the ledger, as a C2SP note."""
    asked_for(request, (PLAIN,))
    desk: Desk = request.app.state.desk
    with desk_ledger.opened(desk.home) as held:
        if held is None:
            raise Refusal(404, "desk.no_ledger")
        return answer(request, held.checkpoint().encode(), PLAIN)


@router.get("/ledger/checkpoint/consistency", responses=offers(JSON, shape=shapes.GROWTH, derived=False))
def consistency(
    request: Request,
    size: Annotated[int, Query(description="Number of entries of the checkpoint kept: its second line.")],
    origin: Annotated[
        str, Query(description="Name of its ledger, its first line; this one is taken to be meant without.")
    ] = "",
) -> Response:
    """The proof (RFC 6962) that the ledger goes on from an earlier checkpoint, and the last one it leads to.

    Whoever kept the earlier checkpoint checks the proof with its root; nothing here has to be believed.
    """
    asked_for(request, (JSON,))
    desk: Desk = request.app.state.desk
    return as_json(request, asdict(desk_ledger.growth(desk.home, size, origin)))


@router.get("/ledger/{id}", responses=offers(JSON, shape=shapes.ENTRY, derived=False))
def entry(request: Request, id: str) -> Response:
    """One entry, with whether a later one says that it is wrong."""
    asked_for(request, (JSON,))
    desk: Desk = request.app.state.desk
    found = desk_ledger.one(desk.home, id)
    return as_json(request, _plain(found.recorded) | {"corrected": found.corrected})


@router.get("/ledger/{id}/proof", responses=offers(JSON, shape=shapes.PROOF, derived=False))
def proof(request: Request, id: str) -> Response:
    """The proof (RFC 6962) that an entry is in the ledger, its bytes, and what checking it finds."""
    asked_for(request, (JSON,))
    desk: Desk = request.app.state.desk
    found = desk_ledger.one(desk.home, id)
    held = {"proof": asdict(found.proof), "checked": asdict(found.checked) | {"good": found.checked.good}}
    return as_json(request, held | {"body": found.recorded.body.decode("utf-8")})


@router.get("/scores", responses=offers(*TABLES, shape=shapes.SCORES))
def scores(
    request: Request,
    of: Annotated[
        Literal["method", "rules"], Query(description="What a table holds; JSON holds both.")
    ] = "method",
    format: Format = "",
) -> Response:
    """How the default method did on the past, and the record of each rule.

    `period`: the years of all outcomes that were scored; `windows`: the calendar years that were forecast
    whole, from the October before. The months of a rule's record are its `first` and `until`.
    """
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    if snapshot.test:
        raise Refusal(503, "api.test_data")
    kind = asked_for(request, TABLES, format)
    held = records(desk.home, snapshot)
    judged = [name for record in held for name in record.basis.releases]
    if kind != JSON:
        if of == "rules":
            return as_table(request, tables.rules(held), kind, attribution(judged))
        return as_table(request, tables.scores(shipped()["compared"]), kind, attribution(MADE_FROM))
    whose = attribution([*MADE_FROM, *judged])
    told = {"skill": shipped(), "records": [record.to_dict() for record in held]}
    return as_json(
        request, _years(shipped()["compared"]) | told | {"attribution": whose.to_dict()}, whose
    )  # fmt: skip


@router.get("/decide/{area}", responses=offers(*TABLES, shape=shapes.DECISION))
def decide(
    request: Request, area: str, as_of: AsOf = "",
    moments: Annotated[
        str, Query(description="Months from now; without them those of 0,1,3,6,12 within the horizon.")
    ] = "",
    horizon: Annotated[int, Query(ge=12, le=600, description="Months priced.")] = 120,
    value: Annotated[float, Query(ge=0, le=1000, description="Million dollars for a death; 0: apart.")] = 0,
    response: Annotated[
        str, Query(description="A response of the library; without one all whose delay the horizon holds.")
    ] = "",
    format: Format = "",
) -> Response:  # fmt: skip
    """The price of acting now, later or never, for each response; as a table, a row a moment.

    JSON also holds, by response, where acting breaks even, the rule of watching and waiting, and the tornado.
    """
    found, stale = current(request, as_of)
    kind = asked_for(request, TABLES, format)
    parts = [part.strip() for part in moments.split(",") if part.strip()]
    if len(parts) > 8 or not all(p.isascii() and p.isdigit() and len(p) < 4 for p in parts):
        raise Refusal(400, "web.moments_count", value=moments[:40])
    asked = Asked(tuple(map(int, parts)), horizon, value, (response,) if response else ())
    made = delay(found, found.line(area).gw, asked, in_depth=kind == JSON)
    if kind != JSON:
        return as_table(request, tables.prices(made), kind, found.attribution)
    told = {"decision": made.to_dict(), "decision_digest": made.digest}
    return as_json(request, head(found, stale) | told, found.attribution)


def _years(compared: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    groups = [year for one in compared for name in one["groups"]["period"] for year in name.split("–")]
    first, last = years_of(compared)
    return {"period": f"{min(groups)}-{max(groups)}", "windows": f"{first}-{last}"}


def _plain(one: Recorded) -> dict[str, Any]:
    return {
        "number": one.index + 1, "recorded_at": one.recorded_at, "exercise": is_exercise(one.entry),
        "entry": one.entry.content(),
    }  # fmt: skip
