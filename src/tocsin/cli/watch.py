"""`tocsin watch`."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin import months
from tocsin.cli import archive, output, words
from tocsin.cli.bringing import Place
from tocsin.cli.options import AsOf, Data, Json, Origin, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput, TocsinError
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.ledger import Entry
    from tocsin.panel import Panel
    from tocsin.watch import Alerts


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "watch", "cli.watch")
    def watch(
        out: Annotated[Path, typer.Option(metavar="cli.metavar.folder", help="cli.watch.out")] = Path("out"),
        as_of: AsOf = "",
        origin: Origin = "",
        data: Data = "auto",
        fetch: Annotated[bool, typer.Option("--fetch", help="cli.watch.fetch")] = False,
        lag: Annotated[int | None, optional("cli.metavar.number", "cli.watch.lag")] = None,
        rules: Annotated[Path | None, optional("cli.metavar.file", "cli.watch.rules")] = None,
        auto_issue: Annotated[str | None, optional("warn.metavar.role", "cli.watch.auto_issue")] = None,
        no_warnings: Annotated[bool, typer.Option("--no-warnings", help="cli.watch.no_warnings")] = False,
        top: Annotated[int, typer.Option(metavar="cli.metavar.number", help="cli.watch.top", min=1)] = 20,
        as_json: Json = False,
    ) -> None:
        from tocsin.beside import cores
        from tocsin.ledger.clock import now
        from tocsin.warn import role
        from tocsin.watch import failure_noted, keep, screen
        from tocsin.watch import watch as run
        from tocsin.watch.archive import prepared

        began, by = now(), None if auto_issue is None else role(auto_issue, "--auto-issue")
        day, month = words.today_or(as_of, "--as-of", began.date()), words.month_or_none(origin)
        alerts = None if no_warnings else _alerts(rules, by, data)
        # What a watch issues may be the first entry of a ledger that was named.
        record = partial(recorded, day, new=True)
        if fetch and (as_of or data == "figures"):
            raise BadInput("cli.watch.fetch_past")
        with failure_noted(out):
            # A ledger that cannot be read, or an archive not written, is told before the forecasts.
            record()
            kept_in = prepared(archive.folder())
            if fetch:
                _renew(day)
            with output.progress() as report:
                report(say("cli.stage_data"), 0, None)
                panel = _panel(day, data, lag)
                found = run(
                    panel, as_of=day, origin=month, out=out, alerts=alerts, record=record,
                    beside=cores() > 1, progress=report,
                )  # fmt: skip
                made = keep(found, kept_in, began=began)
        if as_json:
            output.emit(found.to_dict())
        else:
            output.show(screen(found, top=top, out=out, width=output.width()))
        if by is not None:
            archive.put_on_record([made], by, archive.recorded_by(dt.date.max, new=True))


def recorded(day: dt.date, *, new: bool = False) -> list[Entry] | None:
    """Return the entries of the ledger but those called wrong by `day`; None without a ledger.

    new: as for `tocsin.ledger.existing`.
    """
    from tocsin.ledger import existing

    with existing(new=new) as held:
        return None if held is None else held.uncorrected(day)


def _renew(day: dt.date) -> None:
    """Bring in what is new, with a line for each release; what cannot be had is an error.

    day: of which the watch is. What came after its end is told, for the watch does not read it.
    """
    try:
        found = Place(None).renew("file", lambda came: output.remark(came.line), stop=True)
    except TocsinError:
        output.complain(say("cli.watch.not_fetched"))
        raise
    for sentence in found.remarks:
        output.remark(sentence)
    if late := found.known_after(day):
        output.remark(say("cli.watch.fetched_late", releases=", ".join(late), day=day.isoformat()))


def _panel(day: dt.date, data: str, lag: int | None) -> Panel:
    if lag is None:
        return current_panel(day, data)
    return current_panel(months.today(), data).known(day, lag)


def _alerts(rules: Path | None, by: str | None, data: str) -> Alerts:
    from tocsin import warn
    from tocsin.ledger import Ledger, locate
    from tocsin.watch import Alerts, current_groups

    chosen = warn.built_in() if rules is None else warn.read(rules)
    return Alerts(locate().keys, chosen, by, Ledger.open, partial(current_groups, data=data))
