"""Messages: what is said of a warning at one point of its life, whole, in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tocsin import digest, months
from tocsin.errors import BadInput, Damaged
from tocsin.ledger.entries.refusal import shown
from tocsin.text import LANGUAGES, Language, current_language
from tocsin.warn.life import Act

Status = Literal["draft", "issued", "declined", "lapsed"]

STATUSES: tuple[Status, ...] = get_args(Status)

ENDS: frozenset[Act] = frozenset(("cancel", "expire", "came_true", "did_not", "withdraw"))
"""Acts after which a warning is closed."""

ROLE_LIMIT = 200
"""Longest name of a role, in characters."""


@dataclass(frozen=True)
class Texts:
    """Everything a message says, in one language: plain sentences."""

    area: str
    rule: str
    headline: str
    question: str
    likelihood: str
    confidence: str
    change: str
    drivers: tuple[str, ...]
    analogues: tuple[str, ...]
    lowering: tuple[str, ...]
    record: str
    data: str
    notice: str

    def paragraphs(self) -> tuple[str, ...]:
        """Return the message as paragraphs, the headline left out."""
        parts = (
            self.notice, self.question, self.likelihood, self.change, " ".join(self.drivers),
            " ".join(self.analogues), " ".join(self.lowering), self.confidence, self.record, self.data,
        )  # fmt: skip
        return tuple(part for part in parts if part)


@dataclass(frozen=True)
class Message:
    """One message of one warning.

    id:          of this message; warning: of the warning, the same through its life. Both fit CAP 1.2.
    act:         what it says: alert, update, cancel, expire, came_true, did_not; withdraw: another is wrong.
    series:      `live`, or the basis of a reconstruction: an exercise, whose warnings have ids of their own.
    references:  ids of the warning's earlier messages, oldest first, with when they were made; of the one
                 taken back alone where it withdraws.
    gw, iso3, lon, lat: the state, and its capital, in degrees.
    origin:      last month of data when the warning was raised; month: the same for this message.
    needed:      deaths that settle the question; sofar: those of its months up to `month`, None where one of
                 these is not covered.
    probability: now, of the warning's own question; None where it is settled. before: of an alert, the
                 same asked a month earlier; else that of the message before it; None where nobody was told
                 or nothing was asked. base_rate: share of all past questions of the rule that came true.
    as_of:       day of the message; age: days since the last day of data.
    inputs:      SHA-256 of data and forecasts.
    status:      draft until a named role (`by`) issues or declines it; lapsed if it was overtaken before.
    """

    id: str
    warning: str
    act: Act
    series: str
    references: tuple[tuple[str, str], ...]
    rule: str
    level: str
    kind: str
    severity: str
    gw: int
    iso3: str | None
    lon: float
    lat: float
    origin: int
    month: int
    window: int
    needed: int
    sofar: int | None
    trigger: float
    cancel: float
    probability: float | None
    before: float | None
    base_rate: float | None
    confidence: str
    record: Mapping[str, Any] | None
    as_of: dt.date
    age: int
    method: str
    releases: tuple[str, ...]
    basis: str
    inputs: str
    made_at: str
    texts: Mapping[Language, Texts]
    status: Status = "draft"
    by: str | None = None
    issued_at: str | None = None

    @property
    def exercise(self) -> bool:
        """Whether it is part of a reconstruction, never to be taken for a warning of today."""
        return self.series != "live"

    @property
    def sent(self) -> str:
        """When it was issued; when it was made, of one that was not."""
        return self.issued_at or self.made_at

    @property
    def first(self) -> dt.date:
        """First day of the window."""
        return months.first_day(self.origin + 1)

    @property
    def last(self) -> dt.date:
        """Last day of the window."""
        return months.last_day(self.origin + self.window)

    @property
    def data_as_of(self) -> dt.date:
        """Last day of data."""
        return months.last_day(self.month)

    @property
    def digest(self) -> str:
        """SHA-256 of what it says; status, role and times are no part of it."""
        held = self.to_dict()
        for name in ("status", "by", "issued_at", "made_at", "references"):
            del held[name]
        return digest.of_parts(held)

    def text(self, language: Language | None = None) -> Texts:
        """Return what it says in one language."""
        return self.texts[language or current_language()]

    def to_dict(self) -> dict[str, Any]:
        """Return the message as plain values for JSON."""
        held = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("texts", "record", "references")
        }
        return held | {
            "as_of": self.as_of.isoformat(),
            "origin": months.label(self.origin),
            "month": months.label(self.month),
            "window_first": self.first.isoformat(),
            "window_last": self.last.isoformat(),
            "releases": list(self.releases),
            "references": [list(pair) for pair in self.references],
            "record": None if self.record is None else dict(self.record),
            "texts": {language: _plain(self.texts[language]) for language in LANGUAGES},
        }

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Message:
        """Return the message that `to_dict` wrote; Damaged if it is none."""
        try:
            values = {f.name: held[f.name] for f in dataclasses.fields(cls)}
            values |= {
                "as_of": dt.date.fromisoformat(held["as_of"]),
                "origin": months.parse(held["origin"]),
                "month": months.parse(held["month"]),
                "releases": tuple(held["releases"]),
                "references": tuple((id, sent) for id, sent in held["references"]),
                "texts": {language: _texts(held["texts"][language]) for language in LANGUAGES},
            }
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged("warn.message_unreadable", id=str(held.get("id"))) from error


def role(written: str, option: str = "--by") -> str:
    """Return the name of a role with single spaces; BadInput where it is none that can be read.

    option: with which it was given.
    """
    name = " ".join(written.split())
    if not name or len(name) > ROLE_LIMIT or not name.isprintable():
        raise BadInput("warn.no_role", value=shown(written), limit=ROLE_LIMIT, option=option)
    return name


def _plain(texts: Texts) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in dataclasses.asdict(texts).items()}


def _texts(held: Mapping[str, Any]) -> Texts:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in held.items()}
    return Texts(**values)
