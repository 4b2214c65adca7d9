"""Why a value was refused, in terms that can be said in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from tocsin.errors import BadInput
from tocsin.text import say

_SHOWN = 80


class Refused(ValueError):
    """Raised by a check of one value; `key` names its sentence, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)


class Path:
    """The way to a field, written `sources[0].citation` with positions counted from 1."""

    def __init__(self, steps: Sequence[str | int]) -> None:
        self.steps = tuple(steps)

    def __str__(self) -> str:
        written = ""
        for step in self.steps:
            # A name may be one that somebody made up, with any sign in it.
            name = shown(step)
            written += f"[{step + 1}]" if isinstance(step, int) else f".{name}" if written else name
        return written or say("ledger.whole_entry")


def shown(value: Any) -> str:
    """Return a value as an error message quotes it: on one line, shortened, without control characters."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    line = "".join(sign if sign.isprintable() else "�" for sign in text[: _SHOWN + 1])
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def first_problem(
    error: ValidationError,
    kind: str,
    fields: Sequence[str],
    *,
    within: Sequence[str] = (),
    example: bool = True,
) -> BadInput:
    """Return the first thing wrong with an entry as one error: field, value, valid choices, remedy.

    kind: type of the entry. fields: the valid fields. within: the way to what was checked. example: whether
    `tocsin ledger add --example` knows the kind.
    """
    problems = error.errors(include_url=False)
    problem = problems[0]
    context: Mapping[str, Any] = problem.get("ctx") or {}
    refused = context.get("error")
    told: dict[str, object] = {
        "field": Path((*within, *problem["loc"])),
        "value": shown(problem["input"]),
        "entry": kind,
        # A page tells the entry in the reader's words; what is typed stays.
        "type": kind,
    }
    name = problem["type"]
    if isinstance(refused, Refused):
        return BadInput(refused.key, **(told | refused.values))
    if name == "missing":
        return BadInput("ledger.bad.missing" if example else "ledger.bad.missing_plain", **told)
    if name == "extra_forbidden":
        choices = ", ".join(fields) if len(problem["loc"]) == 1 else ""
        inside = "ledger.bad.extra_inside" if example else "ledger.bad.extra_plain"
        return BadInput("ledger.bad.extra" if choices else inside, choices=choices, **told)
    if name == "literal_error":
        return BadInput("ledger.bad.choice", choices=_listed(context["expected"]), **told)
    given = problem["input"]
    if isinstance(given, list | tuple) and not name.startswith("too_"):
        return BadInput("ledger.bad.not_one", count=len(given), **told)
    for prefix, key in _BY_TYPE.items():
        if name.startswith(prefix):
            limits = {side: value for side, value in context.items() if side in ("ge", "gt", "le", "lt")}
            bound = next(iter(limits.values()), "")
            return BadInput(key, bound=bound, **told)
    return BadInput("ledger.bad.other", **told)


def _listed(expected: object) -> str:
    return str(expected).replace("' or '", "', '").replace("'", "")


_BY_TYPE = {
    "string": "ledger.bad.not_text",
    "int": "ledger.bad.not_whole",
    "float": "ledger.bad.not_number",
    "finite": "ledger.bad.not_number",
    "greater_than": "ledger.bad.too_small",
    "less_than": "ledger.bad.too_large",
    "too_short": "ledger.bad.empty_list",
    "too_long": "ledger.bad.long_list",
    "tuple": "ledger.bad.not_list",
    "model": "ledger.bad.not_object",
    "dict": "ledger.bad.not_object",
}
