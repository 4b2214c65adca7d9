"""`tocsin watch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, Origin
from tocsin.cli.usage import command


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "watch", "cli.watch")
    def watch(
        out: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="cli.watch.out")] = Path("out"),
        as_of: AsOf = "",
        origin: Origin = "",
        data: Data = "auto",
        top: Annotated[int, typer.Option(metavar="cli.metavar.number", help="cli.watch.top", min=1)] = 20,
        as_json: Json = False,
    ) -> None:
        from tocsin.text import say
        from tocsin.watch import check_folder, current_panel, screen
        from tocsin.watch import watch as run

        day, month = words.today_or(as_of, "--as-of"), words.month_or_none(origin)
        check_folder(out)
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            found = run(current_panel(day, data), as_of=day, origin=month, out=out, progress=report)
        if as_json:
            output.emit(found.to_dict())
        else:
            output.show(screen(found, top=top, out=out, width=output.width()))
