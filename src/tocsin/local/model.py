"""The local model: traces of violence to the probability of deaths, their number, and 1,000 paths."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.errors import BadInput, NotAssessed
from tocsin.forecast import DRAWS, Forecast, check_steps
from tocsin.forecast.laws import empirical
from tocsin.forecast.laws import recent as recent_law
from tocsin.forecast.threads import one_thread
from tocsin.local.analogues import Analogues
from tocsin.local.dealing import Dealing
from tocsin.local.layout import Layout, Rows
from tocsin.local.occurrence import FEW_AREAS, MANY_AREAS, Complexity, Occurrence
from tocsin.local.ordering import ordered
from tocsin.local.record import LocalForecast
from tocsin.local.sizes import Sizes
from tocsin.local.traces import NAMES, LocalHistory, Snapshot, snapshots

NAME = "traces"

SPREAD, FLOOR = 0.3, 20
"""How fading own months are dressed: standard deviation of the log, and the least cap in deaths."""


@dataclass(frozen=True)
class Mixture:
    """What the draws of an area are made of; the rest of them come from occurrence and sizes.

    most:   the mixture is for areas with deaths in at most so many of their last 12 months.
    alike:  share of the draws from what came after like months (`analogues`).
    dealt:  share in which the area has of its state's forecast what it had of the state's deaths in its last
            `months` (`dealing`); without a forecast of the state its own months stand in.
    own:    share that repeats the area's own last `months`, each as it was and as often as the others.
    fading: own months weigh less by half every so many months and are dressed (`forecast.laws.recent`).
    """

    most: int
    alike: float = 0.0
    dealt: float = 0.0
    own: float = 0.0
    months: int = 24
    fading: float | None = None

    def repeated(
        self, months: NDArray[np.int32], covered: NDArray[np.bool_], draws: int
    ) -> NDArray[np.int32]:
        """Return int32 [draws], ascending: the law of those of an area's own last months that are covered."""
        if self.fading is None:
            return cast(NDArray[np.int32], empirical(months[None], covered[None], draws)[0])
        values, mask = months[None].astype(np.float64), covered[None]
        laws = recent_law(values, mask, draws, half_life=self.fading, spread=SPREAD, floor=FLOOR)
        return cast(NDArray[np.int32], laws[0])


MIXTURES: dict[str, tuple[Mixture, ...]] = {
    "cell": (
        Mixture(0),
        Mixture(3, own=0.15),
        Mixture(8, alike=0.4, own=0.2),
        Mixture(12, alike=0.45, own=0.25, fading=2.0),
    ),
    "admin1": (Mixture(0), Mixture(3, dealt=0.3, own=0.3), Mixture(12, dealt=0.5, own=0.3, months=12)),
}
"""By level; chosen on windows before 2018 (docs/concepts/local.md)."""

SIZE_YEARS = 25
FIRST = 24
STEPS = 14

_WARM = 0.05


@dataclass(frozen=True)
class Training:
    """Which past months the model learns from (docs/concepts/local.md says how these were chosen).

    every: months between origins; cold: share of the areas that are kept where little ever happened;
    repeats: target months drawn for each area and origin; years: how far back; short: share of target months
    that are one to three steps ahead, the others being 1 to 14; complexity: of what is learned of occurrence.
    """

    every: int = 1
    cold: float = 0.05
    repeats: int = 1
    years: int = 25
    short: float = 0.6
    complexity: Complexity = MANY_AREAS

    @classmethod
    def of(cls, layout: Layout) -> Training:
        """Return what fits the size of a layout: of few areas all are kept, at every month and twice."""
        if layout.level == "cell":
            return cls()
        return cls(cold=1.0, repeats=2, short=0.3, complexity=FEW_AREAS)


@dataclass(frozen=True, eq=False)
class FittedLocal:
    """The model fitted at an origin, and the history it forecasts from (which `at` can change)."""

    history: LocalHistory
    occurrence: Occurrence
    sizes: Sizes
    alike: Analogues
    quiet: float
    inputs: str

    @property
    def snapshot(self) -> Snapshot:
        """The traces at the origin."""
        return snapshots(self.history, [self.history.origin])[self.history.origin]

    def at(self, history: LocalHistory) -> FittedLocal:
        """Return the same model with another history: a later origin, or a past that is supposed."""
        inputs = digest.of_parts(self.inputs, history.digest)
        return dataclasses.replace(self, history=history, inputs=inputs)

    def probability(self, steps: Sequence[int]) -> NDArray[np.float64]:
        """Return float64 [area, step]: the model's probability of any death, quiet areas included."""
        now = self.snapshot
        found = np.full((len(self.history.layout.areas), len(steps)), self.quiet)
        with one_thread():
            for place, step in enumerate(check_steps(steps)):
                found[now.rows, place] = self.occurrence.probability(now.ahead(step))
        return found

    def predict(
        self, steps: Sequence[int], draws: int = DRAWS, *, parent: Forecast | None = None
    ) -> LocalForecast:
        """Return the forecast of `steps` (ascending, 1 to 36), in areas with at least one draw of deaths.

        parent: the forecast of states that areas have their part of and whose paths they follow; without one
        each state has a path of its own.
        BadInput if `draws` is below 1 or the parent has other steps or draws.
        """
        chosen = check_steps(steps)
        if draws < 1:
            raise BadInput("forecast.no_draws", value=draws)
        if parent is not None and (parent.steps, parent.draws.shape[2]) != (chosen, draws):
            raise BadInput("local.parent_differs", steps=len(chosen), draws=draws)
        history, now = self.history, self.snapshot
        chances = self.probability(chosen)
        laws, left = self._remembered(now.rows, chosen, draws, parent)
        for place, step in enumerate(chosen):
            counts = np.rint(chances[now.rows, place] * left).astype(np.intp)
            live = np.flatnonzero(counts)
            with one_thread():
                sampled = self.sizes.sample(now.ahead(step, live), counts[live])
            for row, sizes in zip(live.tolist(), sampled, strict=True):
                laws[row, place, draws - len(sizes) :] = sizes
        laws.sort(axis=2)
        with_deaths = laws.any(axis=(1, 2))
        rows = now.rows[with_deaths]
        return LocalForecast(
            level=history.layout.level, scheme=history.layout.scheme, areas=history.layout.areas,
            states=history.layout.states, origin=history.origin, steps=chosen, target=history.target,
            method=NAME, rows=rows,
            draws=ordered(laws[with_deaths], rows, history, chosen, parent), chance=chances,
            assessed=history.covered[:, -1].copy(),
            inputs=self.inputs if parent is None else digest.of_parts(self.inputs, parent.digest),
        )  # fmt: skip

    def _remembered(
        self, rows: Rows, steps: tuple[int, ...], draws: int, parent: Forecast | None
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return int32 [row, step, draw] with the draws from like months, the state's forecast and the areas'
        own months, and how many draws of each row are left for the model, the last ones."""
        history, mixtures = self.history, MIXTURES[self.history.layout.level]
        recent, covered = _recent(history, rows, max(mixture.months for mixture in mixtures))
        kind = np.searchsorted([mixture.most for mixture in mixtures], (recent[:, -12:] > 0).sum(axis=1))
        alike, dealt, own = (
            np.rint(np.array([getattr(mixture, part) for mixture in mixtures])[kind] * draws).astype(np.intp)
            for part in ("alike", "dealt", "own")
        )
        laws = np.zeros((len(rows), len(steps), draws), dtype=np.int32)
        busy = np.flatnonzero(alike)
        found = self.alike.laws(history, rows[busy], steps, alike[busy])
        if found is None:
            alike[:] = 0
        else:
            for row, law in zip(busy.tolist(), found, strict=True):
                laws[row, :, : alike[row]] = law
        dealing = Dealing.of(history, parent) if parent is not None and dealt.any() else None
        for row in np.flatnonzero(recent.any(axis=1) & (own + dealt > 0)).tolist():
            mixture, start, middle = mixtures[kind[row]], alike[row], alike[row] + dealt[row]
            end = middle + own[row]
            kept, mask = recent[row, -mixture.months :], covered[row, -mixture.months :]
            shared = dealing.law(int(rows[row]), kept, int(dealt[row])) if dealing and dealt[row] else None
            if shared is None:
                middle = start
            else:
                laws[row, :, start:middle] = shared
            laws[row, :, middle:end] = mixture.repeated(kept, mask, end - middle)
        return laws, draws - alike - dealt - own


def fit(history: LocalHistory, training: Training | None = None) -> FittedLocal:
    """Return the model fitted to what was known at the origin.

    Learns, from rows (area, past origin, step of 1 to 14) whose outcome was known by the origin, whether the
    month had deaths and how many. NotAssessed if the history has fewer than 37 months or no deaths.
    """
    training = training or Training.of(history.layout)
    origin, first = history.origin, history.panel.span.first
    if origin - first < FIRST + 12:
        raise NotAssessed("local.too_short", months=origin - first + 1, needed=FIRST + 13)
    past = range(max(first + FIRST, origin - 12 * SIZE_YEARS), origin)
    wanted = set(past[:: training.every]) | set(past[::2])
    shots = snapshots(history, wanted)
    outcomes = _Outcomes(history)
    inputs = digest.of_parts(
        NAME,
        dataclasses.asdict(training),
        [dataclasses.asdict(mixture) for mixture in MIXTURES[history.layout.level]],
        history.digest,
    )
    random = np.random.Generator(np.random.PCG64(digest.seed("local", history.target, origin)))
    recent = [t for t in past[:: training.every] if t >= origin - 12 * training.years]
    features, happened, weights = [], [], []
    for t in recent:
        for _ in range(training.repeats):
            shot = shots[t]
            warm: NDArray[np.bool_] = np.asarray(shot.values[:, _HEAT].sum(axis=1) > _WARM)
            kept = np.logical_or(warm, random.random(len(warm)) < training.cold)
            step = random.integers(1, min(STEPS, origin - t) + 1, size=len(warm))
            soon = random.random(len(warm)) < training.short
            step[soon] = random.integers(1, min(3, origin - t) + 1, size=int(soon.sum()))
            deaths, known = outcomes.of(shot.rows, t + step)
            kept &= known
            features.append(shot.ahead(step, kept))
            happened.append(deaths[kept] > 0)
            weights.append(np.where(warm, 1.0, 1.0 / training.cold)[kept].astype(np.float32))
    sizes_of, sizes = [], []
    for t in past[::2]:
        shot = shots[t]
        step = random.integers(1, min(STEPS, origin - t) + 1, size=len(shot.rows))
        deaths, _ = outcomes.of(shot.rows, t + step)
        sizes_of.append(shot.ahead(step, deaths > 0))
        sizes.append(deaths[deaths > 0])
    if sum(map(len, sizes)) < 2 * STEPS:
        raise NotAssessed("local.no_deaths", kind=history.target)
    # Two threads on a busy machine take longer than one, and may add up in another order.
    with one_thread():
        occurrence = Occurrence.fit(
            np.concatenate(features), np.concatenate(happened), np.concatenate(weights), training.complexity
        )  # fmt: skip
        law = Sizes.fit(np.concatenate(sizes_of), np.concatenate(sizes))
    quiet = _quiet(history, shots, outcomes, recent)
    return FittedLocal(history, occurrence, law, Analogues(history), quiet, inputs)


_HEAT = [NAMES.index(name) for name in ("months_60", "near_months_18", "far_months_18")]


class _Outcomes:
    """Deaths of any area of the layout in any month, and whether they are known."""

    def __init__(self, history: LocalHistory) -> None:
        self._first = history.panel.span.first
        self._place = np.full(len(history.layout.areas), -1, dtype=np.intp)
        self._place[history.seen] = np.arange(len(history.seen))
        self._deaths, self._covered = history.deaths, history.covered

    def of(self, rows: Rows, month: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        place, column = self._place[rows], month - self._first
        seen = place >= 0
        deaths = np.zeros(len(rows), dtype=np.int32)
        deaths[seen] = self._deaths[place[seen], column[seen]]
        return deaths, self._covered[rows, column]


def _quiet(
    history: LocalHistory, shots: dict[int, Snapshot], outcomes: _Outcomes, origins: Sequence[int]
) -> float:
    """Return the share of area-months with deaths, one class for all areas out of reach of any event."""
    hits, months = 0, 0
    everything = np.arange(len(history.layout.areas))
    for t in origins:
        out = np.setdiff1d(everything, shots[t].rows)
        deaths, known = outcomes.of(out, np.full(len(out), min(t + STEPS // 2, history.origin)))
        hits, months = hits + int((deaths > 0).sum()), months + int(known.sum())
    return (hits + 0.5) / (months + 1.0)


def _recent(history: LocalHistory, rows: Rows, months: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return int32 and bool [row, months]: the areas' last months and which are covered; the others are 0."""
    out = np.zeros((len(history.layout.areas), months), dtype=np.int32)
    out[history.seen] = history.deaths[:, -months:]
    return out[rows], history.covered[rows, -months:]
