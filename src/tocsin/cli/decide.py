"""`tocsin decide`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin import months
from tocsin.cli import output, words
from tocsin.cli.options import LEADING, Data, Json, Method, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput
from tocsin.files import write
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.decide import Decision, Force
    from tocsin.panel import Panel


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "decide", "decide.command")
    def decide(
        country: Annotated[str, typer.Argument(metavar="cli.metavar.country", help="cli.country")],
        as_of: Annotated[str, optional("cli.metavar.month", "decide.command.as_of")] = "",
        lag: Annotated[int | None, optional("cli.metavar.number", "decide.command.lag")] = None,
        option: Annotated[
            list[str] | None, optional("decide.command.metavar_response", "decide.command.option")
        ] = None,
        options: Annotated[Path | None, optional("cli.metavar.file", "decide.command.options")] = None,
        moments: Annotated[str, optional("decide.command.metavar_moments", "decide.command.moments")] = "",
        horizon: Annotated[
            int, typer.Option(metavar="cli.metavar.number", help="decide.command.horizon")
        ] = 120,
        samples: Annotated[
            int, typer.Option(metavar="cli.metavar.number", help="decide.command.samples")
        ] = 2000,
        death_value: Annotated[
            float, typer.Option(metavar="decide.command.metavar_value", help="decide.command.death_value")
        ] = 0.0,
        method: Method = LEADING,
        data: Data = "auto",
        troops: Annotated[int | None, optional("cli.metavar.number", "decide.command.troops")] = None,
        contested: Annotated[str, optional("decide.command.metavar_cells", "decide.command.contested")] = "",
        contested_people: Annotated[
            int | None, optional("cli.metavar.number", "decide.command.contested_people")
        ] = None,
        explain: Annotated[bool, typer.Option("--explain", help="decide.command.explain")] = False,
        as_json: Json = False,
        out: Annotated[Path | None, optional("cli.metavar.folder", "decide.command.out")] = None,
    ) -> None:
        from tocsin import decide as room

        ahead = numbers(moments, "decide.not_a_moment") or None
        cells = numbers(contested, "decide.not_cells")
        if troops is None and (cells or contested_people is not None):
            option_given = "--contested" if cells else "--contested-people"
            raise BadInput("decide.force.alone", option=option_given, other="--troops")
        given = room.read(options) if options else room.library()
        for name in option or ():
            given.option(name)
        if out is not None and out.exists() and not out.is_dir():
            raise BadInput("decide.out_is_file", out=str(out))
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            panel, month, cut = _panel(words.month_or_none(as_of), data, lag)
            if cut is not None and lag is None:
                output.remark(say("decide.command.reconstructed", month=as_of, lag=cut))
            stale = None if lag is not None else _stale(panel, month)
            report(say("decide.command.stage_price"), 0, None)
            evidence = room.Evidence.of(panel, month=month, method=method, samples=samples)
            made = room.decide(
                evidence, country, options=option, given=given, moments=ahead, horizon=horizon,
                death_value=death_value,
            )  # fmt: skip
            set_against = None
            if troops is not None:
                set_against = room.force(
                    made.country.gw, troops=troops, month=month, as_of=months.today(),
                    origin=made.origin, contested=tuple(cells), contested_people=contested_people,
                )  # fmt: skip
        if out is not None:
            _write(made, set_against, out)
        if as_json:
            if stale:
                output.remark(stale)
            output.emit(_record(made, set_against))
            return
        if stale:
            output.show(stale + "\n")
        output.show(*room.screen(made, width=output.width()))
        if explain:
            output.show(room.traces(made, against=set_against))
        if set_against is not None:
            output.show(*room.ground(set_against))


def numbers(text: str, key: str) -> list[int]:
    """Return whole numbers of 0 or more, written with commas; BadInput, said by `key`, if they are none."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not part.isascii() or not part.isdigit():
            raise BadInput(key, value=part)
    return [int(part) for part in parts]


def _panel(month: int | None, data: str, lag: int | None) -> tuple[Panel, int, int | None]:
    """Return the panel, the month of the decision, and the lag the panel was cut by.

    BadInput for a month that was asked for and is still to come, and for a lag below 0.
    """
    from tocsin.decide import panel_for
    from tocsin.watch import last_month

    today = months.today()
    if lag is not None and lag < 0:
        raise BadInput("panel.negative_lag", lag=lag)
    if month is None:
        panel = current_panel(today, data)
        last = last_month(panel)
        month = last + 1 + (lag or 0)
        if lag:
            _check_past(month, today)
        return panel.until(last), month, None
    _check_past(month, today)
    panel, cut = panel_for(month, lambda day: current_panel(day, data), today=today, lag=lag)
    return panel, month, cut


def _check_past(month: int, today: dt.date) -> None:
    if month > months.of_date(today):
        present = months.label(months.of_date(today))
        raise BadInput("decide.to_come", month=months.label(month), today=present)


def _stale(panel: Panel, month: int) -> str | None:
    """Return what a watch says of data too old to tell of its day, the first of the month; else None."""
    from tocsin.panel import released
    from tocsin.warn import STALE_DAYS

    day, last = months.first_day(month), panel.span.last
    age = (day - months.last_day(last)).days
    if age <= STALE_DAYS:
        return None
    return say(
        "watch.historical", month=months.label(last), days=age, as_of=day.isoformat(),
        releases=released(panel.releases),
    )  # fmt: skip


def _record(made: Decision, set_against: Force | None) -> dict[str, object]:
    from tocsin.decide import explain
    from tocsin.figures import attribution

    traced = [trace.to_dict() for trace in explain(made, against=set_against)]
    whose = attribution(made.releases).to_dict()
    record = {**made.to_dict(), "attribution": whose, "digest": made.digest, "explain": traced}
    return record if set_against is None else {**record, "force": set_against.to_dict()}


def _write(made: Decision, set_against: Force | None, out: Path) -> None:
    from tocsin.decide import draw_charts

    names = [*draw_charts(made, out), "decision.json"]
    text = json.dumps(
        _record(made, set_against), ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False
    )
    write(out / "decision.json", (text + "\n").encode())
    output.remark(say("decide.command.written", out=str(out), files=", ".join(names)))
