"""The hidden-state model against counting every path by hand, and the evidence it reads."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.control import CHANNELS, DECLARED, STATES, Evidence, filtered, gather, likelihood, smoothed
from tocsin.months import Span

MONTHS = 5


def _by_hand(seen: np.ndarray, month: int, until: int) -> np.ndarray:
    """Return P(state in `month` | months up to `until`) by summing over every path of states."""
    total = np.zeros(len(STATES))
    for path in itertools.product(range(len(STATES)), repeat=until + 1):
        chance = DECLARED.start[path[0]] * seen[0, path[0]]
        for at in range(1, until + 1):
            chance *= DECLARED.stay[path[at - 1]][path[at]] * seen[at, path[at]]
        total[path[month]] += chance
    return total / total.sum()


@given(st.integers(0, 10_000))
def test_both_passes_count_paths_rightly(seed: int) -> None:
    seen = np.random.default_rng(seed).uniform(0.01, 1, (1, MONTHS, len(STATES)))
    forward, whole = filtered(seen), smoothed(seen)
    for month in range(MONTHS):
        assert forward[0, month] == pytest.approx(_by_hand(seen[0], month, month))
        assert whole[0, month] == pytest.approx(_by_hand(seen[0], month, MONTHS - 1))


def test_the_declared_numbers_are_probabilities() -> None:
    assert sum(DECLARED.start) == pytest.approx(1)
    assert all(sum(row) == pytest.approx(1) for row in DECLARED.stay)
    rates = [DECLARED.quiet, DECLARED.many, DECLARED.state_loses, *DECLARED.present.values()]
    assert all(0 < rate < 1 for row in rates for rate in row)
    assert set(DECLARED.present) == set(CHANNELS)


def test_the_page_gives_the_declared_numbers_which_are_never_changed() -> None:
    page = (Path(__file__).parents[2] / "docs/concepts/control.md").read_text(encoding="utf-8")
    seen, later = (part.split("\n\n")[0] for part in page.split("| held | contested | beyond |\n")[1:3])
    rows = [
        [tuple(map(float, re.findall(r"\d\.\d+", line))) for line in part.splitlines()[1:]]
        for part in (seen, later)
    ]
    there = DECLARED.present
    assert rows[0] == [
        DECLARED.quiet, there["sb"], there["os_group"], there["os_state"], there["os"], there["ns"],
        DECLARED.many, DECLARED.state_loses,
    ]  # fmt: skip
    assert tuple(rows[1]) == DECLARED.stay
    assert f"starts at {', '.join(f'{share:.2f}' for share in DECLARED.start)}." in page


def test_the_passes_stay_probabilities_over_many_years() -> None:
    seen = np.random.default_rng(3).uniform(0.01, 1, (1, 2000, len(STATES)))
    assert smoothed(seen).sum(axis=2) == pytest.approx(1)


def test_every_number_of_the_model_is_in_its_digest() -> None:
    for field in dataclasses.fields(DECLARED):
        assert dataclasses.replace(DECLARED, **{field.name: ()}).digest != DECLARED.digest, field.name


def _evidence(*months: dict[str, int], losses: tuple[int, ...] = (), told: bool = True) -> Evidence:
    counts = np.zeros((1, len(months), len(CHANNELS)), dtype=np.int32)
    for place, month in enumerate(months):
        for channel, events in month.items():
            counts[0, place, CHANNELS.index(channel)] = events
    lost = np.zeros((1, len(months)), dtype=np.int8)
    lost[0, : len(losses)] = losses
    channels = tuple(c for c in CHANNELS if c != "os") if told else ("sb", "os", "ns")
    covered = np.ones((1, len(months)), dtype=np.bool_)
    return Evidence(("here",), Span(1, len(months)), counts, lost, covered, channels)


@pytest.mark.parametrize("told", [True, False])
def test_the_chances_of_all_that_can_be_seen_add_up_to_one(told: bool) -> None:
    channels = [c for c in CHANNELS if (c != "os") == told or c in ("sb", "ns")]
    total = np.zeros(len(STATES))
    for pattern in itertools.product((0, 1), repeat=len(channels)):
        month = dict(zip(channels, pattern, strict=True))
        for many in (1, 3) if month["sb"] else (1,):
            for lost in (1, -1) if month["sb"] else (0,):
                seen = _evidence({**month, "sb": month["sb"] * many}, losses=(lost,), told=told)
                total += likelihood(seen)[0, 0]
    assert total == pytest.approx(1.0)


def test_battles_speak_for_contest_and_groups_among_themselves_for_no_state() -> None:
    fought = filtered(likelihood(_evidence({"sb": 4}, {"sb": 3}, {"sb": 5})))[0, -1]
    assert STATES[int(fought.argmax())] == "contested"
    start = dataclasses.replace(DECLARED, start=(1 / 3, 1 / 3, 1 / 3))
    lawless = filtered(likelihood(_evidence({"ns": 1}, {"ns": 1, "os_group": 1}, {"ns": 2}), start), start)[
        0, -1
    ]
    assert STATES[int(lawless.argmax())] == "beyond"


def test_silence_ends_contest_and_hardly_tells_the_sides_apart() -> None:
    quiet = likelihood(_evidence({}))[0, 0]
    held, contested, beyond = quiet
    assert contested < beyond <= held
    assert held / beyond < 1.1


def test_a_month_that_is_not_covered_says_nothing() -> None:
    seen = _evidence({"sb": 9})
    blind = dataclasses.replace(seen, covered=np.zeros((1, 1), dtype=np.bool_))
    assert likelihood(blind).tolist() == [[[1.0, 1.0, 1.0]]]


def test_losing_battles_moves_towards_beyond() -> None:
    lost, won = (filtered(likelihood(_evidence({"sb": 1}, losses=(sign,))))[0, 0] for sign in (1, -1))
    assert lost[2] / lost[0] > won[2] / won[0]


def test_recent_looks_back_and_in_hindsight_ahead() -> None:
    seen = _evidence({}, {}, {"ns": 1}, {}, {}, {}, {"ns": 1}, {})
    assert seen.recent(3)[0].tolist() == [False, False, True, True, True, False, True, True]
    assert seen.recent(2)[0].tolist() == [False, False, True, True, False, False, True, True]
    assert seen.recent(2, both=True)[0].tolist() == [False, True, True, True, False, True, True, True]


def test_gathering_tells_who_killed_and_who_lost() -> None:
    rows = pl.DataFrame(
        {
            "unit": ["a", "a", "a", "b", "b", "elsewhere"],
            "month": [1, 1, 2, 1, 2, 1],
            "kind": ["sb", "os", "os", "ns", "sb", "sb"],
            "events": [2, 1, 3, 4, 1, 9],
            "side_a": [
                "Government of Mali",
                "Group",
                "Government of Mali",
                "Group",
                "Other group",
                "Government of Mali",
            ],
            "side_b": ["Group", None, None, "Other group", "Government of Mali", "Group"],
            "deaths_a": [5, 0, 0, 1, 2, 0],
            "deaths_b": [3, 0, 0, 1, 7, 0],
        }
    )
    seen = gather(rows, units=("a", "b"), span=Span(1, 2), covered=np.ones((2, 2), dtype=np.bool_))
    found = {
        (unit, month, channel): int(seen.counts[i, j, k])
        for i, unit in enumerate(seen.units)
        for j, month in enumerate(seen.span)
        for k, channel in enumerate(CHANNELS)
        if seen.counts[i, j, k]
    }
    assert found == {
        ("a", 1, "sb"): 2, ("a", 1, "os_group"): 1, ("a", 2, "os_state"): 3, ("b", 1, "ns"): 4,
        ("b", 2, "sb"): 1,
    }  # fmt: skip
    assert seen.losses.tolist() == [[1, 0], [0, 1]]
    assert "os" not in seen.channels


def test_without_sides_killings_of_civilians_are_by_anyone() -> None:
    rows = pl.DataFrame({"unit": [7, 7], "month": [1, 1], "kind": ["os", "sb"], "events": [1, 1]})
    seen = gather(rows, units=(7,), span=Span(1, 1), covered=np.ones((1, 1), dtype=np.bool_))
    assert seen.channels == ("sb", "os", "ns")
    assert seen.counts[0, 0, CHANNELS.index("os")] == 1
    assert not seen.losses.any()
