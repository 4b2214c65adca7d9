"""The screen: what a watch found, as tables for a terminal of 80 columns or more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tocsin import months
from tocsin.panel import released
from tocsin.text import UNKNOWN, Language, current_language, number, say
from tocsin.watch.alerts import Alerted
from tocsin.watch.ranking import Row
from tocsin.watch.record import Watch
from tocsin.watch.words import deaths, few, few_named, lies_above, little, percent, points, sparkline

WIDEST = 100
"""Columns of text beyond which the tables do not grow."""

BESIDE_NAME = 42
"""Columns of text that a row needs beside the country's name, the expected deaths and the second method."""

EXPECTED = 21
"""Columns of text that are kept for the expected deaths; where they need more, the name gives way."""

WARNINGS = 12
"""Messages of a round that the screen shows."""

RISES = 5
"""Largest rises that the screen shows."""

ROOMY = 90
"""Columns of text from which the second method is shown too."""


def screen(
    watch: Watch, *, top: int = 20, out: str | Path | None = None, width: int = 80,
    language: Language | None = None,
) -> RenderableType:  # fmt: skip
    """Return the ranking, the largest rises and where the files are, ready to print in `width` columns."""
    return Group(*_parts(watch, top, out, max(min(width, WIDEST), 76), language or current_language()))


def _parts(
    watch: Watch, top: int, out: str | Path | None, width: int, language: Language
) -> Iterator[RenderableType]:
    facts = {
        "as_of": watch.as_of.isoformat(), "month": months.label(watch.origin), "days": watch.age,
        "releases": released(watch.panel.releases, language),
    }  # fmt: skip
    if watch.historical:
        yield Panel(
            Text(say("watch.historical", language, **facts)), title=say("watch.historical_title", language),
            border_style="yellow", box=box.HEAVY, width=width,
        )  # fmt: skip
    else:
        yield Text(say("watch.data", language, **facts))
    if told := little(watch.covered_months, watch.origin, language):
        yield Text(told, style="yellow")
    if told := few(len(watch.few_months), len(watch.ranked), language):
        yield Text(told, style="yellow")
    yield Text("")
    chosen = watch.ranked[:top]
    title = say("watch.title", language, shown=len(chosen), all=len(watch.ranked), method=watch.lead.method)
    yield _table(chosen, title, watch, width, language)
    if watch.rises:
        yield Text("")
        yield _table(watch.rises[:RISES], say("watch.rises_title", language), watch, width, language)
    else:
        key = "watch.no_rises" if watch.compared else "watch.no_before"
        yield Text("\n" + say(key, language, month=months.label(watch.origin - 1)))
    if watch.alerted is not None:
        yield from _warnings(watch.alerted, language)
    if gaps := watch.panel.gaps():
        yield Text("\n" + say("watch.gaps", language, spans=", ".join(map(str, gaps))))
    if watch.not_assessed:
        names = ", ".join(sorted(watch.country(row).name(language) for row in watch.not_assessed))
        yield Text(
            "\n"
            + say(
                "watch.not_assessed", language, month=months.label(watch.origin),
                count=len(watch.not_assessed), names=names,
            )
        )  # fmt: skip
        if watch.widest is not None:
            month, count = watch.widest
            yield Text(say("watch.widest", language, month=months.label(month), count=count))
    if few(len(watch.few_months), len(watch.ranked), language):
        yield Text("\n" + few_named(watch.few_months, watch.origin, language))
    roomy = width >= ROOMY and len(watch.forecasts) > 1
    key = "watch.legend_beside" if roomy else "watch.legend"
    yield Text("\n" + say(key, language, other=watch.forecasts[-1].method), style="dim")
    if len(watch.forecasts) > 1 and not roomy:
        left = " ".join(say("watch.column_beside", language).split())
        yield Text(say("text.left_out", language, columns=left), style="dim")
    if any(lies_above(row.expected, row.high) for row in (*chosen, *watch.rises[:RISES])):
        yield Text(say("reasons.rare_among", language), style="dim")
    if out is not None:
        yield Text("\n" + say("watch.files", language, out=str(out)))
        if watch.alerted is not None:
            yield Text(say("watch.files_warnings", language))


def _warnings(alerted: Alerted, language: Language) -> Iterator[RenderableType]:
    if alerted.round is None:
        reason = "" if alerted.refused is None else alerted.refused.message(language)
        yield Text("\n" + say("watch.no_warnings", language, reason=reason), style="yellow")
        return
    drafts = sum(message.status == "draft" for message in alerted.messages)
    told = {"open": len(alerted.round.open), "new": len(alerted.messages), "drafts": drafts}
    yield Text("\n" + say("watch.warnings_title", language, **told), style="bold")
    for message in alerted.messages[:WARNINGS]:
        yield Text(f"  {message.text(language).headline}")
    if len(alerted.messages) > WARNINGS:
        yield Text("  " + say("watch.warnings_more", language, count=len(alerted.messages) - WARNINGS))
    if alerted.unrecorded is not None:
        yield Text(alerted.unrecorded.message(language), style="yellow")
    yield from map(Text, alerted.remarks(language))


def _table(rows: Sequence[Row], title: str, watch: Watch, width: int, language: Language) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, padding=0
    )
    first, last = months.label(watch.origin - len(rows[0].history) + 1), months.label(watch.origin)
    roomy = width >= ROOMY
    wide = max(EXPECTED, *(len(_expected(row, language)) for row in rows))
    name = min(width - BESIDE_NAME - wide - (7 if roomy else 0), 30)
    table.add_column(say("watch.column_rank", language), justify="right", width=3)
    table.add_column(say("watch.column_country", language), no_wrap=True, overflow="ellipsis", width=name)
    table.add_column(f"{first}\n  – {last}", no_wrap=True, width=12)
    table.add_column(say("watch.column_recent", language), justify="right", no_wrap=True, width=7)
    table.add_column(say("watch.column_expected", language), justify="right", no_wrap=True, min_width=18)
    table.add_column(say("watch.column_probability", language), justify="right", no_wrap=True, width=5)
    if roomy:
        table.add_column(say("watch.column_beside", language), justify="right", no_wrap=True, width=6)
    table.add_column(say("watch.column_change", language), justify="right", no_wrap=True, width=7)
    for row in rows:
        table.add_row(*_cells(watch, row, roomy, language))
    return table


def _cells(watch: Watch, row: Row, roomy: bool, language: Language) -> Iterator[RenderableType]:
    yield str(row.rank)
    yield Text(watch.country(row).name(language))
    yield Text(sparkline(row.history), style="cyan")
    yield UNKNOWN if row.recent is None else number(row.recent, language)
    yield _expected(row, language)
    yield Text(percent(row.probability, language), style="bold")
    if roomy:
        yield "" if row.beside is None else percent(row.beside, language)
    risen = round(100 * (row.change or 0.0))
    yield Text(points(row.change, language), style="red" if risen > 0 else "green" if risen < 0 else "dim")


def _expected(row: Row, language: Language) -> Text:
    return Text.assemble(
        (deaths(row.expected, language), "bold"),
        (f" ({deaths(row.low, language)}–{deaths(row.high, language)})", "dim"),
    )
