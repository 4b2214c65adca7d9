"""What every entry has in common, and its canonical bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, get_args

import rfc8785
from pydantic import BaseModel, model_validator

from tocsin import areas, months
from tocsin.errors import BadInput
from tocsin.ledger.entries.frozen import Frozen
from tocsin.ledger.entries.parts import Areas, Confidence, Link, Links, Party, Sources, Translation
from tocsin.ledger.entries.refusal import Refused
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import EntryId, LanguageTag, Line, Prose


class Entry(Frozen):
    """The head of every entry: one thing that was said or done, where, when, by whose account, how surely.

    id: stable name, chosen by who records it or derived from the content; never used twice.
    date: when it happened, with its precision. areas: where, at least one. text: what happened, in the
    recorder's words, in `language`. sources: at least one citation. author: who records it.
    attributed_to: whose assessment or statement it is, where it is not a plain fact.
    """

    answers_to: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    """The link an entry of this type must have: its role, and the types it may lead to (any when empty)."""

    worded: ClassVar[tuple[str, ...]] = ()
    """Fields of sentences that the text may hold as well."""

    type: str
    id: EntryId
    date: When
    areas: Areas
    text: Prose
    language: LanguageTag
    translation: Translation | None = None
    sources: Sources
    author: Line
    attributed_to: Party | None = None
    confidence: Confidence
    links: Links = ()

    @property
    def required_link(self) -> tuple[str, tuple[str, ...]] | None:
        """The link this entry must have, or None."""
        return self.answers_to

    @model_validator(mode="after")
    def _check_head(self) -> Entry:
        required = self.required_link
        if required is not None and all(link.role != required[0] for link in self.links):
            raise Refused(
                "ledger.bad.link_missing", field="links", role=required[0], choices=", ".join(required[1])
            )
        for written in self.areas:
            scheme, _, code = written.partition(":")
            if scheme == "gw":
                try:
                    areas.country(int(code), month=months.of_date(self.date.last))
                except BadInput as error:
                    raise Refused(
                        "ledger.bad.area_unknown", field="areas", reason=error, value=written
                    ) from None
        return self

    @classmethod
    @cache
    def party_fields(cls) -> tuple[str, ...]:
        """Return the names of the fields that hold parties, as they are written in an entry."""
        return tuple(
            field.alias or name for name, field in cls.model_fields.items() if _holds_party(field.annotation)
        )

    def text_in(self, language: str) -> str:
        """Return the text in a language; in its own where it is not translated into that one."""
        second = self.translation
        if self.language == language or second is None or second.language != language:
            return self.text
        return second.text

    def retold(self, language: str) -> frozenset[str]:
        """Return the fields that a reader of the translation has read in it: the text holds their words."""
        if self.text_in(language) is self.text:
            return frozenset()
        told = {name: getattr(self, name) or () for name in self.worded}
        return frozenset(
            name
            for name, words in told.items()
            if all(one in self.text for one in ((words,) if isinstance(words, str) else words))
        )

    def content(self) -> dict[str, Any]:
        """Return the entry as plain values for JSON: what is absent is left out, dates are ISO 8601."""
        return _without_absent(self.model_dump(mode="json", by_alias=True))

    def canonical(self) -> bytes:
        """Return the entry's canonical JSON (RFC 8785): the same content always has the same bytes."""
        return rfc8785.dumps(self.content())

    def check_present(self, latest: dt.date) -> None:
        """Raise BadInput if the entry tells of a day after `latest` as past."""
        for field, when in self._past():
            told = when.last if when.precision == "range" else when.first
            if told > latest:
                raise BadInput(
                    "ledger.bad.future", field=field, value=str(when), id=self.id, latest=latest.isoformat()
                )

    def check_link(self, link: Link, target: str) -> None:
        """Raise BadInput for a link to an entry of type `target`, if it may not lead to one of that type."""
        role, choices = self.required_link or ("", ())
        if link.role == role and choices and target not in choices:
            raise BadInput(
                "ledger.link_of_wrong_type",
                id=self.id, role=role, target=link.id, type=target, choices=", ".join(choices),
            )  # fmt: skip

    def _past(self) -> Iterator[tuple[str, When]]:
        yield "date", self.date
        for position, source in enumerate(self.sources):
            if source.published is not None:
                yield f"sources[{position + 1}].published", source.published


def _without_absent(values: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            kept[name] = _without_absent(value)
        elif isinstance(value, list) and value:
            kept[name] = [_without_absent(item) if isinstance(item, dict) else item for item in value]
        elif value is not None and value != []:
            kept[name] = value
    return kept


def _holds_party(annotation: Any) -> bool:
    model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    inner = [f.annotation for f in annotation.model_fields.values()] if model else get_args(annotation)
    return annotation is Party or any(map(_holds_party, inner))


def fields_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of a model's fields as they are written in an entry."""
    return tuple(field.alias or name for name, field in model.model_fields.items())
