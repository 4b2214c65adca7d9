"""What crosses borders: how far a state's outlook depends on violence in each state within its reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin import areas, digest
from tocsin.errors import NotAssessed
from tocsin.kinds import target as target_of
from tocsin.panel import Panel
from tocsin.spillover.reach import Near
from tocsin.spillover.regression import BESIDE, QUESTIONS, Regression, Terms, fit

NOTICEABLE = 0.01
"""A change in probability smaller than this is called almost nothing."""


@dataclass(frozen=True)
class Change:
    """What the deaths of others add to the probability of one question, with a 90 % interval.

    at_least, within: the question, deaths and months. full: the probability; without: had the others seen
    no deaths in the last 12 months. added = full - without; low, high: its interval over refits to states
    drawn again.
    """

    at_least: int
    within: int
    full: float
    without: float
    added: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """The part of the probability that goes with the others' deaths; negative where they go with less."""
        return self.added / self.full if self.full else 0.0

    @property
    def noticeable(self) -> bool:
        """Whether it is at least NOTICEABLE and its interval is on one side of zero."""
        return abs(self.added) >= NOTICEABLE and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Link:
    """One direction between two states: what deaths in `source` add to the outlook of `target`.

    deaths_3, deaths_12: deaths in the source in the last 3 and 12 months. changes: one for each question.
    """

    source: int
    target: int
    near: Near
    deaths_3: int
    deaths_12: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Spillover:
    """What the states within reach add to a state's outlook, as seen at the end of a month.

    own_3, own_12: the state's own deaths of the last 3 and 12 months. together: all the others taken away
    at once. links: each taken away alone, the largest change first; their changes do not sum to `together`,
    since the terms are logs of sums.
    """

    gw: int
    month: int
    kind: str
    own_3: int
    own_12: int
    together: tuple[Change, ...]
    links: tuple[Link, ...]
    releases: tuple[str, ...]
    inputs: str

    def of(self, source: int) -> Link | None:
        """Return the link from one state, None where it is out of reach."""
        return next((link for link in self.links if link.source == source), None)


@dataclass(frozen=True, eq=False)
class FittedSpillover:
    """The regressions of every question fitted to what was known at the end of a month."""

    terms: Terms
    regressions: tuple[Regression, ...]

    @property
    def month(self) -> int:
        """Month id of the last month read."""
        return self.terms.panel.span.last

    def of(self, gw: int) -> Spillover:
        """Return what crosses into a state; NotAssessed where no release covers it in that month."""
        terms = self.terms
        if gw not in terms.near:
            raise NotAssessed("spillover.not_assessed", area=areas.country(gw, month=self.month).name())
        links = [self._link(gw, near) for near, _, _ in terms.near[gw]]
        links.sort(key=lambda link: (-max(abs(c.added) for c in link.changes), link.source))
        everyone = frozenset(near.gw for near, _, _ in terms.near[gw])
        return Spillover(
            gw=gw, month=self.month, kind=terms.target, own_3=self._deaths(gw, 3),
            own_12=self._deaths(gw, 12), together=self._changes(gw, everyone), links=tuple(links),
            releases=terms.panel.releases,
            inputs=digest.of_parts(terms.panel.digest, terms.target, QUESTIONS),
        )  # fmt: skip

    def strongest(self, count: int = 20) -> tuple[Link, ...]:
        """Return the links of the month with the largest change in the last question, strongest first."""
        links = [self._link(gw, near) for gw in self.terms.near for near, _, _ in self.terms.near[gw]]
        links = [link for link in links if link.deaths_12]
        links.sort(key=lambda link: (-link.changes[-1].added, link.source, link.target))
        return tuple(links[:count])

    def _link(self, gw: int, near: Near) -> Link:
        changes = self._changes(gw, frozenset([near.gw]))
        return Link(near.gw, gw, near, self._deaths(near.gw, 3), self._deaths(near.gw, 12), changes)

    def _deaths(self, gw: int, window: int) -> int:
        return int(self.terms.sums[window][self.terms.panel.index(gw), -1])

    def _changes(self, gw: int, without: frozenset[int]) -> tuple[Change, ...]:
        own, beside = self.terms.own(gw, -1), self.terms.beside(gw, -1)
        supposed = self.terms.beside(gw, -1, without)
        both = np.concatenate([np.c_[own, beside], np.c_[own, supposed]])
        changes = []
        for regression in self.regressions:
            full, bare = regression.probability(both).T
            added = full - bare
            low, high = np.quantile(added[1:], [0.05, 0.95])
            changes.append(
                Change(
                    regression.at_least,
                    regression.within,
                    float(full[0]),
                    float(bare[0]),
                    float(added[0]),
                    float(low),
                    float(high),
                )
            )
        return tuple(changes)


def assess(
    panel: Panel,
    *,
    month: int,
    target: str = "total",
    questions: Sequence[tuple[int, int]] = QUESTIONS,
) -> FittedSpillover:
    """Return the regressions fitted to every state up to the end of a month.

    panel: deaths of states, Gleditsch-Ward codes. The answer is an association found in past months of all
    states (own deaths of 1, 3, 12 and 60 months held fixed), not proof of cause; and it knows only deaths,
    no arms, fighters or refugees. NotAssessed if the month lies outside the panel or too little came before.
    The idea of own and neighbours' lagged conflict as regressors: Buhaug & Gleditsch (2008), International
    Studies Quarterly 52: 215-233.
    """
    terms = Terms.of(panel, month, target_of(target))
    return FittedSpillover(terms, tuple(fit(terms, *question) for question in questions))


def coefficients(fitted: FittedSpillover) -> tuple[tuple[int, str, float, float, float], ...]:
    """Return the neighbour terms: deaths of the question, name, coefficient and its 90 % interval."""
    return tuple(
        (regression.at_least, name, *regression.interval(name))
        for regression in fitted.regressions
        for name in BESIDE
    )
