"""`tocsin score`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import output, words
from tocsin.cli.options import AsOf, Data, Json, optional
from tocsin.cli.reading import current_panel
from tocsin.cli.usage import command
from tocsin.text import number, say

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.watch import Scores


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""

    @command(app, "score", "cli.score")
    def score(
        draws: Annotated[Path, typer.Argument(metavar="cli.metavar.draws", help="cli.score.draws")],
        actuals: Annotated[Path | None, optional("cli.metavar.file", "cli.score.actuals")] = None,
        target: Annotated[str, optional("cli.metavar.target", "cli.score.target")] = "",
        as_of: AsOf = "",
        data: Data = "auto",
        as_json: Json = False,
    ) -> None:
        from tocsin.figures import attribution, attribution_of
        from tocsin.watch import score_draws

        with output.progress() as report:
            report(say("cli.stage_score"), 0, None)
            truth = actuals or current_panel(words.today_or(as_of, "--as-of"), data)
            found = score_draws(draws, truth, target=target or None)
        if as_json:
            # Whose a table of what happened is, nobody knows here but who gives it.
            whose = attribution([]) if isinstance(truth, Path) else attribution_of(truth)
            output.emit({"scores": [vars(scores) for scores in found], "attribution": whose.to_dict()})
        else:
            output.show(_table(found), say("cli.score.legend"))


def _table(found: tuple[Scores, ...]) -> Table:
    table = output.table(padding=0)
    for name in ("method", "rows", "unknown", "crps", "ign", "mis", "brier", "log", "covered"):
        left = name == "method"
        table.add_column(say(f"cli.score.column_{name}"), justify="left" if left else "right", no_wrap=True)
    for scores in found:
        table.add_row(
            scores.method,
            number(scores.rows),
            number(scores.unknown),
            number(scores.crps, decimals=2),
            number(scores.ignorance, decimals=3),
            number(scores.mis, decimals=1),
            number(scores.brier, decimals=3),
            number(scores.log_score, decimals=3),
            " ".join(str(round(100 * share)) for share in scores.covered.values()),
        )
    return table
