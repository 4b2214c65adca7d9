"""What every method is, and what fitting one gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tocsin import digest
from tocsin.errors import BadInput
from tocsin.forecast.forecast import DRAWS, Forecast, check_steps, total
from tocsin.forecast.history import History
from tocsin.forecast.laws import Counts


class Fitted(Protocol):
    """A method fitted to a panel at an origin."""

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast of `steps` (ascending, 1 to 36) as `draws` paths; BadInput if it cannot.

        The forecast of some steps is that part of the forecast of more steps.
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
        chosen = check_steps(steps)
        if draws < 1:
            raise BadInput("forecast.no_draws", value=draws)
        panel, target, method = self.history.panel, self.history.target, self.sampler
        sampled = method.sample(self.history, chosen, draws)
        sampled[~self.history.assessed] = 0
        return Forecast(
            level=panel.level, scheme=panel.scheme, areas=panel.areas, origin=self.history.origin,
            steps=chosen, target=target, method=method.name, draws=sampled,
            assessed=self.history.assessed.copy(),
            inputs=digest.of_parts(panel.digest, target, method.name, dict(method.settings)),
        )  # fmt: skip


@dataclass(frozen=True)
class FittedTotal:
    """One method fitted to each kind; its forecast is the sum of theirs, draw by draw."""

    parts: tuple[Fitted, ...]

    def predict(self, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
        """Return the forecast of all kinds together."""
        return total([part.predict(steps, draws) for part in self.parts])
