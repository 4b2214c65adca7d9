"""What a command reads of the data of today, and a remark where what was brought in is not among it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tocsin.cli import output
from tocsin.text import say

if TYPE_CHECKING:
    from tocsin.panel import Panel


def current_panel(day: dt.date, data: str) -> Panel:
    """Return as `tocsin.watch.current_panel`.

    Where the figures are read though releases were brought in, it says so: those would be taken for read.
    """
    from tocsin import watch

    panel = watch.current_panel(day, data)
    if watch.passes_over_vault(day, data):
        output.remark(say("cli.vault_passed_over"))
    return panel
