"""The challenge's folder layout: which files hold which window, and how its predictions are written.

submission/
├── submission_details.yml
└── cm/                         or pgm/
    └── window=Y2018/
        └── predictions_2018.parquet      month_id, country_id (or priogrid_gid), draw, outcome
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from numpy.typing import NDArray

from tocsin import months
from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.figures import attribution
from tocsin.files import whole, write

Level = Literal["cm", "pgm"]
"""Country-months or PRIO-GRID-months."""

UNIT: dict[Level, str] = {"cm": "country_id", "pgm": "priogrid_gid"}

DETAILS = "submission_details.yml"

_LIMIT = np.iinfo(np.int32).max
"""What a column of the layout can hold."""

LONGEST_NAME = 200
"""Characters of team and identifier: a longer name is none."""

# The organisers' own names: now `window=Y2018`, before that `year=2018` and `test_window_2018`.
_WINDOW = re.compile(r"(?:window=Y?|year=|test_window_)(\d{4})")


@dataclass(frozen=True)
class SubmissionDetails:
    """What the challenge asks of a team, for `submission_details.yml`.

    authors: (name, affiliation) pairs. The default contact is a placeholder: replace it before sending.
    """

    team: str = "tocsin"
    short_title: str = "Tocsin"
    even_shorter_identifier: str = "tocsin"
    authors: tuple[tuple[str, str], ...] = (("The Tocsin authors", ""),)
    contact: str = "nobody@example.org"


def level_of(name: str) -> Level:
    """Return `name` as a level; UnknownName, with the choices, if it is none."""
    for level in UNIT:
        if name == level:
            return level
    raise UnknownName("challenge.unknown_level", value=name, choices=", ".join(UNIT))


def window_of(year: int | str) -> str:
    """Return the name of a window, `Y2018`, from 2018, `2018` or `Y2018`; BadInput if it is none."""
    found = re.fullmatch(r"Y?(\d{4})", str(year))
    if not found:
        raise BadInput("challenge.not_a_window", value=year)
    return f"Y{found[1]}"


def year_of(window: str) -> int:
    """Return the calendar year of a window's name."""
    return int(window_of(window)[1:])


def origin_of(window: str, month_ids: Sequence[int] = ()) -> int:
    """Return the last month whose data a window's forecast may use, three before its first (`months_of`).

    October of the year before, unless the first of its `month_ids` is another month than January.
    """
    return months_of(window, month_ids)[0] - 3


def months_of(window: str, month_ids: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the twelve months of a window, January to December of its year.

    Of a window of the true future, those from the first of its `month_ids`: where a window begins shows also
    while only some of its months have passed.
    """
    first = min(month_ids, default=months.month_id(year_of(window), 1))
    return tuple(range(first, first + 12))


def window_files(folder: str | Path, level: Level) -> dict[str, tuple[Path, ...]]:
    """Return the Parquet files of each window of a submission or of the actuals, by the window's name.

    Raises BadInput if the folder does not exist or does not have the layout. Evaluation results, hidden
    files and what macOS adds to archives are passed over.
    """
    folder = Path(folder)
    base = folder / level
    if not base.is_dir():
        raise BadInput("challenge.no_level", folder=folder, level=level)
    found: dict[str, tuple[Path, ...]] = {}
    for child in sorted(base.iterdir()):
        name = _WINDOW.fullmatch(child.name)
        if child.is_dir() and name:
            files = tuple(sorted(file for file in child.glob("*.parquet") if _holds_data(file)))
            if not files:
                raise BadInput("challenge.window_empty", folder=child)
            window = window_of(name[1])
            if window in found:
                raise BadInput("challenge.window_twice", folder=base, window=window)
            found[window] = files
    if not found:
        raise BadInput("challenge.no_windows", folder=base)
    return found


def held_windows(folder: Path, level: Level) -> tuple[str, ...]:
    """Return the names of the windows that a folder holds anything of, none where it does not exist."""
    base = folder / level
    if not base.is_dir():
        return ()
    found = (_WINDOW.fullmatch(child.name) for child in base.iterdir() if child.is_dir())
    return tuple(sorted({window_of(name[1]) for name in found if name}))


def window_file(folder: Path, level: Level, window: str) -> Path:
    """Return the file of a window's predictions.

    Raises BadInput if the window's folder already holds another Parquet file, which a reader would take for
    part of the submission.
    """
    file = folder / level / f"window={window}" / f"predictions_{year_of(window)}.parquet"
    others = [other for other in file.parent.glob("*.parquet") if other.name != file.name]
    if others:
        raise BadInput("challenge.other_files", folder=file.parent, file=others[0].name)
    return file


def check_writable(folder: Path, level: Level, windows: Sequence[str]) -> None:
    """Raise BadInput where the files of a submission could not be written; nothing is left behind."""
    for target in (folder, *(window_file(folder, level, window).parent for window in windows)):
        # What is not there yet is made in the nearest folder that is.
        held = next(place for place in (target, *target.absolute().parents) if place.exists())
        try:
            tempfile.TemporaryFile(dir=held).close()
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("challenge.unwritable", folder=folder, reason=reason) from error


def write_window(
    folder: str | Path,
    level: str,
    window: int | str,
    units: Sequence[int],
    month_ids: Sequence[int],
    draws: NDArray[np.integer],
    *,
    releases: Iterable[str] = (),
) -> Path:
    """Write the draws [unit, month, draw] of one window as the layout asks, and return the file.

    month_ids: months of the window, which begins in its year. releases: names of those that the draws were
    made from: the file names them, and what is known of their licence. The file appears whole or not at all,
    rows ordered by month, unit and draw as given. Raises UnknownName for a level, and BadInput as
    `window_file` does, for draws, units or months that no scorer could use, and where the file cannot be
    written.
    """
    folder = Path(folder)
    level, window = level_of(level), window_of(window)
    unit_ids, months_given = _ids(UNIT[level], units), _ids("month_id", month_ids)
    _check_months(window, months_given.tolist())
    _check_draws(draws, unit_ids.size, months_given.size)
    target = window_file(folder, level, window)
    count = draws.shape[2]
    schema = pa.schema([(name, pa.int32()) for name in ("month_id", UNIT[level], "draw", "outcome")])
    schema = schema.with_metadata(attribution(releases).lines or None)
    unit_column = np.repeat(unit_ids, count)
    draw_column = np.tile(np.arange(count, dtype=np.int32), unit_ids.size)
    with whole(target) as file, pq.ParquetWriter(file, schema) as writer:
        for place, month in enumerate(months_given):
            month_column = np.full(unit_column.size, month, dtype=np.int32)
            outcome = np.ascontiguousarray(draws[:, place, :], dtype=np.int32).reshape(-1)
            writer.write_table(pa.table([month_column, unit_column, draw_column, outcome], schema=schema))
    return target


def write_details(folder: str | Path, details: SubmissionDetails) -> Path:
    """Write `submission_details.yml` into the submission's folder and return the file."""
    folder = Path(folder)
    content: dict[str, Any] = {
        "team": details.team,
        "short_title": details.short_title,
        "even_shorter_identifier": details.even_shorter_identifier,
        "authors": [{"name": name, "affil": affiliation} for name, affiliation in details.authors],
        "contact": details.contact,
    }
    target = folder / DETAILS
    write(target, yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode())
    return target


def model_name(folder: str | Path) -> str:
    """Return the name under which a submission is listed: team and identifier, else its folder's name.

    Raises BadFile if `submission_details.yml` is there but cannot be read, or gives a name that is no short
    printable text.
    """
    folder = Path(folder)
    file = folder / DETAILS
    if not file.is_file():
        return folder.resolve().name
    try:
        text = file.read_text(encoding="utf-8")
        # Another team's file: aliases let a few lines grow beyond any memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise BadFile("challenge.bad_details", file=file, why="alias")
        # Names are text as written, though YAML would read 2024-02-30 as a day and 007 as 7.
        content = yaml.load(text, yaml.BaseLoader)
    # The last two: bytes that are no UTF-8, escapes and version numbers that are out of range.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise BadFile("challenge.bad_details", file=file, why=str(error).splitlines()[0]) from error
    except RecursionError:
        raise BadFile("challenge.bad_details", file=file, why="nested too deeply") from None
    if not isinstance(content, dict):
        raise BadFile("challenge.bad_details", file=file, why=type(content).__name__)
    parts = [content[key] for key in ("team", "even_shorter_identifier") if content.get(key)]
    name = " ".join(str(part).strip() for part in parts)
    odd = any(isinstance(part, (dict, list)) for part in parts)
    if odd or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadFile("challenge.bad_name", file=file, most=LONGEST_NAME)
    return name or folder.resolve().name


def _ids(column: str, ids: Sequence[int]) -> NDArray[np.int32]:
    """Return ids as int32; BadInput unless they are whole, positive, small enough and each given once."""
    values = np.asarray(ids)
    odd = np.ones(values.size, dtype=np.bool_)
    if values.dtype.kind in "iuf":
        # Each again is odd; so is NaN, which is no number above 0.
        odd[np.unique(values, return_index=True)[1]] = False
        odd |= (values != np.floor(values)) | ~((values > 0) & (values <= _LIMIT))
    if odd.any():
        raise BadInput("challenge.given_ids", column=column, value=values[odd][0])
    return values.astype(np.int32)


def _check_months(window: str, month_ids: Sequence[int]) -> None:
    held = months_of(window, month_ids)
    begins = int(months.label(held[0])[:4]) == year_of(window)
    outside = [month for month in month_ids if not begins or month not in held]
    if outside:
        raise BadInput(
            "challenge.given_month", month=outside[0], label=months.label(outside[0]), window=window,
            year=str(year_of(window)),
        )  # fmt: skip


def _check_draws(draws: NDArray[np.integer], units: int, month_count: int) -> None:
    if draws.ndim != 3 or draws.shape[:2] != (units, month_count) or not draws.size:
        raise BadInput("challenge.given_shape", found=str(draws.shape), units=units, months=month_count)
    if draws.dtype.kind not in "iu":
        raise BadInput("challenge.given_type", type=str(draws.dtype))
    for value in (int(draws.min()), int(draws.max())):
        if not 0 <= value <= _LIMIT:
            raise BadInput("challenge.given_deaths", value=value, limit=_LIMIT)


def _holds_data(file: Path) -> bool:
    return not file.name.startswith((".", "eval"))
