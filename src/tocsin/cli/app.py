"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.exceptions import Exit

from tocsin import __version__
from tocsin.cli.usage import Group

SECTIONS = {
    "cli.sections.month": ("watch", "bulletin", "warn"),
    "cli.sections.browser": ("serve", "token"),
    "cli.sections.closer": ("forecast", "map", "spillover", "control", "decide"),
    "cli.sections.data": ("ingest", "fetch", "withdraw", "status", "figures"),
    "cli.sections.record": ("ledger", "archive", "hindsight", "replay"),
    "cli.sections.measure": ("score", "backtest", "skill", "challenge"),
}
"""The commands by what a reader of the help wants to do."""


def build() -> Group:
    """Return the command `tocsin` with every command under it."""
    from tocsin.cli import (
        archive,
        backtest,
        bulletin,
        challenge,
        control,
        decide,
        fetch,
        figures,
        forecast,
        hindsight,
        ingest,
        ledger,
        map,
        replay,
        score,
        serve,
        skill,
        spillover,
        status,
        token,
        warn,
        watch,
        withdraw,
    )

    app = typer.Typer(cls=Group, help="cli.tocsin", add_completion=False)
    app.callback()(_globals)
    for module in (
        watch,
        serve,
        token,
        bulletin,
        warn,
        ingest,
        fetch,
        withdraw,
        status,
        forecast,
        score,
        backtest,
        skill,
        control,
        spillover,
        map,
        decide,
        challenge,
        figures,
        ledger,
        archive,
        hindsight,
        replay,
    ):
        module.add(app)
    command = typer.main.get_command(app)
    assert isinstance(command, Group)
    command.sections = SECTIONS
    return command


def _version(on: bool) -> None:
    if on:
        print(f"tocsin {__version__}")
        raise Exit(0)


def _globals(
    lang: Annotated[str, typer.Option(metavar="cli.metavar.language", help="cli.tocsin.lang")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.tocsin.quiet")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="cli.tocsin.version", is_eager=True, callback=_version)
    ] = False,
) -> None:
    # --lang and --quiet are taken out of the words before the parser sees them (tocsin.cli.entry); they stand
    # here so that the help shows them.
    del lang, quiet, version
