"""What makes the rows of a backtest what they are: everything that may change one of them, and its digest."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from typing import Any

from tocsin import __version__, digest, forecast, kinds, months
from tocsin.errors import BadInput
from tocsin.kinds import Target
from tocsin.months import Span
from tocsin.panel import Panel

SCHEMA = 1
"""Version of the table of results; a reader refuses any other."""

LEAST_HISTORY = 24
"""Months of data that must lie before and at the first origin."""

LEAST_DRAWS = 200
"""Fewer draws give probabilities too coarse to be judged (and, from some methods, values without paths)."""

ROOMS = ("areas", "backtest", "digest", "forecast", "kinds", "months", "panel", "score")
"""Rooms whose code makes the rows of a panel; for those that brought its figures its digest stands."""

_LIBRARIES = ("numpy", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Settings:
    """Settings of a backtest; two runs with the same `key` give the same rows at every origin.

    code: digest of the source of the rooms that make the rows, and of a method of one's own.
    libraries: versions of those they use.
    """

    method: str
    target: Target
    steps: tuple[int, ...]
    draws: int
    panel: str
    code: str
    libraries: tuple[str, ...]
    version: str = __version__
    schema: int = SCHEMA

    @classmethod
    def of(cls, panel: Panel, *, method: str, target: str, steps: Sequence[int], draws: int) -> Settings:
        """Return the checked settings; BadInput or UnknownName for a value that cannot be used."""
        draws = months.whole(draws, "draws")
        if draws < LEAST_DRAWS:
            raise BadInput("backtest.few_draws", value=draws, least=LEAST_DRAWS)
        wanted = kinds.target(target)
        panel.series(wanted)
        asked = forecast.found(method)
        return cls(
            method=asked.name, target=wanted, steps=forecast.check_steps(steps),
            draws=draws, panel=panel.digest, code=code_of(asked), libraries=libraries(),
        )  # fmt: skip

    @cached_property
    def key(self) -> str:
        """Digest of all settings."""
        return digest.of_parts(asdict(self))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return {**asdict(self), "steps": list(self.steps), "libraries": list(self.libraries)}


def code_of(method: forecast.Method) -> str:
    """Return the digest of the code that makes the rows of a method here."""
    rooms = digest.of_rooms(*ROOMS)
    return digest.of_parts(rooms, method.code) if isinstance(method, forecast.Own) else rooms


def check_origins(panel: Panel, origins: Sequence[int]) -> tuple[int, ...]:
    """Return the origins ascending; BadInput if there are none or one cannot be forecast from or scored."""
    chosen = tuple(sorted(set(months.wholes(origins, "origins"))))
    if not chosen:
        raise BadInput("backtest.no_origins")
    for origin in (chosen[0], chosen[-1]):
        if origin not in panel.span:
            raise BadInput("backtest.origin_outside", origin=months.label(origin), span=str(panel.span))
    history = chosen[0] - panel.span.first + 1
    if history < LEAST_HISTORY:
        raise BadInput(
            "backtest.short_history", origin=months.label(chosen[0]), months=history, least=LEAST_HISTORY,
            first=months.label(panel.span.first),
            earliest=months.label(panel.span.first + LEAST_HISTORY - 1),
        )  # fmt: skip
    return chosen


def origins_of(span: Span, every: int = 1) -> tuple[int, ...]:
    """Return every `every`-th month of a span, beginning with its first.

    BadInput if `every` is below 1, or `span` no span of months.
    """
    if months.whole(every, "every") < 1:
        raise BadInput("backtest.every", value=every)
    return tuple(months.span(span, "span"))[::every]


def parse_steps(text: str) -> tuple[int, ...]:
    """Return the steps written `1-12`, `6` or `1-3,6,9-12`, ascending; BadInput if they are none."""
    steps: set[int] = set()
    for part in text.replace(" ", "").split(","):
        found = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", part)
        if not found or int(found[2] or found[1]) < int(found[1]):
            raise BadInput("backtest.not_steps", value=text, last=forecast.MAX_STEP)
        steps.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return forecast.check_steps(sorted(steps))


def written(steps: Sequence[int]) -> str:
    """Return ascending steps as `parse_steps` reads them: `1-3,6`."""
    runs = months.runs(steps)
    return ",".join(str(run.first) if len(run) == 1 else f"{run.first}-{run.last}" for run in runs)


@cache
def libraries() -> tuple[str, ...]:
    """Return `name version` of the libraries whose numbers enter the rows."""
    return tuple(f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES)
