"""Errors as problem details (RFC 9457), in the language the client prefers."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from tocsin.errors import TocsinError
from tocsin.text import say
from tocsin.web.rendering import preferred

TYPE = "application/problem+json"
PATHS = ("/api/", "/feeds/", "/healthz")

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "reason": {"type": "string"},
    },
}  # fmt: skip


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the refusals of a path: those it may give itself, and any other."""
    content = {TYPE: {"schema": SCHEMA}}
    # Without a default FastAPI declares a 422 of its own form, which is never sent.
    told: dict[int | str, dict[str, Any]] = {"default": {"description": "Refused", "content": content}}
    for status in statuses:
        told[status] = {"description": say(f"api.title.{status}", "en"), "content": content}
    return told


def concerns(request: Request) -> bool:
    """Return whether a program asks, who is told of errors in problem details rather than by a page."""
    return request.url.path.startswith(PATHS)


def problem(request: Request, status: int, detail: str, reason: str) -> Response:
    """Return a problem. reason: the key of its sentence, the same in every language."""
    language = preferred(request)
    known = status if status in (400, 401, 403, 404, 405, 406, 411, 413, 415, 421, 429, 500, 503) else 400
    body = {
        "type": f"urn:tocsin:problem:{reason}", "title": say(f"api.title.{known}", language),
        "status": status, "detail": detail, "reason": reason,
    }  # fmt: skip
    headers: dict[str, str] = {"Content-Language": language}
    if status == 429:
        headers["Retry-After"] = "1"
    # JSON can hold halves of a character, which UTF-8 cannot; what was sent may be repeated here.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers, media_type=TYPE)


def of_error(request: Request, error: TocsinError, status: int) -> Response:
    """Return the problem of an error of ours."""
    return problem(request, status, error.message(preferred(request)), error.key)
