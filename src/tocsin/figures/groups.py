"""Groups: who fought where and when, and of which states and months that is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tocsin import digest, months
from tocsin.errors import NotAssessed
from tocsin.figures.groupmonths import grouped
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel, in_states_of


@dataclass(frozen=True, eq=False)
class Groups:
    """Deaths and events by month, state, province, kind and the two sides.

    rows:    columns as in `groupmonths.derive`, and the `release` they are from.
    covered: the months accounted for, by Gleditsch-Ward code: in these a missing row is a zero.
    """

    rows: pl.DataFrame
    covered: Mapping[int, frozenset[int]]

    @classmethod
    def of_events(cls, events: pl.DataFrame, panel: Panel) -> Groups:
        """Return the groups of the events of a vault (`Resolved.events`), covered where `panel` is.

        panel: countries by Gleditsch-Ward state, made of the same events. A state without an event is not
        covered: nobody known is not nobody.
        """
        told = in_states_of(events).with_columns(civilians="deaths_civilians", unknown="deaths_unknown")
        rows = grouped(told.drop_nulls("gw"), "release")
        covered = {
            int(gw): frozenset((np.flatnonzero(panel.covered[row]) + panel.span.first).tolist())
            for row, gw in enumerate(panel.areas)
        }
        return cls(rows, {gw: covered[gw] for gw in rows["gw"].unique().sort() if gw in covered})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rows, and of what they cover."""
        columns = {name: self.rows[name].to_list() for name in self.rows.columns}
        return digest.of_parts(columns, {gw: sorted(held) for gw, held in self.covered.items()})

    @property
    def span(self) -> Span | None:
        """From the first to the last month covered anywhere; None where there is none."""
        held = frozenset[int]().union(*self.covered.values())
        return Span(min(held), max(held)) if held else None

    def or_else(self, other: Groups) -> Groups:
        """Return these groups and, of the states and months that they do not cover, those of `other`."""
        own = pl.DataFrame(
            [(gw, month) for gw, held in self.covered.items() for month in held],
            schema={"gw": pl.Int16, "month": pl.Int16}, orient="row",
        )  # fmt: skip
        rest = other.rows.join(own, on=["gw", "month"], how="anti")
        states = sorted({*self.covered, *other.covered})
        none = frozenset[int]()
        return Groups(
            pl.concat([self.rows, rest]),
            {gw: self.covered.get(gw, none) | other.covered.get(gw, none) for gw in states},
        )

    def releases(self, states: Collection[int], span: Span) -> tuple[str, ...]:
        """Return the names of the releases that the events of some states and months are from, sorted."""
        there = pl.col("gw").is_in(list(states)) & pl.col("month").is_between(span.first, span.last)
        return tuple(self.rows.filter(there)["release"].unique().sort())

    def active(self, *, gw: int, until: int, months_back: int = 12, adm_1: str | None = None) -> pl.DataFrame:
        """Return the organised groups with events in an area in the months up to and including `until`.

        gw: Gleditsch-Ward code; adm_1: a province by its published name, all if None.
        Returns `group_id, group, state` (true for a government), `events, deaths` (all deaths of the events
        it took part in), `sb, ns, os` (events by kind), `last` (month id of its latest event), most events
        first. NotAssessed for a country or a month that is not covered.
        """
        span = Span(months.whole(until, "until") - months_back + 1, until)
        if not self.covered.get(gw, frozenset()) >= set(span):
            raise NotAssessed(
                "figures.groups_not_covered", gw=gw, span=str(span),
                held=", ".join(map(str, self.covered)), whole=self.span or "–",
            )  # fmt: skip
        here = self.rows.filter(pl.col("gw") == gw, pl.col("month").is_between(span.first, span.last))
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
