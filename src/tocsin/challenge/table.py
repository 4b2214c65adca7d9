"""The table of a submission's scores, window by window, beside what was published."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.challenge.layout import Level
from tocsin.challenge.published import PublishedScore
from tocsin.files import inert, write
from tocsin.score import Interval, Relative

METRICS = ("CRPS", "IGN", "MIS")


@dataclass(frozen=True)
class WindowScore:
    """Mean scores over the unit-months of one window: `months` of its 12, those that the actuals hold.

    crps, mis in deaths; ign in bits, by the official resampling where there are not 1,000 draws; crps_log:
    CRPS of log(1 + deaths); covered_50, covered_80, covered_90: share of outcomes inside those central
    intervals; deaths: mean outcome, which is also the CRPS of forecasting zero; from_points: whether the
    1,000 draws were made from point forecasts.
    """

    window: str
    units: int
    months: int
    draws: int
    from_points: bool
    deaths: float
    crps: float
    ign: float
    mis: float
    crps_log: float
    covered_50: float
    covered_80: float
    covered_90: float


@dataclass(frozen=True)
class Comparison:
    """CRPS against a reference forecast of the same unit-months; negative and below 1 are better.

    difference: mean CRPS minus the reference's, with its block-bootstrap interval over units and blocks of
    three months; by_window: geometric mean over windows of the ratio of mean CRPS; by_unit: the same over
    units, 0.1 deaths added to both means. A ratio is None where it has no size (a mean of 0).
    """

    reference: str
    difference: Interval
    by_window: Relative | None
    by_unit: Relative | None


@dataclass(frozen=True)
class ScoreTable:
    """Scores of one submission, with the published ones of the same windows.

    other_vintage: windows whose actuals differ from those of the published scores (by the mean of deaths), so
    that the rows must not be set side by side; inputs: digest of predictions, actuals and reference.
    """

    level: Level
    model: str
    windows: tuple[WindowScore, ...]
    published: tuple[PublishedScore, ...]
    comparison: Comparison | None
    other_vintage: tuple[str, ...]
    inputs: str

    def mean(self, metric: str) -> float:
        """Return the mean over windows of `CRPS`, `IGN` or `MIS`, as the challenge averages."""
        return math.fsum(getattr(row, metric.lower()) for row in self.windows) / len(self.windows)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a metric and model, best mean first within a metric.

        Keys: metric, model, own (whether it is this submission), each window's name, and mean, which is None
        for a published model that lacks one of the windows.
        """
        names = [row.window for row in self.windows]
        rows: list[dict[str, Any]] = []
        for metric in METRICS:
            own = {row.window: getattr(row, metric.lower()) for row in self.windows}
            lines = [_line(metric, self.model, True, names, own)]
            for model in dict.fromkeys(row.model for row in self.published):
                given = {
                    row.window: row.value
                    for row in self.published
                    if (row.model, row.metric) == (model, metric)
                }
                if given:
                    lines.append(_line(metric, model, False, names, given))
            rows.extend(
                sorted(lines, key=lambda line: (line["mean"] is None, line["mean"] or 0, line["model"]))
            )
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        plain = dataclasses.asdict(self)
        plain["mean"] = {metric.lower(): self.mean(metric) for metric in METRICS}
        return plain

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return lines of level, model, source (own or published), metric, window and value, with means."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["level", "model", "source", "metric", "window", "value"])
        for row in self.rows():
            source = "own" if row["own"] else "published"
            for window in [*(score.window for score in self.windows), "mean"]:
                if row[window] is not None:
                    model = inert(row["model"])
                    writer.writerow([self.level, model, source, row["metric"], window, row[window]])
        return stream.getvalue()

    def write(self, folder: str | Path) -> tuple[Path, Path]:
        """Write `scores_<level>.csv` and `scores_<level>.json` into `folder` and return both.

        Each is written whole or not at all. Raises BadInput for a place that refuses it.
        """
        table, record = (Path(folder) / f"scores_{self.level}.{kind}" for kind in ("csv", "json"))
        write(table, self.to_csv().encode())
        write(record, self.to_json().encode())
        return table, record


def _line(
    metric: str, model: str, own: bool, names: Iterable[str], values: dict[str, float]
) -> dict[str, Any]:
    by_window = {name: values.get(name) for name in names}
    held = [value for value in by_window.values() if value is not None]
    mean = math.fsum(held) / len(held) if len(held) == len(by_window) else None
    return {"metric": metric, "model": model, "own": own, **by_window, "mean": mean}
