"""The page of skill: Markdown whose every number comes from files of results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tocsin import files
from tocsin.errors import BadFile
from tocsin.skill import plots
from tocsin.skill.challenge import read_scores
from tocsin.skill.evidence import REFERENCE, load, pairs
from tocsin.skill.record import Page
from tocsin.skill.tables import Against, against, findings
from tocsin.skill.writer import Writer
from tocsin.text import Language, current_language, say

Report = Callable[[str, float, float | None], None]


def write(
    paths: Iterable[str | Path],
    *,
    method: str,
    out: str | Path,
    reference: str = REFERENCE,
    baselines: Sequence[str] = (),
    images: str | Path | None = None,
    scores: str | Path | None = None,
    log: str | Path | None = None,
    command: str = "tocsin skill",
    language: Language | None = None,
    progress: Report | None = None,
) -> Page:
    """Write the page that says where a method beats a reference, and where it does not.

    paths:   files of backtest results, or folders of them. A method's file is compared with the reference's
             of the same data and kind of deaths, on the forecasts that both hold.
    out:     the Markdown file; images: the folder of its plots, `images` beside it unless given.
    baselines: more methods whose files are there, beside which the ratio alone is given.
    scores:  a JSON file of `tocsin challenge score`; log: a Markdown file, put in at the end as it is.
    command: the words that made the page, which it names.

    Each file is written whole or not at all. BadInput or BadFile for files that cannot be used, compared or
    written.
    """
    out = Path(out)
    chosen = language or current_language()
    tell = progress or (lambda stage, done, total: None)
    table = read_scores(Path(scores)) if scores else None
    tried = _read_log(Path(log)) if log else None
    held = load(list(paths))
    both = pairs(held, method, reference)
    more = {
        name: pairs(held, method, name, option="--baseline")
        for name in dict.fromkeys(baselines)
        if name != reference
    }
    total, found = len(both) + sum(map(len, more.values())), []
    for done, pair in enumerate(both):
        tell(say("skill.stage", label=pair.label()), done, total)
        found.append(findings(pair))
    beside: dict[str, tuple[Against, ...]] = {}
    for name, others in more.items():
        tell(say("skill.stage", label=name), len(both) + sum(map(len, beside.values())), total)
        beside[name] = tuple(against(pair) for pair in others)
    folder = Path(images) if images else out.parent / "images"
    stem = "skill" if out.stem == "skill" else f"skill-{out.stem}"
    drawn = plots.draw(found, folder, stem, chosen)
    links = {name: os.path.relpath(file, out.parent).replace(os.sep, "/") for name, file in drawn.items()}
    text = Writer(found, links, chosen, beside).page(table, tried, command)
    files.write(out, text.encode())
    return Page(out, tuple(sorted(drawn.values())), tuple(found), beside)


def _read_log(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("skill.no_log", file=file) from error
