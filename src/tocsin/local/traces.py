"""Traces: what past violence, in an area and around it, has left by a month, as numbers a model can read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tocsin import digest
from tocsin.forecast.seasons import YEAR, Seasons
from tocsin.kinds import Target
from tocsin.local.layout import Features, Layout, Rows
from tocsin.local.recency import LAST_STATE, RECENT, Since, last_months
from tocsin.panel import Panel, existing

HALF_LIVES = (2.0, 6.0, 18.0, 60.0, 180.0)
"""Months in which a trace of the target kind fades to half."""

OTHER_HALF_LIVES = (12.0, 60.0)
STATE_HALF_LIVES = (2.0, 12.0)

MEMORY = 120
"""An area without any event in it or near it for this many months is quiet: it carries no traces."""

NEVER = 400.0

NAMES: tuple[str, ...] = (
    *(f"months_{h:g}" for h in HALF_LIVES), *(f"deaths_{h:g}" for h in HALF_LIVES),
    *(f"other_{h:g}" for h in OTHER_HALF_LIVES), "last", "since",
    *(f"near_months_{h:g}" for h in HALF_LIVES), *(f"near_deaths_{h:g}" for h in HALF_LIVES[:3]),
    "near_other_12", *(f"far_months_{h:g}" for h in HALF_LIVES[1:4]), "wide_months_6",
    *(f"size_{h:g}" for h in HALF_LIVES[1:4]),
    *(f"state_months_{h:g}" for h in STATE_HALF_LIVES), *(f"state_deaths_{h:g}" for h in STATE_HALF_LIVES),
    *(f"parent_{h:g}" for h in STATE_HALF_LIVES), "parent_last", *RECENT,
)  # fmt: skip
"""Columns of the traces: months with deaths and log deaths, fading, of the area, near, farther and wide; of
other kinds; the usual size of a month with deaths; the state's placed deaths and all of them (`parent`); then
the last months one by one (`recency.RECENT`)."""


@dataclass(frozen=True, eq=False)
class LocalHistory:
    """What a local forecast may read: the small areas with events, and the states they lie in.

    layout:  every area, also those that never saw an event.
    panel:   deaths of the areas with events (a subset of the layout's), to the origin.
    country: deaths of states, placed or not, to the origin (or to where they are covered).
    target:  the kind forecast, or `total`.
    """

    layout: Layout
    panel: Panel
    country: Panel
    target: Target

    @classmethod
    def of(cls, layout: Layout, panel: Panel, country: Panel, origin: int, target: Target) -> LocalHistory:
        """Return the history up to month `origin`; NotAssessed if it lies outside either panel."""
        held = panel.only([area for area in panel.areas if area in layout.rows])
        return cls(layout, held.until(origin), country.until(origin), target)

    @property
    def origin(self) -> int:
        """Month id of the last month."""
        return self.panel.span.last

    @cached_property
    def seen(self) -> Rows:
        """The layout's rows of the panel's areas."""
        return np.array([self.layout.rows[area] for area in self.panel.areas], dtype=np.intp)

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """Bool [area, month]: which months are known of each area of the layout.

        Of an area that never saw an event those known of any area of its state; where no area of the state
        saw one, those known of every area. Never those in which `country` holds its state and does not know
        it: the event of a state that is covered may lie in a cell that counts with one that is not.
        """
        state = np.searchsorted(self.state_codes, self.layout.states)
        known = np.zeros((len(self.state_codes), len(self.panel.span)), dtype=np.bool_)
        known[np.setdiff1d(state, state[self.seen])] = self.panel.covered.all(axis=0)
        np.logical_or.at(known, state[self.seen], self.panel.covered)
        held = np.isin(self.state_codes, self.country.areas)
        known[held] &= self.parents_known[held]
        found: NDArray[np.bool_] = known[state]
        found[self.seen] = self.panel.covered
        return found

    @cached_property
    def deaths(self) -> NDArray[np.int32]:
        """Int32 [seen, month], deaths of the target."""
        series: NDArray[np.int32] = self.panel.series(self.target)
        return series

    @cached_property
    def others(self) -> NDArray[np.int32]:
        """Int32 [seen, month], deaths of the kinds that are not the target."""
        every: NDArray[np.int32] = self.panel.deaths.sum(axis=2, dtype=np.int32)
        return every - self.deaths

    @cached_property
    def parents(self) -> NDArray[np.int32]:
        """Int32 [state, month]: all deaths of the target in each state of `state_codes`, 0 if unknown."""
        return self._of_states(self.country.series(self.target))

    @cached_property
    def parent_totals(self) -> NDArray[np.int32]:
        """Int32 [state, month]: all deaths of every kind in each state of `state_codes`, 0 if unknown."""
        return self._of_states(self.country.series("total"))

    @cached_property
    def parents_known(self) -> NDArray[np.bool_]:
        """Bool [state, month]: whether `parents` are known; of a state that is not one yet they are none."""
        covered: NDArray[np.bool_] = self._of_states(self.country.covered)
        return covered | ~existing(self.state_codes.tolist(), self.panel.span)

    def _of_states(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return [state, month] from values [country, month], zero where there are none."""
        found = np.zeros((len(self.state_codes), len(self.panel.span)), dtype=values.dtype)
        shift = self.panel.span.first - self.country.span.first
        held = {area: row for row, area in enumerate(self.country.areas)}
        for place, code in enumerate(self.state_codes.tolist()):
            if code in held:
                found[place, max(-shift, 0) :] = values[held[code], max(shift, 0) :]
        return found

    @cached_property
    def state_codes(self) -> NDArray[np.int32]:
        """The states of the layout, ascending."""
        return np.unique(self.layout.states)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything a model can read here."""
        return digest.of_parts(self.layout.digest, self.panel.digest, self.country.digest, self.target)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Traces at the end of one month.

    rows:    the layout's rows of the areas within reach of an event, ascending.
    values:  float32 [row, NAMES].
    seasons: float32 [state, 12], the log of what a January to a December of each state is multiplied by;
             states: the row of it that each of `rows` reads.
    """

    month: int
    rows: Rows
    values: Features
    seasons: Features
    states: Rows

    def ahead(self, step: int | NDArray[np.int64], kept: NDArray[np.bool_] | Rows | None = None) -> Features:
        """Return float32 [row, NAMES + 2]: traces, the season of the month `step` months ahead, the step.

        step: one for all, or one for each row; kept: the rows wanted, all when None.
        """
        chosen = np.arange(len(self.rows)) if kept is None else np.arange(len(self.rows))[kept]
        steps = np.broadcast_to(np.asarray(step), len(self.rows))[chosen]
        calendar = (self.month + steps.astype(np.intp) - 1) % YEAR
        season = self.seasons[self.states[chosen], calendar]
        return np.concatenate(
            [self.values[chosen], season[:, None], steps.astype(np.float32)[:, None]], axis=1
        )


def snapshots(history: LocalHistory, at: Iterable[int]) -> dict[int, Snapshot]:
    """Return the traces at the end of each month of `at` that the history holds, by month.

    A trace fades by half in its half-life and grows by what the month adds. Months that are not covered
    neither add nor fade: absence is not calm.
    """
    wanted = set(at)
    amounts = np.log1p(history.deaths).astype(np.float32)
    signs = (history.deaths > 0).astype(np.float32)
    others = (history.others > 0).astype(np.float32)
    member, placed, parents = _by_state(history)
    # What is placed in a state is the sum over its areas: not known where one of them is not covered.
    placed_known = member @ (~history.panel.covered).astype(np.float32) == 0
    totals = np.log1p(history.parent_totals).astype(np.float32)
    held = np.bincount(np.searchsorted(history.state_codes, history.layout.states), minlength=len(parents))
    since = Since(history.layout, history.seen, NEVER)
    fade = [np.float32(2.0 ** (-1.0 / h)) for h in HALF_LIVES]
    count = len(history.seen)
    months, deaths = (np.zeros((count, len(HALF_LIVES)), np.float32) for _ in range(2))
    other = np.zeros((count, len(OTHER_HALF_LIVES)), np.float32)
    state = np.zeros((len(placed[0]), 3 * len(STATE_HALF_LIVES)), np.float32)
    state_fade = np.array([2.0 ** (-1.0 / h) for h in STATE_HALF_LIVES] * 3, np.float32)
    other_fade = np.array([2.0 ** (-1.0 / h) for h in OTHER_HALF_LIVES], np.float32)
    last_any, last_own = (np.full(count, -1e6, np.float32) for _ in range(2))
    found = {}
    for t, month in enumerate(history.panel.span):
        known = history.panel.covered[:, t]
        months[known] = months[known] * fade + signs[known, t, None]
        deaths[known] = deaths[known] * fade + amounts[known, t, None]
        other[known] = other[known] * other_fade + others[known, t, None]
        last_own[signs[:, t] > 0] = t
        anything = (signs[:, t] > 0) | (others[:, t] > 0)
        last_any[anything] = t
        since.add(t, signs[:, t] > 0, anything)
        news = np.stack([placed[0][:, t], placed[1][:, t], parents[:, t]], axis=1)
        told = np.stack([placed_known[:, t], placed_known[:, t], history.parents_known[:, t]], axis=1)
        grown = state * state_fade + np.repeat(news, len(STATE_HALF_LIVES), axis=1)
        state = np.where(np.repeat(told, len(STATE_HALF_LIVES), axis=1), grown, state)
        if month in wanted:
            own = np.concatenate(
                [months, deaths, other, amounts[:, t, None], np.minimum(t - last_own, NEVER)[:, None]], axis=1
            )
            fresh = t - last_any < MEMORY
            lately = member @ (signs[:, max(t - 11, 0) : t + 1].any(axis=1)).astype(np.float32)
            news = np.stack([np.log1p(placed[0][:, t]), np.log1p(lately), lately / held], axis=1)
            parent = [parents[:, max(t - k, 0)] for k in range(1, LAST_STATE)]
            parent += [totals[:, max(t - k, 0)] for k in range(2)]
            states = np.c_[state, parents[:, t], news, np.stack(parent, axis=1)]
            found[month] = _snapshot(history, month, t, own, fresh, states, since)
    return found


def _snapshot(
    history: LocalHistory, month: int, t: int, own: Features, fresh: NDArray[np.bool_],
    state: Features, since: Since,
) -> Snapshot:  # fmt: skip
    layout, seen = history.layout, history.seen
    size = len(layout.areas)
    touched = _spread(np.where(fresh, 1.0, 0.0).astype(np.float32)[:, None], seen, size)
    rows = np.flatnonzero(layout.reach @ touched[:, 0] > 0)
    here = _spread(own, seen, size)
    absent = np.setdiff1d(np.arange(size), seen)
    here[absent, _AT["since"]] = NEVER
    near, far, wide = (ring[rows] for ring in layout.rings)
    signs = [_AT[f"months_{h:g}"] for h in HALF_LIVES]
    sums = [_AT[f"deaths_{h:g}"] for h in HALF_LIVES]
    chosen = here[rows]
    sizes = chosen[:, sums[1:4]] / (chosen[:, signs[1:4]] + np.float32(0.3))
    place = np.searchsorted(history.state_codes, layout.states[rows])
    last = last_months(history.panel, layout, seen, rows, t, history.deaths, history.others)
    fading = 3 * len(STATE_HALF_LIVES) + 1
    values = np.concatenate(
        [
            chosen, near @ here[:, signs], near @ here[:, sums[:3]], near @ here[:, [_AT["other_12"]]],
            far @ here[:, signs[1:4]], wide @ here[:, [signs[1]]], sizes, state[place, :fading], last,
            since.at(rows, t), state[place, fading:],
        ],
        axis=1,
    )  # fmt: skip
    values[:, _AT["since"]] = np.log1p(values[:, _AT["since"]])
    return Snapshot(month, rows, values.astype(np.float32), _seasons(history, t), place)


def _seasons(history: LocalHistory, t: int) -> Features:
    """Return the log of the seasons of each state as its deaths up to the month in column `t` show them."""
    parents, known = history.parents[:, : t + 1], history.parents_known[:, : t + 1]
    factors = Seasons().factors(parents, known, history.panel.span.first)
    return np.log(factors).astype(np.float32)


_AT = {name: place for place, name in enumerate(NAMES)}


def _spread(values: Features, seen: Rows, size: int) -> Features:
    out = np.zeros((size, values.shape[1]), np.float32)
    out[seen] = values
    return out


def _by_state(
    history: LocalHistory,
) -> tuple[sparse.csr_matrix, tuple[Features, Features], Features]:
    """Return which areas each state holds, and [state, month]: areas with deaths and log deaths placed there,
    and log of all deaths."""
    codes = history.state_codes
    place = np.searchsorted(codes, history.layout.states[history.seen])
    member = sparse.csr_matrix(
        (np.ones(len(place), np.float32), (place, np.arange(len(place)))), shape=(len(codes), len(place))
    )
    active = member @ (history.deaths > 0).astype(np.float32)
    placed = np.log1p(member @ history.deaths.astype(np.float32))
    return member, (active, placed), np.log1p(history.parents).astype(np.float32)
