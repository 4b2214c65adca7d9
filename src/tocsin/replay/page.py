"""The page of a replay in the docs: `python -m tocsin.replay.page mali-2011-2015 FOLDER FILE METHOD`.

It holds the account's first paragraphs, its table of turning points and its scores; in French with
`--lang fr`. A folder that holds the finished replay is read; into any other the case is walked first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tocsin.bulletin import Block, Paragraph, Table
from tocsin.panel import released
from tocsin.replay.account import account
from tocsin.replay.case import load
from tocsin.replay.folder import produce
from tocsin.replay.numbers import points_table, scores
from tocsin.replay.replay import Replay
from tocsin.text import LANGUAGES, Language, say


def page(found: Replay, language: Language = "en") -> str:
    """Return the page as Markdown; the same replay gives the same text."""
    opening = []
    for block in account(found, language).blocks:
        if not isinstance(block, Paragraph):
            break
        opening.append(block)
    blocks: list[Block] = [*opening]
    if found.before:
        blocks += [
            points_table(found, language), Paragraph(say("replay.account.points_note", language), "small")
        ]  # fmt: skip
    blocks += scores(found, language)
    tracks = " / ".join(track.said(language) for track in found.tracks)
    head = say(
        "replay.page.head", language, title=found.case.title.said(language), case=found.case.name,
        method=found.method, tracks=tracks, releases=released(found.outcomes.releases, language),
    )  # fmt: skip
    return head + "\n" + "\n".join("\n".join(_markdown(block)) + "\n" for block in blocks)


def _markdown(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        if block.caption:
            yield from (f"**{block.caption}**", "")
        yield _row(block.header)
        yield "|" + "|".join("--:" if align == "right" else "---" for align in block.align) + "|"
        yield from (_row(row) for row in block.rows)
    elif isinstance(block, Paragraph):
        yield block.text


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(words: list[str]) -> None:
    """Write the page of a case, from the replay in a folder by a method, to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", help="the file of a case, or the name of one that ships")
    parser.add_argument("folder", type=Path, help="the folder of the replay")
    parser.add_argument("file", type=Path, help="the page that is written")
    parser.add_argument("method", nargs="?", help="the method of the replay; the one that ranks unless given")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="the language of the page")
    asked = parser.parse_args(words)
    found = produce(load(asked.case), out=asked.folder, method=asked.method)
    asked.file.write_text(page(found, asked.lang), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
