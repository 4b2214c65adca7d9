"""Entries and a panel made up for what is said of them afterwards."""

from __future__ import annotations

import datetime as dt

import numpy as np

from tocsin import figures, months
from tocsin.hindsight import hindsight
from tocsin.hindsight.outcomes import Followed
from tocsin.kinds import KINDS
from tocsin.ledger import Entry, When, entry
from tocsin.months import Span
from tocsin.panel import Panel

MALI, NIGER = 432, 436
FIRST = months.parse("2010-01")
DAY = dt.date(2014, 6, 1)
GROUPS = figures.groups(as_of=dt.date(2026, 1, 1))
UNKNOWN = Followed(None, None, None, None, None)


def panel_of(series: list[int], *, gap: int | None = None) -> Panel:
    deaths = np.zeros((1, len(series), len(KINDS)), dtype=np.int32)
    deaths[0, :, 0] = series
    covered = np.ones((1, len(series)), dtype=np.bool_)
    if gap is not None:
        deaths[0, gap], covered[0, gap] = 0, False
    span = Span(FIRST, FIRST + len(series) - 1)
    return Panel("country", "gw", (MALI,), span, KINDS, deaths, covered, DAY, ("a release",))


def entry_of(type: str, id: str, date: str, **fields: object) -> Entry:
    head = {
        "type": type, "id": id, "date": date, "areas": ["gw:432"], "text": "Invented.", "language": "en",
        "sources": ["An invented source"], "author": "Test desk", "confidence": "high",
    }  # fmt: skip
    return entry(head | fields)


def when(date: str) -> When:
    return When.model_validate(date)


def warning(id: str = "w1", probability: float | None = 0.7, threshold: int = 25, **fields: object) -> Entry:
    told = {
        "status": "issued", "by": "Duty desk", "to": ["A ministry"], "rule": "plain", "question": "Invented?",
        "kind": "total", "threshold": threshold, "window": "2012-01-01/2012-03-31",
        "probability": probability, "data_as_of": "2011-12-31",
    }  # fmt: skip
    return entry_of("warning", id, "2012-01-10", **(told | fields))


def dismissal(of: str = "w1", id: str = "d1", date: str = "2012-01-20", **fields: object) -> Entry:
    told = {"by": "A ministry", "reason": "hyperbolic", "links": [f"answers:{of}"]}
    return entry_of("dismissal", id, date, **(told | fields))


def see(entries: list[Entry], panel: Panel, **more: object):  # type: ignore[no-untyped-def]
    return hindsight(entries, panel, **({"as_of": DAY, "groups": GROUPS} | more))  # type: ignore[arg-type]


QUIET = [0] * 24


def commitment(date: str = "2012-12-01", id: str = "c1", **fields: object) -> Entry:
    told = {
        "promisor": "A minister", "beneficiary": "An ally", "words": "whatever it takes",
        "visibility": "private", "test": "Aircraft in place.", "deadline": "2013-02-01",
    }  # fmt: skip
    return entry_of("commitment", id, date, **(told | fields))


def met(date: str, extent: str = "full") -> Entry:
    id = f"f-{date.replace('/', '-')}"
    return entry_of("fulfilment", id, date, by="A minister", extent=extent, links=["fulfils:c1"])


DENIED = entry_of("denial", "n1", "2013-01-15", by="An official", links=["denies:c1"])
BROKEN = entry_of("outcome", "o1", "2013-06-01", result="broken", links=["resolves:c1"])
MENDED = entry_of("outcome", "o2", "2013-09-01", result="kept", links=["resolves:c1"])
