"""What the pages of this room tell, measured once and in no language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin import figures, months
from tocsin.decide import cases, checks
from tocsin.decide.checks import Checked
from tocsin.decide.cost_loss import ValueCurve, value_curve
from tocsin.decide.decision import decide
from tocsin.decide.economy import economy_of
from tocsin.decide.evidence import Evidence
from tocsin.decide.options import library
from tocsin.decide.record import Decision
from tocsin.decide.returns import PUBLISHED_RETURN, Return, recent_violence, returns
from tocsin.decide.transitions import Counts, Transitions, estimate, held_out, yearly
from tocsin.panel import Panel

Floats = NDArray[np.float64]

DAY = dt.date(2025, 12, 31)
"""The day whose shipped figures the pages are made from."""

STRICT = 100
PRIORS = (6.0, 24.0, 120.0, 600.0, 1200.0, 2400.0, 12000.0)
CUT = months.parse("2010-12")

CHOSEN = ("peacekeeping-100", "mediation")
"""The responses whose returns are also given with other inputs; the cases are those of the first."""

SMALL = 50_000
"""Million international dollars below which an economy is called small."""

_GROWTH = {"model.growth-loss-low": 0.032, "model.growth-loss-high": 0.067}
_MARKET = {"model.market-factor": 1.0}
_OTHERWISE: dict[str, tuple[Mapping[str, float], int]] = {
    "growth": (_GROWTH, 120), "market": (_MARKET, 120), "long": ({}, 360),
    "all": ({**_GROWTH, **_MARKET}, 360),
}  # fmt: skip
"""Inputs put in the place of central ones, and months over which losses count."""

RATIOS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, eq=False)
class Passages:
    """States and their passages.

    checked: each published figure, of state-based violence and of all kinds; strict: state-based, with 100
    deaths in place of 25. held: float64 [state], months in each. uncapped: float64 [state], mean deaths in a
    month of it, nothing cut. december: float64 [from, to], passages from one December to the next.
    priors: months of the world's passages added, and the log-likelihood of later passages with them.
    """

    checked: tuple[tuple[Checked, Checked], ...]
    strict: tuple[Checked, ...]
    world: Transitions
    held: Floats
    uncapped: Floats
    december: Floats
    priors: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, panel: Panel) -> Passages:
        """Measure those of a panel."""
        counts = Counts.of(panel)
        held = counts.held.sum(axis=0)
        return cls(
            checked=tuple(
                zip(checks.check(panel, target="sb"), checks.check(panel, target="total"), strict=True)
            ),
            strict=checks.check(panel, target="sb", deaths=STRICT),
            world=estimate(counts, draws=1000),
            held=held,
            uncapped=counts.uncapped.sum(axis=0) / held,
            december=yearly(counts).sum(axis=0),
            priors=tuple((prior, held_out(panel, CUT, prior)) for prior in PRIORS),
        )


@dataclass(frozen=True, eq=False)
class Returns:
    """Returns on acting early in a month.

    each: of every response, by name; otherwise: of `CHOSEN` with other inputs, by what is changed.
    extremes: the five countries of the highest returns and the five of the lowest, and what doing nothing
    costs there. small: returns in small economies.
    """

    month: int
    each: Mapping[str, tuple[Return, ...]]
    otherwise: Mapping[str, tuple[tuple[Return, ...], ...]]
    extremes: tuple[tuple[Return, Decision], ...]
    small: tuple[float, ...]

    @classmethod
    def of(cls, evidence: Evidence) -> Returns:
        """Measure those in the countries of recent violence."""
        chosen = recent_violence(evidence)
        names = [name for name, option in library().options.items() if not option.idle]
        each = {name: returns(evidence, chosen, name) for name in names}
        ranked = sorted(each[CHOSEN[0]], key=lambda r: (-r.ratio, r.gw))
        return cls(
            month=evidence.month,
            each=each,
            otherwise={
                "central": tuple(each[name] for name in CHOSEN),
                **{
                    title: tuple(
                        returns(evidence, chosen, name, horizon=horizon, changed=changed) for name in CHOSEN
                    )
                    for title, (changed, horizon) in _OTHERWISE.items()
                },
            },
            extremes=tuple(
                (one, decide(evidence, one.gw, options=["none"], in_depth=False))
                for one in (*ranked[:5], *ranked[-5:])
            ),
            small=tuple(one.ratio for one in ranked if economy_of(one.gw, month=evidence.month).gdp < SMALL),
        )


@dataclass(frozen=True, eq=False)
class Measured:
    """All of it. curves: value by cost-loss ratio, one a method of `cases.METHODS`; count: of the cases."""

    panel: Panel
    passages: Passages
    returns: Returns
    curves: tuple[ValueCurve, ...]
    count: int


def measure(panel: Panel, made: pl.DataFrame) -> Measured:
    """Measure what the pages tell of a panel and of the cases made from it (`cases.make`)."""
    evidence = Evidence.of(panel, month=panel.span.last + 1, samples=100)
    curves = tuple(value_curve(cases.pairs(made, method), RATIOS) for method in cases.METHODS)
    return Measured(panel, Passages.of(panel), Returns.of(evidence), curves, made.height)


def shipped() -> Panel:
    """Return the figures that ship, as the pages read them."""
    return figures.panel(as_of=DAY)


def spread(found: Sequence[Return]) -> tuple[float, float, float, int]:
    """Return the quartiles of some returns, the middle one first, and how many lie in the published span."""
    ratios = np.array([entry.ratio for entry in found])
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    within = int(((ratios >= PUBLISHED_RETURN[0]) & (ratios <= PUBLISHED_RETURN[1])).sum())
    return float(middle), float(low), float(high), within


def costs(found: Sequence[Return]) -> tuple[float, float, float]:
    """Return the median cost a month, and those at which the return would reach the published span."""
    least, most = PUBLISHED_RETURN
    middle = float(np.median([entry.monthly for entry in found]))
    low, high = (float(np.median([entry.monthly_for(r) for entry in found])) for r in (least, most))
    return middle, low, high
