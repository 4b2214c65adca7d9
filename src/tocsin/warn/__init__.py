"""Warnings: questions that data will settle, raised at a probability, with the record of the rule that asks.

rules, reading     what a rule is, and how one is read from a file
questions, places  what a rule asks of each area, how likely it is, and what came of it
readings, record   every past origin, and how a rule would have done there
trigger            a trigger chosen by return period, precision or cost and loss
life, round        the machine of one warning, and a round of all of them for one month
message, compose   what is said, in both languages
store, recording   drafts and states between rounds, and the ledger's entries
withdrawal         what takes back a message that the ledger calls wrong
"""

from tocsin.warn.compose import is_exercise, warning_id
from tocsin.warn.evidence import Evidence
from tocsin.warn.life import Act, Seen, State, step
from tocsin.warn.message import ENDS, STATUSES, Message, Status, Texts, role
from tocsin.warn.questions import Answer, Asked, ask, chance, outcomes, resolve
from tocsin.warn.reading import built_in, named, parse, read, title_of
from tocsin.warn.readings import (
    Basis,
    Readings,
    Table,
    from_backtest,
    kept,
    known,
    make,
    outdated,
    write,
)
from tocsin.warn.record import Record, record
from tocsin.warn.recording import BLOCKED, issue_all, on_record, record_issued, to_entry
from tocsin.warn.round import LIVE, STALE_DAYS, Round, check_draft, check_fresh, hold, series_of
from tocsin.warn.rules import Rule, by_province
from tocsin.warn.store import Store
from tocsin.warn.trigger import Choice, by_cost_loss, by_precision, by_return_period, with_trigger
from tocsin.warn.withdrawal import WITHDRAWN, retold, upheld, withdrawals
from tocsin.warn.words import WORDS, Confidence, Word, likelihood, word

__all__ = [
    "BLOCKED",
    "ENDS",
    "LIVE",
    "STALE_DAYS",
    "STATUSES",
    "WITHDRAWN",
    "WORDS",
    "Act",
    "Answer",
    "Asked",
    "Basis",
    "Choice",
    "Confidence",
    "Evidence",
    "Message",
    "Readings",
    "Record",
    "Round",
    "Rule",
    "Seen",
    "State",
    "Status",
    "Store",
    "Table",
    "Texts",
    "Word",
    "ask",
    "built_in",
    "by_cost_loss",
    "by_precision",
    "by_province",
    "by_return_period",
    "chance",
    "check_draft",
    "check_fresh",
    "from_backtest",
    "hold",
    "is_exercise",
    "issue_all",
    "kept",
    "known",
    "likelihood",
    "make",
    "named",
    "on_record",
    "outcomes",
    "outdated",
    "parse",
    "read",
    "record",
    "record_issued",
    "resolve",
    "retold",
    "role",
    "series_of",
    "step",
    "title_of",
    "to_entry",
    "upheld",
    "warning_id",
    "with_trigger",
    "withdrawals",
    "word",
    "write",
]
