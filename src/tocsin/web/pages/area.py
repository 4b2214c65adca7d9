"""One country, and the price of delay with inputs a reader may change."""

from __future__ import annotations

import difflib

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tocsin import decide, months
from tocsin.decide import Decision
from tocsin.desk import Asked, Desk, Fan, Line, Snapshot, Teller, area, delay
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.tally import ACLED, sentences
from tocsin.text import Language, number, say
from tocsin.web.charts import fan_figure
from tocsin.web.rendering import deaths, kept_page, language_of, page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/area/{iso3}")
def show(
    request: Request, lang: Language, iso3: str, moments: str = "", horizon: str = "120",
    value: str = "0", response: str = "", why: str = "",
) -> Response:  # fmt: skip
    """Return the page. moments, horizon, value, response: inputs of the delay table; why: ask for reasons."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    line = _line(snapshot, iso3, lang)
    if iso3 != line.iso3:
        return RedirectResponse(f"/{lang}/area/{line.iso3}", status_code=301)
    told = _told(request.app.state.teller, snapshot, line, lang, ask=why == "1")
    asked = {"moments": moments, "horizon": horizon, "value": value, "response": response}
    return kept_page(
        request, (snapshot.digest, desk.mark(), told["state"]),
        lambda: _page(request, snapshot, line, told, asked),
    )  # fmt: skip


def _page(
    request: Request, snapshot: Snapshot, line: Line, told: dict[str, object], asked: dict[str, str]
) -> HTMLResponse:
    found = area(request.app.state.desk, snapshot, line.iso3)
    language = language_of(request)
    made, refused = _delay(snapshot, line, asked, language)
    figure = fan_figure(found.fan, language, lambda value: deaths(value, language)) if found.fan else None
    return page(
        request, "area.html", snapshot=snapshot, found=found, line=line, told=told, asked=asked,
        figure=figure, told_chart=summary(found.fan, language) if found.fan else "",
        beside=sentences(found.beside, language) if found.beside else (), other=ACLED,
        decision=made, refused=refused, traces=decide.explain(made, language) if made else (),
        words=decide.words, responses=list(decide.library().options.values()),
        usual=",".join(str(moment) for moment in decide.MOMENTS if moment != decide.NEVER),
        first=months.label(snapshot.origin + 1), last=months.label(snapshot.origin + 3),
    )  # fmt: skip


def summary(fan: Fan, language: Language) -> str:
    """Return what the chart shows, in words."""
    past = fan.past[-12:]
    known = [one.deaths for one in past if one.deaths is not None]
    near, far = fan.ahead[0], fan.ahead[-1]
    ahead = [
        say(
            "web.chart.ahead", language, month=one.month, median=deaths(one.median, language),
            low=deaths(one.intervals[80][0], language), high=deaths(one.intervals[80][1], language),
        )
        for one in ((near,) if near is far else (near, far))
    ]  # fmt: skip
    told = "web.chart.behind" if len(known) == len(past) else "web.chart.behind_partly"
    behind = say(told, language, deaths=number(sum(known), language), count=len(known), months=len(past))
    return " ".join(([behind] if known else []) + [f"{one}." for one in ahead])


@router.get("/{lang}/area/{iso3}/reasons")
def reasons(request: Request, lang: Language, iso3: str) -> HTMLResponse:
    """Return the reasons alone, for the script that waits for them."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()
    line = _line(snapshot, iso3, lang)
    told = _told(request.app.state.teller, snapshot, line, lang, ask=True)
    status = 202 if told["state"] == "waiting" else 200
    return page(request, "reasons.html", status=status, told=told)


def _told(
    teller: Teller, snapshot: Snapshot, line: Line, language: Language, *, ask: bool
) -> dict[str, object]:
    """Return the reasons where they are ready, else whether they are to come or could be asked for."""
    if not line.assessed or snapshot.panel is None:
        return {"state": "none", "lines": [], "places": ()}
    coming = teller.ask(snapshot, line.gw) if ask else teller.held(snapshot, line.gw)
    if coming is None:
        return {"state": "unasked" if not ask else "busy", "lines": [], "places": ()}
    if not coming.done():
        return {"state": "waiting", "lines": [], "places": ()}
    if coming.exception() is not None:
        teller.forget(snapshot, line.gw)
        return {"state": "failed", "lines": [], "places": ()}
    told = coming.result()
    return {"state": "ready", "lines": told.lines[language], "places": told.places}


def _delay(
    snapshot: Snapshot, line: Line, given: dict[str, str], language: Language
) -> tuple[Decision | None, str | None]:
    """Return the price of delay, or the sentence that says why there is none."""
    if not line.assessed:
        return None, None
    try:
        asked = Asked(
            moments=_moments(given["moments"]), horizon=_whole(given["horizon"], "horizon"),
            death_value=_decimal(given["value"]), responses=(given["response"],) if given["response"] else (),
        )  # fmt: skip
        return delay(snapshot, line.gw, asked), None
    except (BadInput, NotAssessed) as error:
        return None, error.message(language)


def _moments(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 8:
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


def _line(snapshot: Snapshot, iso3: str, language: Language) -> Line:
    try:
        return snapshot.line(iso3)
    except UnknownName:
        raise UnknownName("web.no_area", value=iso3[:40], near=_near(snapshot, iso3, language)) from None


def _near(snapshot: Snapshot, asked: str, language: Language) -> str:
    """Return the codes and names nearest to what was asked for."""
    names: dict[str, str] = {}
    for line in snapshot.lines:
        names[line.iso3.casefold()] = names[line.country.name(language).casefold()] = line.iso3
    close = difflib.get_close_matches(asked.casefold(), names, n=5, cutoff=0.5)
    codes = list(dict.fromkeys(names[name] for name in close)) or ["MLI"]
    return ", ".join(f"{snapshot.line(code).country.name(language)} ({code})" for code in codes)
