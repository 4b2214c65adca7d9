"""The small world of the replay tests: names, a case as text, a panel from deaths."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np

from tocsin import warn
from tocsin.kinds import KINDS
from tocsin.months import Span
from tocsin.panel import Panel
from tocsin.warn import Evidence, Rule, Table

METHOD = "conflictology-12"
STATES = (432, 436, 439, 475, 615, 620)
SPAN = Span.parse("2004-01:2013-12")

CASE = """
format: 1
name: small
title: {en: A small case, fr: Un petit cas}
area: MLI
neighbours: [DZA, NER]
span: 2012-01:2012-06
lags: [1, 7]
compiled: 2020-01-01
author: test
turning_points:
  - month: 2012-03
    name: {en: The turn, fr: Le tournant}
limits:
  - {en: It is invented., fr: Il est inventé.}
sources:
  paper: {citation: A paper, published: 2013-01-01}
parties:
  desk: {en: The desk, fr: la cellule}
  capital: {en: The capital, fr: la capitale}
entries:
  - id: said
    type: warning
    status: issued
    date: 2012-01
    by: desk
    to: [capital]
    text: {en: It will get worse., fr: Cela va empirer.}
    sources: [paper]
    confidence: high
  - id: refused
    type: dismissal
    date: 2012-02
    by: [capital]
    reason: hyperbolic
    links: ["answers:said"]
    text: {en: The capital does not believe it., fr: La capitale n'y croit pas.}
    sources: [paper]
    confidence: high
  - id: sworn
    type: commitment
    date: 2012-03-10
    promisor: [capital]
    beneficiary: [desk]
    words: soon
    visibility: public
    test: Something comes.
    deadline: 2012-06-30
    text: {en: The capital promises help., fr: La capitale promet de l'aide.}
    sources: [paper]
    confidence: high
"""


def panel_of(deaths: np.ndarray) -> Panel:
    return Panel(
        level="country", scheme="gw", areas=STATES, span=SPAN, kinds=KINDS, deaths=deaths,
        covered=np.ones(deaths.shape[:2], dtype=bool), as_of=dt.date(2020, 1, 1), releases=("invented",),
    )  # fmt: skip


@cache
def readings_of(panel: Panel, rules: tuple[Rule, ...]) -> Table:
    """Return the readings of rules at every past month of a panel, made once for the tests that walk it."""
    return warn.make(Evidence(panel, {}), rules, method=METHOD)
