"""`tocsin status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Json
from tocsin.cli.usage import command
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.vault import Status


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "status", "cli.status")
    def status(
        as_of: AsOf = "",
        verify: Annotated[bool, typer.Option("--verify", help="cli.status.verify")] = False,
        as_json: Json = False,
    ) -> None:
        from tocsin import months
        from tocsin.figures import manifest
        from tocsin.tally import Shelf
        from tocsin.vault import Vault
        from tocsin.watch import passes_over_vault

        vault, day = Vault.open(), words.today_or(as_of, "--as-of")
        held = vault.status(as_of=day)
        beside = Shelf(vault.home).tallies(as_of=day)
        checked = vault.verify() if verify else None
        if as_json:
            tallies = [one.to_dict() for one in beside]
            told = {"verified": checked, "figures": manifest()["tables"], "tallies": tallies}
            output.emit(held.to_dict() | told)
            return
        output.show(say("cli.status.home", home=str(held.home), as_of=held.as_of.isoformat()))
        if held.releases:
            output.show(_table(held))
        else:
            output.show(say("cli.status.empty"))
        for sentence in _remarks(held):
            output.show(sentence)
        output.show(*freshness(held))
        if held.gaps:
            output.show(say("cli.status.gaps", spans=", ".join(map(str, held.gaps))))
        if held.lacking:
            releases = ", ".join(release.name for release in held.lacking)
            output.show(say("cli.status.lacking", releases=releases, count=len(held.lacking)))
        if beside:
            last = max(one.span.last for one in beside)
            output.show(say("cli.status.tallies", count=len(beside), month=months.label(last)))
        known = manifest()["tables"]["country_month"]["known_at"]
        output.show(say("cli.status.figures", known=known))
        if passes_over_vault(day):
            output.show(say("cli.vault_passed_over"))
        if checked is not None:
            output.show(say("cli.status.verified", count=checked))


def freshness(held: Status) -> tuple[str, ...]:
    """Say which month is the last that a complete release covers, of some countries and of all."""
    if held.last_month is None:
        return ()
    told, days = held.to_dict(), held.days_since_last_month
    last = say("cli.status.fresh", month=told["last_month"], days=days)
    if held.last_month_of_all is None:
        return last, say("cli.status.never_of_all")
    if held.last_month_of_all != held.last_month:
        return last, say("cli.status.fresh_of_all", month=told["last_month_of_all"])
    return (last,)


def _remarks(held: Status) -> Iterator[str]:
    """Yield which releases cover some countries only, and which vintages stand, were withdrawn or wait."""
    for release in held.releases:
        named = {"publisher": release.publisher, "release": release.release}
        if release.countries is not None and not release.partial:
            yield say("cli.status.countries", **named, count=len(release.countries))
        for v in release.standing if release.contested else ():
            yield say("cli.status.standing", **named, sha256=v.short, file=v.name)
    for v in held.withdrawn:
        assert v.withdrawn_at is not None
        yield say(
            "cli.status.withdrawn", publisher=v.publisher, release=v.release, sha256=v.short, file=v.name,
            day=v.withdrawn_at.date().isoformat(), reason=v.reason,
        )  # fmt: skip
    for v in held.ahead:
        yield say(
            "cli.status.ahead", publisher=v.publisher, release=v.release, sha256=v.short, file=v.name,
            at=v.known_at.isoformat(timespec="seconds"),
        )  # fmt: skip


def _table(held: Status) -> Table:
    table = output.table(padding=0)
    for name in ("release", "coverage", "vintages", "rows", "flagged", "refused", "age"):
        left = name in ("release", "coverage")
        table.add_column(say(f"cli.status.column_{name}"), justify="left" if left else "right", no_wrap=left)
    for release in held.releases:
        partial = f" {say('cli.status.partial')}" if release.partial else ""
        table.add_row(
            f"{release.publisher} {release.release}",
            f"{release.span}{partial}",
            *(number(n) for n in (release.vintages, release.rows, release.flagged, release.refused)),
            number(release.days_since_last_month),
        )
    return table
