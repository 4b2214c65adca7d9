"""The replay: a past crisis walked forward with the eyes closed to the future, and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from tocsin import digest, forecast, hindsight
from tocsin.areas import Country, country
from tocsin.figures import Attribution, Groups, attribution
from tocsin.hindsight import Hindsight
from tocsin.ledger import Entry, Verification
from tocsin.panel import Panel
from tocsin.replay.case import Case
from tocsin.replay.findings import Before, Verdict, before, messages_of, verdict
from tocsin.replay.outlook import Settings
from tocsin.replay.record import check_ledger, entries_of, write_ledger
from tocsin.replay.tracks import Track
from tocsin.replay.walk import Step, walk
from tocsin.text import LANGUAGES, say
from tocsin.warn import Evidence, Rule, Table, built_in

METHOD = forecast.DEFAULT
"""The default: the method that ranks, so that a replay shows what would have been said."""

PARTS = "parts"
LEDGER = "ledger.sqlite"

Progress = Callable[[str, float, float | None], None]


@dataclass(frozen=True, eq=False)
class Replay:
    """A walk, finished.

    case:     what was replayed. tracks: the ways to know, side by side. steps: one a month.
    outcomes: the release in hand, from which months were revealed; cut to the span's last month.
    before:   by turning point and track, in their orders. verdicts: by track.
    said:     hindsight of the case's own entries: warnings by people, dismissals, promises, agreements.
    entries:  by month of the span, and what came after it. priced: whether the price of delay was asked for.
    checked:  the replay ledger, verified; None where nothing was written.
    """

    case: Case
    method: str
    tracks: tuple[Track, ...]
    steps: tuple[Step, ...]
    outcomes: Panel
    before: tuple[tuple[Before, ...], ...]
    verdicts: tuple[Verdict, ...]
    said: Hindsight
    entries: tuple[tuple[Entry, ...], ...]
    checked: Verification | None
    priced: bool

    @property
    def country(self) -> Country:
        """The country, as it was in the last month."""
        return country(self.case.gw, month=self.case.span.last)

    def facts(self, month: int) -> tuple[Mapping[str, Any], ...]:
        """Return what was told of a month of the span, in the order of the tracks."""
        return next(step.outlooks for step in self.steps if step.month == month)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the case and of everything each month showed."""
        return digest.of_parts(self.case.digest, self.method, [step.digest for step in self.steps])

    @property
    def attribution(self) -> Attribution:
        """Whose the data are: those of the release in hand, and of what was known month by month."""
        known = (one for step in self.steps for facts in step.outlooks for one in facts.get("releases", ()))
        return attribution([*self.outcomes.releases, *known])

    def to_dict(self) -> dict[str, object]:
        """Return the facts that identify the replay, and its verdicts, as plain values for JSON."""
        return {
            "case": self.case.name, "gw": self.case.gw,
            "title": {language: self.case.title.said(language) for language in LANGUAGES},
            "span": str(self.case.span), "method": self.method,
            "tracks": [{"name": t.name, "label": t.label, "lag": t.lag} for t in self.tracks],
            "releases": list(self.outcomes.releases), "attribution": self.attribution.to_dict(),
            "months": len(self.steps),
            "verdicts": [vars(one) for one in self.verdicts],
            "before": [[_plain(one) for one in row] for row in self.before],
            "ledger": None if self.checked is None else {
                "entries": self.checked.size, "root": self.checked.root, "good": not self.checked.problems,
            },
            "replay_sha256": self.digest,
        }  # fmt: skip


def replay(
    case: Case,
    tracks: Sequence[Track],
    *,
    outcomes: Panel,
    groups: Groups | None,
    readings: Table,
    method: str = METHOD,
    rules: Sequence[Rule] | None = None,
    priced: bool = True,
    out: str | Path | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Replay:
    """Walk a case month by month on each track, keep its ledger, and return what it shows.

    outcomes: the release in hand; what happened is read from it after a month has been looked at.
    groups:   its events by province and pair of sides, for rules on provinces and for agreements.
    readings: of the rules at past origins, from which each month takes the records they had by then.
    method:   forecast method, fitted anew each month. rules: those that ship when None.
    priced:   whether the price of delay is worked out each month.
    out:      folder for parts and ledger; a walk that was broken off goes on from there.
    Raises BadInput where the case's span lies outside the data, or `out` holds a ledger that is no replay's.
    """
    out = None if out is None else Path(out)
    if out is not None:
        check_ledger(out / LEDGER)
    asked = built_in() if rules is None else tuple(rules)
    settings = Settings(case.gw, case.neighbours, method, asked, readings, priced)
    parts = None if out is None else out / PARTS
    walked = walk(tracks, case.span, settings, outcomes=outcomes, parts=parts, progress=progress)
    steps = tuple(step for step in walked if step.month in case.span)
    progress(say("replay.stage_record"), 0, None)
    recorded = _by_month(entries_of(case.entries, walked, tracks), early=len(walked) - len(steps))
    checked = None
    if out is not None:
        checked = write_ledger(out / LEDGER, recorded, name=case.name, compiled=case.compiled)
    found = {track.name: messages_of(walked, track.name) for track in tracks}
    ends = max(case.compiled, outcomes.as_of)
    judge = Evidence.of(outcomes, asked, groups)
    return Replay(
        case=case, method=method, tracks=tuple(tracks), steps=steps, outcomes=outcomes,
        before=tuple(
            tuple(before(
                    steps, track.name, point, found[track.name], outcomes=outcomes, gw=case.gw
                ) for track in tracks)
            for point in case.turning_points
        ),
        verdicts=tuple(
            verdict(steps, track.name, outcomes=judge, gw=case.gw, rules=asked) for track in tracks
        ),
        said=hindsight.hindsight(case.entries, outcomes, as_of=ends, groups=groups),
        entries=recorded, checked=checked, priced=priced,
    )  # fmt: skip


def _by_month(groups: Iterable[tuple[Entry, ...]], *, early: int) -> tuple[tuple[Entry, ...], ...]:
    """Return entries by month of the span; those of the months walked before it come with its first."""
    held = tuple(groups)
    return (tuple(chain(*held[: early + 1])), *held[early + 1 :])


def _plain(one: Before) -> dict[str, object]:
    return vars(one) | {"warned": None if one.warned is None else one.warned.id}
