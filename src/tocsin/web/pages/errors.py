"""Errors as pages: what is wrong, in the reader's language, and where to go from there."""

from __future__ import annotations

import logging
import re
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from tocsin.errors import (
    BadInput,
    BadStore,
    Busy,
    Damaged,
    NotAssessed,
    NotReachable,
    Stale,
    TocsinError,
    UnknownName,
)
from tocsin.text import say
from tocsin.web.api import problems
from tocsin.web.refusal import Refusal
from tocsin.web.rendering import language_of, page

LOG = logging.getLogger("tocsin.web")


# What is in the way until it is done or put right is 503, not the 500 of what nobody foresaw.
STATUS: tuple[tuple[type[TocsinError], int], ...] = (
    (UnknownName, 404), (NotAssessed, 503), (Stale, 503), (BadStore, 503), (BadInput, 400), (Busy, 503),
    (NotReachable, 503), (Damaged, 503),
)  # fmt: skip


def status_of(error: TocsinError) -> int:
    """Return the HTTP status that an error stands for."""
    if isinstance(error, Refusal):
        return error.status
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def failed(request: Request, error: TocsinError) -> Response:
    """Return the page that says what is wrong."""
    status = status_of(error)
    if problems.concerns(request):
        return problems.of_error(request, error, status)
    return _told(request, status, error.message(language_of(request)), error.key)


def add(app: FastAPI) -> None:
    """Make every error of an application a page."""
    app.state.refuse = failed

    @app.exception_handler(TocsinError)
    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, TocsinError)
        return failed(request, error)

    @app.exception_handler(StarletteHTTPException)
    def theirs(request: Request, error: Exception) -> Response:
        assert isinstance(error, (HTTPException, StarletteHTTPException))
        key = {404: "web.no_page", 405: "web.no_method"}.get(error.status_code, "web.refused")
        told = say(key, language_of(request), path=request.url.path[:80], status=str(error.status_code))
        answer = _told(request, error.status_code, told, key)
        if error.status_code == 405:
            answer.headers["Allow"] = _allowed(request)
        return answer

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        told = say("web.bad_fields", language_of(request), fields=_fields(error.errors()))
        return _told(request, 400, told, "web.bad_fields")

    @app.exception_handler(ClientDisconnect)
    def gone(request: Request, error: Exception) -> Response:
        # Whoever left in the middle of a request reads no answer, and nothing failed here.
        return Response(status_code=400)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
        return _told(request, 500, say("web.unforeseen", language_of(request)), "web.unforeseen")


def _allowed(request: Request) -> str:
    """Return the methods that the path of a request takes, over all its routes."""
    scope, routes = request.scope, request.app.routes
    found = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(one.matches({**scope, "method": method})[0] is Match.FULL for one in routes)
    ]
    return ", ".join(["HEAD", *found] if "GET" in found else found)


def _told(request: Request, status: int, told: str, reason: str) -> Response:
    if problems.concerns(request):
        return problems.problem(request, status, told, reason)
    return page(request, "error.html", status=status, code=status, told=told)


def _fields(errors: Any) -> str:
    return ", ".join(sorted({_field(error) for error in errors}))


def _field(error: Any) -> str:
    """Return the name of a field that cannot be read, and what it may hold where that is known."""
    name, about = str(error["loc"][-1])[:40], error.get("ctx", {})
    if "expected" in about:
        choices = re.findall(r"'([^']+)'", str(about["expected"]))
        return f"{name} ({', '.join(choices)})"
    bounds = [f"{mark} {about[key]}" for key, mark in (("ge", "≥"), ("le", "≤")) if key in about]
    return f"{name} ({', '.join(bounds)})" if bounds else name
