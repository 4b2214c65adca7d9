"""Forecasts from many origins, each from what was known then, scored against what followed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from tocsin import months
from tocsin.backtest import executors
from tocsin.backtest.parts import Notice, Parts
from tocsin.backtest.results import Backtest, describe, read, write
from tocsin.backtest.rows import Unscored
from tocsin.backtest.settings import Settings, check_origins
from tocsin.errors import BadFile, BadInput
from tocsin.panel import Panel
from tocsin.text import say

Report = Callable[[str, float, float | None], None]


def run(
    panel: Panel,
    *,
    method: str,
    target: str,
    origins: Sequence[int],
    steps: Sequence[int],
    out: str | os.PathLike[str],
    jobs: int = 1,
    cluster: str | None = None,
    draws: int = 1000,
    progress: Report | None = None,
    notice: Notice | None = None,
) -> Backtest:
    """Forecast from each origin, score each month ahead, and write one Parquet file of results.

    panel:    the data; at each origin the method is given its months up to there, and outcomes come from it.
    origins:  month ids; at least 24 months of the panel must lie up to the first of them.
    steps:    months after the origin, ascending, 1 to 36. Sums over steps 1-3 and 1-12 are scored too where
              all of these steps are asked for.
    out:      the file. Until it is whole, parts lie in `OUT.parts`: a run that was stopped goes on from
              them when started again, and one that is whole already is only read.
    jobs:     processes, of one thread each; cluster: address of a Dask scheduler to use instead.
    draws:    draws of a forecast, at least 200.
    progress: called with a sentence, the origins done and their number; notice: called with a sentence
              about parts that are taken up, or damaged and made again.

    The file depends on the panel, the settings, the code and its numerical libraries alone: the same bytes
    for any number of jobs. BadInput or UnknownName for a value that cannot be used, NotReachable for a
    cluster that does not answer or a worker that was killed.
    """
    out = Path(out)
    if out.suffix != ".parquet" and not out.is_dir():
        raise BadInput("backtest.not_parquet", file=out)
    settings = Settings.of(panel, method=method, target=target, steps=steps, draws=draws)
    chosen = check_origins(panel, origins)
    if months.whole(jobs, "jobs") < 1:
        raise BadInput("backtest.jobs", value=jobs)
    if chosen[0] + settings.steps[0] > panel.span.last:
        raise BadInput("backtest.nothing_known", span=str(panel.span), step=settings.steps[0])
    if (done := _done(out, settings, chosen)) is not None:
        return done
    parts = Parts.of(out, settings, panel.level)
    tell = progress or (lambda stage, done, total: None)
    remark = notice or (lambda sentence: None)
    stage = say("backtest.stage", method=settings.method)
    missing = parts.missing(chosen, remark)
    if len(missing) < len(chosen):
        remark(say("backtest.resumed", done=len(chosen) - len(missing), count=len(chosen)))
    tell(stage, len(chosen) - len(missing), len(chosen))
    made = executors.parts(panel, settings, missing, jobs=jobs, cluster=cluster)
    try:
        for count, (origin, content) in enumerate(made, start=len(chosen) - len(missing) + 1):
            parts.write(origin, content)
            tell(stage, count, len(chosen))
    finally:
        parts.tidy()
    try:
        unscored = sum((found for _, found in _read(parts, chosen)), Unscored())
        write((table for table, _ in _read(parts, chosen)), describe(panel, settings, chosen, unscored), out)
    except BadFile:
        # Another process with the same run may have been done first, and have removed the parts.
        if _done(out, settings, chosen) is None:
            raise
    parts.remove()
    return read(out)


def _done(out: Path, settings: Settings, origins: tuple[int, ...]) -> Backtest | None:
    """Return the results in `out` if they are those of this very run."""
    if not out.exists():
        return None
    try:
        found = read(out)
    except BadFile:
        return None
    return found if (found.facts["key"], found.origins) == (settings.key, origins) else None


def _read(parts: Parts, origins: Sequence[int]) -> Iterator[tuple[pa.Table, Unscored]]:
    for origin in origins:
        found = parts.read(origin)
        if found is None:
            raise BadFile("backtest.part_lost", file=parts.file(origin))
        yield found
