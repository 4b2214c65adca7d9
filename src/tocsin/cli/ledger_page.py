"""What `tocsin ledger log` and `tocsin ledger show` print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tocsin.cli import output
from tocsin.text import current_language, number, say

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from tocsin.ledger import Entry, Proof, Recorded, VerifierKey

_ACTORS = ("by", "promisor", "authority", "force", "holder", "actors", "parties", "attributed_to")

AREAS = 8
"""Areas of an entry that a table names; of more it says how many."""


def record(found: Recorded, corrected: frozenset[str]) -> dict[str, Any]:
    """Return a recorded entry as plain values for JSON. corrected: as `Ledger.corrected`."""
    return {
        "number": found.index + 1, "recorded_at": found.recorded_at, "imported": found.imported,
        "leaf": found.leaf.hex(), "corrected": found.entry.id in corrected, "entry": found.entry.content(),
    }  # fmt: skip


def table(found: Sequence[Recorded], corrected: frozenset[str]) -> Table:
    """Return entries as a table: two lines each, the second one what happened."""
    from rich.console import Group
    from rich.text import Text

    from tocsin.ledger import area_names

    shown = output.table(expand=True)
    for name in ("number", "date", "type", "area"):
        right = name == "number"
        shown.add_column(
            say(f"ledger.cli_log.column_{name}"), justify="right" if right else "left", no_wrap=name != "area"
        )
    shown.add_column(say("ledger.cli_log.column_entry"), ratio=1)
    for one in found:
        entry = one.entry
        mark = "*" if entry.id in corrected else ""
        line = say(
            "ledger.cli_log.line", who=_who(entry), text=" ".join(entry.text_in(current_language()).split())
        )
        # An id is to be copied whole; what happened is read in full where the id leads.
        told = Group(Text(entry.id, "bold", overflow="fold"), Text(line, no_wrap=True, overflow="ellipsis"))
        kind = say(f"ledger.type.{entry.type}")
        where = area_names(entry.areas, entry.date, most=AREAS)
        row = (mark + number(one.index + 1), str(entry.date), kind, where)
        shown.add_row(*(plain(cell) for cell in row), told)
    return shown


def page(
    found: Recorded,
    linked: list[tuple[str, str, str]],
    corrected: frozenset[str],
    proof: Proof,
    signer: VerifierKey | None,
) -> list[RenderableType]:
    """Return one entry with all it holds, its links in both directions, and its proof.

    linked: (role, id, type) of the entries that link to it. corrected: as `Ledger.corrected`; signer: as
    `Ledger.signer`.
    """
    from rich.padding import Padding
    from rich.table import Table

    from tocsin.ledger import fields

    entry, at = found.entry, found.recorded_at
    lines: list[RenderableType] = [
        plain(say("ledger.cli_show.title", type=say(f"ledger.type.{entry.type}"), id=entry.id), "bold"),
        plain(say("ledger.cli_show.number", number=found.index + 1, size=proof.size, recorded_at=at)),
    ]
    if found.imported is not None:
        first = found.imported
        told = {"origin": first["origin"], "number": first["index"] + 1, "recorded_at": first["recorded_at"]}
        lines.append(plain(say("ledger.cli_show.imported", **told)))
    for role, source, kind in linked:
        if (role, kind) == ("corrects", "correction") and source not in corrected:
            lines.append(plain(say("ledger.cli_show.is_corrected", id=source), "bold red"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="cyan")
    grid.add_column()
    language = current_language()
    left_out = {"type", "id", "links", *entry.retold(language)}
    specs = list(fields(entry.type))
    if entry.text_in(language) is not entry.text:
        specs.sort(key=lambda spec: spec.name != "translation")
    for spec in specs:
        value = getattr(entry, spec.name)
        if spec.name not in left_out and value not in (None, ()):
            grid.add_row(plain(spec.label), plain(_value(entry, spec.name, spec.choices, value)))
    for label, role, other in (
        *(("ledger.cli_show.links", link.role, link.id) for link in entry.links),
        *(("ledger.cli_show.linked", role, source) for role, source, _ in linked),
    ):
        grid.add_row(plain(say(label)), plain(f"{other} ({say(f'ledger.role.{role}')})"))
    grid.add_row(plain(say("ledger.cli_show.proof")), plain(_proof(proof)))
    by = say("ledger.cli_show.no_signer") if signer is None else signer.short
    grid.add_row(plain(say("ledger.cli_show.signer")), plain(by))
    return [*lines, Padding(grid, (1, 0, 0, 0))]


def plain(text: str, style: str = "") -> Any:
    """Return text that is shown as it is: what looks like markup in an entry is not."""
    from rich.text import Text

    return Text(text, style=style)


def _proof(proof: Proof) -> str:
    signers = [line.split(" ")[1] for line in proof.checkpoint.splitlines() if line.startswith("— ")]
    steps = (
        say("ledger.cli_show.leaf", leaf=proof.leaf),
        say("ledger.cli_show.path", steps=len(proof.path), root=proof.root, size=proof.size),
        say("ledger.cli_show.signed", name=", ".join(signers))
        if signers
        else say("ledger.cli_show.unsigned"),
    )
    return "\n".join(steps)


def _areas(entry: Entry) -> str:
    from tocsin.ledger import area_name

    named = [(area_name(area, entry.date), area) for area in entry.areas]
    return ", ".join(f"{name} ({area})" if name != area else name for name, area in named)


def _who(entry: Entry) -> str:
    """Return who did what the entry tells: the parties it names first, else its author."""
    for field in _ACTORS:
        named = getattr(entry, field, None)
        if named:
            return ", ".join(str(p) for p in named) if isinstance(named, tuple) else str(named)
    return entry.author


def _value(entry: Entry, name: str, choices: tuple[str, ...], value: Any) -> str:
    if name == "areas":
        return _areas(entry)
    if choices and isinstance(value, str):
        return say(f"ledger.value.{value}")
    if isinstance(value, tuple):
        return "\n".join(map(_item, value))
    if hasattr(value, "said"):
        return str(value.said())
    if isinstance(value, (int, float)):
        return number(value)
    return str(value)


def _item(one: Any) -> str:
    status = getattr(one, "status", None)
    return str(one) if status is None else f"{one}, {say(f'ledger.value.{status}')}"
