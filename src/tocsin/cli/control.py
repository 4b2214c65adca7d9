"""`tocsin control`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, PlaceLevel, Smoothed, optional
from tocsin.cli.usage import command
from tocsin.errors import NotAssessed
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.control import Control

MONTHS = 24


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "control", "control.command")
    def control(
        country: Annotated[str, typer.Argument(metavar="cli.metavar.country", help="cli.country")],
        first: Annotated[str, optional("cli.metavar.month", "control.command.from", "--from")] = "",
        last: Annotated[str, optional("cli.metavar.month", "control.command.to", "--to")] = "",
        level: PlaceLevel = "admin1",
        hindsight: Smoothed = False,
        as_of: AsOf = "",
        data: Data = "auto",
        out: Annotated[Path | None, optional("cli.metavar.file", "control.command.out")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin import areas, drawing, months
        from tocsin.control import control as infer
        from tocsin.control import draw_control, known_level, located
        from tocsin.months import Span

        if out:
            drawing.check_out(out)
        day = words.today_or(as_of, "--as-of")
        start, end = words.month_or_none(first), words.month_or_none(last)
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            gw = areas.country(country, month=end).gw
            source = located(gw, level=known_level(level), as_of=day, data=data)
            alone = start if end is None else end if start is None else None
            if alone is not None and alone not in source.span:
                # The other month is one that nobody gave: it is not to be blamed.
                raise NotAssessed("control.months_outside", span=months.label(alone), whole=str(source.span))
            end = end or source.span.last
            span = Span(start or max(end - MONTHS + 1, source.span.first), end)
            method = "smoothed" if hindsight else "filtered"
            found = infer(gw, span=span, as_of=day, level=level, method=method, events=source)
        found.check_units()
        if out:
            draw_control(found, out)
            output.remark(say("control.saved", file=str(out)))
        if as_json:
            output.emit(found.to_dict())
            return
        output.show(_table(found))
        for sentence in _remarks(found):
            output.show(sentence)


def _table(found: Control) -> Table:
    from tocsin import areas, months
    from tocsin.control import runs

    where = areas.country(found.gw, month=found.span.last).name()
    labels = {"first": months.label(found.span.first), "last": months.label(found.span.last)}
    title = say("control.title", where=where, **labels)
    table = output.table(title)
    for column in ("unit", "from", "to", "state", "probability", "events"):
        right = column in ("probability", "events")
        table.add_column(say(f"control.column_{column}"), justify="right" if right else "left")
    before = None
    for run in runs(found):
        low, high = (None if p is None else number(p, decimals=2) for p in (run.low, run.high))
        table.add_row(
            found.named(found.index(run.unit)) if run.unit != before else "",
            months.label(run.first), months.label(run.last),
            say(f"control.state_short.{run.state}"),
            "–" if low is None else low if low == high else f"{low}–{high}",
            number(run.events),
        )  # fmt: skip
        before = run.unit
    return table


def _remarks(found: Control) -> list[str]:
    from tocsin.control import MEMORY, left_out_notes
    from tocsin.panel import released

    told = [
        say("control.subtitle"),
        say("control.explain", months=MEMORY),
        say(f"control.method_{found.method}", as_of=found.as_of.isoformat()),
        say(f"control.basis_{found.basis}"),
    ]
    return [*told, *left_out_notes([found]), say("control.source", releases=released(found.releases))]
