"""The ranking: one row an area, by the probability of at least 25 deaths in the next three months."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import months
from tocsin.errors import BadInput
from tocsin.forecast.forecast import Forecast
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId

THRESHOLD = 25
"""Deaths that count as an armed conflict when reached in a year (UCDP); here asked of three months."""

AHEAD = 3
"""Months ahead that the ranking asks about."""

SURE = 0.99
"""Probability above which areas are ranked by their expected deaths.

Of 1,000 draws one or two are all that tells 99.2 % from 99.4 %: that is chance, not knowledge.
"""

SHOWN = 12
"""Months of history in a row."""


@dataclass(frozen=True)
class Row:
    """What the watch says of one area.

    rank:     place by probability, above 99 % by expected deaths, from 1; None where not assessed.
    area:     id as in the panel.
    history:  deaths in each of the last 12 months, oldest first; None where no release covers the month.
    recent:   deaths in the last 3 months; None if one of them is not covered.
    expected, low, high: mean and 80 % interval of the deaths in the next 3 months, by the lead method.
    probability: P(at least 25 deaths in the next 3 months), by the lead method.
    beside:   the same by the second method; None when there is only one.
    before:   the same as forecast by the lead method a month earlier, for the three months after that.
    change:   probability - before, between -1 and 1.
    """

    rank: int | None
    area: AreaId
    history: tuple[int | None, ...]
    recent: int | None
    expected: float | None
    low: float | None
    high: float | None
    probability: float | None
    beside: float | None
    before: float | None
    change: float | None

    @property
    def assessed(self) -> bool:
        """Whether a release covers the area, so that anything can be said of it."""
        return self.probability is not None


def rank(
    panel: Panel, lead: Forecast, before: Forecast | None = None, beside: Forecast | None = None
) -> tuple[Row, ...]:
    """Return the rows of all areas: assessed ones by falling probability, then the others by id.

    panel:  history up to the origin of `lead` at least.
    lead:   forecast of the total of kinds that ranks; steps 1 to 3 at least.
    before: the same method from the month before; beside: another method from the same origin; either may
            be missing, and what it would say is then None.
    Equal probabilities, and all above 99 %, are told apart by the expected number of deaths, then by id.
    Raises BadInput where `before` or `beside` is of other areas, deaths or months than these.
    """
    if before is not None:
        _check(before, lead, lead.origin - 1, lead.method)
    if beside is not None:
        _check(beside, lead, lead.origin, beside.method)
    known = panel.until(lead.origin)
    series = known.series(lead.target)[:, -SHOWN:]
    covered = known.covered[:, -SHOWN:]
    expected, low, high, chance, other = answers(lead, beside)
    earlier = _chance(before, len(chance))
    rows = []
    for position, area in enumerate(lead.areas):
        place = known.index(area)
        held = tuple(int(d) if c else None for d, c in zip(series[place], covered[place], strict=True))
        last = held[-AHEAD:]
        rows.append(
            Row(
                rank=None,
                area=area,
                history=held,
                recent=None if None in last or len(last) < AHEAD else sum(d for d in last if d is not None),
                expected=_number(expected[position]),
                low=_number(low[position]),
                high=_number(high[position]),
                probability=_number(chance[position]),
                beside=_number(other[position]),
                before=_number(earlier[position]),
                change=_number(chance[position] - earlier[position]),
            )
        )
    rows.sort(key=_order)
    return tuple(_placed(row, place) for place, row in enumerate(rows, 1))


def answers(lead: Forecast, beside: Forecast | None = None) -> tuple[NDArray[np.float64], ...]:
    """Return what a row says of the next three months, by area of `lead`.

    float64 [area] each, NaN where not assessed: `expected`, `low`, `high`, `probability` and `beside`.
    """
    totals = lead.total_over(1, AHEAD)
    figures = totals.mean(axis=1), *np.quantile(totals, [0.1, 0.9], axis=1)
    known = (np.where(lead.assessed, figure, np.nan) for figure in figures)
    return *known, lead.probability(THRESHOLD, last=AHEAD), _chance(beside, len(totals))


def _order(row: Row) -> tuple[bool, float, float, str, AreaId]:
    surest, most = standing(row.probability or 0.0, row.expected or 0.0)
    return not row.assessed, -surest, -most, str(type(row.area)), row.area


def standing(probability: float, expected: float) -> tuple[float, float]:
    """Return what areas are ranked by, the larger the higher: the probability up to `SURE`, then deaths."""
    return min(probability, SURE), expected


def _placed(row: Row, place: int) -> Row:
    return dataclasses.replace(row, rank=place) if row.assessed else row


def _check(other: Forecast, lead: Forecast, origin: int, method: str) -> None:
    """Raise BadInput unless row by row `other` speaks of the areas and deaths of `lead`, from that origin."""
    wanted = (origin, method, lead.target, lead.scheme, lead.areas)
    if (other.origin, other.method, other.target, other.scheme, other.areas) != wanted:
        raise BadInput(
            "watch.other_forecast", found=months.label(other.origin), found_method=other.method,
            found_kind=other.target, found_count=len(other.areas), origin=months.label(origin), method=method,
            kind=lead.target, count=len(lead.areas),
        )  # fmt: skip


def _chance(forecast: Forecast | None, count: int) -> NDArray[np.float64]:
    return np.full(count, np.nan) if forecast is None else forecast.probability(THRESHOLD, last=AHEAD)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
