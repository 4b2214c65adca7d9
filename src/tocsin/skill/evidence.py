"""Files of results: which are compared, on the same data and kind of deaths, and the words that make one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from tocsin import backtest, kinds, months
from tocsin.backtest import HORIZONS, Backtest
from tocsin.backtest.settings import written
from tocsin.errors import BadInput
from tocsin.text import Language, say

REFERENCE = "conflictology-12"
"""The method that others are compared with unless another is named."""

KEYS = ("area", "origin", "first", "last")

_SCORES = ("crps", "ign", "interval", "crps_log", "in50", "in80", "in90", "pit", "p1", "p25", "p100", "p1000")


@dataclass(frozen=True, eq=False)
class Pair:
    """One method's results and the reference's on the same panel and kind of deaths."""

    own: Backtest
    reference: Backtest

    @property
    def target(self) -> str:
        """Kind of deaths, or `total`."""
        return self.own.target

    @property
    def name(self) -> str:
        """A short name for files: kind and scheme of the areas."""
        return f"{self.target}-{self.own.scheme}"

    def label(self, language: Language | None = None) -> str:
        """Return the kind, and the areas where they are not Gleditsch-Ward states."""
        kind = say(f"skill.kind.{self.target}", language)
        return kind if self.own.scheme == "gw" else say(f"skill.areas.{self.own.scheme}", language, kind=kind)

    def months(self) -> pl.DataFrame:
        """Rows of single months that both scored; the reference's scores end in `_r`.

        Beside the columns of the results: year (of the month), horizon (the steps that are there of a group
        of steps), fifth (of years).
        """
        more = ("month", "observed", "mean12", "before12", "active24", "state", "region")
        year = 1980 + (pl.col("month").cast(pl.Int32) - 1) // 12
        both = _both(self.own.months, self.reference.months, more)
        frame = both.with_columns(year=year, fifth=year // 5).collect()
        return frame.with_columns(horizon=pl.col("last").replace_strict(_horizons(frame["last"])))

    def sums(self) -> pl.DataFrame:
        """Rows of sums over the first months that both scored; the reference's scores end in `_r`."""
        return _both(self.own.windows, self.reference.windows, ("observed", "active24")).collect()

    def year_sums(self) -> pl.DataFrame:
        """Observed deaths of the 12 months after each origin: area, origin, after."""
        return (
            self.own.windows.filter(pl.col("last") == 12).select("area", "origin", after="observed").collect()
        )


def load(paths: Iterable[str | Path]) -> list[Backtest]:
    """Return the results in files, and in the Parquet files of folders; BadInput if there are none."""
    files: list[Path] = []
    for path in map(Path, paths):
        files.extend(sorted(path.glob("*.parquet")) if path.is_dir() else [path])
    if not files:
        raise BadInput("skill.no_files", paths=", ".join(str(path) for path in paths))
    return [backtest.read(file) for file in dict.fromkeys(files)]


def pairs(
    found: Sequence[Backtest], method: str, reference: str, *, option: str = "--reference"
) -> list[Pair]:
    """Return what can be compared, in the order of the kinds, Gleditsch-Ward states first.

    option: the one that named the reference, for the message. BadInput if the method or the reference is in
    no file, if both are the same, if two files answer the same question, or if nothing is left to compare.
    """
    held = sorted({result.method for result in found})
    for name in (method, reference):
        if name not in held:
            raise BadInput("skill.no_method", value=name, held=", ".join(held))
    if method == reference:
        raise BadInput("skill.with_itself", method=method, option=option, held=", ".join(held))
    table: dict[tuple[str, str, str], dict[str, Backtest]] = {}
    for result in found:
        question = (result.target, result.scheme, result.panel)
        methods = table.setdefault(question, {})
        if result.method in methods:
            raise BadInput("skill.twice", first=methods[result.method].file, second=result.file)
        methods[result.method] = result
    both = [
        Pair(methods[method], methods[reference])
        for methods in table.values()
        if method in methods and reference in methods and _meet(methods[method], methods[reference])
    ]
    if not both:
        raise BadInput("skill.nothing_shared", method=method, reference=reference)
    order = {target: place for place, target in enumerate(kinds.TARGETS)}
    chosen = sorted(
        both, key=lambda pair: (order[kinds.target(pair.target)], pair.own.scheme, pair.own.panel)
    )
    names = [pair.name for pair in chosen]
    if len(set(names)) < len(names):
        raise BadInput("skill.two_panels", names=", ".join(sorted(set(names))))
    return chosen


def steps_name(horizon: str, language: Language) -> str:
    """Return a group of steps in words."""
    return say(f"skill.{'step' if horizon.isdigit() else 'steps'}", language, steps=horizon)


def first_of(name: str) -> int:
    """Return the first step or year of a group named for those that are there."""
    return int(re.split("[–,]", name)[0])


def command_of(made: Backtest) -> str:
    """Return the words that make a file of results."""
    chosen = made.origins
    gaps = {second - first for first, second in pairwise(chosen)}
    every = f" --every {gaps.pop()}" if len(gaps) == 1 and gaps != {1} else ""
    origins = f"{months.label(chosen[0])}:{months.label(chosen[-1])}"
    draws = made.facts["settings"]["draws"]
    more = "" if draws == 1000 else f" --draws {draws}"
    history = f" --history {made.facts['releases'][0]}" if made.scheme == "views" else ""
    return (
        f"tocsin backtest --method {made.method} --target {made.target} --origins {origins}{every} "
        f"--steps {written(made.steps)}{more}{history} --as-of {made.facts['as_of']} --out {made.file.name}"
    )


def _meet(one: Backtest, other: Backtest) -> bool:
    """Return whether two results share an origin and a step."""
    return not (set(one.origins).isdisjoint(other.origins) or set(one.steps).isdisjoint(other.steps))


def _both(own: pl.LazyFrame, reference: pl.LazyFrame, more: Sequence[str]) -> pl.LazyFrame:
    """Return the rows that two results hold, with the scores of both and `more` columns of the first."""
    theirs = reference.select(*KEYS, *(pl.col(name).alias(f"{name}_r") for name in _SCORES))
    chosen = own.select(*KEYS, *more, *_SCORES)
    return chosen.join(theirs, on=list(KEYS), how="inner", maintain_order="left")


def _horizons(steps: pl.Series) -> dict[int, str]:
    """Return by step the name of its group, after those of its steps that are there: `1–3`, `4,6`."""
    held = steps.unique().sort().to_list()
    groups = ([step for step in held if first <= step <= last] for first, last in HORIZONS)
    return {step: written(group).replace("-", "–") for group in groups for step in group}
