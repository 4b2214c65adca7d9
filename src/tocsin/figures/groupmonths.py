"""Monthly deaths by the two sides of a fight, kind and province, for eight West African countries."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tocsin.errors import BadFile
from tocsin.figures.countrymonths import read_events, with_states
from tocsin.kinds import KINDS

CIVILIANS = "Civilians"

# Areas, not people: two groups are published under the name of a politician and are shown without it.
_WITHOUT_PERSON = {
    1015: "Supporters of a presidential candidate (UCDP actor 1015)",
    1016: "Supporters of a presidential candidate (UCDP actor 1016)",
}
_SOMEBODY = "Group named after a person"
_NAMED_AFTER_PERSON = r"(?i)^(supporters|forces|followers|faction) of "
_NAMED_AFTER_NOBODY = r"(?i)^\w+ of (the|a presidential) "

ORDER = ("month", "gw", "adm_1", "kind", "side_a_id", "side_b_id")
COUNTS = ("deaths", "deaths_a", "deaths_b", "civilians", "unknown")


def derive(folder: Path) -> pl.DataFrame:
    """Return a row for every month, state, province, kind and pair of sides, sorted by these.

    Columns: `month` (id, of the event's start), `gw`, `adm_1` (name as published, null where the place is
    not known that finely), `kind`, `side_a_id`, `side_a`, `side_b_id`, `side_b` (null where the other side
    is civilians, who are no group), `deaths` (best) and of them `deaths_a`, `deaths_b`, `civilians` and
    `unknown`, `events`.
    A death is in one row, so sums over rows count nothing twice.
    """
    events = read_events(folder / "ucdp/ged241_westafrica8_1989_2021.parquet").with_columns(
        side_a_id="side_a_new_id", side_b_id="side_b_new_id",
        deaths="best", civilians="deaths_civilians", unknown="deaths_unknown",
    )  # fmt: skip
    found = grouped(with_states(events))
    for side in ("a", "b"):
        unknown = found.filter(pl.col(f"side_{side}").str.starts_with(_SOMEBODY))
        if not unknown.is_empty():
            raise BadFile("figures.person_named", group=unknown[f"side_{side}"].min())
    return found


def grouped(events: pl.DataFrame, *also: str) -> pl.DataFrame:
    """Return the rows of `derive` from events that hold its columns but `events`, one row an event.

    also: further columns to tell rows apart by, the last ones of the result.
    A group that is published under the name of a person is named by its actor id.
    """
    for side in ("a", "b"):
        ident, name = pl.col(f"side_{side}_id"), pl.col(f"side_{side}")
        person = name.str.contains(_NAMED_AFTER_PERSON) & ~name.str.contains(_NAMED_AFTER_NOBODY)
        bare = pl.when(person).then(pl.format(f"{_SOMEBODY} (UCDP actor {{}})", ident)).otherwise(name)
        group = name != CIVILIANS
        events = events.with_columns(
            pl.when(group).then(ident).cast(pl.Int32).alias(f"side_{side}_id"),
            pl.when(group).then(ident.replace_strict(_WITHOUT_PERSON, default=bare)).alias(f"side_{side}"),
        )
    rows = events.group_by(*ORDER, "side_a", "side_b", *also).agg(
        *(pl.col(count).sum().cast(pl.Int32) for count in COUNTS), pl.len().cast(pl.Int16).alias("events")
    )
    return rows.select(
        pl.col("month", "gw").cast(pl.Int16), "adm_1", pl.col("kind").cast(pl.Enum(KINDS)),
        "side_a_id", "side_a", "side_b_id", "side_b", *COUNTS, "events", *also,
    ).sort(*ORDER, *also, nulls_last=False)  # fmt: skip
