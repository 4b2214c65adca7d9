"""Feeds of warnings for situation rooms, and whether all is well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tocsin import feeds, months
from tocsin.desk import Desk
from tocsin.desk import warnings as desk_warnings
from tocsin.errors import TocsinError
from tocsin.text import LANGUAGES, Language
from tocsin.warn import Message
from tocsin.watch import failure
from tocsin.web.api import shapes
from tocsin.web.api.answers import ATOM, CAP, CSV, GEOJSON, JSON, answer, dumps, offers
from tocsin.web.api.forecasts import AsOf, current
from tocsin.web.api.problems import responses
from tocsin.web.refusal import Refusal

router = APIRouter(tags=["feeds"], responses=responses(401, 404, 429, 503))


_LIGHT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Green", "content": {JSON: {"schema": shapes.HEALTH}}},
    503: {"description": "Red", "content": {JSON: {"schema": shapes.HEALTH}}},
}


def _issued(request: Request, as_of: str) -> tuple[Message, ...]:
    """Return every message issued and recorded, oldest first; Refusal (503) for data too old or invented."""
    current(request, as_of)
    desk: Desk = request.app.state.desk
    return desk_warnings.recorded(desk.home)


def _all(request: Request, as_of: str, form: Callable[[Sequence[Message]], bytes], kind: str) -> Response:
    told = _issued(request, as_of)
    return answer(request, form(told), kind, feeds.attribution_of(told))


@router.get("/feeds/cap/{id}", response_class=Response, responses=offers(CAP))
def cap(request: Request, id: str, as_of: AsOf = "") -> Response:
    """One issued message as CAP 1.2, in both languages."""
    for message in _issued(request, as_of):
        if message.id == id.removesuffix(".xml"):
            return answer(request, feeds.cap(message), CAP, feeds.attribution_of([message]))
    raise Refusal(404, "desk.no_warning", value=id[:80])


@router.get("/feeds/atom/{lang}", response_class=Response, responses=offers(ATOM) | responses(400))
def atom(request: Request, lang: Language, as_of: AsOf = "") -> Response:
    """The issued messages as an Atom feed, in one language."""
    return _all(request, as_of, partial(feeds.atom, language=lang, alerts="../cap/"), ATOM)


@router.get("/feeds/warnings.json", responses=offers(JSON, shape=shapes.MESSAGES))
def plain(request: Request, as_of: AsOf = "") -> Response:
    """The issued messages as JSON."""
    return _all(request, as_of, feeds.plain, JSON)


@router.get("/feeds/warnings.csv", response_class=Response, responses=offers(CSV))
def csv(request: Request, as_of: AsOf = "") -> Response:
    """The issued messages as CSV, with a row of HXL tags."""
    return _all(request, as_of, feeds.table, CSV)


@router.get("/feeds/warnings.geojson", response_class=Response, responses=offers(GEOJSON))
def geojson(request: Request, as_of: AsOf = "") -> Response:
    """The issued messages as GeoJSON, a point each."""
    return _all(request, as_of, feeds.geojson, GEOJSON)


@router.get("/healthz", responses=_LIGHT)
def health(request: Request) -> Response:
    """Green (200) where results are there, real, no older than 60 days, and the last watch did not fail.

    Red (503) otherwise, and why.
    """
    desk: Desk = request.app.state.desk
    state: dict[str, Any] = {"languages": list(LANGUAGES)}
    try:
        found = desk.current()
    except TocsinError as error:
        return _told(request, state, status="red", reason=error.key)
    today = desk.today()
    state |= {
        "as_of": found.as_of.isoformat(), "origin": months.label(found.origin),
        "data_age_days": found.age(today), "digest": found.digest,
    }  # fmt: skip
    if found.test:
        return _told(request, state, status="red", reason="api.test_data")
    if found.stale(today):
        return _told(request, state, status="red", reason="api.stale_data")
    if (failed := failure(desk.results)) is not None:
        return _told(request, state | {"failed": failed}, status="red", reason="api.run_failed")
    return _told(request, state, status="green")


def _told(request: Request, state: dict[str, Any], **light: str) -> Response:
    """Return the light; what is served besides is told only to whoever may read it."""
    shown = state if request.state.reads else {}
    return Response(dumps(shown | light), 503 if light["status"] == "red" else 200, media_type=JSON)
