"""Replays: the list of those served, and one of them month by month."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse

from tocsin.desk import Desk
from tocsin.desk import replay as desk_replay
from tocsin.errors import UnknownName
from tocsin.text import Language
from tocsin.web.pages.errors import NotFound
from tocsin.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/replay")
def show(request: Request, lang: Language) -> HTMLResponse:
    """Return the list of the replays that are served."""
    desk: Desk = request.app.state.desk
    return page(request, "replays.html", found=desk_replay.replays(desk))


@router.get("/{lang}/replay/{case}")
def one(request: Request, lang: Language, case: str, month: str = "") -> HTMLResponse:
    """Return one month of a replay: what was forecast, held and known then, and what followed."""
    desk: Desk = request.app.state.desk
    try:
        found = desk_replay.played(desk, case)
        shown = desk_replay.month_of(found, month)
    except UnknownName as error:
        raise NotFound(error.key, **error.values) from None
    place = found.months.index(shown)
    return page(
        request, "replay.html", found=found, month=shown, place=place, rows=found.rows[shown],
        before=found.months[place - 1] if place else "",
        after=found.months[place + 1] if place + 1 < len(found.months) else "",
        line=desk_replay.timeline(found), ground=desk_replay.ground(found, shown, desk.today()),
        entries_then=found.until(shown), recent=desk_replay.RECENT,
        height=desk_replay.HEIGHT, width=desk_replay.WIDTH, left=desk_replay.LEFT,
        bottom=desk_replay.HEIGHT - desk_replay.BOTTOM, colours=desk_replay.KEY,
    )  # fmt: skip


@router.get("/{lang}/replay/{case}/account.pdf")
def account(request: Request, lang: Language, case: str) -> FileResponse:
    """Return the written account of a replay, in the language of the page."""
    desk: Desk = request.app.state.desk
    try:
        file = desk_replay.played(desk, case).folder / f"account.{lang}.pdf"
    except UnknownName as error:
        raise NotFound(error.key, **error.values) from None
    if not file.is_file():
        raise NotFound("web.no_page", path=request.url.path[:80])
    return FileResponse(file, media_type="application/pdf")
