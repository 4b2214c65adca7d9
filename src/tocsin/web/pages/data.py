"""The data: what is at hand, how fresh it is, what it covers, and whose it is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from tocsin.desk import Desk, inventory
from tocsin.desk.sources import CITATIONS, LICENCE
from tocsin.text import Language
from tocsin.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/data")
def show(request: Request, lang: Language) -> HTMLResponse:
    """Return the page."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    found = inventory(snapshot, desk.today())
    return page(
        request, "data.html", snapshot=snapshot, found=found, citations=CITATIONS, licence=LICENCE,
        age=snapshot.age(desk.today()),
    )  # fmt: skip
