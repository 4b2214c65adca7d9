"""`tocsin backtest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, MethodOrOwn, Target, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.text import number, say, whole_percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from rich.table import Table

    from tocsin.backtest import Backtest
    from tocsin.panel import Panel


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "backtest", "backtest.command")
    def backtest(
        method: MethodOrOwn,
        origins: Annotated[
            str, typer.Option(metavar="backtest.command.metavar_span", help="backtest.command.origins")
        ],
        out: Annotated[Path, typer.Option(metavar="cli.metavar.file", help="backtest.command.out")],
        target: Target = "sb",
        steps: Annotated[
            str, typer.Option(metavar="backtest.command.metavar_steps", help="backtest.command.steps")
        ] = "1-36",
        every: Annotated[int, typer.Option(metavar="cli.metavar.number", help="backtest.command.every")] = 1,
        jobs: Annotated[int, typer.Option(metavar="cli.metavar.number", help="backtest.command.jobs")] = 1,
        cluster: Annotated[
            str, optional("backtest.command.metavar_address", "backtest.command.cluster")
        ] = "",
        draws: Annotated[
            int, typer.Option(metavar="cli.metavar.number", help="backtest.command.draws")
        ] = 1000,
        as_of: AsOf = "",
        data: Data = "auto",
        history: Annotated[Path | None, optional("cli.metavar.file", "backtest.command.history")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin import backtest as room
        from tocsin import months
        from tocsin.challenge import without_events
        from tocsin.months import Span

        chosen = room.origins_of(Span.parse(origins), every)
        ahead = room.parse_steps(steps)
        day = words.today_or(as_of, "--as-of")
        try:
            with output.progress() as report:
                report(say("cli.stage_data"), 0, None)
                panel = _panel(day, data, history)
                found = room.run(
                    panel, method=method, target=target, origins=chosen, steps=ahead,
                    out=out, jobs=jobs, cluster=cluster or None, draws=draws, progress=report,
                    notice=output.remark,
                )  # fmt: skip
        except KeyboardInterrupt:
            output.remark(say("backtest.command.kept"))
            raise
        eventless: tuple[int, ...] = ()
        more: dict[str, list[str]] = {}
        if history is not None:
            eventless = without_events(panel, method=found.method, origins=found.origins)
            more = {"without_events": [months.label(origin) for origin in eventless]}
        if as_json:
            output.emit({**found.to_dict(), **more})
        else:
            output.show(_table(found), say("backtest.summary.coverage"), *_counts(found))
            if eventless:
                output.show(_eventless(found, eventless))


def _panel(day: dt.date, data: str, history: Path | None) -> Panel:
    if history is not None:
        from tocsin.challenge import read_history

        return read_history(history).panel(as_of=day)
    return current_panel(day, data)


def _table(found: Backtest) -> Table:
    from tocsin import months
    from tocsin.backtest.settings import written

    key = "title_one" if len(found.origins) == 1 else "title"
    title = say(
        f"backtest.summary.{key}", method=found.method, kind=say(f"kinds.{found.target}"),
        first=months.label(found.origins[0]), last=months.label(found.origins[-1]), count=len(found.origins),
    )  # fmt: skip
    table = output.table(title)
    for place, name in enumerate(("steps", "rows", "crps", "ign", "mis", "mid50", "mid80", "mid90")):
        table.add_column(say(f"backtest.summary.{name}"), justify="right" if place else "left")
    for row in found.by_horizon():
        shares = (row[name] for name in ("mid50", "mid80", "mid90"))
        table.add_row(
            written(row["steps"]).replace("-", "–"),
            number(row["rows"]),
            *(number(row[name], decimals=3) for name in ("crps", "ign", "interval")),
            *("–" if share is None else whole_percent(share) for share in shares),
        )
    return table


def _counts(found: Backtest) -> list[str]:
    left = found.unscored
    lines = [say("backtest.summary.written", file=str(found.file))]
    if left.not_assessed or left.beyond or left.not_covered:
        told = say(
            "backtest.summary.unscored",
            not_assessed=left.not_assessed,
            beyond=left.beyond,
            not_covered=left.not_covered,
        )
        lines.insert(0, told)
    return lines


def _eventless(found: Backtest, origins: Sequence[int]) -> str:
    """Return the sentence that names the origins from which no events were read, as spans of those asked."""
    from tocsin import figures, months

    spans: dict[int, list[int]] = {}
    for count, origin in enumerate(origins):
        spans.setdefault(found.origins.index(origin) - count, []).append(origin)
    ends = [dict.fromkeys(months.label(end) for end in (held[0], held[-1])) for held in spans.values()]
    return say(
        "challenge.origins_without_events", method=found.method, spans=", ".join(map(":".join, ends)),
        count=len(origins), all=len(found.origins), last=months.label(figures.SPAN.last),
    )  # fmt: skip
