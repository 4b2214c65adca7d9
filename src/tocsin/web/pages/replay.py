"""Replays: the list of those served, and one of them month by month."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse

from tocsin import areas, months
from tocsin.desk import Desk, then
from tocsin.desk import replay as desk_replay
from tocsin.errors import UnknownName
from tocsin.maps import chances, control_legend
from tocsin.text import Language, say
from tocsin.watch import percent
from tocsin.web.charts import LINES, fan_figure, timeline_figure
from tocsin.web.rendering import deaths, page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/replay")
def show(request: Request, lang: Language) -> HTMLResponse:
    """Return the list of the replays that are served."""
    desk: Desk = request.app.state.desk
    return page(request, "replays.html", found=desk_replay.replays(desk))


@router.get("/{lang}/replay/{case}")
def one(request: Request, lang: Language, case: str, month: str = "", track: str = "") -> HTMLResponse:
    """Return one month of a replay: what was forecast, held and known then, and what followed.

    track: what could be known then, as named in the replay; the first of them without one.
    """
    desk: Desk = request.app.state.desk
    found = desk_replay.played(desk, case)
    shown = desk_replay.month_of(found, month)
    told = desk_replay.track_of(found, shown, track)
    place = found.months.index(shown)
    chart = then.fan_of(found, shown, told)
    line = desk_replay.timeline(found)
    names = {name: found.track(name, lang) for name in line.probabilities}
    return page(
        request, "replay.html", found=found, month=shown, place=place, rows=found.rows[shown], track=told,
        before=found.months[place - 1] if place else "",
        after=found.months[place + 1] if place + 1 < len(found.months) else "",
        line=line, names=names, timeline=timeline_figure(line, place, names, lang),
        ground=desk_replay.ground(found, shown, told, desk.today()),
        entries_then=found.until(shown), recent=desk_replay.RECENT,
        states=control_legend(lang).classes, fan=chart, styles=LINES,
        figure=fan_figure(chart, lang, lambda value: deaths(value, lang)) if chart else None,
        around=_around(then.around(found, shown, told), shown, lang), scale=chances(lang),
    )  # fmt: skip


def _around(made: then.Around | None, month: str, language: Language) -> dict[str, Any] | None:
    """Return the map with the name of each country and what is said of it."""
    if made is None:
        return None
    last = months.parse(month)
    names = {gw: areas.country(gw, month=last).name(language) for gw, _ in made.shapes if gw is not None}
    told = {gw: _stood(gw, made, name, language) for gw, name in names.items()}
    ranked = sorted(
        (gw for gw in names if gw in made.stood), key=lambda gw: (made.stood[gw].rank or 0, names[gw])
    )
    return {"map": made, "names": names, "told": told, "ranked": ranked}


def _stood(gw: int, made: then.Around, name: str, language: Language) -> str:
    one = made.stood.get(gw)
    if one is None:
        return say("web.walk.unsaid" if made.whole else "web.walk.unheld", language, country=name)
    return say(
        "web.walk.stood", language, country=name, rank=one.rank or "–",
        probability=percent(one.probability, language), expected=deaths(one.expected, language),
    )  # fmt: skip


@router.get("/{lang}/replay/{case}/account.pdf")
def account(request: Request, lang: Language, case: str) -> FileResponse:
    """Return the written account of a replay, in the language of the page."""
    desk: Desk = request.app.state.desk
    file = desk_replay.played(desk, case).folder / f"account.{lang}.pdf"
    if not file.is_file():
        raise UnknownName("web.no_page", path=request.url.path[:80])
    return FileResponse(file, media_type="application/pdf")
