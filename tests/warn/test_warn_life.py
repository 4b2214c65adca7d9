from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warn_panels import rule

from tocsin.errors import BadInput
from tocsin.warn import Seen, State, step

RULE = rule()
OPEN = State(phase="open", month=100, issued=100, needed=25, told=0.6)


def _step(state: State, month: int, **seen: object) -> tuple[str, tuple[str, ...]]:
    now, acts = step(state, Seen(**{"fresh": 0.1} | seen), month, RULE)  # type: ignore[arg-type]
    return now.phase, acts


def test_a_warning_begins_at_the_trigger() -> None:
    assert _step(State(), 100, fresh=0.49) == ("calm", ())
    assert _step(State(), 100, fresh=None) == ("calm", ())
    now, acts = step(State(), Seen(0.5, needed=40), 100, RULE)
    assert acts == ("alert",)
    assert (now.phase, now.issued, now.needed, now.told) == ("open", 100, 40, 0.5)


@pytest.mark.parametrize(
    ("month", "seen", "phase", "acts"),
    [
        (101, {"same": 0.55}, "open", ()),
        (101, {"same": 0.69}, "open", ()),
        (101, {"same": 0.75}, "open", ("update",)),
        (101, {"same": 0.3}, "open", ("update",)),
        (101, {"same": 0.29}, "cancelled", ("cancel",)),
        (101, {"same": None}, "open", ()),
        (101, {"same": None, "answer": "came_true"}, "over", ("came_true",)),
        (103, {"answer": "did_not"}, "calm", ("did_not",)),
        (103, {"answer": "not_assessed"}, "calm", ("expire",)),
        (104, {"answer": "open"}, "calm", ("expire",)),
    ],
)
def test_an_open_warning_goes_on_or_ends(
    month: int, seen: dict[str, object], phase: str, acts: tuple[str, ...]
) -> None:
    assert _step(OPEN, month, **seen) == (phase, acts)


def test_a_change_of_word_is_an_update_from_five_points() -> None:
    told = dataclasses.replace(OPEN, told=0.54)
    assert _step(told, 101, same=0.58) == ("open", ())
    assert _step(told, 101, same=0.59) == ("open", ("update",))


def test_an_episode_has_to_end_before_the_next_warning() -> None:
    over = State(phase="over", month=103, issued=100)
    assert _step(over, 110, fresh=0.9) == ("over", ())
    assert _step(over, 110, fresh=0.3) == ("over", ())
    assert _step(over, 110, fresh=None, assessed=False) == ("over", ())
    assert _step(over, 110, fresh=None) == ("calm", ())
    assert _step(over, 110, fresh=0.2) == ("calm", ())


def test_a_cancelled_warning_is_settled_in_silence() -> None:
    cancelled = State(phase="cancelled", month=101, issued=100, needed=25)
    assert _step(cancelled, 102) == ("cancelled", ())
    assert _step(cancelled, 102, answer="came_true") == ("over", ())
    assert _step(cancelled, 103, answer="came_true") == ("over", ())
    assert _step(cancelled, 103, answer="did_not") == ("calm", ())
    assert _step(cancelled, 104, answer="not_assessed") == ("calm", ())


def test_the_next_warning_waits_for_spacing_and_window() -> None:
    calm = State(phase="calm", month=103, issued=100)
    assert _step(calm, 105, fresh=0.9) == ("calm", ())
    assert _step(calm, 106, fresh=0.9) == ("open", ("alert",))
    year = rule(window=12)
    assert step(calm, Seen(0.9), 111, year)[1] == ()
    assert step(calm, Seen(0.9), 112, year)[1] == ("alert",)


def test_a_warning_may_end_and_another_begin_in_one_month() -> None:
    short = rule(spacing_days=60)
    now, acts = step(OPEN, Seen(0.9, needed=25, answer="did_not"), 103, short)
    assert acts == ("did_not", "alert")
    assert now.issued == 103


def test_a_month_counts_once_and_time_does_not_run_backwards() -> None:
    assert step(OPEN, Seen(0.9, same=0.1), 100, RULE) == (OPEN, ())
    with pytest.raises(BadInput, match="cannot be stepped back"):
        step(OPEN, Seen(0.9), 99, RULE)


_MONTHS = st.lists(
    st.builds(
        Seen,
        fresh=st.one_of(st.none(), st.floats(0, 1)),
        assessed=st.booleans(),
        needed=st.integers(1, 500),
        same=st.one_of(st.none(), st.floats(0, 1)),
        answer=st.sampled_from(["open", "open", "open", "came_true", "did_not", "not_assessed"]),
    ),
    max_size=120,
)


@settings(max_examples=300)
@given(_MONTHS, st.integers(1, 12), st.integers(0, 400))
def test_there_are_no_storms_and_never_two_open_warnings(seen: list[Seen], window: int, spacing: int) -> None:
    chosen = dataclasses.replace(rule(window=window), spacing_days=spacing)
    state, alerts, standing = State(), [], 0
    for month, one in enumerate(seen, 300):
        state, acts = step(state, one, month, chosen)
        assert len(acts) <= 2
        for act in acts:
            if act == "alert":
                assert standing == 0
                standing = 1
                alerts.append(month)
            elif act != "update":
                assert standing == 1
                standing = 0
        assert standing == int(state.open)
        if state.open:
            assert state.issued is not None
            assert month < state.issued + window
    for first, second in itertools.pairwise(alerts):
        assert second - first >= max(window, chosen.spacing_months)
