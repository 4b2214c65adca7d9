"""From events to a panel: which month, which area, and what was covered."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas as geography
from tocsin import months
from tocsin.errors import NotAssessed, UnknownName
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel.arrays import ids
from tocsin.panel.panel import AreaId, LeftOut, Level, Panel, Reason
from tocsin.panel.spread import over_months
from tocsin.sources.events import month_id_of

if TYPE_CHECKING:
    from tocsin.vault import Resolved, Vault

MonthOf = Literal["start", "end", "spread"]

_SCHEMES: dict[Level, str] = {"country": "gw", "cell": "priogrid", "admin1": "ucdp"}

_FOREVER = months.month_id(9999, 12)

# UCDP where_prec: 1-2 a place or near it, 3 a district, 4 a province, 5-7 coarser.
_COARSEST: dict[Level, int] = {"cell": 3, "admin1": 4}


class Covering(Protocol):
    """What says which areas and months are accounted for: `sources.Coverage`, or a row of the vault's.

    One that is `partial` covers nothing.
    """

    @property
    def span(self) -> Span:
        """Months accounted for."""

    @property
    def countries(self) -> Sequence[int] | None:
        """Country codes as published in the events; None for every country."""


def build(
    events: pl.DataFrame,
    *,
    coverage: Iterable[Covering],
    as_of: dt.date,
    releases: Iterable[str],
    month_of: MonthOf = "start",
    level: Level = "country",
    span: Span | None = None,
    areas: Iterable[AreaId] | None = None,
) -> Panel:
    """Return the panel of an event table: int32 deaths [area, month, kind], best estimates.

    events:   the event table (`sources.events.SCHEMA`); each event once.
    coverage: what the table accounts for. An area-month is covered if an entry holds it and, for
              countries, the state exists at the month's end. Cells and admin-1 units are covered
              where an entry holds every country, or every country that has events in the unit.
    month_of: the month that gets an event's deaths. `start` (default) is how UCDP country-month
              totals count; `end` is how VIEWS counts; `spread` divides them over the days from start
              to end and rounds by largest remainder, so that no death is lost or added.
    level:    `country` by the event's own country code, resolved to the Gleditsch-Ward state of that month
              (`state_of`), never by its cell; `cell` by PRIO-GRID gid (events placed in a district or finer);
              `admin1` as `<state>:<name as published>` (events placed in a province or finer). Panels of
              countries hold numbers of events too; an event spread over months counts in each of them.
    span:     months of the panel; those of the coverage when None.
    areas:    areas of the panel. None: every state that exists in the span; cells and admin-1 units with
              an event.

    What finds no place is in `Panel.left_out`, by reason. Raises NotAssessed where nothing is covered,
    UnknownName for a `month_of` or `level` that does not exist.
    """
    _check_choice("panel.unknown_month_of", month_of, get_args(MonthOf))
    _check_choice("panel.unknown_level", level, get_args(Level))
    entries = [entry for entry in coverage if not getattr(entry, "partial", False)]
    if span is None:
        if not entries:
            raise NotAssessed("panel.nothing_covered")
        span = Span(min(e.span.first for e in entries), max(e.span.last for e in entries))
    span = months.span(span, "span")
    parts, left_out = _placed(over_months(events, month_of), level, span)
    wanted = areas if areas is not None else _default_areas(parts, level, span)
    chosen = tuple(sorted(set(ids(wanted, level))))
    covered = _covered(parts, chosen, span, level, entries)
    rows = {area: row for row, area in enumerate(chosen)}
    parts = parts.with_columns(row=pl.col("area").replace_strict(rows, default=None))
    row, column, kind = _indices(parts, span)
    inside = row >= 0
    counted = inside.copy()
    counted[inside] = covered[row[inside], column[inside]]
    deaths = np.zeros((len(chosen), len(span), len(KINDS)), dtype=np.int64)
    amounts = parts["deaths"].to_numpy()
    at = row[counted], column[counted], kind[counted]
    np.add.at(deaths, at, amounts[counted])
    events_of = None
    if level == "country":
        events_of = np.zeros(deaths.shape, dtype=np.int32)
        np.add.at(events_of, at, 1)
    left_out += _left("outside_areas", parts.filter(pl.Series(~inside)))
    left_out += _left("not_covered", parts.filter(pl.Series(inside & ~counted)))
    return Panel(
        level=level, scheme=_SCHEMES[level], areas=chosen, span=span, kinds=KINDS,
        deaths=deaths.astype(np.int32), covered=covered, as_of=as_of, releases=tuple(sorted(set(releases))),
        left_out=tuple(left_out), events=events_of,
    )  # fmt: skip


def from_vault(
    vault: Vault,
    *,
    as_of: dt.date,
    month_of: MonthOf = "start",
    level: Level = "country",
    span: Span | None = None,
    areas: Iterable[AreaId] | None = None,
) -> Panel:
    """Return the panel of what UCDP's complete releases in the vault said on a day.

    One release decides each country and month (`Vault.resolve`); the other parameters, the result and
    what is raised are those of `build`. An event that one release starts in a month it decides and ends
    in a month that another decides counts in the latter with `month_of="end"`. Events of months that no
    release decides are in `left_out` as `not_covered`, or as `outside_span`.
    """
    resolved = vault.resolve(as_of=months.day(as_of, "as_of"))
    return of_resolved(resolved, as_of=as_of, month_of=month_of, level=level, span=span, areas=areas)


def of_resolved(
    resolved: Resolved,
    *,
    as_of: dt.date,
    month_of: MonthOf = "start",
    level: Level = "country",
    span: Span | None = None,
    areas: Iterable[AreaId] | None = None,
) -> Panel:
    """Return the panel of `from_vault` from what the vault said, where that is at hand."""
    panel = build(
        resolved.events, coverage=resolved.coverage, as_of=as_of, releases=resolved.releases,
        month_of=month_of, level=level, span=span, areas=areas,
    )  # fmt: skip
    lost = over_months(resolved.undecided, month_of)
    in_span = pl.col("month").is_between(panel.span.first, panel.span.last)
    left_out = _left("not_covered", lost.filter(in_span)) + _left("outside_span", lost.filter(~in_span))
    return dataclasses.replace(panel, left_out=(*panel.left_out, *left_out))


def _placed(parts: pl.DataFrame, level: Level, span: Span) -> tuple[pl.DataFrame, list[LeftOut]]:
    """Return the parts in the span that have an area, with `state` and `area`, and the others counted."""
    in_span = pl.col("month").is_between(span.first, span.last)
    left_out = _left("outside_span", parts.filter(~in_span))
    parts = parts.filter(in_span)
    states = parts.select("country_gw", "month").unique()
    states = states.with_columns(state=pl.Series([state_of(*row) for row in states.rows()], dtype=pl.Int32))
    parts = parts.join(states, on=["country_gw", "month"], how="left", maintain_order="left")
    # A cell is a place whatever state it lies in; only areas named after a state need one.
    if level != "cell":
        left_out += _left("no_such_state", parts.filter(pl.col("state").is_null()))
        parts = parts.drop_nulls("state")
    if level == "country":
        return parts.with_columns(area=pl.col("state")), left_out
    name = pl.col("gid") if level == "cell" else pl.format("{}:{}", "state", "adm_1")
    fine = name.is_not_null() & (pl.col("where_prec").fill_null(_COARSEST[level]) <= _COARSEST[level])
    left_out += _left("place_too_coarse", parts.filter(~fine))
    return parts.filter(fine).with_columns(area=name), left_out


@cache
def state_of(code: int, month: int) -> int | None:
    """Return the Gleditsch-Ward state that a published country code means in a month; None if it means none.

    UCDP keeps one code where states followed each other (345 is Yugoslavia, then Serbia), and land that was
    no state yet belongs to the state that held it (`areas.by_ucdp_id`).
    """
    try:
        return geography.by_ucdp_id(code, month=month).gw
    except UnknownName:
        return None


def in_states_of(events: pl.DataFrame) -> pl.DataFrame:
    """Return an event table with its `month`, `gw` (`state_of` its code then), `events` (1) and `deaths`."""
    rows = events.with_columns(
        month=month_id_of("date_start"), events=pl.lit(1, dtype=pl.Int32), deaths=pl.col("best")
    )
    codes = rows.select("country_gw", "month").unique()
    codes = codes.with_columns(gw=pl.Series([state_of(*row) for row in codes.rows()], dtype=pl.Int32))
    return rows.join(codes, on=["country_gw", "month"], how="left", maintain_order="left")


def _default_areas(parts: pl.DataFrame, level: Level, span: Span) -> Iterable[AreaId]:
    if level == "country":
        return (state.gw for state, first, last in _lifetimes() if first <= span.last and last >= span.first)
    return parts["area"].unique().to_list()


def _covered(
    parts: pl.DataFrame, chosen: Sequence[AreaId], span: Span, level: Level, entries: Sequence[Covering]
) -> NDArray[np.bool_]:
    covered = np.zeros((len(chosen), len(span)), dtype=np.bool_)
    for entry in entries:
        first, last = max(entry.span.first, span.first), min(entry.span.last, span.last)
        window = slice(first - span.first, max(last, first - 1) - span.first + 1)
        if entry.countries is None:
            covered[:, window] = True
        elif level == "country":
            for month in range(first, last + 1):
                # A file on land that was part of a state then (South Sudan in 2005) does not cover the state.
                held = [
                    geography.country(state, month=month)
                    for code in entry.countries
                    if (state := state_of(code, month))
                ]
                whole = [state.gw for state in held if state.ucdp_id in entry.countries]
                covered[:, month - span.first] |= np.isin(chosen, whole)
        else:
            seen = parts.group_by("area").agg(pl.col("country_gw").is_in(list(entry.countries)).all())
            within = set(seen.filter("country_gw")["area"].to_list())
            covered[[area in within for area in chosen], window] = True
    if level == "country":
        covered &= existing([int(area) for area in chosen], span)
    return covered


def existing(states: Sequence[int], span: Span) -> NDArray[np.bool_]:
    """Return bool [state, month]: whether the Gleditsch-Ward state exists at the end of the month."""
    exists = np.zeros((len(states), len(span)), dtype=np.bool_)
    rows = {gw: row for row, gw in enumerate(states)}
    for state, first, last in _lifetimes():
        if state.gw in rows:
            exists[rows[state.gw], max(first - span.first, 0) : max(last - span.first + 1, 0)] = True
    return exists


@cache
def _lifetimes() -> tuple[tuple[geography.Country, int, int], ...]:
    """Return each record of a state with the first and last month at whose end it exists."""
    lives = []
    for state in geography.countries():
        last = months.of_date(state.end) if state.end else _FOREVER
        lives.append((state, months.of_date(state.start), last if state.exists(last) else last - 1))
    return tuple(lives)


def _indices(parts: pl.DataFrame, span: Span) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    kinds = {kind: place for place, kind in enumerate(KINDS)}
    row = parts["row"].fill_null(-1).to_numpy().astype(np.intp)
    column = (parts["month"] - span.first).to_numpy().astype(np.intp)
    kind = parts["kind"].cast(pl.String).replace_strict(kinds, return_dtype=pl.Int8).to_numpy()
    return row, column, kind.astype(np.intp)


def _left(reason: Reason, parts: pl.DataFrame) -> list[LeftOut]:
    if parts.is_empty():
        return []
    codes = tuple(int(code) for code in parts["country_gw"].unique().sort())
    return [LeftOut(reason, parts["event"].n_unique(), int(parts["deaths"].sum()), codes)]


def _check_choice(key: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UnknownName(key, value=value, choices=", ".join(choices))
