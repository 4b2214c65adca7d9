"""What the commands that record say of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.cli import output
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.ledger import Ledger

_LONG_PAUSE = 92
"""Days without an entry after which whoever records is asked to look at the clock."""


def to_record(ledger: str) -> Ledger:
    """Open the ledger to record in, made where there is none; say so where its last entry is long past."""
    from tocsin.ledger import Ledger

    log = Ledger.open(ledger or None)
    tell_pause(log)
    return log


def tell_pause(log: Ledger) -> None:
    """Say so where the last entry is long past by this clock: a stamp ahead of time is never taken back."""
    from tocsin.ledger.clock import moment, stamp

    now, last = log.clock(), log.entries(newest=1)
    if last and (days := (now - moment(last[0].recorded_at)).days) > _LONG_PAUSE:
        output.remark(say("ledger.cli_add.pause", days=days, last=last[0].recorded_at, now=stamp(now)))
