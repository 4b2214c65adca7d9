"""Choosing a trigger: by how often a rule may fire, how often it must be right, or what acting costs."""

from __future__ import annotations

import dataclasses

import numpy as np

from tocsin.errors import BadInput
from tocsin.warn.readings import Readings
from tocsin.warn.record import Record, record
from tocsin.warn.rules import Rule

GRID: tuple[float, ...] = tuple(round(0.01 * step, 2) for step in range(2, 99))
"""Triggers that are tried."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """A trigger chosen for a target, and the record the rule has with it (None from costs alone)."""

    rule: Rule
    record: Record | None


def with_trigger(rule: Rule, trigger: float) -> Rule:
    """Return the rule with another trigger, its cancel level in the same proportion.

    BadInput unless the trigger lies between 0 and 1.
    """
    return dataclasses.replace(rule, trigger=trigger, cancel=trigger * (rule.cancel / rule.trigger))


def by_return_period(rule: Rule, readings: Readings, years: float, *, until: int) -> Choice:
    """Return the lowest trigger at which an area is warned at most once in `years` on average.

    BadInput if `years` is not positive, or no trigger of the grid fires so rarely and yet at all.
    """
    if not years > 0:
        raise BadInput("warn.target_years", value=years)
    for found in _records(rule, readings, until):
        if found.record is not None and (found.record.return_period or 0.0) >= years:
            return found
    raise BadInput("warn.no_trigger", rule=rule.name, target=f"{years:g}")


def by_precision(rule: Rule, readings: Readings, share: float, *, until: int) -> Choice:
    """Return the trigger that warns of most episodes while `share` of its warnings come true.

    Among equals the lowest. BadInput if `share` is not between 0 and 1, or no trigger reaches it.
    """
    if not 0 < share <= 1:
        raise BadInput("warn.target_share", value=share)
    good = [c for c in _records(rule, readings, until) if c.record and (c.record.precision or 0.0) >= share]
    if not good:
        raise BadInput("warn.no_trigger", rule=rule.name, target=f"{share:g}")
    return max(good, key=lambda c: (c.record.hits if c.record else 0, -c.rule.trigger))


def by_cost_loss(rule: Rule, *, cost: float, loss: float, effect: float = 1.0) -> Choice:
    """Return the trigger above which acting costs less than it saves on average: C / (e L).

    cost: of acting; loss: of what the question asks coming true without it; effect: share of the loss that
    acting prevents. BadInput unless the trigger lies between 0 and 1.
    Source: Richardson (2000), Q. J. R. Meteorol. Soc. 126: 649-667.
    """
    if not (cost > 0 and loss > 0 and 0 < effect <= 1 and np.isfinite(cost) and np.isfinite(loss)):
        raise BadInput("warn.target_costs", cost=cost, loss=loss, effect=effect)
    trigger = cost / (effect * loss)
    if trigger >= 1:
        raise BadInput("warn.never_pays", cost=cost, loss=loss, effect=effect)
    return Choice(with_trigger(rule, trigger), None)


def _records(rule: Rule, readings: Readings, until: int) -> list[Choice]:
    tried = (with_trigger(rule, trigger) for trigger in GRID)
    return [Choice(one, record(one, readings, until=until)) for one in tried]
