"""A decision on the screen: tables for a person, and the paragraph that says what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from tocsin import months
from tocsin.decide import economy, words
from tocsin.decide.explain import explain
from tocsin.decide.force import BENCHMARKS, Force, Ratios
from tocsin.decide.record import Decision, Moment, Priced
from tocsin.decide.sensitivity import BreakEven
from tocsin.decide.words import UNKNOWN, percent, rounded, span, whole
from tocsin.text import Language, number, say

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


KEYS = ("deaths", "averted", "loss", "cost", "regret", "best")
DROPPED = ("cost", "averted", "regret", "best")
"""Columns that a narrow screen does without, in this order."""


def screen(
    decision: Decision, language: Language | None = None, *, width: int = 120
) -> Iterator[RenderableType]:
    """Yield the delay table, where acting pays, and the paragraph, for a screen of `width` columns."""
    yield from _delay(decision, language, width)
    priced = decision.economy is not None
    if priced:
        yield _money(decision, language)
        if any(row.even is not None and not row.option.idle for row in decision.options):
            yield _even(decision, language)
    else:
        yield say("decide.table.no_money", language)
    yield f"{words.told(decision, language)} {say('decide.told.explain', language)}"


def traces(decision: Decision, language: Language | None = None, *, against: Force | None = None) -> Table:
    """Return the table of where every number comes from, those of a force's ground among them."""
    table = _table(say("decide.explain.title", language))
    for key in ("number", "value", "basis", "source"):
        table.add_column(say(f"decide.explain.{key}", language), overflow="fold")
    for trace in explain(decision, language, against=against):
        kind = say(f"decide.basis.{trace.basis}", language)
        table.add_row(trace.name, trace.value, kind, trace.source)
    return table


def ground(found: Force, language: Language | None = None) -> Iterator[RenderableType]:
    """Yield the table of a force beside its ground, and what to make of published ratios."""
    title = say(
        "decide.force.title", language, troops=found.troops, country=found.grounds[0].ground.name,
        month=months.label(found.month),
    )  # fmt: skip
    table = _table(title)
    table.add_column(say("decide.force.column_measure", language))
    table.add_column(found.grounds[0].ground.name, justify="right")
    if len(found.grounds) > 1:
        table.add_column(say("decide.force.column_contested", language), justify="right")
    for key in ("per_people", "per_km2", "per_cell", "per_event"):
        cells = [_ratio(ratios, key, language) for ratios in found.grounds]
        table.add_row(say(f"decide.force.{key}", language), *cells)
    yield table
    policing, stabilisation = BENCHMARKS
    yield say(
        "decide.force.note", language, policing=f"{policing.low:.0f}–{policing.high:.0f}",
        stabilisation=number(stabilisation.low, language, decimals=0),
        texas=rounded(found.texas, language), origin=months.label(found.origin),
    )  # fmt: skip
    if found.grounds[0].ground.events is None:
        yield say(
            "decide.force.not_assessed", language, country=found.grounds[0].ground.name,
            origin=months.label(found.origin),
        )  # fmt: skip


def _ratio(ratios: Ratios, key: str, language: Language | None) -> str:
    value = {
        "per_people": ratios.per_thousand_people, "per_km2": ratios.per_thousand_km2,
        "per_cell": ratios.per_active_cell, "per_event": ratios.per_event,
    }[key]  # fmt: skip
    if value is not None:
        return _two(value, language)
    # A ratio to none is none; only what is not counted is not known.
    counted = {"per_cell": ratios.ground.active, "per_event": ratios.ground.events}.get(key)
    return say("decide.force.unknown" if counted is None else "decide.force.none", language)


def _two(value: float, language: Language | None) -> str:
    return number(value, language, decimals=2 if value < 10 else 0)


def _delay(decision: Decision, language: Language | None, width: int) -> Iterator[RenderableType]:
    """Yield one table a response, all with the same columns, the first with their names."""
    from rich.text import Text

    keys = [k for k in KEYS if decision.economy is not None or k in ("deaths", "averted")]
    cells = {
        row.option.name: [
            {
                "moment": _name(row, language) if row.option.idle else words.moment(m.months, language),
                **_cells(row, m, language),
            }
            # Doing nothing costs the same at any moment.
            for m in (row.moments[-1:] if row.option.idle else row.moments)
        ]
        for row in decision.options
    }
    heads = {k: say(f"decide.table.{k}", language) for k in ("moment", *keys)}
    every = [line for lines in cells.values() for line in lines]
    wide = {
        k: max(len(part) for text in (head, *(line[k] for line in every)) for part in text.split("\n"))
        for k, head in heads.items()
    }
    left = []
    for key in DROPPED:
        if key in keys and sum(wide[k] + 3 for k in ("moment", *keys)) > width:
            keys.remove(key)
            left.append(heads[key].replace("\n", " "))
    yield Text(
        say(
            "decide.table.title", language, country=decision.country.name(language),
            month=months.label(decision.month), until=words.until(decision),
        ),
        style="bold",
    )  # fmt: skip
    for place, row in enumerate(decision.options):
        table = _table("" if row.option.idle else _name(row, language))
        table.show_header = place == 0
        for k in ("moment", *keys):
            justify: Literal["left", "right"] = "left" if k == "moment" else "right"
            table.add_column(heads[k], justify=justify, min_width=wide[k], overflow="fold")
        for line in cells[row.option.name]:
            table.add_row(line["moment"], *(line[k] for k in keys))
        yield table
    if left:
        yield say("text.left_out", language, columns=", ".join(left))


def _name(row: Priced, language: Language | None) -> str:
    label = row.option.label(language)
    return label[:1].upper() + label[1:]


def _cells(row: Priced, moment: Moment, language: Language | None) -> dict[str, str]:
    idle = row.option.idle
    return {
        "deaths": span(moment.deaths, 90, language),
        "averted": UNKNOWN if idle else span(moment.averted, 50, language),
        "loss": span(moment.loss, 90, language),
        "cost": whole(moment.cost.mean, language),
        "regret": UNKNOWN if idle else whole(moment.regret.mean, language),
        "best": UNKNOWN if idle else percent(moment.best, language),
    }


def _money(decision: Decision, language: Language | None) -> str:
    value = rounded(decision.death_value, language)
    deaths = (
        say("decide.table.deaths_valued", language, value=value)
        if decision.death_value
        else say("decide.table.deaths_apart", language)
    )
    return say(
        "decide.table.money_note", language, price_year=economy.PRICE_YEAR, until=words.until(decision),
        deaths=deaths,
    )  # fmt: skip


def _even(decision: Decision, language: Language | None) -> Table:
    table = _table(say("decide.even.title", language))
    for place, key in enumerate(("option", "effect", "cost", "probability", "watching")):
        table.add_column(say(f"decide.even.{key}", language), justify="right" if place else "left")
    for row in decision.options:
        if row.even is not None and not row.option.idle:
            table.add_row(row.option.label(language), *_evens(row, row.even, language))
    return table


def _evens(row: Priced, even: BreakEven, language: Language | None) -> list[str]:
    none = say("decide.even.none", language)
    acts = row.watching is not None and row.watching.act_now >= 0.5
    return [
        none if even.effect is None else rounded(even.effect, language),
        none if even.cost is None else rounded(even.cost, language),
        _at(even, language),
        say("decide.even.act", language) if acts else say("decide.even.wait", language),
    ]  # fmt: skip


def _at(even: BreakEven, language: Language | None) -> str:
    """Return the probabilities at which acting pays."""
    if even.probability == 0:
        return say("decide.even.any", language)
    ends = {"from": even.probability, "up_to": even.probability_up_to}
    known = sorted((value, key) for key, value in ends.items() if value is not None)
    said = [say(f"decide.even.{key}", language, value=percent(value, language)) for value, key in known]
    return "\n".join(said) or say("decide.even.none", language)


def _table(title: str) -> Table:
    from rich import box
    from rich.table import Table

    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
