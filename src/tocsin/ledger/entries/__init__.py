"""Entries: one model for each thing that can be recorded, its parts, and the checks that all share."""

from tocsin.ledger.entries.answers import REASONS, Acceptance, Action, Decision, Dismissal, Notice, Request
from tocsin.ledger.entries.context import Control, Event
from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.findings import Assessment, Correction, Outcome
from tocsin.ledger.entries.forces import Capacity, Deployment, Trigger
from tocsin.ledger.entries.forecasts import ForecastEntry
from tocsin.ledger.entries.parts import ROLES, Link, Money, NonSignatory, Party, Source, Translation
from tocsin.ledger.entries.promises import Agreement, Commitment, Denial, Fulfilment
from tocsin.ledger.entries.registry import TYPES, entry, entry_type, recorded_entry
from tocsin.ledger.entries.warnings import OWN_IDS, WarningEntry, check_ids
from tocsin.ledger.entries.when import When

__all__ = [
    "OWN_IDS",
    "REASONS",
    "ROLES",
    "TYPES",
    "Acceptance",
    "Action",
    "Agreement",
    "Assessment",
    "Capacity",
    "Commitment",
    "Control",
    "Correction",
    "Decision",
    "Denial",
    "Deployment",
    "Dismissal",
    "Entry",
    "Event",
    "ForecastEntry",
    "Fulfilment",
    "Link",
    "Money",
    "NonSignatory",
    "Notice",
    "Outcome",
    "Party",
    "Request",
    "Source",
    "Translation",
    "Trigger",
    "WarningEntry",
    "When",
    "check_ids",
    "entry",
    "entry_type",
    "recorded_entry",
]
