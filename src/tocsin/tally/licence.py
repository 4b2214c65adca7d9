"""Whose a tally is, and what its publisher asks of whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Whose:
    """A publisher, the work it asks to cite, and where its terms of use stand."""

    publisher: str
    citation: str
    terms: str


ACLED = Whose(
    publisher="Armed Conflict Location & Event Data (ACLED)",
    citation=(
        "Raleigh, C., Kishi, R. & Linke, A. (2023). Political instability patterns are obscured by conflict "
        "dataset scope conditions, sources, and coding choices. Humanities and Social Sciences "
        "Communications 10: 74. doi:10.1057/s41599-023-01559-4."
    ),
    terms="https://acleddata.com/terms-of-use/",
)
