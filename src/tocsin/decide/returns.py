"""What acting early returns for each dollar, beside the returns that are published."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin import areas
from tocsin.decide import economy, states
from tocsin.decide.delay import NEVER
from tocsin.decide.evidence import Evidence
from tocsin.decide.options import Option, library
from tocsin.decide.ranges import Range
from tocsin.decide.sensitivity import Setting
from tocsin.errors import NotAssessed

PUBLISHED_RETURN = (26.0, 103.0)
"""Dollars of conflict cost saved for each dollar of prevention (IMF blog, 13 March 2025, second hand)."""

RECENT = ("recovery-1", "recovery-2", "low")
"""States that count as recent violence here; a country in high is no case of acting early."""


@dataclass(frozen=True)
class Return:
    """What acting now gives for one country and response, every input central.

    saved: million dollars of output over never; cost: of the response; monthly: its cost a month.
    """

    gw: int
    saved: float
    cost: float
    monthly: float

    @property
    def ratio(self) -> float:
        """Dollars of output saved for each dollar spent."""
        return self.saved / self.cost

    def monthly_for(self, ratio: float) -> float:
        """Return the cost a month, in million dollars, at which the return would be `ratio`."""
        return self.monthly * self.ratio / ratio


def recent_violence(evidence: Evidence) -> tuple[int, ...]:
    """Return the countries of known GDP whose last month of data is in a state of recent violence."""
    found = []
    for gw in evidence.counts.area_ids:
        state = int(evidence.counts.state[evidence.panel.index(gw), -1])
        if state != states.UNKNOWN and states.STATES[state] in RECENT:
            try:
                economy.economy_of(gw, month=evidence.month)
            except NotAssessed:
                continue
            found.append(gw)
    return tuple(found)


def returns(
    evidence: Evidence,
    countries: Sequence[int],
    option: str,
    *,
    horizon: int = 120,
    changed: Mapping[str, float] | None = None,
) -> tuple[Return, ...]:
    """Return what a response gives in each country, acting now rather than never.

    changed: central values put in place of the library's, by the name of the range.
    """
    held = library()
    chosen = held.option(option)
    ranges = {r.name: r for r in (*held.model.values(), *chosen.ranges)}
    for name, value in (changed or {}).items():
        ranges[name] = dataclasses.replace(ranges[name], low=value, central=value, high=value)
    return tuple(_one(evidence, gw, chosen, ranges, horizon) for gw in countries)


def _one(evidence: Evidence, gw: int, option: Option, ranges: Mapping[str, Range], horizon: int) -> Return:
    gw = areas.country(gw, month=evidence.origin).gw
    size = economy.economy_of(gw, month=evidence.month)
    setting = Setting(evidence, gw, ranges, option, size, horizon, 0.0)
    found = setting.price(setting.values(1))
    never = found.at(NEVER)
    saved, cost = float(found.output[never, 0] - found.output[0, 0]), float(found.cost[0, 0])
    months = min(horizon, int(ranges[option.delay.name].central + ranges[option.duration.name].central))
    factors = (1 + ranges["model.discount"].central) ** (-np.arange(months) / 12)
    return Return(gw, saved, cost, cost / float(factors.sum()))
