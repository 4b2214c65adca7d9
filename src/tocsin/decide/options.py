"""The responses that can be priced: the library that ships, and a user's own, from TOML."""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tocsin.decide.effects import TRANSITIONS
from tocsin.decide.ranges import Range, Source, read_range, read_sources
from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.text import Language, say

LONGEST = 600
"""Most months a delay or a duration can last."""

MODEL = {
    "growth-loss-low": 0.5, "growth-loss-high": 0.5, "market-factor": 5.0, "discount": 0.5, "inflation": 0.5,
}  # fmt: skip
"""The inputs that are no part of a response, and the most that each can be."""

_KEYS = {"name", "currency", "price_year", "cost", "delay", "duration", "effects"}


@dataclass(frozen=True)
class Option:
    """One response.

    cost:     million of `currency` at prices of `price_year`, a month, from the decision to the effect's end.
    delay:    months from the decision to the first effect; duration: months of effect.
    effects:  by transition (a name in `effects.TRANSITIONS`), a share from 0 to 1.
    shipped:  whether it is of the library.
    """

    name: str
    title: str
    currency: str
    price_year: int
    cost: Range
    delay: Range
    duration: Range
    effects: Mapping[str, Range]
    shipped: bool

    def label(self, language: Language | None = None) -> str:
        """Return the name to show."""
        if not self.shipped:
            return self.title or self.name
        return say(f"decide.option.{self.name.replace('-', '_')}", language)

    @property
    def idle(self) -> bool:
        """Whether it does nothing."""
        return not self.effects

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Every uncertain input of the response."""
        return (self.cost, self.delay, self.duration, *self.effects.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the response as plain values."""
        return {
            "name": self.name, "currency": self.currency, "price_year": self.price_year,
            "shipped": self.shipped, "inputs": [held.to_dict() for held in self.ranges],
        }  # fmt: skip


@dataclass(frozen=True)
class Library:
    """Responses by name, the inputs of the model, and where they were read."""

    options: Mapping[str, Option]
    model: Mapping[str, Range]
    file: str

    def option(self, name: str) -> Option:
        """Return a response by name; UnknownName, with the choices, if there is none."""
        if name not in self.options:
            close = difflib.get_close_matches(name, self.options, n=1)
            raise UnknownName(
                "decide.options.unknown_close" if close else "decide.options.unknown",
                value=name, close=close[0] if close else "", choices=", ".join(self.options),
            )  # fmt: skip
        return self.options[name]


@cache
def library() -> Library:
    """Return the responses and inputs that ship with the package."""
    text = (resources.files("tocsin.decide") / "options.toml").read_text(encoding="utf-8")
    return _parsed(tomllib.loads(text), "options.toml", shipped=True, base=None)


def read(path: str | os.PathLike[str]) -> Library:
    """Return the shipped responses with those of a user's TOML file added, or put in place of theirs.

    A `[model.NAME]` table takes the place of that input. BadFile if the file cannot be read or is no TOML;
    BadInput, naming the input, its value and what is allowed, for a value that cannot be used.
    """
    try:
        held = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadFile("decide.options.unread", file=str(path), reason=reason) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile("decide.options.not_toml", file=str(path), reason=str(error)) from None
    return _parsed(held, str(path), shipped=False, base=library())


def _parsed(held: dict[str, Any], file: str, *, shipped: bool, base: Library | None) -> Library:
    allowed = ("sources", "model", "options")
    for table in held:
        if table not in allowed:
            raise BadInput("decide.options.unknown_key", file=file, name=table, choices=", ".join(allowed))
    sources = read_sources(_table(held, "sources", file), file)
    model = dict(base.model) if base else {}
    for name, given in _table(held, "model", file).items():
        if name not in MODEL:
            raise BadInput(
                "decide.options.unknown_key", file=file, name=f"model.{name}", choices=", ".join(MODEL)
            )
        model[name] = read_range(f"model.{name}", given, most=MODEL[name], sources=sources, file=file)
    options = dict(base.options) if base else {}
    for name, given in _table(held, "options", file).items():
        options[name] = _option(name, given, sources, file, shipped)
    return Library(options, model, file)


def _option(name: str, given: object, sources: dict[str, Source], file: str, shipped: bool) -> Option:
    place = f"options.{name}"
    if not isinstance(given, dict):
        raise BadInput("decide.options.not_a_table", file=file, name=place)
    for key in given:
        if key not in _KEYS:
            raise BadInput(
                "decide.options.unknown_key", file=file, name=f"{place}.{key}",
                choices=", ".join(sorted(_KEYS)),
            )  # fmt: skip
    for key in ("cost", "delay", "duration"):
        if key not in given:
            raise BadInput("decide.options.lacks", file=file, name=place, missing=key)
    currency = given.get("currency")
    if currency != "USD":
        raise BadInput("decide.options.currency", file=file, name=f"{place}.currency", value=_shown(currency))
    year = given.get("price_year")
    if isinstance(year, bool) or not isinstance(year, int) or not 1960 <= year <= 2100:
        raise BadInput("decide.options.price_year", file=file, name=f"{place}.price_year", value=_shown(year))
    found = {
        key: read_range(f"{place}.{key}", given[key], most=most, sources=sources, file=file)
        for key, most in (("cost", 1e6), ("delay", LONGEST), ("duration", LONGEST))
    }
    for key in ("delay", "duration"):
        for value in (found[key].low, found[key].central, found[key].high):
            if value != int(value):
                raise BadInput(
                    "decide.options.not_whole", file=file, name=f"{place}.{key}", value=f"{value:g}"
                )
    effects = _effects(place, given.get("effects", []), sources, file)
    # It would be priced as doing nothing, for nothing.
    if not effects and found["cost"].high > 0:
        raise BadInput("decide.options.lacks", file=file, name=place, missing="effects")
    if effects and found["duration"].high == 0:
        raise BadInput("decide.options.no_duration", file=file, name=f"{place}.duration")
    return Option(
        name=name, title=str(given.get("name", "")), currency=currency, price_year=year,
        effects=effects, shipped=shipped, **found,
    )  # fmt: skip


def _effects(place: str, given: object, sources: dict[str, Source], file: str) -> dict[str, Range]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise BadInput("decide.options.not_a_table", file=file, name=f"{place}.effects")
    effects: dict[str, Range] = {}
    for entry in given:
        transition = entry.get("transition") if isinstance(entry, dict) else None
        if not isinstance(transition, str) or transition not in TRANSITIONS:
            raise UnknownName(
                "decide.options.unknown_transition", file=file, name=place, value=_shown(transition),
                choices=", ".join(TRANSITIONS),
            )  # fmt: skip
        name = f"{place}.effects.{transition}"
        central = _from_cumulative(name, entry.get("cumulative"), file)
        effects[transition] = read_range(name, entry, most=1, sources=sources, file=file, central=central)
    return effects


def _from_cumulative(name: str, given: object, file: str) -> float | None:
    """Return the share by which a risk a month falls, from the risks over years without and with a response.

    1 - ln(1 - with) / ln(1 - without): the ratio of two constant hazards, the same for any length of time.
    """
    if given is None:
        return None
    risks = [given.get(key) for key in ("without", "with")] if isinstance(given, dict) else [None, None]
    without, with_ = (
        float(r) if isinstance(r, (int, float)) and not isinstance(r, bool) else math.nan for r in risks
    )
    if not (0 < with_ <= without < 1):
        raise BadInput(
            "decide.options.cumulative",
            file=file,
            name=name,
            without=_shown(risks[0]),
            **{"with": _shown(risks[1])},
        )
    return 1 - math.log(1 - with_) / math.log(1 - without)


def _shown(value: object) -> str:
    return "–" if value is None else str(value)


def _table(held: dict[str, Any], key: str, file: str) -> dict[str, Any]:
    found = held.get(key, {})
    if not isinstance(found, dict):
        raise BadInput("decide.options.not_a_table", file=file, name=key)
    return found
