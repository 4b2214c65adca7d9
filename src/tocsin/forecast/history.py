"""What a method may read: the panel cut at the origin, and nothing later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.kinds import Kind
from tocsin.panel import Panel
from tocsin.panel.arrays import Record


@dataclass(frozen=True, eq=False, repr=False)
class History(Record):
    """One kind of deaths of every area up to the origin.

    panel:   the panel up to the origin, all its kinds; months after the origin are not in memory.
    target:  the kind to forecast.
    series:  int32 [area, month], deaths of that kind, 0 wherever `covered` is False.
    covered: bool [area, month]; False is *not assessed*, never 0.
    """

    panel: Panel
    target: Kind
    series: NDArray[np.int32]
    covered: NDArray[np.bool_]

    @classmethod
    def of(cls, panel: Panel, origin: int, target: Kind) -> History:
        """Return the history of `target` up to month `origin`.

        NotAssessed if the origin lies outside the panel, UnknownName if the panel lacks the kind.
        """
        past = panel.until(origin)
        return cls(past, target, past.series(target), past.covered)

    @property
    def origin(self) -> int:
        """Month id of the last month."""
        return self.panel.span.last

    @property
    def assessed(self) -> NDArray[np.bool_]:
        """Bool [area]: whether the origin itself is covered."""
        return self.covered[:, -1]

    def window(self, months: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the last `months` calendar months: int32 [area, month] and their mask, oldest first.

        A month that is not covered, or lies before the panel begins, is masked: a gap shortens the window, it
        neither counts as zero nor reaches further back.
        """
        missing = max(months - self.series.shape[1], 0)
        pad = ((0, 0), (missing, 0))
        return np.pad(self.series[:, -months:], pad), np.pad(self.covered[:, -months:], pad)
