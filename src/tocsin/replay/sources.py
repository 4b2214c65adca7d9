"""What a replay reads: the tracks of a choice of data, the release it is judged by, the rules' readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin import figures, revision, warn
from tocsin import panel as panels
from tocsin.backtest.settings import code_digest
from tocsin.errors import UnknownName
from tocsin.panel import Panel
from tocsin.replay.case import Case
from tocsin.replay.tracks import Track, lagged, vaulted, vintaged
from tocsin.text import say
from tocsin.vault import Vault
from tocsin.warn import Evidence, Rule, Table

DATA = ("figures", "vault", "vintages")

Progress = Callable[[str, float, float | None], None]


@dataclass(frozen=True, eq=False)
class Sources:
    """Tracks side by side, and the release in hand that months are revealed from."""

    tracks: tuple[Track, ...]
    outcomes: Panel


def sources(case: Case, data: str, rules: Sequence[Rule], *, as_of: dt.date) -> Sources:
    """Return what a replay of a case reads.

    data: `figures`, those that ship, cut by each lag of the case; `vault`, what the vault held on each day, as
          it was; `vintages`, the shipped vintages of one country, as published and with their expected
          revision. Raises UnknownName for another, NotAssessed where nothing is known on `as_of`.
    """
    if data == "figures":
        panel = figures.panel(as_of=as_of)
        return Sources(lagged(panel, case.lags, rules, as_of=as_of), panel)
    if data == "vault":
        vault = Vault.open()
        return Sources((vaulted(vault, as_of=as_of),), panels.from_vault(vault, as_of=as_of))
    if data == "vintages":
        triangle = revision.shipped(case.gw, as_of=as_of)
        return Sources(vintaged(triangle), triangle.panel(as_of))
    raise UnknownName("replay.unknown_data", value=data, choices=", ".join(DATA))


def readings(
    rules: Sequence[Rule], method: str, *, as_of: dt.date, kept: Path | None,
    progress: Progress = lambda stage, done, total: None,
) -> Table:  # fmt: skip
    """Return the rules' readings over the shipped figures, by `method`: what their records are read off.

    Those of the package if they are of these figures and this code; else those kept from an earlier run, else made
    now, which takes minutes, and kept in the file `kept`.
    """
    evidence = Evidence.of(figures.panel(as_of=as_of), rules, as_of=as_of)
    held = [warn.known(None, method)]
    if kept is not None and kept.is_file():
        held.append(warn.readings.read(kept))
    for table in held:
        if all(rule.criterion in table for rule in rules):
            basis = next(iter(table.values())).basis
            if (basis.evidence, basis.code) == (evidence.digest, code_digest()):
                return table
    made = warn.make(evidence, rules, method=method, stage=say("replay.stage_readings"), progress=progress)
    if kept is not None:
        warn.write(made, kept)
    return made
