"""A forecast that knows its newest months will be revised: made from histories that may turn out true."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin import digest
from tocsin.errors import BadInput, NotAssessed
from tocsin.forecast import DRAWS, Forecast, History, named
from tocsin.panel import Panel
from tocsin.revision.model import Revision, fit, revised
from tocsin.revision.triangle import Triangle

HISTORIES = 20
"""Histories drawn; each gives an equal share of the forecast's draws."""


def histories(panel: Panel, law: Revision, count: int = HISTORIES) -> NDArray[np.int32]:
    """Return int32 [history, month]: the panel's series with the months that had not settled drawn anew.

    A month whose figure has moved since its first report stays as it is: the law is that of first reports.
    """
    series = panel.series("total")[0]
    found = np.repeat(series[None], count, axis=0)
    columns = [
        pair.month - panel.span.first
        for pair in law.open
        if pair.month in panel.span and series[pair.month - panel.span.first] == pair.first
    ]
    if columns:
        drawn = law.sample(len(columns), count, name=f"history-{panel.areas[0]}")
        found[:, columns] = revised(series[columns], drawn)
    return found


def widened(
    triangle: Triangle, *, as_of: dt.date, method: str, steps: Sequence[int], draws: int = DRAWS
) -> tuple[Forecast, bool]:
    """Return the forecast of all kinds from what was published by a day, and whether revision is in it.

    Each of 20 histories in which the unsettled months take values they may settle at is forecast by
    `method`, and gives every twentieth of its draws. While fewer than five months have settled, nothing is
    known of revision and the forecast is made from the figures as published.
    NotAssessed before the first vintage; BadInput unless the draws divide by 20.
    """
    if draws % HISTORIES:
        raise BadInput("revision.draws", value=draws, step=HISTORIES)
    panel = triangle.panel(as_of)
    try:
        law = fit(triangle, as_of=as_of)
    except NotAssessed:
        return plain(panel, method=method, steps=steps, draws=draws), False
    drawn = histories(panel, law)
    # Each with as many draws as the whole: of fewer some methods make bare values, which are no paths.
    parts = [
        plain(
            dataclasses.replace(panel, deaths=series[None, :, None].copy()), method=method, steps=steps,
            draws=draws,
        )
        for series in drawn
    ]  # fmt: skip
    taken = [part.draws[..., place::HISTORIES] for place, part in enumerate(parts)]
    whole = dataclasses.replace(
        parts[0], draws=np.stack(taken, axis=-1).reshape(parts[0].draws.shape),
        inputs=digest.of_parts("widened", panel.digest, drawn),
    )  # fmt: skip
    return whole, True


def plain(panel: Panel, *, method: str, steps: Sequence[int], draws: int = DRAWS) -> Forecast:
    """Return the forecast of a panel whose one kind holds the deaths of all, named `total` as it is."""
    history = History.of(panel, panel.span.last, panel.kinds[0])
    made = named(method).fit(history).predict(tuple(steps), draws)
    return dataclasses.replace(made, target="total")
