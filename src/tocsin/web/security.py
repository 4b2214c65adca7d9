"""Who may do what, and what every answer carries: nothing but our own files runs or is loaded.

On this machine alone reading is open and writing needs a token; on any other address all needs one. A
browser signs in with a token and holds a session; a program sends `Authorization: Bearer`. Forms carry what
only a page of the session can know.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.errors import TocsinError
from tocsin.guard import Audit, Identity, Limit, Role, Tokens
from tocsin.text import say, set_language
from tocsin.web.refusal import Refusal
from tocsin.web.rendering import language_of

if TYPE_CHECKING:
    from tocsin.web.app import Settings

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "connect-src 'self'", "font-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)  # fmt: skip

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}

COOKIE = "tocsin_session"
BODY = 256 * 1024
"""Bytes that a request may carry."""

HOST = re.compile(r"(localhost|[0-9.]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE)
"""A Host header that names this machine, or an address."""

FORMS = ("application/x-www-form-urlencoded",)
UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))
ALWAYS_OPEN = ("/static/", "/en/signin", "/fr/signin", "/healthz", "/en/theme/", "/fr/theme/")


class Guarded(BaseHTTPMiddleware):
    """Finds out who asks, refuses what is too much or from elsewhere, and puts the headers on."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(app)
        self.alone = is_loopback(settings.host)
        self.reads, self.writes = Limit(rate=300, burst=1500), Limit(rate=1, burst=60)

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer a request, or refuse it."""
        # A message may hold another one, or the name of a role, that no caller named a language for.
        set_language(language_of(request))
        try:
            answer = self._refused(request) or await self._known(request) or await call_next(request)
        except TocsinError as error:
            answer = request.app.state.refuse(request, error)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", "no-cache")
        return answer

    def _refused(self, request: Request) -> Response | None:
        if self.alone and not _own_host(request):
            raise Refusal(421, "guard.wrong_host", value=request.headers.get("host", "–")[:80])
        # Before anything is counted: a page of another site must not use up what the readers here may send.
        if request.method in UNSAFE and (site := _elsewhere(request)):
            raise Refusal(403, "guard.elsewhere", value=site[:80])
        client = request.client.host if request.client else "?"
        writes = request.method in UNSAFE
        wait = (self.writes if writes else self.reads).take(client)
        if wait:
            raise Refusal(429, "guard.too_often", seconds=max(round(wait), 1))
        if writes:
            length = request.headers.get("content-length", "")
            # A request that is chunked is as long as it likes, whatever length it names.
            if not re.fullmatch("[0-9]{1,18}", length) or "transfer-encoding" in request.headers:
                raise Refusal(411, "guard.no_length")
            if int(length) > BODY:
                raise Refusal(413, "guard.too_large", limit=BODY // 1024)
        return None

    async def _known(self, request: Request) -> Response | None:
        tokens: Tokens = request.app.state.tokens
        request.state.identity, request.state.csrf, request.state.bearer = None, "", False
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and secret:
            request.state.identity = await run_in_threadpool(tokens.find, secret.strip())
            request.state.bearer = request.state.identity is not None
        elif cookie := request.cookies.get(COOKIE):
            session = await run_in_threadpool(tokens.session, cookie)
            if session is not None:
                request.state.identity, request.state.csrf = session.identity, session.csrf
        request.state.reads = self.alone or request.state.identity is not None
        if request.state.reads or request.url.path.startswith(ALWAYS_OPEN):
            return None
        if request.url.path.startswith(("/api/", "/feeds/")) or request.method in UNSAFE:
            raise Refusal(401, "guard.needed", role=say("guard.role.reader"))
        return RedirectResponse(f"/{language_of(request)}/signin", status_code=303)


class Counted:
    """Counts what a request carries as it arrives, and reads no further than it may."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        left = BODY

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise Refusal(413, "guard.too_large", limit=BODY // 1024)
            return message

        await self.app(scope, counted, send)


class Heads:
    """Answers HEAD as GET; the server sends no body then."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET"} if head else scope, receive, send)


def is_loopback(host: str) -> bool:
    """Return whether an address or name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _own_host(request: Request) -> bool:
    """Return whether a request names this machine, whatever the framework makes of a name it cannot read."""
    named = request.headers.getlist("host")
    if not named:
        return bool(request.scope.get("http_version") == "1.0")
    found = HOST.fullmatch(named[0])
    return len(named) == 1 and found is not None and is_loopback(found[1].lower())


def _elsewhere(request: Request) -> str:
    """Return the site of the page that sent a request; empty if it is our own, or a program sent it."""
    origin, site = request.headers.get("origin", ""), request.headers.get("sec-fetch-site")
    if site is not None:
        return "" if site in ("same-origin", "none") else origin or site
    return "" if not origin or origin.partition("://")[2] == request.headers.get("host") else origin


def protect(app: FastAPI, settings: Settings) -> None:
    """Guard every request of an application."""
    app.add_middleware(Counted)
    app.add_middleware(Guarded, settings=settings)
    app.add_middleware(Heads)


def writing(request: Request, role: Role) -> Identity:
    """Return who asks to write, if the role may; Refusal (401, 403) otherwise, with a line of audit."""
    identity: Identity | None = request.state.identity
    if identity is None:
        raise Refusal(401, "guard.needed", role=say(f"guard.role.{role}"))
    if not identity.may(role):
        audit(request, identity, "refused", role)
        raise Refusal(
            403, "guard.too_little", name=identity.name, role=say(f"guard.role.{identity.role}"),
            needed=say(f"guard.role.{role}"),
        )  # fmt: skip
    held: Audit = request.app.state.audit
    held.ready()
    return identity


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, whoever sent it; Refusal (415) for another type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS:
        raise Refusal(415, "guard.wrong_type", value=kind[:60] or "?", choices=", ".join(FORMS))
    found: FormData = await request.form(max_fields=200)
    return {name: value for name, value in found.items() if isinstance(value, str)}


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a form sent by a page of this session; Refusal (403, 415) for any other."""
    fields = await fields_of(request)
    sent = fields.pop("csrf", "")
    held = request.state.csrf
    if not request.state.bearer and not (held and hmac.compare_digest(sent.encode(), held.encode())):
        identity: Identity | None = request.state.identity
        if identity is not None:
            await run_in_threadpool(audit, request, identity, "guard.not_yours", "")
        raise Refusal(403, "guard.not_yours")
    return fields


async def typed(request: Request, error: Refusal) -> Mapping[str, str]:
    """Return what a reader typed into a form that was refused because a session ended or another began.

    The page shows it again, so that nothing is lost; any other refusal is raised again.
    """
    if error.status != 401 and error.key != "guard.not_yours":
        raise error
    try:
        fields = await fields_of(request)
    except Refusal:
        raise error from None
    fields.pop("csrf", None)
    return fields


def audit(request: Request, identity: Identity, result: str, on: str) -> None:
    """Put down what was asked for, by whom, and what became of it."""
    held: Audit = request.app.state.audit
    held.write(
        who=identity.name, role=identity.role, what=f"{request.method} {request.url.path}"[:200], on=on[:200],
        result=result[:200], client=request.client.host if request.client else "?",
    )  # fmt: skip
