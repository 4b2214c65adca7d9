"""The one verb: places forecast, and made to agree with the forecast of their states."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin import forecast as states
from tocsin.errors import NotAssessed
from tocsin.kinds import target as target_of
from tocsin.local.layout import Layout
from tocsin.local.model import fit
from tocsin.local.reconciliation import Reconciled, reconcile
from tocsin.local.traces import LocalHistory
from tocsin.panel import Panel


def forecast(
    layout: Layout,
    panel: Panel,
    country: Panel,
    *,
    origin: int,
    steps: Sequence[int],
    target: str = "total",
    method: str = states.DEFAULT,
) -> Reconciled:
    """Return the forecast of small areas from month `origin`, in agreement with that of their states.

    layout, panel: as `cell_data` or `admin1_data` give them: deaths of **located events only**.
    country: deaths of states; method: how the states are forecast (`tocsin.forecast.methods`).
    Raises what `fit` and `tocsin.forecast.fit` raise, and NotAssessed if no area is covered at the origin.
    """
    kind = target_of(target)
    history = LocalHistory.of(layout, panel, country, origin, kind)
    if not history.panel.covered[:, -1].any():
        raise NotAssessed("local.not_covered", level=layout.level)
    parent = states.fit(country, origin=origin, target=kind, method=method).predict(steps)
    return reconcile(fit(history).predict(steps, parent=parent), parent)
