"""The scores: the method on the past, each rule's record, and hindsight of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from starlette.responses import HTMLResponse

from tocsin import areas
from tocsin.desk import Desk
from tocsin.desk.memory import kept
from tocsin.desk.scores import Scores, scores
from tocsin.text import Language, number, say, whole_percent
from tocsin.watch.words import percent
from tocsin.web.charts import (
    MARKS,
    Figure,
    calibration_figure,
    drawn,
    pit_figure,
    ratio_ends,
    ratios_figure,
)
from tocsin.web.rendering import kept_page, page

router = APIRouter(include_in_schema=False)

GROUPS = ("horizon", "period", "region", "state")
SYMBOLS = {"circle": "●", "square": "■", "diamond": "◆", "cross": "✚"}


@dataclass(frozen=True)
class Chart:
    """A figure as text, what it shows, and its content in a sentence."""

    figure: Markup
    title: str
    summary: str


@router.get("/{lang}/scores")
def show(request: Request, lang: Language) -> HTMLResponse:
    """Return the page."""
    desk: Desk = request.app.state.desk
    snapshot = desk.current()

    def make() -> HTMLResponse:
        found = scores(desk, snapshot)
        charts = kept(("charts of the scores", lang), lambda: _charts(found, lang))
        marks = [
            (name, SYMBOLS[symbol], colour.removeprefix("--"))
            for name, (symbol, colour) in zip(found.baselines, MARKS, strict=False)
        ]
        return page(
            request, "scores.html", found=found, marks=marks, group_name=_namer(lang),
            kind=lambda one: kind(one, lang), whole=lambda share: whole_percent(share, lang),
            ratios=charts["ratios"],
            tenths=lambda value: say("text.percent", lang, value=number(100 * value, lang, decimals=1)),
            curves=charts["curves"], pits=charts["pits"],
        )  # fmt: skip

    return kept_page(request, (snapshot.digest, desk.mark()), make)


def kind(one: dict[str, Any], language: Language) -> str:
    """Return the kind of deaths of a comparison, and the countries where they are those of VIEWS."""
    said = say(f"skill.kind.{one['target']}", language)
    return said if one["scheme"] == "gw" else say(f"skill.areas.{one['scheme']}", language, kind=said)


def _charts(found: Scores, language: Language) -> dict[str, Any]:
    """Return every chart of the page; they tell of what ships, so they are made once."""
    return {
        "ratios": {group: _ratios(found, group, language) for group in GROUPS},
        "curves": _curves(found, language),
        "pits": _pits(found, language),
    }


def _text(figure: Figure) -> Markup:
    return htmlsafe_json_dumps(figure, separators=(",", ":"))


def _namer(language: Language) -> Callable[[str, str], str]:
    def name(group: str, value: str) -> str:
        if group == "state":
            return say(f"skill.state.{value}", language)
        return areas.region_name(value, language) if group == "region" else value

    return name


def _ratios(found: Scores, group: str, language: Language) -> tuple[Chart, ...]:
    """Return a chart for each kind of deaths, all on one axis."""
    named = _namer(language)
    ratios = [
        ratio
        for one in found.compared
        for beside in one["against"].values()
        for ratio in drawn(beside["groups"][group]).values()
    ]
    ends, charts = ratio_ends(ratios), []
    for one in found.compared:
        held = {name: drawn(beside["groups"][group]) for name, beside in one["against"].items()}
        values = dict.fromkeys(value for name in held for value in held[name])
        every = [ratio for name in held for ratio in held[name].values()]
        summary = say(
            "web.scores.ratio_summary", language, count=len(every),
            better=sum(ratio["high"] < 1 for ratio in every), worse=sum(ratio["low"] > 1 for ratio in every),
        )  # fmt: skip
        figure = ratios_figure(held, {value: named(group, value) for value in values}, ends, language)
        charts.append(Chart(_text(figure), kind(one, language), summary))
    return tuple(charts)


def _curves(found: Scores, language: Language) -> tuple[Chart, ...]:
    charts = []
    for row in found.curves:
        inside = sum(
            low <= stated <= high
            for stated, low, high in zip(row["stated"], row["low"], row["high"], strict=True)
        )
        title = say("web.scores.curve", language, deaths=number(int(row["deaths"]), language))
        summary = say("web.scores.curve_summary", language, inside=inside, count=len(row["stated"]))
        charts.append(Chart(_text(calibration_figure(row, language)), title, summary))
    return tuple(charts)


def _pits(found: Scores, language: Language) -> tuple[Chart, ...]:
    most = max(0.2, *(share for shares in found.pit.values() for share in shares))
    charts = []
    for horizon, shares in found.pit.items():
        summary = say(
            "web.scores.pit_summary", language, low=percent(min(shares), language),
            high=percent(max(shares), language),
        )  # fmt: skip
        title = say("web.scores.pit_one", language, steps=horizon)
        charts.append(Chart(_text(pit_figure(shares, most * 1.05, language)), title, summary))
    return tuple(charts)
