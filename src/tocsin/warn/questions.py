"""What a rule asks of every area at an origin, how likely it is, and whether it came true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadInput, NotAssessed
from tocsin.forecast.forecast import Forecast
from tocsin.months import label
from tocsin.panel import Panel
from tocsin.panel.panel import AreaId
from tocsin.warn.rules import MEAN_MONTHS, Rule

Answer = Literal["came_true", "did_not", "open", "not_assessed"]

TRUE, FALSE, OPEN, NOT_ASSESSED = 1, 0, -1, -2

ANSWERS: dict[int, Answer] = {TRUE: "came_true", FALSE: "did_not", OPEN: "open", NOT_ASSESSED: "not_assessed"}
"""What an outcome is called."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Asked:
    """A rule's question to every area of a panel, from one origin.

    assessed: bool [area], the months the rule looks back on are covered.
    applies:  bool [area], the question can be asked: assessed, and quiet where the rule demands it.
    needed:   int64 [area], deaths the window must reach; 0 where the question does not apply.
    """

    rule: Rule
    origin: int
    areas: tuple[AreaId, ...]
    assessed: NDArray[np.bool_]
    applies: NDArray[np.bool_]
    needed: Numbers


def ask(rule: Rule, panel: Panel, origin: int) -> Asked:
    """Return what `rule` asks of each area from month `origin`, reading nothing later.

    An area whose origin, or any month that has to have been quiet, is not covered is not assessed. The mean
    of the last 12 months is that of the covered ones. NotAssessed for an origin outside the panel.
    """
    if origin not in panel.span:
        raise NotAssessed("panel.origin_outside", origin=label(origin), span=str(panel.span))
    now = origin - panel.span.first + 1
    series, covered = panel.series(rule.kind)[:, :now], panel.covered[:, :now]
    assessed = covered[:, -1].copy()
    applies: NDArray[np.bool_] = np.ones(len(panel.areas), dtype=np.bool_)
    if rule.quiet_months:
        if now < rule.quiet_months:
            assessed[:] = False
        assessed &= covered[:, -rule.quiet_months :].all(axis=1)
        applies = np.logical_not((series[:, -rule.quiet_months :] > 0).any(axis=1))
    needed = np.full(len(panel.areas), rule.threshold, dtype=np.int64)
    if rule.times_mean is not None:
        count = covered[:, -MEAN_MONTHS:].sum(axis=1)
        mean = series[:, -MEAN_MONTHS:].sum(axis=1, dtype=np.float64) / np.maximum(count, 1)
        # The mean is a fraction in binary: 8.33 x 2 x 3 must not ask for 51 where 50 is meant.
        relative = np.ceil(rule.times_mean * mean * rule.window - 1e-6).astype(np.int64)
        needed = np.maximum(needed, relative)
    applies &= assessed
    return Asked(rule, origin, panel.areas, assessed, applies, np.where(applies, needed, 0))


def chance(asked: Asked, said: Forecast) -> NDArray[np.float64]:
    """Return float64 [area]: the probability that each question comes true; NaN where it is not asked.

    said: a forecast of the rule's kind from the same origin, for the same areas; BadInput for another.
    """
    if (said.origin, said.target, said.areas) != (asked.origin, asked.rule.kind, asked.areas):
        raise BadInput("warn.other_forecast", rule=asked.rule.name, kind=asked.rule.kind)
    totals = said.total_over(1, asked.rule.window)
    share = (totals >= asked.needed[:, None]).mean(axis=1)
    return np.where(asked.applies & said.assessed, share, np.nan)


def rest(said: Forecast, area: AreaId, *, needed: int, sofar: int, last: int) -> float | None:
    """Return the probability that a question asked earlier still comes true, given the deaths so far.

    needed: deaths that settle it; sofar: deaths in its months up to the origin of `said`; last: its last
    month. None where the area is not assessed.
    """
    row = said.index(area)
    if not said.assessed[row]:
        return None
    return float((sofar + said.total_over(1, last - said.origin)[row] >= needed).mean())


def outcomes(asked: Asked, panel: Panel) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return what came of each question, and after how many months it came true.

    The first is int8 [area] of TRUE (deaths reached what was needed, be it before the window closed), FALSE
    (the window closed below), OPEN (it is still open) and NOT_ASSESSED (not asked, or a month of it is not
    covered and what is covered did not reach it). The second is int8 [area], 0 where it did not.
    """
    first = asked.origin + 1 - panel.span.first
    seen = slice(first, first + asked.rule.window)
    deaths, covered = panel.series(asked.rule.kind)[:, seen], panel.covered[:, seen]
    result, after = settled(deaths, covered, asked.needed, asked.rule.window)
    return (
        np.where(asked.applies, result, NOT_ASSESSED).astype(np.int8),
        np.where(asked.applies, after, 0).astype(np.int8),
    )


def settled(
    deaths: NDArray[np.integer], covered: NDArray[np.bool_], needed: int | Numbers, window: int
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return what came of questions, and after how many months they came true (0 where they did not).

    deaths, covered: [..., month], the months of the window that have passed, deaths 0 where not covered;
    needed: [...], the deaths that settle each; window: months in all. What is reached is reached, whatever
    other months are not covered: TRUE. Else OPEN until the window closes, then FALSE, or NOT_ASSESSED where a
    month is not covered.
    """
    reached = deaths.cumsum(axis=-1, dtype=np.int64) >= np.asarray(needed)[..., None]
    came = reached.any(axis=-1)
    below = np.where(covered.all(axis=-1), FALSE, NOT_ASSESSED) if deaths.shape[-1] == window else OPEN
    after = np.where(came, (~reached).sum(axis=-1) + 1, 0)
    return np.where(came, TRUE, below).astype(np.int8), after.astype(np.int8)


def resolve(rule: Rule, panel: Panel, area: AreaId, origin: int) -> Answer:
    """Return what came of the question that `rule` asked of one area from month `origin`.

    `open` until the deaths needed are reached or the window closes; `not_assessed` where the question could
    not be asked, or a month of a closed window is not covered. NotAssessed for an origin outside the panel.
    """
    result, _ = outcomes(ask(rule, panel, origin), panel)
    return ANSWERS[int(result[panel.index(area)])]
