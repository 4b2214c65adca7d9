"""The cases behind the page of value: what two methods said at past origins, and whether it happened.

The question is whether the next three months hold at least 25 deaths of all kinds in a country. The cases are
kept beside the page: each origin grows three forests, and all of them take a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tocsin import backtest
from tocsin.decide.cost_loss import Pairs
from tocsin.figures import attribution_of
from tocsin.files import parquet
from tocsin.forecast import DEFAULT
from tocsin.months import Span
from tocsin.panel import Panel

METHODS = (DEFAULT, "conflictology-12")
EVERY = 12
ORIGINS = backtest.origins_of(Span.parse("1999-12:2020-12"), EVERY)
STEPS = (1, 2, 3)
DEATHS = 25


def make(panel: Panel, *, methods: Sequence[str] = METHODS, origins: Sequence[int] = ORIGINS) -> pl.DataFrame:
    """Return a row a country and origin: `area`, `origin`, `happened`, and what each method gave it.

    What a method gave is a column of its name: float64, the probability of the question.
    """
    found = []
    with TemporaryDirectory() as folder:
        for method in methods:
            results = backtest.run(
                panel, method=method, target="total", steps=STEPS, out=Path(folder) / f"{method}.parquet",
                origins=origins,
            )  # fmt: skip
            window = results.rows.filter(pl.col("first") == 1, pl.col("last") == len(STEPS))
            happened = (pl.col("observed") >= DEATHS).alias("happened")
            found.append(window.select("area", "origin", happened, pl.col(f"p{DEATHS}").alias(method)))
        made = found[0]
        for other in found[1:]:
            made = made.join(other, on=["area", "origin", "happened"], how="left", maintain_order="left")
        return made.collect()


def packed(made: pl.DataFrame, panel: Panel) -> bytes:
    """Return the cases as Parquet that says whose the data of its panel are."""
    return parquet(made, metadata=attribution_of(panel).lines)


def pairs(made: pl.DataFrame, method: str) -> Pairs:
    """Return the pairs of one method."""
    return Pairs.of(made[method].to_numpy(), made["happened"].to_numpy(), method=method)
