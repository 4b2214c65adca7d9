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
from tocsin.warn import ENDS, Answer, Evidence, Message, Rule, named


@dataclass(frozen=True)
class Before:
    """What one track said before one turning point.

    probability, rank, of: on the first day of its month; None where the country was not assessed.
    followed: deaths in that month and the two after it; None where they are not known.
    warned:   the first warning about the whole country that asked about this month, and had been neither
              called off nor settled when it began; None if none.
    lead:     months from it to the turning point. local: such warnings of spread between provinces.
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
    held:   share of outcomes inside the 80 % interval. alerts: warnings. came_true, did_not: what came of
    them by the release in hand, called off or not; of the others it does not cover all months. called_off:
    how many were called off.
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
    called_off: int


def before(
    steps: Sequence[Step], track: str, point: TurningPoint, messages: Sequence[tuple[int, Message]],
    *, outcomes: Panel, gw: int,
) -> Before:  # fmt: skip
    """Return what a track said before a turning point; `messages` are all of its own, with their months."""
    step = next(step for step in steps if step.month == point.id)
    facts = step.of(track)
    ahead = facts.get("ahead") or {}
    told = [(month, message) for month, message in messages if month <= point.id]
    ended = {message.warning for _, message in told if message.act in ENDS}
    standing = [
        (month, message)
        for month, message in told
        if message.act == "alert" and message.warning not in ended
        and message.origin < point.id <= message.origin + message.window
    ]  # fmt: skip
    whole = [(month, message) for month, message in standing if message.level == "country"]
    first = whole[0] if whole else None
    return Before(
        track=track, month=point.id, probability=ahead.get("probability"), rank=ahead.get("rank"),
        of=ahead.get("of"), followed=followed(outcomes, gw, point.id),
        warned=None if first is None else first[1], lead=None if first is None else point.id - first[0],
        local=len(standing) - len(whole),
    )  # fmt: skip


def messages_of(steps: Sequence[Step], track: str) -> list[tuple[int, Message]]:
    """Return what the rules of a track said, with the month in which they said it."""
    return [(step.month, message) for step in steps for message in step.messages[track]]


def verdict(
    steps: Sequence[Step], track: str, *, outcomes: Evidence, gw: int, rules: Sequence[Rule]
) -> Verdict:
    """Return the scores of a track over every month whose outcome is known, and what came of its warnings.

    outcomes: the release in hand, which settles every warning of which it covers all months.
    """
    chances, plain, happened, crps, held = [], [], [], [], []
    for step in steps:
        facts, seen = step.of(track), followed(outcomes.panel, gw, step.month)
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
    alerts = [message for message in said if message.act == "alert"]
    came = [_came(alert, outcomes, gw, rules) for alert in alerts]
    off = {message.warning for message in said if message.act == "cancel"}
    return Verdict(
        track=track, months=len(chances), happened=int(sum(happened)),
        brier=_mean(score.brier(np.array(chances), np.array(happened))) if chances else None,
        beside=_mean(score.brier(np.array(plain), np.array(happened))) if chances else None,
        crps=_mean(np.array(crps)) if crps else None, held=_mean(np.array(held, float)) if held else None,
        alerts=len(alerts), came_true=came.count("came_true"), did_not=came.count("did_not"),
        called_off=sum(alert.warning in off for alert in alerts),
    )  # fmt: skip


def _came(alert: Message, outcomes: Evidence, gw: int, rules: Sequence[Rule]) -> Answer:
    # A hit is known at once and a false alarm at the end: only closed windows give either its share.
    rule = named(alert.rule, tuple(rules))
    if not outcomes.closed(rule, gw, alert.origin):
        return "open"
    return outcomes.answer(rule, gw, alert.origin, alert.needed)


def followed(outcomes: Panel, gw: int, month: int) -> int | None:
    """Return the deaths of a month and the two after it, None where no release covers one of them."""
    known = [reveal(outcomes, gw, ahead) for ahead in range(month, month + AHEAD)]
    if any(one is None for one in known):
        return None
    return sum(one["total"] for one in known if one is not None)


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values))
