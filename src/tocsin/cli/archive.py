"""`tocsin archive`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin import months
from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.errors import BadInput, Damaged, NotAssessed, TocsinError
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.ledger import Recorded
    from tocsin.panel import Panel
    from tocsin.watch import Kept, Scores

    Row = tuple[Kept, tuple[Scores, ...]]


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "archive", "cli.archive")
    def archive(
        as_of: AsOf = "",
        data: Data = "auto",
        record: Annotated[str | None, optional("warn.metavar.role", "cli.archive.record")] = None,
        as_json: Json = False,
    ) -> None:
        from tocsin.figures import attribution_of
        from tocsin.warn import role
        from tocsin.watch import gone, kept

        if record is not None and as_of:
            raise BadInput("cli.archive.record_past")
        by = None if record is None else role(record, "--record")
        day = words.today_or(as_of, "--as-of")
        archived = kept(folder())
        held = [one for one in archived.watches if one.as_of <= day]
        truth = _truth(day, data)
        rows: list[Row] = []
        damaged = dict(archived.damaged)
        with output.progress() as report:
            for count, one in enumerate(held):
                report(say("cli.stage_archive", day=one.as_of.isoformat()), count, len(held))
                try:
                    rows.append((one, one.scored(truth)))
                except Damaged as error:
                    damaged[one.folder] = error
        recorded, refused = None, None
        try:
            recorded = recorded_by(day, new=by is not None)
            if by is not None:
                recorded = put_on_record([one for one, _ in rows], by, recorded)
        except TocsinError as error:
            refused = error
        lost = gone(archived, recorded)
        if as_json:
            output.emit(
                {
                    "kept": [_plain(*row, recorded) for row in rows], "damaged": sorted(damaged),
                    "strays": archived.strays, "gone": lost,
                    "attribution": None if truth is None else attribution_of(truth).to_dict(),
                }
            )  # fmt: skip
        elif rows:
            legend = say("cli.archive.legend", folder=str(folder()))
            output.show(_table(rows, recorded), *_overall(rows), legend)
        elif not damaged:
            output.show(say("cli.archive.empty", folder=str(folder()), day=day.isoformat()))
        if archived.strays:
            names = ", ".join(place.name for place in archived.strays)
            output.remark(say("cli.archive.strays", folder=str(folder()), names=names))
        if lost:
            output.remark(say("cli.archive.gone", folder=str(folder()), ids=", ".join(lost)))
        if recorded is None:
            output.complain(say("cli.archive.not_asked"))
        wrong: list[TocsinError] = [damaged[place] for place in sorted(damaged)]
        wrong += [] if refused is None else [refused]
        for other in wrong[1:]:
            output.complain(other.message())
        if wrong:
            raise wrong[0]


def folder() -> Path:
    """Return the folder of the archive, in Tocsin's own."""
    from tocsin.ledger import locate
    from tocsin.watch.archive import NAME

    return locate().keys / NAME


def recorded_by(day: dt.date, *, new: bool) -> Mapping[str, Recorded]:
    """Return what is on record by a day. new: as for `tocsin.ledger.existing`, whose errors are raised."""
    from tocsin.ledger import existing
    from tocsin.watch import on_record

    with existing(new=new) as ledger:
        return on_record(ledger, day)


def put_on_record(watches: Sequence[Kept], by: str, before: Mapping[str, Recorded]) -> Mapping[str, Recorded]:
    """Record watches in the ledger in the name of a role, say what was new, and return all it holds.

    before: what it held when it was asked; where nothing is lacking there no ledger is made.
    """
    from tocsin.ledger import Ledger
    from tocsin.watch import deposit, lacking, on_record

    if not lacking(watches, before):
        of_day = any(one.on_its_day for one in watches)
        output.remark(say("cli.archive.nothing_recorded" if of_day else "cli.archive.none_of_its_day"))
        return before
    with Ledger.open() as ledger:
        fresh = deposit(watches, ledger, by=by)
        said = "cli.archive.recorded" if fresh else "cli.archive.nothing_recorded"
        output.remark(say(said, count=len(fresh), ids=", ".join(one.id for one in fresh)))
        return on_record(ledger)


def _truth(day: dt.date, data: str) -> Panel | None:
    """Return what is known on a day; None, and that is said, where nothing is: what was kept is listed."""
    try:
        return current_panel(day, data)
    except NotAssessed as error:
        output.remark(str(error))
        return None


def _plain(one: Kept, scores: Sequence[Scores], recorded: Mapping[str, Recorded] | None) -> dict[str, Any]:
    from tocsin.watch import of_record

    return {
        "as_of": one.as_of, "began_at": one.began_at.isoformat(), "kept_at": one.kept_at.isoformat(),
        "on_its_day": one.on_its_day,
        "origin": months.label(one.origin), "methods": one.methods, "watch_sha256": one.digest,
        **of_record(one.digest, recorded),
        "folder": one.folder, "scores": [vars(each) for each in scores],
    }  # fmt: skip


def _table(rows: Sequence[Row], recorded: Mapping[str, Recorded] | None) -> Table:
    from tocsin.watch.results import SIGNS

    table = output.table(padding=(0, 1, 0, 0))
    for name in ("day", "made", "origin", "known", "lead", "beside", "digest"):
        left = name not in ("known", "lead", "beside")
        table.add_column(say(f"cli.archive.column_{name}"), justify="left" if left else "right", no_wrap=True)
    for one, scores in rows:
        table.add_row(
            one.as_of.isoformat(),
            one.made(),
            months.label(one.origin),
            number(scores[0].rows) if scores else "0",
            *(number(each.crps, decimals=2) for each in scores[:2]),
            *("–" for _ in range(2 - len(scores[:2]))),
            one.digest[:SIGNS] + ("?" if recorded is None else "*" if one.digest in recorded else ""),
        )
    return table


def _overall(rows: Sequence[Row]) -> list[str]:
    """Return what came of all that was said on its day; nothing while none of it is known."""
    said = [scores for one, scores in rows if one.on_its_day and len(scores) > 1]
    if not said:
        return []
    known = sum(scores[0].rows for scores in said)
    lead, beside = (sum(scores[at].crps * scores[at].rows for scores in said) / known for at in (0, 1))
    return [
        say(
            "cli.archive.overall", count=len(said), known=number(known),
            lead=number(lead, decimals=2), beside=number(beside, decimals=2),
        )
    ]  # fmt: skip
