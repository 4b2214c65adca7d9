"""Intervals hold as many of their draws as they are said to."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.decide import STATES, Evidence, decide
from tocsin.decide.effects import TRANSITIONS, hazard
from tocsin.decide.record import Spread


def test_a_spread_cuts_a_quarter_and_a_twentieth_off_either_end() -> None:
    found = Spread.of(np.arange(101.0) ** 2)
    assert found == Spread(
        mean=3350.0, median=2500.0, low50=625.0, high50=5625.0, low90=25.0, high90=9025.0
    )  # fmt: skip
    assert Spread.of(np.array([1.0, np.nan])) == Spread(None, None, None, None, None, None)


def test_what_a_region_gives_holds_nine_tenths_of_its_draws(evidence: Evidence) -> None:
    made = decide(evidence, "MLI", options=["none"], in_depth=False)
    known = evidence.transitions("Africa")
    held = evidence.counts.held.sum(axis=0)
    drawn = {name: hazard(known.draws, name, held) for name in TRANSITIONS}
    drawn |= {name: known.death_draws[:, place] for place, name in enumerate(STATES)}
    told = (*made.hazards, *made.deaths)
    assert {one.name for one in told} == {*TRANSITIONS, *STATES} - {"peace"}
    for one in told:
        assert (drawn[one.name] < one.low).mean() == pytest.approx(0.05, abs=0.001), one.name
        assert (drawn[one.name] > one.high).mean() == pytest.approx(0.05, abs=0.001), one.name


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_an_interval_of_passages_holds_its_level_of_their_draws(evidence: Evidence, level: float) -> None:
    known = evidence.transitions("Africa")
    low, high = known.interval(level)
    seen = known.matrix > 0
    for outside in (known.draws < low, known.draws > high):
        assert outside.mean(axis=0)[seen] == pytest.approx((1 - level) / 2, abs=0.002)
