"""Signing in with a token, and out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from tocsin.guard import Identity, Limit, Tokens
from tocsin.guard.tokens import HOURS
from tocsin.text import Language
from tocsin.web import security
from tocsin.web.refusal import Refusal
from tocsin.web.rendering import page

router = APIRouter(include_in_schema=False)

TRIES = Limit(rate=0.2, burst=10)
"""Attempts from one address: ten at once, then one in five seconds."""


@router.get("/{lang}/signin")
def show(request: Request, lang: Language) -> Response:
    """Return the page."""
    return page(request, "signin.html", wrong=False)


@router.post("/{lang}/signin")
async def sign_in(request: Request, lang: Language) -> Response:
    """Begin a session for a token, or say that there is none."""
    wait = TRIES.take(request.client.host if request.client else "?")
    if wait:
        raise Refusal(429, "guard.too_often", seconds=max(round(wait), 1))
    secret = (await security.fields_of(request)).get("secret", "")
    tokens: Tokens = request.app.state.tokens
    identity = await run_in_threadpool(tokens.find, secret.strip())
    if identity is None:
        await run_in_threadpool(security.audit, request, Identity("?", "reader"), "guard.wrong_secret", "")
        return page(request, "signin.html", status=403, wrong=True)
    await run_in_threadpool(security.audit, request, identity, "done", "")
    session = await run_in_threadpool(tokens.begin, identity)
    answer = RedirectResponse(f"/{lang}/situation", status_code=303)
    answer.set_cookie(
        security.COOKIE, session.secret, max_age=HOURS * 3600, httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/{lang}/signout")
async def sign_out(request: Request, lang: Language) -> Response:
    """End the session."""
    await security.form_of(request)
    tokens: Tokens = request.app.state.tokens
    await run_in_threadpool(tokens.end, request.cookies.get(security.COOKIE, ""))
    answer = RedirectResponse(f"/{lang}/situation", status_code=303)
    answer.delete_cookie(security.COOKIE)
    return answer
