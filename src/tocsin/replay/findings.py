"""What a walk shows once it is over: lead times, warnings and what came of them, scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin import score
from tocsin.panel import Panel
from tocsin.replay.case import TurningPoint
from tocsin.replay.outlook import AHEAD, DEATHS
from tocsin.replay.walk import Step, reveal
from tocsin.warn import Message

LOOK_BACK = 12
"""Months before a turning point in which a warning counts as having come before it."""


@dataclass(frozen=True)
class Before:
    """What one track said before one turning point.

    probability, rank, of: on the first day of its month; None where the country was not assessed.
    followed: deaths in that month and the two after it; None where they are not known.
    warned:   the first warning about the whole country in the 12 months before, or on the day; None if none.
    lead:     months from it to the turning point. local: warnings of spread between provinces in that time.
    """

    track: str
    month: int
    probability: float | None
    rank: int | None
    of: int | None
    followed: int | None
    warned: Message | None
    lead: int | None
    local: int


@dataclass(frozen=True)
class Verdict:
    """How a track did over the whole walk.

    months: scored, those whose three months ahead are known. happened: in how many 25 deaths were reached.
    brier, beside: mean Brier scores of the method and of the plain one beside it; crps: mean, in deaths.
    held:   share of outcomes inside the 80 % interval. alerts, came_true, did_not: warnings and what came
    of them; the others were still open, or could not be settled.
    """

    track: str
    months: int
    happened: int
    brier: float | None
    beside: float | None
    crps: float | None
    held: float | None
    alerts: int
    came_true: int
    did_not: int


def before(
    steps: Sequence[Step], track: str, point: TurningPoint, messages: Sequence[tuple[int, Message]],
    *, outcomes: Panel, gw: int,
) -> Before:  # fmt: skip
    """Return what a track said before a turning point; `messages` are all of its own, with their months."""
    step = next(step for step in steps if step.month == point.id)
    facts = step.of(track)
    ahead = facts.get("ahead") or {}
    near = [
        (month, message)
        for month, message in messages
        if message.act == "alert" and point.id - LOOK_BACK <= month <= point.id
    ]
    whole = [(month, message) for month, message in near if message.level == "country"]
    first = whole[0] if whole else None
    return Before(
        track=track, month=point.id, probability=ahead.get("probability"), rank=ahead.get("rank"),
        of=ahead.get("of"), followed=followed(outcomes, gw, point.id),
        warned=None if first is None else first[1], lead=None if first is None else point.id - first[0],
        local=len(near) - len(whole),
    )  # fmt: skip


def messages_of(steps: Sequence[Step], track: str) -> list[tuple[int, Message]]:
    """Return what the rules of a track said, with the month in which they said it."""
    return [(step.month, message) for step in steps for message in step.messages[track]]


def verdict(steps: Sequence[Step], track: str, *, outcomes: Panel, gw: int) -> Verdict:
    """Return the scores of a track over every month whose outcome is known."""
    chances, plain, happened, crps, held = [], [], [], [], []
    for step in steps:
        facts, seen = step.of(track), followed(outcomes, gw, step.month)
        if not facts["assessed"] or seen is None:
            continue
        ahead = facts["ahead"]
        first = ahead["first_step"]
        totals = step.draws[track][first - 1 : first - 1 + AHEAD].sum(axis=0, dtype=np.int64)
        chances.append(ahead["probability"])
        plain.append(facts["beside"]["probability"])
        happened.append(float(seen >= DEATHS))
        crps.append(float(score.crps(totals, seen)))
        held.append(ahead["low_80"] <= seen <= ahead["high_80"])
    said = [message for _, message in messages_of(steps, track)]
    acts = [message.act for message in said]
    return Verdict(
        track=track, months=len(chances), happened=int(sum(happened)),
        brier=_mean(score.brier(np.array(chances), np.array(happened))) if chances else None,
        beside=_mean(score.brier(np.array(plain), np.array(happened))) if chances else None,
        crps=_mean(np.array(crps)) if crps else None, held=_mean(np.array(held, float)) if held else None,
        alerts=acts.count("alert"), came_true=acts.count("came_true"), did_not=acts.count("did_not"),
    )  # fmt: skip


def followed(outcomes: Panel, gw: int, month: int) -> int | None:
    """Return the deaths of a month and the two after it, None where no release covers one of them."""
    known = [reveal(outcomes, gw, ahead) for ahead in range(month, month + AHEAD)]
    if any(one is None for one in known):
        return None
    return sum(one["total"] for one in known if one is not None)


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values))
