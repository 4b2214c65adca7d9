"""What a replay reads: the tracks of a choice of data, the release it is judged by, the rules' readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin import areas, figures, forecast, months, revision
from tocsin import panel as panels
from tocsin.errors import NotAssessed, UnknownName
from tocsin.figures import Groups
from tocsin.panel import Panel
from tocsin.replay.case import Case
from tocsin.replay.tracks import Track, lagged, vaulted, vintaged
from tocsin.text import say
from tocsin.vault import Vault
from tocsin.warn import Evidence, Rule, Table, known, make, write
from tocsin.warn.readings import code, read
from tocsin.watch import current_groups

DATA = ("figures", "vault", "vintages")

Progress = Callable[[str, float, float | None], None]


@dataclass(frozen=True, eq=False)
class Sources:
    """Tracks side by side, and the release in hand that months are revealed from, with its groups."""

    tracks: tuple[Track, ...]
    outcomes: Panel
    groups: Groups | None


def sources(case: Case, data: str, rules: Sequence[Rule], *, as_of: dt.date) -> Sources:
    """Return what a replay of a case reads.

    data: `figures`, those that ship, cut by each lag of the case; `vault`, what the vault held on each day;
          `vintages`, the shipped vintages of one country, as published and as they are likely to be revised.

    Raises UnknownName for another, NotAssessed where nothing is known on `as_of`.
    """
    outcomes = source_panel(case.gw, data, as_of=as_of)
    groups = current_groups(as_of, "vault" if data == "vault" else "figures")
    if data == "figures":
        return Sources(lagged(outcomes, case.lags, rules, groups), outcomes, groups)
    if data == "vault":
        return Sources((vaulted(Vault.open(), rules, as_of=as_of),), outcomes, groups)
    return Sources(vintaged(revision.shipped(case.gw, as_of=as_of)), outcomes, groups)


def source_panel(country: int | str, data: str, *, as_of: dt.date) -> Panel:
    """Return the release in hand on a day, from which a replay reveals what happened; errors as `sources`."""
    if data == "figures":
        return figures.panel(as_of=as_of)
    if data == "vault":
        return panels.from_vault(Vault.open(), as_of=as_of)
    if data == "vintages":
        return revision.shipped(areas.country(country).gw, as_of=as_of).panel(as_of)
    raise UnknownName("replay.unknown_data", value=data, choices=", ".join(DATA))


def readings(
    rules: Sequence[Rule], method: str, *, as_of: dt.date, kept: str | Path | None,
    progress: Progress = lambda stage, done, total: None,
) -> Table:  # fmt: skip
    """Return the rules' readings over the shipped figures, by `method`: what their records are read off.

    Those of the package, which the watch reads too, if they are of these figures; else those kept from an
    earlier run of this very code; else made now, which takes minutes, and kept in the file `kept`.
    """
    kept = None if kept is None else Path(kept)
    try:
        evidence = Evidence.of(figures.panel(as_of=as_of), rules, figures.groups(as_of=as_of))
    except NotAssessed:
        # The figures were not out on that day: no rule has a record then.
        return {}
    shipped = known(None, method)
    if _of(shipped, rules, evidence):
        return shipped
    if kept is not None and kept.is_file():
        held = read(kept)
        if _of(held, rules, evidence) and next(iter(held.values())).basis.code == code():
            return held
    made = make(evidence, rules, method=method, stage=say("replay.stage_readings"), progress=progress)
    if kept is not None:
        write(made, kept)
    return made


def usual_method(data: str) -> str:
    """Return the method that walks a choice of data unless another is named.

    It is the one that ranks, so that a replay shows what would have been said. On the vintages of one
    country, where it has nobody else to learn from and is asked twenty times a month, it is the plain one.
    """
    return "no-learning" if data == "vintages" else forecast.DEFAULT


def newest(data: str) -> dt.date:
    """Return the day whose knowledge is in hand when nobody names one.

    Of the shipped figures it is the day from which all of them are known, so that a replay made next year has
    the same bytes; of anything else it is today.
    """
    if data != "figures":
        return months.today()
    tables = figures.manifest()["tables"].values()
    return max(dt.date.fromisoformat(table["known_at"]) for table in tables)


def _of(table: Table, rules: Sequence[Rule], evidence: Evidence) -> bool:
    """Return whether readings speak of every rule, and were made from this evidence."""
    if not all(rule.criterion in table for rule in rules):
        return False
    return next(iter(table.values())).basis.evidence == evidence.digest
