"""Monthly deaths by the two sides of a fight, kind and province, for eight West African countries."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from tocsin.errors import BadFile, NotAssessed
from tocsin.figures.countrymonths import state
from tocsin.figures.files import SPAN
from tocsin.kinds import KINDS
from tocsin.months import Span

CIVILIANS = "Civilians"

# Areas, not people: two groups are published under the name of a politician and are shown without it.
_WITHOUT_PERSON = {
    1015: "Supporters of a presidential candidate (UCDP actor 1015)",
    1016: "Supporters of a presidential candidate (UCDP actor 1016)",
}
_NAMED_AFTER_PERSON = re.compile(
    r"^(supporters|forces|followers|faction) of (?!a presidential)", re.IGNORECASE
)

ORDER = ("month", "gw", "adm_1", "kind", "side_a_id", "side_b_id")


def derive(folder: Path) -> pl.DataFrame:
    """Return a row for every month, state, province, kind and pair of sides, sorted by these.

    Columns: `month` (id, of the event's start), `gw`, `adm_1` (name as published, null where the place is
    not known that finely), `kind`, `side_a_id`, `side_a`, `side_b_id`, `side_b` (null where the other side
    is civilians, who are no group), `deaths` (best) and of them `deaths_a`, `deaths_b`, `civilians` and
    `unknown`, `events`.
    A death is in one row, so sums over rows count nothing twice.
    """
    start = pl.col("date_start")
    events = pl.read_parquet(folder / "ucdp/ged241_westafrica8_1989_2021.parquet").with_columns(
        month=(start.dt.year().cast(pl.Int32) - 1980) * 12 + start.dt.month().cast(pl.Int32),
        kind=pl.col("type_of_violence").replace_strict(dict(enumerate(KINDS, start=1))),
    )
    states = {
        (code, month): state(code, month)
        for code, month in events.select("country_id", "month").unique().rows()
    }
    events = events.with_columns(
        gw=pl.Series([states[row] for row in events.select("country_id", "month").rows()], dtype=pl.Int16)
    )
    for side in ("a", "b"):
        ident, name = pl.col(f"side_{side}_new_id"), pl.col(f"side_{side}")
        civilians = name == CIVILIANS
        events = events.with_columns(
            pl.when(~civilians).then(ident).cast(pl.Int32).alias(f"side_{side}_id"),
            pl.when(~civilians)
            .then(ident.replace_strict(_WITHOUT_PERSON, default=name))
            .alias(f"side_{side}"),
        )
        for found in events[f"side_{side}"].drop_nulls().unique().sort():
            if _NAMED_AFTER_PERSON.search(found):
                raise BadFile("figures.person_named", group=found)
    grouped = events.group_by(*ORDER, "side_a", "side_b").agg(
        pl.col("best").sum().cast(pl.Int32).alias("deaths"),
        pl.col("deaths_a").sum().cast(pl.Int32),
        pl.col("deaths_b").sum().cast(pl.Int32),
        pl.col("deaths_civilians").sum().cast(pl.Int32).alias("civilians"),
        pl.col("deaths_unknown").sum().cast(pl.Int32).alias("unknown"),
        pl.len().cast(pl.Int16).alias("events"),
    )
    return grouped.select(
        pl.col("month").cast(pl.Int16), "gw", "adm_1", pl.col("kind").cast(pl.Enum(KINDS)),
        "side_a_id", "side_a", "side_b_id", "side_b",
        "deaths", "deaths_a", "deaths_b", "civilians", "unknown", "events",
    ).sort(*ORDER, nulls_last=False)  # fmt: skip


def active(
    groups: pl.DataFrame, *, gw: int, until: int, months_back: int = 12, adm_1: str | None = None
) -> pl.DataFrame:
    """Return the organised groups with events in an area in the months up to and including `until`.

    groups: the shipped table; gw: Gleditsch-Ward code; adm_1: a province by its published name, all if None.
    Returns `group_id, group, state` (true for a government), `events, deaths` (all deaths of the events it
    took part in), `sb, ns, os` (events by kind), `last` (month id of its latest event), most events first.
    NotAssessed for a country or a month that the table does not cover.
    """
    span = Span(until - months_back + 1, until)
    held = groups["gw"].unique().sort().to_list()
    if gw not in held or span.first not in SPAN or span.last not in SPAN:
        raise NotAssessed(
            "figures.groups_not_covered",
            gw=gw,
            span=str(span),
            held=", ".join(map(str, held)),
            whole=str(SPAN),
        )
    here = groups.filter(pl.col("gw") == gw, pl.col("month").is_between(span.first, span.last))
    if adm_1 is not None:
        here = here.filter(pl.col("adm_1") == adm_1)
    sides = pl.concat(
        here.select(
            "month", "kind", "deaths", "events", group_id=f"side_{side}_id", group=f"side_{side}"
        ).drop_nulls("group_id")
        for side in ("a", "b")
    )
    by_kind = [
        pl.col("events").filter(pl.col("kind") == kind).sum().cast(pl.Int32).alias(kind) for kind in KINDS
    ]
    return (
        sides.group_by("group_id", "group")
        .agg(
            pl.col("events").sum().cast(pl.Int32),
            pl.col("deaths").sum(),
            *by_kind,
            pl.col("month").max().alias("last"),
        )
        .with_columns(state=pl.col("group").str.starts_with("Government of "))
        .select("group_id", "group", "state", "events", "deaths", *KINDS, "last")
        .sort(["events", "group_id"], descending=[True, False])
    )
