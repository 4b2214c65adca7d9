"""`tocsin skill`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output
from tocsin.cli.options import Json, optional
from tocsin.cli.usage import command
from tocsin.text import current_language, number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.skill import Page

REFERENCE = "conflictology-12"


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "skill", "skill.command")
    def skill(
        method: Annotated[str, typer.Option(metavar="cli.metavar.method", help="skill.command.method")],
        backtests: Annotated[
            list[Path], typer.Option(metavar="cli.metavar.file", help="skill.command.backtests")
        ],
        out: Annotated[Path, typer.Option(metavar="cli.metavar.file", help="skill.command.out")],
        reference: Annotated[
            str, typer.Option(metavar="cli.metavar.method", help="skill.command.reference")
        ] = REFERENCE,
        baseline: Annotated[
            list[str] | None, optional("cli.metavar.method", "skill.command.baseline")
        ] = None,
        images: Annotated[Path | None, optional("cli.metavar.folder", "skill.command.images")] = None,
        scores: Annotated[Path | None, optional("cli.metavar.file", "skill.command.scores")] = None,
        log: Annotated[Path | None, optional("cli.metavar.file", "skill.command.log")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin import skill as room

        words = [
            "tocsin",
            *(["--lang", "fr"] if current_language() == "fr" else []),
            "skill",
            "--method",
            method,
        ]
        words += ["--reference", reference] if reference != REFERENCE else []
        words += [word for name in baseline or () for word in ("--baseline", name)]
        words += [word for path in backtests for word in ("--backtests", str(path))]
        for option, value in (("--images", images), ("--scores", scores), ("--log", log), ("--out", out)):
            words += [option, str(value)] if value else []
        with output.progress() as report:
            page = room.write(
                backtests, method=method, reference=reference, baselines=baseline or (), out=out,
                images=images, scores=scores, log=log, command=shlex.join(words), progress=report,
            )  # fmt: skip
        if as_json:
            output.emit(page.to_dict())
        else:
            from tocsin.skill.tables import GROUP_OFFSET

            folder = page.images[0].parent
            output.show(
                _table(page),
                say(
                    "skill.summary_legend",
                    own=page.found[0].pair.own.method,
                    offset=number(GROUP_OFFSET, decimals=2),
                ),
                say("skill.written", file=str(out), count=len(page.images), folder=str(folder)),
            )


def _table(page: Page) -> Table:
    """Return what all forecasts that both files of a pair hold say, one pair a line."""
    pair = page.found[0].pair
    title = say("skill.summary", own=pair.own.method, reference=pair.reference.method)
    table = output.table(title, padding=0)
    for place, name in enumerate(("deaths", "rows", "crps", "difference", "ratio")):
        table.add_column(say(f"skill.column.{name}"), justify="right" if place else "left")
    for item in page.found:
        cells = [item.pair.label(), number(item.rows)]
        if item.whole is None:
            cells += ["–"] * 3
        else:
            gap, ratio = item.whole.difference, item.whole.ratio
            crps = " / ".join(number(value, decimals=2) for value in item.whole.scores["crps"])
            cells += [crps, _spread(gap.estimate, gap.low, gap.high)]
            cells += [_spread(ratio.value, ratio.low, ratio.high)]
        table.add_row(*cells)
    return table


def _spread(*values: float) -> str:
    value, low, high = (number(one, decimals=2) for one in values)
    return say("skill.spread", value=value, low=low, high=high)
