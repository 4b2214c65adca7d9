"""Where every number of a decision comes from: data, an estimate, a published source, or an assumption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin import months
from tocsin.decide.force import Force
from tocsin.decide.options import Option
from tocsin.decide.ranges import Basis, Range
from tocsin.decide.record import Decision, Hazard
from tocsin.decide.states import YEAR, name_of
from tocsin.decide.words import percent, rounded
from tocsin.figures.files import CELLS
from tocsin.panel import based, released
from tocsin.text import Language, number, say


@dataclass(frozen=True)
class Trace:
    """One number: its name, its value as shown, and what it rests on.

    said: of what it rests on, in the reader's language; cited: in that of the citation, empty if nothing is.
    """

    name: str
    value: str
    basis: Basis
    said: str
    cited: str = ""

    @property
    def source(self) -> str:
        """The citation and what is said, in full."""
        return " ".join(part for part in (self.cited, self.said) if part)

    def to_dict(self) -> dict[str, str]:
        """Return the trace as plain values."""
        return {"name": self.name, "value": self.value, "basis": self.basis, "source": self.source}


def explain(
    decision: Decision, language: Language | None = None, *, against: Force | None = None
) -> tuple[Trace, ...]:
    """Return a trace of every number that goes into a decision, data first and assumptions last.

    against: a force set against the ground, whose numbers come after the decision's own.
    """
    found = [*_data(decision, language), *_estimates(decision, language)]
    if decision.death_value:
        found.append(
            Trace(
                say("decide.explain.death_value", language), rounded(decision.death_value, language),
                "assumption", say("decide.explain.own_value", language),
            )
        )  # fmt: skip
    for held in decision.model:
        name = held.name.removeprefix("model.").replace("-", "_")
        found.append(range_trace(say(f"decide.explain.{name}", language), held, language))
    for row in decision.options:
        if not row.option.idle:
            found.extend(option_traces(row.option, language))
    if against is not None:
        found.extend(_ground(against, language))
    return tuple(found)


def _data(decision: Decision, language: Language | None) -> Iterator[Trace]:
    origin = months.label(decision.origin)
    panel = say(
        "decide.explain.panel", language, as_of=decision.as_of,
        releases=released(decision.releases, language), basis=based(decision.basis, language),
    )  # fmt: skip
    recent = say("decide.explain.recent", language, origin=origin)
    if decision.recent_months < YEAR:
        recent = say(
            "decide.explain.recent_partly", language, origin=origin, count=decision.recent_months
        )  # fmt: skip
    yield Trace(recent, rounded(decision.recent, language), "data", panel)
    held = say("decide.explain.state_source", language)
    yield Trace(
        say("decide.explain.state", language, origin=origin), name_of(decision.state, language), "data",
        f"{held}. {panel}",
    )  # fmt: skip
    size = decision.economy
    if size:
        name = say("decide.explain.gdp", language, year=size.year, price_year=size.price_year)
        yield Trace(name, rounded(size.gdp, language), "data", say("decide.explain.gdp_source", language))
        source = say("decide.explain.people_source", language, source=size.population_source)
        yield Trace(
            say("decide.explain.people", language, year=size.year), rounded(size.persons, language), "data",
            source,
        )  # fmt: skip


def _estimates(decision: Decision, language: Language | None) -> Iterator[Trace]:
    origin, region = months.label(decision.origin), decision.country.region_name(language)
    yield Trace(
        say("decide.explain.probability", language, origin=origin), percent(decision.probability, language),
        "estimate",
        say("decide.explain.probability_source", language, method=decision.method, origin=origin),
    )  # fmt: skip
    source = say("decide.explain.hazard_source", language, region=region, origin=origin)
    implied = say("decide.explain.implied", language)
    yield Trace(implied, percent(decision.implied, language), "estimate", source)
    for hazard in decision.hazards:
        passage = say(f"decide.passage.{hazard.name}", language)
        name = say("decide.explain.hazard", language, name=passage)
        yield Trace(name, _hazard(hazard, language), "estimate", source)
    deaths = say("decide.explain.deaths_source", language, region=region)
    for hazard in decision.deaths:
        name = say("decide.explain.deaths", language, state=name_of(hazard.name, language))
        yield Trace(name, _hazard(hazard, language), "estimate", deaths)
    yield Trace(
        say("decide.explain.uncapped", language), rounded(decision.uncapped, language), "estimate",
        say("decide.explain.uncapped_source", language),
    )  # fmt: skip


def _ground(found: Force, language: Language | None) -> Iterator[Trace]:
    first, last = months.label(found.origin - YEAR + 1), months.label(found.origin)
    placed = say("decide.explain.events_source", language, releases=released(CELLS.releases, language))
    for part, ratios in enumerate(found.grounds):
        ground, whole = ratios.ground, part == 0
        place = ground.name if whole else say("decide.force.column_contested", language)
        yield Trace(
            say("decide.explain.land", language, place=place), rounded(ground.km2, language), "data",
            say("decide.explain.land_source" if whole else "decide.explain.cells_source", language),
        )  # fmt: skip
        if whole and found.people is not None:
            people = found.people
            yield Trace(
                say("decide.explain.ground_people", language, place=place, year=people.year),
                rounded(people.persons, language), "data",
                say("decide.explain.people_source", language, source=people.source),
            )  # fmt: skip
        elif not whole and ground.persons is not None:
            yield Trace(
                say("decide.explain.contested_people", language, place=place),
                rounded(ground.persons, language), "assumption", say("decide.explain.own_value", language),
            )  # fmt: skip
        for key, value in (("active", ground.active), ("events", ground.events)):
            name = say(f"decide.explain.{key}", language, place=place, first=first, last=last)
            shown = say("decide.force.unknown", language) if value is None else number(value, language)
            yield Trace(name, shown, "data", placed)


def option_traces(option: Option, language: Language | None = None) -> Iterator[Trace]:
    """Yield a trace of every input of a response."""
    label = option.label(language)
    cost = say("decide.explain.cost", language, option=label, year=option.price_year)
    yield range_trace(cost, option.cost, language)
    yield range_trace(say("decide.explain.delay", language, option=label), option.delay, language)
    yield range_trace(say("decide.explain.duration", language, option=label), option.duration, language)
    for name, held in option.effects.items():
        passage = say(f"decide.passage.{name}", language)
        yield range_trace(say("decide.explain.effect", language, option=label, name=passage), held, language)


def range_trace(name: str, held: Range, language: Language | None = None) -> Trace:
    """Return the trace of one input."""
    central = rounded(held.central, language)
    value = central
    if held.low < held.high:
        value = say(
            "decide.explain.range", language, central=central, low=rounded(held.low, language),
            high=rounded(held.high, language),
        )  # fmt: skip
    said = held.remark(language)
    if not held.source and not said:
        said = say("decide.explain.no_source", language)
    return Trace(name, value, held.basis, said, held.source)


def _hazard(hazard: Hazard, language: Language | None) -> str:
    return say(
        "decide.explain.range", language, central=rounded(hazard.value, language),
        low=rounded(hazard.low, language), high=rounded(hazard.high, language),
    )  # fmt: skip
