"""What was seen where: events by area, month and kind, with who was active and who lost more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import digest
from tocsin.months import Span

CHANNELS = ("sb", "os_group", "os_state", "os", "ns")
"""State-based; one-sided by a group, by a government, by either where it is not told; non-state."""

Unit = str | int


@dataclass(frozen=True, eq=False)
class Evidence:
    """Events by unit and month.

    units:    admin-1 keys or PRIO-GRID gids, ascending; span: months.
    counts:   events, int32 [unit, month, channel] in the order of `CHANNELS`.
    losses:   int8 [unit, month]: 1 where a government lost more people than its opponents in the state-based
              events of the month, -1 where it lost fewer, 0 where they are equal or not told.
    covered:  bool [unit, month]: whether a release accounts for the month.
    channels: those that the data can tell; `os` where it is not told who killed civilians.
    """

    units: tuple[Unit, ...]
    span: Span
    counts: NDArray[np.int32]
    losses: NDArray[np.int8]
    covered: NDArray[np.bool_]
    channels: tuple[str, ...]

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Whether the unit had an event in the month: bool [unit, month]."""
        return np.asarray(self.counts.sum(axis=2) > 0)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        return digest.of_parts(
            list(self.units), str(self.span), self.counts, self.losses, self.covered, list(self.channels)
        )

    def recent(self, months: int, *, both: bool = False) -> NDArray[np.bool_]:
        """Return whether a unit had an event in the last `months` months, this one included: [unit, month].

        both: count the same number of months after it too.
        """
        since = np.cumsum(self.active, axis=1)
        before = np.zeros_like(since)
        before[:, months:] = since[:, :-months]
        found = since > before
        if both:
            ahead = np.concatenate(
                [since[:, months - 1 :], np.repeat(since[:, -1:], min(months - 1, since.shape[1]), axis=1)],
                axis=1,
            )[:, : since.shape[1]]
            found |= ahead > since - self.active
        return np.asarray(found)


def gather(rows: pl.DataFrame, *, units: Sequence[Unit], span: Span, covered: NDArray[np.bool_]) -> Evidence:
    """Return the evidence in a table of events, a row each or a row a group of alike events.

    rows: `unit`, `month`, `kind` (sb, ns, os), `events`; and, where the sides are told, `side_a`, `side_b`,
          `deaths_a`, `deaths_b`. Governments are the sides that UCDP names `Government of ...`.
    Rows of other units or months are left out.
    """
    told = "side_a" in rows.columns
    inside = rows.filter(pl.col("month").is_between(span.first, span.last), pl.col("unit").is_in(list(units)))
    government = (
        pl.col("side_a").str.starts_with("Government of ") if told else pl.lit(None, dtype=pl.Boolean)
    )
    kind = pl.col("kind").cast(pl.String)
    by_whom = (
        pl.when(government.is_null())
        .then(pl.lit("os"))
        .when(government)
        .then(pl.lit("os_state"))
        .otherwise(pl.lit("os_group"))
    )
    inside = inside.with_columns(channel=pl.when(kind == "os").then(by_whom).otherwise(kind))
    counts = np.zeros((len(units), len(span), len(CHANNELS)), dtype=np.int32)
    row, column = _places(inside, units, span)
    channel = inside["channel"].replace_strict(
        {name: place for place, name in enumerate(CHANNELS)}, return_dtype=pl.Int64
    )
    np.add.at(counts, (row, column, channel.to_numpy()), inside["events"].to_numpy())
    losses = np.zeros(counts.shape[:2], dtype=np.int64)
    if told:
        # Between two governments neither is the state of the place.
        other = pl.col("side_b").str.starts_with("Government of ").fill_null(False)
        fights = inside.filter(kind == "sb", government != other)
        toll = fights.select(
            pl.when(government)
            .then(pl.col("deaths_a") - pl.col("deaths_b"))
            .otherwise(pl.col("deaths_b") - pl.col("deaths_a"))
        ).to_series()
        np.add.at(losses, _places(fights, units, span), toll.to_numpy().astype(np.int64))
    channels = tuple(c for c in CHANNELS if c != "os") if told else ("sb", "os", "ns")
    return Evidence(tuple(units), span, counts, np.sign(losses).astype(np.int8), covered, channels)


def _places(
    rows: pl.DataFrame, units: Sequence[Unit], span: Span
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    place = {unit: number for number, unit in enumerate(units)}
    row = rows["unit"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    return row, rows["month"].cast(pl.Int64).to_numpy() - span.first
