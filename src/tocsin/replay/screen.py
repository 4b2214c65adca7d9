"""The screen: what a replay found, for a terminal, and where its files are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tocsin.bulletin import Paragraph, plain
from tocsin.bulletin import Table as Rows
from tocsin.replay.account import account
from tocsin.replay.replay import Replay
from tocsin.text import Language, current_language, say

_EXPECTED = 5
"""Column of the table of turning points that a terminal has no room for."""


def screen(found: Replay, *, out: str | Path, language: Language | None = None) -> RenderableType:
    """Return the first paragraph of the account, its table of turning points, and where everything is."""
    return Group(*_parts(found, out, language or current_language()))


def _parts(found: Replay, out: str | Path, language: Language) -> Iterator[RenderableType]:
    document = account(found, language)
    first = document.blocks[0]
    assert isinstance(first, Paragraph)
    yield Text(plain(document.title), style="bold")
    yield Text("\n" + plain(first.text))
    points = next((b for b in document.blocks if isinstance(b, Rows)), None)
    if points is not None and found.case.turning_points:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        kept = [place for place in range(len(points.header)) if place != _EXPECTED]
        for place in kept:
            table.add_column(points.header[place], justify=points.align[place])
        for row in points.rows:
            table.add_row(*(row[place] for place in kept))
        yield table
        labels = " / ".join(track.said(language) for track in found.tracks)
        yield Text(labels, style="dim")
    if found.checked is not None:
        key = "replay.ledger_good" if not found.checked.problems else "replay.ledger_bad"
        yield Text("\n" + say(key, language, entries=found.checked.size, root=found.checked.root))
    yield Text(say("replay.files", language, out=str(out)))
