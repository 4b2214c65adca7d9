"""`tocsin token`."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli import output
from tocsin.cli.options import Json
from tocsin.cli.usage import Group, command
from tocsin.text import say

Name = Annotated[str, typer.Argument(metavar="guard.metavar.name", help="guard.command_add.name")]


def add(app: typer.Typer) -> None:
    """Add the group and its commands to the tree."""
    group = typer.Typer(cls=Group, help="guard.command")
    app.add_typer(group, name="token")

    @command(group, "add", "guard.command_add")
    def add_(
        name: Name,
        role: Annotated[
            str, typer.Option(metavar="guard.metavar.role", help="guard.command_add.role")
        ] = "analyst",
    ) -> None:
        from tocsin.guard import Tokens
        from tocsin.ledger import locate

        secret = Tokens.of(locate().keys).add(name, role)
        output.remark(say("guard.command_add.made", name=name, role=say(f"guard.role.{role}")))
        typer.echo(secret)

    @command(group, "list", "guard.command_list")
    def list_(as_json: Json = False) -> None:
        from tocsin.guard import Tokens
        from tocsin.ledger import locate

        rows = Tokens.of(locate().keys).list()
        if as_json:
            output.emit([{"name": name, "role": role, "made": made} for name, role, made in rows])
            return
        for name, role, made in rows:
            output.show(f"{name}  {say(f'guard.role.{role}')}  {made[:10]}")
        if not rows:
            output.show(say("guard.command_list.none"))

    @command(group, "revoke", "guard.command_revoke")
    def revoke(name: Name) -> None:
        from tocsin.guard import Tokens
        from tocsin.ledger import locate

        Tokens.of(locate().keys).revoke(name)
        output.remark(say("guard.command_revoke.done", name=name))
