"""What programs write: entries, and answers to warnings. Sent twice, each is written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from tocsin.desk import Desk
from tocsin.desk import ledger as desk_ledger
from tocsin.desk import warnings as desk_warnings
from tocsin.errors import TocsinError
from tocsin.ledger import entry
from tocsin.web import security
from tocsin.web.api import parameters, shapes
from tocsin.web.api.answers import JSON, dumps
from tocsin.web.api.problems import responses
from tocsin.web.refusal import Refusal

router = APIRouter(
    prefix="/api/v1", tags=["writing"], responses=responses(400, 401, 403, 404, 411, 413, 415, 429),
    dependencies=[Depends(parameters.check)],
)  # fmt: skip


_WRITTEN: dict[int | str, dict[str, Any]] = {
    200: {"description": "Recorded before", "content": {JSON: {"schema": shapes.WRITTEN}}},
    201: {"description": "Recorded", "content": {JSON: {"schema": shapes.WRITTEN}}},
}


class Answer(BaseModel):
    """An answer to a warning."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=4000)
    language: str = Field(min_length=2, max_length=35, description="Language of the text, such as fr.")
    source: str = Field(default="", max_length=400)
    reason: str = Field(default="", max_length=40)
    form: str = Field(default="", max_length=40)


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


@router.post("/ledger", status_code=201, responses=_WRITTEN, openapi_extra=_body({"type": "object"}))
async def record(request: Request) -> Response:
    """Record an entry (the fields of its type as JSON); 200 where the same content is recorded already."""
    identity = await run_in_threadpool(security.writing, request, "analyst")
    given = await _json(request)
    given.setdefault("author", identity.name)
    desk: Desk = request.app.state.desk
    try:
        id, fresh = await run_in_threadpool(lambda: desk_ledger.record(desk.home, [entry(given)]))
    except TocsinError as error:
        await run_in_threadpool(security.audit, request, identity, error.key, "")
        raise
    return await _done(request, identity, id, fresh)


@router.post(
    "/warnings/{id}/{type}", status_code=201, responses=_WRITTEN,
    openapi_extra=_body(Answer.model_json_schema()),
)  # fmt: skip
async def answer(request: Request, id: str, type: str) -> Response:
    """Record an answer to an issued warning: notice, acceptance, dismissal (reason) or decision (form)."""
    identity = await run_in_threadpool(security.writing, request, "analyst")
    try:
        sent = Answer.model_validate(await _json(request))
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, one["loc"]))[:40] for one in error.errors()}))
        raise Refusal(400, "web.bad_fields", fields=wrong) from None
    desk: Desk = request.app.state.desk
    given = desk_warnings.Answer(type=type, **sent.model_dump())
    try:
        made, fresh = await run_in_threadpool(
            partial(desk_warnings.answer, desk.home, id, given, author=identity.name, today=desk.today())
        )
    except TocsinError as error:
        await run_in_threadpool(security.audit, request, identity, error.key, id)
        raise
    return await _done(request, identity, made, fresh)


async def _json(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise Refusal(415, "guard.wrong_type", value=kind[:60] or "?", choices=JSON)
    if not request.state.bearer:
        # A browser's cookie goes with every request, also with those of other sites; a header does not.
        raise Refusal(401, "api.bearer")
    try:
        found = json.loads(await request.body(), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refusal(400, "api.not_json") from None
    if not isinstance(found, Mapping):
        raise Refusal(400, "api.not_json")
    return dict(found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; Refusal (400) for a key given twice, of which only one would be kept."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refusal(400, "api.key_twice", field=twice[:40])
    return found


async def _done(request: Request, identity: Any, id: str, fresh: bool) -> Response:
    await run_in_threadpool(security.audit, request, identity, "done" if fresh else "again", id)
    body = dumps({"id": id, "recorded": fresh})
    return Response(body, 201 if fresh else 200, {"Location": f"/api/v1/ledger/{id}"}, media_type=JSON)
