"""The shipped figures as panels and tables, as known on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import areas
from tocsin.errors import UnknownName
from tocsin.figures.countrymonths import EVENTS
from tocsin.figures.files import CELLS, COUNTRY_MONTH, GROUPS, MALI_VINTAGES, SPAN, VIEWS_HISTORY, known
from tocsin.figures.groups import Groups
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel, existing

BASIS = "as published, kinds partly estimated"
"""Basis of the shipped country panel: totals as published, the split by kind estimated in part."""

VIEWS_BASIS = "as published from 2018-01, estimated before"
"""Basis of the shipped panel of the VIEWS challenge."""


def panel(*, as_of: dt.date) -> Panel:
    """Return deaths and numbers of events by state, month and kind, 1989-01 to 2021-12.

    Areas are all Gleditsch-Ward states of those years; `covered` where the state exists at the month's end.
    Totals are those of UCDP GED 25.1 by month of start; see `country_month` for which splits are estimated.
    NotAssessed if `as_of` is earlier than the day from which that release is taken to be known.
    """
    rows = country_month(as_of=as_of)
    gws = tuple(sorted({c.gw for c in areas.countries() if existing([c.gw], SPAN).any()}))
    deaths, events = _counts(rows, {gw: row for row, gw in enumerate(gws)}, (len(gws), len(SPAN)), SPAN.first)
    return Panel(
        level="country", scheme="gw", areas=gws, span=SPAN, kinds=KINDS, deaths=deaths,
        covered=existing(gws, SPAN), as_of=as_of, releases=COUNTRY_MONTH.releases, basis=BASIS,
        events=events,
    )  # fmt: skip


def views_panel(*, as_of: dt.date) -> Panel:
    """Return state-based deaths by VIEWS `country_id` and month, 1989-01 to 2021-12: int32 [area, month, 1].

    The 191 countries of the VIEWS challenge; from 2018-01 its published actuals (month of end), before that
    an estimate. A country that succeeded another carries its past (Serbia, Russia); one that was no state
    yet is not covered. Beside it is what `panel` knows of them. NotAssessed as in `panel`.
    """
    rows = views_history(as_of=as_of)
    ids = tuple(rows["country_id"].unique().sort().to_list())
    deaths = rows.sort("country_id", "month_id")["ged_sb"].to_numpy().reshape(len(ids), len(SPAN), 1)
    beside = views_kinds(ids, SPAN, as_of=as_of)
    return Panel(
        level="country", scheme="views", areas=ids, span=SPAN, kinds=("sb",), deaths=deaths.astype(np.int32),
        covered=beside.covered, as_of=as_of, releases=VIEWS_HISTORY.releases, basis=VIEWS_BASIS,
        beside=beside,
    )  # fmt: skip


def views_kinds(ids: Sequence[int], span: Span, *, as_of: dt.date) -> Panel:
    """Return deaths and events of all kinds by VIEWS `country_id`, in the months of `span`.

    Those of `panel`, a predecessor's where a state did not exist yet (Serbia, Russia); a month that it does
    not hold, and an id that names no state, is not covered. NotAssessed as in `panel`.
    """
    rows = country_month(as_of=as_of)
    states = [_states(views) for views in ids]
    place = {state: row for row, codes in enumerate(states) for state in codes}
    held = rows.filter(pl.col("gw").is_in(list(place)), pl.col("month").is_between(span.first, span.last))
    deaths, events = _counts(held, place, (len(ids), len(span)), span.first)
    known = np.array([month in SPAN for month in span])
    covered = np.array([existing(codes, span).any(axis=0) & known for codes in states])
    return Panel(
        level="country", scheme="views", areas=tuple(ids), span=span, kinds=KINDS, deaths=deaths,
        covered=covered, as_of=as_of, releases=COUNTRY_MONTH.releases, basis=BASIS, events=events,
    )  # fmt: skip


def _counts(
    rows: pl.DataFrame, place: Mapping[int, int], shape: tuple[int, int], first: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return deaths and events, int32 [area, month, kind], of rows of the country table; `place` by state."""
    deaths, events = np.zeros((2, *shape, len(KINDS)), dtype=np.int32)
    at = rows["gw"].replace_strict(place, return_dtype=pl.Int32).to_numpy(), rows["month"].to_numpy() - first
    np.add.at(deaths, at, rows.select(KINDS).to_numpy())
    np.add.at(events, at, rows.select(EVENTS).to_numpy())
    return deaths, events


def _states(views: int) -> tuple[int, ...]:
    """Return the Gleditsch-Ward codes of a VIEWS country: its own and that of the state it succeeded."""
    try:
        country = areas.by_views_id(views)
    except UnknownName:
        return ()
    return tuple(dict.fromkeys((country.gw, country.ucdp_id)))


def country_month(*, as_of: dt.date) -> pl.DataFrame:
    """Return `gw, month, sb, ns, os`, numbers of events, and `basis` (`exact` or `estimated`) of the deaths.

    A row for every month with an event; a state and month of 1989-01 to 2021-12 without one had none.
    NotAssessed as in `panel`.
    """
    return known(COUNTRY_MONTH, as_of)


def views_history(*, as_of: dt.date) -> pl.DataFrame:
    """Return `country_id, month_id, ged_sb, basis` (`official` or `estimated`): the challenge's history.

    191 VIEWS countries by 396 months. NotAssessed if `as_of` is earlier than its releases.
    """
    return known(VIEWS_HISTORY, as_of)


def groups(*, as_of: dt.date) -> Groups:
    """Return monthly deaths by province, kind and pair of sides for eight West African countries.

    NotAssessed if `as_of` is earlier than the day from which UCDP GED 24.1 is taken to be known.
    """
    number = GROUPS.releases[0].removeprefix("ged-")
    rows = known(GROUPS, as_of).with_columns(release=pl.lit(number))
    return Groups(rows, dict.fromkeys(rows["gw"].unique().sort().to_list(), frozenset(SPAN)))


def cells(*, as_of: dt.date) -> pl.DataFrame:
    """Return monthly deaths and events by PRIO-GRID cell, country and kind, from *located events only*.

    Columns as in `cellmonths.derive`. `source` is `located` (Africa and the Middle East, to 2020-12) or
    `complete` (eight West African countries, to 2021-12); the two overlap, so filter on one. A cell and
    month without a row is not known to have been quiet. NotAssessed as in `groups`.
    """
    return known(CELLS, as_of)


def vintages(*, as_of: dt.date) -> pl.DataFrame:
    """Return `vintage, gw, month, deaths, times`: monthly deaths of Mali as published by each of many days.

    Only vintages of `as_of` or earlier; NotAssessed before the first. Columns as in `vintagemonths.derive`.
    """
    return known(MALI_VINTAGES, as_of).filter(pl.col("vintage") <= as_of)
