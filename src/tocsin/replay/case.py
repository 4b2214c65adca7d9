"""A case: a past crisis as a file. Where, when, what people said and did, and which moments mattered."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from tocsin import areas, digest, months
from tocsin.errors import BadFile, BadInput, UnknownName
from tocsin.ledger import Entry, entry
from tocsin.ledger.entries import TYPES, Source
from tocsin.ledger.entries.frozen import Frozen
from tocsin.ledger.entries.refusal import Path as Way
from tocsin.ledger.entries.refusal import first_problem, shown
from tocsin.ledger.entries.words import Day, EntryId, Line, Prose
from tocsin.months import Span
from tocsin.replay.lines import Lines, Steps, parse
from tocsin.text import Language, current_language

_INSIDE = {"non_signatories"}

PARTY_FIELDS = {name for model in TYPES.values() for name in model.party_fields()} - _INSIDE | {"party"}
"""Fields of an entry that name parties: in a case they hold keys of its `parties`."""


class Both(Frozen):
    """A text in English and in French."""

    en: Prose
    fr: Prose

    def said(self, language: Language | None = None) -> str:
        """Return the text in one language."""
        return self.en if (language or current_language()) == "en" else self.fr


class Named(Both):
    """A party of a case: its names, and its id in UCDP's data where it is an armed actor."""

    en: Line
    fr: Line
    actor: int | None = None


class TurningPoint(Frozen):
    """A month against which lead time is counted."""

    month: Line
    name: Both

    @property
    def id(self) -> int:
        """Month id."""
        return months.parse(self.month)


class Head(Frozen):
    """Everything in a case file but the entries."""

    format: Literal[1]
    name: EntryId
    title: Both
    area: Line
    neighbours: tuple[Line, ...] = ()
    span: Line
    lags: Annotated[tuple[Annotated[int, Field(ge=0, le=36)], ...], Field(min_length=1, max_length=4)] = (
        1,
        7,
    )
    compiled: Day
    author: Line
    turning_points: tuple[TurningPoint, ...] = ()
    limits: tuple[Both, ...] = ()
    sources: dict[str, Source] = Field(default_factory=dict)
    parties: dict[str, Named] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Case:
    """A case, checked.

    gw:         Gleditsch-Ward code of the country; neighbours: of those watched for spillover.
    span:       months walked; lags: assumed months between the end of a month and its publication.
    compiled:   the day on which the record was put together: nothing in it is later.
    entries:    what people said and did, in an order in which links lead backwards.
    lines:      where everything stands in the file, for errors found later.
    """

    name: str
    title: Both
    gw: int
    neighbours: tuple[int, ...]
    span: Span
    lags: tuple[int, ...]
    compiled: dt.date
    turning_points: tuple[TurningPoint, ...]
    limits: tuple[Both, ...]
    entries: tuple[Entry, ...]
    parties: Mapping[str, Named]
    lines: Lines

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the case says."""
        return digest.of_parts(
            self.name, self.title.model_dump(), self.gw, list(self.neighbours), str(self.span),
            list(self.lags), self.compiled.isoformat(), [p.model_dump() for p in self.turning_points],
            [limit.model_dump() for limit in self.limits], [one.content() for one in self.entries],
        )  # fmt: skip

    def of_type(self, *types: str) -> tuple[Entry, ...]:
        """Return the entries of some types, in the order of the case."""
        return tuple(one for one in self.entries if one.type in types)

    def party(self, name: str, language: Language | None = None) -> str:
        """Return what a party, named as in an entry, is called in a language."""
        return next((p.said(language) for p in self.parties.values() if p.en == name), name)


def shipped_cases() -> tuple[str, ...]:
    """Return the names of the cases that ship with the package, sorted."""
    folder = resources.files("tocsin.replay") / "cases"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load(case: str | Path) -> Case:
    """Return a case from a file, or a shipped one by name (`mali-2011-2015`, `cases/mali-2011-2015.yaml`).

    The beginning of a name (`mali`) will do where only one begins so.
    Raises UnknownName if there is neither, and otherwise as `read`.
    """
    path = Path(case)
    if path.is_file():
        try:
            return read(path.read_bytes(), str(case))
        except OSError as error:
            raise BadFile("replay.case.unreadable", file=str(case), reason=error.strerror or "") from None
    asked = path.name.removesuffix(".yaml")
    begun = [name for name in shipped_cases() if name == asked or name.startswith(f"{asked}-")]
    if len(begun) != 1:
        raise UnknownName("replay.case.no_case", value=str(case), choices=", ".join(shipped_cases()))
    (name,) = begun
    return read((resources.files("tocsin.replay") / "cases" / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def read(content: bytes, file: str) -> Case:
    """Return the case that a YAML document holds; BadFile names the line and field of what is wrong."""
    values, lines = parse(content, file)
    if not isinstance(values, dict):
        raise BadFile("replay.case.not_case", file=file)
    rows = values.pop("entries", [])
    try:
        head = Head.model_validate(values)
    except ValidationError as error:
        steps = tuple(error.errors()[0]["loc"])
        reason = first_problem(error, "case", (*Head.model_fields, "entries"), example=False)
        raise _bad(lines, steps, reason) from None
    span = _checked(lines, ("span",), Span.parse, head.span)
    gw = _checked(lines, ("area",), lambda name: areas.country(name, month=span.last).gw, head.area)
    neighbours = tuple(
        _checked(lines, ("neighbours", place), lambda name: areas.country(name, month=span.last).gw, name)
        for place, name in enumerate(head.neighbours)
    )
    _check_once(lines, "lags", head.lags, head.lags)
    _check_once(lines, "neighbours", neighbours, head.neighbours, gw)
    for place, point in enumerate(head.turning_points):
        here = ("turning_points", place, "month")
        if _checked(lines, here, months.parse, point.month) not in span:
            raise _bad(lines, here, BadInput("replay.case.outside_span", value=point.month, span=str(span)))
        if place and point.id < head.turning_points[place - 1].id:
            latest = head.turning_points[place - 1].month
            raise _bad(lines, here, BadInput("replay.case.point_order", value=point.month, latest=latest))
    if not isinstance(rows, list):
        raise _bad(lines, ("entries",), BadInput("replay.case.no_list"))
    return Case(
        name=head.name, title=head.title, gw=gw, neighbours=neighbours, span=span, lags=head.lags,
        compiled=head.compiled, turning_points=head.turning_points, limits=head.limits,
        entries=_entries(rows, head, lines), parties=head.parties, lines=lines,
    )  # fmt: skip


def check_span(case: Case, held: Span) -> None:
    """Raise BadInput unless the span of a case lies within the months that data hold.

    BadFile, with line and field, where the case was read from a file.
    """
    if case.span.first in held and case.span.last in held:
        return
    reason = BadInput("replay.outside_data", span=str(case.span), held=str(held))
    raise _bad(case.lines, ("span",), reason) if ("span",) in case.lines else reason


def check_compiled(case: Case, latest: dt.date) -> None:
    """Raise BadFile, with line and field, for a case put together after `latest`."""
    if case.compiled > latest:
        reason = BadInput("replay.case.to_come", value=case.compiled.isoformat(), latest=latest.isoformat())
        raise _bad(case.lines, ("compiled",), reason)


def _check_once(
    lines: Lines, field: str, values: Sequence[int], written: Sequence[object], *others: int
) -> None:
    for place, value in enumerate(values):
        if value in (*others, *values[:place]):
            raise _bad(lines, (field, place), BadInput("replay.case.value_twice", value=str(written[place])))


def _entries(rows: list[Any], head: Head, lines: Lines) -> tuple[Entry, ...]:
    made: dict[str, Entry] = {}
    latest = dt.date.min
    for place, row in enumerate(rows):
        here: Steps = ("entries", place)
        if not isinstance(row, dict):
            raise _bad(lines, here, BadInput("replay.case.not_entry", value=shown(row)))
        id = row.get("id")
        if isinstance(id, str) and id in made:
            first = lines.of(("entries", list(made).index(id), "id"))
            reason = BadInput("replay.case.id_twice", id=id, first=str(first))
            raise _bad(lines, (*here, "id"), reason)
        one = _entry(row, here, head, lines)
        if one.date.last < latest:
            reason = BadInput("replay.case.order", date=str(one.date), latest=latest.isoformat())
            raise _bad(lines, (*here, "date"), reason)
        latest = max(latest, one.date.first)
        _checked(lines, (*here, "date"), one.check_present, head.compiled)
        for number, link in enumerate(one.links):
            if link.id not in made:
                reason = BadInput("replay.case.link", target=link.id)
                raise _bad(lines, (*here, "links", number), reason)
            _checked(lines, (*here, "links", number), partial(one.check_link, link), made[link.id].type)
        made[one.id] = one
    return tuple(made.values())


def _entry(row: dict[str, Any], here: Steps, head: Head, lines: Lines) -> Entry:
    values = {name: _with_parties(name, value, (*here, name), head, lines) for name, value in row.items()}
    if not row.get("sources"):
        raise _bad(lines, (*here, "sources"), BadInput("replay.case.cites_nothing", id=str(row.get("id"))))
    values["sources"] = [
        _source(key, (*here, "sources", n), head, lines) for n, key in enumerate(_list(row["sources"]))
    ]
    text = values.get("text")
    if isinstance(text, dict):
        for language in ("en", "fr"):
            if not text.get(language):
                raise _bad(lines, (*here, "text"), BadInput("replay.case.one_language", language=language))
        values["text"], values["language"] = text["en"], "en"
        values["translation"] = {"language": "fr", "text": text["fr"]}
    values.setdefault("areas", [head.area])
    values.setdefault("author", head.author)
    try:
        return entry(values)
    except BadInput as error:
        field = error.values.get("field")
        raise _bad(lines, (*here, *(field.steps if isinstance(field, Way) else ())), error) from None


def _with_parties(name: str, value: Any, here: Steps, head: Head, lines: Lines) -> Any:
    """Return a field's value with keys of parties replaced by the parties."""
    if name in _INSIDE and isinstance(value, list):
        return [
            {k: _with_parties(k, v, (*here, n, k), head, lines) for k, v in one.items()}
            if isinstance(one, dict) else one
            for n, one in enumerate(value)
        ]  # fmt: skip
    if name not in PARTY_FIELDS:
        return value
    if isinstance(value, list):
        return [_with_parties(name, one, (*here, n), head, lines) for n, one in enumerate(value)]
    held = head.parties.get(value) if isinstance(value, str) else None
    if held is None:
        close = difflib.get_close_matches(str(value), head.parties, n=3)
        choices = ", ".join(close or head.parties)
        raise _bad(lines, here, UnknownName("replay.case.party", value=shown(value), choices=choices))
    return {"name": held.en} | ({} if held.actor is None else {"actor": held.actor})


def _source(key: Any, here: Steps, head: Head, lines: Lines) -> Any:
    held = head.sources.get(key) if isinstance(key, str) else None
    if held is None:
        reason = UnknownName("replay.case.source", value=shown(key), choices=", ".join(head.sources))
        raise _bad(lines, here, reason)
    return held.model_dump(mode="json", by_alias=True, exclude_none=True)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _checked(lines: Lines, steps: Steps, check: Any, value: Any) -> Any:
    try:
        return check(value)
    except BadInput as error:
        raise _bad(lines, steps, error) from None


def _bad(lines: Lines, steps: Steps, reason: BadInput) -> BadFile:
    return BadFile(
        "replay.case.wrong", file=lines.file, line=str(lines.of(steps)), field=Way(steps), reason=reason
    )
