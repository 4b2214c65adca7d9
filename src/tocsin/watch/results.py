"""What a watch wrote, read back: its forecasts as they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.forecast.forecast import Forecast

FILES = ("summary.json", "ranking.parquet", "forecasts.parquet", "draws.parquet")
"""What a watch is read back from."""

SIGNS = 16
"""Signs of the digest of a watch that its bulletin ends with, and by which it is found again."""

BATCH = 1 << 15
"""Rows of the table of draws that are read at a time."""


def read_forecast(folder: Path, summary: Mapping[str, Any], method: str) -> Forecast:
    """Return the forecast by a method of a watch, to the same digest as it was made with.

    summary: what `summary.json` in `folder` holds. ValueError, KeyError, OSError or what Polars raises where
    the files are not those of a watch.
    """
    origin, steps = months.parse(summary["origin"]), tuple(summary["months_ahead"])
    count = int(summary["draws"])
    held = pl.read_parquet(folder / "ranking.parquet", columns=["gw", "status"]).sort("gw")
    gws, assessed = held["gw"].to_list(), (held["status"] == "assessed").to_numpy()
    known = [gw for gw, says in zip(gws, assessed, strict=True) if says]
    draws: NDArray[np.int32] = np.zeros((len(gws), len(steps), count), dtype=np.int32)
    draws[assessed] = _draws(folder / "draws.parquet", method, known, origin, steps, count)
    return Forecast(
        level="country", scheme="gw", areas=tuple(gws), origin=origin, steps=steps, target="total",
        method=method, draws=draws, assessed=assessed,
        # A folder of before this was written down has its forecasts still, if under another digest.
        inputs=summary.get("forecast_inputs_sha256", {}).get(method, summary["inputs_sha256"]),
    )  # fmt: skip


def digest_of(inputs: str, forecasts: Sequence[Forecast], origin: int) -> str:
    """Return the SHA-256 of a watch: of its data, whose digest is `inputs`, and of its forecasts."""
    return digest.of_parts(inputs, [one.digest for one in forecasts], origin)


def invented(summary: Mapping[str, Any]) -> bool:
    """Return whether data are invented, for a test or a demonstration, by the `summary.json` of a watch."""
    return bool(summary.get("test", False)) or str(summary["basis"]).startswith("test")


def _draws(
    file: Path, method: str, gws: Sequence[int], origin: int, steps: Sequence[int], count: int
) -> NDArray[np.int32]:
    """Return int32 [area, step, draw] of a method, each value put in its place as the file is read in parts.

    Read and sorted whole, the table takes ten times the memory of what it holds. ValueError where a value is
    missing, or stands where none belongs.
    """
    import pyarrow.compute as pc

    found: NDArray[np.int32] = np.full(len(gws) * len(steps) * count, -1, dtype=np.int32)
    columns = ["method", "gw", "month_id", "draw", "outcome"]
    places = [_Places.of(held) for held in (gws, [origin + step for step in steps], range(count))]
    with pq.ParquetFile(file, read_dictionary=["method"], pre_buffer=False) as held:
        groups = [at for at in range(held.num_row_groups) if _may_hold(held, at, method)]
        # Each thread would keep the memory it read with.
        parts = held.iter_batches(batch_size=BATCH, row_groups=groups, columns=columns, use_threads=False)
        for part in parts:
            own = part.filter(pc.equal(part["method"], method))
            *keys, outcome = (own[name].to_numpy(zero_copy_only=False) for name in columns[1:])
            area, month, draw = (held.at(key) for held, key in zip(places, keys, strict=True))
            found[(area * len(steps) + month) * count + draw] = outcome
    # What the reader held would stay with the process otherwise, five times what was read.
    pa.default_memory_pool().release_unused()
    if (found < 0).any():
        raise ValueError("draws.parquet")
    return found.reshape(len(gws), len(steps), count)


def _may_hold(file: pq.ParquetFile, group: int, method: str) -> bool:
    """Return whether a group of rows may hold some of a method, by the first and last name said of it."""
    told = file.metadata.row_group(group).column(file.schema_arrow.get_field_index("method")).statistics
    return told is None or not told.has_min_max or told.min <= method <= told.max


@dataclass(frozen=True, eq=False)
class _Places:
    """Where each of some whole numbers stands among them: `index` is [value - first], -1 where none does."""

    first: int
    index: NDArray[np.intp]

    @classmethod
    def of(cls, held: Sequence[int]) -> _Places:
        """Return the places of numbers, ascending."""
        index = np.full(held[-1] - held[0] + 1 if held else 0, -1, dtype=np.intp)
        index[np.asarray(held, dtype=np.intp) - (held[0] if held else 0)] = np.arange(len(held))
        return cls(held[0] if held else 0, index)

    def at(self, wanted: NDArray[Any]) -> NDArray[np.intp]:
        """Return where each wanted value stands; ValueError for one that is missing or that does not."""
        if wanted.dtype.kind == "i":
            from_first = wanted - self.first
            if ((from_first >= 0) & (from_first < len(self.index))).all():
                found: NDArray[np.intp] = self.index[from_first]
                if (found >= 0).all():
                    return found
        raise ValueError("draws.parquet")
