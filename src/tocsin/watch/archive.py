"""The archive: every watch as it was made, under its digest, checked and scored later."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocsin import months
from tocsin.errors import BadInput, Damaged
from tocsin.files import move, naming, passing_folder, writable
from tocsin.forecast.forecast import Forecast
from tocsin.ledger.clock import Clock, now
from tocsin.panel import Panel
from tocsin.text import Language, say
from tocsin.watch.outcomes import Scores, score_forecast
from tocsin.watch.ranking import answers
from tocsin.watch.record import Watch
from tocsin.watch.results import SIGNS, digest_of, invented, read_forecast
from tocsin.watch.tables import ANSWERS, forecast_frame, write_tables

NAME = "archive"
"""The folder of the archive in Tocsin's own."""

_STAMP = "kept.json"

_NAMED = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}-[0-9a-f]{{{SIGNS}}}")


@dataclass(frozen=True)
class Kept:
    """A watch as it was made.

    folder:   where its tables lie, as `tocsin watch` writes them.
    began_at: when its making began, by the clock, and kept_at, when it ended. as_of: the day it was made for.
    origin:   month id of the last month of data. methods: the one that ranks, then the others.
    exercise: whether its data were cut to what was known on a past day, too old for its own, or invented.
    digest:   SHA-256 of the data and the forecasts; its first 16 characters end the bulletin that was sent.
    summary:  what its `summary.json` holds.
    """

    folder: Path
    began_at: dt.datetime
    kept_at: dt.datetime
    as_of: dt.date
    origin: int
    methods: tuple[str, ...]
    exercise: bool
    digest: str
    summary: Mapping[str, Any]

    @property
    def on_its_day(self) -> bool:
        """Whether it was begun on its day and spoke of it; else it was made afterwards, or as an exercise."""
        return self.began_at.date() == self.as_of and not self.exercise

    def made(self, language: Language | None = None) -> str:
        """Return when it was made: on its day, on another, or on its day as an exercise."""
        if self.on_its_day:
            return say("watch.kept_on_its_day", language)
        day = self.began_at.date()
        return say("watch.kept_exercise", language) if day == self.as_of else day.isoformat()

    def forecasts(self) -> tuple[Forecast, ...]:
        """Return its forecasts, as `methods` has them.

        Damaged, naming it, unless the draws make its digest, it lies under that and its day, and what its
        tables say of the months ahead is made from the draws.
        """
        try:
            made = tuple(read_forecast(self.folder, self.summary, method) for method in self.methods)
            # Earlier versions wrote an empty text for the code of a state that has none.
            told = pl.read_parquet(self.folder / "forecasts.parquet").with_columns(
                pl.col("^iso3$").replace("", None)
            )
            ranked = pl.read_parquet(self.folder / "ranking.parquet", columns=["gw", *ANSWERS]).sort("gw")
            inputs = self.summary["inputs_sha256"]
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise _unreadable(self.folder, error) from error
        found = digest_of(inputs, made, self.origin)
        same = found == self.digest and self.folder.name == _name(self.as_of, found)
        if not (same and _same(told, forecast_frame(made)) and _same(ranked, _ranked(made))):
            raise Damaged("watch.kept_altered", folder=str(self.folder), digest=self.digest[:SIGNS])
        return made

    def scored(self, panel: Panel | None) -> tuple[Scores, ...]:
        """Return the scores of each method, in order, by what `panel` knows; none while that is nothing.

        panel: None where nothing at all is known. Damaged as in `forecasts`.
        """
        found = [None if panel is None else score_forecast(made, panel) for made in self.forecasts()]
        return tuple(one for one in found if one is not None)


@dataclass(frozen=True)
class Archive:
    """What the folder of an archive holds.

    watches: by day and by when they were begun. damaged: what is wrong, by the folder of each that cannot be
    read. strays: what lies there and is no watch, by name; none of it is read.
    """

    watches: tuple[Kept, ...] = ()
    damaged: Mapping[Path, Damaged] = field(default_factory=dict)
    strays: tuple[Path, ...] = ()

    def spoilt(self, day: str) -> Damaged | None:
        """Return what is wrong with a watch of a day, written YYYY-MM-DD; None where all can be read."""
        return next((self.damaged[place] for place in self.damaged if place.name.startswith(f"{day}-")), None)


def keep(watch: Watch, archive: str | Path, *, began: dt.datetime | None = None, clock: Clock = now) -> Kept:
    """Keep a watch in the folder `archive`, and return it; one that is there already stays as it is.

    began: when its making began, by the same clock, with its offset; now when None.
    It is written whole or not at all. BadInput where the folder cannot be written.
    """
    place = prepared(archive) / _name(watch.as_of, watch.digest)
    if not place.exists():
        with naming(place):
            # Under one name for all: what a killed process left is removed by any later watch.
            fresh = passing_folder(place.with_name("watch"))
            try:
                write_tables(watch, fresh)
                ended = clock()
                times = {"began_at": began or ended, "kept_at": ended}
                stamp = json.dumps({name: time.isoformat(timespec="seconds") for name, time in times.items()})
                (fresh / _STAMP).write_text(stamp + "\n", encoding="utf-8", newline="\n")
                move(fresh, place)
            except OSError:
                # Another watch that found the same may have kept it meanwhile.
                if not place.exists():
                    raise
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return _read(place)


def prepared(archive: str | Path) -> Path:
    """Return the folder of an archive, made where there is none; BadInput where it cannot be written into."""
    archive = Path(archive)
    with naming(archive):
        archive.mkdir(parents=True, exist_ok=True)
        if not writable(archive):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return archive


def kept(archive: str | Path) -> Archive:
    """Return what the folder `archive` holds; nothing where there is none.

    What has the name of a kept watch, or holds the time that one was kept, is one, and damaged where it
    cannot be read. All else is astray, but for names that begin with a point, which are left unsaid.
    Damaged where the folder itself cannot be read.
    """
    try:
        places = sorted(place for place in Path(archive).iterdir() if not place.name.startswith("."))
    except FileNotFoundError:
        return Archive()
    except OSError as error:
        raise Damaged("watch.archive_unreadable", folder=str(archive), reason=_reason(error)) from error
    watches, damaged, strays = [], {}, []
    for place in places:
        if not _NAMED.fullmatch(place.name) and not os.path.lexists(place / _STAMP):
            strays.append(place)
            continue
        try:
            watches.append(_read(place))
        except Damaged as error:
            damaged[place] = error
    watches.sort(key=lambda one: (one.as_of, one.began_at))
    return Archive(tuple(watches), damaged, tuple(strays))


def by_day(held: Iterable[Kept]) -> dict[dt.date, Kept]:
    """Return one watch of each day: one made on it before those made afterwards, and then the last."""
    return {one.as_of: one for one in sorted(held, key=lambda one: (one.on_its_day, one.began_at))}


def _name(as_of: dt.date, digest: str) -> str:
    return f"{as_of.isoformat()}-{digest[:SIGNS]}"


def _read(place: Path) -> Kept:
    try:
        stamp = json.loads((place / _STAMP).read_text(encoding="utf-8"))
        said = json.loads((place / "summary.json").read_text(encoding="utf-8"))
        ended = dt.datetime.fromisoformat(stamp["kept_at"]).astimezone(dt.UTC)
        # Of a watch from before it was written down when one began, the end is all that is known.
        began = (
            dt.datetime.fromisoformat(stamp["began_at"]).astimezone(dt.UTC) if "began_at" in stamp else ended
        )
        return Kept(
            folder=place, began_at=began, kept_at=ended,
            as_of=dt.date.fromisoformat(said["as_of"]), origin=months.parse(said["origin"]),
            methods=tuple(said["methods"]), digest=said["watch_sha256"], summary=said,
            exercise=said["lag"] is not None or said["demonstration_on_historical_figures"] or invented(said),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, BadInput) as error:
        raise _unreadable(place, error) from error


def _ranked(made: tuple[Forecast, ...]) -> pl.DataFrame:
    """Return what the ranking says of the next months, by area."""
    columns = zip(ANSWERS, answers(*made[:2]), strict=True)
    frame = pl.DataFrame({"gw": np.array(made[0].areas, dtype=np.int32)} | dict(columns))
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def _same(told: pl.DataFrame, made: pl.DataFrame) -> bool:
    """Return whether two tables say the same; another processor may round the last digits differently."""
    if told.schema != made.schema:
        return False
    return all(
        told[name].is_null().equals(made[name].is_null())
        and (
            ((told[name] - made[name]).abs() < 1e-9 * (1 + made[name])).all()
            if kind.is_float()
            else told[name].equals(made[name])
        )
        for name, kind in made.schema.items()
    )


def _unreadable(place: Path, error: Exception) -> Damaged:
    return Damaged("watch.kept_unreadable", folder=str(place), reason=_reason(error))


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error))[:200]
