"""The warnings, and what a reader may do with one: issue, decline, answer."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tocsin.desk import Desk
from tocsin.desk import warnings as desk_warnings
from tocsin.desk.area import asked
from tocsin.errors import TocsinError, UnknownName
from tocsin.guard import Role
from tocsin.ledger import REASONS, fields
from tocsin.text import Language, set_language
from tocsin.web import security
from tocsin.web.pages.errors import status_of
from tocsin.web.refusal import Refusal
from tocsin.web.rendering import page

router = APIRouter(include_in_schema=False)

FORMS = next(spec.choices for spec in fields("decision") if spec.name == "form")


@router.get("/{lang}/warnings")
def show(request: Request, lang: Language, group: str = "open") -> HTMLResponse:
    """Return the list of warnings that are open, past or resolved."""
    desk: Desk = request.app.state.desk
    if group not in desk_warnings.GROUPS:
        raise UnknownName("api.no_group", value=group[:40], choices=", ".join(desk_warnings.GROUPS))
    desk.current()  # without results no page says that nothing is the matter
    every = desk_warnings.standing(desk.home)
    counts = {name: sum(one.group == name for one in every) for name in desk_warnings.GROUPS}
    shown = [one for one in every if one.group == group]
    return page(request, "warnings.html", shown=shown, counts=counts, group=group, asked=asked(desk.home))


@router.get("/{lang}/warnings/{id}")
def one(request: Request, lang: Language, id: str, done: str = "") -> HTMLResponse:
    """Return one warning with its messages and answers, and the forms to answer it."""
    return _page(request, id, done=done)


@router.post("/{lang}/warnings/{id}/{step}")
async def act(request: Request, lang: Language, id: str, step: str) -> Response:
    """Issue or decline a draft, or record an answer; sent twice, it is done once."""
    set_language(lang)
    desk: Desk = request.app.state.desk
    try:
        needed: Role = "admin" if step in ("issue", "decline") else "analyst"
        identity = await run_in_threadpool(security.writing, request, needed)
        sent = await security.form_of(request)
    except Refusal as error:
        kept = await security.typed(request, error)
        refused = partial(_page, status=error.status, problem=error.message(lang), sent=kept, step=step)
        return await run_in_threadpool(refused, request, id)
    try:
        if step in ("issue", "decline"):
            decided = await run_in_threadpool(
                desk_warnings.decide, desk.home, id, issue=step == "issue", by=sent.get("by", ""),
                today=desk.today(),
            )  # fmt: skip
            on, result = decided.id, "done"
        else:
            given = desk_warnings.Answer(
                type=step, by=sent.get("by", ""), text=sent.get("text", ""), language=lang,
                source=sent.get("source", ""), reason=sent.get("reason", ""), form=sent.get("form", ""),
            )  # fmt: skip
            made, fresh = await run_in_threadpool(
                desk_warnings.answer, desk.home, id, given, author=identity.name, today=desk.today()
            )
            on, result = made, "done" if fresh else "again"
    except TocsinError as error:
        await run_in_threadpool(security.audit, request, identity, error.key, id)
        if isinstance(error, UnknownName):
            raise
        told = partial(_page, status=status_of(error), problem=error.message(lang), sent=sent, step=step)
        return await run_in_threadpool(told, request, id)
    await run_in_threadpool(security.audit, request, identity, result, on)
    return RedirectResponse(f"/{lang}/warnings/{id}?done={result}", status_code=303)


def _page(
    request: Request, id: str, *, status: int = 200, problem: str = "", done: str = "",
    sent: object = None, step: str = "",
) -> HTMLResponse:  # fmt: skip
    desk: Desk = request.app.state.desk
    found = desk_warnings.warning(desk.home, id)
    return page(
        request, "warning.html", status=status, found=found, message=found.latest, problem=problem,
        done=done if done in ("done", "again") else "", sent=sent or {}, step=step, reasons=REASONS,
        forms=FORMS, answers=desk_warnings.ANSWERS,
    )  # fmt: skip
