"""Sources: one event table from every file and service its publisher offers.

`read` brings in a file that is at hand; `fetch` brings one from its publisher, and `renew` finds out which
are new. What came is checked and says what it covers: inside its coverage the absence of an event is a zero,
outside it nothing is known.
"""

from tocsin.sources.coverage import Coverage
from tocsin.sources.events import FLAGS, MEANING, REQUIRED, SCHEMA, Meaning, check_schema
from tocsin.sources.fetching import SOURCES, Fetched, address, fetch, fetch_again, file_name
from tocsin.sources.reading import PUBLISHERS, Reading, read
from tocsin.sources.release import Release, known_at
from tocsin.sources.renewal import Renewal, due, renew
from tocsin.sources.report import Refusal, RefusedRows, Report

__all__ = [
    "FLAGS",
    "MEANING",
    "PUBLISHERS",
    "REQUIRED",
    "SCHEMA",
    "SOURCES",
    "Coverage",
    "Fetched",
    "Meaning",
    "Reading",
    "Refusal",
    "RefusedRows",
    "Release",
    "Renewal",
    "Report",
    "address",
    "check_schema",
    "due",
    "fetch",
    "fetch_again",
    "file_name",
    "known_at",
    "read",
    "renew",
]
