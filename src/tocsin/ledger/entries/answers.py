"""Answers to a warning, and what was decided, done or asked for."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from pydantic import model_validator

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import Lines, Money, OptionalParties, Parties, Party
from tocsin.ledger.entries.refusal import Refused
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Line, Prose

Reason = Literal[
    "hyperbolic", "low_stakes", "ambiguous", "not_our_interest", "no_option", "cry_wolf_history",
    "source_not_credible", "too_late", "overtaken", "other",
]  # fmt: skip
REASONS: tuple[Reason, ...] = get_args(Reason)
"""Why warnings are set aside, after George & Holl (1997) and Meyer, Otto, Brante & De Franco (2010)."""

Form = Literal[
    "military",
    "diplomatic",
    "negotiation",
    "humanitarian",
    "development",
    "suspension",
    "sanctions",
    "delay",
    "other",
]

_ANSWERABLE = ("warning", "assessment", "request")


class Notice(Entry):
    """Someone took note of a warning: it reached them."""

    answers_to: ClassVar = ("answers", _ANSWERABLE)

    type: Literal["notice"] = "notice"
    by: Party


class Acceptance(Entry):
    """Someone held a warning, assessment or request to be right."""

    answers_to: ClassVar = ("answers", _ANSWERABLE)

    type: Literal["acceptance"] = "acceptance"
    by: Party


class Dismissal(Entry):
    """Someone set a warning, assessment or request aside, with a reason from the closed list.

    `words` keeps what was said, verbatim; the reason `other` needs `reason_text`.
    """

    answers_to: ClassVar = ("answers", _ANSWERABLE)

    type: Literal["dismissal"] = "dismissal"
    by: Parties
    reason: Reason
    reason_text: Line | None = None
    words: Prose | None = None

    @model_validator(mode="after")
    def _check_dismissal(self) -> Dismissal:
        if self.reason == "other" and self.reason_text is None:
            raise Refused("ledger.bad.reason_text", field="reason_text")
        return self


class Decision(Entry):
    """Someone chose what to do, or not to do; `condition` is what they made it depend on."""

    type: Literal["decision"] = "decision"
    by: Parties
    form: Form
    condition: Prose | None = None
    options: Lines = ()
    opposed_by: OptionalParties = ()


class Action(Entry):
    """Something was done."""

    type: Literal["action"] = "action"
    by: Parties
    form: Form
    beneficiary: OptionalParties = ()
    amount: Money | None = None


class Request(Entry):
    """Someone asked someone for something."""

    type: Literal["request"] = "request"
    by: Parties
    to: Parties
    asked: Prose
    form: Form
    needed_by: When | None = None
