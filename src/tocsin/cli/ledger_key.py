"""`tocsin ledger key` and the commands under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output
from tocsin.cli.options import Json, Where, optional
from tocsin.cli.usage import Group, command
from tocsin.errors import BadInput
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.ledger import VerifierKey


def add(group: typer.Typer) -> None:
    """Add the commands to those of the ledger."""
    key = typer.Typer(cls=Group, help="ledger.cli_key")
    group.add_typer(key, name="key")
    for make in (_new, _show, _public, _trust, _retire):
        make(key)


def _new(group: typer.Typer) -> None:
    @command(group, "new", "ledger.cli_key_new")
    def new(
        name: Annotated[str, optional("ledger.metavar.name", "ledger.cli_key_new.name")] = "",
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin.ledger import key_file, load_key, locate, new_key

        folder = locate().keys
        path, before = key_file(folder), load_key(folder)
        made, size = new_key(ledger or None, name=name or None)
        if as_json:
            output.emit({"file": path, "public": str(made), "signed": size})
            return
        output.remark(say(f"ledger.cli_key_new.{'kept' if before else 'made'}", path=path))
        print(made)
        if size is not None:
            output.remark(say("ledger.cli_key_new.signed", size=size))


def _show(group: typer.Typer) -> None:
    @command(group, "show", "ledger.cli_key_show")
    def show(as_json: Json = False) -> None:
        from tocsin.ledger import key_file, locate

        present, known = _own_keys()
        others = [key.line for key in known if key != present]
        path = key_file(locate().keys)
        if as_json:
            output.emit({"file": path, "present": str(present), "others": others})
            return
        print(say("ledger.cli_key_show.present", key=str(present)))
        print(say("ledger.cli_key_show.file", path=path))
        for key in others:
            print(say("ledger.cli_key_show.other", key=key))


def _public(group: typer.Typer) -> None:
    @command(group, "public", "ledger.cli_key_public")
    def public(as_json: Json = False) -> None:
        present, _ = _own_keys()
        if as_json:
            output.emit({"public": str(present)})
        else:
            print(present)


def _trust(group: typer.Typer) -> None:
    @command(group, "trust", "ledger.cli_key_trust")
    def trust(
        key: Annotated[str, typer.Argument(metavar="ledger.metavar.key", help="ledger.cli_key_trust.key")],
        as_json: Json = False,
    ) -> None:
        from tocsin.ledger import VerifierKey, locate, public_file, trust_key

        folder, given = locate().keys, VerifierKey.parse(key)
        added = trust_key(folder, given)
        if as_json:
            output.emit({"file": public_file(folder), "public": str(given), "added": added})
        else:
            told = {"name": given.name, "path": public_file(folder)}
            output.show(say(f"ledger.cli_key_trust.{'added' if added else 'known'}", **told))


def _retire(group: typer.Typer) -> None:
    @command(group, "retire", "ledger.cli_key_retire")
    def retire(
        key: Annotated[str, typer.Argument(metavar="ledger.metavar.key", help="ledger.cli_key_retire.key")],
        size: Annotated[
            int | None, optional("cli.metavar.number", "ledger.cli_key_retire.size", "--size")
        ] = None,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin.ledger import Ledger, VerifierKey, locate, public_file, retire_key

        folder, given = locate().keys, VerifierKey.parse(key)
        if size is None:
            with Ledger.open(ledger or None, create=False) as log:
                size = len(log)
        made = retire_key(folder, given, size)
        if as_json:
            output.emit({"file": public_file(folder), "public": str(made), "until": made.until})
        else:
            told = {"name": made.name, "until": made.until, "path": public_file(folder)}
            output.show(say("ledger.cli_key_retire.done", **told))


def _own_keys() -> tuple[VerifierKey, tuple[VerifierKey, ...]]:
    from tocsin.ledger import load_key, load_public, locate

    folder = locate().keys
    present = load_key(folder)
    if present is None:
        raise BadInput("ledger.no_key", path=folder)
    return present.verifier, load_public(folder)
