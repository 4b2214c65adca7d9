"""What crosses borders: how far a state's outlook depends on violence in each state within its reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin import areas, digest, months
from tocsin.errors import NotAssessed
from tocsin.kinds import target as target_of
from tocsin.panel import Panel
from tocsin.spillover.reach import REACH_KM, Near, within_reach
from tocsin.spillover.regression import QUESTIONS, REPLICATES, Floats, Regression, Terms, fit
from tocsin.text import Language, say

ORDERS = 64
"""Orders of taking away over which a source's part is averaged."""

NOTICEABLE = 0.01
"""A change in probability smaller than this is called almost nothing."""


@dataclass(frozen=True)
class Change:
    """What the deaths of others add to the probability of one question, with a 90 % interval.

    at_least, within: the question, deaths and months. full: the probability. without: had these others, and
    they alone, seen no deaths in the last 12 months. added: their part of what all others add together; the
    parts of all links sum to it. low, high: the interval of `added` over refits to states drawn again.
    Where many are violent at once, `full - without` is smaller than `added`: the others say the same.
    """

    at_least: int
    within: int
    full: float
    without: float
    added: float
    low: float
    high: float

    @property
    def alone(self) -> float:
        """By how much the probability falls where these others alone are taken away."""
        return self.full - self.without

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
    at once. links: one for each state within reach, the largest change first. not_assessed: states within
    reach without a link, since a month of their last 12 is not covered.
    """

    gw: int
    month: int
    kind: str
    own_3: int
    own_12: int
    together: tuple[Change, ...]
    links: tuple[Link, ...]
    not_assessed: tuple[int, ...]
    releases: tuple[str, ...]
    inputs: str

    @property
    def known(self) -> bool:
        """Whether any state within reach is assessed, or there is none: else nothing around is known."""
        return bool(self.links) or not self.not_assessed

    def unknown(self, language: Language | None = None) -> str:
        """Return the sentence that names the states within reach not assessed; none where all are."""
        if not self.not_assessed:
            return ""
        names = (areas.country(gw, month=self.month).name(language) for gw in self.not_assessed)
        return say("spillover.unknown", language, km=int(REACH_KM), names=", ".join(names))

    def check_known(self) -> None:
        """Raise NotAssessed where nothing around is known, which is not that nothing happens there."""
        if not self.known:
            name = areas.country(self.gw, month=self.month).name()
            raise NotAssessed("spillover.nobody_known", name=name, month=months.label(self.month))

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

    @property
    def not_assessed(self) -> tuple[int, ...]:
        """The states of which a month of the last 12 is not covered: from and into them nothing is told."""
        alive = (state.gw for state in areas.countries(month=self.month))
        return tuple(gw for gw in alive if gw not in self.terms.near)

    def left_out(self, key: str, language: Language | None = None) -> list[str]:
        """Return the sentence `key` with how many states of how many are not assessed; none where all are."""
        if not self.not_assessed:
            return []
        total = len(areas.countries(month=self.month))
        return [say(key, language, count=len(self.not_assessed), total=total)]

    def of(self, gw: int) -> Spillover:
        """Return what crosses into a state; NotAssessed where a month of its last 12 is not covered."""
        terms = self.terms
        if gw not in terms.near:
            area, month = areas.country(gw, month=self.month).name(), months.label(self.month)
            raise NotAssessed("spillover.not_assessed", area=area, month=month)
        links = sorted(
            self._links(gw), key=lambda link: (-max(abs(c.added) for c in link.changes), link.source)
        )
        linked = {link.source for link in links}
        reached = (near.gw for near in within_reach(gw, month=self.month))
        return Spillover(
            gw=gw, month=self.month, kind=terms.target, own_3=self._deaths(gw, 3),
            own_12=self._deaths(gw, 12), together=self._together(gw), links=tuple(links),
            not_assessed=tuple(other for other in reached if other not in linked),
            releases=terms.panel.releases,
            inputs=digest.of_parts(terms.panel.digest, terms.target, QUESTIONS),
        )  # fmt: skip

    def strongest(self, count: int) -> tuple[Link, ...]:
        """Return the links of the month with the largest change in the last question, strongest first."""
        links = (link for gw in self.terms.near for link in self._links(gw) if link.deaths_12)
        return tuple(strongest(links)[:count])

    def _together(self, gw: int) -> tuple[Change, ...]:
        everyone = frozenset(near.gw for near, _, _ in self.terms.near[gw])
        changes = []
        for regression in self.regressions:
            full, bare = regression.probability(self._supposed(gw, [frozenset(), everyone])).T
            changes.append(_change(regression, full, bare, full - bare))
        return tuple(changes)

    def _links(self, gw: int) -> list[Link]:
        """Return the links into a state: each source's part is its Shapley value.

        The mean, over orders in which the sources could be taken away, of what taking it away then changes.
        Sources without deaths have no part. Orders are drawn in pairs, each with its reverse.
        """
        near = {other.gw: other for other, _, _ in self.terms.near[gw]}
        active = [code for code in near if self._deaths(code, 12)]
        parts = {code: np.zeros((len(self.regressions), REPLICATES + 1)) for code in near}
        random = np.random.Generator(np.random.PCG64(digest.seed("spillover", gw, self.month)))
        orders = [random.permutation(active).tolist() for _ in range(ORDERS // 2)] if active else []
        orders += [order[::-1] for order in orders]
        gone = [frozenset(order[:count]) for order in orders for count in range(len(order) + 1)]
        subsets = [frozenset(), *(frozenset([code]) for code in near), *gone]
        terms = self._supposed(gw, subsets)
        chances = np.stack([regression.probability(terms) for regression in self.regressions])
        whole, single = chances[:, :, 0], dict(zip(near, np.moveaxis(chances[:, :, 1:], 2, 0), strict=False))
        path = chances[:, :, 1 + len(near) :].reshape(*chances.shape[:2], len(orders), len(active) + 1)
        for place, order in enumerate(orders):
            for step, code in enumerate(order):
                parts[code] += (path[:, :, place, step] - path[:, :, place, step + 1]) / len(orders)
        return [
            Link(
                code, gw, other, self._deaths(code, 3), self._deaths(code, 12),
                tuple(
                    _change(regression, whole[place], single[code][place], parts[code][place])
                    for place, regression in enumerate(self.regressions)
                ),
            )
            for code, other in near.items()
        ]  # fmt: skip

    def _deaths(self, gw: int, window: int) -> int:
        return int(self.terms.sums[window][self.terms.panel.index(gw), -1])

    def _supposed(self, gw: int, gone: Sequence[frozenset[int]]) -> Floats:
        """Return the terms of a state, a row for each set of states supposed to have seen no deaths."""
        places = {others: place for place, others in enumerate(dict.fromkeys(gone))}
        beside = self.terms.supposed(gw, places)[[places[others] for others in gone]]
        found: Floats = np.c_[np.repeat(self.terms.own(gw, -1), len(gone), axis=0), beside]
        return found


def _change(regression: Regression, full: Floats, bare: Floats, added: Floats) -> Change:
    """Return the change of one question from arrays over the replicates, the fit itself first."""
    low, high = np.quantile(added[1:], [0.05, 0.95])
    return Change(
        at_least=regression.at_least, within=regression.within, full=float(full[0]), without=float(bare[0]),
        added=float(added[0]), low=float(low), high=float(high),
    )  # fmt: skip


def strongest(links: Iterable[Link]) -> list[Link]:
    """Return links by their change in the last question, the largest first."""
    return sorted(links, key=lambda link: (-link.changes[-1].added, link.source, link.target))


def assess(panel: Panel, *, month: int, target: str = "total") -> FittedSpillover:
    """Return the regressions fitted to every state up to the end of a month.

    panel: deaths of states, Gleditsch-Ward codes. The answer is an association found in past months of all
    states (own deaths of 1, 3, 12 and 60 months held fixed), not proof of cause; and it knows only deaths,
    no arms, fighters or refugees. NotAssessed if the month lies outside the panel or too little came before.
    The idea of own and neighbours' lagged conflict as regressors: Buhaug & Gleditsch (2008), International
    Studies Quarterly 52: 215-233.
    """
    terms = Terms.of(panel, month, target_of(target))
    return FittedSpillover(terms, tuple(fit(terms, *question) for question in QUESTIONS))
