"""Forecasts: that one was made, before it was known what would come of it."""

from __future__ import annotations

from typing import Literal

from tocsin.ledger.entries.entry import Entry
from tocsin.ledger.entries.parts import Party
from tocsin.ledger.entries.when import When
from tocsin.ledger.entries.words import Day, Digest, Line


class ForecastEntry(Entry):
    """That deaths were forecast for areas and months, and the digest of what was said.

    digest: of the watch, with which its bulletin ends; forecasts shown later under another are not these.
    """

    type: Literal["forecast"] = "forecast"
    by: Party
    method: Line
    window: When
    data_as_of: Day
    digest: Digest
