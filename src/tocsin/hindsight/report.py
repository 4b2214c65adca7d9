"""All of hindsight: from the entries of a ledger and the data as of a day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin import digest, months
from tocsin.errors import BadInput
from tocsin.figures import Groups, attribution
from tocsin.hindsight import record
from tocsin.hindsight.alarms import Alarm, alarms, evidence_of
from tocsin.hindsight.deals import Deal, deals
from tocsin.hindsight.promises import Promise, promises
from tocsin.hindsight.refusals import Refusal, refusals
from tocsin.hindsight.tally import Count, tally, wilson
from tocsin.ledger import Entry, Ledger, When
from tocsin.ledger.entries import Agreement
from tocsin.panel import Panel, based, released
from tocsin.text import Language, say


@dataclass(frozen=True)
class Alarms:
    """What came of some warnings, all in all.

    Only those whose windows have closed are settled: of the others the hits alone are known. hits,
    false_alarms: settled ones that came true, and that did not. brier, log: means over these, None without
    one. lead: median lead in months.
    """

    all: tuple[Alarm, ...]

    @property
    def settled(self) -> tuple[Alarm, ...]:
        """The warnings whose windows have closed, and of which it is known what came of them."""
        return tuple(alarm for alarm in self.all if alarm.closed)

    @property
    def pending(self) -> int:
        """Warnings with a question that are not settled, those that have come true early among them."""
        return sum(alarm.result != "no_criterion" and not alarm.closed for alarm in self.all)

    @property
    def hits(self) -> int:
        """Settled warnings that came true."""
        return sum(alarm.result == "came_true" for alarm in self.settled)

    @property
    def false_alarms(self) -> int:
        """Settled warnings that did not come true."""
        return len(self.settled) - self.hits

    @property
    def precision(self) -> tuple[float, float] | None:
        """95 % interval of the share of settled warnings that came true; None without one."""
        return wilson(self.hits, len(self.settled)) if self.settled else None

    @property
    def brier(self) -> float | None:
        """Mean Brier score of the probabilities that were told."""
        return _mean(alarm.brier for alarm in self.settled)

    @property
    def log(self) -> float | None:
        """Mean log score of the probabilities that were told, in nats."""
        return _mean(alarm.log for alarm in self.settled)

    @property
    def lead(self) -> float | None:
        """Median lead time of the hits, in months."""
        held = sorted(alarm.lead for alarm in self.settled if alarm.lead is not None)
        middle = len(held) // 2
        if not held:
            return None
        return float(held[middle]) if len(held) % 2 else (held[middle - 1] + held[middle]) / 2

    def to_dict(self) -> dict[str, object]:
        """Return the counts and scores as plain values for JSON."""
        return {
            "warnings": len(self.all), "settled": len(self.settled), "pending": self.pending,
            "hits": self.hits, "false_alarms": self.false_alarms, "precision_95": self.precision,
            "brier": self.brier, "log": self.log, "lead_months_median": self.lead,
        }  # fmt: skip


@dataclass(frozen=True)
class Hindsight:
    """What can be said afterwards of the entries of a ledger.

    data_until: last month of data. inputs: SHA-256 of data and entries. belated: entries recorded long after
    their dates; left_out: those that a correction calls wrong; none of either where the ledger was not asked.
    """

    as_of: dt.date
    data_until: int
    alarms: tuple[Alarm, ...]
    refusals: tuple[Refusal, ...]
    promises: tuple[Promise, ...]
    deals: tuple[Deal, ...]
    counts: tuple[Count, ...]
    basis: str
    releases: tuple[str, ...]
    inputs: str
    belated: tuple[record.Belated, ...] = ()
    left_out: tuple[record.LeftOut, ...] = ()

    def data(self, language: Language | None = None) -> str:
        """Return the sentence that says by which data the entries were judged."""
        return say(
            "hindsight.data", language, as_of=self.as_of.isoformat(), until=months.label(self.data_until),
            releases=released(self.releases, language), basis=based(self.basis, language),
        )  # fmt: skip

    @property
    def live(self) -> Alarms:
        """What came of the warnings that were meant, and recorded when they were given."""
        return Alarms(tuple(alarm for alarm in self.alarms if alarm.live))

    @property
    def afterwards(self) -> Alarms:
        """What came of the warnings that were recorded long after the day they name."""
        return Alarms(tuple(alarm for alarm in self.alarms if alarm.belated and not alarm.exercise))

    @property
    def exercises(self) -> Alarms:
        """What came of the warnings that were only tried, on past months."""
        return Alarms(tuple(alarm for alarm in self.alarms if alarm.exercise))

    def facts(self) -> dict[str, object]:
        """Return by which data the entries were judged, and whose these are, as plain values for JSON."""
        return {
            "as_of": self.as_of.isoformat(), "data_until": months.label(self.data_until),
            "basis": self.basis, "releases": list(self.releases),
            "attribution": attribution(self.releases).to_dict(), "inputs": self.inputs,
        }  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values for JSON; a date as precise as its source: 2012-01/2012-03."""
        held = dataclasses.asdict(self, dict_factory=_plain) | self.facts()
        held["summary"], held["exercises"] = self.live.to_dict(), self.exercises.to_dict()
        held["afterwards"] = self.afterwards.to_dict()
        return held


def of_ledger(ledger: Ledger, panel: Panel, *, as_of: dt.date, groups: Groups | None) -> Hindsight:
    """Return what the data known on `as_of` say of a ledger, and what the ledger says of its own entries.

    Entries that a correction calls wrong are left out, and named. panel, groups, errors: as for `hindsight`.
    """
    held, wrong = record.known(ledger, as_of)
    late = tuple(one for one in record.belated(held) if one.date.first <= as_of)
    entries = [one.entry for one in held]
    found = hindsight(entries, panel, as_of=as_of, groups=groups, belated={one.id for one in late})
    return dataclasses.replace(found, belated=late, left_out=wrong)


def hindsight(
    entries: Sequence[Entry],
    panel: Panel,
    *,
    as_of: dt.date,
    groups: Groups | None,
    belated: Collection[str] = (),
) -> Hindsight:
    """Return what the data known on `as_of` say of the entries of a ledger.

    entries: in the order of the ledger, those that a correction calls wrong left out (`Ledger.uncorrected`);
             later ones than `as_of` are not read. panel: deaths by Gleditsch-Ward state as known on that day.
    groups:  events by province and pair of sides as known then; without them no warning of provinces and no
             side of an agreement is assessed.
    belated: ids of entries recorded long after their dates: such warnings are counted apart.
    BadInput for a panel that knows more, or is not by state.
    """
    if panel.as_of > months.day(as_of, "as_of"):
        raise BadInput("hindsight.from_the_future", known=panel.as_of.isoformat(), as_of=as_of.isoformat())
    if (panel.level, panel.scheme) != ("country", "gw"):
        raise BadInput("hindsight.not_states", level=panel.level)
    said = [entry for entry in entries if entry.date.first <= as_of]
    evidence = evidence_of(said, panel, groups)
    warned = alarms(said, evidence, belated)
    refused = refusals(said, panel, warned)
    promised = promises(said, as_of=as_of)
    return Hindsight(
        as_of=as_of, data_until=panel.span.last, alarms=warned, refusals=refused, promises=promised,
        deals=deals(said, panel, groups), counts=tally(warned, refused, promised), basis=panel.basis,
        releases=panel.releases,
        inputs=digest.of_parts(
            panel.digest, [entry.content() for entry in said], *([sorted(belated)] if belated else ()),
            *(held.digest for held in evidence.places.values()),
            *([groups.digest] if groups and any(isinstance(entry, Agreement) for entry in said) else ()),
        ),
    )  # fmt: skip


def _plain(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, When) else value for name, value in pairs}


def _mean(values: Iterable[float | None]) -> float | None:
    held = [value for value in values if value is not None]
    return sum(held) / len(held) if held else None
