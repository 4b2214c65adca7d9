"""Counts by author and by addressee, honest about small numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.hindsight.alarms import Alarm
from tocsin.hindsight.outcomes import CONFLICT
from tocsin.hindsight.promises import Promise
from tocsin.hindsight.refusals import Refusal

FEW = 10
"""Cases below which nobody is ranked."""

Subject = Literal["warnings", "warned", "exercises", "dismissals", "commitments"]

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Count:
    """How often something of one party turned out one way.

    subject: `warnings` it gave (came true), `warned`: warnings it was given (came true), `exercises`:
             warnings it gave of reconstructed past months, counted apart (came true), `dismissals` by it
             (followed by 25 deaths in 12 months, or of a warning that came true), `commitments` by it (kept
             in full and in time). Warnings recorded long after their dates are in no count.
    cases, times: settled cases, and those of them that turned out so; pending: cases not settled. Warnings
             are settled once their windows have closed (`Alarm.closed`), promises as `Promise.settled` says.
    share, low, high: of `times` in `cases`, with the 95 % Wilson interval; None without a case.
    rank:    by share, from 1, among those of the subject with ten cases or more; None below that.
    """

    subject: Subject
    party: str
    cases: int
    times: int
    pending: int
    share: float | None
    low: float | None
    high: float | None
    rank: int | None


def wilson(times: int, cases: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; (0, 1) without a case.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22: 209-212.
    """
    if not cases:
        return 0.0, 1.0
    share, square = times / cases, _Z95**2
    middle = share + square / (2 * cases)
    reach = _Z95 * math.sqrt(share * (1 - share) / cases + square / (4 * cases**2))
    scale = 1 + square / cases
    return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)


def tally(
    alarms: Sequence[Alarm], refusals: Sequence[Refusal], promises: Sequence[Promise]
) -> tuple[Count, ...]:
    """Return the counts of every party, sorted by subject and name."""
    live = [alarm for alarm in alarms if alarm.live]
    given = [(alarm.by, _came(alarm)) for alarm in live]
    taken = [(party, _came(alarm)) for alarm in live for party in alarm.to]
    tried = [(alarm.by, _came(alarm)) for alarm in alarms if alarm.exercise]
    meant = [refusal for refusal in refusals if not refusal.exercise]
    dismissed = [(party, _regretted(refusal)) for refusal in meant for party in refusal.by]
    promised = [(party, _kept(promise)) for promise in promises for party in promise.promisor]
    rows: tuple[tuple[Subject, list[tuple[str, bool | None]]], ...] = (
        ("warnings", given),
        ("warned", taken),
        ("exercises", tried),
        ("dismissals", dismissed),
        ("commitments", promised),
    )
    return tuple(count for subject, cases in rows for count in _counts(subject, cases))


def _counts(subject: Subject, cases: Iterable[tuple[str, bool | None]]) -> list[Count]:
    held: dict[str, list[bool | None]] = {}
    for party, turned in cases:
        held.setdefault(party, []).append(turned)
    shares = {}
    for party, turns in held.items():
        known = [turn for turn in turns if turn is not None]
        if len(known) >= FEW:
            shares[party] = sum(known) / len(known)
    found = []
    for party in sorted(held):
        known = [turn for turn in held[party] if turn is not None]
        low, high = wilson(sum(known), len(known))
        share = sum(known) / len(known) if known else None
        rank = 1 + sum(other > shares[party] for other in shares.values()) if party in shares else None
        found.append(
            Count(
                subject, party, len(known), sum(known), len(held[party]) - len(known), share,
                low if known else None, high if known else None, rank,
            )
        )  # fmt: skip
    return found


def _came(alarm: Alarm) -> bool | None:
    return alarm.result == "came_true" if alarm.closed else None


def _regretted(refusal: Refusal) -> bool | None:
    if refusal.closed:
        return refusal.result == "came_true"
    after = refusal.followed.after_12
    return None if after is None else after >= CONFLICT


def _kept(promise: Promise) -> bool | None:
    return promise.standing == "kept" if promise.settled else None
