"""The closed list of entry types, and the one way from plain values to an entry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from pydantic import ValidationError

from tocsin.errors import BadInput, UnknownName
from tocsin.ledger.entries.answers import Acceptance, Action, Decision, Dismissal, Notice, Request
from tocsin.ledger.entries.context import Control, Event
from tocsin.ledger.entries.entry import Entry, fields_of
from tocsin.ledger.entries.findings import Assessment, Correction, Outcome
from tocsin.ledger.entries.forces import Capacity, Deployment, Trigger
from tocsin.ledger.entries.forecasts import ForecastEntry
from tocsin.ledger.entries.promises import Agreement, Commitment, Denial, Fulfilment
from tocsin.ledger.entries.refusal import first_problem, shown
from tocsin.ledger.entries.warnings import WarningEntry
from tocsin.ledger.entries.words import RECORDED

TYPES: dict[str, type[Entry]] = {
    "forecast": ForecastEntry,
    "warning": WarningEntry,
    "notice": Notice,
    "acceptance": Acceptance,
    "dismissal": Dismissal,
    "decision": Decision,
    "action": Action,
    "request": Request,
    "commitment": Commitment,
    "denial": Denial,
    "fulfilment": Fulfilment,
    "agreement": Agreement,
    "deployment": Deployment,
    "capacity": Capacity,
    "trigger": Trigger,
    "assessment": Assessment,
    "outcome": Outcome,
    "correction": Correction,
    "event": Event,
    "control": Control,
}
"""Every entry type by name, in the order in which a warning's story runs."""

ENTRY_LIMIT = 262_144
"""Longest entry, in bytes of canonical JSON."""

_DERIVED = "derived"


def entry_type(name: object) -> type[Entry]:
    """Return the model of an entry type; UnknownName, with the choices, if there is none of that name."""
    found = TYPES.get(name) if isinstance(name, str) else None
    if found is None:
        raise UnknownName("ledger.bad.type", value=shown(name), choices=", ".join(TYPES))
    return found


def entry(values: Mapping[str, Any] | None = None, /, **fields: Any) -> Entry:
    """Return the entry that plain values describe, checked.

    values, fields: `type`, the common fields and those of the type (docs/ledger). Without `id`, one is
    derived from the content: `<type>-<first day>-<12 hexadecimal digits>`, so that the same entry has the
    same id.
    Raises BadInput for the first thing wrong: the field, the value, the valid choices.
    """
    return _made(dict(values or {}) | fields, None)


def recorded_entry(values: Mapping[str, Any]) -> Entry:
    """Return the entry of values that were recorded: as `entry`, but it may hold signs refused only later."""
    return _made(dict(values), RECORDED)


def _made(given: dict[str, Any], context: str | None) -> Entry:
    if "type" not in given:
        raise BadInput("ledger.bad.no_type", choices=", ".join(TYPES))
    model = entry_type(given["type"])
    named = given.get("id") is not None
    try:
        made = model.model_validate(given if named else given | {"id": _DERIVED}, context=context)
    except ValidationError as error:
        raise first_problem(error, str(given["type"]), fields_of(model)) from None
    # Canonical JSON takes time; what is short in any form needs no measuring.
    if len(made.model_dump_json()) > ENTRY_LIMIT and len(made.canonical()) > ENTRY_LIMIT:
        raise BadInput("ledger.bad.long_entry", size=len(made.canonical()), limit=ENTRY_LIMIT)
    if named:
        return made
    content = made.content()
    del content["id"]
    body = rfc8785.dumps(content)
    derived = f"{made.type}-{made.date.first.isoformat()}-{hashlib.sha256(body).hexdigest()[:12]}"
    return made.model_copy(update={"id": derived})
