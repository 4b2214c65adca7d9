"""`tocsin map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Method
from tocsin.cli.usage import Group, command
from tocsin.errors import BadInput, NotAssessed
from tocsin.text import say

if TYPE_CHECKING:
    import datetime as dt

    from tocsin.maps import Frame, Map

Country = Annotated[
    str,
    typer.Option("--country", metavar="cli.metavar.country", help="maps.command.country", show_default=False),
]
Month = Annotated[
    str, typer.Option("--month", metavar="cli.metavar.month", help="maps.command.month", show_default=False)
]
Out = Annotated[Path, typer.Option("--out", metavar="cli.metavar.file", help="maps.command.out")]


def add(app: typer.Typer) -> None:
    """Add the group and its commands to the tree."""
    group = typer.Typer(cls=Group, help="maps.command", add_completion=False)
    app.add_typer(group, name="map")

    @command(group, "risk", "maps.command_risk")
    def risk(
        out: Out,
        country: Country = "",
        region: Annotated[
            str,
            typer.Option(
                "--region", metavar="maps.metavar_region", help="maps.command_risk.region", show_default=False
            ),
        ] = "",
        month: Month = "",
        level: Annotated[
            str, typer.Option("--level", metavar="cli.metavar.level", help="maps.command_risk.level")
        ] = "country",
        method: Method = "no-learning",
        as_of: AsOf = "",
        data: Data = "auto",
    ) -> None:
        from tocsin import maps

        maps.check_out(out)
        if bool(country) == bool(region):
            raise BadInput("maps.one_place")
        if maps.known_level(level) != "country":
            raise NotAssessed("maps.level_not_available", level=level, choices="country")
        day = words.today_or(as_of, "--as-of")
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            made = _risk(country, region, words.month_or_none(month), method, day, data)
        maps.draw(made, out)
        output.remark(say("maps.saved", file=str(out)))

    @command(group, "control", "maps.command_control")
    def control(
        out: Out,
        country: Country = "",
        month: Month = "",
        level: Annotated[
            str, typer.Option("--level", metavar="cli.metavar.level", help="control.command.level")
        ] = "admin1",
        hindsight: Annotated[bool, typer.Option("--hindsight", help="control.command.hindsight")] = False,
        as_of: AsOf = "",
        data: Data = "auto",
    ) -> None:
        from tocsin import areas, maps
        from tocsin.control import control as infer
        from tocsin.control import known_level, located
        from tocsin.months import Span

        maps.check_out(out)
        if not country:
            raise BadInput("maps.country_needed")
        day, shown = words.today_or(as_of, "--as-of"), words.month_or_none(month)
        gw = areas.country(country, month=shown).gw
        source = located(gw, level=known_level(level), as_of=day, data=data)
        shown = shown or source.span.last
        method = "smoothed" if hindsight else "filtered"
        # Hindsight on a month needs the months after it.
        span = Span(shown, max(source.span.last, shown) if hindsight else shown)
        found = infer(gw, span=span, as_of=day, level=level, method=method, events=source)
        maps.draw(maps.control_map(found, shown), out)
        output.remark(say("maps.saved", file=str(out)))


def _risk(country: str, region: str, month: int | None, method: str, day: dt.date, data: str) -> Map:
    from tocsin import areas, maps
    from tocsin.forecast import fit
    from tocsin.maps.views import AHEAD
    from tocsin.watch import current_panel, last_month

    panel = current_panel(day, data)
    origin = month or last_month(panel)
    frame: Frame
    if country:
        frame = maps.country_frame(areas.country(country, month=origin).gw, month=origin)
    else:
        frame = maps.region_frame(region, month=origin)
    made = fit(panel, origin=origin, target="total", method=method).predict(range(1, AHEAD + 1))
    return maps.risk_map(made, frame, as_of=day, releases=panel.releases)
