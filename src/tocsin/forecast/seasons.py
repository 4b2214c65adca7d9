"""The time of the year: how far each month of the calendar usually lies above or below an area's own year.

Fighting keeps seasons in many countries (snow on passes, rains, harvests). What is learned from a history is
learned with its seasons taken out, and a month ahead is given those of its calendar month. The factors are
ratios to a centred mean of twelve months, on a log scale, as in the classical decomposition of a series
(Shiskin, Young and Musgrave 1967), drawn towards one the fewer years there are to see them in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.laws import Floats

YEAR = 12
_HALF = YEAR // 2
_SMOOTHING = ((-1, 0.25), (0, 0.5), (1, 0.25))


@dataclass(frozen=True)
class Seasons:
    """Settings; chosen on the windows 1995 to 2017 (docs/skill.md).

    years:  how many years back seasons are looked for.
    shrink: years without any season that are counted beside those seen.
    offset: deaths added to every month, so that a few deaths make no season.
    """

    years: int = 8
    shrink: float = 6.0
    offset: float = 5.0

    def factors(self, series: NDArray[np.int32], covered: NDArray[np.bool_], first: int) -> Floats:
        """Return float64 [area, 12]: what the months of the calendar, January first, are multiplied by.

        The geometric mean of an area's twelve factors is 1; all are 1 where no year has been seen whole.

        series, covered: [area, month], deaths and what a release covers; first: month id of the first month.
        """
        areas, months = series.shape
        sums, seen = np.zeros((areas, YEAR)), np.zeros((areas, YEAR))
        logs = np.log(np.where(covered, series, 0) + self.offset)
        for month in range(max(months - YEAR * self.years, _HALF), months - _HALF):
            around = slice(month - _HALF, month + _HALF + 1)
            # Half of each end, so that every month of the calendar weighs the same in the mean.
            mean = (logs[:, around].sum(axis=1) - (logs[:, around.start] + logs[:, month + _HALF]) / 2) / YEAR
            known = covered[:, around].all(axis=1)
            calendar = calendar_month(first + month)
            sums[:, calendar] += np.where(known, logs[:, month] - mean, 0.0)
            seen[:, calendar] += known
        deviations = sums / (seen + self.shrink)
        smooth = sum(share * np.roll(deviations, shift, axis=1) for shift, share in _SMOOTHING)
        centred: Floats = smooth - np.mean(smooth, axis=1, keepdims=True)
        return np.exp(centred)


def calendar_month(month: int) -> int:
    """Return 0 for a January to 11 for a December, from a month id."""
    return (month - 1) % YEAR


def by_month(factors: Floats, first: int, months: int) -> Floats:
    """Return float64 [area, month]: the factors of `months` months from month id `first` on."""
    return factors[:, (np.arange(months) + first - 1) % YEAR]
