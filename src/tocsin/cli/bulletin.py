"""`tocsin bulletin`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Origin
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput
from tocsin.files import write


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "bulletin", "bulletin.command")
    def bulletin(
        out: Annotated[Path, typer.Argument(metavar="cli.metavar.file", help="bulletin.command.out")],
        as_of: AsOf = "",
        origin: Origin = "",
        data: Data = "auto",
    ) -> None:
        from tocsin.bulletin import Document, html, pdf
        from tocsin.cli.watch import recorded
        from tocsin.text import say
        from tocsin.watch import bulletin as compose
        from tocsin.watch import watch as run

        writers: dict[str, Callable[[Document], bytes]] = {
            ".pdf": pdf,
            ".html": lambda made: html(made).encode(),
        }
        if out.suffix.lower() not in writers:
            raise BadInput("bulletin.command.ending", file=str(out), choices=", ".join(sorted(writers)))
        day, month = words.today_or(as_of, "--as-of"), words.month_or_none(origin)
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            found = run(current_panel(day, data), as_of=day, origin=month, progress=report)
        made = compose(found, record=recorded(day))
        write(out, writers[out.suffix.lower()](made))
        output.show(say("bulletin.command.written", file=str(out)))
