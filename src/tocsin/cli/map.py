"""`tocsin map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, places, words
from tocsin.cli.options import LEADING, AsOf, Data, Method, PlaceLevel, Smoothed, Target, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import Group, command
from tocsin.errors import BadInput, NotAssessed
from tocsin.months import parse
from tocsin.text import say

if TYPE_CHECKING:
    import datetime as dt

    from tocsin.maps import Frame, Map

Country = Annotated[str, optional("cli.metavar.country", "cli.country", "--country")]
Month = Annotated[str, optional("cli.metavar.month", "maps.command.month", "--month")]
Region = Annotated[str, optional("maps.metavar_region", "maps.command.region", "--region")]
Out = Annotated[Path, typer.Option("--out", metavar="cli.metavar.file", help="maps.command.out")]


_LATEST = parse("2024-12")
"""A month in which all states of today exist."""


def add(app: typer.Typer) -> None:
    """Add the group and its commands to the tree."""
    group = typer.Typer(cls=Group, help="maps.command")
    app.add_typer(group, name="map")

    @command(group, "risk", "maps.command_risk")
    def risk(
        out: Out,
        country: Country = "",
        region: Region = "",
        month: Month = "",
        level: Annotated[
            str, typer.Option("--level", metavar="cli.metavar.level", help="maps.command_risk.level")
        ] = "country",
        method: Method = LEADING,
        as_of: AsOf = "",
        data: Data = "auto",
    ) -> None:
        from tocsin import maps

        _check(out, country, region)
        day, shown = words.today_or(as_of, "--as-of"), words.month_or_none(month)
        known = maps.known_level(level)
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            if known == "country":
                made = _risk(country, region, shown, method, day, data)
            else:
                made = _places(known, country, region, shown, method, day, data)
        _draw(made, out)

    @command(group, "spillover", "maps.command_spillover")
    def spillover(
        out: Out,
        country: Country = "",
        region: Region = "",
        month: Month = "",
        level: Annotated[
            str, typer.Option("--level", metavar="cli.metavar.level", help="spillover.command.level")
        ] = "country",
        target: Target = "total",
        as_of: AsOf = "",
        data: Data = "auto",
    ) -> None:
        from tocsin.cli.spillover import LEVELS

        _check(out, country, region)
        places.check(level, LEVELS)
        day, shown = words.today_or(as_of, "--as-of"), words.month_or_none(month)
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            draw = _links if level == "country" else _into_cells
            made = draw(country, region, shown, target, day, data)
        _draw(made, out)

    @command(group, "control", "maps.command_control")
    def control(
        out: Out,
        country: Country = "",
        region: Region = "",
        month: Month = "",
        level: PlaceLevel = "admin1",
        hindsight: Smoothed = False,
        as_of: AsOf = "",
        data: Data = "auto",
    ) -> None:
        from tocsin.control import known_level

        _check(out, country, region)
        day, shown = words.today_or(as_of, "--as-of"), words.month_or_none(month)
        known_level(level)
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            made = _control(country, region, shown, level, hindsight, day, data)
        _draw(made, out)


def _check(out: Path, country: str, region: str) -> None:
    from tocsin import drawing

    drawing.check_out(out)
    if bool(country) == bool(region):
        raise BadInput("maps.one_place")


def _draw(made: Map, out: Path) -> None:
    from tocsin import maps

    maps.draw(made, out)
    output.remark(say("maps.saved", file=str(out)))


def _frame(country: str, region: str, month: int) -> Frame:
    from tocsin import areas, maps

    if country:
        return maps.country_frame(areas.country(country, month=month).gw, month=month)
    return maps.region_frame(region, month=month)


def _risk(country: str, region: str, month: int | None, method: str, day: dt.date, data: str) -> Map:
    from tocsin import maps
    from tocsin.forecast import fit
    from tocsin.maps.views import AHEAD
    from tocsin.watch import last_month

    panel = current_panel(day, data)
    origin = month or last_month(panel)
    frame = _frame(country, region, origin)
    made = fit(panel, origin=origin, target="total", method=method).predict(range(1, AHEAD + 1))
    return maps.risk_map(made, frame, as_of=day, releases=panel.releases)


def _places(
    level: str, country: str, region: str, month: int | None, method: str, day: dt.date, data: str
) -> Map:
    from tocsin import local, maps
    from tocsin.maps.views import AHEAD

    frame = _known_frame(level, country, region, month, day, data)
    parent = current_panel(day, data)
    layout, panel, origin, _ = places.source(level, _named(frame, level), parent, month, day, data)
    frame = _frame(country, region, origin)
    made = local.forecast(
        layout, panel, parent, origin=origin, steps=range(1, AHEAD + 1), target="total", method=method
    )
    releases = sorted({*panel.releases, *parent.releases})
    return maps.places_map(made.local, frame, as_of=day, releases=releases, parent=method)


def _links(country: str, region: str, month: int | None, target: str, day: dt.date, data: str) -> Map:
    from tocsin import areas, maps
    from tocsin.spillover import REACH_KM, assess
    from tocsin.watch import last_month

    panel = current_panel(day, data)
    last = month or last_month(panel)
    if country:
        # States within reach count, so they are to be seen.
        gw = areas.country(country, month=last).gw
        frame = maps.country_frame(gw, month=last, around_km=0.75 * REACH_KM)
    else:
        frame = maps.region_frame(region, month=last)
    return maps.spillover_map(assess(panel, month=last, target=target), frame, as_of=day)


def _into_cells(country: str, region: str, month: int | None, target: str, day: dt.date, data: str) -> Map:
    from tocsin import maps
    from tocsin.kinds import target as target_of
    from tocsin.local import LocalHistory, fit
    from tocsin.spillover import into_cells

    frame = _known_frame("cell", country, region, month, day, data)
    parent = current_panel(day, data)
    layout, panel, last, _ = places.source("cell", _named(frame, "cell"), parent, month, day, data)
    frame = _frame(country, region, last)
    history = LocalHistory.of(layout, panel, parent, last, target_of(target))
    known = [int(layout.areas[row]) for row in history.covered[:, -1].nonzero()[0]]
    return maps.spillover_cells_map(
        into_cells(fit(history), None), frame, month=last, target=target, areas_known=known, as_of=day,
        releases=panel.releases,
    )  # fmt: skip


def _control(
    country: str, region: str, month: int | None, level: str, hindsight: bool, day: dt.date, data: str
) -> Map:
    from tocsin import areas, maps
    from tocsin.control import control as infer
    from tocsin.control import known_level, located
    from tocsin.months import Span

    if country:
        codes = [areas.country(country, month=month).gw]
    else:
        # Cells may be held for it in the vault, which only reading shows.
        if level == "admin1":
            frame = _known_frame(level, "", region, month, day, data)
        else:
            frame = _frame("", region, month or _LATEST)
        codes = [c.gw for c in areas.countries(month=month or _LATEST) if c.gw in (frame.gws or (c.gw,))]
        if level == "admin1":
            codes = [gw for gw in codes if gw in areas.admin1_countries()]
    sources = {}
    for gw in codes:
        try:
            sources[gw] = located(gw, level=known_level(level), as_of=day, data=data)
        except NotAssessed:
            # In a region, a country without located events stays hatched.
            if country:
                raise
    if not sources:
        raise NotAssessed("control.no_events", name=region)
    shown = month or min(source.span.last for source in sources.values())
    # So does one whose events end before the month; if all do, the first says so.
    sources = {gw: source for gw, source in sources.items() if shown in source.span} or sources
    found = []
    for gw, source in sources.items():
        # Hindsight on a month needs the months after it.
        span = Span(shown, max(source.span.last, shown) if hindsight else shown)
        method = "smoothed" if hindsight else "filtered"
        found.append(infer(gw, span=span, as_of=day, level=level, method=method, events=source))
    return maps.control_map(found, shown, frame=_frame(country, region, shown))


def _known_frame(level: str, country: str, region: str, month: int | None, day: dt.date, data: str) -> Frame:
    """Return the frame; NotAssessed where nothing at that level is known in it."""
    from tocsin import areas
    from tocsin.watch import reads_vault

    frame = _frame(country, region, month or _LATEST)
    shown = set(frame.gws) if frame.gws is not None else None
    held = areas.admin1_countries()
    if level == "admin1" and shown is not None and not shown & set(held):
        choices = ", ".join(areas.country(gw).name() for gw in held)
        raise NotAssessed("maps.admin1_cover", where=country or region, choices=choices)
    ships = set(areas.challenge_countries(month or _LATEST))
    if level == "cell" and shown is not None and not shown & ships and not reads_vault(day, data):
        raise NotAssessed("maps.cells_cover", where=country or region)
    return frame


def _named(frame: Frame, level: str) -> list[str]:
    """Return the countries whose places are asked for; none where it is a whole region of many."""
    from tocsin import areas

    codes = frame.gws or ()
    if level == "admin1":
        codes = tuple(gw for gw in codes if gw in areas.admin1_countries())
    return [str(gw) for gw in codes] if len(codes) <= len(areas.admin1_countries()) else []
