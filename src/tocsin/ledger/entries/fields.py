"""The fields of each entry type, described for forms and documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.refusal import first_problem
from tocsin.ledger.entries.registry import entry_type
from tocsin.text import say


@dataclass(frozen=True)
class FieldSpec:
    """One field of an entry type.

    choices: the closed list of its values, or empty. many: whether it takes a list. common: whether every
    entry has it.
    """

    entry: str
    name: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    common: bool
    info: FieldInfo

    @property
    def label(self) -> str:
        """What the field is called, in the current language."""
        return say(f"ledger.label.{self.name}")

    @property
    def about(self) -> str:
        """What belongs in it, in the current language."""
        return say(f"ledger.about.{self.name}")

    def check(self, value: Any) -> None:
        """Raise BadInput if the field cannot hold a value."""
        annotation: Any = self.info.annotation
        for detail in self.info.metadata:
            annotation = Annotated[annotation, detail]
        try:
            TypeAdapter(annotation).validate_python(value)
        except ValidationError as error:
            raise first_problem(error, self.entry, (), within=(self.name,)) from None


def fields(type: str) -> list[FieldSpec]:
    """Return the fields of an entry type, the common ones first; UnknownName if there is no such type."""
    model = entry_type(type)
    common = set(Entry.model_fields)
    specs = [
        FieldSpec(
            entry=type,
            name=info.alias or name,
            required=info.is_required(),
            many=any(get_origin(part) is tuple for part in _parts(info.annotation)),
            choices=tuple(_choices(info.annotation)) if name != "type" else (),
            common=name in common and not (info.is_required() and not Entry.model_fields[name].is_required()),
            info=info,
        )
        for name, info in model.model_fields.items()
    ]
    return sorted(specs, key=lambda spec: not spec.common)


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield an annotation and everything it is made of, down to the fields of other records."""
    yield annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return
    for inner in get_args(annotation):
        if get_origin(annotation) is not Literal:
            yield from _parts(inner)


def _choices(annotation: Any) -> Iterator[str]:
    for part in _parts(annotation):
        if get_origin(part) is Literal:
            yield from (str(choice) for choice in get_args(part))
