"""The forecast: sampled deaths per area and step, with what it was made from."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin import areas as states
from tocsin import digest, months
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.kinds import KINDS, Target
from tocsin.panel import Level
from tocsin.panel.arrays import Record, frozen, ids
from tocsin.panel.panel import AreaId
from tocsin.text import Language

DRAWS = 1000
"""How many draws a forecast has unless asked otherwise (the challenge's maximum)."""

MAX_STEP = 36

GROUPS: tuple[tuple[int, ...], ...] = (
    tuple(range(1, 4)),
    tuple(range(4, 7)),
    tuple(range(7, 13)),
    tuple(range(13, 25)),
    tuple(range(25, MAX_STEP + 1)),
)
"""Steps that share one model of what came after."""


def state_name(area: AreaId, scheme: str, month: int, language: Language | None = None) -> str:
    """Return what a state of a scheme was called in a month, or is called where there was none such then."""
    if scheme == "views":
        return states.by_views_id(int(area)).name(language)
    return states.name_then(int(area), month, language)


def not_assessed(area: AreaId, level: Level, scheme: str, month: int) -> NotAssessed:
    """Return the error for an area that no release covers in a month; a state goes by its name."""
    if level == "country":
        with suppress(UnknownName):
            name = state_name(area, scheme, month)
            return NotAssessed("forecast.not_covered", country=name, month=months.label(month))
    return NotAssessed("forecast.not_assessed", area=area)


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Record):
    """Sampled deaths for areas and months ahead.

    areas:    ids as in the panel, in its order.
    origin:   month id of the last month whose data were used.
    steps:    months after the origin, ascending, each 1 to 36.
    draws:    int32 [area, step, draw], deaths a month. One draw is one path: values with the same last index
              belong together across steps, so sums over steps are taken draw by draw, then summarised.
    assessed: bool [area]; False where no release covers the area at the origin. Its draws are zeros that
              mean nothing, and every summary of it is *not assessed* (NaN).
    inputs:   digest of the panel and of the method's settings.

    Arrays are taken as those of a panel are. BadInput for draws that are no counts or of another shape, for
    areas given twice and for steps out of order or range.
    """

    level: Level
    scheme: str
    areas: tuple[AreaId, ...]
    origin: int
    steps: tuple[int, ...]
    target: Target
    method: str
    draws: NDArray[np.int32]
    assessed: NDArray[np.bool_]
    inputs: str

    def __post_init__(self) -> None:
        areas, steps = ids(self.areas, self.level), check_steps(self.steps)
        if len(set(areas)) < len(areas):
            twice = next(area for area, following in pairwise(sorted(areas)) if area == following)
            raise BadInput("forecast.area_twice", value=twice)
        if self.draws.ndim != 3 or self.draws.shape[:2] != (len(areas), len(steps)):
            raise BadInput("forecast.shape", found=str(self.draws.shape), areas=len(areas), steps=len(steps))
        if not self.draws.shape[2]:
            raise BadInput("forecast.no_draws", value=0)
        if self.draws.dtype != np.int32 or (self.draws < 0).any():
            raise BadInput("forecast.not_counts", dtype=str(self.draws.dtype))
        if self.assessed.shape != (len(areas),) or self.assessed.dtype != np.bool_:
            found = f"{self.assessed.dtype} {self.assessed.shape}"
            raise BadInput("forecast.assessed", found=found, areas=len(areas))
        held = {
            "areas": areas, "origin": months.whole(self.origin, "origin"), "steps": steps,
            "draws": frozen(self.draws), "assessed": frozen(self.assessed),
        }  # fmt: skip
        for name, value in held.items():
            object.__setattr__(self, name, value)

    @property
    def months(self) -> tuple[int, ...]:
        """Month ids forecast, one for each step."""
        return tuple(self.origin + step for step in self.steps)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole forecast."""
        return digest.of_parts(
            self.level, self.scheme, list(self.areas), self.origin, list(self.steps), self.target,
            self.method, self.draws, self.assessed, self.inputs,
        )  # fmt: skip

    def index(self, area: AreaId) -> int:
        """Return the row of an area; UnknownName if it is not in the forecast."""
        if area not in self._rows:
            raise UnknownName("forecast.unknown_area", value=area)
        return self._rows[area]

    @cached_property
    def _rows(self) -> dict[AreaId, int]:
        return {area: row for row, area in enumerate(self.areas)}

    def path(self, area: AreaId) -> NDArray[np.int32]:
        """Return int32 [step, draw] of one area; NotAssessed if no release covers it."""
        row = self.index(area)
        if not self.assessed[row]:
            raise not_assessed(area, self.level, self.scheme, self.origin)
        path: NDArray[np.int32] = self.draws[row]
        return path

    def total_over(self, first: int, last: int) -> NDArray[np.int64]:
        """Return int64 [area, draw]: deaths over steps `first` to `last`, both included, draw by draw.

        BadInput where the forecast lacks one of them, or they run backwards.
        """
        chosen = places_of(self.steps, first, last)
        summed: NDArray[np.int64] = self.draws[:, chosen].sum(axis=1, dtype=np.int64)
        return summed

    def probability(self, at_least: int, *, first: int = 1, last: int = 3) -> NDArray[np.float64]:
        """Return float64 [area]: P(deaths over `first` to `last` reach `at_least`), NaN if not assessed.

        BadInput as in `total_over`, and for a threshold that is no finite number.
        """
        try:
            finite = math.isfinite(at_least)
        except TypeError:
            finite = False
        if not finite:
            raise BadInput("forecast.threshold", value=repr(at_least))
        share = (self.total_over(first, last) >= at_least).mean(axis=1)
        return np.where(self.assessed, share, np.nan)

    def quantile(self, levels: ArrayLike) -> NDArray[np.float64]:
        """Return float64 [area, step, level] (linear interpolation), NaN where not assessed.

        BadInput for levels that are not shares from 0 to 1.
        """
        try:
            values = np.quantile(self.draws, np.atleast_1d(np.asarray(levels, dtype=np.float64)), axis=2)
        except (TypeError, ValueError):
            raise BadInput("forecast.levels", value=repr(levels)) from None
        values = np.moveaxis(values, 0, -1)
        return np.where(self.assessed[:, None, None], values, np.nan)

    def only(self, areas: Sequence[AreaId]) -> Forecast:
        """Return the forecast of some of its areas, in its own order."""
        rows = sorted(self.index(area) for area in areas)
        return dataclasses.replace(
            self, areas=tuple(self.areas[r] for r in rows), draws=self.draws[rows].copy(),
            assessed=self.assessed[rows].copy(),
        )  # fmt: skip


def check_steps(steps: Sequence[int]) -> tuple[int, ...]:
    """Return `steps` as a tuple of ints; BadInput unless they ascend without repeats between 1 and 36."""
    chosen = months.wholes(steps, "steps")
    if not chosen:
        raise BadInput("forecast.no_steps", last=MAX_STEP)
    for step in chosen:
        if not 1 <= step <= MAX_STEP:
            raise BadInput("forecast.step_outside", value=step, last=MAX_STEP)
    if list(chosen) != sorted(set(chosen)):
        raise BadInput("forecast.steps_unsorted", value=", ".join(str(s) for s in chosen))
    return chosen


def places_of(steps: Sequence[int], first: int, last: int) -> list[int]:
    """Return the places of `first` to `last` among steps; BadInput if one is absent or they run backwards."""
    first, last = months.whole(first, "first"), months.whole(last, "last")
    if last < first:
        raise BadInput("forecast.steps_backwards", first=first, last=last)
    chosen = [place for place, step in enumerate(steps) if first <= step <= last]
    if len(chosen) != last - first + 1:
        raise BadInput("forecast.steps_absent", first=first, last=last, held=f"{steps[0]}-{steps[-1]}")
    return chosen


def total(parts: Sequence[Forecast]) -> Forecast:
    """Return the forecast of all kinds as the sum of the draws of its parts, one for each kind.

    The parts must be one of each kind and share all else: areas and their level and scheme, origin, steps,
    method and number of draws (else BadInput). An area is assessed if all parts assess it.
    """
    if sorted(part.target for part in parts) != sorted(KINDS):
        found = ", ".join(part.target for part in parts)
        raise BadInput("forecast.not_each_kind", found=found or "–", needed=", ".join(KINDS))
    first = parts[0]
    for part in parts[1:]:
        if _ground(part) != _ground(first):
            raise BadInput("forecast.parts_differ", first=first.target, other=part.target)
    draws = np.add(parts[0].draws, parts[1].draws, dtype=np.int64)
    draws += parts[2].draws
    if draws.max(initial=0) > np.iinfo(np.int32).max:
        raise BadInput("forecast.too_many", value=int(draws.max()), most=int(np.iinfo(np.int32).max))
    return dataclasses.replace(
        first,
        target="total",
        draws=draws.astype(np.int32),
        assessed=np.logical_and.reduce([part.assessed for part in parts]),
        inputs=digest.of_parts(*[part.inputs for part in parts]),
    )


def _ground(part: Forecast) -> tuple[object, ...]:
    return part.level, part.scheme, part.areas, part.origin, part.steps, part.method, part.draws.shape
