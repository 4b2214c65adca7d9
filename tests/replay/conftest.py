"""A small world for replays: six real states, invented deaths, a case with a few entries."""

from __future__ import annotations

import numpy as np
import pytest
from replay_world import CASE, SPAN, STATES, panel_of

from tocsin import months, warn
from tocsin.kinds import KINDS
from tocsin.panel import Panel
from tocsin.replay import Case, read


@pytest.fixture(scope="session")
def deaths() -> np.ndarray:
    random = np.random.Generator(np.random.PCG64(3))
    shape = (len(STATES), len(SPAN), len(KINDS))
    made = random.negative_binomial(0.3, 0.02, shape).astype(np.int32)
    made[0, : 12 * 6] = 0
    made[0, months.parse("2012-02") - SPAN.first :, 0] += 200
    return made


@pytest.fixture(scope="session")
def panel(deaths: np.ndarray) -> Panel:
    return panel_of(deaths)


@pytest.fixture(scope="session")
def rules() -> tuple[warn.Rule, ...]:
    return tuple(rule for rule in warn.built_in() if rule.level == "country")


@pytest.fixture(scope="session")
def case() -> Case:
    return read(CASE.encode(), "small.yaml")
