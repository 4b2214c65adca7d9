"""`tocsin figures list` and `tocsin figures build`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import output
from tocsin.cli.options import Json
from tocsin.cli.usage import Group, command
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table


def add(app: typer.Typer) -> None:
    """Add both commands to the tree."""
    group = typer.Typer(cls=Group, help="cli.figures")
    app.add_typer(group, name="figures")

    @command(group, "list", "cli.figures_list")
    def list_(as_json: Json = False) -> None:
        from tocsin.figures import manifest

        held = manifest()
        if as_json:
            output.emit(held)
        else:
            output.show(_table(held), say("cli.figures_list.licence"))

    @command(group, "build", "cli.figures_build")
    def build(
        source: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="cli.figures_build.source")],
        out: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="cli.figures_build.out")],
        as_json: Json = False,
    ) -> None:
        from tocsin.figures import build as make

        with output.progress() as report:
            made = make(source, out, progress=lambda stage, share: report(stage, share, 1.0))
        if as_json:
            output.emit(dataclasses.asdict(made))
        else:
            output.show(made.text())


def _table(held: dict[str, Any]) -> Table:
    from tocsin.panel import released

    table = output.table()
    for name in ("table", "rows", "known", "releases"):
        heading = say(f"cli.figures_list.column_{name}")
        table.add_column(heading, justify="right" if name == "rows" else "left", overflow="fold")
    for name, entry in held["tables"].items():
        releases = "\n".join(released([one]) for one in entry["releases"])
        table.add_row(name, number(entry["rows"]), entry["known_at"], releases)
    return table
