"""The table of revision: first reports of each month, how late they were, and what they became."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import months, revision
from tocsin.bulletin import Block, Heading, Paragraph, Table
from tocsin.errors import NotAssessed
from tocsin.replay.numbers import head
from tocsin.replay.replay import Replay
from tocsin.text import Language, number, say


def moved(found: Replay, language: Language) -> Iterator[Block]:
    """Yield how figures moved, for a replay on vintages; nothing for another."""
    vintages = next((track.revised for track in found.tracks if track.revised is not None), None)
    if vintages is None:
        return
    as_of = found.outcomes.as_of
    pairs = revision.pairs(vintages, as_of=as_of)
    rows = tuple(
        (
            months.label(pair.month), number(pair.first, language), number(pair.days, language),
            "–" if pair.settled is None else number(pair.settled, language),
            "–" if pair.known is None else pair.known.isoformat(),
        )
        for pair in pairs
    )  # fmt: skip
    yield Heading(say("replay.account.h_moved", language))
    try:
        law = revision.fit(vintages, as_of=as_of)
    except NotAssessed as error:
        yield Paragraph(error.message(language))
    else:
        rose = sum((pair.settled or 0) > pair.first for pair in pairs if pair.settled is not None)
        yield Paragraph(say("replay.account.moved", language, count=law.count, rose=rose))
    names = ("month", "first_report", "days", "settled", "settled_on")
    yield Table(
        head(*names, language=language), rows, ("left", "right", "right", "right", "right"), (1, 1, 1, 1, 1)
    )
    doubled = ", ".join(day.isoformat() for day in vintages.doubled)
    yield Paragraph(say("replay.account.moved_note", language), "small")
    if doubled:
        yield Paragraph(say("replay.account.moved_doubled", language, days=doubled), "small")
