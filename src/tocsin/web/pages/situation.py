"""The situation: map and ranking side by side."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tocsin import areas
from tocsin.desk import MEASURES, Desk, Snapshot, atlas, direction, situation
from tocsin.desk.memory import kept
from tocsin.errors import UnknownName
from tocsin.maps.frame import REGIONS
from tocsin.text import Language
from tocsin.watch import lies_above
from tocsin.web.rendering import THEMES, facts, kept_page, page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/situation")
def show(
    request: Request, lang: Language, measure: str = "probability", region: str = "", sort: str = "rank"
) -> HTMLResponse:
    """Return the page. measure: what the map shows; region: one of UCDP's five; sort: the table's order."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    return kept_page(request, snapshot.digest, lambda: _page(request, snapshot, lang, measure, region, sort))


def _page(
    request: Request, snapshot: Snapshot, lang: Language, measure: str, region: str, sort: str
) -> HTMLResponse:
    found = situation(snapshot, lang, measure=measure, region=region, order=sort)
    world = atlas(snapshot.origin)
    regions = {name: areas.region_name(name, lang) for name in REGIONS}
    by_gw = {line.gw: line for line in snapshot.lines}
    told = kept(
        ("facts", snapshot.digest, lang), lambda: {line.gw: facts(line, lang) for line in snapshot.lines}
    )
    return page(
        request, "situation.html", snapshot=snapshot, found=found, world=world, by_gw=by_gw,
        facts=lambda line: told[line.gw], direction=direction,
        measures=MEASURES, regions=regions, window=world.window(found.region),
        title_months=(snapshot.origin + 1, snapshot.origin + 3),
        rare=any(lies_above(line.expected, line.high) for line in found.lines),
    )  # fmt: skip


@router.get("/{lang}/theme/{name}")
def theme(lang: Language, name: str, back: str = "") -> Response:
    """Keep the theme chosen in a cookie, and go back to the page it was chosen on."""
    if name not in THEMES:
        raise UnknownName("web.no_theme", value=name[:20], choices=", ".join(THEMES))
    inside = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = RedirectResponse(back if inside else f"/{lang}/situation", status_code=303)
    answer.set_cookie("theme", name, max_age=365 * 86400, samesite="lax", httponly=True)
    return answer
