"""A submission to the challenge: one method's forecast of each window, from what each window may know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, forecast, months
from tocsin.challenge.history import HistoryTable, read_history
from tocsin.challenge.layout import (
    DETAILS,
    Level,
    SubmissionDetails,
    check_writable,
    held_windows,
    level_of,
    model_name,
    months_of,
    origin_of,
    window_of,
    write_details,
    write_window,
)
from tocsin.errors import BadInput, NotAssessed
from tocsin.figures import attribution_of
from tocsin.panel import Panel
from tocsin.text import say

Report = Callable[[str, float, float | None], None]
"""Progress: a sentence, how much is done, and of how much."""

STEPS = tuple(range(3, 15))
"""January to December, counted from October of the year before."""

DRAWS = range(2, 1001)
"""Numbers of draws that a scorer reads as draws: one is read as a point forecast."""

TAKEN = range(15, 1001)
"""Numbers of draws that the challenge itself takes."""


@dataclass(frozen=True)
class Submission:
    """What `run` wrote.

    files: one a window, in the order of `windows`; left_out: for each window the units that the history does
    not cover at its origin, which have no rows; inputs: digest of the history, method and number of draws;
    without_events: the windows whose origin the shipped figures do not cover, for a method that reads them.
    """

    folder: Path
    level: Level
    method: str
    windows: tuple[str, ...]
    draws: int
    files: tuple[Path, ...]
    left_out: dict[str, tuple[int, ...]]
    inputs: str
    without_events: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain values."""
        return {
            "folder": str(self.folder),
            "level": self.level,
            "method": self.method,
            "windows": list(self.windows),
            "draws": self.draws,
            "files": [str(file) for file in self.files],
            "left_out": {window: list(units) for window, units in self.left_out.items()},
            "inputs": self.inputs,
            "without_events": list(self.without_events),
        }


def run(
    history: str | Path,
    *,
    windows: Sequence[int | str],
    method: str,
    out: str | Path,
    level: str = "cm",
    draws: int = forecast.DRAWS,
    alone: bool = False,
    details: SubmissionDetails | None = None,
    progress: Report | None = None,
) -> Submission:
    """Forecast each window by `method` and write the submission in the challenge's layout.

    history: table of unit, month_id and ged_sb (see `read_history`); each window reads it to October of the
    year before only. windows: years or names such as `Y2018`. draws: of `DRAWS`; the challenge takes `TAKEN`,
    and with 12, `conflictology-12` gives its bare 12 values, as it was published. alone: read the history
    alone, not the events and other kinds of violence that the shipped figures hold to the same October. Units
    that the history does not cover at the origin get no rows: they are not assessed, and the challenge's own
    check will name them.
    Raises UnknownName for a level or method, NotAssessed where the history ends before an origin or covers no
    unit there, and BadInput or BadFile for a history or folder that cannot be used.
    """
    out = Path(out)
    chosen, names = level_of(level), tuple(dict.fromkeys(window_of(window) for window in windows))
    if not names:
        raise BadInput("challenge.no_window_asked")
    if draws not in DRAWS:
        raise BadInput("challenge.wrong_draws", value=draws, first=DRAWS[0], last=DRAWS[-1])
    tell = progress or (lambda stage, done, total: None)
    given = details or replace(
        SubmissionDetails(), short_title=f"Tocsin: {method}", even_shorter_identifier=method
    )
    _check_folder(out, names, chosen, given)
    check_writable(out, chosen, names)
    asked = forecast.found(method)
    tell(say("challenge.stage_history"), 0, len(names))
    table = read_history(history, level=chosen)
    # All windows before the first is forecast, so that what is written is the whole submission.
    origins = [_origin_in(table, window, origin_of(window)) for window in names]
    files: list[Path] = []
    left_out: dict[str, tuple[int, ...]] = {}
    read: list[str] = []
    eventless: list[str] = []
    for done, window in enumerate(names):
        tell(say("challenge.stage_run", window=window), done, len(names))
        panel = table.panel(as_of=months.last_day(origins[done]), alone=alone)
        fitted = forecast.fit(panel, origin=origins[done], target="sb", method=asked)
        made = fitted.predict(STEPS, draws=draws)
        if fitted.misses_events:
            eventless.append(window)
        read.append(made.inputs)
        assessed = np.flatnonzero(made.assessed)
        units = [table.units[row] for row in assessed]
        left_out[window] = tuple(sorted(set(table.units) - set(units)))
        kept: NDArray[np.int32] = made.draws if len(units) == len(table.units) else made.draws[assessed]
        whose = attribution_of(panel)
        files.append(
            write_window(out, chosen, window, units, months_of(window), kept, releases=whose.releases)
        )
    write_details(out, given)
    tell(say("challenge.stage_run", window=names[-1]), len(names), len(names))
    inputs = digest.of_parts(table.digest, method, list(names), draws, read)
    return Submission(
        out, chosen, method, names, draws, tuple(files), left_out, inputs, without_events=tuple(eventless)
    )


def forecast_window(
    table: HistoryTable,
    window: str,
    *,
    method: str,
    draws: int = forecast.DRAWS,
    month_ids: Sequence[int] | None = None,
) -> forecast.Forecast:
    """Return the forecast of one window, made from months up to its origin alone (`origin_of`).

    month_ids: those to forecast; January to December when None. Raises NotAssessed where the table ends
    before the origin or covers no unit in it, BadInput for a month too far ahead of it.
    """
    asked = months_of(window) if month_ids is None else months.wholes(month_ids, "month_ids")
    origin = _origin_in(table, window, origin_of(window, asked))
    panel = table.panel(as_of=months.last_day(origin))
    fitted = forecast.fit(panel, origin=origin, target="sb", method=forecast.found(method))
    return fitted.predict([month - origin for month in asked], draws=draws)


def without_events(panel: Panel, *, method: str, origins: Iterable[int]) -> tuple[int, ...]:
    """Return the origins from which a method that reads events does without those beside the panel.

    They are not covered there for every unit with deaths; none where nothing stands beside the panel, or the
    method reads no events. Raises UnknownName for a method, NotAssessed for an origin outside the panel.
    """
    if panel.beside is None:
        return ()
    asked = forecast.found(method)
    fitted = ((origin, forecast.fit(panel, origin=origin, target="sb", method=asked)) for origin in origins)
    return tuple(origin for origin, one in fitted if one.misses_events)


def _origin_in(table: HistoryTable, window: str, origin: int) -> int:
    """Return the origin of a window; NotAssessed where the table does not reach it or is empty there."""
    if origin not in table.span:
        raise NotAssessed(
            "challenge.history_short",
            file=table.name,
            span=str(table.span),
            window=window,
            origin=months.label(origin),
        )
    if not table.covered[:, origin - table.span.first].any():
        raise NotAssessed("challenge.nothing_covered", file=table.name, origin=months.label(origin))
    return origin


def _check_folder(folder: Path, names: Sequence[str], level: Level, details: SubmissionDetails) -> None:
    """Raise BadInput where the folder holds other windows of another submission.

    They would be scored under the name of this one.
    """
    if not (folder / DETAILS).is_file():
        return
    theirs, ours = model_name(folder), f"{details.team} {details.even_shorter_identifier}"
    kept = [window for window in held_windows(folder, level) if window not in names]
    if kept and theirs != ours:
        raise BadInput(
            "challenge.other_submission", folder=folder, other=theirs, ours=ours, windows=", ".join(kept)
        )
