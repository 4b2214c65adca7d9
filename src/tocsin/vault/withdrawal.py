"""Taking back what was wrongly brought in: from then on no read sees it, and its row and bytes stay."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tocsin.errors import BadInput, UnknownName
from tocsin.sources.release import release_order
from tocsin.vault import catalogue, folder
from tocsin.vault.folder import Folder
from tocsin.vault.vintage import Vintage, seen, standing

_DIGEST = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True)
class Withdrawal:
    """What was taken back, and what reads see in its place.

    vintage:  the vintage, with `withdrawn_at` and `reason`.
    standing: the vintages of its release that stand from then on; none if no other is held.
    """

    vintage: Vintage
    standing: tuple[Vintage, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the withdrawal as JSON-able values."""
        return {"withdrawn": self.vintage.to_dict(), "standing": [v.to_dict() for v in self.standing]}


def withdraw(where: Folder, wait: float, named: str, reason: str) -> Withdrawal:
    """Withdraw the vintage named; see `Vault.withdraw`."""
    # DuckDB takes no text that is not UTF-8, which a word of the command line need not be.
    why = reason.strip().encode("utf-8", "replace").decode()
    if not why:
        raise BadInput("vault.no_reason")
    with folder.writer(where, wait), folder.writing(where):
        held = catalogue.vintages(where, wait)
        now = dt.datetime.now(dt.UTC)
        vintage = dataclasses.replace(_find(held, named, now), withdrawn_at=now, reason=why)
        catalogue.withdraw(where, wait, vintage)
    others = (v for v in seen(held, now) if v.stem != vintage.stem)
    same = [v for v in others if (v.publisher, v.release) == (vintage.publisher, vintage.release)]
    return Withdrawal(vintage, standing(same))


def _find(held: Iterable[Vintage], named: str, now: dt.datetime) -> Vintage:
    """Return the one vintage not yet withdrawn that bears a release's name, or whose digest begins so."""
    text = named.strip().lower()
    held = tuple(held)
    found = [v for v in held if text.removeprefix("v") == v.release]
    if not found and _DIGEST.fullmatch(text):
        found = [v for v in held if v.sha256.startswith(text)]
    if not found:
        releases = sorted({v.release for v in held}, key=release_order)
        raise UnknownName("vault.unknown_vintage", value=named, choices=", ".join(releases) or "-")
    left = [v for v in found if not v.withdrawn_by(now)]
    if not left:
        last = max(found, key=lambda v: v.arrival)
        assert last.withdrawn_at is not None
        day = last.withdrawn_at.isoformat(timespec="seconds")
        raise BadInput("vault.already_withdrawn", value=named, day=day, reason=last.reason)
    if len(left) > 1:
        shown = (f"{v.short} ({v.name}, {v.retrieved_at.date().isoformat()})" for v in left)
        raise BadInput("vault.several_vintages", value=named, choices=", ".join(shown))
    return left[0]
