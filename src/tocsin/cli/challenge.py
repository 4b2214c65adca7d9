"""`tocsin challenge run` and `tocsin challenge score`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output
from tocsin.cli.options import Json, Level, MethodOrOwn, optional
from tocsin.cli.usage import Group, command
from tocsin.text import number, say, whole_percent

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.challenge import Comparison, ScoreTable

UNITS_SHOWN = 10
"""Units left out of a window that the screen names."""


def add(app: typer.Typer) -> None:
    """Add both commands to the tree."""
    group = typer.Typer(cls=Group, help="cli.challenge")
    app.add_typer(group, name="challenge")

    @command(group, "run", "cli.challenge_run")
    def run(
        history: Annotated[Path, typer.Option(metavar="cli.metavar.file", help="cli.challenge_run.history")],
        windows: Annotated[
            list[str], typer.Option(metavar="cli.metavar.year", help="cli.challenge_run.windows")
        ],
        out: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="cli.challenge_run.out")],
        method: MethodOrOwn = "conflictology-12",
        level: Level = "cm",
        draws: Annotated[
            int, typer.Option(metavar="cli.metavar.number", help="cli.challenge_run.draws")
        ] = 1000,
        history_only: Annotated[
            bool, typer.Option("--history-only", help="cli.challenge_run.history_only")
        ] = False,
        as_json: Json = False,
    ) -> None:
        from tocsin import challenge, figures, months

        with output.progress() as report:
            made = challenge.run(
                history, windows=listed(windows), method=method, out=out, level=level, draws=draws,
                alone=history_only, progress=report,
            )  # fmt: skip
        if as_json:
            output.emit(made.to_dict())
            return
        for window, file in zip(made.windows, made.files, strict=True):
            left_out = made.left_out[window]
            key = "cli.challenge_run.written_without" if left_out else "cli.challenge_run.written"
            told = {"count": number(len(left_out)), "units": _units(made.level, left_out)}
            output.show(say(key, window=window, file=str(file), **told))
        if draws not in challenge.TAKEN:
            first, last = challenge.TAKEN[0], challenge.TAKEN[-1]
            output.show(say("challenge.draws_not_taken", count=draws, first=first, last=last))
        if made.without_events:
            told = {"windows": ", ".join(made.without_events), "last": months.label(figures.SPAN.last)}
            output.show(say("challenge.windows_without_events", method=made.method, **told))

    @command(group, "score", "cli.challenge_score")
    def score(
        predictions: Annotated[
            Path, typer.Option(metavar="cli.metavar.folder", help="cli.challenge_score.predictions")
        ],
        actuals: Annotated[
            Path, typer.Option(metavar="cli.metavar.folder", help="cli.challenge_score.actuals")
        ],
        windows: Annotated[
            list[str] | None, optional("cli.metavar.year", "cli.challenge_score.windows")
        ] = None,
        level: Level = "cm",
        history: Annotated[Path | None, optional("cli.metavar.file", "cli.challenge_score.history")] = None,
        reference: Annotated[
            Path | None, optional("cli.metavar.folder", "cli.challenge_score.reference")
        ] = None,
        out: Annotated[Path | None, optional("cli.metavar.folder", "cli.challenge_score.out")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin import challenge

        with output.progress() as report:
            table = challenge.score(
                predictions, actuals, level=level, windows=listed(windows) or None, history=history,
                reference=reference, progress=report,
            )  # fmt: skip
        written = table.write(out or predictions)
        if as_json:
            output.emit(table.to_dict())
            return
        output.show(*(_metric(table, metric) for metric in ("CRPS", "IGN", "MIS")), _coverage(table))
        for row in table.windows:
            whole = len(challenge.months_of(row.window))
            if row.months < whole:
                told = {"window": row.window, "months": row.months, "all": whole}
                output.show(say("cli.challenge_score.part", **told))
        if table.comparison:
            output.show(_compared(table.comparison))
        if table.other_vintage:
            output.show(say("cli.challenge_score.other_vintage", windows=", ".join(table.other_vintage)))
        output.show(say("cli.challenge_score.written", files=", ".join(str(file) for file in written)))


def _units(level: str, ids: Sequence[int]) -> str:
    """Return the first units by name, cells by gid; `--json` lists all of them."""
    from tocsin import areas

    named = (areas.by_views_id(id).name() if level == "cm" else str(id) for id in ids[:UNITS_SHOWN])
    return ", ".join(named) + (", …" if len(ids) > UNITS_SHOWN else "")


def listed(values: list[str] | None) -> list[str]:
    """Return values given one by one, or several in one word with commas between them."""
    return [part for value in values or () for part in value.split(",") if part]


def _metric(table: ScoreTable, metric: str) -> Table:
    title = say("cli.challenge_score.title", metric=metric)
    names = [score.window for score in table.windows]
    head = say("cli.challenge_score.column_model"), *names, say("cli.challenge_score.column_mean")
    shown = _grid(title, head)
    for row in table.rows():
        if row["metric"] == metric:
            name = f"▶ {row['model']}" if row["own"] else f"  {row['model']}"
            cells = ["–" if row[n] is None else number(row[n], decimals=3) for n in (*names, "mean")]
            shown.add_row(name, *cells, style="bold" if row["own"] else "")
    return shown


def _coverage(table: ScoreTable) -> Table:
    names = [score.window for score in table.windows]
    head = say("cli.challenge_score.column_interval"), *names
    shown = _grid(say("cli.challenge_score.coverage_title"), head)
    for level in (50, 80, 90):
        held = [getattr(score, f"covered_{level}") for score in table.windows]
        cells = level, *(round(100 * share) for share in held)
        shown.add_row(*(say("text.percent", value=str(cell)) for cell in cells))
    return shown


def _compared(found: Comparison) -> str:
    gap = found.difference
    # Rounded first, and 0.0 added: what rounds to none has no sign.
    rounded = {name: round(getattr(gap, name), 3) + 0.0 for name in ("estimate", "low", "high")}
    values = {name: number(value, decimals=3) for name, value in rounded.items()}
    level = whole_percent(gap.level)
    return say("cli.challenge_score.compared", reference=found.reference, level=level, **values)


def _grid(title: str, columns: Sequence[str]) -> Table:
    table = output.table(title)
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if place else "left")
    return table
