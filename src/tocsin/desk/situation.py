"""The situation: the ranking as a table, and the same figures as colours of a map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from tocsin.desk.snapshot import Line, Snapshot
from tocsin.errors import UnknownName
from tocsin.maps import Class, Scale, chances, scale
from tocsin.maps.frame import REGIONS
from tocsin.text import Language, number, say
from tocsin.text import points as in_points

Measure = Literal["probability", "expected", "change"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

Order = Literal["rank", "name", "recent", "expected", "probability", "change"]
ORDERS: tuple[Order, ...] = get_args(Order)

Name = TypeVar("Name", bound=str)

EXPECTED = (1, 5, 25, 100, 250, 1000, 2500)
"""Bounds of the classes of expected deaths in three months."""

NOTED, RISES = 0.03, 12
"""A change of probability worth naming, and how many rises are named at most."""

CHANGES = (-0.2, -0.1, -0.03, 0.03, 0.1, 0.2)
"""Bounds of the classes of a change of probability."""

# Brewer's PuOr, seven classes, reversed: purple for falling, orange for rising, apart for every kind of
# colour vision (Harrower & Brewer 2003).
DIVERGING = ("#542788", "#998ec3", "#d8daeb", "#f7f7f7", "#fee0b6", "#f1a340", "#b35806")


@dataclass(frozen=True)
class Situation:
    """What the page shows: lines in their order, the legend of the map's colours, and the largest rises."""

    measure: Measure
    region: str | None
    order: Order
    lines: tuple[Line, ...]
    legend: Scale
    rising: tuple[Line, ...]

    def colour(self, line: Line) -> str | None:
        """Return the colour of a country on the map; None where it is not assessed."""
        value = _told(line) if self.measure == "change" else getattr(line, self.measure)
        return None if value is None else self.legend.colour(value)


def direction(line: Line) -> Literal["up", "down", ""]:
    """Return where a change worth naming goes; nothing for a smaller one, and for none."""
    change = _told(line) or 0
    return "up" if change >= NOTED else "down" if change <= -NOTED else ""


def _told(line: Line) -> float | None:
    """Return a change in the whole points that it is told in, so that it is classed as what is read."""
    return None if line.change is None else round(100 * line.change) / 100


def situation(
    snapshot: Snapshot, language: Language, *, measure: str = "probability", region: str = "",
    order: str = "rank",
) -> Situation:  # fmt: skip
    """Return the situation as asked for; UnknownName, with the choices, for a name that is none."""
    chosen: Measure = _one_of(measure, MEASURES, "desk.unknown_measure")
    sorted_by: Order = _one_of(order, ORDERS, "desk.unknown_order")
    if region and region not in REGIONS:
        raise UnknownName("desk.unknown_region", value=region[:40], choices=", ".join(REGIONS))
    lines = [line for line in snapshot.lines if not region or line.country.region == region]
    if sorted_by == "name":
        lines.sort(key=lambda line: line.country.name(language).casefold())
    else:
        key = _KEYS[sorted_by]
        lines.sort(key=lambda line: (not line.assessed, key(line), line.rank or 0, line.gw))
    rising = sorted(
        (line for line in lines if direction(line) == "up"),
        key=lambda line: (-(line.change or 0), line.rank or 0),
    )
    return Situation(
        chosen, region or None, sorted_by, tuple(lines), _legend(chosen, language), tuple(rising[:RISES])
    )


def _one_of(value: str, choices: tuple[Name, ...], key: str) -> Name:
    for choice in choices:
        if value == choice:
            return choice
    raise UnknownName(key, value=value[:40], choices=", ".join(choices))


def _falling(name: str) -> Callable[[Line], float]:
    def key(line: Line) -> float:
        value = getattr(line, name)
        return 0.0 if value is None else -float(value)

    return key


_KEYS: Mapping[Order, Callable[[Line], float]] = {
    "rank": lambda line: line.rank or 0,
    **{name: _falling(name) for name in ("recent", "expected", "probability", "change")},
}


def _legend(measure: Measure, language: Language) -> Scale:
    if measure == "probability":
        return chances(language)
    if measure == "expected":
        return scale(EXPECTED, [_label(low, high, language) for low, high in _pairs(EXPECTED)])
    labels = [_label(low, high, language, points=True) for low, high in _pairs(CHANGES)]
    classes = [Class(colour, label) for colour, label in zip(DIVERGING, labels, strict=True)]
    return Scale(CHANGES, tuple(classes))


def _pairs(bounds: tuple[float, ...]) -> list[tuple[float | None, float | None]]:
    return list(zip((None, *bounds), (*bounds, None), strict=True))


def _label(low: float | None, high: float | None, language: Language, *, points: bool = False) -> str:
    def text(value: float) -> str:
        return in_points(value, language) if points else number(value, language)

    if low is None:
        assert high is not None
        return say("desk.below", language, high=text(high))
    if high is None:
        return say("desk.above", language, low=text(low))
    return say("desk.between", language, low=text(low), high=text(high))
