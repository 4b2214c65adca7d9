"""The tables of what people said and did: promises, agreements, the scorecard, the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin import hindsight
from tocsin.bulletin import Block, Paragraph, Table
from tocsin.hindsight import Followed, Side
from tocsin.ledger import Entry
from tocsin.ledger.entries import Outcome
from tocsin.replay.case import Case
from tocsin.replay.numbers import UNKNOWN, head
from tocsin.replay.replay import Replay
from tocsin.text import Language, number, say

SCORED = ("warning", "dismissal", "decision", "commitment", "agreement", "deployment", "capacity", "trigger")
"""Entry types of the scorecard."""

_BY = ("by", "promisor", "force", "authority", "parties")


def numbers(found: Replay) -> dict[str, int]:
    """Return what each entry of the case is called in figure and tables, from 1."""
    return {one.id: place for place, one in enumerate(found.case.entries, 1)}


def promises(found: Replay, numbered: Mapping[str, int], language: Language) -> Iterator[Block]:
    """Yield each promise, where it stands, and whether it was denied."""
    if not found.said.promises:
        yield Paragraph(say("replay.account.no_promises", language))
    entries = {one.id: one for one in found.case.entries}
    for promise in found.said.promises:
        one = entries[promise.id]
        denial = next((e for e in found.case.of_type("denial") if _links(e, "denies", one.id)), None)
        denied = (
            "" if denial is None
            else say("replay.account.promise_denied", language, number=numbered[denial.id])
        )  # fmt: skip
        yield Paragraph(
            say(
                "replay.account.promise_line", language, number=numbered[one.id], denied=denied,
                date=one.date.said(language), text=one.text_in(language),
                standing=say(f"hindsight.standing.{promise.standing}", language),
            )
        )  # fmt: skip


def deals(found: Replay, numbered: Mapping[str, int], language: Language) -> Iterator[Block]:
    """Yield, for each agreement, who had been fighting and whether they signed."""
    if not found.said.deals:
        yield Paragraph(say("replay.account.no_deals", language))
        return
    entries = {one.id: one for one in found.case.entries}
    for deal in found.said.deals:
        sides = [side for side in deal.sides if side.role != "not_named" or side.before]
        rows = tuple(
            (
                _party(side, found.case, language), say(f"hindsight.role.{side.role}", language),
                _count(side.before, language), _count(side.deaths_before, language),
                _count(side.after, language), _count(side.deaths_after, language),
            )
            for side in sides
        )  # fmt: skip
        names = ("party", "role", "events_before", "deaths_before", "events_after", "deaths_after")
        strong = frozenset(n for n, side in enumerate(sides) if side.role == "did_not_sign")
        caption = say(
            "replay.account.deal_caption", language, number=numbered[deal.id],
            date=entries[deal.id].date.said(language),
        )  # fmt: skip
        yield Table(
            head(*names, language=language), rows,
            ("left", "left", "right", "right", "right", "right"), (2.4, 1.3, 1.0, 1.0, 1.0, 1.0),
            caption=caption, strong=strong,
        )  # fmt: skip
    yield Paragraph(say("replay.account.deal_note", language), "small")


def _party(side: Side, case: Case, language: Language) -> str:
    name = case.party(side.name, language)
    return name[:1].upper() + name[1:]


def scorecard(found: Replay, numbered: Mapping[str, int], language: Language) -> Iterator[Block]:
    """Yield what came of each warning, answer, promise, deal, deployment and law, with the deaths after."""
    rows = []
    for one in found.case.of_type(*SCORED):
        followed = hindsight.followed(found.outcomes, one.areas, one.date)
        rows.append(
            (
                number(numbered[one.id], language),
                f"{say(f'ledger.type.{one.type}', language)}, {one.date.said(language)}",
                _by(one, found.case, language), _result(one, found, followed, numbered, language),
                _count(followed.before, language), _count(followed.after_3, language),
                _count(followed.after_12, language),
            )
        )  # fmt: skip
    names = ("number", "what", "by", "result", "12_before", "3_after", "12_after")
    yield Table(
        head(*names, language=language), tuple(rows),
        ("right", "left", "left", "left", "right", "right", "right"),
        (None, 2.3, 2.6, 1.8, 0.8, 0.6, 0.7), caption=say("replay.account.score_people", language),
    )  # fmt: skip
    yield Paragraph(say("replay.account.people_note", language), "small")


def _result(
    one: Entry, found: Replay, followed: Followed, numbered: Mapping[str, int], language: Language
) -> str:
    outcome = next((e for e in found.case.of_type("outcome") if _links(e, "resolves", one.id)), None)
    if isinstance(outcome, Outcome):
        result = say(f"ledger.value.{outcome.result}", language)
        return say("replay.account.result_by", language, result=result, number=numbered[outcome.id])
    if one.type == "dismissal" and followed.months_to_25 is not None:
        return say("replay.account.followed_25", language, months=followed.months_to_25)
    return say("replay.account.result_none", language)


def record(found: Replay, numbered: Mapping[str, int], language: Language) -> Table:
    """Return every entry of the case: number, date, what was said or done, and on whose account."""
    rows = []
    for one in found.case.entries:
        source = _short(one.sources[0].citation)
        if one.attributed_to is not None:
            party = found.case.party(one.attributed_to.name, language)
            source = say("replay.account.attributed", language, party=party)
        kind = say(f"ledger.type.{one.type}", language)
        text = f"**{kind[:1].upper()}{kind[1:]}.** {one.text_in(language)}"
        rows.append((str(numbered[one.id]), one.date.said(language), text, source))
    return Table(
        head("number", "date", "entry", "source", language=language), tuple(rows),
        ("right", "left", "left", "left"), (None, 1.15, 7.0, 1.6),
    )  # fmt: skip


def _short(citation: str) -> str:
    """Return the publisher's part of a citation."""
    return citation.partition(",")[0]


def _by(one: Entry, case: Case, language: Language) -> str:
    for name in _BY:
        held = getattr(one, name, None)
        if held:
            parties = held if isinstance(held, tuple) else (held,)
            return ", ".join(case.party(party.name, language) for party in parties)
    return "–"


def _links(one: Entry, role: str, id: str) -> bool:
    return any(link.role == role and link.id == id for link in one.links)


def _count(value: int | None, language: Language) -> str:
    return UNKNOWN if value is None else number(value, language)
