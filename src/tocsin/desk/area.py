"""One country: its months, its warnings, what the ledger holds of it, what crosses into it, and the price."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tocsin import decide, warn
from tocsin.decide import Decision, Evidence
from tocsin.desk.fan import Fan, fan
from tocsin.desk.ledger import opened
from tocsin.desk.memory import kept, stamps
from tocsin.desk.snapshot import Desk, Line, Snapshot, tallies
from tocsin.errors import Busy, Damaged, NotAssessed, NotReachable
from tocsin.ledger import Recorded
from tocsin.panel import Panel
from tocsin.spillover import FittedSpillover, Spillover, assess
from tocsin.tally import Comparison, Shelf, compare
from tocsin.warn import Message, Record

FORCES = ("deployment", "capacity", "trigger", "control")
PROMISES = ("agreement", "commitment", "denial", "fulfilment", "request")


@dataclass(frozen=True, eq=False)
class Area:
    """What the page of one country shows.

    fan: None where the country is not assessed. months: one row a month ahead, quantiles and probabilities.
    warnings: newest messages first. asked: whether rules were ever asked here of the present.
    records: of each rule with the method that ranks.
    forces, promises: entries of the ledger, newest first. spillover: None where it is not assessed.
    beside: what another source counts beside the figures of the watch; None where no tally tells of it.
    """

    line: Line
    fan: Fan | None
    months: tuple[dict[str, Any], ...]
    warnings: tuple[Message, ...]
    asked: bool
    records: tuple[Record, ...]
    forces: tuple[Recorded, ...]
    promises: tuple[Recorded, ...]
    spillover: Spillover | None
    beside: Comparison | None


def area(desk: Desk, snapshot: Snapshot, iso3: str) -> Area:
    """Return the page of a country; UnknownName for a code that is none."""
    line = snapshot.line(iso3)
    drawn = fan(snapshot.made, line.gw, snapshot.panel) if line.assessed else None
    rows = snapshot.figures.filter(
        (pl.col("gw") == line.gw) & (pl.col("method") == snapshot.method) & pl.col("assessed")
    ).sort("step")
    entries = entries_of(desk.home, line.gw)
    return Area(
        line=line, fan=drawn, months=tuple(rows.to_dicts()), warnings=messages_of(desk.home, line.gw),
        asked=asked(desk.home), records=records(desk.home, snapshot),
        forces=tuple(e for e in entries if e.entry.type in FORCES),
        promises=tuple(e for e in entries if e.entry.type in PROMISES),
        spillover=_spillover(snapshot, line.gw), beside=_beside(desk, snapshot.panel, line.gw),
    )  # fmt: skip


def messages_of(home: Path, gw: int) -> tuple[Message, ...]:
    """Return the messages about a country, newest first; none where no warning was ever raised."""
    return tuple(m for m in messages(home) if m.gw == gw)


def messages(home: Path) -> tuple[Message, ...]:
    """Return all messages of a home that a reader may see, newest first, without making a store.

    Before one that a correction calls wrong stands its withdrawal, where the ledger can be asked.
    """
    if not (home / warn.Store.NAME).exists():
        return ()
    with warn.Store.open(home) as store:
        found = tuple(m for m in store.messages() if m.status != "lapsed")
    with suppress(NotReachable, Busy), opened(home) as held:
        if held is not None:
            found = warn.retold(found, held)
    return found[::-1]


def asked(home: Path) -> bool:
    """Return whether rules were ever asked in a home of what was the present then.

    Before that no warning is said to be absent: exercises on past months tell nothing of it.
    """
    if not (home / warn.Store.NAME).exists():
        return False
    with warn.Store.open(home) as store:
        return store.last_month(warn.LIVE) is not None


def entries_of(home: Path, gw: int) -> tuple[Recorded, ...]:
    """Return the ledger's entries about a country, newest first; none where there is no ledger."""
    with opened(home) as held:
        found = [] if held is None else held.entries(area=f"gw:{gw}")
    return tuple(sorted(found, key=lambda e: (e.entry.date.first, e.index), reverse=True))


def records(home: Path, snapshot: Snapshot) -> tuple[Record, ...]:
    """Return how each built-in rule has done with the method that ranks; none where that is not known."""

    def made() -> tuple[Record, ...]:
        table = warn.known(home, snapshot.method)
        asked = [rule for rule in warn.built_in() if rule.criterion in table]
        found = (warn.record(rule, table[rule.criterion], until=snapshot.origin) for rule in asked)
        return tuple(record for record in found if record is not None)

    own = warn.kept(home, snapshot.method)
    return kept(("records", snapshot.digest, str(own), stamps(own)), made)


def _beside(desk: Desk, panel: Panel | None, gw: int) -> Comparison | None:
    """Return the two counts of a country, the other as known on the desk's day; None where there is none."""
    files = tallies(desk.home)
    if panel is None or not files:
        return None
    day = desk.today()
    try:
        monthly = kept(("tallies", day, files, stamps(*files)), lambda: Shelf(desk.home).monthly(as_of=day))
        return compare(panel, monthly, gw)
    except (NotAssessed, Damaged):
        return None


def _spillover(snapshot: Snapshot, gw: int) -> Spillover | None:
    panel = snapshot.panel
    if panel is None:
        return None

    def made() -> FittedSpillover | None:
        try:
            return assess(panel, month=snapshot.origin, target="total")
        except NotAssessed:
            return None

    fitted = kept(("spillover", snapshot.digest), made)
    if fitted is None:
        return None

    def of() -> Spillover | None:
        try:
            return fitted.of(gw)
        except NotAssessed:
            return None

    return kept(("spillover", snapshot.digest, gw), of)


@dataclass(frozen=True)
class Asked:
    """Inputs of the delay table that a reader may change.

    moments: months from now, none for those of `decide.MOMENTS` within the horizon; horizon: months priced;
    death_value: million dollars for a death, 0 to keep deaths apart; responses: names of those asked about,
    none for all.
    """

    moments: tuple[int, ...] = ()
    horizon: int = decide.HORIZON
    death_value: float = 0.0
    responses: tuple[str, ...] = ()


def delay(snapshot: Snapshot, gw: int, asked: Asked, *, in_depth: bool = False) -> Decision:
    """Return the price of acting now, later or never, from the watch's own forecast.

    in_depth: as for `decide.decide`. Decisions are kept in memory for each question.
    NotAssessed where the data are no longer at hand or the country's state is not known; BadInput for inputs
    that cannot be used.
    """
    panel = snapshot.panel
    if panel is None:
        raise NotAssessed("desk.data_changed")
    evidence = kept(
        ("evidence", snapshot.digest),
        lambda: Evidence.of(panel, month=snapshot.origin + 1, said=snapshot.made),
    )
    return kept(
        ("delay", snapshot.digest, gw, asked, in_depth),
        lambda: decide.decide(
            evidence, gw, options=asked.responses or None, moments=asked.moments or None,
            horizon=asked.horizon, death_value=asked.death_value, in_depth=in_depth,
        ),
    )  # fmt: skip
