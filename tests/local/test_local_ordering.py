"""The months of a place hang together as far as those of its state do, and no draw of a month is changed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.forecast.paths import LASTING
from tocsin.local import LocalHistory
from tocsin.local.ordering import COMMON, ordered

STEPS = tuple(range(1, 13))
DRAWS = 4000
PLACES = 12


@pytest.fixture(scope="module")
def paths(history: LocalHistory) -> NDArray[np.int32]:
    laws = np.broadcast_to(np.arange(DRAWS, dtype=np.int32), (PLACES, len(STEPS), DRAWS))
    rows = np.flatnonzero(history.layout.states == history.layout.states[0])[:PLACES]
    return ordered(laws, rows, history, STEPS, None)


def test_months_keep_their_draws(paths: NDArray[np.int32]) -> None:
    assert (np.sort(paths, axis=2) == np.arange(DRAWS)).all()


@pytest.mark.parametrize("later", [1, 11])
def test_a_month_tells_as_much_of_the_next_as_of_the_last(paths: NDArray[np.int32], later: int) -> None:
    alike = [np.corrcoef(place[0], place[later])[0, 1] for place in paths]
    assert np.mean(alike) == pytest.approx(LASTING.lasting, abs=0.05)


def test_places_of_a_state_share_part_of_a_month(paths: NDArray[np.int32]) -> None:
    alike = np.corrcoef(paths[:, 0])[np.triu_indices(PLACES, 1)]
    assert np.mean(alike) == pytest.approx(COMMON, abs=0.05)
