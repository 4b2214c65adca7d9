"""`tocsin replay`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import Json, optional
from tocsin.cli.usage import command
from tocsin.errors import BadInput

if TYPE_CHECKING:
    import datetime as dt

    from tocsin.replay import Case


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "replay", "replay.command")
    def replay(
        case: Annotated[
            str, typer.Argument(metavar="replay.command.metavar_case", help="replay.command.case")
        ] = "",
        country: Annotated[str, optional("cli.metavar.country", "replay.command.country")] = "",
        first: Annotated[str, optional("cli.metavar.month", "replay.command.first", "--from")] = "",
        last: Annotated[str, optional("cli.metavar.month", "replay.command.last", "--to")] = "",
        lags: Annotated[
            list[int] | None,
            typer.Option(metavar="replay.command.metavar_lags", help="replay.command.lags", min=0, max=36),
        ] = None,
        data: Annotated[
            str, typer.Option(metavar="cli.metavar.data", help="replay.command.data")
        ] = "figures",
        method: Annotated[str, optional("cli.metavar.method", "replay.command.method", "--method")] = "",
        no_price: Annotated[bool, typer.Option("--no-price", help="replay.command.no_price")] = False,
        as_of: Annotated[str, optional("cli.metavar.day", "replay.command.as_of", "--as-of")] = "",
        out: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="replay.command.out")] = Path(
            "replay"
        ),
        as_json: Json = False,
    ) -> None:
        from tocsin.replay import produce, screen

        day = words.day(as_of, "--as-of") if as_of else None
        chosen = _case(case, country, first, last, tuple(lags or ()), data, day)
        with output.progress() as report:
            found = produce(
                chosen,
                out=out,
                data=data,
                method=method or None,
                priced=not no_price,
                as_of=day,
                progress=report,
            )
        if as_json:
            output.emit(found.to_dict())
        else:
            output.show(screen(found, out=out))


def _case(
    case: str, country: str, first: str, last: str, lags: tuple[int, ...], data: str, day: dt.date | None
) -> Case:
    import dataclasses

    from tocsin.ledger.clock import latest_day, now
    from tocsin.months import Span, parse
    from tocsin.replay import case_of, check_compiled, load, newest, shipped_cases, source_panel

    if len(set(lags)) < len(lags):
        raise BadInput("replay.command.lag_twice", value=" ".join(map(str, lags)))
    if case:
        if country or first or last:
            raise BadInput("replay.command.both")
        held = load(case)
        check_compiled(held, latest_day(now()))
        return dataclasses.replace(held, lags=lags) if lags else held
    if not country:
        raise BadInput("replay.command.nothing", choices=", ".join(shipped_cases()))
    if not (first and last):
        raise BadInput("replay.command.span")
    known = newest(data) if day is None else day
    outcomes = source_panel(country, data, as_of=known)
    span = Span(parse(first), parse(last))
    return case_of(country, span, outcomes, lags=lags or (1, 7), compiled=known)
