"""The tree of commands."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer
from typer.exceptions import Exit

from tocsin import __version__
from tocsin.cli.usage import Group

SECTIONS = {
    "cli.sections.month": ("watch", "bulletin", "warn"),
    "cli.sections.browser": ("serve", "token"),
    "cli.sections.closer": ("forecast", "map", "spillover", "control", "decide"),
    "cli.sections.data": ("ingest", "fetch", "withdraw", "status", "figures", "tally"),
    "cli.sections.record": ("ledger", "archive", "hindsight", "replay"),
    "cli.sections.measure": ("score", "backtest", "skill", "challenge"),
}
"""The commands by what a reader of the help wants to do."""


COMMANDS = (
    "watch", "serve", "token", "bulletin", "warn", "ingest", "fetch", "withdraw", "status", "forecast",
    "score", "backtest", "skill", "control", "spillover", "map", "decide", "challenge", "figures", "ledger",
    "archive", "hindsight", "replay", "tally",
)  # fmt: skip
"""Every command, by the name of the module that adds it."""


def build(named: str = "") -> Group:
    """Return the command `tocsin` with every command under it, or with `named` alone where it is one.

    One alone is ready in a tenth of the time.
    """
    app = typer.Typer(cls=Group, help="cli.tocsin", add_completion=False)
    app.callback()(_globals)
    for name in (named,) if named in COMMANDS else COMMANDS:
        import_module(f"tocsin.cli.{name}").add(app)
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
