"""Parts that entries are made of: parties, sources, links, areas, money, a second language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from tocsin import areas, months
from tocsin.areas import grid
from tocsin.areas.lookup import DIGITS
from tocsin.errors import BadInput
from tocsin.ledger.entries.frozen import Frozen
from tocsin.ledger.entries.refusal import Refused, shown
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Currency, Day, EntryId, LanguageTag, Line, Prose, Url
from tocsin.text import Language, say

Role = Literal[
    "answers", "concerns", "contradicts", "corrects", "cuts", "denies", "follows", "fulfils",
    "implements", "replaced_by", "resolves", "supports", "updates",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
"""What one entry is to another, read from the later entry: this dismissal *answers* that warning."""

Confidence = Literal["high", "moderate", "low"]
"""How far the evidence carries (ICD 203): not how likely the thing said is."""

_PCODE = re.compile(r"[A-Z]{2}[A-Z0-9]{0,18}@[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
MANY = 1_000
"""Longest list in an entry."""


class Party(Frozen):
    """A state, office, organisation or armed group; a person only as the holder of a public office.

    `actor` is the id of an armed actor in UCDP's data, so that its later acts can be found there.
    """

    name: Line
    actor: Annotated[int, Field(ge=1, le=10_000_000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.name


class Source(Frozen):
    """Where a fact comes from, so that a reader can find it: a citation, and where it can be read."""

    citation: Line
    url: Url | None = None
    published: When | None = None
    retrieved: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_citation(cls, value: Any) -> Any:
        return {"citation": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.citation


class Link(Frozen):
    """A link to an earlier entry. May be written short: `answers:entry-id`."""

    role: Role
    id: EntryId

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            role, colon, id = value.partition(":")
            if not colon:
                raise Refused("ledger.bad.link", choices=", ".join(ROLES))
            return {"role": role.strip(), "id": id.strip()}
        return value

    def __str__(self) -> str:
        return f"{self.role}:{self.id}"


class Translation(Frozen):
    """The text of an entry in a second language. May be written short: `fr: ...`."""

    language: LanguageTag
    text: Prose

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            language, _, text = value.partition(":")
            return {"language": language.strip(), "text": text}
        return value

    def __str__(self) -> str:
        return f"{self.language}: {self.text}"


class Money(Frozen):
    """An amount as its source states it. May be written short: `13000000 USD`."""

    amount: Annotated[float, Field(ge=0, le=1e15)]
    currency: Currency

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            amount, _, currency = value.strip().partition(" ")
            return {"amount": amount, "currency": currency.strip()}
        return value

    def __str__(self) -> str:
        # Not the number's own form, which writes the small and the large with an exponent.
        amount = f"{Decimal(repr(self.amount)):f}".removesuffix(".0")
        return f"{amount} {self.currency}"


class NonSignatory(Frozen):
    """A party that was fighting when an agreement was signed and did not sign it.

    It is *proposed* with the basis of the proposal (the events that show it active); who records the
    agreement confirms it or not. May be written short: `party: basis`.
    """

    party: Party
    basis: Line
    status: Literal["proposed", "confirmed"] = "proposed"
    deaths: Annotated[int, Field(ge=0, le=100_000_000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            party, _, basis = value.partition(":")
            return {"party": party.strip(), "basis": basis}
        return value

    def __str__(self) -> str:
        return f"{self.party.name} ({self.basis})"


def area(value: Any) -> str:
    """Return an area as it is written in an entry.

    value: `gw:432` for a state by Gleditsch-Ward code, `gid:146512` for a PRIO-GRID cell,
    `pcode:ML09@2023` for an admin unit and the vintage of its boundary; a state may also be given by its
    number, ISO 3166 alpha-3 code or name. Raises Refused for anything else.
    """
    usable = isinstance(value, (int, str)) and not isinstance(value, bool)
    text = " ".join(str(value).split()) if usable else ""
    # Before it is looked for: who does not find it quotes it as it is.
    if text != shown(text):
        raise Refused("ledger.bad.area")
    scheme, colon, code = text.partition(":")
    if not colon:
        scheme, code = "gw", text
    if scheme == "gid" and code.isdecimal() and len(code) <= DIGITS:
        try:
            grid.row_col(int(code))
        except BadInput as error:
            raise Refused("ledger.bad.area_unknown", reason=error) from None
        return f"gid:{int(code)}"
    if scheme == "pcode" and _PCODE.fullmatch(code):
        return f"pcode:{code}"
    if scheme == "gw" and code:
        try:
            return f"gw:{areas.country(code).gw}"
        except BadInput as error:
            raise Refused("ledger.bad.area_unknown", reason=error) from None
    raise Refused("ledger.bad.area")


def area_name(written: str, when: When, language: Language | None = None) -> str:
    """Return what a person calls an area: a state's name at the time, or the code as written.

    language: the current one when None.
    """
    scheme, _, code = written.partition(":")
    return areas.name_then(int(code), months.of_date(when.last), language) if scheme == "gw" else written


def area_names(
    written: Sequence[str], when: When, language: Language | None = None, *, most: int = MANY
) -> str:
    """Return what a person calls areas, or how many they are where that is more than `most`."""
    if len(written) > most:
        return say("ledger.areas", language, count=len(written))
    return ", ".join(area_name(one, when, language) for one in written)


def _listed(value: Any) -> Any:
    """Let one thing be written without the list around it."""
    return [value] if isinstance(value, (str, int, dict, Frozen)) else value


Listed = BeforeValidator(_listed)
Area = Annotated[
    str,
    BeforeValidator(area),
    Field(json_schema_extra={"pattern": rf"^(gw:\d+|gid:\d+|pcode:{_PCODE.pattern})$"}),
]
Areas = Annotated[tuple[Area, ...], Field(min_length=1, max_length=MANY), Listed]
Sources = Annotated[tuple[Source, ...], Field(min_length=1, max_length=MANY), Listed]
Links = Annotated[tuple[Link, ...], Field(max_length=MANY), Listed]
Parties = Annotated[tuple[Party, ...], Field(min_length=1, max_length=MANY), Listed]
OptionalParties = Annotated[tuple[Party, ...], Field(max_length=MANY), Listed]
NonSignatories = Annotated[tuple[NonSignatory, ...], Field(max_length=MANY), Listed]
Lines = Annotated[tuple[Line, ...], Field(max_length=MANY), Listed]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Probability = Annotated[float, Field(ge=0, le=1)]
