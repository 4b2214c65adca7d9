"""Rounds of one rule over small panels: what the tests of rounds and of their recording share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from warn_panels import panel_of, rule

from tocsin import warn
from tocsin.ledger import Ledger
from tocsin.panel import Panel
from tocsin.warn import Message, Round, Store

WAR = [30] * 24
RULES = (rule(),)
NOW = dt.datetime(2012, 1, 1, tzinfo=dt.UTC)


def hold(panel: Panel, store: Store, *, rules: Sequence[warn.Rule] = RULES, **more: object) -> Round:
    given: dict[str, object] = {
        "as_of": panel.as_of, "rules": rules, "method": "conflictology-12", "told": store.told,
        "states": store.states(warn.series_of(panel)), "made_at": "2012-01-01T00:00:00+00:00",
    }  # fmt: skip
    return warn.hold(panel, **(given | more))  # type: ignore[arg-type]


def opener(home: Path, kind: type[Ledger] = Ledger, *, now: dt.datetime = NOW) -> Callable[[], Ledger]:
    return lambda: kind.open(home / "ledger.sqlite", clock=lambda: now)


def round_of(panel: Panel, store: Store) -> tuple[Message, ...]:
    return store.keep(hold(panel, store))


def panel_of_first(series: Mapping[int, Sequence[int]], count: int) -> Panel:
    return panel_of({area: values[:count] for area, values in series.items()})
