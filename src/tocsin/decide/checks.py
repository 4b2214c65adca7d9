"""What is published about persistence, relapse and onset, beside what the panel shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.states import CONFLICT, YEAR
from tocsin.errors import BadInput
from tocsin.kinds import Target
from tocsin.panel import Panel

Floats = NDArray[np.float64]

QUIET_YEARS = 5
RECENT_YEARS = 4


@dataclass(frozen=True)
class Published:
    """One published figure: `name` keys its words, `holds` says whether a share agrees with them."""

    name: str
    band: tuple[float, float]
    source: str

    def holds(self, share: float) -> bool:
        """Return whether a share lies in the band that the published words allow."""
        return self.band[0] <= share <= self.band[1]


_TRAP = "Margalef and Mueller, Caught in a Trap (BSE Working Paper 1402), summary read"
_CASE = "Mueller, The business case for prevention (World Bank blog), page read"

PUBLISHED: tuple[Published, ...] = (
    Published("persistence", (0.75, 0.85), _TRAP),
    Published("relapse_first", (0.20, 1.0), _TRAP),
    Published("relapse_fifth", (0.02, 0.04), _TRAP),
    Published("relapse_late", (0.01, 0.03), _TRAP),
    Published("relapse_half", (0.5, 1.0), _TRAP),
    Published("onset_quiet", (0.0, 0.01), _CASE),
    Published("onset_recent", (0.09, 1.0), _CASE),
)
"""The bands are this project's reading of the published words, and are not widened to fit."""


@dataclass(frozen=True)
class Checked:
    """A published figure and the panel's own: a share of `cases` years, with its 90 % interval by country."""

    published: Published
    share: float
    low: float
    high: float
    cases: int

    @property
    def agrees(self) -> bool:
        """Whether the share lies in the published band."""
        return self.published.holds(self.share)


def check(
    panel: Panel, *, target: Target = "sb", deaths: int = CONFLICT, draws: int = 1000
) -> tuple[Checked, ...]:
    """Return each published figure beside what the panel's calendar years show.

    A conflict year has at least `deaths` deaths of the kind. Relapse counts years since the last conflict
    year: the first is the risk that a conflict year follows the first year of peace. Quiet is no death
    at all in five years; recent is a conflict year in the four before a year of peace.
    BadInput if the panel holds fewer than ten whole years.
    """
    years, covered = by_year(panel, target)
    if years.shape[1] < 10:
        raise BadInput("decide.few_years", value=years.shape[1], least=10)
    conflict = (years >= deaths) & covered
    since, since_any = _since(conflict, covered), _since(years > 0, covered)
    follows, known = conflict[:, 1:], covered[:, 1:] & covered[:, :-1]
    before, peace = conflict[:, :-1], covered[:, :-1] & ~conflict[:, :-1]
    age = since[:, :-1]
    run = np.cumsum(covered, axis=1)[:, :-1]
    after_years = [peace & known & (age == k) for k in range(1, 8)]
    risk: dict[str, NDArray[np.bool_]] = {
        "persistence": before & known,
        "relapse_first": after_years[0],
        "relapse_fifth": peace & known & (age >= 5) & (age <= 10),
        "relapse_late": peace & known & (age > 10),
        "onset_quiet": peace & known & (run >= QUIET_YEARS)
        & ((since_any[:, :-1] < 0) | (since_any[:, :-1] >= QUIET_YEARS)),
        "onset_recent": peace & known & (age > 0) & (age <= RECENT_YEARS),
    }  # fmt: skip
    seed = np.random.Generator(np.random.PCG64(len(panel.areas)))
    weights = np.vstack([np.ones(len(years)), seed.standard_exponential((draws, len(years)))])
    shares = {name: _share(weights, (at & follows).sum(axis=1), at.sum(axis=1)) for name, at in risk.items()}
    yearly = [_share(weights, (at & follows).sum(axis=1), at.sum(axis=1)) for at in after_years]
    shares["relapse_half"] = 1 - np.prod([1 - share for share in yearly], axis=0)
    counts = {name: int(at.sum()) for name, at in risk.items()}
    counts["relapse_half"] = int(sum(at.sum() for at in after_years))
    return tuple(Checked(p, *_told(shares[p.name]), counts[p.name]) for p in PUBLISHED)


def by_year(panel: Panel, target: Target) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return deaths int64 [area, year] and whether every month is covered, over the panel's whole years."""
    first = next(i for i, month in enumerate(panel.span) if month % YEAR == 1)
    count = (len(panel.span) - first) // YEAR
    stop = first + count * YEAR
    shape = (len(panel.areas), count, YEAR)
    deaths = panel.series(target)[:, first:stop].reshape(shape).sum(axis=2, dtype=np.int64)
    covered: NDArray[np.bool_] = np.all(panel.covered[:, first:stop].reshape(shape), axis=2)
    return deaths, covered


def _since(happened: NDArray[np.bool_], covered: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return years since something last happened, -1 before it first did or once cover was broken."""
    out = np.full(happened.shape, -1, dtype=np.int64)
    for year in range(happened.shape[1]):
        before = out[:, year - 1] if year else np.full(len(out), -1)
        older = np.where(before >= 0, before + 1, -1)
        out[:, year] = np.where(happened[:, year], 0, np.where(covered[:, year], older, -1))
    return out


def _share(weights: Floats, events: NDArray[np.int64], cases: NDArray[np.int64]) -> Floats:
    found: Floats = (weights @ events) / np.maximum(weights @ cases, 1e-9)
    return found


def _told(shares: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(shares[1:], [0.05, 0.95])
    return float(shares[0]), float(low), float(high)
