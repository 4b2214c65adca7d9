"""Monthly deaths by state and kind, from exact monthly totals and exact yearly totals by kind.

UCDP's country-month totals hold the deaths of all kinds together and the events of each kind; its
country-year table holds the deaths of each kind. Where a month knows events of one kind only, its deaths are
of that kind; so are they where the sums leave one table only (`bounds`). Elsewhere the split is estimated:
see `split` and `Evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import months
from tocsin.errors import BadFile
from tocsin.figures.split import bounds, split
from tocsin.kinds import KINDS
from tocsin.panel import state_of
from tocsin.sources.events import month_id_of

# UCDP keeps one code for Yugoslavia, Serbia and Montenegro, and Serbia; the table's ISO code is Serbia's.
_UCDP_CODE_OF_ISO = {"SRB": 345}

# The located events carry no country code where the name changed.
_CODE_OF_NAME = {"Macedonia, FYR": 343}

# Where sums of different releases contradict each other (Niger and Nigeria in 2017), this many deaths.
_TOLERATED = 14

EVENTS = tuple(f"{kind}_events" for kind in KINDS)
"""Columns of the numbers of events, in the order of the kinds."""

Counts = dict[tuple[int, int, str], int]


@dataclass(frozen=True)
class Evidence:
    """What is known of deaths by kind in a country and month, best first.

    exact:    deaths of every event, for the countries in `complete` (UCDP codes).
    official: state-based deaths as the VIEWS challenge published them, by country and month of *end*.
    located:  deaths and number of the events that a release of located events holds.
    """

    complete: frozenset[int]
    exact: Counts
    official: dict[tuple[int, int], int]
    located: Counts
    located_events: Counts


@dataclass(frozen=True)
class CountryYear:
    """One country-year: months ascending, deaths [month], events [month, kind], deaths of the year [kind].

    civilians: deaths of civilians [month], of all kinds together.
    """

    code: int
    year: int
    months: tuple[int, ...]
    deaths: NDArray[np.int64]
    events: NDArray[np.int64]
    civilians: NDArray[np.int64]
    by_kind: NDArray[np.int64]


def derive(folder: Path) -> tuple[pl.DataFrame, int]:
    """Return `gw, month, sb, ns, os, basis` and numbers of events, and a difference.

    A row for every state and month with an event; `sb_events, ns_events, os_events` are as published, deaths
    by kind `exact` or `estimated` as basis says. folder: the source tables. The difference is the number of
    deaths by which the yearly sums by kind miss the published ones, because sums of different releases
    contradict each other. Raises BadFile if it is large, or if a code names no state in a month with deaths.
    """
    evidence = read_evidence(folder)
    rows: list[tuple[int, ...]] = []
    missed = 0
    for year in country_years(folder):
        table, exact = estimate(year, evidence)
        missed += int(np.abs(table.sum(axis=0) - year.by_kind).sum())
        held = zip(year.months, table.tolist(), year.events.tolist(), exact.tolist(), strict=True)
        for month, deaths, events, certain in held:
            if sum(events):
                rows.append((state(year.code, month), month, *deaths, *events, certain))
    if missed > _TOLERATED:
        raise BadFile("figures.totals_differ", deaths=missed, tolerated=_TOLERATED)
    counts = [(column, pl.Int32) for column in (*KINDS, *EVENTS)]
    schema = [("gw", pl.Int16), ("month", pl.Int16), *counts, ("certain", pl.Boolean)]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    # Two codes can mean one state: land that was no state yet belongs to the state that held it.
    frame = frame.group_by("gw", "month").agg(pl.col(*KINDS, *EVENTS).sum(), pl.col("certain").all())
    basis = pl.when("certain").then(pl.lit("exact")).otherwise(pl.lit("estimated"))
    columns = frame.select(
        "gw", "month", *KINDS, *EVENTS, basis=basis.cast(pl.Enum(["exact", "estimated"]))
    )  # fmt: skip
    return columns.sort("gw", "month"), missed


def estimate(year: CountryYear, evidence: Evidence) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return deaths [month, kind] of a country-year and, by month, whether its split is certain."""
    table = split(seed(year, evidence), year.deaths, year.by_kind)
    possible = year.events > 0
    certain = possible.sum(axis=1) <= 1
    if year.deaths.sum() == year.by_kind.sum():
        least, most = bounds(possible, year.deaths, year.by_kind)
        certain |= (least == most).all(axis=1)
    if year.code in evidence.complete:
        certain |= (_lookup(evidence.exact, year) == table).all(axis=1)
    return table, certain


def seed(year: CountryYear, evidence: Evidence) -> NDArray[np.float64]:
    """Return what the evidence says of deaths [month, kind]; 0 where a kind had no event in the month.

    In order: every event, where the release of all events is at hand; else located events as they are and,
    for each event that was not located, the mean of what the year's total of its kind leaves; deaths in
    one-sided violence at most those of civilians; state-based deaths as officially published.
    """
    possible = year.events > 0
    if year.code in evidence.complete:
        return np.where(possible, np.maximum(_lookup(evidence.exact, year), 1e-3), 0.0)
    located = _lookup(evidence.located, year).astype(np.float64)
    missing = np.maximum(year.events - _lookup(evidence.located_events, year), 0)
    left = np.maximum(year.by_kind - located.sum(axis=0), 0)
    guess = located + missing * left / np.maximum(missing.sum(axis=0), 1)
    # A few one-sided deaths are not recorded as civilians, so the bound is not a hard one.
    guess[:, 2] = np.minimum(guess[:, 2], year.civilians + 0.02 * guess[:, 2])
    for row, month in enumerate(year.months):
        official = evidence.official.get((state_of(year.code, month) or year.code, month))
        if official is not None:
            others = guess[row, 1:].sum()
            left_over = max(year.deaths[row] - official, 0.02 * year.deaths[row])
            guess[row, 0] = official
            guess[row, 1:] *= left_over / others if others > 0 else 0.0
    return np.where(possible, np.maximum(guess, 1e-3), 0.0)


def country_years(folder: Path) -> list[CountryYear]:
    """Return every country-year with events, by UCDP code and year."""
    columns = ["state_based_events", "non_state_events", "one_sided_events"]
    codes = dict(
        pl.read_csv(folder / "challenge/views_country_ids.csv").select("iso3", "gleditsch_ward").rows()
    )
    monthly = pl.read_parquet(folder / "ucdp/ged251_country_month_1989_2021.parquet").with_columns(
        code=pl.col("iso3").replace_strict(codes | _UCDP_CODE_OF_ISO, default=None),
        year=pl.col("year_month").str.slice(0, 4).cast(pl.Int32),
        month=pl.col("year_month").map_elements(months.parse, return_dtype=pl.Int32),
    )
    if unknown := monthly.filter(pl.col("code").is_null())["iso3"].unique().sort().to_list():
        raise BadFile("figures.unknown_country", codes=", ".join(unknown))
    yearly = pl.read_csv(folder / "ucdp/organizedviolencecy_v25_1_to_2021.csv")
    by_kind = {
        (code, year): np.array(deaths, dtype=np.int64)
        for code, year, *deaths in yearly.select(
            "country_id_cy", "year_cy", *(f"{kind}_total_deaths_best_cy" for kind in KINDS)
        ).iter_rows()
    }
    found = []
    for (code, year), rows in monthly.sort("code", "month").group_by("code", "year", maintain_order=True):
        deaths = rows["fatalities_best"].to_numpy().astype(np.int64)
        events = rows.select(columns).to_numpy().astype(np.int64)
        if events.sum():
            civilians = rows["civilian_deaths"].to_numpy().astype(np.int64)
            key = int(str(code)), int(str(year))
            found.append(
                CountryYear(*key, tuple(rows["month"].to_list()), deaths, events, civilians, by_kind[key])
            )
    return found


def read_evidence(folder: Path) -> Evidence:
    """Return what the source tables know of deaths by kind."""
    complete = read_events(folder / "ucdp/ged241_westafrica8_1989_2021.parquet")
    located = read_events(folder / "ucdp/ged211_located_global_1989_2020.parquet")
    official = pl.read_parquet(folder / "challenge/history_cm_1989_2021.parquet").filter(
        pl.col("basis") == "official"
    )
    exact, _ = _counts(complete)
    deaths, events = _counts(located)
    return Evidence(
        complete=frozenset(complete["code"].unique().to_list()),
        exact=exact,
        official={
            (gw, month): n for gw, month, n in official.select("gleditsch_ward", "month_id", "ged_sb").rows()
        },
        located=deaths,
        located_events=events,
    )


def read_events(path: Path) -> pl.DataFrame:
    """Return a publisher's events with their `code` (country), `month` (of the start), `kind` and `gid`."""
    return pl.read_parquet(path).with_columns(
        code=pl.col("country").replace_strict(_CODE_OF_NAME, default=pl.col("country_id")).cast(pl.Int32),
        month=month_id_of("date_start"),
        kind=pl.col("type_of_violence").replace_strict(dict(enumerate(KINDS, start=1))),
        gid=pl.col("priogrid_gid").cast(pl.Int32),
    )


def with_states(events: pl.DataFrame) -> pl.DataFrame:
    """Return events with `gw`, the state of their code in their month; BadFile if one names none."""
    codes = events.select("code", "month").unique()
    codes = codes.with_columns(gw=pl.Series([state(*row) for row in codes.rows()], dtype=pl.Int16))
    return events.join(codes, on=["code", "month"])


def _counts(events: pl.DataFrame) -> tuple[Counts, Counts]:
    deaths: Counts = {}
    number: Counts = {}
    for code, month, kind, n, d in (
        events.group_by("code", "month", "kind").agg(pl.len(), pl.col("best").sum()).iter_rows()
    ):
        deaths[code, month, kind], number[code, month, kind] = d, n
    return deaths, number


def _lookup(counts: Counts, year: CountryYear) -> NDArray[np.int64]:
    return np.array([[counts.get((year.code, month, kind), 0) for kind in KINDS] for month in year.months])


def state(code: int, month: int) -> int:
    """Return the Gleditsch-Ward state of a published country code in a month; BadFile if there is none."""
    found = state_of(code, month)
    if found is None:
        raise BadFile("figures.no_such_state", code=code, month=months.label(month))
    return found
