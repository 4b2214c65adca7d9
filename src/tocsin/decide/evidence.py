"""What a decision knows: the panel as known then, what is counted in it, and the forecast from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin import areas, forecast, months
from tocsin.areas import Region
from tocsin.decide import condition, states
from tocsin.decide.transitions import Counts, Transitions, estimate
from tocsin.errors import BadInput
from tocsin.forecast import DEFAULT, Forecast
from tocsin.kinds import Target
from tocsin.panel import Panel

SAMPLES = 2000

AHEAD = (1, 2, 3)
"""Months after the last one known that the forecast speaks of."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """A panel as known on a day with what is made from it once for all areas.

    month: the month a decision falls in, the first it can touch; the panel's last month lies before it.
    """

    month: int
    counts: Counts
    forecast: Forecast
    samples: int
    _regions: dict[Region, Transitions] = field(default_factory=dict)

    @classmethod
    def of(
        cls, panel: Panel, *, month: int, target: Target = "total", method: str = DEFAULT,
        said: Forecast | None = None, samples: int = SAMPLES,
    ) -> Evidence:  # fmt: skip
        """Make the evidence for decisions in `month`.

        said: the forecast of the target from the panel's last month, where one was made already.
        BadInput if the panel holds that month or a later one, for another forecast, or for fewer than 100
        samples; NotAssessed if its data are too few to estimate passages from.
        """
        month = months.whole(month, "month")
        if panel.span.last >= month:
            raise BadInput(
                "decide.known_too_late", month=months.label(month), last=months.label(panel.span.last)
            )
        if samples < 100:
            raise BadInput("decide.few_samples", value=samples, least=100)
        counts = Counts.of(panel, target)
        if said is None:
            said = forecast.fit(panel, origin=panel.span.last, target=target, method=method).predict(AHEAD)
        if (said.origin, said.target, said.level, said.scheme) != (
            panel.span.last, target, panel.level, panel.scheme,
        ):  # fmt: skip
            raise BadInput(
                "decide.other_forecast", target=target, origin=months.label(panel.span.last),
                scheme=panel.scheme, said_target=said.target, said_origin=months.label(said.origin),
                said_scheme=said.scheme,
            )  # fmt: skip
        return cls(month, counts, said, samples)

    @property
    def panel(self) -> Panel:
        """The panel."""
        return self.counts.panel

    @property
    def origin(self) -> int:
        """The last month of data."""
        return self.panel.span.last

    @property
    def unseen(self) -> int:
        """Months between the last month of data and the decision."""
        return self.month - 1 - self.origin

    def transitions(self, region: Region) -> Transitions:
        """Return the passages of a region, estimated once."""
        if region not in self._regions:
            self._regions[region] = estimate(self.counts, region=region, draws=self.samples)
        return self._regions[region]

    def probability(self, gw: int) -> float:
        """Return the forecast's probability of at least 25 deaths in three months, kept off 0 and 1.

        Where no draw, or every draw, reaches it, half a draw is taken to: draws cannot show certainty.
        """
        found = float(self.forecast.probability(states.CONFLICT)[self.forecast.index(gw)])
        half = 0.5 / (self.forecast.draws.shape[2] + 1)
        return float(np.clip(found, half, 1 - half))

    def implied(self, gw: int) -> float:
        """Return the same probability by the chain of the area's region alone."""
        state = self.counts.of_area(gw)
        chain = condition.chain_of(self.transitions(areas.country(gw).region).matrix[None], state)
        return float(condition.implied(chain, self.counts.reached, state)[0])

    def recent(self, gw: int) -> tuple[int, int]:
        """Return the deaths of the last 12 months of data, and how many of these months are covered."""
        row = self.panel.index(gw)
        held = self.panel.covered[row, -states.YEAR :]
        series = self.panel.series(self.counts.target)[row, -states.YEAR :]
        return int(series[held].sum()), int(held.sum())

    def chain(
        self, gw: int, draws: NDArray[np.float64], probability: float | NDArray[np.float64]
    ) -> condition.Chain:
        """Return the area's chain from the decision's month on, for passages [sample, from, to]."""
        state = self.counts.of_area(gw)
        whole = condition.on_forecast(draws, state, reached=self.counts.reached, probability=probability)
        return whole.after(self.unseen)
