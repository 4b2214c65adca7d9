"""`tocsin forecast`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, places, words
from tocsin.cli.options import LEADING, AsOf, Data, Json, MethodOrOwn, Origin, Target, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.forecast import Forecast
    from tocsin.panel import Panel

LEVELS = (0.1, 0.5, 0.9)


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "forecast", "cli.forecast")
    def forecast(
        countries: Annotated[
            list[str] | None, typer.Argument(metavar="cli.metavar.country", help="cli.forecast.countries")
        ] = None,
        level: Annotated[
            str, typer.Option(metavar="cli.metavar.level", help="cli.forecast.level")
        ] = "country",
        method: MethodOrOwn = LEADING,
        target: Target = "total",
        steps: Annotated[int, typer.Option(metavar="cli.metavar.number", help="cli.forecast.steps")] = 12,
        as_of: AsOf = "",
        origin: Origin = "",
        data: Data = "auto",
        out: Annotated[Path | None, optional("cli.metavar.file", "cli.forecast.out")] = None,
        form: Annotated[str, typer.Option(metavar="cli.metavar.form", help="cli.forecast.form")] = "tocsin",
        why: Annotated[bool, typer.Option("--why", help="cli.forecast.why")] = False,
        as_json: Json = False,
    ) -> None:
        from tocsin.panel import released

        places.check(level)
        if why and level != "country":
            raise BadInput("cli.forecast.why_level", value=level)
        if form != "tocsin" and (out is None or level != "country"):
            raise BadInput("cli.forecast.form_of_what", value=form)
        if not countries and (why or not (out or as_json)):
            raise BadInput("cli.forecast.why_whom" if why else "cli.forecast.no_country")
        from tocsin.forecast import MAX_STEP, fit
        from tocsin.forecast import found as method_of

        if not 1 <= steps <= MAX_STEP:
            raise BadInput("forecast.step_outside", value=steps, last=MAX_STEP)
        if level != "country":
            places.run(
                level, countries or (), method=method, target=target, steps=steps,
                day=words.today_or(as_of, "--as-of"), origin=words.month_or_none(origin), data=data, out=out,
                as_json=as_json,
            )  # fmt: skip
            return
        from tocsin import areas
        from tocsin.reasons import explain_fitted, told
        from tocsin.watch import check_form, last_month, write_draws

        check_form(form)
        day = words.today_or(as_of, "--as-of")
        with output.progress() as report:
            report(say("cli.stage_data"), 0, None)
            panel = current_panel(day, data)
            last = words.month_or_none(origin) or last_month(panel)
            codes = list(dict.fromkeys(areas.country(name, month=last).gw for name in countries or ()))
            unknown = places.check_covered(panel, codes, last)
            known = [code for code in codes if code not in unknown]
            report(say("watch.stage_forecast", method=method), 0, None)
            fitted = fit(panel, origin=last, target=target, method=method_of(method))
            made = fitted.predict(range(1, steps + 1))
        _warn_of_little(panel, known, last)
        reasons = [explain_fitted(fitted, code) for code in known] if why else []
        shown = made.only(codes) if codes else made
        if out:
            write_draws(shown, out, releases=panel.releases, form=form)
            output.remark(say("cli.forecast.saved", file=str(out)))
        if as_json:
            record = _record(shown, panel)
            output.emit(record | {"reasons": [found.to_dict() for found in reasons]} if why else record)
        else:
            for code in codes:
                output.show(str(unknown[code]) if code in unknown else _table(shown, code))
            for found in reasons:
                output.show(told(found), "")
            places.show_gaps(panel, known, last)
            output.show(say("cli.basis", releases=released(panel.releases)))


def _warn_of_little(panel: Panel, codes: Sequence[int], origin: int) -> None:
    from tocsin import areas
    from tocsin.watch import little

    for code in codes:
        past = panel.covered[panel.index(code), : origin - panel.span.first + 1]
        name = areas.country(code, month=origin).name()
        if told := little(int(past.sum()), origin, of=name):
            output.remark(told)


def _record(made: Forecast, panel: Panel) -> dict[str, object]:
    from tocsin import areas, figures, months

    quantiles, mean = made.quantile(LEVELS), made.draws.mean(axis=2)
    chances = {n: (made.draws >= n).mean(axis=2) for n in places.DEATHS}
    # A state that does not exist at the origin is no country that goes unassessed.
    codes = {state.gw: state.iso3 for state in areas.countries(month=made.origin)}
    rows = []
    for place, area in enumerate(made.areas):
        if area not in codes:
            continue
        known = bool(made.assessed[place])
        for step, month in enumerate(made.months):
            low, middle, high = quantiles[place, step]
            rows.append(
                {
                    "gw": area,
                    "iso3": codes[int(area)],
                    "month": months.label(month),
                    "assessed": known,
                    "mean": mean[place, step] if known else None,
                    "low_80": low,
                    "median": middle,
                    "high_80": high,
                    **{f"p_{n}": chance[place, step] if known else None for n, chance in chances.items()},
                }
            )
    return {
        "origin": months.label(made.origin), "method": made.method, "target": made.target,
        "releases": panel.releases, "attribution": figures.attribution(panel.releases).to_dict(),
        "digest": made.digest, "inputs": made.inputs, "rows": rows,
        "gaps": places.gaps(panel, [int(area) for area in made.areas if area in codes], made.origin),
    }  # fmt: skip


def _table(made: Forecast, code: int) -> Table:
    from tocsin import areas, months
    from tocsin.watch import lies_above, percent

    path = made.path(code)
    name = areas.country(code, month=made.origin).name()
    kind = say(f"kinds.{made.target}")
    origin = months.label(made.origin)
    title = say("cli.forecast.title", country=name, method=made.method, origin=origin, kind=kind)
    table = output.table(title)
    columns: dict[str, list[str]] = {
        name: [] for name in ("month", "mean", "median", "interval", "p1", "p25")
    }
    quantiles = made.quantile(LEVELS)[made.index(code)]
    rare = any(map(lies_above, path.mean(axis=-1), quantiles[:, -1]))
    for month, draws, (low, middle, high) in zip(made.months, path, quantiles, strict=True):
        columns["month"].append(months.label(month))
        columns["mean"].append(number(round(float(draws.mean()))))
        columns["median"].append(number(round(float(middle))))
        columns["interval"].append(f"{number(round(float(low)))}–{number(round(float(high)))}")
        for n in places.DEATHS:
            columns[f"p{n}"].append(percent(float((draws >= n).mean())))
    headings = {name: say(f"cli.forecast.column_{name}") for name in columns}
    widths = {name: max(map(len, [headings[name], *cells])) for name, cells in columns.items()}
    # In a narrow terminal whole columns give way: a number cut short is another number.
    for spare in ("p1", "mean", "median"):
        if sum(widths.values()) + 3 * len(widths) > output.width():
            del columns[spare], widths[spare]
    notes = [say("reasons.rare_among")] if rare and "mean" in columns else []
    if left := [heading for name, heading in headings.items() if name not in columns]:
        notes.append(say("text.left_out", columns=", ".join(left)))
    table.caption, table.caption_justify = "\n".join(notes), "left"
    for name in columns:
        table.add_column(
            headings[name], justify="left" if name == "month" else "right", min_width=widths[name]
        )
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells)
    return table
