"""`tocsin ledger` and the commands under it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import Exit

from tocsin import months
from tocsin.cli import ledger_key, output
from tocsin.cli.clock import tell_pause, to_record
from tocsin.cli.ledger_page import page, record, table
from tocsin.cli.options import Json, Where, optional
from tocsin.cli.usage import Group, command
from tocsin.errors import BadInput, Damaged
from tocsin.files import write
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.ledger import Entry, Ledger, Receipt, Verification, VerifierKey


def add(app: typer.Typer) -> None:
    """Add the commands to the tree."""
    group = typer.Typer(cls=Group, help="ledger.cli")
    app.add_typer(group, name="ledger")
    for make in (_add, _show, _log, _verify, _export, _import):
        make(group)
    ledger_key.add(group)


def _add(group: typer.Typer) -> None:
    @command(group, "add", "ledger.cli_add")
    def add_(
        files: Annotated[
            list[str] | None, typer.Argument(metavar="cli.metavar.file", help="ledger.cli_add.files")
        ] = None,
        type: Annotated[str, optional("ledger.metavar.type", "ledger.cli_add.type")] = "",
        example: Annotated[str, optional("ledger.metavar.type", "ledger.cli_add.example")] = "",
        propose: Annotated[bool, typer.Option("--propose", help="ledger.cli_add.propose")] = False,
        check: Annotated[bool, typer.Option("--check", help="ledger.cli_add.check")] = False,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        if example:
            from tocsin.ledger import example_text

            output.hand_on(example_text(example).encode())
            return
        from tocsin.ledger.entries import check_ids

        given: Sequence[dict[str, Any] | Entry]
        given = _from_files(files, type) if files else _asked(type, propose)
        check_ids(one.get("id") if isinstance(one, Mapping) else one.id for one in given)
        if propose and files:
            given = [_proposed(one) for one in given]
        if check:
            output.remark(say("ledger.cli_add.checked", count=_checked(ledger, given)))
            return
        with to_record(ledger) as log:
            receipts = log.extend(given)
        if as_json:
            output.emit([vars(receipt) for receipt in receipts])
        else:
            _show_receipts(receipts)


def _show(group: typer.Typer) -> None:
    @command(group, "show", "ledger.cli_show")
    def show(
        id: Annotated[str, typer.Argument(metavar="ledger.metavar.id", help="ledger.cli_show.id")],
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        with _open(ledger) as log:
            found, linked, proof = log.entry(id), log.linked_from(id), log.prove(id)
            corrected, signer = log.corrected(), log.signer(found.index)
            if as_json:
                links = [{"role": role, "id": source, "type": kind} for role, source, kind in linked]
                more = {
                    "body": found.body.decode(), "linked_from": links, "proof": vars(proof),
                    "signed_by": None if signer is None else str(signer),
                }  # fmt: skip
                output.emit(record(found, corrected) | more)
                return
            output.show(*page(found, linked, corrected, proof, signer))


def _log(group: typer.Typer) -> None:
    @command(group, "log", "ledger.cli_log")
    def log(
        type: Annotated[str, optional("ledger.metavar.type", "ledger.cli_log.type")] = "",
        area: Annotated[str, optional("ledger.metavar.area", "ledger.cli_log.area")] = "",
        author: Annotated[str, optional("ledger.metavar.author", "ledger.cli_log.author")] = "",
        since: Annotated[str, optional("ledger.metavar.date", "ledger.cli_log.since")] = "",
        until: Annotated[str, optional("ledger.metavar.date", "ledger.cli_log.until")] = "",
        last: Annotated[int, typer.Option(metavar="cli.metavar.number", help="ledger.cli_log.last")] = 50,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        if last < 1:
            raise BadInput("ledger.cli_log.bad_last", value=last)
        with _open(ledger) as held:
            try:
                found = held.entries(
                    type=type or None, area=area or None, author=author or None, since=since or None,
                    until=until or None, newest=last,
                )  # fmt: skip
            except BadInput as error:
                if error.key != "ledger.bad.when":
                    raise
                raise BadInput(error.key, **error.values | {"field": f"--{error.values['field']}"}) from None
            size, corrected = len(held), held.corrected()
            if as_json:
                output.emit([record(one, corrected) for one in found])
            elif found:
                output.show(table(found, corrected), say("ledger.cli_log.count", shown=len(found), size=size))
            else:
                output.show(say("ledger.cli_log.empty", path=held.name, size=size))


def _verify(group: typer.Typer) -> None:
    @command(group, "verify", "ledger.cli_verify")
    def verify(
        bundle: Annotated[
            Path | None, typer.Argument(metavar="ledger.metavar.bundle", help="ledger.cli_verify.bundle")
        ] = None,
        against: Annotated[Path | None, optional("cli.metavar.file", "ledger.cli_verify.against")] = None,
        key: Annotated[list[str] | None, optional("ledger.metavar.key", "ledger.cli_verify.key")] = None,
        save: Annotated[Path | None, optional("cli.metavar.file", "ledger.cli_verify.save")] = None,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin.ledger import verify_bundle

        if bundle is not None and ledger:
            raise BadInput("ledger.cli_verify.both", path=bundle, other=ledger)
        kept = None if against is None else _text(against)
        if bundle is not None:
            name, found = str(bundle), verify_bundle(bundle, keys=_keys(key), kept=kept)
        else:
            with _open(ledger) as log, output.progress() as report:
                stage = say("ledger.cli_verify.stage")
                found = log.verify(
                    keys=_keys(key) or None, kept=kept, progress=lambda share: report(stage, share, 1.0)
                )
                name = log.name
        if as_json:
            output.emit(found.to_dict())
        elif found.ok:
            output.show(*_verified(found, bundle))
        if not found.ok:
            if not as_json:
                output.complain(say("ledger.cli_verify.bad", count=found.count, path=name))
                for problem in found.problems:
                    output.complain(f"  {problem}")
                if found.count > len(found.problems):
                    output.complain(
                        "  " + say("ledger.cli_verify.more", count=found.count - len(found.problems))
                    )
            if save is not None:
                output.complain(say("ledger.cli_verify.unsaved"))
            raise Exit(Damaged.exit_code)
        if save is not None:
            write(save, found.checkpoint.encode())
            output.remark(say("ledger.cli_verify.saved", path=save))


def _verified(found: Verification, bundle: Path | None) -> list[str]:
    from tocsin.ledger import Checkpoint

    lines = [say("ledger.cli_verify.good", size=found.size, checkpoints=found.checkpoints)]
    whole = Checkpoint.of_note(found.checkpoint).size
    if bundle is not None and found.size < whole:
        lines.append(say("ledger.cli_verify.part", size=found.size, whole=whole))
    if found.keys:
        lines.append(say("ledger.cli_verify.signed", signatures=found.signatures, keys=found.keys))
        lines += [
            say(
                "ledger.cli_verify.signer", key=one.key.short, count=one.count,
                first=one.runs[0][0], last=one.runs[-1][1],
            )
            for one in found.signers
        ]  # fmt: skip
    else:
        lines.append(say("ledger.cli_verify.no_keys" if bundle is None else "ledger.cli_import.unchecked"))
    if found.kept is not None:
        lines.append(say("ledger.cli_verify.kept", size=found.kept))
    return lines


def _export(group: typer.Typer) -> None:
    @command(group, "export", "ledger.cli_export")
    def export(
        out: Annotated[Path, typer.Argument(metavar="ledger.metavar.bundle", help="ledger.cli_export.out")],
        id: Annotated[list[str] | None, optional("ledger.metavar.id", "ledger.cli_export.id")] = None,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin.ledger import export_bundle

        with _open(ledger) as log:
            made = export_bundle(log, out, ids=id or None)
        if as_json:
            output.emit(vars(made))
        else:
            output.show(
                say("ledger.cli_export.written", entries=made.entries, size=made.size, path=made.path)
            )
            part = " --part" if made.entries < made.size else ""
            output.remark(say("ledger.cli_export.check", part=part))


def _import(group: typer.Typer) -> None:
    @command(group, "import", "ledger.cli_import")
    def import_(
        bundle: Annotated[
            Path, typer.Argument(metavar="ledger.metavar.bundle", help="ledger.cli_import.bundle")
        ],
        key: Annotated[list[str] | None, optional("ledger.metavar.key", "ledger.cli_import.key")] = None,
        ledger: Where = "",
        as_json: Json = False,
    ) -> None:
        from tocsin.ledger import import_bundle, open_for

        with open_for(bundle, ledger or None, keys=_keys(key)) as log:
            done = import_bundle(log, bundle, keys=_keys(key))
            own = log.origin
        if not key and not done.taken_over:
            output.remark(say("ledger.cli_import.unchecked"))
        if as_json:
            output.emit(vars(done))
        else:
            output.show(say("ledger.cli_import.done", recorded=done.recorded, held=done.held))
            if done.taken_over:
                output.show(say("ledger.cli_import.taken_over", origin=done.origin))
            elif done.recorded:
                output.show(say("ledger.cli_import.anew", origin=done.origin, own=own))


def _open(ledger: str, *, create: bool = False) -> Ledger:
    from tocsin.ledger import Ledger

    return Ledger.open(ledger or None, create=create)


def _checked(ledger: str, given: Sequence[Mapping[str, Any] | Entry]) -> int:
    """Return how many entries would be recorded; where there is no ledger yet, in an empty one."""
    try:
        log = _open(ledger)
    except BadInput as error:
        if error.key != "ledger.no_ledger":
            raise
        output.remark(say("ledger.cli_add.none_yet", **error.values))
        with TemporaryDirectory() as folder, _open(f"{folder}/ledger.sqlite", create=True) as empty:
            return empty.check(given)
    with log:
        tell_pause(log)
        return log.check(given)


def _keys(texts: list[str] | None) -> tuple[VerifierKey, ...]:
    from tocsin.ledger import VerifierKey

    return tuple(VerifierKey.parse(text) for text in texts or ())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Damaged("ledger.bad_checkpoint") from None


def _from_files(files: list[str], type: str) -> list[dict[str, Any]]:
    from tocsin.ledger import parse_entries, read_entries

    found: list[dict[str, Any]] = []
    for name in files:
        if name == "-":
            found += parse_entries(sys.stdin.buffer.read(), name=say("ledger.cli_add.stdin"))
        else:
            found += read_entries(Path(name))
    return [{"type": type} | one for one in found] if type else found


def _proposed(given: Mapping[str, Any] | Entry) -> Entry:
    """Return the entry; an agreement with the active groups it does not name as proposed non-signatories."""
    from tocsin.hindsight import propose_non_signatories
    from tocsin.ledger import entry, write_yaml
    from tocsin.ledger.entries import Agreement
    from tocsin.watch import current_groups

    made = entry(given) if isinstance(given, Mapping) else given
    if not isinstance(made, Agreement):
        return made
    filled = propose_non_signatories(made, current_groups(months.today()))
    count = len(filled.non_signatories) - len(made.non_signatories)
    output.remark(say("ledger.cli_add.proposed", count=count, id=filled.id))
    if count:
        shown = filled.content()["non_signatories"][-count:]
        output.remark(write_yaml({"non_signatories": shown}))
    return filled


def _asked(type: str, propose: bool) -> list[Entry]:
    """Return the entry that a person describes on the terminal, once they have agreed to it."""
    from tocsin.ledger import TYPES, ask_entry, write_yaml

    if not type and not sys.stdin.isatty():
        raise BadInput("ledger.cli_add.no_input")

    def ask(label: str, about: str) -> str:
        output.remark(f"\n{label}\n  {about}")
        return input("> ")

    try:
        while type not in TYPES:
            if type:
                output.complain(say("ledger.bad.type", value=type, choices=", ".join(TYPES)))
            choices = ", ".join(f"{name} ({say(f'ledger.type.{name}')})" for name in TYPES)
            type = ask(say("ledger.label.type"), say("ledger.form.choices", choices=choices)).strip()
        made = ask_entry(type, ask=ask, tell=output.remark)
        if propose:
            made = _proposed(made)
        output.remark(f"\n{say('ledger.form.summary')}\n\n{write_yaml(made.content())}")
        agreed = input(say("ledger.form.confirm") + " ").strip().casefold()
    except EOFError:
        agreed = ""
    if agreed not in ("y", "yes", say("ledger.form.yes"), "oui"):
        output.complain(say("ledger.form.dropped"))
        raise Exit(BadInput.exit_code)
    return [made]


def _show_receipts(receipts: Sequence[Receipt]) -> None:
    for receipt in receipts:
        print(say("ledger.cli_add.recorded", number=receipt.index + 1, id=receipt.id))
    if receipts:
        print(say("ledger.cli_add.receipt", size=receipts[-1].size, root=receipts[-1].root))
