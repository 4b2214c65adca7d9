"""Hindsight: what was said, answered, promised and signed, once it is known what followed.

outcomes    deaths in an area around a date, and how long after
alarms      warnings settled by later data, with their scores
refusals    dismissals, and what followed
promises    commitments: kept, late, broken, denied
deals       agreements: what signatories and others did in the year after
proposals   who was fighting when an agreement was signed and did not sign it
tally       counts by author and addressee, with intervals
record      what the ledger says of its own entries: recorded late, called wrong
report      all of it, from a ledger and the data of a day
"""

from tocsin.hindsight.alarms import Alarm, alarms, beginnings
from tocsin.hindsight.deals import Deal, Side, deals
from tocsin.hindsight.outcomes import Followed, followed
from tocsin.hindsight.promises import Promise, promises
from tocsin.hindsight.proposals import propose_non_signatories
from tocsin.hindsight.record import BELATED_DAYS, Belated, LeftOut
from tocsin.hindsight.refusals import Refusal, refusals
from tocsin.hindsight.report import Alarms, Hindsight, hindsight, of_ledger
from tocsin.hindsight.screen import screen, write_tables
from tocsin.hindsight.tally import FEW, Count, tally, wilson

__all__ = [
    "BELATED_DAYS",
    "FEW",
    "Alarm",
    "Alarms",
    "Belated",
    "Count",
    "Deal",
    "Followed",
    "Hindsight",
    "LeftOut",
    "Promise",
    "Refusal",
    "Side",
    "alarms",
    "beginnings",
    "deals",
    "followed",
    "hindsight",
    "of_ledger",
    "promises",
    "propose_non_signatories",
    "refusals",
    "screen",
    "tally",
    "wilson",
    "write_tables",
]
