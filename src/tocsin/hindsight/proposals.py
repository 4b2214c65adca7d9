"""Who was fighting when an agreement was signed and did not sign it: a proposal, for a person to confirm."""

from __future__ import annotations

import datetime as dt

from tocsin import figures, months
from tocsin.errors import NotAssessed
from tocsin.hindsight.deals import fought
from tocsin.hindsight.outcomes import YEAR, states_of
from tocsin.ledger import entry
from tocsin.ledger.entries import Agreement
from tocsin.text import LANGUAGES, Language, say

RELEASE = "UCDP GED 24.1"
"""What the shipped figures on groups were made from."""


def propose_non_signatories(agreement: Agreement, *, as_of: dt.date) -> Agreement:
    """Return the agreement with each active group it does not name added as a proposed non-signatory.

    Active is who was a side in an event in its states in the 12 months before the month of the agreement.
    A group is taken for a party where their actor ids, or their names, are the same; those named already stay
    as they are. The basis counts the events and deaths. as_of: the day as of which figures are read.
    Raises NotAssessed where no figures on groups cover the states and months: nobody known is not nobody.
    """
    day = (agreement.in_force or agreement.date).first
    states, until = states_of(agreement.areas), months.of_date(day) - 1
    if not states:
        raise NotAssessed("hindsight.no_state", areas=", ".join(agreement.areas))
    found = fought(figures.groups(as_of=as_of), states, until)
    if found is None:
        raise NotAssessed(
            "hindsight.no_groups", areas=", ".join(agreement.areas),
            first=months.label(until - YEAR + 1), last=months.label(until),
        )  # fmt: skip
    named = [*agreement.parties, *(other.party for other in agreement.non_signatories)]
    ids = {party.actor for party in named if party.actor is not None}
    names = {party.name.casefold() for party in named}
    language: Language = next((one for one in LANGUAGES if agreement.language.startswith(one)), "en")
    fresh = [
        {
            "party": {"name": name, "actor": actor},
            "basis": say(
                "hindsight.basis", language, release=RELEASE, events=events, deaths=deaths,
                first=months.label(until - YEAR + 1), last=months.label(until),
            ),
            "status": "proposed", "deaths": deaths,
        }
        for actor, (name, events, deaths) in sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
        if actor not in ids and name.casefold() not in names
    ]  # fmt: skip
    content = agreement.content()
    content["non_signatories"] = [*content.get("non_signatories", ()), *fresh]
    own = {name: value for name, value in agreement.content().items() if name != "id"}
    if entry(own).id == agreement.id:
        # An id made from the content is made anew, so that it stays that of the content.
        del content["id"]
    made = entry(content)
    assert isinstance(made, Agreement)
    return made
