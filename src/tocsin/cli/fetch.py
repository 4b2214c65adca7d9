"""`tocsin fetch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import Exit

from tocsin import months
from tocsin.cli import output
from tocsin.cli.bringing import Place
from tocsin.cli.options import Json, optional
from tocsin.cli.status import freshness
from tocsin.cli.usage import command
from tocsin.errors import BadInput, UnknownName
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.sources.fetching import Via

WAYS = ("file", "api")


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "fetch", "cli.fetch")
    def fetch(
        source: Annotated[
            str, typer.Argument(metavar="cli.metavar.source", help="cli.fetch.source", show_default=False)
        ] = "",
        release: Annotated[str, optional("cli.metavar.release", "cli.fetch.release")] = "",
        via: Annotated[str, typer.Option(metavar="cli.metavar.via", help="cli.fetch.via")] = "file",
        out: Annotated[Path | None, optional("cli.metavar.folder", "cli.fetch.out")] = None,
        as_json: Json = False,
    ) -> None:
        if via not in WAYS:
            raise UnknownName("cli.fetch.unknown_via", value=via, choices=", ".join(WAYS))
        way: Via = "api" if via == "api" else "file"
        place = Place(out)
        if release:
            _one(place, source, release, way, as_json)
        elif source:
            raise BadInput("cli.fetch.no_release", source=source)
        else:
            _all_new(place, way, as_json)


def _one(place: Place, source: str, release: str, via: Via, as_json: bool) -> None:
    from tocsin.sources import Release

    with output.progress() as report:
        came = place.bring(source or Release.parse(release).product, release, via, report)
    if as_json:
        output.emit(came.record)
    else:
        output.show(came.text)


def _all_new(place: Place, via: Via, as_json: bool) -> None:
    found = place.renew(via, lambda came: None if as_json else output.show(came.line))
    # What came after midnight is known from the new day on.
    status = place.status(months.today())
    if as_json:
        last = status.to_dict()["last_month"] if status else None
        output.emit({"place": place.name, "last_month": last} | found.record)
    else:
        output.show(*found.remarks, *(freshness(status) if status else ()))
    if found.failed:
        output.complain(say("cli.fetch.some_failed", releases=", ".join(found.failed)))
    if found.exit_code:
        raise Exit(found.exit_code)
