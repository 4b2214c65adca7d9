"""How areas pass from state to state: monthly and yearly matrices from a panel, with their uncertainty.

What is counted is the passage of each area from one month (or December) to the next. Months of one country
are not independent, so uncertainty comes from whole countries: the Bayesian bootstrap (Rubin 1981, Annals of
Statistics 9: 130-134) gives each country a weight from the exponential law. If every country-month had a
weight of its own, the result would be the usual Dirichlet posterior. A region is drawn towards the world by
`PRIOR` months of each state that pass as the world's do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin import areas, digest, months
from tocsin.areas import REGIONS, Region
from tocsin.decide import states
from tocsin.decide.states import CONFLICT, HIGH, LOW, STATES, YEAR
from tocsin.errors import NotAssessed, UnknownName
from tocsin.kinds import Target
from tocsin.panel import Panel

Floats = NDArray[np.float64]

PRIOR = 1200.0
"""Months of the world's passages that a region's count of each state is joined by: chosen by the likelihood
of the passages of 2011-2021 given those to 2010, flat from 600 to 2,400 (docs/decide/transitions.md)."""

N = len(STATES)
TAIL = 0.99
"""Deaths of a month enter the mean of its state up to this quantile of the state's months."""


@dataclass(frozen=True, eq=False)
class Counts:
    """What a panel says of states, all of it from months up to its last.

    area_ids:  Gleditsch-Ward codes, ascending; regions: of each.
    state:     int8 [area, month], as `states.monthly`.
    passages:  float64 [area, from, to]: months that passed from one state to another.
    deaths:    float64 [area, state]: deaths in months of a state, each up to the tail's cap.
    uncapped:  the same without a cap.
    held:      float64 [area, state]: months in a state.
    reached:   float64 [group, state]: share of months in a state whose last three months hold 25 deaths or
               more, by the group (`states.group`) of the state three months before.
    """

    panel: Panel
    target: Target
    area_ids: tuple[int, ...]
    regions: tuple[Region, ...]
    state: NDArray[np.int8]
    passages: Floats
    deaths: Floats
    uncapped: Floats
    held: Floats
    reached: Floats

    @classmethod
    def of(cls, panel: Panel, target: Target = "total") -> Counts:
        """Count the states of a panel. BadInput unless it is of countries by Gleditsch-Ward code."""
        state = states.monthly(panel, target)
        series = panel.series(target).astype(np.float64)
        ids = tuple(int(area) for area in panel.areas)
        held = np.stack([(state == s).sum(axis=1) for s in range(N)], axis=1).astype(np.float64)
        capped = series.copy()
        for s in range(N):
            here = state == s
            if here.any():
                capped[here] = np.minimum(capped[here], np.quantile(series[here], TAIL))
        return cls(
            panel=panel, target=target, area_ids=ids, regions=tuple(region_of(gw) for gw in ids), state=state,
            passages=passages(state), deaths=_by_state(capped, state), uncapped=_by_state(series, state),
            held=held, reached=_reached(panel.series(target), state),
        )  # fmt: skip

    @cached_property
    def digest(self) -> str:
        """Digest of everything a chain can be made from."""
        return digest.of_parts("decide.counts", self.panel.digest, self.target, self.passages, self.deaths)

    def members(self, region: Region | None) -> NDArray[np.bool_]:
        """Return which areas are of a region, all if None; UnknownName for another word."""
        if region is None:
            return np.ones(len(self.area_ids), dtype=np.bool_)
        if region not in REGIONS:
            raise UnknownName("decide.unknown_region", value=region, choices=", ".join(REGIONS))
        return np.array([own == region for own in self.regions])

    def of_area(self, gw: int) -> int:
        """Return the state of an area in the last month; NotAssessed, with what is missing, if not known."""
        row = self.panel.index(gw)
        found = int(self.state[row, -1])
        if found == states.UNKNOWN:
            raise self._not_known(gw, row)
        return found

    def _not_known(self, gw: int, row: int) -> NotAssessed:
        span = self.panel.span
        year = range(span.last - YEAR + 1, span.last + 1)
        lived = [month for month in year if any(state.gw == gw for state in areas.countries(month=month))]
        missing = [m for m in lived if m not in span or not self.panel.covered[row, m - span.first]]
        told = {"area": areas.country(gw).name(), "month": months.label(span.last)}
        # Bringing in data cannot help a state that is younger than the months it is told from.
        if not missing:
            return NotAssessed("decide.state_young", count=len(lived), **told)
        spans = ", ".join(map(str, months.runs(missing)))
        return NotAssessed("decide.state_unknown", missing=spans, **told)

    def ever_in_conflict(self, gw: int) -> bool:
        """Return whether an area was ever in low or high in the panel."""
        return bool(self.held[self.panel.index(gw), LOW:].sum() > 0)


@dataclass(frozen=True, eq=False)
class Transitions:
    """Passages in one month (or year) between states, with draws of them.

    matrix: float64 [from, to], rows sum to 1; draws: float64 [draw, from, to].
    deaths: float64 [state], mean deaths in a month of each state; death_draws: [draw, state].
    """

    region: Region | None
    matrix: Floats
    draws: Floats
    deaths: Floats
    death_draws: Floats

    def interval(self, level: float = 0.9) -> Floats:
        """Return float64 [2, from, to]: the central interval of each passage."""
        tail = (1 - level) / 2
        found: Floats = np.quantile(self.draws, [tail, 1 - tail], axis=0)
        return found


def estimate(
    counts: Counts, *, region: Region | None = None, draws: int = 2000, prior: float = PRIOR
) -> Transitions:
    """Return monthly passages and deaths by state for a region (the world if None), as known by the panel.

    prior: months of the world's passages added to each state of a region.
    NotAssessed where no area of the panel was ever seen to leave a state: its end cannot be estimated.
    """
    check_exits(counts.passages.sum(axis=0), counts)
    mine = counts.members(region)
    weights = country_weights(counts, draws)
    ones = np.ones((1, len(counts.area_ids)))
    matrix, deaths = _posterior(counts, mine, np.vstack([ones, weights]), prior if region else 0.0)
    return Transitions(region, matrix[0], matrix[1:], deaths[0], deaths[1:])


def check_exits(total: Floats, counts: Counts) -> None:
    """Raise NotAssessed if a state was entered and never left, or never seen at all."""
    for s in range(N):
        if total[s].sum() - total[s, s] == 0:
            raise NotAssessed(
                "decide.no_exits",
                state=states.name_of(STATES[s]),
                months=int(total[s].sum()),
                span=str(counts.panel.span),
            )


def country_weights(counts: Counts, draws: int) -> Floats:
    """Return float64 [draw, area]: exponential weights, each country's from its own code."""
    columns = [_weights(gw, draws) for gw in counts.area_ids]
    return np.stack(columns, axis=1)


@cache
def _weights(gw: int, draws: int) -> Floats:
    seed = digest.seed("decide.country", gw, draws)
    found: Floats = np.random.Generator(np.random.PCG64(seed)).standard_exponential(draws)
    found.setflags(write=False)
    return found


def _posterior(
    counts: Counts, mine: NDArray[np.bool_], weights: Floats, prior: float
) -> tuple[Floats, Floats]:
    flat = counts.passages.reshape(len(mine), -1)
    shape = (len(weights), N, N)
    world = (weights @ flat).reshape(shape)
    world /= world.sum(axis=2, keepdims=True)
    total = (weights[:, mine] @ flat[mine]).reshape(shape) + prior * world
    # Without a prior the region is the world, and every state has passages.
    matrix = total / total.sum(axis=2, keepdims=True)
    all_held, all_deaths = weights @ counts.held, weights @ counts.deaths
    held = weights[:, mine] @ counts.held[mine] + prior
    deaths = weights[:, mine] @ counts.deaths[mine] + prior * all_deaths / np.maximum(all_held, 1e-9)
    return matrix, deaths / np.maximum(held, 1e-9)


def passages(state: NDArray[np.int8]) -> Floats:
    """Return float64 [area, from, to]: how often each area passed between states in its row."""
    out = np.zeros((len(state), N, N))
    for row, line in enumerate(state):
        before, after = line[:-1], line[1:]
        known = (before >= 0) & (after >= 0)
        np.add.at(out[row], (before[known], after[known]), 1)
    return out


def yearly(counts: Counts) -> Floats:
    """Return float64 [area, from, to]: passages from one December to the next."""
    december = [i for i, month in enumerate(counts.panel.span) if month % YEAR == 0]
    return passages(counts.state[:, december])


def held_out(panel: Panel, cut: int, prior: float) -> float:
    """Return the log-likelihood of the passages after month `cut`, by region, given those up to it."""
    whole, before = Counts.of(panel), Counts.of(panel.until(cut))
    after = passages(whole.state[:, cut - panel.span.first :])
    total = 0.0
    for region in REGIONS:
        matrix = estimate(before, region=region, draws=1, prior=prior).matrix
        seen = after[whole.members(region)].sum(axis=0)
        happened = seen > 0
        # A passage never seen before has no chance at all in any of these; it is left out of all alike.
        possible = happened & (before.passages.sum(axis=0) > 0)
        total += float((seen[possible] * np.log(matrix[possible])).sum())
    return total


def region_of(gw: int) -> Region:
    """Return UCDP's region of a state that exists or existed."""
    return areas.country(gw).region


def _by_state(deaths: Floats, state: NDArray[np.int8]) -> Floats:
    return np.stack([np.where(state == s, deaths, 0).sum(axis=1) for s in range(N)], axis=1)


def _reached(series: NDArray[np.int32], state: NDArray[np.int8]) -> Floats:
    recent = states.trailing(series, 3)[:, 3:] >= CONFLICT
    before, after = state[:, :-3], state[:, 3:]
    out = np.zeros((3, N))
    for row in range(3):
        start = np.isin(before, [s for s in range(N) if states.group(s) == row])
        for end in (LOW, HIGH):
            here = start & (after == end)
            # One month more of either answer keeps a share that was never seen away from 0 and 1.
            out[row, end] = (recent[here].sum() + 1) / (here.sum() + 2)
    return out
