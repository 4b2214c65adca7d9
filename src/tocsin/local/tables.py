"""The draws of places as a table, and as a Parquet file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.errors import BadInput
from tocsin.figures import attribution
from tocsin.files import parquet, write
from tocsin.local.reconciliation import Reconciled

COLUMNS = ("level", "target", "gw", "area", "month_id", "draw", "outcome", "draws")
"""Columns of the table of draws, in order."""


def draws_frame(made: Reconciled, states: Sequence[int] | None = None) -> pl.DataFrame:
    """Return the draws with deaths as a long table; a place, month and draw without a row has none.

    states: the states shown, all when None. Columns: `level`, `target`, `gw` (the state that the place
    counts with), `area` (gid or key as text; null for deaths without a known place), `month_id`, `draw`
    (0 to draws - 1), `outcome` (deaths a month), `draws` (how many there are). Rows of one state, month and
    draw sum to the draw of the state.
    """
    local = made.local
    chosen = [state for state in made.states if states is None or state in states]
    parts = []
    for state in chosen:
        rows = np.flatnonzero(local.states[local.rows] == state)
        names = [str(local.areas[row]) for row in local.rows[rows].tolist()]
        stacked = np.concatenate([local.draws[rows], made.unplaced[made.index(state)][None]])
        parts.append(_long(stacked, [*names, None], state, local.months))
    empty = pl.DataFrame(schema={"gw": pl.Int32, "area": pl.String, "month_id": pl.Int32})
    frame = pl.concat(parts) if parts else empty.with_columns(draw=pl.lit(0), outcome=pl.lit(0))
    told = frame.with_columns(
        level=pl.lit(local.level), target=pl.lit(local.target),
        draws=pl.lit(local.draws.shape[2], dtype=pl.Int32),
    )  # fmt: skip
    return told.select(COLUMNS)


def write_draws(
    made: Reconciled, path: str | Path, states: Sequence[int] | None = None, *, releases: Iterable[str]
) -> int:
    """Write `draws_frame` as Parquet and return its number of rows.

    releases: names of those it was made from; the file names them, their licence and what to cite.
    The file is written whole or not at all; BadInput for another ending or a place that refuses it.
    """
    path = Path(path)
    if path.suffix != ".parquet":
        raise BadInput("local.not_parquet", file=str(path))
    frame = draws_frame(made, states)
    write(path, parquet(frame, metadata=attribution(releases).lines))
    return frame.height


def _long(
    draws: NDArray[np.int32], names: Sequence[str | None], state: int, months: Sequence[int]
) -> pl.DataFrame:
    row, step, draw = np.nonzero(draws)
    return pl.DataFrame(
        {
            "gw": np.full(len(row), state, dtype=np.int32),
            "area": pl.Series(names, dtype=pl.String).gather(row),
            "month_id": np.asarray(months, dtype=np.int32)[step],
            "draw": draw.astype(np.int32),
            "outcome": draws[row, step, draw],
        }
    )
