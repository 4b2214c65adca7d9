"""`tocsin tally` and the commands under it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import Exit

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import Group, command
from tocsin.errors import BadInput, NotAssessed, TocsinError
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.panel import Panel
    from tocsin.sources.download import Progress
    from tocsin.tally import Comparison, Offer, Shelf, Tally

MONTHS = 24
"""Months shown of a country unless asked otherwise: as many as are compared."""

MOST = 600


def add(app: typer.Typer) -> None:
    """Add the commands to the tree."""
    group = typer.Typer(cls=Group, help="tally.cli")
    app.add_typer(group, name="tally")
    for make in (_fetch, _add, _list, _compare, _withdraw):
        make(group)


def shelf() -> Shelf:
    """Return the tallies of the home that the environment names; nothing is made."""
    from tocsin.tally import Shelf
    from tocsin.vault.folder import locate

    return Shelf(locate(None).root)


def _add(group: typer.Typer) -> None:
    @command(group, "add", "tally.cli_add")
    def add_(
        files: Annotated[list[Path], typer.Argument(metavar="cli.metavar.file", help="tally.cli_add.files")],
        known_at: Annotated[str, optional("cli.metavar.day", "tally.cli_add.known_at", "--known-at")] = "",
        again: Annotated[bool, typer.Option("--again", help="tally.cli_add.again")] = False,
        as_json: Json = False,
    ) -> None:
        day = words.day(known_at, "--known-at") if known_at else None
        held, records, failed = shelf(), [], 0
        with output.progress() as report:
            for count, path in enumerate(files):
                report(path.name, count, len(files))
                try:
                    tally, new = held.add(path, known_at=day, again=again)
                except TocsinError as error:
                    output.complain(str(error))
                    failed = failed or error.exit_code
                    continue
                records.append(_receipt_record(tally, new, path))
                if not as_json:
                    output.show(_receipt(tally, new, path))
        if as_json:
            output.emit({"home": held.home, "tallies": records})
        if failed:
            output.complain(
                say("tally.cli_add.some_failed", failed=len(files) - len(records), all=len(files))
            )
            raise Exit(failed)


def _receipt_record(tally: Tally, new: bool, path: Path) -> dict[str, object]:
    return tally.to_dict() | {"file": path, "status": "new" if new else "held"}


def _receipt(tally: Tally, new: bool, path: Path) -> str:
    return "\n  ".join(_receipt_lines(tally, new, path))


def _receipt_lines(tally: Tally, new: bool, path: Path) -> Iterator[str]:
    from tocsin.tally import span_of

    layout = say(f"tally.layout.{tally.layout}")
    yield say(
        f"tally.cli_add.{'new' if new else 'held'}", file=path.name, layout=layout, span=str(tally.span),
        countries=tally.countries,
    )  # fmt: skip
    yield say("tally.cli_add.rows", rows=tally.rows, sha256=tally.sha256)
    if tally.under_way:
        yield say("tally.cli_add.under_way", months=span_of(tally.under_way))
    if lost := [(code, deaths) for code, deaths in tally.elsewhere if deaths]:
        codes = ", ".join(code for code, _ in lost)
        yield say("tally.cli_add.elsewhere", codes=codes, deaths=sum(deaths for _, deaths in lost))
    if tally.alone:
        yield say("tally.cli_add.alone")
    if tally.lacking:
        yield say("tally.cli_add.lacking", types=", ".join(tally.lacking))
    yield say(f"tally.cli_add.known_{tally.basis}", day=tally.known_at.date().isoformat())


def _fetch(group: typer.Typer) -> None:
    @command(group, "fetch", "tally.cli_fetch")
    def fetch(
        years: Annotated[
            list[int] | None,
            typer.Option(
                "--year", metavar="cli.metavar.year", help="tally.cli_fetch.year", show_default=False
            ),
        ] = None,
        out: Annotated[Path | None, optional("cli.metavar.folder", "tally.cli_fetch.out")] = None,
        as_json: Json = False,
    ) -> None:
        import platformdirs

        from tocsin import months, tally

        folder = out or platformdirs.user_cache_path("tocsin", appauthor=False) / "downloads"
        records: list[dict[str, object]] = []
        failed = 0
        with output.progress() as report:
            report(say("tally.cli_fetch.asking"), 0, None)
            offered = tally.offers()
            for one in _wanted(offered, years or (), months.today().year):
                try:
                    record, told = _brought(one, folder, out, partial(report, one.name))
                except NotAssessed as error:
                    # In January and its first days after, the year's file has no month that is over.
                    record, told = {"file": one.name, "status": "nothing_yet"}, str(error)
                except TocsinError as error:
                    output.complain(str(error))
                    failed = failed or error.exit_code
                    continue
                records.append(record)
                if not as_json:
                    output.show(told)
        if as_json:
            output.emit({"place": out or shelf().home, "files": records})
        if failed:
            raise Exit(failed)


def _wanted(offered: tuple[Offer, ...], years: Sequence[int], this: int) -> list[Offer]:
    """Return the files of the years asked for; of none, those of last year and this, else the latest."""
    from tocsin.tally import offer_of

    asked = [offer_of(year, offered) for year in years]
    recent = [one for one in offered if one.last >= this - 1]
    return list(dict.fromkeys(asked)) or recent or list(offered[:1])


def _unchanged(offer: Offer) -> bool:
    """Return whether what is held of a file came after it was last put there."""
    held = [one for one in shelf().tallies(as_of=dt.datetime.now(dt.UTC)) if one.name == offer.name]
    return any(offer.changed_at is not None and one.retrieved_at >= offer.changed_at for one in held)


def _brought(
    offer: Offer, folder: Path, out: Path | None, progress: Progress
) -> tuple[dict[str, object], str]:
    """Fetch a file, keep its tally and let the file go; in a folder of the user's, `out`, it stays."""
    from tocsin.tally import fetch

    if out is None and _unchanged(offer):
        told = say("tally.cli_fetch.unchanged", file=offer.name)
        return {"file": offer.name, "status": "unchanged"}, told
    path = fetch(offer, folder, progress=progress)
    if out is not None:
        return {"file": path, "status": "saved"}, say("tally.cli_fetch.saved", file=str(path))
    try:
        tally, new = shelf().add(path)
    finally:
        path.unlink()
    return _receipt_record(tally, new, path) | {"file": path.name}, _receipt(tally, new, path)


def _list(group: typer.Typer) -> None:
    @command(group, "list", "tally.cli_list")
    def list_(as_of: AsOf = "", as_json: Json = False) -> None:
        day = words.today_or(as_of, "--as-of")
        held = shelf().tallies(as_of=day)
        if as_json:
            output.emit({"as_of": day, "tallies": [one.to_dict() for one in held]})
        elif held:
            output.show(_listed(held), _whose())
        else:
            output.show(str(_none(day)))


def _listed(held: Sequence[Tally]) -> Table:
    table = output.table()
    for name in ("layout", "span", "countries", "known", "sha256"):
        right = name == "countries"
        table.add_column(say(f"tally.column_{name}"), justify="right" if right else "left", no_wrap=not right)
    for one in held:
        table.add_row(
            say(f"tally.layout.{one.layout}"), str(one.span), number(one.countries),
            one.known_at.date().isoformat(), one.short,
        )  # fmt: skip
    return table


def _compare(group: typer.Typer) -> None:
    @command(group, "compare", "tally.cli_compare")
    def compare(
        countries: Annotated[
            list[str] | None,
            typer.Argument(metavar="cli.metavar.country", help="tally.cli_compare.countries"),
        ] = None,
        shown: Annotated[
            int, typer.Option("--months", metavar="cli.metavar.number", help="tally.cli_compare.months")
        ] = MONTHS,
        as_of: AsOf = "",
        data: Data = "auto",
        out: Annotated[Path | None, optional("cli.metavar.file", "tally.cli_compare.out")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin import areas, drawing, tally
        from tocsin.panel import released

        day = words.today_or(as_of, "--as-of")
        if not 1 <= shown <= MOST:
            raise BadInput("tally.shown_outside", value=shown, most=MOST)
        if out:
            drawing.check_out(out)
            if len(countries or ()) != 1:
                raise BadInput("tally.picture_of_one", count=len(countries or ()))
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            monthly = shelf().monthly(as_of=day)
            if not monthly.height:
                raise _none(day)
            panel = current_panel(day, data)
            asked = [areas.country(name).gw for name in countries or ()]
            found = [
                tally.compare(panel, monthly, gw, shown=shown) for gw in asked or tally.countries(monthly)
            ]
        source = say("tally.source", releases=released(panel.releases), terms=tally.ACLED.terms)
        if out:
            tally.draw(found[0], out, source)
            output.remark(say("tally.cli_compare.saved", file=str(out)))
        if as_json:
            output.emit(_record(found, panel, day))
        elif asked:
            for one in found:
                output.show(_monthly(one), *tally.sentences(one), "")
            output.show(source)
        else:
            output.show(_overview(found), say("tally.columns"), say("tally.apart"), source)


def _overview(found: Sequence[Comparison]) -> Table:
    from tocsin import areas, tally

    table = output.table(say("tally.overview", months=tally.MONTHS), padding=(0, 1, 0, 0))
    for name in ("country", "both", "ucdp", "other", "ratio", "together", "ahead"):
        left = name == "country"
        # Of all only a country's name gives way on a narrow screen: a number cut off would be another.
        table.add_column(
            say(f"tally.column_{name}"), justify="left" if left else "right", no_wrap=not left,
            min_width=12 if left else None,
        )  # fmt: skip
    for one in sorted(found, key=lambda one: (-max(one.other, one.ucdp), one.gw)):
        table.add_row(
            areas.name_then(one.gw, one.months[-1].month), number(one.both),
            number(one.ucdp) if one.both else "?", number(one.other) if one.both else "?", tally.ratio(one),
            f"{number(one.together)}/{number(one.changes)}" if one.changes else "–",
            number(one.ahead_deaths) if one.ahead else "–",
        )  # fmt: skip
    return table


def _monthly(found: Comparison) -> Table:
    from tocsin import areas, months

    where = areas.name_then(found.gw, found.months[-1].month)
    table = output.table(say("tally.title", where=where))
    for name in ("month", "ucdp", "other", "events"):
        table.add_column(say(f"tally.column_{name}"), justify="left" if name == "month" else "right")
    for one in found.months:
        values = (one.ucdp, one.other, one.events)
        table.add_row(months.label(one.month), *("?" if v is None else number(v) for v in values))
    return table


def _record(found: Sequence[Comparison], panel: Panel, day: dt.date) -> dict[str, object]:
    from tocsin import figures, tally

    return {
        "as_of": day, "releases": panel.releases, "attribution": figures.attribution_of(panel).to_dict(),
        "other": {
            "publisher": tally.ACLED.publisher, "citation": tally.ACLED.citation, "terms": tally.ACLED.terms,
        },
        "countries": [one.to_dict() | {"iso3": _code(one.gw)} for one in found],
    }  # fmt: skip


def _code(gw: int) -> str:
    from tocsin import areas

    return areas.country(gw).iso3 or "XKX"


def _whose() -> str:
    from tocsin.tally import ACLED

    return say("tally.whose", citation=ACLED.citation, terms=ACLED.terms)


def _none(day: dt.date) -> NotAssessed:
    from tocsin.tally import DOWNLOADS

    return NotAssessed("tally.none_held", as_of=day.isoformat(), downloads=DOWNLOADS)


def _withdraw(group: typer.Typer) -> None:
    @command(group, "withdraw", "tally.cli_withdraw")
    def withdraw(
        named: Annotated[
            str, typer.Argument(metavar="tally.metavar.sha256", help="tally.cli_withdraw.named")
        ],
        reason: Annotated[str, typer.Option(metavar="cli.metavar.reason", help="tally.cli_withdraw.reason")],
        as_json: Json = False,
    ) -> None:
        gone = shelf().withdraw(named, reason=reason)
        if as_json:
            output.emit({"withdrawn": gone.to_dict()})
            return
        assert gone.withdrawn_at is not None
        at = gone.withdrawn_at.isoformat(timespec="seconds")
        output.show(say("tally.cli_withdraw.done", file=gone.name, sha256=gone.short, at=at))
