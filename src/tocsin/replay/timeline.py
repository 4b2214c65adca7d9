"""The time line: what the numbers showed and what people said, over the same months, as one SVG."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from tocsin import months
from tocsin.bulletin import FIGURE_FONT, typeset
from tocsin.ledger import Entry
from tocsin.replay.replay import Replay
from tocsin.text import Language, number, say

WIDTH = 1000.0
LEFT, RIGHT = 178.0, 16.0
BARS, LINES, ROW = 112.0, 132.0, 21.0
TOP = 34.0
RADIUS = 8.2

LANES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("events", ("event", "control")),
    ("warnings", ("forecast", "warning", "assessment", "notice")),
    ("answers", ("acceptance", "dismissal", "decision", "action", "request")),
    ("promises", ("commitment", "denial", "fulfilment", "agreement")),
    ("means", ("deployment", "capacity", "trigger")),
    ("outcomes", ("outcome", "correction")),
)
"""Lanes of what people said and did, with the entry types in each."""

COLOURS = ("#0b4f8a", "#c2571a", "#4b7f3f", "#6b4a92")
"""Of the tracks, in their order."""

DASHES = ("", "7 4", "2 3", "9 3 2 3")
TICKS = (0, 25, 100, 250, 500, 1000, 2500, 5000, 10000)


def timeline(found: Replay, numbers: Mapping[str, int], language: Language) -> str:
    """Return the figure as SVG text; the same replay gives the same text.

    numbers: what each entry is called in the record beside the figure, by id.
    """
    drawing = _Drawing(found, language)
    drawing.frame()
    drawing.deaths()
    drawing.probabilities()
    drawing.people(found.case.entries, numbers)
    drawing.turning_points()
    return drawing.svg()


class _Drawing:
    def __init__(self, found: Replay, language: Language) -> None:
        self.found, self.language = found, language
        self.span = found.case.span
        self.parts: list[str] = []
        self.bars_top = TOP
        self.lines_top = TOP + BARS + 44
        self.lanes_top = self.lines_top + LINES + 30
        self.bottom = self.lanes_top

    def svg(self) -> str:
        height = self.bottom + 6
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" '
            f'font-family="{FIGURE_FONT}, Verdana, sans-serif" font-size="11.5">'
            + "".join(self.parts) + "</svg>"
        )  # fmt: skip

    def x(self, day: dt.date) -> float:
        """Return where a day lies; the first and last day of the walk are the edges."""
        first, last = months.first_day(self.span.first), months.last_day(self.span.last)
        share = (day - first).days / ((last - first).days + 1)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> None:
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'
        )

    def text(self, x: float, y: float, text: str, more: str = "") -> None:
        words = escape(typeset(text, self.language))
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{more}>{words}</text>')

    def frame(self) -> None:
        for month in self.span:
            if (month - 1) % 12 == 0:
                x = self.x(months.first_day(month))
                self.line(x, self.bars_top, x, self.lines_top + LINES, "#e3e8ee")
                y = self.lines_top + LINES + 16
                self.text(x + 3, y, months.label(month)[:4], ' fill="#333" font-weight="bold"')
        for top, key in ((self.bars_top, "deaths"), (self.lines_top, "probability")):
            rows = [
                (row, style)
                for part, style in ((key, ' font-weight="bold"'), (f"{key}_more", ' fill="#444"'))
                for row in _wrapped(say(f"replay.figure.{part}", self.language), 19)
            ]
            for place, (row, style) in enumerate(rows):
                self.text(2, top + 12 + 14 * place, row, style)

    def deaths(self) -> None:
        seen = [(step.month, step.revealed) for step in self.found.steps]
        most = max([one["total"] for _, one in seen if one is not None] or [0])
        top = next((tick for tick in TICKS if tick >= max(most, 25)), most)
        base = self.bars_top + BARS

        def y(value: float) -> float:
            return base - BARS * math.sqrt(min(value, top) / top)

        for tick in [tick for tick in TICKS if tick <= top]:
            self.line(LEFT, y(tick), WIDTH - RIGHT, y(tick), "#dfe5ea")
            more = ' text-anchor="end" fill="#444" font-size="10"'
            self.text(LEFT - 5, y(tick) + 3.5, number(tick, self.language), more)
        for month, one in seen:
            left, right = self.x(months.first_day(month)), self.x(months.last_day(month))
            if one is None:
                self.text((left + right) / 2, base - 2, "?", ' text-anchor="middle" fill="#777"')
            elif one["total"]:
                height = base - y(one["total"])
                self.parts.append(
                    f'<rect x="{left + 0.6:.1f}" y="{base - height:.1f}" width="{right - left - 0.4:.1f}" '
                    f'height="{height:.1f}" fill="#4a5560"/>'
                )
        self.line(LEFT, base, WIDTH - RIGHT, base, "#222")

    def probabilities(self) -> None:
        base = self.lines_top + LINES
        for share in (0, 25, 50, 75, 100):
            y = base - LINES * share / 100
            self.line(LEFT, y, WIDTH - RIGHT, y, "#dfe5ea")
            text = say("text.percent", self.language, value=str(share))
            self.text(LEFT - 5, y + 3.5, text, ' text-anchor="end" fill="#444" font-size="10"')
        self.line(LEFT, base, WIDTH - RIGHT, base, "#222")
        for place, track in enumerate(self.found.tracks):
            colour, dash = COLOURS[place % 4], DASHES[place % 4]
            for run in self._runs(track.name):
                points = " ".join(f"{x:.1f},{base - LINES * p:.1f}" for x, p in run)
                style = f' stroke-dasharray="{dash}"' if dash else ""
                self.parts.append(
                    f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{style}/>'
                )
            self._key(place, track.said(self.language), colour, dash)
            self._alerts(place, track.name, colour)

    def _runs(self, track: str) -> Iterator[list[tuple[float, float]]]:
        """Yield unbroken runs of points: a month that was not assessed leaves a gap."""
        run: list[tuple[float, float]] = []
        for step in self.found.steps:
            facts = step.of(track)
            if facts["assessed"]:
                run.append((self.x(months.first_day(step.month)), facts["ahead"]["probability"]))
            elif run:
                yield run
                run = []
        if run:
            yield run

    def _key(self, place: int, text: str, colour: str, dash: str) -> None:
        y = self.lines_top + 96 + 27 * place
        style = f' stroke-width="2.4" stroke-dasharray="{dash}"' if dash else ' stroke-width="2.4"'
        self.line(2, y - 4, 24, y - 4, colour, style)
        for row, part in enumerate(_wrapped(text, 18)):
            self.text(28, y + 12 * row, part, ' font-size="9.8"')

    def _alerts(self, place: int, track: str, colour: str) -> None:
        for step in self.found.steps:
            for message in step.messages[track]:
                if message.act != "alert":
                    continue
                x, y = self.x(months.first_day(step.month)), self.lines_top - 7 - 14 * place
                whole = message.level == "country"
                shape = f"M{x:.1f},{y - 6:.1f} l6,11 h-12 z"
                fill = colour if whole else "#ffffff"
                self.parts.append(f'<path d="{shape}" fill="{fill}" stroke="{colour}" stroke-width="1.4"/>')

    def people(self, entries: Sequence[Entry], numbers: Mapping[str, int]) -> None:
        top = self.lanes_top
        for name, types in LANES:
            held = [one for one in entries if one.type in types]
            if not held:
                continue
            rows: list[float] = []
            placed = []
            for one in held:
                long = one.date.precision != "day"
                start, end = self.x(one.date.first), self.x(one.date.last)
                start = min(start, WIDTH - RIGHT - (2 * RADIUS if long else RADIUS))
                needed = (start, max(end, start + 2 * RADIUS)) if long else (start - RADIUS, start + RADIUS)
                row = next((n for n, until in enumerate(rows) if until + 3 < needed[0]), len(rows))
                rows[row : row + 1] = [needed[1]]
                placed.append((one, row, start, end, long))
            self.line(2, top, WIDTH - RIGHT, top, "#b9c4cf")
            for n, part in enumerate(_wrapped(say(f"replay.figure.lane_{name}", self.language), 22)):
                self.text(2, top + 14 + 13 * n, part, ' font-weight="bold"')
            for one, row, start, end, long in placed:
                self._mark(numbers[one.id], top + 12 + ROW * row, start, end, long)
            top += max(ROW * len(rows) + 4, 24)
        self.bottom = top

    def _mark(self, label: int, y: float, start: float, end: float, long: bool) -> None:
        centre = start + RADIUS if long else start
        if long:
            width = max(end - start, 2 * RADIUS)
            self.parts.append(
                f'<rect x="{start:.1f}" y="{y - 4:.1f}" width="{width:.1f}" height="8" rx="4" '
                'fill="#cbd8e4"/>'
            )
        self.parts.append(f'<circle cx="{centre:.1f}" cy="{y:.1f}" r="{RADIUS:g}" fill="#12395b"/>')
        more = ' text-anchor="middle" fill="#fff" font-size="9.6" font-weight="bold"'
        self.text(centre, y + 3.4, str(label), more)

    def turning_points(self) -> None:
        for place, point in enumerate(self.found.case.turning_points):
            x = self.x(months.first_day(point.id))
            style = ' stroke-width="1.2" stroke-dasharray="3 3"'
            self.line(x, TOP - 12, x, self.bottom, "#8a1c00", style)
            self.parts.append(
                f'<rect x="{x - 9:.1f}" y="{TOP - 30:.1f}" width="18" height="18" fill="#8a1c00"/>'
            )
            more = ' text-anchor="middle" fill="#fff" font-weight="bold" font-size="12"'
            self.text(x, TOP - 16.5, letter(place), more)


def letter(place: int) -> str:
    """Return what the turning point of a place, from 0, is called in figure and tables."""
    return chr(ord("A") + place)


def _wrapped(text: str, width: int) -> list[str]:
    rows = [""]
    for word in text.split():
        if rows[-1] and len(rows[-1]) + 1 + len(word) > width:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows
