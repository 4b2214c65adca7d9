"""Scoring a submission against the actuals, as the challenge does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin import score as scores
from tocsin.challenge.history import HistoryTable, read_history
from tocsin.challenge.layout import Level, level_of, model_name, window_files, window_of
from tocsin.challenge.published import published
from tocsin.challenge.rows import Actuals, Predictions, read_actuals, read_predictions
from tocsin.challenge.submission import Report, forecast_window
from tocsin.challenge.table import Comparison, ScoreTable, WindowScore
from tocsin.errors import BadInput
from tocsin.text import say

REFERENCE = "conflictology-12"

BLOCK_MONTHS = 3
UNIT_OFFSET = 0.1
"""Deaths a month added to both means of a unit's ratio, so that quiet units do not decide by thousandths."""

Floats = NDArray[np.float64]


def score(
    predictions: str | Path,
    actuals: str | Path,
    *,
    level: str = "cm",
    windows: Sequence[int | str] | None = None,
    history: str | Path | None = None,
    reference: str | Path | None = None,
    progress: Report | None = None,
) -> ScoreTable:
    """Return the scores of a submission in the challenge's layout, by window, beside the published ones.

    predictions, actuals: folders that hold `cm/window=Y2018/...`. windows: those to score; without them, all
    that both folders hold. The comparison is with `reference`, another submission, or else with conflictology
    of 12 months at its bare 12 values, made from the table `history` (see `read_history`) up to the window's
    origin (`origin_of`); without either there is none. Months of the window that the actuals lack are passed
    over. The block bootstrap draws units and three-month blocks within windows.
    Raises UnknownName, BadInput, BadRow or BadFile for a level, folder or file that cannot be used.
    """
    chosen = level_of(level)
    tell = progress or (lambda stage, done, total: None)
    submitted, happened = window_files(predictions, chosen), window_files(actuals, chosen)
    names = _windows(windows, submitted, happened, predictions, actuals)
    others = window_files(reference, chosen) if reference else {}
    table = read_history(history, level=chosen) if history and not reference else None
    against = model_name(reference) if reference else REFERENCE
    found: list[WindowScore] = []
    pairs: list[tuple[Actuals, Floats, Floats]] = []
    parts: list[str] = []
    for done, window in enumerate(names):
        tell(say("challenge.stage_score", window=window), done, len(names))
        outcome = read_actuals(happened[window], chosen, window)
        given = read_predictions(submitted[window], outcome)
        by_row = scores.row_scores(given.draws, outcome.observed, upsample=True)
        found.append(_window_score(outcome, given, by_row))
        parts += [outcome.digest, given.digest]
        if reference:
            if window not in others:
                raise BadInput("challenge.no_window", folder=reference, window=window, have=", ".join(others))
            other = read_predictions(others[window], outcome)
            pairs.append((outcome, by_row.crps, scores.crps(other.draws, outcome.observed)))
            parts.append(other.digest)
        elif table:
            pairs.append((outcome, by_row.crps, _reference_crps(table, outcome)))
            parts.append(table.digest)
    tell(say("challenge.stage_score", window=names[-1]), len(names), len(names))
    return ScoreTable(
        level=chosen,
        model=model_name(predictions),
        windows=tuple(found),
        published=tuple(row for row in published(chosen) if row.window in names),
        comparison=_compare(against, pairs) if pairs else None,
        other_vintage=_other_vintage(chosen, found),
        inputs=digest.of_parts(chosen, list(names), against, parts),
    )


def _windows(
    asked: Sequence[int | str] | None,
    submitted: dict[str, tuple[Path, ...]],
    happened: dict[str, tuple[Path, ...]],
    predictions: str | Path,
    actuals: str | Path,
) -> tuple[str, ...]:
    if asked:
        names = tuple(dict.fromkeys(window_of(window) for window in asked))
        for folder, held in ((predictions, submitted), (actuals, happened)):
            for name in names:
                if name not in held:
                    raise BadInput("challenge.no_window", folder=folder, window=name, have=", ".join(held))
        return names
    shared = tuple(sorted(set(submitted) & set(happened)))
    if not shared:
        raise BadInput(
            "challenge.no_shared_window",
            predictions=predictions,
            submitted=", ".join(submitted),
            actuals=actuals,
            happened=", ".join(happened),
        )
    return shared


def _window_score(actuals: Actuals, given: Predictions, by_row: scores.RowScores) -> WindowScore:
    inside = scores.coverage(given.draws, actuals.observed)
    return WindowScore(
        window=actuals.window,
        units=actuals.units.size,
        months=actuals.months.size,
        draws=given.draws.shape[2],
        from_points=given.from_points,
        deaths=float(actuals.observed.mean()),
        crps=float(by_row.crps.mean()),
        ign=float(by_row.ignorance.mean()),
        mis=float(by_row.interval.mean()),
        crps_log=float(scores.crps(given.draws, actuals.observed, scale="log").mean()),
        covered_50=inside[0.5],
        covered_80=inside[0.8],
        covered_90=inside[0.9],
    )


def _reference_crps(table: HistoryTable, actuals: Actuals) -> Floats:
    """Return the CRPS [unit, month] of the reference, NaN for units that the history does not cover."""
    month_ids = actuals.months.tolist()
    made = forecast_window(table, actuals.window, method=REFERENCE, draws=12, month_ids=month_ids)
    result = np.full(actuals.observed.shape, np.nan)
    rows = {unit: row for row, unit in enumerate(table.units) if made.assessed[row]}
    held = [place for place, unit in enumerate(actuals.units.tolist()) if unit in rows]
    if held:
        areas = [rows[int(actuals.units[place])] for place in held]
        result[held] = scores.crps(made.draws[areas], actuals.observed[held])
    return result


def _compare(reference: str, pairs: Sequence[tuple[Actuals, Floats, Floats]]) -> Comparison | None:
    units = np.unique(np.concatenate([actuals.units for actuals, _, _ in pairs]))
    columns = sum(actuals.months.size for actuals, _, _ in pairs)
    ours, theirs = np.full((units.size, columns), np.nan), np.full((units.size, columns), np.nan)
    windows: list[str] = []
    blocks: list[str] = []
    for actuals, own, other in pairs:
        where = np.ix_(np.searchsorted(units, actuals.units), np.arange(actuals.months.size) + len(windows))
        ours[where], theirs[where] = own, other
        windows += [actuals.window] * actuals.months.size
        blocks += [f"{actuals.window} {place // BLOCK_MONTHS}" for place in range(actuals.months.size)]
    if np.isnan(theirs).all():
        return None
    return Comparison(
        reference=reference,
        difference=scores.block_bootstrap(ours - theirs, blocks=blocks),
        by_window=_ratio(ours, theirs, np.array(windows), 0.0),
        by_unit=_ratio(ours, theirs, units[:, None], UNIT_OFFSET),
    )


def _ratio(
    ours: Floats, theirs: Floats, groups: NDArray[np.generic], offset: float
) -> scores.Relative | None:
    try:
        return scores.relative(ours, theirs, groups, offset=offset)
    except BadInput as error:
        if error.key in ("score.zero_ratio", "score.nothing_to_compare"):
            return None
        raise


def _other_vintage(level: Level, found: Sequence[WindowScore]) -> tuple[str, ...]:
    """Return the windows whose mean of deaths is not the published CRPS of forecasting zero."""
    decimals = 3 if level == "cm" else 4
    zero = {
        row.window: row.value
        for row in published(level)
        if (row.model, row.metric) == ("exactly_zero", "CRPS")
    }
    return tuple(
        row.window
        for row in found
        if row.window in zero and abs(row.deaths - zero[row.window]) > 1.01 * 10**-decimals
    )
