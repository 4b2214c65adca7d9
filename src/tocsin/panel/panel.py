"""The panel: a dense array of deaths per area, month and kind, and the mask of what was covered."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin import digest, months
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.kinds import KINDS, Kind, Target
from tocsin.months import Span

Level = Literal["country", "cell", "admin1"]
AreaId = int | str


@dataclass(frozen=True, eq=False)
class Panel:
    """Deaths per area, month and kind, as known on a day.

    areas:    ids in ascending order: Gleditsch-Ward codes (or VIEWS ids where `scheme` says so) for
              countries, PRIO-GRID gids for cells, `pcode@vintage` for admin-1.
    span:     the months of the second axis.
    kinds:    the kinds of the third axis, a subset of `tocsin.kinds.KINDS` in its order.
    deaths:   int32 [area, month, kind], best estimates; 0 wherever `covered` is False.
    covered:  bool [area, month]; False means that no release in hand covers it: *not assessed*, never 0.
    as_of:    the day whose knowledge the panel holds.
    releases: names of the releases it was made from, sorted.
    basis:    `as published`, or `reconstructed, lag N` when an assumed publication lag cut a later release.
    """

    level: Level
    scheme: str
    areas: tuple[AreaId, ...]
    span: Span
    kinds: tuple[Kind, ...]
    deaths: NDArray[np.int32]
    covered: NDArray[np.bool_]
    as_of: dt.date
    releases: tuple[str, ...]
    basis: str = "as published"

    def __post_init__(self) -> None:
        shape = (len(self.areas), len(self.span), len(self.kinds))
        if self.deaths.shape != shape or self.covered.shape != shape[:2]:
            raise BadInput(
                "panel.shape", deaths=str(self.deaths.shape), covered=str(self.covered.shape), expected=str(shape)
            )
        if list(self.areas) != sorted(set(self.areas), key=lambda a: (str(type(a)), a)):
            raise BadInput("panel.areas_unsorted")
        if (self.deaths < 0).any():
            raise BadInput("panel.negative")
        if self.deaths[~self.covered].any():
            raise BadInput("panel.deaths_uncovered")
        self.deaths.setflags(write=False)
        self.covered.setflags(write=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything a model can read here."""
        return digest.of_parts(
            self.level, self.scheme, list(self.areas), str(self.span), list(self.kinds),
            self.deaths, self.covered, list(self.releases), self.basis,
        )  # fmt: skip

    def index(self, area: AreaId) -> int:
        """Return the row of an area; UnknownName if the panel does not hold it."""
        try:
            return self._rows[area]
        except KeyError:
            raise UnknownName("panel.unknown_area", value=area, level=self.level) from None

    @cached_property
    def _rows(self) -> dict[AreaId, int]:
        return {area: row for row, area in enumerate(self.areas)}

    def series(self, target: Target) -> NDArray[np.int32]:
        """Return int32 [area, month] of one kind, or of the sum of the kinds for `total`."""
        if target == "total":
            return self.deaths.sum(axis=2, dtype=np.int32)
        if target not in self.kinds:
            raise UnknownName("panel.kind_absent", value=target, choices=", ".join(self.kinds))
        return self.deaths[:, :, self.kinds.index(target)]

    def until(self, origin: int) -> Panel:
        """Return the panel cut after month `origin`: what a forecast from that origin may read."""
        if origin not in self.span:
            raise NotAssessed("panel.origin_outside", origin=months.label(origin), span=str(self.span))
        stop = origin - self.span.first + 1
        return dataclasses.replace(
            self, span=Span(self.span.first, origin), deaths=self.deaths[:, :stop].copy(),
            covered=self.covered[:, :stop].copy(),
        )  # fmt: skip

    def only(self, areas: Sequence[AreaId]) -> Panel:
        """Return the panel of some of its areas, in the panel's order."""
        rows = sorted(self.index(area) for area in areas)
        return dataclasses.replace(
            self, areas=tuple(self.areas[r] for r in rows), deaths=self.deaths[rows].copy(),
            covered=self.covered[rows].copy(),
        )  # fmt: skip


def empty_deaths(areas: int, span: Span, kinds: Sequence[Kind] = KINDS) -> NDArray[np.int32]:
    """Return an int32 array of zeros of the panel's shape [area, month, kind]."""
    return np.zeros((areas, len(span), len(kinds)), dtype=np.int32)
