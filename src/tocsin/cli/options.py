"""Options that several commands have, each said once."""

from __future__ import annotations

from typing import Annotated

import typer

AsOf = Annotated[
    str, typer.Option("--as-of", metavar="cli.metavar.day", help="cli.as_of", show_default=False)
]
Origin = Annotated[
    str, typer.Option("--origin", metavar="cli.metavar.month", help="cli.origin", show_default=False)
]
Data = Annotated[str, typer.Option("--data", metavar="cli.metavar.data", help="cli.data")]
Method = Annotated[str, typer.Option("--method", metavar="cli.metavar.method", help="cli.method")]
LEADING = "tocsin"
"""The method unless another is asked for: `tocsin.forecast.DEFAULT`, without importing it for `--help`."""

Level = Annotated[str, typer.Option("--level", metavar="cli.metavar.level", help="cli.challenge.level")]
Json = Annotated[bool, typer.Option("--json", help="cli.json")]
