"""What a window's files hold, whoever wrote them: outcomes, draws or point forecasts, checked row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.challenge.layout import UNIT, Level, months_of, year_of
from tocsin.errors import BadFile, BadInput, BadRow

Ids = NDArray[np.int64]

LARGEST = 10_000_000_000
"""What the organisers cut larger predictions to, more than all people on earth."""

POISSON_SEED = 574309
POISSON_DRAWS = 1000

_BATCH = 1 << 20

# Ids spread wider than this are looked up by search, not by a table as long as their range.
_WIDEST = 10_000_000


@dataclass(frozen=True, eq=False)
class Actuals:
    """What happened in a window: observed float64 [unit, month], whole deaths; units and months ascend."""

    level: Level
    window: str
    units: Ids
    months: Ids
    observed: NDArray[np.float64]
    digest: str


@dataclass(frozen=True, eq=False)
class Predictions:
    """What was predicted for a window: draws [unit, month, draw], in the order of the actuals.

    int32 where all draws are whole numbers that fit, else int64 or float64. `from_points` says that the files
    held one value a row, from which 1,000 Poisson draws were made.
    """

    draws: NDArray[Any]
    from_points: bool
    digest: str


def read_actuals(files: Sequence[str | Path], level: Level, window: str) -> Actuals:
    """Return the actuals of a window from its Parquet files: month_id, unit, outcome.

    Raises BadFile, BadRow or BadInput for files that are not Parquet, lack a column, hold a value that is
    missing, negative or not whole, repeat or lack a unit-month, or begin in another year than the window's.
    """
    paths = [Path(file) for file in files]
    unit = UNIT[level]
    parts = [batch for path in paths for batch in _batches(path, ("month_id", unit, "outcome"))]
    if not parts:
        raise BadFile("challenge.no_rows", file=paths[0])
    values = np.concatenate([part.values for part in parts])
    odd = ~np.isfinite(values) | (values != np.floor(values))
    if odd.any():
        raise BadInput("challenge.not_whole", file=paths[0], value=float(values[odd][0]))
    units = np.unique(np.concatenate([part.columns[unit] for part in parts]))
    month_ids = np.unique(np.concatenate([part.columns["month_id"] for part in parts]))
    first = months.label(int(month_ids[0]))
    if int(first[:4]) != year_of(window):
        raise BadInput("challenge.actuals_elsewhere", file=paths[0], window=window, first=first)
    grid = _Grid(units, month_ids, np.zeros(1, dtype=np.int64))
    _even(paths, grid, values.size)
    observed = np.zeros(grid.size)
    seen = np.zeros(grid.size, dtype=bool)
    for part in parts:
        places = grid.places(part, unit, window)
        observed[places] = part.values
        seen[places] = True
    _whole(paths, grid, seen, unit, sum(len(part.values) for part in parts), window)
    shape = (len(units), len(month_ids))
    return Actuals(level, window, units, month_ids, observed.reshape(shape), _digest_of(paths))


def read_predictions(files: Sequence[str | Path], actuals: Actuals) -> Predictions:
    """Return the predictions of a window from its Parquet files, for the units and months of the actuals.

    Columns month_id, country_id or priogrid_gid, draw and outcome in any order, with any number of draws, any
    draw numbers and any integer or float type. Without a `draw` column, or with one draw a row, the values
    are point forecasts and become 1,000 Poisson draws as the organisers make them (their seed, negative
    points as 0, rows in the order of the file). Values above 10 billion are cut to it. Rows of months of the
    window that the actuals lack are passed over.
    Raises BadFile, BadRow or BadInput for files that are not Parquet, lack a column, hold a value that is
    missing or negative, rows outside the window or its units, repeated rows, or lack rows.
    """
    paths = [Path(file) for file in files]
    unit = UNIT[actuals.level]
    numbers, rows = _draw_numbers(paths)
    if numbers.size <= 1:
        return _from_points(paths, actuals)
    columns = ("month_id", unit, "draw", "outcome")
    grid = _Grid(actuals.units, actuals.months, numbers)
    _even(paths, grid, rows)
    draws: NDArray[Any] = np.zeros(grid.size, dtype=np.int32)
    seen = np.zeros(grid.size, dtype=bool)
    count = 0
    for path in paths:
        for part in _batches(path, columns):
            places, values = _kept(grid.places(part, unit, actuals.window), _capped(part.values))
            draws = _room_for(draws, values)
            draws[places] = values
            seen[places] = True
            count += len(values)
    _whole(paths, grid, seen, unit, count, actuals.window)
    shape = (len(actuals.units), len(actuals.months), numbers.size)
    return Predictions(draws.reshape(shape), False, _digest_of(paths))


def _from_points(files: Sequence[Path], actuals: Actuals) -> Predictions:
    unit = UNIT[actuals.level]
    grid = _Grid(actuals.units, actuals.months, np.zeros(1, dtype=np.int64))
    seen = np.zeros(grid.size, dtype=bool)
    draws: NDArray[Any] = np.zeros((grid.size, POISSON_DRAWS), dtype=np.int32)
    count = 0
    for file in files:
        # The legacy generator, seeded anew for each file: only it gives the organisers' own draws.
        random = np.random.RandomState(POISSON_SEED)
        for part in _batches(file, ("month_id", unit, "outcome"), negative=True):
            places = grid.places(part, unit, actuals.window)
            rates = np.clip(part.values, 0, LARGEST)
            for start in range(0, rates.size, 4096):
                chosen = slice(start, start + 4096)
                drawn = random.poisson(rates[chosen, None], (rates[chosen].size, POISSON_DRAWS))
                # Drawn for every row, so that the others do not depend on which months have passed.
                held, drawn = _kept(places[chosen], drawn)
                draws = _room_for(draws, drawn)
                draws[held] = drawn
                seen[held] = True
                count += held.size
    _whole(files, grid, seen, unit, count, actuals.window)
    shape = (len(actuals.units), len(actuals.months), POISSON_DRAWS)
    return Predictions(draws.reshape(shape), True, _digest_of(files))


@dataclass(frozen=True, eq=False)
class _Batch:
    """Some rows of one file: id columns, values, and the number of the first row (from 1)."""

    file: Path
    first_row: int
    columns: dict[str, Ids]
    values: NDArray[Any]


@contextmanager
def _opened(file: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(file) as parquet:
            yield parquet
    except (pa.ArrowException, OSError) as error:
        raise BadFile("challenge.not_parquet", file=file, why=str(error).splitlines()[0]) from error


def _batches(file: Path, columns: Sequence[str], *, negative: bool = False) -> Iterator[_Batch]:
    with _opened(file) as parquet:
        held = parquet.schema_arrow.names
        missing = ", ".join(name for name in columns if name not in held)
        if missing:
            raise BadInput("challenge.columns", file=file, missing=missing, found=", ".join(held))
        row = 1
        for batch in parquet.iter_batches(_BATCH, columns=list(columns)):
            arrays = {name: _numbers(file, row, name, batch.column(name)) for name in columns}
            values = arrays.pop("outcome")
            low = values < 0
            if not negative and low.any():
                place = int(np.argmax(low))
                raise BadRow("challenge.negative", file=file, line=row + place, value=values[place].item())
            ids = {name: _whole_ids(file, row, name, array) for name, array in arrays.items()}
            yield _Batch(file, row, ids, values)
            row += len(values)


def _draw_numbers(files: Sequence[Path]) -> tuple[Ids, int]:
    """Return the distinct draw numbers of all files (none where no file has the column) and their rows."""
    numbers = np.zeros(0, dtype=np.int64)
    rows = having = 0
    for file in files:
        with _opened(file) as parquet:
            if "draw" not in parquet.schema_arrow.names:
                continue
            having += 1
            row = 1
            for batch in parquet.iter_batches(_BATCH, columns=["draw"]):
                ids = _whole_ids(file, row, "draw", _numbers(file, row, "draw", batch.column("draw")))
                if not np.isin(ids, numbers).all():
                    numbers = np.union1d(numbers, ids)
                row += len(ids)
            rows += row - 1
    if having and having < len(files):
        raise BadInput("challenge.draws_in_some", folder=files[0].parent)
    return numbers, rows


def _numbers(file: Path, row: int, name: str, column: pa.Array) -> NDArray[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise BadInput("challenge.not_numbers", file=file, column=name, type=str(column.type))
    absent = column.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
    if absent.any():
        raise BadRow(
            "challenge.missing_value",
            file=file,
            column=name,
            line=row + int(np.argmax(absent)),
            count=int(absent.sum()),
        )
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _whole_ids(file: Path, row: int, name: str, values: NDArray[Any]) -> Ids:
    if values.dtype.kind != "f":
        return values.astype(np.int64, copy=False)
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    odd = whole != values
    if odd.any():
        place = int(np.argmax(odd))
        raise BadRow(
            "challenge.not_an_id", file=file, column=name, line=row + place, value=values[place].item()
        )
    return whole


class _Grid:
    """Where each (unit, month, draw) lies in a flat array of all of them."""

    def __init__(self, units: Ids, month_ids: Ids, numbers: Ids) -> None:
        self.units, self.months, self.numbers = units, month_ids, numbers
        self.size = units.size * month_ids.size * numbers.size

    def places(self, part: _Batch, unit: str, window: str) -> NDArray[np.int64]:
        """Return the place of each row, -1 for a month of the window that is not held.

        BadInput for a row outside the window or its units.
        """
        of_month = _index(self.months, part.columns["month_id"])
        lacking = of_month < 0
        if lacking.any():
            known = np.union1d(self.months, months_of(window, self.months.tolist()))
            outside = lacking & ~np.isin(part.columns["month_id"], known)
            if outside.any():
                raise BadInput(
                    "challenge.other_month",
                    file=part.file,
                    line=part.first_row + int(np.argmax(outside)),
                    month=int(part.columns["month_id"][np.argmax(outside)]),
                    window=window,
                    first=int(known[0]),
                    last=int(known[-1]),
                )
        of_unit = _index(self.units, part.columns[unit])
        if (of_unit < 0).any():
            raise BadInput(
                "challenge.other_unit",
                file=part.file,
                line=part.first_row + int(np.argmax(of_unit < 0)),
                column=unit,
                value=int(part.columns[unit][np.argmax(of_unit < 0)]),
                window=window,
            )
        rows = of_unit * self.months.size + of_month
        if "draw" in part.columns:
            rows = rows * self.numbers.size + _index(self.numbers, part.columns["draw"])
        return np.where(lacking, -1, rows) if lacking.any() else rows

    def name(self, place: int, unit: str) -> str:
        """Return `country_id 5, month_id 460, draw 12` for a place."""
        row, draw = divmod(place, self.numbers.size)
        of_unit, of_month = divmod(row, self.months.size)
        text = f"{unit} {self.units[of_unit]}, month_id {self.months[of_month]}"
        return text if self.numbers.size == 1 else f"{text}, draw {self.numbers[draw]}"


def _index(known: Ids, values: Ids) -> NDArray[np.int64]:
    """Return the place of each value among the ascending `known`, -1 where it is not there."""
    first, last = int(known[0]), int(known[-1])
    if last - first > _WIDEST:
        place = np.minimum(np.searchsorted(known, values), known.size - 1)
        return np.where(known[place] == values, place, -1)
    table = np.full(last - first + 1, -1, dtype=np.int64)
    table[known - first] = np.arange(known.size)
    if first <= values.min(initial=last) and values.max(initial=first) <= last:
        return table[values - first]
    inside = (values >= first) & (values <= last)
    return np.where(inside, table[np.where(inside, values - first, 0)], -1)


def _even(files: Sequence[Path], grid: _Grid, rows: int) -> None:
    """Raise BadInput where rows are so few for the grid that ids cannot mean what they should.

    Such as a draw number that counts all rows of the file: the grid of it would not fit into memory.
    """
    if rows and grid.size > 2 * rows + 1000:
        raise BadInput(
            "challenge.uneven",
            folder=files[0].parent,
            rows=rows,
            units=grid.units.size,
            months=grid.months.size,
            draws=grid.numbers.size,
            expected=grid.size,
        )


def _whole(
    files: Sequence[Path], grid: _Grid, seen: NDArray[np.bool_], unit: str, rows: int, window: str
) -> None:
    """Raise BadInput unless every place was filled once."""
    filled = int(np.count_nonzero(seen))
    if filled < grid.size:
        example = grid.name(int(np.argmin(seen)), unit)
        raise BadInput(
            "challenge.missing_rows",
            folder=files[0].parent,
            window=window,
            count=grid.size - filled,
            expected=grid.size,
            example=example,
        )
    if rows > filled:
        raise BadInput(
            "challenge.repeated_rows",
            folder=files[0].parent,
            window=window,
            count=rows - filled,
            example=_first_repeat(files, grid, unit, window),
        )


def _first_repeat(files: Sequence[Path], grid: _Grid, unit: str, window: str) -> str:
    columns = (
        ["month_id", unit, "outcome"] if grid.numbers.size == 1 else ["month_id", unit, "draw", "outcome"]
    )
    seen = np.zeros(grid.size, dtype=bool)
    for file in files:
        for part in _batches(file, columns, negative=True):
            places = grid.places(part, unit, window)
            for place in places[places >= 0].tolist():
                if seen[place]:
                    return grid.name(place, unit)
                seen[place] = True
    raise AssertionError("more rows than places, yet none twice")


def _kept(places: NDArray[np.int64], values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the places that are held, and their values."""
    if places.min(initial=0) >= 0:
        return places, values
    held = places >= 0
    return places[held], values[held]


def _capped(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` cut at the largest, unless their type cannot hold so much."""
    narrow = values.dtype.kind != "f" and values.dtype.itemsize < 8
    return values if narrow else np.minimum(values, LARGEST)


def _room_for(draws: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """Return `draws` in a type that holds `values` too, unchanged where it already does."""
    if values.dtype.kind == "f" and draws.dtype.kind != "f" and (values != np.floor(values)).any():
        return draws.astype(np.float64)
    if draws.dtype == np.int32 and values.max(initial=0) > np.iinfo(np.int32).max:
        return draws.astype(np.int64)
    return draws


def _digest_of(files: Sequence[Path]) -> str:
    return digest.of_parts([digest.of_file(file) for file in files])
