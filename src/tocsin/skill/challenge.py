"""The challenge's windows beside the published scores, read from what `tocsin challenge score` wrote."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import BadFile

METRICS = ("CRPS", "IGN", "MIS")


@dataclass(frozen=True)
class Row:
    """One model's mean score by window, and over all windows."""

    model: str
    own: bool
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the windows."""
        return math.fsum(self.values) / len(self.values)


@dataclass(frozen=True)
class ChallengeTable:
    """Scores of one submission and of the published ones that have every window.

    rows: by metric, best mean first; other_vintage: windows whose actuals are not those of the published
    scores.
    """

    model: str
    windows: tuple[str, ...]
    rows: dict[str, tuple[Row, ...]]
    other_vintage: tuple[str, ...]


def read_scores(file: Path) -> ChallengeTable:
    """Return the scores in a JSON file of `tocsin challenge score`; BadFile if it is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        windows = tuple(str(row["window"]) for row in found["windows"])
        # A submission is named by its team and its method, which are one word where a method is its own team.
        name = " ".join(dict.fromkeys(str(found["model"]).split()))
        rows = {}
        for metric in METRICS:
            own = Row(name, True, tuple(float(row[metric.lower()]) for row in found["windows"]))
            given: dict[str, dict[str, float]] = {}
            for row in found["published"]:
                if row["metric"] == metric:
                    given.setdefault(row["model"], {})[row["window"]] = float(row["value"])
            whole = [
                Row(model, False, tuple(values[window] for window in windows))
                for model, values in given.items()
                if set(windows) <= set(values)
            ]
            rows[metric] = tuple(sorted([own, *whole], key=lambda row: (row.mean, row.model)))
        return ChallengeTable(name, windows, rows, tuple(found["other_vintage"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile("skill.not_scores", file=file) from error
