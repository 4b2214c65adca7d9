"""Who was fighting when an agreement was signed and did not sign it: a proposal, for a person to confirm."""

from __future__ import annotations

from tocsin import months
from tocsin.errors import NotAssessed
from tocsin.figures import Groups
from tocsin.hindsight.deals import fought
from tocsin.hindsight.outcomes import YEAR, states_of
from tocsin.ledger import entry
from tocsin.ledger.entries import Agreement
from tocsin.months import Span
from tocsin.panel import released
from tocsin.text import LANGUAGES, Language, say


def propose_non_signatories(agreement: Agreement, groups: Groups | None) -> Agreement:
    """Return the agreement with each active group it does not name added as a proposed non-signatory.

    Active is who was a side in an event in its states in the 12 months before the month of the agreement.
    A group is taken for a party where their actor ids, or their names, are the same; those named already stay
    as they are. The basis counts the events and deaths. groups: who fought where, as known today.
    Raises NotAssessed where they do not cover the states and months: nobody known is not nobody.
    """
    day = (agreement.in_force or agreement.date).first
    states, until = states_of(agreement.areas), months.of_date(day) - 1
    year = Span(until - YEAR + 1, until)
    if not states:
        raise NotAssessed("hindsight.no_state", areas=", ".join(agreement.areas))
    found = fought(groups, states, until)
    if groups is None or found is None:
        raise NotAssessed(
            "hindsight.no_groups", areas=", ".join(agreement.areas),
            first=months.label(year.first), last=months.label(year.last),
        )  # fmt: skip
    named = [*agreement.parties, *(other.party for other in agreement.non_signatories)]
    ids = {party.actor for party in named if party.actor is not None}
    names = {party.name.casefold() for party in named}
    language: Language = next((one for one in LANGUAGES if agreement.language.startswith(one)), "en")
    releases = released(groups.releases(states, year), language)
    fresh = [
        {
            "party": {"name": name, "actor": actor},
            "basis": say(
                "hindsight.basis", language, releases=releases, events=events, deaths=deaths,
                first=months.label(year.first), last=months.label(year.last),
            ),
            "status": "proposed", "deaths": deaths,
        }
        for actor, (name, events, deaths) in sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
        if actor not in ids and name.casefold() not in names
    ]  # fmt: skip
    content = agreement.content()
    del content["id"]
    # An id made from the content is made anew, so that it stays that of the content.
    if entry(content).id != agreement.id:
        content["id"] = agreement.id
    content["non_signatories"] = [*content.get("non_signatories", ()), *fresh]
    made = entry(content)
    assert isinstance(made, Agreement)
    return made
