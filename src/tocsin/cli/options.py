"""Options that several commands have, each said once."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def optional(metavar: str, help: str, *names: str) -> Any:
    """Return an option without a default to show. metavar, help: keys of the locale files."""
    return typer.Option(*names, metavar=metavar, help=help, show_default=False)


AsOf = Annotated[str, optional("cli.metavar.day", "cli.as_of", "--as-of")]
Origin = Annotated[str, optional("cli.metavar.month", "cli.origin", "--origin")]
Data = Annotated[str, typer.Option("--data", metavar="cli.metavar.data", help="cli.data")]
Method = Annotated[str, typer.Option("--method", metavar="cli.metavar.method", help="cli.method")]
MethodOrOwn = Annotated[str, typer.Option("--method", metavar="cli.metavar.method", help="cli.method_or_own")]
LEADING = "tocsin"
"""The method unless another is asked for: `tocsin.forecast.DEFAULT`, without importing it for `--help`."""

Level = Annotated[str, typer.Option("--level", metavar="cli.metavar.level", help="cli.challenge.level")]
Target = Annotated[str, typer.Option("--target", metavar="cli.metavar.target", help="cli.target")]
Json = Annotated[bool, typer.Option("--json", help="cli.json")]
Where = Annotated[str, optional("ledger.metavar.ledger", "ledger.cli.ledger", "--ledger")]

PlaceLevel = Annotated[
    str, typer.Option("--level", metavar="cli.metavar.level", help="control.command.level")
]
Smoothed = Annotated[bool, typer.Option("--hindsight", help="control.command.hindsight")]
