"""`tocsin withdraw`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output
from tocsin.cli.options import Json
from tocsin.cli.usage import command
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.vault import Withdrawal


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "withdraw", "cli.withdraw")
    def withdraw(
        vintage: Annotated[str, typer.Argument(metavar="cli.metavar.vintage", help="cli.withdraw.vintage")],
        reason: Annotated[str, typer.Option(metavar="cli.metavar.reason", help="cli.withdraw.reason")],
        as_json: Json = False,
    ) -> None:
        from tocsin.vault import Vault

        done = Vault.open().withdraw(vintage, reason=reason)
        if as_json:
            output.emit(done.to_dict())
        else:
            output.show(_text(done))


def _text(done: Withdrawal) -> str:
    """Return what was taken back, from when, and what reads see in its place."""
    vintage = done.vintage
    named = {"publisher": vintage.publisher, "release": vintage.release}
    assert vintage.withdrawn_at is not None
    at = vintage.withdrawn_at.isoformat(timespec="seconds")
    lines = [
        say("cli.withdraw.done", **named, file=vintage.name),
        "  " + say("cli.ingest.digest", sha256=vintage.sha256),
        "  " + say("cli.withdraw.from", at=at),
    ]
    for other in done.standing:
        lines.append("  " + say("cli.status.standing", **named, sha256=other.short, file=other.name))
    if not done.standing:
        lines.append("  " + say("cli.withdraw.none_left", **named))
    return "\n".join(lines)
