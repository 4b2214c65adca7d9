"""Cost and loss: at what probability acting pays, and for whom a forecast is worth having.

Someone can act at cost C, which prevents a share e of a loss L that an event would bring. Acting pays when
the probability exceeds C / (e L). The relative economic value of a forecast is its saving over always doing
what the base rate says, as a share of the saving of perfect foresight: 1 is perfect, 0 no better than the
base rate, below 0 worse. Richardson 2000, Quarterly Journal of the Royal Meteorological Society 126: 649-667;
Wilks 2001, Meteorological Applications 8: 209-219.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from tocsin.backtest import THRESHOLDS as BACKTESTED
from tocsin.backtest import Backtest
from tocsin.errors import BadInput

Floats = NDArray[np.float64]

RATIOS: tuple[float, ...] = tuple(round(0.01 * k, 2) for k in range(1, 100))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Forecast probabilities of an event and whether it happened, one row an area and origin.

    probability: float64 [row]; happened: bool [row]; method, event: what is forecast, for captions.
    """

    probability: Floats
    happened: NDArray[np.bool_]
    method: str = ""
    event: str = ""

    @classmethod
    def of(cls, probability: ArrayLike, happened: ArrayLike, *, method: str = "", event: str = "") -> Pairs:
        """Return checked pairs. BadInput for other lengths, none, a value outside 0 to 1, or no yes or no."""
        chance = np.asarray(probability, dtype=np.float64)
        outcome = np.asarray(happened)
        if chance.ndim != 1 or chance.shape != outcome.shape or not chance.size:
            raise BadInput(
                "decide.cost_loss.shapes", probability=str(chance.shape), happened=str(outcome.shape)
            )
        outside = ~((chance >= 0) & (chance <= 1))
        if outside.any():
            raise BadInput("decide.cost_loss.not_a_probability", value=str(chance[outside][0]))
        if not np.isin(outcome, (0, 1)).all():
            raise BadInput("decide.cost_loss.not_yes_or_no")
        return cls(chance, outcome.astype(np.bool_), method, event)

    @classmethod
    def of_backtest(cls, found: Backtest, *, deaths: int = 25, months: int = 3) -> Pairs:
        """Return the pairs of "at least `deaths` in the next `months` months" from a backtest.

        deaths: one of the thresholds a backtest keeps; months: a window that it keeps (3 or 12).
        BadInput where it holds no such rows.
        """
        if deaths not in BACKTESTED:
            raise BadInput(
                "decide.cost_loss.threshold", value=deaths, choices=", ".join(map(str, BACKTESTED))
            )
        rows = (
            found.rows.filter(pl.col("first") == 1, pl.col("last") == months)
            .select(p=f"p{deaths}", y=pl.col("observed") >= deaths)
            .collect()
        )
        if rows.is_empty():
            raise BadInput("decide.cost_loss.no_window", months=months, file=str(found.file))
        event = f"{deaths}+/{months}"
        return cls.of(rows["p"].to_numpy(), rows["y"].to_numpy(), method=found.method, event=event)

    @property
    def base_rate(self) -> float:
        """Share of rows in which the event happened."""
        return float(self.happened.mean())


@dataclass(frozen=True, eq=False)
class ValueCurve:
    """Relative economic value by cost-loss ratio C / (e L).

    value:   float64 [ratio], acting when the probability reaches the ratio itself; no choice is made with
             hindsight, so this is what a user would have had.
    best:    float64 [ratio], with the best trigger of these very rows: an upper bound.
    trigger: float64 [ratio], that trigger; above 1 where never acting is best.
    """

    method: str
    event: str
    base_rate: float
    ratios: Floats
    value: Floats
    best: Floats
    trigger: Floats


def break_even(cost: float, loss: float, effectiveness: float = 1.0) -> float:
    """Return C / (e L), the probability above which acting pays; above 1 where it never does.

    BadInput unless cost is at least 0, loss above 0 and effectiveness above 0 and at most 1.
    """
    if not 0 <= cost < np.inf:
        raise BadInput("decide.cost_loss.cost", value=str(cost))
    if not 0 < loss < np.inf:
        raise BadInput("decide.cost_loss.loss", value=str(loss))
    if not 0 < effectiveness <= 1:
        raise BadInput("decide.cost_loss.effectiveness", value=str(effectiveness))
    return cost / (effectiveness * loss)


def value_curve(pairs: Pairs, ratios: Sequence[float] = RATIOS) -> ValueCurve:
    """Return the value of a forecast for each ratio C / (e L) between 0 and 1.

    NaN where the event always or never happened: there is nothing to gain. BadInput for another ratio.
    """
    alpha = np.asarray(ratios, dtype=np.float64)
    if not ((alpha > 0) & (alpha < 1)).all():
        raise BadInput("decide.cost_loss.ratio", value=str(alpha[~((alpha > 0) & (alpha < 1))][0]))
    triggers, warned, missed = _triggers(pairs)
    base = pairs.base_rate
    expense = alpha[:, None] * warned + missed
    own = np.searchsorted(triggers, alpha, side="left")
    at_ratio = expense[np.arange(alpha.size), own]
    best = expense.argmin(axis=1)
    climate = np.minimum(alpha, base)
    gain = climate - alpha * base
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(gain > 0, (climate - at_ratio) / gain, np.nan)
        most = np.where(gain > 0, (climate - expense.min(axis=1)) / gain, np.nan)
    return ValueCurve(pairs.method, pairs.event, base, alpha, value, most, triggers[best])


def best_trigger(pairs: Pairs, *, cost: float, loss: float, effectiveness: float = 1.0) -> float:
    """Return the probability to act from that would have cost least over these rows; above 1 for never.

    It is chosen with hindsight: judge it on rows it was not chosen on. BadInput as `break_even`.
    """
    alpha = break_even(cost, loss, effectiveness)
    triggers, warned, missed = _triggers(pairs)
    return float(triggers[(alpha * warned + missed).argmin()])


def _triggers(pairs: Pairs) -> tuple[Floats, Floats, Floats]:
    """Return triggers ascending (the last is never), and the shares of rows warned of and missed at each."""
    order = np.argsort(pairs.probability)
    chance, outcome = pairs.probability[order], pairs.happened[order]
    triggers, first = np.unique(chance, return_index=True)
    before = np.concatenate([[0], np.cumsum(outcome)])
    count = len(chance)
    below = np.append(first, count)
    return np.append(triggers, 1.01), (count - below) / count, before[below] / count
