"""The monthly bulletin of a watch: two pages to send up, the same in English and French, as HTML and PDF."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin import areas, maps, months
from tocsin.bulletin import Block, Box, Document, Figure, Heading, Paragraph, Table, html, pdf, picture
from tocsin.ledger import Entry
from tocsin.panel import released
from tocsin.text import LANGUAGES, UNKNOWN, Language, current_language, number, say
from tocsin.warn import Message
from tocsin.watch import owed
from tocsin.watch.owed import Owed
from tocsin.watch.ranking import Row
from tocsin.watch.results import SIGNS
from tocsin.watch.review import Review, review
from tocsin.watch.words import deaths, few, few_named, gist, lies_above, little, percent, points, sparkline

if TYPE_CHECKING:
    from tocsin.watch.record import Watch

FILES: tuple[str, ...] = tuple(
    f"bulletin.{language}.{kind}" for language in LANGUAGES for kind in ("html", "pdf")
)
"""Names of the files of a bulletin."""

RANKED = 15
CHANGED = 4
WARNED = 6
WAITING = 5
LONGEST = 220
"""Characters shown of an entry."""

_WHOLE = "\u2060"
"""Holds the bars of a row together on one line."""

TELLING = 0.05
"""Change of probability that is worth a line."""

_NEW = ("alert",)
_OVER = ("cancel", "expire", "came_true", "did_not")


def write_bulletin(found: Watch, folder: str | Path, *, record: Sequence[Entry] | None = None) -> None:
    """Write the bulletin of a watch into `folder`, HTML and PDF in both languages.

    record: entries of the ledger, for what is owed; None where no ledger was read. The same watch gives the
    same bytes.
    """
    folder = Path(folder)
    for language in LANGUAGES:
        made = bulletin(found, record=record, language=language)
        (folder / f"bulletin.{language}.html").write_text(html(made), encoding="utf-8", newline="\n")
        (folder / f"bulletin.{language}.pdf").write_bytes(pdf(made))


def bulletin(
    found: Watch, *, record: Sequence[Entry] | None = None, language: Language | None = None
) -> Document:
    """Return the bulletin of a watch in one language, two pages of A4."""
    tongue = language or current_language()
    origin = months.label(found.origin)
    return Document(
        language=tongue, title=say("bulletin.title", tongue, month=months.label(found.origin + 1)),
        subtitle=say(
            "bulletin.subtitle", tongue, as_of=found.as_of.isoformat(), origin=origin,
            method=found.lead.method,
        ),
        blocks=tuple(_blocks(found, record, tongue)),
        footer=say("bulletin.footer", tongue, origin=origin, digest=found.digest[:SIGNS]),
        attribution=say("bulletin.attribution", tongue, releases=released(found.panel.releases, tongue)),
    )  # fmt: skip


def _blocks(found: Watch, record: Sequence[Entry] | None, language: Language) -> Iterator[Block]:
    if found.historical:
        told = {"month": months.label(found.origin), "days": found.age, "as_of": found.as_of.isoformat()}
        text = say("bulletin.historical", language, **told)
        yield Box(say("bulletin.historical_title", language), (text,), "warning")
    yield Paragraph(_lead(found, language), "lead")
    if remark := little(found.covered_months, found.origin, language):
        yield Paragraph(remark, "lead")
    if remark := few(len(found.few_months), len(found.ranked), language):
        yield Paragraph(remark, "lead")
    yield Heading(say("bulletin.h_ranking", language))
    yield _ranking(found, language)
    note = say("bulletin.ranking_note", language, count=len(found.ranked))
    rare = any(lies_above(row.expected, row.high) for row in found.ranked[:RANKED])
    yield Paragraph(f"{note} {say('reasons.rare_among', language)}" if rare else note, "small")
    if gaps := found.panel.gaps():
        yield Paragraph(_set(say("watch.gaps", language, spans=", ".join(map(str, gaps)))), "small")
    yield _map(found, language)
    yield Heading(say("bulletin.h_changed", language))
    yield from _changed(found, language)
    yield Heading(say("bulletin.h_warnings", language))
    yield from _warnings(found, language)
    yield Heading(say("bulletin.h_owed", language))
    yield from _owed(found, record, language)
    yield Heading(say("bulletin.h_scored", language))
    yield from _scored(found, language)
    if found.not_assessed:
        names = ", ".join(sorted(found.country(row).name(language) for row in found.not_assessed))
        text = _set(say("bulletin.not_assessed", language, count=len(found.not_assessed), names=names))
        yield Box(say("bulletin.not_assessed_title", language), (text,))
    if few(len(found.few_months), len(found.ranked), language):
        text = _set(few_named(found.few_months, found.origin, language))
        yield Box(say("bulletin.few_title", language), (text,))


def _lead(found: Watch, language: Language) -> str:
    likely = sum((row.probability or 0) >= 0.5 for row in found.ranked)
    first = found.ranked[0]
    parts = [
        say(
            "bulletin.lead", language, count=len(found.ranked), likely=likely,
            first=months.label(found.origin + 1), last=months.label(found.origin + 3),
            country=found.country(first).name(language), percent=percent(first.probability, language),
            expected=deaths(first.expected, language),
        )
    ]  # fmt: skip
    rises = [row for row in found.rises if (row.change or 0) >= TELLING]
    if rises:
        row = rises[0]
        parts.append(
            say(
                "bulletin.lead_rise", language, country=found.country(row).name(language),
                before=percent(row.before, language), now=percent(row.probability, language),
            )
        )  # fmt: skip
    else:
        parts.append(_still("bulletin.lead_still", found, language))
    messages = [] if found.alerted is None else found.alerted.messages
    new = sum(message.act in _NEW for message in messages)
    over = sum(message.act in _OVER for message in messages)
    if found.alerted is not None and found.alerted.round is not None:
        parts.append(say("bulletin.lead_warnings", language, new=new, over=over))
    return " ".join(parts)


def _still(key: str, found: Watch, language: Language) -> str:
    """Return that nothing moved, or that nobody can tell: without a month before, no change is known."""
    key = key if found.compared else "watch.no_before"
    return say(key, language, month=months.label(found.origin - 1))


def _ranking(found: Watch, language: Language) -> Table:
    rows = []
    for row in found.ranked[:RANKED]:
        rows.append(
            (
                str(row.rank), found.country(row).name(language), _WHOLE.join(sparkline(row.history)),
                UNKNOWN if row.recent is None else number(row.recent, language),
                _expected(row, language),
                f"**{percent(row.probability, language)}**", percent(row.beside, language),
                points(row.change, language),
            )
        )  # fmt: skip
    names = ("rank", "country", "history", "recent", "expected", "probability", "beside", "change")
    return Table(
        tuple(say(f"bulletin.col_{name}", language) for name in names), tuple(rows),
        ("right", "left", "left", "right", "right", "right", "right", "right"),
        (None, 2.2, 1.2, 1.0, 1.6, 0.9, 1.0, 0.9),
    )  # fmt: skip


def _map(found: Watch, language: Language) -> Figure:
    frame = maps.region_frame("world", month=found.origin)
    chart = maps.risk_map(
        found.lead, frame, as_of=found.as_of, releases=found.panel.releases, language=language
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "map.png"
        maps.draw(chart, file, language)
        drawn = file.read_bytes()
    return Figure(picture(drawn), f"{chart.title}. {chart.question}")


def _changed(found: Watch, language: Language) -> Iterator[Block]:
    rises = [row for row in found.rises if (row.change or 0) >= TELLING][:CHANGED]
    falls = sorted(
        (row for row in found.ranked if row.change is not None and row.change <= -TELLING),
        key=lambda row: (row.change or 0.0, row.rank),
    )[:CHANGED]
    rows = [(_change(found, row, language)) for row in (*rises, *falls)]
    if not rows:
        yield Paragraph(_still("bulletin.no_change", found, language))
        return
    names = ("country", "before", "now", "change", "why")
    yield Table(
        tuple(say(f"bulletin.col_{name}", language) for name in names), tuple(rows),
        ("left", "right", "right", "right", "left"), (1.6, 0.8, 0.7, 0.8, 5.2),
    )  # fmt: skip


def _change(found: Watch, row: Row, language: Language) -> tuple[str, ...]:
    return (
        found.country(row).name(language), percent(row.before, language), percent(row.probability, language),
        points(row.change, language), _why(found, row, language),
    )  # fmt: skip


def _why(found: Watch, row: Row, language: Language) -> str:
    """Return the deaths of the month that is new since the last forecast, here and next door."""
    parts = []
    before, now = row.history[-2:]
    if before is not None and now is not None:
        month = months.label(found.origin)
        parts.append(say("bulletin.why_own", language, month=month, now=now, before=before))
        if (now - before) * (row.change or 0.0) < 0:
            parts.append(say("bulletin.why_against", language))
    beside = areas.neighbours(int(row.area), month=found.origin)
    held = {int(other.area): other for other in found.rows}
    around = [held[gw] for gw in beside if gw in held and held[gw].recent]
    if around:
        most = max(around, key=lambda other: (other.recent or 0, -int(other.area)))
        before, now = most.history[-2:]
        name = found.country(most).name(language)
        parts.append(say("bulletin.why_beside", language, country=name, now=now, before=before))
    return " ".join(parts)


def _warnings(found: Watch, language: Language) -> Iterator[Block]:
    alerted = found.alerted
    if alerted is None:
        yield Paragraph(say("bulletin.no_rules", language))
        return
    if alerted.refused is not None:
        yield Paragraph(_set(say("bulletin.refused", language, reason=alerted.refused.message(language))))
        return
    for key, acts in (("new", _NEW), ("over", _OVER)):
        held = [message for message in alerted.messages if message.act in acts]
        held.sort(key=lambda message: (-(message.probability or 0.0), message.id))
        if not held:
            yield Paragraph(say(f"bulletin.none_{key}", language))
            continue
        rows = tuple(_warning(message, language) for message in held[:WARNED])
        names = ("warning", "question") if key == "new" else ("warning", "outcome")
        yield Table(
            tuple(say(f"bulletin.col_{name}", language) for name in names), rows, ("left", "left"),
            (1.5, 3.0), caption=say(f"bulletin.warnings_{key}", language, count=len(held)),
        )  # fmt: skip
        if len(held) > WARNED:
            yield Paragraph(say("bulletin.more", language, count=len(held) - WARNED), "small")
    if alerted.unrecorded is not None:
        yield Paragraph(_set(alerted.unrecorded.message(language)), "small")
    for remark in alerted.remarks(language):
        yield Paragraph(remark, "small")
    for sentence in _records(found, language):
        yield Paragraph(sentence, "small")


def _warning(message: Message, language: Language) -> tuple[str, str]:
    texts = message.text(language)
    second = texts.question if message.act in _NEW else (texts.change or texts.question)
    return texts.headline, second


def _records(found: Watch, language: Language) -> Iterator[str]:
    """Yield the record of each rule that speaks this month, once."""
    if found.alerted is None:
        return
    told = dict.fromkeys(
        (message.text(language).rule, message.text(language).record)
        for message in found.alerted.messages
        if message.act in (*_NEW, *_OVER)
    )
    for rule, record in told:
        yield f"**{rule}.** {_set(record)}"


def _set(message: str) -> str:
    """Return what is said on a terminal as a page sets it: commands are bold, not in backticks."""
    return re.sub(r"`([^`]+)`", r"**\1**", message)


def _owed(found: Watch, record: Sequence[Entry] | None, language: Language) -> Iterator[Block]:
    if record is None:
        yield Paragraph(say("bulletin.no_record", language))
        return
    answers, promised = (
        owed.answers(record, as_of=found.as_of), owed.promises(record, as_of=found.as_of),
    )  # fmt: skip
    for key, held in (("answers", answers), ("promises", promised)):
        if not held:
            yield Paragraph(say(f"bulletin.none_{key}", language))
            continue
        rows = tuple(_waiting(one, key, language) for one in held[:WAITING])
        names = ("days_since" if key == "answers" else "due", "who", "what")
        yield Table(
            tuple(say(f"bulletin.col_{name}", language) for name in names), rows,
            ("right", "left", "left"), (0.8, 1.8, 5.0),
            caption=say(f"bulletin.owed_{key}", language, count=len(held)),
        )  # fmt: skip


def _waiting(one: Owed, key: str, language: Language) -> tuple[str, str, str]:
    entry = one.entry
    owing = getattr(entry, "to" if key == "answers" else "promisor", None) or ()
    who = ", ".join(str(party) for party in owing) or say("bulletin.nobody_named", language)
    return number(one.days, language), who, gist(entry.text_in(language), LONGEST)


def _scored(found: Watch, language: Language) -> Iterator[Block]:
    held = review(found.panel, found.earlier)
    if not held:
        yield Paragraph(say("bulletin.nothing_scored", language))
        return
    rows = tuple(
        (
            one.method, number(one.areas, language), number(one.crps, language, decimals=2),
            number(one.brier, language, decimals=4), percent(one.held, language),
        )
        for one in held
    )  # fmt: skip
    names = ("method", "areas", "crps", "brier", "held")
    yield Table(
        tuple(say(f"bulletin.col_{name}", language) for name in names), rows,
        ("left", "right", "right", "right", "right"), (2, 1, 1, 1.3, 1.3),
        caption=say("bulletin.scored", language, month=months.label(held[0].month)),
    )  # fmt: skip
    yield Paragraph(_missed(found, held[0], language), "small")


def _missed(found: Watch, held: Review, language: Language) -> str:
    note = say("bulletin.scored_note", language)
    if not held.missed:
        return note + " " + say("bulletin.none_missed", language)
    told = [
        say(
            "bulletin.missed", language, deaths=one.deaths, expected=round(one.expected),
            country=areas.country(int(one.area), month=found.origin).name(language),
            low=round(one.low), high=round(one.high),
        )
        for one in held.missed
    ]  # fmt: skip
    missed = say("text.semicolon", language).join(told)
    return note + " " + say("bulletin.missed_most", language, missed=missed)


def _expected(row: Row, language: Language) -> str:
    low, high = deaths(row.low, language), deaths(row.high, language)
    return f"{deaths(row.expected, language)} ({low}–{high})"
