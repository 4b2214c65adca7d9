"""The ledger: found, filtered, proved, and added to by form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tocsin.desk import Desk
from tocsin.desk import ledger as desk_ledger
from tocsin.errors import BadInput, NotAssessed, TocsinError, UnknownName
from tocsin.ledger import TYPES, Entry, fields
from tocsin.ledger.entries.parts import NonSignatory
from tocsin.ledger.form import field_of
from tocsin.text import Language, say, set_language
from tocsin.web import security
from tocsin.web.pages.errors import status_of
from tocsin.web.refusal import Refusal
from tocsin.web.rendering import page

router = APIRouter(include_in_schema=False)

CONFIRMED = re.compile(r"confirm-([0-9]{1,9})")
"""The field that confirms a group, by its actor id."""


@router.get("/{lang}/ledger")
def show(
    request: Request, lang: Language, type: str = "", area: str = "", party: str = "", text: str = "",
    p: str = "1",
) -> HTMLResponse:  # fmt: skip
    """Return a page of the entries that match."""
    desk: Desk = request.app.state.desk
    problem = ""
    number = int(p) if p.isascii() and p.isdigit() and len(p) < 6 else 1
    try:
        found = desk_ledger.search(
            desk.home, type=type, area=area[:80], party=party[:80], text=text[:80], page=number
        )
    except BadInput as error:
        problem, found = error.message(lang), desk_ledger.search(desk.home)
    return page(
        request, "ledger.html", found=found, types=sorted(TYPES), problem=problem,
        status=400 if problem else 200,
        asked={"type": type, "area": area, "party": party, "text": text},
    )  # fmt: skip


@router.get("/{lang}/ledger/add")
def add(request: Request, lang: Language, type: str = "") -> HTMLResponse:
    """Return the form for an entry of a type, or the choice of one."""
    return _form(request, lang, type, {})


@router.post("/{lang}/ledger/add")
async def record(request: Request, lang: Language, type: str = "") -> Response:
    """Record what a form describes, once if sent twice; where another type was chosen, show its form."""
    set_language(lang)
    desk: Desk = request.app.state.desk
    try:
        typed = await security.fields_of(request)
    except Refusal:
        typed = {}  # refused below, once it is known who sends it
    if typed.get("type", type) != type:
        return await run_in_threadpool(_form, request, lang, typed["type"], typed)
    try:
        identity = await run_in_threadpool(security.writing, request, "analyst")
        sent = await security.form_of(request)
    except Refusal as error:
        kept = await security.typed(request, error)
        return await run_in_threadpool(_form, request, lang, type, kept, error)
    chosen = {int(found[1]) for found in map(CONFIRMED.fullmatch, sent) if found}
    try:
        made = desk_ledger.from_form(type, sent, author=identity.name)
        if sent.get("step") == "propose":
            return await run_in_threadpool(_proposed, request, lang, type, sent, made)
        made = await run_in_threadpool(desk_ledger.confirmed, made, chosen, desk.today())
        id, fresh = await run_in_threadpool(desk_ledger.record, desk.home, [made])
    except TocsinError as error:
        await run_in_threadpool(security.audit, request, identity, error.key, type)
        return await run_in_threadpool(_form, request, lang, type, sent, error)
    result = "done" if fresh else "again"
    await run_in_threadpool(security.audit, request, identity, result, id)
    return RedirectResponse(f"/{lang}/ledger/{id}?done={result}", status_code=303)


@router.get("/{lang}/ledger.zip")
def bundle(request: Request, lang: Language, id: str = "") -> Response:
    """Return the ledger, or one entry of it, as a bundle that anyone can check."""
    desk: Desk = request.app.state.desk
    content = desk_ledger.bundle(desk.home, [id] if id else None)
    name = {"Content-Disposition": 'attachment; filename="ledger.zip"'}
    return Response(content, media_type="application/zip", headers=name)


@router.get("/{lang}/ledger/verify")
def verify(request: Request, lang: Language) -> HTMLResponse:
    """Return what checking the whole ledger finds."""
    desk: Desk = request.app.state.desk
    return page(request, "verify.html", found=desk_ledger.verified(desk.home))


@router.get("/{lang}/ledger/{id}")
def one(request: Request, lang: Language, id: str, done: str = "") -> HTMLResponse:
    """Return one entry with its proof, checked here and now."""
    desk: Desk = request.app.state.desk
    found = desk_ledger.one(desk.home, id)
    told = done if done in ("done", "again") else ""
    told_entry = found.recorded.entry
    closed = {spec.name for spec in fields(told_entry.type) if spec.choices}
    return page(request, "entry.html", found=found, entry=told_entry, closed=closed, done=told)


def _proposed(
    request: Request, lang: Language, type: str, sent: Mapping[str, str], made: Entry
) -> HTMLResponse:
    """Return the form with who fought and did not sign, each to be confirmed; nothing is recorded."""
    desk: Desk = request.app.state.desk
    set_language(lang)
    try:
        found = desk_ledger.proposed(made, desk.today())
    except NotAssessed as error:
        return _form(request, lang, type, sent, note=error.message(lang))
    note = say("web.book.proposed" if found else "web.book.nobody", lang, count=len(found))
    return _form(request, lang, type, sent, note=note, found=found)


def _form(
    request: Request, lang: Language, type: str, sent: Mapping[str, str], error: TocsinError | None = None, *,
    note: str = "", found: tuple[NonSignatory, ...] = (),
) -> HTMLResponse:  # fmt: skip
    set_language(lang)
    if type and type not in TYPES:
        raise UnknownName("web.no_type", value=type[:40], choices=", ".join(sorted(TYPES)))
    desk: Desk = request.app.state.desk
    return page(
        request, "add.html", status=200 if error is None else status_of(error), type=type,
        types=sorted(TYPES), specs=desk_ledger.asked(type) if type else (), sent=sent,
        kept=_kept(type, sent), problem=None if error is None else _told(error, type, lang),
        field="" if error is None else field_of(error),
        today=desk.today().isoformat(), note=note, proposed=found,
    )  # fmt: skip


def _kept(type: str, sent: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into fields that this type has not, so that choosing another loses nothing."""
    if not type:
        return {}
    own = {spec.name for spec in fields(type)}
    other = sorted({spec.name for one in TYPES for spec in fields(one)} - own)
    return {name: sent[name] for name in other if sent.get(name)}


def _told(error: TocsinError, type: str, language: Language) -> str:
    """Return what is wrong, the field and the type by the names that the form shows."""
    named = next((spec for spec in fields(type) if spec.name == field_of(error)), None) if type else None
    if named is None:
        return error.message(language)
    within = str(error.values.get("field", "")).removeprefix(named.name)
    shown = say("web.book.named", language, name=named.label) + re.sub(r"\[(\d+)\]", r" (\1)", within)
    entry = say(f"ledger.type.{type}", language)
    return say(error.key, language, **{**error.values, "field": shown, "entry": entry})
