"""Hindsight as tables: for a terminal, and as CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tocsin.files import write
from tocsin.hindsight.alarms import Alarm
from tocsin.hindsight.outcomes import Followed
from tocsin.hindsight.record import BELATED_DAYS
from tocsin.hindsight.report import Alarms, Hindsight
from tocsin.hindsight.tally import FEW
from tocsin.ledger import area_names
from tocsin.text import Language, current_language, number, percent, say, whole_percent
from tocsin.warn import title_of

UNKNOWN = "?"

NAMED = 5
"""Entries that are named where a sentence counts them."""

KEPT = 4
"""Columns of a table that even a narrow screen shows."""


def screen(found: Hindsight, language: Language | None = None, *, width: int = 120) -> RenderableType:
    """Return hindsight as tables, ready to print on a screen of `width` columns."""
    tongue = language or current_language()
    parts = _parts(found, tongue)
    return Group(*(_fitted(part, width, tongue) if isinstance(part, Table) else part for part in parts))


def write_tables(found: Hindsight, folder: str | Path) -> tuple[Path, ...]:
    """Write one CSV file a table, and `hindsight.json` about them, into `folder` and return their paths.

    What is not known is empty. The JSON says by which data the entries were judged, and whose these are. Each
    file is written whole or not at all. Raises BadInput for a place that refuses it.
    """
    folder = Path(folder)
    sides = [
        {"id": deal.id, "date": deal.date, "title": deal.title, **dataclasses.asdict(side)}
        for deal in found.deals
        for side in deal.sides
    ]
    tables: dict[str, Sequence[dict[str, Any]]] = {
        "warnings": [_flat(alarm) for alarm in found.alarms],
        "dismissals": [_flat(refusal) for refusal in found.refusals],
        "commitments": [_flat(promise) for promise in found.promises],
        "agreements": sides,
        "parties": [_flat(count) for count in found.counts],
        "belated": [_flat(one) for one in found.belated],
        "left_out": [_flat(one) for one in found.left_out],
    }
    written = tuple(_write(rows, folder / f"{name}.csv") for name, rows in tables.items() if rows)
    about = folder / "hindsight.json"
    write(about, (json.dumps(found.facts(), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode())
    return (*written, about)


def _flat(record: Any) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for name, value in dataclasses.asdict(record).items():
        if isinstance(value, dict):
            held |= {f"{name}_{inner}": one for inner, one in value.items()}
        else:
            held[name] = "; ".join(map(str, value)) if isinstance(value, tuple) else value
    return held


def _write(rows: Sequence[dict[str, Any]], path: Path) -> Path:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write(path, stream.getvalue().encode())
    return path


def _parts(found: Hindsight, language: Language) -> Iterator[RenderableType]:
    yield Text(found.data(language))
    if not (found.alarms or found.refusals or found.promises or found.deals):
        yield Text(say("hindsight.nothing", language))
        return
    if found.alarms:
        yield from _alarms(found, language)
    if found.refusals:
        yield from _refusals(found, language)
    if found.promises:
        yield from _promises(found, language)
    for deal in found.deals:
        yield Text("")
        table = _table(
            say("hindsight.deal_title", language, title=deal.title, date=deal.date.said(language)), language,
            ("side", "role", "events_before", "events_after", "deaths_before", "deaths_after"), numbers=4,
        )  # fmt: skip
        for side in deal.sides:
            counts = (side.before, side.after, side.deaths_before, side.deaths_after)
            role = say(f"hindsight.role.{side.role}", language)
            table.add_row(side.name, role, *(_count(count, language) for count in counts))
        yield table
    if found.counts:
        yield from _counts(found, language)
    yield from _of_the_ledger(found, language)


def _of_the_ledger(found: Hindsight, language: Language) -> Iterator[RenderableType]:
    """Yield which entries were recorded long after their dates, and which are left out as wrong."""
    late = [
        {"id": one.id, "date": one.date.said(language), "recorded": one.recorded.isoformat()}
        for one in found.belated
    ]
    wrong = [{"id": one.id, "by": one.by, "date": one.corrected.said(language)} for one in found.left_out]
    for key, held in (("belated", late), ("called_wrong", wrong)):
        if held:
            named = [say(f"hindsight.{key}_one", language, **one) for one in held[:NAMED]]
            if len(held) > NAMED:
                named.append(say("hindsight.and_more", language, count=len(held) - NAMED))
            listed = say("text.semicolon", language).join(named)
            told = say(f"hindsight.{key}", language, days=BELATED_DAYS, count=len(held), entries=listed)
            yield Text(f"\n{told}")


def _alarms(found: Hindsight, language: Language) -> Iterator[RenderableType]:
    yield Text("")
    columns = ("date", "area", "rule", "probability", "result", "deaths", "lead", "brier")
    table = _table(say("hindsight.alarms_title", language), language, columns, numbers=3)
    for alarm in found.alarms:
        table.add_row(
            alarm.date.said(language), area_names(alarm.areas, alarm.date, language), _rule(alarm, language),
            "–" if alarm.probability is None else percent(alarm.probability, language),
            say(f"hindsight.result.{alarm.result}", language), _count(alarm.deaths, language),
            "–" if alarm.result != "came_true" else _count(alarm.lead, language),
            _score(alarm.brier, language),
        )  # fmt: skip
    yield table
    yield from _summary(found.live, language)
    if found.exercises.all or any(refusal.exercise for refusal in found.refusals):
        yield Text(say("hindsight.exercises", language), style="dim")
        yield from _summary(found.exercises, language)
    if found.afterwards.all:
        yield Text(say("hindsight.afterwards", language, days=BELATED_DAYS), style="dim")
        yield from _summary(found.afterwards, language)


def _summary(found: Alarms, language: Language) -> Iterator[RenderableType]:
    if found.precision is not None:
        low, high = found.precision
        yield Text(
            say(
                "hindsight.alarms_summary", language, settled=len(found.settled), hits=found.hits,
                pending=found.pending, false_alarms=found.false_alarms,
                low=whole_percent(low, language), high=whole_percent(high, language),
                brier=_score(found.brier, language), log=_score(found.log, language),
                lead=UNKNOWN if found.lead is None else number(found.lead, language),
            )
        )  # fmt: skip


def _rule(alarm: Alarm, language: Language) -> str:
    name = title_of(alarm.rule, language) if alarm.rule else alarm.by
    if alarm.belated and not alarm.exercise:
        return say("hindsight.recorded_later", language, name=name)
    return _marked(name, alarm.exercise, language)


def _marked(name: str, exercise: bool, language: Language) -> str:
    return say("hindsight.exercise", language, name=name) if exercise else name


def _refusals(found: Hindsight, language: Language) -> Iterator[RenderableType]:
    yield Text("")
    columns = ("date", "area", "dismissed_by", "reason", "before_12", "after_3", "after_12", "months_to_25")
    table = _table(say("hindsight.refusals_title", language), language, columns, numbers=4)
    for refusal in found.refusals:
        reason = say(f"hindsight.reason.{refusal.reason}", language)
        counts = _followed(refusal.followed, language)
        table.add_row(
            refusal.date.said(language), area_names(refusal.areas, refusal.date, language),
            _marked(", ".join(refusal.by), refusal.exercise, language), reason, *counts,
        )  # fmt: skip
    yield table


def _promises(found: Hindsight, language: Language) -> Iterator[RenderableType]:
    yield Text("")
    columns = ("date", "promisor", "words", "deadline", "standing", "denied", "days")
    table = _table(say("hindsight.promises_title", language), language, columns, numbers=1)
    for promise in found.promises:
        denied = say("hindsight.yes" if promise.denied else "hindsight.no", language)
        table.add_row(
            promise.date.said(language), ", ".join(promise.promisor), promise.words,
            promise.deadline.said(language) if promise.deadline else "–",
            say(f"hindsight.standing.{promise.standing}", language), denied,
            "–" if promise.days is None else number(promise.days, language),
        )  # fmt: skip
    yield table


def _counts(found: Hindsight, language: Language) -> Iterator[RenderableType]:
    yield Text("")
    columns = ("subject", "party", "cases", "times", "share", "pending", "rank")
    table = _table(say("hindsight.counts_title", language), language, columns, numbers=5)
    for count in found.counts:
        share = "–"
        if count.share is not None and count.low is not None and count.high is not None:
            low, high = whole_percent(count.low, language), whole_percent(count.high, language)
            share = f"{whole_percent(count.share, language)} ({low}–{high})"
        table.add_row(
            say(f"hindsight.subject.{count.subject}", language), count.party, number(count.cases, language),
            number(count.times, language), share, number(count.pending, language),
            "–" if count.rank is None else str(count.rank),
        )  # fmt: skip
    yield table
    yield Text(say("hindsight.counts_legend", language, few=FEW), style="dim")


def _table(title: str, language: Language, columns: Sequence[str], *, numbers: int) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for place, name in enumerate(columns):
        right = place >= len(columns) - numbers
        table.add_column(
            say(f"hindsight.column.{name}", language), justify="right" if right else "left",
            overflow="fold",
        )  # fmt: skip
    return table


def _fitted(table: Table, width: int, language: Language) -> Table:
    """Return the table made to fit: columns fold between words, the widest first; if not even the words fit,
    the last are left out, down to `KEPT`, and named.
    """
    cells = [[str(cell) for cell in (column.header, *column.cells)] for column in table.columns]
    least = [max(len(word) for cell in column for word in re.split("[ \n]", cell)) for column in cells]
    wide = [max(len(line) for cell in column for line in cell.split("\n")) for column in cells]
    # Beside what it holds a column has a space and an edge, and the table one edge more.
    left: list[str] = []
    while len(least) > KEPT and sum(least) + 2 * len(least) + 1 > width:
        left.insert(0, " ".join(str(table.columns.pop().header).split()))
        least.pop()
        wide.pop()
    if left:
        table.caption = say("text.left_out", language, columns=", ".join(left))
        table.caption_justify = "left"
    if sum(least) + 2 * len(least) + 1 > width:
        return table
    while sum(wide) + 2 * len(wide) + 1 > width:
        place = max((p for p in range(len(wide)) if wide[p] > least[p]), key=wide.__getitem__)
        wide[place] -= 1
    for column, held in zip(table.columns, wide, strict=True):
        column.width = held
    return table


def _followed(held: Followed, language: Language) -> tuple[str, ...]:
    return tuple(
        _count(value, language) for value in (held.before, held.after_3, held.after_12, held.months_to_25)
    )


def _count(value: int | None, language: Language) -> str:
    return UNKNOWN if value is None else number(value, language)


def _score(value: float | None, language: Language) -> str:
    return "–" if value is None else number(value, language, decimals=2)
