"""Control of a country's areas, month by month: an inference, with its probability."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas, digest, figures, months
from tocsin.control.evidence import Evidence, Unit, gather
from tocsin.control.model import DECLARED, STATES, Parameters, filtered, likelihood, smoothed
from tocsin.errors import NotAssessed, UnknownName
from tocsin.months import Span
from tocsin.panel import state_of
from tocsin.text import Language

Level = Literal["admin1", "cell"]
Method = Literal["filtered", "smoothed"]

MEMORY = 12
"""Months without an event after which nothing is said of an area: *unknown*."""

_KINDS_OF_PLACE = {"admin1": 4, "cell": 3}  # UCDP where_prec: 3 a district, 4 a province

_RELEASES = {"groups": ("ged-24.1",), "cells": ("ged-21.1 (located events)", "ged-24.1 (West Africa)")}


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
    known:       bool [unit, month]: an event in the last 12 months. Where it is False the answer is *unknown*,
                 and the probabilities are only what the priors leave.
    events:      int32 [unit, month], of all kinds.
    method:      `filtered` (each month from what had happened by then) or `smoothed` (from all months up to
                 the last one shown: hindsight).
    basis:       what the values are of; left_out: events that could not be placed.
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
        """Return the likeliest state of a unit in a month with its probability, or (`unknown`, None)."""
        row, column = self.index(unit), month - self.span.first
        if month not in self.span:
            raise NotAssessed("control.month_outside", month=months.label(month), span=str(self.span))
        if not self.known[row, column]:
            return "unknown", None
        best = int(np.argmax(self.probability[row, column]))
        return STATES[best], float(self.probability[row, column, best])

    def index(self, unit: Unit) -> int:
        """Return the row of a unit; UnknownName if there is none."""
        if unit not in self.units:
            raise UnknownName("control.unknown_unit", value=unit, choices=", ".join(map(str, self.units[:20])))
        return self.units.index(unit)

    def frame(self) -> pl.DataFrame:
        """Return a row a unit and month: `unit, name, month, state, held, contested, beyond, known, events`."""
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
            "level": self.level, "span": str(self.span), "method": self.method, "hindsight": self.method == "smoothed",
            "as_of": self.as_of.isoformat(), "releases": list(self.releases), "basis": self.basis,
            "memory_months": MEMORY, "digest": self.digest, "inputs": self.inputs,
            "left_out": [vars(left) for left in self.left_out], "rows": self.frame().to_dicts(),
        }  # fmt: skip


def control(
    gw: int,
    *,
    span: Span,
    as_of: dt.date,
    level: Level = "admin1",
    method: Method = "filtered",
    events: pl.DataFrame | None = None,
    covered: Span | None = None,
    parameters: Parameters = DECLARED,
) -> Control:
    """Return who controls the areas of a country in the months of `span`, inferred from located events alone.

    gw:      Gleditsch-Ward code of the country. Events are its own by their own country code.
    level:   `admin1` (eight West African countries, in the oldest boundary vintage held) or `cell` (cells with
             an event up to the end of `span`).
    method:  `filtered`: each month from events up to that month only; `smoothed`: hindsight over `span`.
    events:  an event table (`sources.events.SCHEMA`) that accounts for every event of the country in the
             months `covered`; the figures that ship with the package when None.
    Raises NotAssessed where no events are at hand for the country, level or months, UnknownName for another
    level or method.
    """
    for value, choices in ((level, get_args(Level)), (method, get_args(Method))):
        if value not in choices:
            raise UnknownName("control.unknown_choice", value=value, choices=", ".join(choices))
    code = areas.country(gw, month=span.last).gw
    if events is None:
        rows, whole, releases, basis = _shipped(code, level, as_of)
    else:
        assert covered is not None
        rows, whole, releases, basis = _from_events(events, level), covered, ("events",), "as given"
    if span.first not in whole or span.last not in whole:
        raise NotAssessed("control.months_outside", span=str(span), whole=str(whole))
    past = Span(whole.first, span.last)
    rows = rows.filter(pl.col("gw") == code, pl.col("month") <= span.last)
    rows, units, names, left_out = _placed(rows, code, level)
    evidence = gather(
        rows, units=units, span=past, covered=np.ones((len(units), len(past)), dtype=np.bool_)
    )
    return _read(evidence, code, level, names, span, method, as_of, releases, basis, left_out, parameters)


def _read(
    evidence: Evidence, gw: int, level: Level, names: tuple[str, ...], span: Span, method: Method, as_of: dt.date,
    releases: tuple[str, ...], basis: str, left_out: tuple[LeftOut, ...], parameters: Parameters,
) -> Control:  # fmt: skip
    run = smoothed if method == "smoothed" else filtered
    shown = slice(span.first - evidence.span.first, None)
    return Control(
        gw=gw, level=level, units=evidence.units, names=names, span=span,
        probability=run(likelihood(evidence, parameters), parameters)[:, shown],
        known=evidence.recent(MEMORY, both=method == "smoothed")[:, shown],
        events=evidence.counts.sum(axis=2, dtype=np.int32)[:, shown],
        method=method, as_of=as_of, releases=releases, basis=basis, left_out=left_out,
        inputs=digest.of_parts(evidence.digest, parameters.digest),
    )  # fmt: skip


def _shipped(gw: int, level: Level, as_of: dt.date) -> tuple[pl.DataFrame, Span, tuple[str, ...], str]:
    """Return rows, months covered, releases and basis of the shipped figures for a country."""
    whole = Span(months.month_id(1989, 1), months.month_id(2021, 12))
    if level == "admin1":
        rows = figures.groups(as_of=as_of)
        if gw not in set(rows["gw"]):
            areas.admin1_units(gw)
            raise NotAssessed("control.no_events", name=areas.country(gw).name())
        return rows, whole, _RELEASES["groups"], "complete"
    cells = figures.cells(as_of=as_of)
    mine = cells.filter(pl.col("gw") == gw)
    if mine.is_empty():
        raise NotAssessed("control.no_events", name=areas.country(gw).name())
    source = "complete" if "complete" in set(mine["source"].cast(pl.String)) else "located"
    if source == "located":
        whole = Span(whole.first, months.month_id(2020, 12))
    rows = cells.filter(pl.col("source") == source).with_columns(unit=pl.col("gid").cast(pl.Int64))
    return rows, whole, _RELEASES["cells"], source


def _from_events(events: pl.DataFrame, level: Level) -> pl.DataFrame:
    start = pl.col("date_start")
    rows = events.with_columns(
        month=(start.dt.year().cast(pl.Int32) - 1980) * 12 + start.dt.month().cast(pl.Int32),
        events=pl.lit(1, dtype=pl.Int32),
        deaths=pl.col("best"),
        unit=pl.col("gid").cast(pl.Int64),
    )
    states = rows.select("country_gw", "month").unique()
    states = states.with_columns(gw=pl.Series([state_of(*row) for row in states.rows()], dtype=pl.Int32))
    rows = rows.join(states, on=["country_gw", "month"], how="left", maintain_order="left")
    fine = pl.col("where_prec").fill_null(7) <= _KINDS_OF_PLACE[level]
    return rows.with_columns(
        adm_1=pl.when(fine).then("adm_1"), unit=pl.when(fine).then("unit"), kind=pl.col("kind").cast(pl.String)
    )


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
    names = tuple(str(gid) for gid in units)
    return rows.drop_nulls("unit"), units, names, (left,) if left.events else ()
