"""Forecasts of a walk, each made once: what two tracks know alike they are told alike."""

from __future__ import annotations

import dataclasses
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from tocsin import forecast, revision
from tocsin.forecast import Forecast
from tocsin.forecast.forecast import GROUPS
from tocsin.kinds import KINDS
from tocsin.panel import Panel

KEPT = 20
"""Forecasts held in memory, some 10 MB each.

A lag of seven months asks for what a lag of one asked for six months ago; until then both make their own.
"""


class Fits:
    """Forecasts of all kinds by method, from panels; those made last are kept.

    A method is fitted anew for every panel that differs in anything but the lag under which it was cut. A
    forecast does not depend on whether it was kept: its inputs are named without that lag. It is made of
    whole groups of steps, of which some are part of more: where no release comes for months, each of them
    asks the same panel for one step more.
    workers: threads that make forecasts asked for ahead; trees grow outside Python's lock.
    """

    def __init__(self, workers: int = 0) -> None:
        self._held: dict[tuple[str, str, int], Future[Forecast]] = {}
        self._pool = ThreadPoolExecutor(workers) if workers else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if self._pool is not None:
            # Whoever stops a walk does not wait for fits that nobody will see.
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def of(self, panel: Panel, method: str, last: int) -> Forecast:
        """Return the forecast of steps 1 to `last` after a panel's last month; errors as `forecast.fit`."""
        made = self._asked(panel, method, last).result()
        if made.steps[-1] == last:
            return made
        return dataclasses.replace(made, steps=made.steps[:last], draws=made.draws[:, :last].copy())

    def ahead(self, panel: Panel, method: str, last: int) -> None:
        """Begin a forecast that will be asked for soon; without workers, do nothing."""
        if self._pool is not None:
            self._asked(panel, method, last)

    def _asked(self, panel: Panel, method: str, last: int) -> Future[Forecast]:
        last = next((group[-1] for group in GROUPS if group[-1] >= last), last)
        key = (panel.unnamed().digest, method, last)
        if key not in self._held:
            if self._pool is not None:
                self._held[key] = self._pool.submit(fitted, panel, method, last)
            else:
                done: Future[Forecast] = Future()
                done.set_result(fitted(panel, method, last))
                self._held[key] = done
        found = self._held[key]
        while len(self._held) > KEPT:
            del self._held[next(iter(self._held))]
        return found


def fitted(panel: Panel, method: str, last: int) -> Forecast:
    """Return the forecast of steps 1 to `last` after a panel's last month, named without the panel's lag."""
    panel, steps = panel.unnamed(), range(1, last + 1)
    if panel.kinds != KINDS:
        return revision.plain(panel, method=method, steps=steps)
    return forecast.fit(panel, origin=panel.span.last, target="total", method=method).predict(steps)
