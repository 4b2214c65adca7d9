"""`tocsin hindsight`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, Where, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "hindsight", "hindsight.cli")
    def hindsight(
        as_of: AsOf = "",
        data: Data = "auto",
        ledger: Where = "",
        out: Annotated[Path | None, optional("cli.metavar.folder", "hindsight.cli.out", "--out")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin.hindsight import of_ledger, screen, write_tables
        from tocsin.ledger import Ledger
        from tocsin.text import say
        from tocsin.watch import current_groups

        day = words.today_or(as_of, "--as-of")
        with Ledger.open(ledger or None, create=False) as held:
            panel, groups = current_panel(day, data), current_groups(day, data)
            found = of_ledger(held, panel, as_of=day, groups=groups)
        if out is not None:
            names = ", ".join(path.name for path in write_tables(found, out))
            output.remark(say("hindsight.written", folder=str(out), names=names))
        if as_json:
            output.emit(found.to_dict())
        else:
            output.show(screen(found, width=output.width()))
