"""Control of a country's areas, month by month: an inference, with its probability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, digest, months
from tocsin.control.evidence import Unit, gather
from tocsin.control.located import Level, Located, known_choice, located
from tocsin.control.model import DECLARED, STATES, Parameters, filtered, likelihood, smoothed
from tocsin.errors import NotAssessed, UnknownName
from tocsin.figures import attribution
from tocsin.months import Span
from tocsin.text import Language, say

Method = Literal["filtered", "smoothed"]

MEMORY = 12
"""Months without an event after which nothing is said of an area: *unknown*."""

ENOUGH = 0.5
"""Probability that the likeliest state must reach to be named; below it the answer is *unclear*."""


@dataclass(frozen=True)
class LeftOut:
    """Events of the country that could not be placed: the published name (None: none was), events, deaths."""

    name: str | None
    events: int
    deaths: int


@dataclass(frozen=True, eq=False)
class Control:
    """Who controls the areas of a country, as far as events tell.

    units:       admin-1 keys or PRIO-GRID gids; names: what to call them. span: the months shown.
    probability: float64 [unit, month, state] over `model.STATES`.
    known:       bool [unit, month]: an event in the last 12 months, and the month is covered. Where it is
                 False the answer is *unknown*, and the probabilities are only what the priors leave.
    events:      int32 [unit, month], of all kinds.
    method:      `filtered` (each month from what had happened by then) or `smoothed` (from all months up to
                 the last one shown: hindsight).
    basis:       `complete`, or `located`: only events placed in a town or near it.
    read:        the months read, from the first of the data to the last one shown.
    left_out:    events of the months read that could not be placed.
    """

    gw: int
    level: Level
    units: tuple[Unit, ...]
    names: tuple[str, ...]
    span: Span
    probability: NDArray[np.float64]
    known: NDArray[np.bool_]
    events: NDArray[np.int32]
    method: Method
    as_of: dt.date
    releases: tuple[str, ...]
    basis: str
    read: Span
    left_out: tuple[LeftOut, ...]
    inputs: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the answer and of what it was made from."""
        return digest.of_parts(
            self.gw, self.level, list(self.units), str(self.span), self.probability, self.known,
            self.method, self.inputs,
        )  # fmt: skip

    def state(self, unit: Unit, month: int) -> tuple[str, float | None]:
        """Return the likeliest state of a unit in a month, with its probability.

        `unclear` where it is less likely than not, (`unknown`, None) where there is no evidence. NotAssessed
        for a month outside the span.
        """
        row, column = self.index(unit), months.whole(month, "month") - self.span.first
        if month not in self.span:
            raise NotAssessed("control.month_outside", month=months.label(month), span=str(self.span))
        if not self.known[row, column]:
            return "unknown", None
        best = int(np.argmax(self.probability[row, column]))
        chance = float(self.probability[row, column, best])
        return (STATES[best] if chance >= ENOUGH else "unclear"), chance

    def named(self, row: int, language: Language | None = None) -> str:
        """Return what a reader calls a unit: a cell by its gid and centre, as the language writes numbers."""
        return self.names[row] if self.level == "admin1" else _cell_name(int(self.units[row]), language)

    def check_units(self) -> None:
        """Raise NotAssessed if there is no unit to tell of: a cell is one from its first event on."""
        if not self.units:
            name = areas.country(self.gw, month=self.span.last).name()
            raise NotAssessed("control.no_units", name=name, month=months.label(self.span.last))

    def index(self, unit: Unit) -> int:
        """Return the row of a unit; UnknownName if there is none."""
        if unit not in self.units:
            raise UnknownName(
                "control.unknown_unit", value=unit, choices=", ".join(map(str, self.units[:20]))
            )
        return self.units.index(unit)

    def frame(self) -> pl.DataFrame:
        """Return a row a unit and month: unit, name, month, state, the probabilities, known, events."""
        rows = []
        for row, unit in enumerate(self.units):
            for column, month in enumerate(self.span):
                held, contested, beyond = (float(p) for p in self.probability[row, column])
                rows.append(
                    {
                        "unit": str(unit), "name": self.names[row], "month": months.label(month),
                        "state": self.state(unit, month)[0], "held": held, "contested": contested,
                        "beyond": beyond, "known": bool(self.known[row, column]),
                        "events": int(self.events[row, column]),
                    }
                )  # fmt: skip
        return pl.DataFrame(rows)

    def to_dict(self, language: Language | None = None) -> dict[str, object]:
        """Return everything as plain values for JSON."""
        return {
            "country": areas.country(self.gw, month=self.span.last).name(language), "gw": self.gw,
            "level": self.level, "span": str(self.span), "method": self.method,
            "hindsight": self.method == "smoothed",
            "as_of": self.as_of.isoformat(), "releases": list(self.releases),
            "attribution": attribution(self.releases).to_dict(), "basis": self.basis,
            "memory_months": MEMORY, "digest": self.digest, "inputs": self.inputs,
            "read": str(self.read), "left_out": [vars(left) for left in self.left_out],
            "rows": self.frame().to_dicts(),
        }  # fmt: skip


def control(
    gw: int,
    *,
    span: Span,
    as_of: dt.date,
    level: str = "admin1",
    method: str = "filtered",
    data: str = "auto",
    events: Located | None = None,
    parameters: Parameters = DECLARED,
) -> Control:
    """Return who controls the areas of a country in the months of `span`, inferred from located events alone.

    gw:     Gleditsch-Ward code of the country. Events are its own by their own country code.
    level:  `admin1` (eight West African countries, in the oldest boundary vintage held) or `cell` (cells
            with an event up to the end of `span`).
    method: `filtered`: each month from events up to that month only; `smoothed`: hindsight over all months
            up to the end of `span`.
    data:   where events come from (`located`); events: what to read instead.
    Raises NotAssessed where no events are at hand for the country, level or months, UnknownName for another
    level, method or source.
    """
    chosen, run = known_level(level), cast(Method, known_choice(method, Method))
    as_of, span = months.day(as_of, "as_of"), months.span(span, "span")
    code = areas.country(gw, month=span.last).gw
    source = events or located(code, level=chosen, as_of=as_of, data=data)
    if span.first not in source.span or span.last not in source.span:
        raise NotAssessed("control.months_outside", span=str(span), whole=str(source.span))
    rows = source.rows.filter(pl.col("month") <= span.last)
    rows, units, names, left_out = _placed(rows, code, chosen)
    past = Span(source.span.first, span.last)
    covered = np.isin(np.arange(past.first, past.last + 1), source.months)
    evidence = gather(rows, units=units, span=past, covered=np.broadcast_to(covered, (len(units), len(past))))
    infer = smoothed if run == "smoothed" else filtered
    shown = slice(span.first - past.first, None)
    return Control(
        gw=code, level=chosen, units=units, names=names, span=span,
        probability=infer(likelihood(evidence, parameters), parameters)[:, shown],
        known=(evidence.recent(MEMORY, both=run == "smoothed") & evidence.covered)[:, shown],
        events=evidence.counts.sum(axis=2, dtype=np.int32)[:, shown],
        method=run, as_of=as_of, releases=source.releases, basis=source.basis, read=past,
        left_out=left_out, inputs=digest.of_parts(evidence.digest, parameters.digest),
    )  # fmt: skip


def left_out_notes(answers: Sequence[Control], language: Language | None = None) -> list[str]:
    """Return the sentence that counts what could not be placed; none where everything was."""
    left = [left for answer in answers for left in answer.left_out]
    if not left:
        return []
    first, last = min(a.read.first for a in answers), max(a.read.last for a in answers)
    return [
        say(
            "control.left_out", language, first=months.label(first), last=months.label(last),
            events=sum(part.events for part in left), deaths=sum(part.deaths for part in left),
        )
    ]  # fmt: skip


def known_level(name: str) -> Level:
    """Return `name` as a level; UnknownName, with the choices, if it is none."""
    return cast(Level, known_choice(name, Level))


def _placed(
    rows: pl.DataFrame, gw: int, level: Level
) -> tuple[pl.DataFrame, tuple[Unit, ...], tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the rows that have a unit, all units with their names, and what has none."""
    if level == "admin1":
        placed, lost = areas.place_admin1(rows)
        known = areas.admin1_units(gw)
        left_out = tuple(LeftOut(u.name, u.events, u.deaths) for u in lost)
        found = placed.drop_nulls("admin1").with_columns(unit=pl.col("admin1"))
        return found, tuple(u.key for u in known), tuple(u.name for u in known), left_out
    coarse = rows.filter(pl.col("unit").is_null())
    left = LeftOut(None, int(coarse["events"].sum()), int(coarse["deaths"].sum()))
    units = tuple(int(gid) for gid in rows["unit"].drop_nulls().unique().sort())
    names = tuple(_cell_name(gid, "en") for gid in units)
    return rows.drop_nulls("unit"), units, names, (left,) if left.events else ()


def _cell_name(gid: int, language: Language | None) -> str:
    lat, lon = areas.grid.centre(gid)
    return say("control.cell", language, gid=gid, lat=lat, lon=lon)
