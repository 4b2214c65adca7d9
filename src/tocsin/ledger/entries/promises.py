"""Promises and deals: what was promised, denied, kept, and who signed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import MANY, Money, NonSignatories, OptionalParties, Parties, Party
from tocsin.ledger.entries.refusal import Refused
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Day, Line, Prose


class Commitment(Entry):
    """A promise, in its words, with the test by which it can be said to be kept.

    test: what would have to be seen, by a third party, for it to count as kept. deadline: by when; a promise
    without one needs `review`, the day on which it is looked at again.
    """

    type: Literal["commitment"] = "commitment"
    promisor: Parties
    beneficiary: Parties
    words: Prose
    words_language: Line | None = None
    visibility: Literal["public", "private"]
    medium: Literal["verbal", "written"] | None = None
    condition: Prose | None = None
    test: Prose
    deadline: When | None = None
    review: Day | None = None
    amount: Money | None = None

    @model_validator(mode="after")
    def _check_commitment(self) -> Commitment:
        if self.deadline is None and self.review is None:
            raise Refused("ledger.bad.open_deadline", field="review")
        if self.deadline is not None and self.deadline.last < self.date.first:
            raise Refused(
                "ledger.bad.deadline_before", field="deadline", value=str(self.deadline), date=str(self.date)
            )
        if self.review is not None and self.review < self.date.first:
            raise Refused(
                "ledger.bad.deadline_before", field="review", value=str(self.review), date=str(self.date)
            )
        return self


class Denial(Entry):
    """Someone denied that something was promised, said or done; the entry denied stays as it is."""

    answers_to: ClassVar = ("denies", ())

    type: Literal["denial"] = "denial"
    by: Parties
    words: Prose | None = None


class Fulfilment(Entry):
    """A promise, request or agreement was met, in full or in part."""

    answers_to: ClassVar = ("fulfils", ("commitment", "request", "agreement"))

    type: Literal["fulfilment"] = "fulfilment"
    by: Parties
    extent: Literal["full", "partial"]
    amount: Money | None = None


class Agreement(Entry):
    """A deal, who signed it, and the active parties that did not.

    in_force: from when, where that is not the date. non_signatories: proposed from the events of the months
    before, each with its basis.
    """

    type: Literal["agreement"] = "agreement"
    title: Line
    parties: Annotated[tuple[Party, ...], Field(min_length=2, max_length=MANY)]
    guarantors: OptionalParties = ()
    non_signatories: NonSignatories = ()
    in_force: When | None = None

    @model_validator(mode="after")
    def _check_agreement(self) -> Agreement:
        signed = {party.name.casefold() for party in self.parties}
        for other in self.non_signatories:
            if other.party.name.casefold() in signed:
                raise Refused("ledger.bad.signed_and_not", field="non_signatories", value=other.party.name)
        return self
