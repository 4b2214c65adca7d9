"""`tocsin forecast --level cell|admin1`: the places of one country."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli import output
from tocsin.cli.reading import current_panel
from tocsin.errors import NotAssessed, UnknownName
from tocsin.text import number, say

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from rich.table import Table

    from tocsin.areas import Country
    from tocsin.local import Layout, LocalForecast, Reconciled
    from tocsin.panel import Panel

LEVELS = ("country", "cell", "admin1")
SHOWN = 12
BAND = (0.1, 0.5, 0.9)
DEATHS = (1, 25)


def check(level: str, choices: Sequence[str] = LEVELS) -> None:
    """Raise UnknownName unless `level` is among the choices."""
    if level not in choices:
        raise UnknownName("panel.unknown_level", value=level, choices=", ".join(choices))


def source(
    level: str, countries: Sequence[str], parent: Panel, origin: int | None, day: dt.date, data: str
) -> tuple[Layout, Panel, int, dict[int, NotAssessed]]:
    """Return layout, panel and last month of the places of some countries (of all when none is named).

    Beside them, those whose places are not known here, with what is told of each; that of the first is raised
    where it is so of all that are named.

    Places come from where `parent`, the panel of countries, does: the vault, to the last month of `parent`,
    or the shipped figures. Of these West Africa's reach further, and are read where all countries named lie
    there.
    """
    from tocsin import areas, local
    from tocsin.watch import reads_vault

    named = [areas.country(name, month=origin) for name in countries]
    outside = [c for c in named if c.gw not in local.west_africa()]
    unplaced: dict[int, NotAssessed] = {}
    if level == "admin1":
        choices = ", ".join(areas.country(gw).name() for gw in local.west_africa())
        unplaced = {c.gw: NotAssessed("local.no_admin1", name=c.name(), choices=choices) for c in outside}
        _some_left([c.gw for c in named], unplaced)
    if reads_vault(day, data):
        from tocsin.vault import Vault
        from tocsin.watch import last_month

        last = origin or last_month(parent)
        read = local.vault_cells if level == "cell" else local.vault_admin1
        layout, panel = read(Vault.open(), as_of=day, origin=last)
    elif level == "admin1":
        layout, panel = local.admin1_data(as_of=day, origin=origin)
    else:
        scope = "west-africa" if named and not outside else "africa"
        layout, panel = local.cell_data(scope, as_of=day, origin=origin)
    last = origin or panel.span.last
    if level == "cell":
        unplaced = {country.gw: told for country in named if (told := _without_cells(country, layout, last))}
        _some_left([c.gw for c in named], unplaced)
    return layout, panel, last, unplaced


def check_covered(
    panel: Panel, codes: Sequence[int], month: int, unplaced: Mapping[int, NotAssessed] | None = None
) -> dict[int, NotAssessed]:
    """Return the countries that no release covers in a month, with what is told of each.

    unplaced: others of which something else is told. What is told of the first is raised if none is left.
    """
    from tocsin.forecast.forecast import not_assessed

    past = panel.until(month)
    unknown = {
        code: not_assessed(code, panel.level, panel.scheme, month)
        for code in codes
        if not past.covered[past.index(code), -1]
    }
    unknown |= unplaced or {}
    _some_left(codes, unknown)
    return unknown


def _some_left(codes: Sequence[int], unknown: Mapping[int, NotAssessed]) -> None:
    """Raise what is told of the first of some countries if there is something to tell of each."""
    if codes and all(code in unknown for code in codes):
        raise unknown[codes[0]]


def _without_cells(country: Country, layout: Layout, month: int) -> NotAssessed | None:
    """Return what is told of a country if the layout holds fewer than half of the cells with its land.

    The last cells of a region reach over its border: a forecast of these would pass for one of the country.
    """
    from tocsin import areas

    land = areas.cells(gw=country.gw, month=month)["gid"].to_list()
    if not land:
        return NotAssessed("local.no_own_cell", name=country.name())
    held = sum(gid in layout.rows for gid in land)
    if not held or 2 * held < len(land):
        return NotAssessed("local.no_cells", name=country.name(), held=held, cells=len(land))
    return None


def run(
    level: str,
    countries: Sequence[str],
    *,
    method: str,
    target: str,
    steps: int,
    day: dt.date,
    origin: int | None,
    data: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Forecast the places of some countries, in agreement with these, and show or write them."""
    from tocsin import areas, local
    from tocsin.panel import in_states, released

    with output.progress() as report:
        report(say("cli.stage_data"), 0, None)
        country = current_panel(day, data)
        layout, panel, last, unplaced = source(level, countries, country, origin, day, data)
        codes = list(dict.fromkeys(areas.country(name, month=last).gw for name in countries))
        unknown = check_covered(country, codes, last, unplaced)
        known = [code for code in codes if code not in unknown]
        report(say("watch.stage_forecast", method=method), 0, None)
        made = local.forecast(
            layout, panel, country, origin=last, steps=range(1, steps + 1), target=target, method=method
        )
    releases = sorted({*panel.releases, *country.releases})
    if out:
        count = local.write_draws(made, out, known or None, releases=releases)
        output.remark(say("local.table.saved", count=count, file=str(out)))
    if as_json:
        left_out = [vars(left) for left in in_states(panel.left_out, known)]
        shown = known or list(made.states)
        record = _record(made, shown, method, releases)
        told = {"gaps": gaps(country, shown, last), "left_out": left_out, "not_assessed": list(unknown)}
        output.emit(record | told)
        return
    for code in codes:
        if code in unknown:
            output.show(str(unknown[code]))
            continue
        output.show(_table(made, code))
        if made.thinned[made.index(code)] >= 0.005:
            share = number(round(100 * float(made.thinned[made.index(code)])))
            output.show(say("local.table.thinned", share=say("text.percent", value=share)))
    output.show(say(f"local.table.located_{made.local.level}", method=method))
    show_gaps(country, known, last)
    for left in in_states(panel.left_out, known):
        output.show(left.text())
    output.show(say("cli.basis", releases=released(releases)))


def gaps(panel: Panel, codes: Sequence[int], origin: int) -> dict[int, list[str]]:
    """Return, for the states that have such months, the runs up to the origin that no release covers."""
    past = panel.until(origin)
    return {code: list(map(str, found)) for code in codes if (found := past.gaps(code))}


def show_gaps(panel: Panel, codes: Sequence[int], origin: int) -> None:
    """Say which months up to the origin no release covers, of the states that have any."""
    from tocsin import areas

    for code, spans in gaps(panel, codes, origin).items():
        name = areas.country(code, month=origin).name()
        output.show(say("cli.forecast.gaps", country=name, spans=", ".join(spans)))


def _record(
    made: Reconciled, codes: Sequence[int], method: str, releases: Sequence[str]
) -> dict[str, object]:
    import numpy as np

    from tocsin import areas, figures, months

    rows: list[dict[str, object]] = []
    for code in codes:
        part = made.local.of_state(code)
        means, bands = part.mean(), part.quantile(BAND)
        chances = {
            f"p_{n}": np.stack([part.probability(n, first=step, last=step) for step in part.steps], axis=1)
            for n in DEATHS
        }
        keys = {"gw": code, "iso3": areas.country(code, month=part.origin).iso3}
        for place, area in enumerate(part.areas):
            for step, month in enumerate(part.months):
                low, middle, high = bands[place, step]
                rows.append(
                    {
                        **keys, "area": area, "month": months.label(month),
                        "assessed": part.assessed[place], "mean": means[place, step],
                        "low_80": low, "median": middle, "high_80": high,
                        **{name: chance[place, step] for name, chance in chances.items()},
                    }
                )  # fmt: skip
        for name, draws in (
            ("unplaced", made.unplaced[made.index(code)]),
            ("total", made.total(code)),
        ):
            for step, month in enumerate(part.months):
                low, middle, high = np.quantile(draws[step], BAND)
                rows.append(
                    {
                        **keys, "area": name, "month": months.label(month), "assessed": True,
                        "mean": float(draws[step].mean()), "low_80": low, "median": middle, "high_80": high,
                        **{f"p_{n}": float((draws[step] >= n).mean()) for n in DEATHS},
                    }
                )  # fmt: skip
    whole = made.local
    return {
        "level": whole.level, "basis": whole.basis, "origin": months.label(whole.origin),
        "target": whole.target, "method": whole.method, "parent": method, "releases": releases,
        "attribution": figures.attribution(releases).to_dict(), "digest": whole.digest,
        "inputs": whole.inputs, "rows": rows,
    }  # fmt: skip


def _table(made: Reconciled, code: int) -> Table:
    from tocsin import areas, months

    part = made.local.of_state(code)
    soon = min(3, len(part.steps))
    title = say(
        f"local.table.title_{part.level}", country=areas.country(code, month=part.origin).name(),
        kind=say(f"kinds.{part.target}"), first=months.label(part.months[0]),
        last=months.label(part.months[-1]),
    )  # fmt: skip
    table = output.table(title)
    totals = part.draws.sum(axis=1)
    order = sorted(range(len(part.rows)), key=lambda r: (-totals[r].mean(), int(part.rows[r])))
    lines: list[tuple[str, ...]] = []
    for row in order[:SHOWN]:
        lines.append((*_names(part, part.areas[part.rows[row]]), *_figures(part.draws[row], soon)))
    rest = part.draws[order[SHOWN:]].sum(axis=0)
    if len(order) > SHOWN:
        others = say("local.table.others", count=number(len(order) - SHOWN))
        lines.append((others, "", *_figures(rest, soon)))
    unplaced, total = made.unplaced[made.index(code)], made.total(code)
    lines.append((say("local.table.unplaced"), "", *_figures(unplaced, soon)))
    lines.append((say("local.table.total"), "", *_figures(total, soon)))
    # Words give way in a narrow terminal, numbers do not: a number cut short is another number. Headings of
    # numbers take two lines, so that 80 columns hold names beside totals of millions.
    widest = [max(map(len, column)) for column in zip(*lines, strict=True)]
    headings = [
        say(f"local.table.{column}", month=months.label(part.months[soon - 1 if column == "soon" else -1]))
        for column in ("area", f"beside_{part.level}", "mean", "interval", "soon", "whole")
    ]
    widths = [max(wide, _in_two_lines(head)) for wide, head in zip(widest, headings, strict=True)]
    word = max(len(word) for line in lines for word in line[0].split(" "))
    fits = word + sum(widths[1:]) + 3 * len(widths) <= output.width()
    if not fits:
        table.caption, table.caption_justify = say("text.left_out", columns=headings[1]), "left"
    for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        if place == 1 and not fits:
            continue
        figures = place >= 2
        table.add_column(
            heading, justify="right" if figures else "left", overflow="fold", width=width if place else None
        )
    for line in lines:
        table.add_row(*(line if fits else (line[0], *line[2:])))
    return table


def _in_two_lines(text: str) -> int:
    """Return the least width at which a text takes no more than two lines, no word broken."""
    longest = max(map(len, text.split(" ")))
    return next(width for width in range(longest, len(text) + 1) if len(textwrap.wrap(text, width)) <= 2)


def _names(part: LocalForecast, area: int | str) -> tuple[str, str]:
    """Return what a person calls a place, and what tells it apart: its code, or the centre of a cell."""
    from tocsin import areas

    if part.level == "admin1":
        return areas.admin1(str(area)).name, str(area)
    lat, lon = areas.grid.centre(int(area))
    return str(area), f"{number(lat)} / {number(lon)}"


def _figures(draws: NDArray[np.integer], soon: int) -> tuple[str, str, str, str]:
    """Return expected deaths, their interval and two probabilities of draws [step, draw] as words."""
    import numpy as np

    from tocsin.watch import percent

    total = draws.sum(axis=0)
    low, high = np.quantile(total, (BAND[0], BAND[-1]))
    return (
        number(round(float(total.mean()), 1), decimals=1),
        f"{number(round(float(low)))}–{number(round(float(high)))}",
        percent(float((draws[:soon].sum(axis=0) >= 1).mean())),
        percent(float((total >= 25).mean())),
    )
