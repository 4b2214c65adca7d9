"""Tallies: what another source than UCDP counted, kept beside its figures and in no forecast.

rows, hdx, acled  a file as it was found; the monthly counts, or the events, that it holds
reading           a file to deaths by country and month, and what was left out
fetching          HDX's files, a year each
shelf             tallies kept, each known from a day
comparison        the two counts of a country side by side
words, picture    what is said of them, and drawn
licence           whose they are
"""

from tocsin.tally.comparison import MONTHS, Comparison, Month, compare, countries
from tocsin.tally.fetching import Offer, fetch, offer_of, offers
from tocsin.tally.licence import ACLED, Whose
from tocsin.tally.picture import draw
from tocsin.tally.reading import SCHEMA, Reading, read
from tocsin.tally.rows import DOWNLOADS
from tocsin.tally.shelf import Shelf, Tally
from tocsin.tally.words import ratio, sentences, span_of

__all__ = [
    "ACLED",
    "DOWNLOADS",
    "MONTHS",
    "SCHEMA",
    "Comparison",
    "Month",
    "Offer",
    "Reading",
    "Shelf",
    "Tally",
    "Whose",
    "compare",
    "countries",
    "draw",
    "fetch",
    "offer_of",
    "offers",
    "ratio",
    "read",
    "sentences",
    "span_of",
]
