"""What a page of skill says, computed from one pair of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import digest
from tocsin.areas import REGIONS
from tocsin.backtest import STATES, THRESHOLDS
from tocsin.score import Interval, block_bootstrap
from tocsin.skill.evidence import Pair
from tocsin.skill.ratios import LEVEL, RESAMPLES, Ratio, ratio_over_years
from tocsin.skill.sums import Sum, sums

GROUP_OFFSET = 0.01
"""Deaths a month added to both means of a year in the tables by group."""

BRIER_OFFSET = 1e-5
"""The same for Brier scores."""

WINDOW_STEPS = (3, 14)
"""A window of the prediction challenge: a calendar year, from data to October of the year before."""

LEVELS = (50, 80, 90)
TOLERANCE = 0.03
"""How far coverage may lie from its level."""

KEPT = 0.25

BINS = np.array([0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
LEAST_IN_BIN = 100

RELIABLE_STEPS = 12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """Mean scores of one calendar year from one October; `_r` are the reference's."""

    year: int
    rows: int
    crps: float
    crps_r: float

    @property
    def ratio(self) -> float | None:
        """Mean CRPS over the reference's; None where that is 0."""
        return self.crps / self.crps_r if self.crps_r else None


@dataclass(frozen=True)
class Headline:
    """Forecasts together: the ratio and mean difference of CRPS, and mean CRPS, IGN and MIS of both."""

    ratio: Ratio
    difference: Interval
    scores: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Coverage:
    """Shares of outcomes inside central intervals, by level, of the method and of the reference (`_r`).

    closed: outcomes between the interval's ends, both included; randomised: outcomes whose randomised PIT
    lies in the middle, which is the level where the law is right, also for counts with many zeros.
    """

    horizon: str
    rows: int
    closed: dict[int, float]
    closed_r: dict[int, float]
    randomised: dict[int, float]
    randomised_r: dict[int, float]


def off(share: float, level: int) -> bool:
    """Return whether a coverage lies further from its level, in percent, than tolerated."""
    return abs(share - level / 100) > TOLERANCE + 1e-9


@dataclass(frozen=True)
class Reliability:
    """Stated probabilities of at least `deaths` in a month against what happened, one entry a bin.

    stated, happened: means in bins of at least 100 forecasts; low, high: interval of `happened` over
    resampled areas; counts: forecasts; brier: mean score; error: mean distance of stated from happened over
    bins, weighted by forecasts; rate: how often it happened.
    """

    deaths: int
    stated: Floats
    happened: Floats
    low: Floats
    high: Floats
    counts: Floats
    brier: float
    error: float
    rate: float


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything the page says of one pair.

    headline: the windows together; whole: all `rows` together, with `GROUP_OFFSET` in their ratio. None where
    there are none, or both methods score 0.
    groups: ratios of CRPS by `horizon`, `state`, `region`, `period` and `kept`, by value in order.
    brier: ratios of the Brier score, by deaths.
    pit: share of outcomes in each tenth of the forecast law, by horizon, of the method; `pit_r` reference's.
    sums: what was said of sums over the first months; sum_coverage: their intervals, by number of months.
    """

    pair: Pair
    rows: int
    windows: tuple[Window, ...]
    headline: Headline | None
    whole: Headline | None
    groups: dict[str, dict[str, Ratio]]
    coverage: tuple[Coverage, ...]
    reliability: tuple[Reliability, ...]
    reliability_r: tuple[Reliability, ...]
    brier: dict[int, Ratio]
    pit: dict[str, Floats]
    pit_r: dict[str, Floats]
    sums: tuple[Sum, ...]
    sum_coverage: tuple[Coverage, ...]


@dataclass(frozen=True, eq=False)
class Against:
    """The ratios of CRPS of one pair alone: over the windows, and by group as in `Findings`."""

    pair: Pair
    windows: Ratio | None
    groups: dict[str, dict[str, Ratio]]


def against(pair: Pair) -> Against:
    """Return how a method does against one more baseline."""
    frame = pair.months()
    inside = _in_windows(frame)
    ratio = None if inside.is_empty() else ratio_over_years(*_sums(inside, "window"), offset=0.0)
    return Against(pair, ratio, _groups(pair, frame))


def findings(pair: Pair) -> Findings:
    """Return everything the page says of one pair."""
    frame = pair.months()
    near = frame.filter(pl.col("last") <= RELIABLE_STEPS)
    active = frame.filter("active24")
    together = pair.sums()
    thresholds = () if near.is_empty() else THRESHOLDS
    return Findings(
        pair=pair,
        rows=frame.height,
        windows=_windows(frame),
        headline=_headline(_in_windows(frame), "window", offset=0.0),
        whole=_headline(frame, "year", offset=GROUP_OFFSET),
        groups=_groups(pair, frame),
        coverage=tuple(_coverage(active)),
        reliability=tuple(_reliability(near, deaths, "") for deaths in thresholds),
        reliability_r=tuple(_reliability(near, deaths, "_r") for deaths in thresholds),
        brier=_brier(near),
        pit=_pit(active, "pit"),
        pit_r=_pit(active, "pit_r"),
        sums=sums(together),
        sum_coverage=tuple(_sum_coverage(together.filter("active24"))),
    )


def _in_windows(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of whole windows, with `window`, the calendar year."""
    first, last = WINDOW_STEPS
    october = (pl.col("origin").cast(pl.Int32) - 1) % 12 == 9
    chosen = frame.filter(october & pl.col("last").is_between(first, last))
    whole = chosen.group_by("origin").agg(pl.col("last").n_unique() == last - first + 1)
    return chosen.join(whole.filter("last").select("origin"), on="origin", how="semi").with_columns(
        window=1981 + (pl.col("origin").cast(pl.Int32) - 1) // 12
    )


def _windows(frame: pl.DataFrame) -> tuple[Window, ...]:
    means = (
        _in_windows(frame)
        .group_by("window")
        .agg(pl.len(), *(pl.col(name).cast(pl.Float64).mean() for name in ("crps", "crps_r")))
        .sort("window")
    )
    return tuple(Window(*row) for row in means.iter_rows())


def _headline(frame: pl.DataFrame, year: str, *, offset: float) -> Headline | None:
    """Return what all rows of a frame say, years and blocks by its column `year`; None without a ratio."""
    if frame.is_empty():
        return None
    ratio = ratio_over_years(*_sums(frame, year), offset=offset)
    if ratio is None:
        return None
    loss = pl.col("crps").cast(pl.Float64) - pl.col("crps_r")
    columns = frame.select("origin", "last", year).unique().sort("origin", "last").with_row_index("at")
    table = (
        frame.select("area", "origin", "last", loss=loss)
        .join(columns, on=["origin", "last"], how="inner")
        .sort("at", "area")
        .pivot(on="at", index="area", values="loss")
        .sort("area")
        .drop("area")
    )
    names = ("crps", "ign", "interval", "crps_log")
    means = frame.select(pl.col(*names, *(f"{name}_r" for name in names)).cast(pl.Float64).mean())
    return Headline(
        ratio=ratio,
        difference=block_bootstrap(
            table.to_numpy().astype(np.float64), blocks=columns[year].to_list(), resamples=RESAMPLES
        ),
        scores={name: (float(means[name][0]), float(means[f"{name}_r"][0])) for name in names},
    )


def _groups(pair: Pair, frame: pl.DataFrame) -> dict[str, dict[str, Ratio]]:
    found = {
        "horizon": _by(frame, "horizon", _horizons(frame)),
        "state": _by(frame, "state", STATES),
        "region": _by(frame, "region", REGIONS),
        "period": _by_period(frame),
    }
    before = (pl.col("mean12") - pl.col("before12")).abs() <= KEPT * pl.col("before12")
    kept = {"before": frame.filter((pl.col("before12") > 0) & before)}
    after = (pl.col("after") / 12 - pl.col("mean12")).abs() <= KEPT * pl.col("mean12")
    year = frame.filter((pl.col("last") <= 12) & (pl.col("mean12") > 0))
    kept["after"] = year.join(pair.year_sums(), on=["area", "origin"], how="inner").filter(after)
    ratios = {name: _ratio(part) for name, part in kept.items()}
    return found | {"kept": {name: ratio for name, ratio in ratios.items() if ratio}}


def _horizons(frame: pl.DataFrame) -> list[str]:
    return frame.sort("last")["horizon"].unique(maintain_order=True).to_list()


def _by(frame: pl.DataFrame, column: str, values: Sequence[str]) -> dict[str, Ratio]:
    found = {value: _ratio(frame.filter(pl.col(column) == value)) for value in values}
    return {value: ratio for value, ratio in found.items() if ratio}


def _by_period(frame: pl.DataFrame) -> dict[str, Ratio]:
    """Return ratios by five years, named by the years that are there: 1994, 1995–1999, 2020–2021."""
    found = {}
    for (_,), part in sorted(frame.group_by("fifth")):
        years = part["year"].unique().sort().to_list()
        name = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
        if ratio := _ratio(part):
            found[name] = ratio
    return found


def _ratio(frame: pl.DataFrame) -> Ratio | None:
    return None if frame.is_empty() else ratio_over_years(*_sums(frame, "year"), offset=GROUP_OFFSET)


def _sums(frame: pl.DataFrame, year: str) -> tuple[Floats, Floats, Floats]:
    """Return sums of CRPS, of the reference's, and rows, each [area, year]."""
    cells = (
        frame.group_by("area", year)
        .agg(pl.col("crps").cast(pl.Float64).sum(), pl.col("crps_r").cast(pl.Float64).sum(), pl.len())
        .sort("area", year)
    )
    areas, at_area = np.unique(cells["area"].to_numpy(), return_inverse=True)
    years, at_year = np.unique(cells[year].to_numpy(), return_inverse=True)
    out = []
    for name in ("crps", "crps_r", "len"):
        table = np.zeros((areas.size, years.size))
        table[at_area, at_year] = cells[name].to_numpy()
        out.append(table)
    return out[0], out[1], out[2]


def _coverage(active: pl.DataFrame) -> list[Coverage]:
    return [_covered(name, active.filter(horizon=name)) for name in _horizons(active)]


def _sum_coverage(active: pl.DataFrame) -> list[Coverage]:
    return [_covered(str(months), rows) for (months,), rows in sorted(active.group_by("last"))]


def _covered(label: str, rows: pl.DataFrame) -> Coverage:
    measured = []
    for end in ("", "_r"):
        pit = pl.col(f"pit{end}")
        closed = rows.select(pl.col(f"in{n}{end}").mean().alias(str(n)) for n in LEVELS)
        middle = rows.select(((pit - 0.5).abs() <= n / 200).mean().alias(str(n)) for n in LEVELS)
        measured += [{n: float(table[str(n)][0]) for n in LEVELS} for table in (closed, middle)]
    closed_own, middle_own, closed_r, middle_r = measured
    return Coverage(label, rows.height, closed_own, closed_r, middle_own, middle_r)


def _reliability(frame: pl.DataFrame, deaths: int, end: str) -> Reliability:
    """Return the reliability of one threshold; `end` is the suffix of the method's columns."""
    stated = frame[f"p{deaths}{end}"].to_numpy()
    happened = (frame["observed"].to_numpy() >= deaths).astype(np.float64)
    areas, at_area = np.unique(frame["area"].to_numpy(), return_inverse=True)
    at_bin = np.clip(np.searchsorted(BINS, stated, side="right") - 1, 0, BINS.size - 2)
    shape = (areas.size, BINS.size - 1)
    place = at_area * shape[1] + at_bin
    size = shape[0] * shape[1]
    counts, said, seen = (
        np.bincount(place, weights, size).reshape(shape) for weights in (None, stated, happened)
    )
    total = counts.sum(axis=0)
    enough = total >= LEAST_IN_BIN
    random = np.random.default_rng(digest.seed("skill.reliability"))
    weights = random.multinomial(areas.size, np.full(areas.size, 1 / areas.size), size=RESAMPLES)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = (weights @ seen) / (weights @ counts)
        mean_said, mean_seen = said.sum(axis=0) / total, seen.sum(axis=0) / total
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(drawn[:, enough], [tail, 1 - tail], axis=0)
    known = total > 0
    gap = np.abs(mean_said[known] - mean_seen[known])
    return Reliability(
        deaths=deaths, stated=mean_said[enough], happened=mean_seen[enough], low=low, high=high,
        counts=total[enough], brier=float(((stated - happened) ** 2).mean()),
        error=float((gap * total[known]).sum() / total.sum()), rate=float(happened.mean()),
    )  # fmt: skip


def _brier(near: pl.DataFrame) -> dict[int, Ratio]:
    found = {}
    for deaths in THRESHOLDS:
        happened = (pl.col("observed") >= deaths).cast(pl.Float64)
        scores = near.select(
            "area", "year", crps=(pl.col(f"p{deaths}") - happened) ** 2,
            crps_r=(pl.col(f"p{deaths}_r") - happened) ** 2,
        )  # fmt: skip
        if ratio := ratio_over_years(*_sums(scores, "year"), offset=BRIER_OFFSET):
            found[deaths] = ratio
    return found


def _pit(active: pl.DataFrame, column: str) -> dict[str, Floats]:
    found = {}
    for name in _horizons(active):
        values = active.filter(horizon=name)[column].to_numpy()
        found[name] = np.histogram(values, bins=10, range=(0, 1))[0] / values.size
    return found
