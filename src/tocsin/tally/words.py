"""What is said of two counts, in English and French."""

from __future__ import annotations

from tocsin import months
from tocsin.tally.comparison import Comparison
from tocsin.text import Language, number, say


def sentences(found: Comparison, language: Language | None = None) -> tuple[str, ...]:
    """Return what the two counts of a country say of each other, sentence by sentence."""
    return (*_both(found, language), *_ahead(found, language), say("tally.apart", language))


def ratio(found: Comparison, language: Language | None = None) -> str:
    """Return how many deaths ACLED counts for each of UCDP's, `?` where UCDP counts none."""
    if found.ratio is None:
        return "?"
    return number(found.ratio, language, decimals=1 if found.ratio >= 1 else 2)


def span_of(ids: tuple[int, ...]) -> str:
    """Return months as labels: unbroken runs as their first and last."""
    return ", ".join(
        months.label(run.first) if run.first == run.last else str(run) for run in months.runs(ids)
    )


def _both(found: Comparison, language: Language | None) -> tuple[str, ...]:
    if found.until is None:
        return (say("tally.never_both", language),)
    counts = {"both": found.both, "other": found.other, "ucdp": found.ucdp}
    first = say("tally.compared", language, last=months.label(found.until), **counts)
    if found.ratio is not None:
        first += say("text.semicolon", language) + say("tally.ratio", language, ratio=ratio(found, language))
    same = say("tally.together", language, changes=found.changes, together=found.together)
    return f"{first}.", *((same,) if found.changes else ())


def _ahead(found: Comparison, language: Language | None) -> tuple[str, ...]:
    if not found.ahead:
        return ()
    return (say("tally.ahead", language, months=span_of(found.ahead), deaths=found.ahead_deaths),)
