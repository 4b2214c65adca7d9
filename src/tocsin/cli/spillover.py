"""`tocsin spillover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, places, words
from tocsin.cli.options import AsOf, Data, Json, Target, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput, NotAssessed
from tocsin.text import number, points, say

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from rich.table import Table

    from tocsin.spillover import CellSpillover, Change, FittedSpillover, Link, Spillover

LEVELS = ("country", "cell")

MANY = 100
"""Deaths in a neighbour that deserve a sentence even where nothing of them is seen."""


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "spillover", "spillover.command")
    def spillover(
        country: Annotated[
            str, typer.Argument(metavar="cli.metavar.country", help="spillover.command.country")
        ] = "",
        month: Annotated[str, optional("cli.metavar.month", "spillover.command.month")] = "",
        level: Annotated[
            str, typer.Option(metavar="cli.metavar.level", help="spillover.command.level")
        ] = "country",
        target: Target = "total",
        top: Annotated[int, typer.Option(metavar="cli.metavar.number", help="spillover.command.top")] = 12,
        as_of: AsOf = "",
        data: Data = "auto",
        as_json: Json = False,
    ) -> None:
        places.check(level, LEVELS)
        if top < 1:
            raise BadInput("spillover.bad_top", value=top)
        if level == "cell" and not country:
            raise BadInput("spillover.no_country")
        from tocsin import areas
        from tocsin.spillover import assess, has_cells
        from tocsin.watch import last_month

        day = words.today_or(as_of, "--as-of")
        if level == "cell":
            _cells(country, words.month_or_none(month), target, day, data, top, as_json)
            return
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            panel = current_panel(day, data)
            last = words.month_or_none(month) or last_month(panel)
            gw = areas.country(country, month=last).gw if country else None
            fitted = assess(panel, month=last, target=target)
        if gw is None:
            links = fitted.strongest(top)
            if as_json:
                output.emit(_strongest_record(fitted, links))
            else:
                output.show(
                    _strongest(fitted, links), *fitted.left_out("spillover.left_out"), *_basis(panel.releases)
                )
            return
        found = fitted.of(gw)
        if not found.links and not has_cells(gw, month=last):
            raise NotAssessed("spillover.no_reach", name=areas.country(gw, month=last).name())
        found.check_known()
        if as_json:
            output.emit(_record(found))
        else:
            output.show(_table(found, top), *_sentences(found), *_basis(found.releases))


def _cells(
    country: str, month: int | None, target: str, day: dt.date, data: str, top: int, as_json: bool
) -> None:
    from tocsin import areas, months
    from tocsin.figures import attribution
    from tocsin.kinds import target as target_of
    from tocsin.local import LocalHistory, fit
    from tocsin.local.traces import MEMORY
    from tocsin.panel import released
    from tocsin.spillover import into_cells, unknown_around

    with output.progress() as report:
        report(say("cli.stage_data"), 0, None)
        parent = current_panel(day, data)
        layout, panel, last, _ = places.source("cell", [country], parent, month, day, data)
        gw = areas.country(country, month=last).gw
        places.check_covered(parent, [gw], last)
        history = LocalHistory.of(layout, panel, parent, last, target_of(target))
        found, unknown = into_cells(fit(history), gw), unknown_around(history, gw)
    if as_json:
        output.emit(
            {
                "country": gw, "month": months.label(last), "target": target, "basis": panel.basis,
                "releases": panel.releases, "attribution": attribution(panel.releases).to_dict(),
                "cells": [vars(cell) for cell in found], "not_assessed": unknown,
            }
        )  # fmt: skip
        return
    name = areas.country(gw, month=last).name()
    if found:
        output.show(_cell_table(found[:top], name, months.label(last), last), say("spillover.explain_cells"))
    else:
        output.show(say("spillover.no_cell_near", country=name, months=MEMORY))
    if unknown:
        names = ", ".join(areas.country(code, month=last).name() for code in unknown)
        output.show(say("spillover.unknown_cells", month=months.label(last), names=names))
    output.show(say("cli.basis", releases=released(panel.releases)))


def _record(found: Spillover) -> dict[str, object]:
    from tocsin import areas, months
    from tocsin.figures import attribution
    from tocsin.spillover import REACH_KM, has_cells

    return {
        "country": found.gw, "iso3": areas.country(found.gw, month=found.month).iso3,
        "month": months.label(found.month), "target": found.kind, "own_deaths_3": found.own_3,
        "own_deaths_12": found.own_12, "reach_km": REACH_KM,
        "distances_measured": has_cells(found.gw, month=found.month),
        "together": [_change(change) for change in found.together],
        "links": [_link(link, found.month) for link in found.links], "not_assessed": found.not_assessed,
        "releases": found.releases, "attribution": attribution(found.releases).to_dict(),
        "inputs": found.inputs,
    }  # fmt: skip


def _strongest_record(fitted: FittedSpillover, links: Sequence[Link]) -> dict[str, object]:
    from tocsin import months
    from tocsin.figures import attribution_of
    from tocsin.spillover import REACH_KM

    panel = fitted.terms.panel
    return {
        "month": months.label(fitted.month), "target": fitted.terms.target, "reach_km": REACH_KM,
        "links": [_link(link, fitted.month) for link in links], "not_assessed": fitted.not_assessed,
        "releases": panel.releases, "attribution": attribution_of(panel).to_dict(),
    }  # fmt: skip


def _link(link: Link, month: int) -> dict[str, object]:
    from tocsin.spillover import direction

    return {
        "source": link.source, "target": link.target, "km": link.near.km, "touches": link.near.touches,
        "direction": direction(link.target, link.source, month=month),
        "deaths_3": link.deaths_3, "deaths_12": link.deaths_12,
        "changes": [_change(change) for change in link.changes],
    }  # fmt: skip


def _change(change: Change) -> dict[str, object]:
    return {**vars(change), "share": change.share, "noticeable": change.noticeable}


def _seen(link: Link, month: int) -> str:
    """Return the name of a link's source and where it lies as seen from the target."""
    from tocsin import areas
    from tocsin.spillover import direction

    name = areas.country(link.source, month=month).name()
    side = direction(link.target, link.source, month=month)
    return f"{name}, {say(f'spillover.directions.{side}')}" if side else name


def _table(found: Spillover, top: int) -> Table:
    from tocsin import areas, months

    name = areas.country(found.gw, month=found.month).name()
    title = say(
        "spillover.title", country=name, kind=say(f"kinds.{found.kind}"), month=months.label(found.month)
    )
    table = _empty(title, ("from", "distance", "deaths"), found.together)
    for link in [link for link in found.links if link.deaths_12][:top]:
        table.add_row(
            _seen(link, found.month),
            say("spillover.touches") if link.near.touches else number(link.near.km),
            number(link.deaths_12),
            *map(_points, link.changes),
        )
    deaths = sum(link.deaths_12 for link in found.links)
    table.add_row(say("spillover.together"), "", number(deaths), *map(_points, found.together))
    return table


def _strongest(fitted: FittedSpillover, links: Sequence[Link]) -> Table:
    from tocsin import areas, months

    last = fitted.regressions[-1]
    title = say(
        "spillover.strongest", month=months.label(fitted.month), kind=say(f"kinds.{fitted.terms.target}"),
        at_least=last.at_least, within=last.within,
    )  # fmt: skip
    table = _empty(title, ("from", "to", "distance", "deaths"), links[0].changes if links else ())
    for link in links:
        table.add_row(
            _seen(link, fitted.month),
            areas.country(link.target, month=fitted.month).name(),
            say("spillover.touches") if link.near.touches else number(link.near.km),
            number(link.deaths_12),
            *map(_points, link.changes),
        )
    return table


def _cell_table(found: Sequence[CellSpillover], name: str, label: str, month: int) -> Table:
    from tocsin import areas
    from tocsin.watch import percent

    table = _empty(
        say("spillover.cells", country=name, month=label),
        ("cell", "centre", "full", "beside", "abroad", "direction"), (),
    )  # fmt: skip
    for cell in found:
        lat, lon = areas.grid.centre(cell.gid)
        where = ""
        if cell.source is not None:
            source = areas.country(cell.source, month=month).name()
            where = f"{source}, {say(f'spillover.directions.{cell.direction}')}"
        table.add_row(
            str(cell.gid), f"{number(lat)} / {number(lon)}", percent(cell.full), _signed(cell.beside),
            _signed(cell.abroad), where,
        )  # fmt: skip
    return table


def _empty(title: str, columns: Sequence[str], changes: Sequence[Change]) -> Table:
    table = output.table(title)
    for column in columns:
        words_in = column in ("from", "to", "direction")
        table.add_column(say(f"spillover.{column}"), justify="left" if words_in else "right")
    for change in changes:
        told = say("spillover.question", at_least=change.at_least, within=change.within)
        table.add_column(told, justify="right")
    return table


def _sentences(found: Spillover) -> list[str]:
    from tocsin import areas
    from tocsin.spillover import REACH_KM, has_cells
    from tocsin.watch import percent

    told = [say("spillover.own", three=found.own_3, twelve=found.own_12)]
    measured = has_cells(found.gw, month=found.month)
    if not measured:
        told.append(say("spillover.no_cells"))
    if found.not_assessed:
        told.append(found.unknown())
    if not any(link.deaths_12 for link in found.links):
        nobody = "nobody_else" if found.not_assessed else "nobody"
        return [*told, say(f"spillover.{nobody}", km=int(REACH_KM))] if measured else told
    for change in found.together:
        told.append(
            say(
                f"spillover.summary_{'some' if change.noticeable else 'almost_nothing'}",
                at_least=change.at_least,
                within=change.within,
                full=percent(change.full),
                without=percent(change.without),
                added=_signed(change.added),
                low=_signed(change.low),
                high=_signed(change.high),
            )
        )
    for link in found.links:
        if link.deaths_12 < MANY:
            continue
        name = areas.country(link.source, month=found.month).name()
        change = max(link.changes, key=lambda c: abs(c.added))
        if not any(one.noticeable for one in link.changes):
            told.append(
                say(
                    "spillover.nothing", source=name, deaths=link.deaths_12, added=_signed(change.added),
                    low=_signed(change.low), high=_signed(change.high),
                )
            )  # fmt: skip
            continue
        if abs(change.alone) < abs(change.added) / 2:
            value = abs(round(100 * change.alone, 1))
            way = ("raises" if change.alone < 0 else "lowers") if value else "leaves"
            told.append(
                say(
                    f"spillover.alone_{way}", source=name, deaths=link.deaths_12,
                    at_least=change.at_least, value=number(value, decimals=1),
                )
            )  # fmt: skip
    return told


def _basis(releases: Sequence[str]) -> list[str]:
    from tocsin.panel import released
    from tocsin.spillover import REACH_KM

    return [
        say("spillover.explain", km=int(REACH_KM)),
        say("cli.basis", releases=released(releases)),
    ]


def _points(change: Change) -> str:
    return say(
        "spillover.points", value=_signed(change.added), low=_signed(change.low), high=_signed(change.high)
    )


def _signed(value: float) -> str:
    return points(value, decimals=1)
