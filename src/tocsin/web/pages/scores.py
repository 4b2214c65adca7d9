"""The scores: the method on the past, each rule's record, and hindsight of the ledger."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from tocsin.desk import Desk
from tocsin.desk.scores import SIDE, scores
from tocsin.text import Language
from tocsin.web.rendering import kept_page, page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/scores")
def show(request: Request, lang: Language) -> HTMLResponse:
    """Return the page."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    return kept_page(
        request, (snapshot.digest, desk.mark()),
        lambda: page(request, "scores.html", found=scores(desk, snapshot), side=SIDE),
    )  # fmt: skip
