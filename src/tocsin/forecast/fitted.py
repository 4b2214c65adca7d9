"""What every method is, and what fitting one gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tocsin import digest, months
from tocsin.errors import BadInput
from tocsin.forecast import paths
from tocsin.forecast.forecast import DRAWS, Forecast, check_steps, total
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts
from tocsin.panel.panel import AreaId


class Fitted(Protocol):
    """A method fitted to a panel at an origin."""

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast of `steps` (ascending, 1 to 36) as `draws` paths; BadInput if it cannot.

        The forecast of some steps is that part of the forecast of more steps.
        """
        ...

    @property
    def misses_events(self) -> bool:
        """Whether it reads events and does without those beside its panel.

        They are not covered at the origin for every area with deaths.
        """
        ...


class Method(Protocol):
    """A way to forecast, known by its name. An implementation is a frozen dataclass of its settings."""

    @property
    def name(self) -> str:
        """The name under which the registry gives the method."""
        ...

    def fit(self, history: History) -> Fitted:
        """Return the method fitted to what was known at the origin."""
        ...


class Sampler(Protocol):
    """A method that needs nothing beside the history to draw from it."""

    @property
    def name(self) -> str:
        """The name of the method."""
        ...

    @property
    def settings(self) -> Mapping[str, object]:
        """Every setting that shapes the draws, for the digest of the inputs."""
        ...

    def sample(self, history: History, steps: tuple[int, ...], draws: int) -> Counts:
        """Return int32 [area, step, draw]."""
        ...


@dataclass(frozen=True, eq=False)
class FittedSampler:
    """A sampler and the history it draws from."""

    history: History
    sampler: Sampler

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast; areas not covered at the origin are not assessed."""
        sampler = self.sampler
        return drawn(
            self.history, sampler.name, sampler.settings, partial(sampler.sample, self.history), steps, draws
        )

    @property
    def misses_events(self) -> bool:
        """False: it reads none."""
        return False


@dataclass(frozen=True)
class FittedTotal:
    """One method fitted to each kind; its forecast is the sum of theirs, draw by draw."""

    parts: tuple[Fitted, ...]

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast of all kinds together."""
        return total([part.predict(steps, draws) for part in self.parts])

    @property
    def misses_events(self) -> bool:
        """Whether a part does without events that stand beside its panel."""
        return any(part.misses_events for part in self.parts)


def as_paths(
    ascending: Counts,
    history: History,
    name: str,
    steps: Sequence[int],
    dependence: paths.Dependence,
    areas: Sequence[AreaId] = (),
) -> Counts:
    """Return int32 [area, step, draw]: each month's draws in the order of paths (`paths.coupled`).

    name: of the method. areas: those of the panel unless given. A seed is made of the method, the kind, the
    origin and the area's id, so no area moves another.
    """
    named = areas or history.panel.areas
    seeds = [digest.seed("forecast", name, history.target, history.origin, area) for area in named]
    return paths.coupled(ascending, seeds, steps, dependence)


def drawn(
    history: History,
    name: str,
    settings: Mapping[str, object],
    sample: Callable[[tuple[int, ...], int], Counts],
    steps: Sequence[int],
    draws: int,
) -> Forecast:
    """Return the forecast that `sample(steps, draws)` draws, int32 [area, step, draw], from a history.

    name, settings: of the method. Areas not covered at the origin are not assessed; BadInput for steps out of
    order or range and for less than one draw.
    """
    chosen, draws = check_steps(steps), months.whole(draws, "draws")
    if draws < 1:
        raise BadInput("forecast.no_draws", value=draws)
    panel, target = history.panel, history.target
    sampled = sample(chosen, draws)
    sampled[~history.assessed] = 0
    return Forecast(
        level=panel.level, scheme=panel.scheme, areas=panel.areas, origin=history.origin, steps=chosen,
        target=target, method=name, draws=sampled, assessed=history.assessed.copy(),
        inputs=digest.of_parts(panel.digest, target, name, dict(settings)),
    )  # fmt: skip
