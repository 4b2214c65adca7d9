"""The life of a warning, as a pure machine: one for each area and rule, one step a month.

    calm ──chance reaches the trigger──> open ──chance of the same question below cancel──> cancelled (Cancel)
      ^                                   │ ├──window closed without the deaths──────────> calm (Resolved)
      │                                   │ └──window closed, a month not covered────────> calm (Expired)
      └──chance below cancel, or not asked─ over <──deaths reached what was needed───────── (Resolved)

    cancelled ──window closed──> calm, or ──deaths reached what was needed──> over, in silence

A warning asks one question, fixed when it is raised; the data settle it, also after a cancellation. After a
warning the next must wait for `spacing_days` and for the end of its window; after one that came true, also
for the chance of the question, asked afresh, to have fallen below the cancel level: the episode is over.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from tocsin.errors import BadInput
from tocsin.months import label
from tocsin.warn.questions import Answer
from tocsin.warn.rules import Rule
from tocsin.warn.words import word

Phase = Literal["calm", "open", "cancelled", "over"]
Act = Literal["alert", "update", "cancel", "expire", "came_true", "did_not", "withdraw"]
"""What is said of a warning: all but `withdraw` come of a step, that of a correction in the ledger."""

TELLING = 0.1
"""Change of probability since what was last told that is worth an update."""


@dataclass(frozen=True)
class State:
    """Where one area stands under one rule.

    month:   the last month stepped through; None before the first.
    issued:  origin of the last warning; None if there was none. needed: deaths that settle its question.
    told:    the probability last told in it.
    """

    phase: Phase = "calm"
    month: int | None = None
    issued: int | None = None
    needed: int = 0
    told: float | None = None

    @property
    def open(self) -> bool:
        """Whether a warning is open."""
        return self.phase == "open"

    @property
    def unsettled(self) -> bool:
        """Whether the last warning's question waits for its answer: it is open, or was cancelled."""
        return self.phase in ("open", "cancelled")


@dataclass(frozen=True)
class Seen:
    """What a month shows of one area under one rule.

    fresh:    probability of the rule's question asked from this month; None where it is not asked.
    assessed: whether the area is covered, so that `fresh` is None only because the rule does not apply.
    needed:   deaths that would settle the fresh question.
    same:     probability now of the open warning's own question; None without one, or where not assessed.
    answer:   what came of the last warning's question up to this month, as long as it is unsettled.
    untold:   whether nobody was told of the open warning, so that it is to be told anew.
    """

    fresh: float | None
    assessed: bool = True
    needed: int = 0
    same: float | None = None
    answer: Answer = "open"
    untold: bool = False


def step(state: State, seen: Seen, month: int, rule: Rule) -> tuple[State, tuple[Act, ...]]:
    """Return the state after `month` and what is to be said, nothing most of the time.

    A warning that ends and a new one that begins may fall in one month, in this order. Stepping through the
    month of `state` again changes nothing. Raises BadInput for an earlier month.
    """
    if state.month is not None and month <= state.month:
        if month < state.month:
            raise BadInput("warn.backwards", month=label(month), last=label(state.month))
        return state, ()
    now = dataclasses.replace(state, month=month)
    said: tuple[Act, ...] = ()
    if now.phase == "open":
        now, said = _open(now, seen, month, rule)
    elif now.phase == "cancelled":
        now = _cancelled(now, seen, month, rule)
    elif now.phase == "over" and seen.assessed and (seen.fresh is None or seen.fresh < rule.cancel):
        now = dataclasses.replace(now, phase="calm")
    firing = seen.fresh is not None and seen.fresh >= rule.trigger
    if now.phase == "calm" and firing and _rested(now, month, rule):
        now = State(phase="open", month=month, issued=month, needed=seen.needed, told=seen.fresh)
        said = (*said, "alert")
    return now, said


def _open(state: State, seen: Seen, month: int, rule: Rule) -> tuple[State, tuple[Act, ...]]:
    assert state.issued is not None
    calm = dataclasses.replace(state, phase="calm", told=None)
    if seen.answer == "came_true":
        return dataclasses.replace(calm, phase="over"), ("came_true",)
    if seen.answer == "did_not":
        return calm, ("did_not",)
    if month >= state.issued + rule.window:
        return calm, ("expire",)
    if seen.same is None:
        return state, ()
    if seen.same < rule.cancel:
        return dataclasses.replace(calm, phase="cancelled"), ("cancel",)
    if seen.untold or state.told is None or _telling(state.told, seen.same):
        return dataclasses.replace(state, told=seen.same), ("update",)
    return state, ()


def _cancelled(state: State, seen: Seen, month: int, rule: Rule) -> State:
    assert state.issued is not None
    if seen.answer == "came_true":
        return dataclasses.replace(state, phase="over")
    return dataclasses.replace(state, phase="calm") if month >= state.issued + rule.window else state


def _telling(told: float, now: float) -> bool:
    # Shares are fractions in binary: 0.54 to 0.59 is five points, and a little less.
    moved = abs(now - told) + 1e-9
    # A change of word alone is none: a probability on the border between two would give one every month.
    return moved >= TELLING or (word(told) != word(now) and moved >= TELLING / 2)


def _rested(state: State, month: int, rule: Rule) -> bool:
    if state.issued is None:
        return True
    return month >= state.issued + max(rule.window, rule.spacing_months)
