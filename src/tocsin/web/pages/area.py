"""One country, and the price of delay with inputs a reader may change."""

from __future__ import annotations

import difflib

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tocsin import decide, months
from tocsin.decide import Decision
from tocsin.desk import Area, Asked, Desk, Snapshot, Teller, area, delay
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.text import Language, say
from tocsin.web.pages.errors import NotFound
from tocsin.web.rendering import page

router = APIRouter(include_in_schema=False)

WAIT = 3
"""Seconds after which a page without scripts asks again for reasons that are being worked out."""


@router.get("/{lang}/area/{iso3}")
def show(
    request: Request, lang: Language, iso3: str, moments: str = "0,3,6,12", horizon: str = "120",
    value: str = "0", response: str = "",
) -> Response:  # fmt: skip
    """Return the page. moments, horizon, value, response: inputs of the delay table."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    try:
        found = area(desk, snapshot, iso3)
    except UnknownName:
        raise NotFound("web.no_area", value=iso3[:40], near=_near(snapshot, iso3, lang)) from None
    if iso3 != found.line.iso3:
        return RedirectResponse(f"/{lang}/area/{found.line.iso3}", status_code=301)
    made, refused = _delay(snapshot, found, moments, horizon, value, response, lang)
    told = _told(request.app.state.teller, snapshot, found, lang)
    return page(
        request, "area.html", snapshot=snapshot, found=found, line=found.line, told=told,
        decision=made, refused=refused, words=decide.words, responses=list(decide.library().options.values()),
        asked={"moments": moments, "horizon": horizon, "value": value, "response": response},
        first=months.label(snapshot.origin + 1), last=months.label(snapshot.origin + 3),
    )  # fmt: skip


@router.get("/{lang}/area/{iso3}/reasons")
def reasons(request: Request, lang: Language, iso3: str) -> HTMLResponse:
    """Return the reasons alone, for the script that waits for them."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    try:
        line = snapshot.line(iso3)
    except UnknownName:
        raise NotFound("web.no_area", value=iso3[:40], near=_near(snapshot, iso3, lang)) from None
    found = area(desk, snapshot, line.iso3)
    told = _told(request.app.state.teller, snapshot, found, lang)
    status = 202 if told["state"] == "waiting" else 200
    return page(request, "reasons.html", status=status, told=told)


def _told(teller: Teller, snapshot: Snapshot, found: Area, language: Language) -> dict[str, object]:
    """Return the reasons where they are ready, else whether they are to come."""
    if not found.line.assessed or snapshot.panel is None:
        return {"state": "none", "lines": []}
    coming = teller.ask(snapshot, found.line.gw)
    if not coming.done():
        return {"state": "waiting", "lines": []}
    if coming.exception() is not None:
        return {"state": "failed", "lines": []}
    return {"state": "ready", "lines": coming.result()[language]}


def _delay(
    snapshot: Snapshot, found: Area, moments_asked: str, horizon: str, value: str, response: str,
    language: Language,
) -> tuple[Decision | None, str | None]:  # fmt: skip
    """Return the price of delay, or the sentence that says why there is none."""
    if not found.line.assessed:
        return None, None
    try:
        asked = Asked(
            moments=_moments(moments_asked), horizon=_whole(horizon, "horizon"), death_value=_decimal(value),
            responses=(response,) if response else (),
        )  # fmt: skip
        return delay(snapshot, found.line.gw, asked), None
    except (BadInput, NotAssessed) as error:
        return None, error.message(language)


def _moments(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or len(parts) > 8:
        raise BadInput("web.moments_count", value=text[:40])
    return tuple(_whole(part, "moments") for part in parts)


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise BadInput("web.not_whole", value=text[:40], field=say(f"web.delay.{field}"))
    return int(text)


def _decimal(text: str) -> float:
    try:
        found = float(text.strip().replace(",", ".") or "0")
    except ValueError:
        raise BadInput("web.not_number", value=text[:40], field=say("web.delay.value")) from None
    if not 0 <= found <= 1000:
        raise BadInput("web.not_number", value=text[:40], field=say("web.delay.value"))
    return found


def _near(snapshot: Snapshot, asked: str, language: Language) -> str:
    """Return the codes and names nearest to what was asked for."""
    names: dict[str, str] = {}
    for line in snapshot.lines:
        names[line.iso3.casefold()] = names[line.country.name(language).casefold()] = line.iso3
    close = difflib.get_close_matches(asked.casefold(), names, n=5, cutoff=0.5)
    codes = list(dict.fromkeys(names[name] for name in close)) or ["MLI"]
    return ", ".join(f"{snapshot.line(code).country.name(language)} ({code})" for code in codes)
