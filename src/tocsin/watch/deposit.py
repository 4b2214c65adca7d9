"""Watches on record: the digest of what was forecast, in the ledger before it is known what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from tocsin import months
from tocsin.errors import BadInput
from tocsin.ledger import Entry, Ledger, Receipt, Recorded, entry
from tocsin.ledger.entries import ForecastEntry
from tocsin.panel import released
from tocsin.text import Language, say
from tocsin.warn import role
from tocsin.watch.archive import Archive, Kept
from tocsin.watch.results import SIGNS


def on_record(ledger: Ledger | None, as_of: dt.date = dt.date.max) -> Mapping[str, Recorded]:
    """Return, by its digest, the first entry of each watch that a ledger holds; nothing without one.

    as_of: the last day (UTC) of what it had taken in by then.
    """
    found: dict[str, Recorded] = {}
    for one in [] if ledger is None else ledger.entries(type="forecast"):
        if isinstance(one.entry, ForecastEntry) and one.recorded_at[:10] <= as_of.isoformat():
            found.setdefault(one.entry.digest, one)
    return found


def of_record(digest: str, recorded: Mapping[str, Recorded] | None) -> dict[str, object]:
    """Return what the ledger says of a watch, as plain values: all null where it could not be asked."""
    held = None if recorded is None else recorded.get(digest)
    return {
        "on_record": None if recorded is None else held is not None,
        "entry": None if held is None else held.entry.id,
        "recorded_at": None if held is None else held.recorded_at,
    }


def gone(held: Archive, recorded: Mapping[str, Recorded] | None) -> list[str] | None:
    """Return the ids of the entries on record whose watches an archive does not hold, not even damaged.

    recorded: as `on_record` has it; None, and nothing is known of it, where the ledger could not be asked.
    """
    if recorded is None:
        return None
    here = {one.digest for one in held.watches}
    spoilt = {place.name[-SIGNS:] for place in held.damaged}
    return [
        one.entry.id
        for digest, one in recorded.items()
        if digest not in here and digest[:SIGNS] not in spoilt
    ]


def lacking(watches: Iterable[Kept], recorded: Mapping[str, Recorded]) -> list[Kept]:
    """Return those made on their day whose digest is not among `recorded`; of the same digest, the first."""
    found: dict[str, Kept] = {}
    for one in watches:
        if one.on_its_day and one.digest not in recorded:
            found.setdefault(one.digest, one)
    return list(found.values())


def deposit(watches: Iterable[Kept], ledger: Ledger, *, by: str) -> tuple[Receipt, ...]:
    """Record those of some kept watches that were made on their day and are not on record; return receipts.

    by: the role that stands for the forecasts. May be run again, and by several processes at once: a watch is
    recorded once, unless two roles do so at the same moment, and of several that say the same the first.
    Damaged, and nothing is recorded, where one was changed since it was kept; BadInput where `by` names no
    role; BadInput, Damaged or NotReachable where the ledger cannot take them.
    """
    by, wanted = role(by), list(watches)
    while True:
        held = on_record(ledger)
        try:
            return ledger.extend([to_entry(one, by) for one in lacking(wanted, held)])
        except BadInput as error:
            # Another process may have recorded some of them since they were looked up.
            if error.key != "ledger.id_recorded" or on_record(ledger).keys() == held.keys():
                raise


def to_entry(watch: Kept, by: str) -> Entry:
    """Return the ledger entry of a kept watch. Damaged as `Kept.forecasts`."""
    lead = watch.forecasts()[0]
    known = [area for area, says in zip(lead.areas, lead.assessed, strict=True) if says]
    first, last = watch.origin + lead.steps[0], watch.origin + lead.steps[-1]

    def told(language: Language) -> str:
        return say(
            "watch.on_record", language, count=len(known), first=months.label(first),
            last=months.label(last), method=lead.method, origin=months.label(watch.origin),
            digest=watch.digest[:SIGNS],
        )  # fmt: skip

    return entry(
        type="forecast", date=watch.as_of.isoformat(), areas=[f"gw:{area}" for area in known],
        text=told("en"), language="en", translation={"language": "fr", "text": told("fr")},
        sources=[f"Tocsin, {lead.method}: {released(watch.summary['releases'], 'en')}"], author=by,
        confidence="high", by=by, method=lead.method,
        window=f"{months.label(first)}/{months.label(last)}",
        data_as_of=months.last_day(watch.origin).isoformat(),
        digest=watch.digest,
    )  # fmt: skip
