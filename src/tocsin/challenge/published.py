"""The challenge's published scores, for tables beside our own."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tocsin.challenge.layout import Level


@dataclass(frozen=True)
class PublishedScore:
    """One published mean score: CRPS and MIS in deaths, IGN in bits."""

    model: str
    metric: str
    window: str
    value: float


@cache
def published(level: Level) -> tuple[PublishedScore, ...]:
    """Return the published scores of a level, windows 2018 to 2021, all against final-release actuals.

    Source: the first line of `published_cm.csv` and `published_pgm.csv` beside this module.
    """
    file = resources.files("tocsin.challenge") / f"published_{level}.csv"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(
        PublishedScore(row["model"], row["metric"], row["window"], float(row["value"]))
        for row in csv.DictReader(lines)
    )
