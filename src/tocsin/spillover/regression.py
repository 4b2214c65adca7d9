"""How much a neighbour's violence says about one's own: a regression on all states, with its uncertainty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from tocsin import digest
from tocsin.errors import NotAssessed
from tocsin.kinds import Target
from tocsin.months import label
from tocsin.panel import Panel, existing
from tocsin.spillover.reach import Near, within_reach

Floats = NDArray[np.float64]

OWN = ("own_1", "own_3", "own_12", "own_60")
"""Log of 1 + the state's own deaths of the last 1, 3, 12 and 60 months."""

BESIDE = ("touching", "near")
"""Log of 1 + deaths of the last 12 months, summed over states that touch, and over those near."""

QUESTIONS: tuple[tuple[int, int], ...] = ((1, 3), (25, 3))
"""What is asked of a state: at least so many deaths within so many months."""

WINDOWS = (1, 3, 12, 60)
EVERY = 3
REPLICATES = 100
FADE_KM = 500.0
"""A state that does not touch counts by exp(-km / FADE_KM)."""


@dataclass(frozen=True, eq=False)
class Regression:
    """A logistic regression of one question on own and neighbours' deaths, fitted to all states.

    coefficients: float64 [replicate, 1 + OWN + BESIDE]; row 0 is the fit, the others are fits to states drawn
    again with replacement (all months of a state together), for intervals. rows, hits: how many state-months
    it learnt from, and in how many the answer was yes.
    """

    at_least: int
    within: int
    coefficients: Floats
    rows: int
    hits: int

    def probability(self, terms: Floats) -> Floats:
        """Return float64 [replicate, row] for terms [row, OWN + BESIDE]."""
        odds = self.coefficients[:, :1] + self.coefficients[:, 1:] @ terms.T
        found: Floats = expit(odds)
        return found

    def interval(self, name: str) -> tuple[float, float, float]:
        """Return a coefficient and its 90 % interval over the replicates."""
        column = self.coefficients[:, 1 + (*OWN, *BESIDE).index(name)]
        low, high = np.quantile(column[1:], [0.05, 0.95])
        return float(column[0]), float(low), float(high)


@dataclass(frozen=True, eq=False)
class Terms:
    """What the regression reads at the end of a month: sums of deaths, by state.

    panel: deaths of states to the month; near: for each state of the panel, what lies within its reach (by
    the borders of the month), each with the row in the panel and its weight. States that are not covered in
    the last 12 months are in neither place: theirs are not known to be none.
    """

    panel: Panel
    target: Target
    near: dict[int, tuple[tuple[Near, int, float], ...]]

    @classmethod
    def of(cls, panel: Panel, origin: int, target: Target) -> Terms:
        """Return the terms up to month `origin`.

        NotAssessed if the panel does not hold it, or covers no state throughout the 12 months to it.
        """
        past = panel.until(origin)
        rows = {int(area): row for row, area in enumerate(past.areas)}
        # A state that is younger than twelve months had no deaths before it was one: nothing is unknown.
        known = np.all((past.covered | ~existing(list(rows), past.span))[:, -12:], axis=1)
        near = {}
        for gw, row in rows.items():
            if past.covered[row, -1] and known[row]:
                near[gw] = tuple(
                    (other, rows[other.gw], 1.0 if other.touches else float(np.exp(-other.km / FADE_KM)))
                    for other in within_reach(gw, month=origin)
                    if other.gw in rows and known[rows[other.gw]]
                )
        if not near:
            raise NotAssessed("spillover.no_state", month=label(origin))
        return cls(past, target, near)

    @cached_property
    def sums(self) -> dict[int, Floats]:
        """Float64 [state, month] by window: deaths of the window that ends with the month."""
        series = self.panel.series(self.target).astype(np.float64)
        total = np.cumsum(np.pad(series, ((0, 0), (1, 0))), axis=1)
        months = np.arange(series.shape[1])
        return {w: total[:, months + 1] - total[:, np.maximum(months + 1 - w, 0)] for w in WINDOWS}

    def own(self, gw: int, at: slice | int) -> Floats:
        """Return float64 [month, OWN] of a state."""
        row = self.panel.index(gw)
        return np.stack([np.log1p(np.atleast_1d(self.sums[w][row, at])) for w in WINDOWS], axis=1)

    def beside(self, gw: int, at: slice) -> Floats:
        """Return float64 [month, BESIDE] of a state."""
        columns = []
        for touches in (True, False):
            total = np.zeros_like(self.sums[12][0, at])
            for other, row, weight in self.near[gw]:
                if other.touches is touches:
                    total += weight * self.sums[12][row, at]
            columns.append(np.log1p(total))
        return np.stack(columns, axis=1)

    def supposed(self, gw: int, gone: Iterable[frozenset[int]]) -> Floats:
        """Return float64 [set, BESIDE] of a state now, as if the states of each set had seen no deaths."""
        deaths = self.sums[12][:, -1].tolist()
        parts = [(other.gw, other.touches, weight * deaths[row]) for other, row, weight in self.near[gw]]
        sums = []
        for others in gone:
            touching = near = 0.0
            for code, touches, part in parts:
                if code in others:
                    continue
                if touches:
                    touching += part
                else:
                    near += part
            sums.append((touching, near))
        found: Floats = np.log1p(np.array(sums))
        return found


def fit(terms: Terms, at_least: int, within: int) -> Regression:
    """Return the regression of one question, learnt from every month whose answer was known at the origin.

    A state counts in the months in which it was covered throughout. NotAssessed if yes or no never occurred.
    """
    panel = terms.panel
    last = len(panel.span) - within
    at = slice(max(WINDOWS), last, EVERY)
    series = panel.series(terms.target).astype(np.int64)
    total = np.cumsum(np.pad(series, ((0, 0), (1, 0))), axis=1)
    known = np.cumsum(np.pad(panel.covered, ((0, 0), (1, 0))), axis=1)
    months = np.arange(len(panel.span))[at]
    blocks, answers = [], []
    for gw in terms.near:
        row = panel.index(gw)
        covered = known[row, months + 1 + within] - known[row, months - 11] == within + 12
        values = np.concatenate([terms.own(gw, at), terms.beside(gw, at)], axis=1)[covered]
        ahead = total[row, months + 1 + within] - total[row, months + 1]
        blocks.append(values)
        answers.append(ahead[covered] >= at_least)
    if len(months) == 0 or len(set(np.concatenate(answers).tolist())) < 2:
        raise NotAssessed("spillover.too_little", at_least=at_least, within=within)
    random = np.random.Generator(
        np.random.PCG64(digest.seed("spillover", terms.target, at_least, within, panel.span.last))
    )
    terms_of, answered = np.concatenate(blocks), np.concatenate(answers)
    owner = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    best = _coefficients(terms_of, answered, np.ones(len(answered)), np.zeros(terms_of.shape[1] + 1))
    fits = [best]
    for _ in range(REPLICATES):
        drawn = random.multinomial(len(blocks), np.full(len(blocks), 1.0 / len(blocks)))
        fits.append(_coefficients(terms_of, answered, drawn[owner].astype(np.float64), best))
    return Regression(at_least, within, np.array(fits), len(answered), int(answered.sum()))


def _coefficients(
    terms: Floats, answers: NDArray[np.bool_], weights: Floats, start: Floats, ridge: float = 0.1
) -> Floats:
    """Return intercept and slopes of a weighted, lightly penalised logistic regression (Newton)."""
    design = np.c_[np.ones(len(terms)), terms]
    penalty = np.diag([0.0, *([ridge] * terms.shape[1])])
    at = start.copy()
    for _ in range(25):
        chance = expit(design @ at)
        slope = design.T @ (weights * (answers - chance)) - penalty @ at
        curve = (design * (weights * chance * (1.0 - chance))[:, None]).T @ design + penalty
        move: Floats = np.linalg.solve(curve, slope)
        at = at + np.clip(move, -2.0, 2.0)
        if np.abs(move).max() < 1e-8:
            break
    return at
