"""From first report to settled value: how far the figure of a month moves, learnt from months that settled.

With y the first report and z the settled value of a month, r = log((z + 1) / (y + 1)) is taken as normal, its
mean and variance not known beforehand; the r of a new month then follows Student's t (Gelman et al. 2013,
Bayesian Data Analysis, 3rd ed., section 3.2). Both are estimated from months settled by the day of asking,
never from later ones.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.errors import NotAssessed
from tocsin.revision.triangle import Triangle, settled_from

ENOUGH = 5
"""Months that must have settled before anything is said about revision."""

LEAST_SPREAD = 0.05
"""Smallest standard deviation of r that is believed: a few months that did not move prove nothing."""


@dataclass(frozen=True)
class Pair:
    """One month with its first report and what it became.

    days: from the month's end to its first report. settled: deaths in the vintage at hand once the month had
    settled; None while it has not. known: the day of that vintage.
    """

    month: int
    first: int
    reported: dt.date
    days: int
    settled: int | None
    known: dt.date | None

    @property
    def ratio(self) -> float | None:
        """log((settled + 1) / (first + 1)); None while the month has not settled."""
        return None if self.settled is None else float(np.log((self.settled + 1) / (self.first + 1)))


@dataclass(frozen=True, eq=False)
class Revision:
    """The law of r, as known on a day.

    mean, spread: of r over `count` settled months. pairs: all months with a first report.
    """

    as_of: dt.date
    mean: float
    spread: float
    count: int
    pairs: tuple[Pair, ...]

    @property
    def open(self) -> tuple[Pair, ...]:
        """The months that had not settled."""
        return tuple(pair for pair in self.pairs if pair.settled is None)

    def sample(self, months_ahead: int, draws: int, *, name: str) -> NDArray[np.float64]:
        """Return r of so many months, float64 [draw, month]; mean and variance once for each draw."""
        seed = digest.seed(
            "revision", name, self.as_of.isoformat(), self.mean, self.spread, self.count, draws
        )
        random = np.random.Generator(np.random.PCG64(seed))
        degrees = self.count - 1
        spread = self.spread * np.sqrt(degrees / random.chisquare(degrees, draws))
        mean = self.mean + spread * random.standard_normal(draws) / np.sqrt(self.count)
        noise = random.standard_normal((draws, months_ahead))
        return np.asarray(mean[:, None] + spread[:, None] * noise)

    def settled(self, first: int, draws: int = 1000, *, name: str = "value") -> NDArray[np.int32]:
        """Return int32 [draw]: what a month first reported with `first` deaths may settle at."""
        return revised(np.array([months.whole(first, "first")]), self.sample(1, draws, name=name))[:, 0]


def revised(first: NDArray[np.int32], ratios: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return int32 [draw, month]: settled values of first reports [month] for drawn r [draw, month]."""
    # Beyond a factor of 20 the law is not to be believed, and a single draw would carry a mean.
    values = (first + 1) * np.exp(np.clip(ratios, -3.0, 3.0)) - 1
    return np.maximum(np.rint(values), 0).astype(np.int32)


def pairs(triangle: Triangle, *, as_of: dt.date) -> tuple[Pair, ...]:
    """Return the months with a first report at hand on a day, and what they had become by then."""
    known = triangle.until(as_of)
    found = []
    for month, (place, prompt) in known.first_seen().items():
        if not prompt:
            continue
        column = month - known.span.first
        reported = known.vintages[place]
        later = [n for n, day in enumerate(known.vintages) if day >= settled_from(month)]
        settled = int(known.deaths[later[0], column]) if later else None
        found.append(
            Pair(
                month=month, first=int(known.deaths[place, column]), reported=reported,
                days=(reported - months.last_day(month)).days, settled=settled,
                known=known.vintages[later[0]] if later else None,
            )
        )  # fmt: skip
    return tuple(found)


def fit(triangle: Triangle, *, as_of: dt.date) -> Revision:
    """Return the law of revision as known on a day; NotAssessed while fewer than five months have settled."""
    found = pairs(triangle, as_of=as_of)
    return law(found, as_of=as_of)


def law(found: tuple[Pair, ...], *, as_of: dt.date) -> Revision:
    """Return the law of revision of some pairs; NotAssessed for fewer than five that have settled."""
    ratios = [pair.ratio for pair in found if pair.ratio is not None]
    if len(ratios) < ENOUGH:
        raise NotAssessed("revision.too_few", count=len(ratios), least=ENOUGH, as_of=as_of.isoformat())
    spread = max(float(np.std(ratios, ddof=1)), LEAST_SPREAD)
    return Revision(as_of, float(np.mean(ratios)), spread, len(ratios), found)
