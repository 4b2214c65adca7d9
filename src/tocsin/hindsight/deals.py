"""Agreements: what those who signed, and those who did not, did in the year before and the year after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin import months
from tocsin.errors import NotAssessed
from tocsin.figures import Groups
from tocsin.hindsight.outcomes import YEAR, Followed, followed, states_of
from tocsin.ledger import Entry, When
from tocsin.ledger.entries import Agreement, Party
from tocsin.panel import Panel

Role = Literal["signed", "did_not_sign", "proposed", "not_named"]


@dataclass(frozen=True)
class Side:
    """One party around an agreement.

    role:   it signed; it is confirmed as one that did not; it is only proposed as such; or the agreement does
            not name it, and it fought.
    before, after: events in the country with it as a side, 12 months before the month of the first day that
            the agreement may be of, and 12 from the month of the last on; deaths_before, deaths_after: deaths
            in them (of all sides, so that sums over sides count some twice). None where not assessed: the
            country, or a month, is not covered, or the party is none that the data know.
    """

    name: str
    role: Role
    actor: int | None
    before: int | None
    after: int | None
    deaths_before: int | None
    deaths_after: int | None


@dataclass(frozen=True)
class Deal:
    """One agreement, its sides, and deaths in its areas around it.

    date: when it was in force, where that is given.
    """

    id: str
    date: When
    areas: tuple[str, ...]
    title: str
    sides: tuple[Side, ...]
    followed: Followed


def deals(entries: Sequence[Entry], panel: Panel, groups: Groups | None) -> tuple[Deal, ...]:
    """Return every agreement, in the order of the ledger; no side is assessed where no groups are known."""
    found = []
    for entry in entries:
        if isinstance(entry, Agreement):
            date = entry.in_force or entry.date
            found.append(
                Deal(
                    id=entry.id, date=date, areas=entry.areas, title=entry.title,
                    sides=_sides(entry, groups, date),
                    followed=followed(panel, entry.areas, date),
                )
            )  # fmt: skip
    return tuple(found)


def _sides(entry: Agreement, groups: Groups | None, date: When) -> tuple[Side, ...]:
    states, known = states_of(entry.areas), _known(groups)
    before = fought(groups, states, months.of_date(date.first) - 1)
    after = fought(groups, states, months.of_date(date.last) + YEAR - 1)
    named: list[tuple[Party, Role]] = [(party, "signed") for party in entry.parties]
    named += [
        (other.party, "did_not_sign" if other.status == "confirmed" else "proposed")
        for other in entry.non_signatories
    ]
    found: list[Side] = []
    taken: set[int] = set()
    for party, role in named:
        actor = _actor(party, before, after)
        if actor is not None:
            taken.add(actor)
        told = (before, after) if actor in known else (None, None)
        found.append(_side(str(party), role, actor, *told))
    if before is not None and after is not None:
        for actor, (name, *_) in sorted((before | after).items()):
            if actor not in taken:
                found.append(_side(name, "not_named", actor, before, after))
    return tuple(found)


Active = dict[int, tuple[str, int, int]]


def fought(groups: Groups | None, states: Sequence[int], until: int) -> Active | None:
    """Return name, events and deaths of each group active in the year up to `until`; None if not assessed."""
    if groups is None or not states:
        return None
    found: Active = {}
    for gw in states:
        try:
            table = groups.active(gw=gw, until=until, months_back=YEAR)
        except NotAssessed:
            return None
        for actor, name, events, deaths in table.select("group_id", "group", "events", "deaths").iter_rows():
            held = found.get(actor, (name, 0, 0))
            found[actor] = (name, held[1] + events, held[2] + deaths)
    return found


def _known(groups: Groups | None) -> frozenset[int]:
    """Return the ids of all groups that are known, in whatever state and month."""
    sides = () if groups is None else (groups.rows["side_a_id"], groups.rows["side_b_id"])
    return frozenset(id for side in sides for id in side.drop_nulls().unique())


def _actor(party: Party, before: Active | None, after: Active | None) -> int | None:
    if party.actor is not None:
        return party.actor
    known = (before or {}) | (after or {})
    wanted = party.name.casefold()
    return next((actor for actor, (name, *_) in sorted(known.items()) if name.casefold() == wanted), None)


def _side(name: str, role: Role, actor: int | None, before: Active | None, after: Active | None) -> Side:
    def counts(held: Active | None) -> tuple[int | None, int | None]:
        if held is None or actor is None:
            return None, None
        _, events, deaths = held.get(actor, ("", 0, 0))
        return events, deaths

    (events_before, deaths_before), (events_after, deaths_after) = counts(before), counts(after)
    return Side(name, role, actor, events_before, events_after, deaths_before, deaths_after)
