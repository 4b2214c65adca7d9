"""Templates: one page in one language, with its twin in the other, the theme, and how fresh the data are."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tocsin import __version__, areas, months, warn
from tocsin.desk import Desk, Line
from tocsin.desk.ledger import is_exercise
from tocsin.errors import TocsinError
from tocsin.ledger import Entry, When, area_name, area_names
from tocsin.text import LANGUAGES, Language, number, rooms, say, set_language
from tocsin.text import points as in_points
from tocsin.watch.results import SIGNS
from tocsin.watch.words import deaths as to_two_digits
from tocsin.watch.words import few, gist, lies_above, little, percent, points, sparkline
from tocsin.web import assets

THEMES = ("auto", "light", "dark")
KEPT = 64 * 2**20
"""Bytes of pages kept as they were sent; the ones asked for longest ago are made anew."""

_pages: OrderedDict[object, bytes] = OrderedDict()
_lock = threading.Lock()
PAGES = ("situation", "warnings", "ledger", "scores", "replay", "data")


@cache
def environment() -> Environment:
    """Return the templates: everything is escaped, and a name that is missing is an error."""
    made = Environment(
        loader=PackageLoader("tocsin.web", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters.update(marked=marked, whole_months=whole_months)
    made.globals.update(
        sparkline=sparkline, label=months.label, version=__version__, static=assets.url,
        library=assets.LIBRARY, style_id=assets.STYLE_ID, style_ids=assets.style_ids,
        is_exercise=is_exercise, lies_above=lies_above, little=little, signs=SIGNS,
    )  # fmt: skip
    return made


def language_of(request: Request) -> Language:
    """Return the language of the path, else the one preferred."""
    first = request.url.path.strip("/").partition("/")[0]
    for language in LANGUAGES:
        if first == language:
            return language
    return preferred(request)


def preferred(request: Request) -> Language:
    """Return the reader's language by Accept-Language; English when neither is asked for."""
    best: tuple[float, Language] = (0.0, "en")
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        code, _, weight = part.strip().partition(";q=")
        try:
            share = float(weight or 1)
        except ValueError:
            continue
        for language in LANGUAGES:
            if code[:2].lower() == language and share > best[0]:
                best = (share, language)
    return best[1]


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page in the language of its path.

    Templates have `t(key, **values)` for sentences of `web.toml` (or any room, by `room.key`), `num`,
    `percent` and `points` for figures, `link(**query)` for this page with other query values, `lang`,
    `pages`, `theme`, `fresh` (the banner on the age of the data), and `identity` (who has signed in).
    """
    language = language_of(request)
    set_language(language)
    twin = next(one for one in LANGUAGES if one != language)
    path = request.url.path
    query = _query(request)
    rest = path[3:] if path[1:3] in LANGUAGES else "/situation"

    known = rooms(language)

    def t(key: str, /, **values: object) -> str:
        return say(key if key.partition(".")[0] in known else f"web.{key}", language, **values)

    def link(**changed: object) -> str:
        chosen = {**query, **{k: str(v) for k, v in changed.items()}}
        kept = {k: v for k, v in chosen.items() if v not in ("", "None")}
        return f"{path}?{urlencode(kept)}" if kept else path

    values: dict[str, Any] = {
        "lang": language, "twin": twin, "t": t, "link": link, "pages": PAGES,
        "here": rest.strip("/").partition("/")[0],
        "twin_url": f"/{twin}{rest}" + (f"?{urlencode(query)}" if query else ""),
        "theme": _theme(request), "fresh": _fresh(request, language),
        "identity": getattr(request.state, "identity", None), "csrf": getattr(request.state, "csrf", ""),
        "num": lambda value, decimals=None: _number(value, language, decimals),
        "deaths": lambda value: deaths(value, language),
        "facts": lambda line: facts(line, language), "pp": lambda value: signed(value, language),
        "summary": lambda entry: summary(entry, language),
        "spoken": lambda entry: _spoken(entry, language),
        "country": areas.country,
        "area_names": lambda written, when, most: area_names(written, when, language, most=most),
        "area_name": lambda written, when: area_name(written, when, language), "value_name": _value_name,
        "dated": lambda plain: When.model_validate(plain).said(language),
        "percent": lambda value: _percent(value, language),
        "points": lambda value: _points(value, language),
        "rule_title": lambda name: warn.title_of(name, language),
    }  # fmt: skip
    text = environment().get_template(template).render({**values, **context})
    return HTMLResponse(text, status_code=status, headers={"Content-Language": language})


def taken(request: Request) -> list[str]:
    """Return the names of the parameters that the path asked for takes from its address."""
    route = request.scope.get("route")
    return [one.alias for one in route.dependant.query_params] if isinstance(route, APIRoute) else []


def _query(request: Request) -> dict[str, str]:
    """Return what a page takes from its address; whatever else stands there is nothing to it."""
    return {name: request.query_params[name] for name in taken(request) if name in request.query_params}


def kept_page(request: Request, about: object, make: Callable[[], HTMLResponse]) -> HTMLResponse:
    """Return a page made before about the same things, to a reader who has not signed in; else make it.

    about: whatever the page shows beside its address, theme and day, so that another makes it anew.
    """
    if getattr(request.state, "identity", None) is not None:
        return make()
    desk: Desk = request.app.state.desk
    key = (request.url.path, tuple(_query(request).items()), _theme(request), desk.today(), about)
    with _lock:
        if key in _pages:
            _pages.move_to_end(key)
            return HTMLResponse(_pages[key], headers={"Content-Language": language_of(request)})
    made = make()
    if made.status_code == 200:
        with _lock:
            _pages[key] = bytes(made.body)
            held = sum(map(len, _pages.values()))
            while held > KEPT:
                held -= len(_pages.popitem(last=False)[1])
    return made


# The same few figures stand on page after page, and writing one as its language does takes 15 microseconds.
_remembered = lru_cache(maxsize=20_000, typed=True)
_percent, _points = _remembered(percent), _remembered(points)


@_remembered
def _number(value: float, language: Language, decimals: int | None) -> str:
    return number(value, language, decimals=decimals)


@_remembered
def deaths(value: float | None, language: Language) -> str:
    """Return a number of deaths to two digits; a dash where it is not known."""
    if value is None:
        return "–"
    return to_two_digits(value, language)


@_remembered
def signed(value: float, language: Language) -> str:
    """Return a difference of probabilities in percentage points, signed, with one decimal."""
    return in_points(value, language, decimals=1)


def summary(entry: Entry, language: Language, most: int = 160) -> str:
    """Return the first line of an entry, shortened, in the reader's language where it was translated."""
    return gist(entry.text_in(language), most)


def _spoken(entry: Entry, language: Language) -> str:
    """Return the language that `summary` is in."""
    second = entry.translation
    return language if second is not None and second.language == language else entry.language


def _value_name(code: object) -> str:
    """Return a value of a closed list in the reader's words, any other as it is."""
    try:
        return say(f"ledger.value.{code}")
    except KeyError:
        return str(code)


def marked(text: str) -> Markup:
    """Return a sentence of ours with its `commands` as code; everything in it is escaped first."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def whole_months(text: str) -> Markup:
    """Return a sentence with months that no line is broken in; everything in it is escaped first."""
    return Markup(re.sub(r"\d{4}-\d\d", r'<span class="nowrap">\g<0></span>', str(escape(text))))


def facts(line: Line, language: Language) -> str:
    """Return what the ranking says of a country, in one sentence."""
    name = line.country.name(language)
    if not line.assessed:
        return say("web.situation.facts_unknown", language, country=name)
    return say(
        "web.situation.facts", language, rank=line.rank, country=name,
        probability=_percent(line.probability, language), expected=deaths(line.expected, language),
        low=deaths(line.low, language), high=deaths(line.high, language),
        change="–" if line.change is None else _points(line.change, language),
        recent="?" if line.recent is None else _number(line.recent, language, None),
    )  # fmt: skip


def _theme(request: Request) -> str:
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


def _fresh(request: Request, language: Language) -> dict[str, Any] | None:
    """Return what the banner says of the data shown; None where there are none to show."""
    desk: Desk = request.app.state.desk
    try:
        held = desk.current()
    except TocsinError:
        return None
    today = desk.today()
    age = held.age(today)
    name = "test" if held.test else "stale" if held.stale(today) else "good"
    told = say(
        f"web.fresh.{name}", language, month=months.label(held.origin), days=age,
        as_of=held.as_of.isoformat(), method=held.method,
    )  # fmt: skip
    if held.covered_months is not None:
        told = f"{told} {little(held.covered_months, held.origin, language)}".rstrip()
    ranked = sum(line.assessed for line in held.lines)
    told = f"{told} {few(len(held.few_months), ranked, language)}".rstrip()
    return {"stale": held.stale(today) or held.test, "text": told, "digest": held.digest}
