"""How much better one method is than another, and how sure that is: geometric means over years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import digest

RESAMPLES = 1000
LEVEL = 0.9
LEAST_YEARS = 3
"""Years below which no verdict is given."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratio:
    """A geometric mean over years of the ratio of two mean scores, with its interval; below 1 is better.

    years: how many entered; worse: in how many of them the ratio is above 1.01; rows: forecasts.
    """

    value: float
    low: float
    high: float
    years: int
    worse: int
    rows: int

    @property
    def verdict(self) -> str:
        """`better` or `worse` where the whole interval lies on one side of 1, else `open`.

        `open` too where too few years entered for the interval to mean anything.
        """
        if self.years < LEAST_YEARS:
            return "open"
        if self.high < 1:
            return "better"
        return "worse" if self.low > 1 else "open"


def ratio_over_years(ours: Floats, theirs: Floats, rows: Floats, *, offset: float) -> Ratio | None:
    """Return the ratio of mean scores, a year at a time, from sums of scores and rows [area, year].

    offset: added to both means of a year, so that years in which almost nothing happened do not decide.
    Areas and, independently, years are drawn with replacement (the pigeonhole bootstrap of Owen 2007, Ann.
    Appl. Stat. 1: 386-411), so what the months of a year or the areas of a month share stays together.
    None where no year has a ratio.
    """
    by_year = _ratios(ours.sum(axis=0), theirs.sum(axis=0), rows.sum(axis=0), offset)
    known = np.isfinite(by_year)
    if not known.any():
        return None
    random = np.random.default_rng(digest.seed("skill.ratio"))
    areas, years = ours.shape
    of_areas = random.multinomial(areas, np.full(areas, 1 / areas), size=RESAMPLES).astype(np.float64)
    of_years = random.multinomial(years, np.full(years, 1 / years), size=RESAMPLES).astype(np.float64)
    drawn = _ratios(of_areas @ ours, of_areas @ theirs, of_areas @ rows, offset)
    weights = np.where(np.isfinite(drawn), of_years, 0.0)
    told = weights.sum(axis=1) > 0
    logs = (weights * np.where(np.isfinite(drawn), drawn, 0.0)).sum(axis=1)[told] / weights.sum(axis=1)[told]
    tail = (1 - LEVEL) / 2
    low, high = np.exp(np.quantile(logs, [tail, 1 - tail]))
    return Ratio(
        value=float(np.exp(by_year[known].mean())),
        low=float(low),
        high=float(high),
        years=int(known.sum()),
        worse=int((by_year[known] > np.log(1.01)).sum()),
        rows=int(rows.sum()),
    )


def _ratios(ours: Floats, theirs: Floats, rows: Floats, offset: float) -> Floats:
    """Return the log of the ratio of means, NaN where there is no row or a mean is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = ours / rows + offset, theirs / rows + offset
        found: Floats = np.log(above) - np.log(below)
    return np.where((above > 0) & (below > 0), found, np.nan)
