"""Sums over the first months: what is said of them depends on the paths, which no single month shows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

DEATHS = (1, 25)
MIDDLE = (0.2, 0.9)
"""Probabilities that can be far off either way."""


@dataclass(frozen=True)
class Sum:
    """What was said of at least `deaths` in the sum over the first `months`, and what happened.

    said, happened: means over all forecasts. middle: forecasts whose probability lies in `MIDDLE`, and the
    means of these; NaN where there are none. brier, brier_r: mean scores of the method and the reference.
    """

    months: int
    deaths: int
    said: float
    happened: float
    middle: int
    middle_said: float
    middle_happened: float
    brier: float
    brier_r: float


def sums(frame: pl.DataFrame) -> tuple[Sum, ...]:
    """Return what was said of each sum in rows of `Pair.sums`, shortest first."""
    return tuple(
        _sum(rows, int(months), deaths)
        for (months,), rows in sorted(frame.group_by("last"))
        for deaths in DEATHS
    )


def _sum(rows: pl.DataFrame, months: int, deaths: int) -> Sum:
    said, other = (rows[f"p{deaths}{end}"].to_numpy().astype(float) for end in ("", "_r"))
    happened = (rows["observed"].to_numpy() >= deaths).astype(float)
    middle = (said > MIDDLE[0]) & (said < MIDDLE[1])
    nothing = float("nan")
    return Sum(
        months=months, deaths=deaths, said=float(said.mean()), happened=float(happened.mean()),
        middle=int(middle.sum()),
        middle_said=float(said[middle].mean()) if middle.any() else nothing,
        middle_happened=float(happened[middle].mean()) if middle.any() else nothing,
        brier=float(((said - happened) ** 2).mean()), brier_r=float(((other - happened) ** 2).mean()),
    )  # fmt: skip
