"""Records as tables: one row a thing, for whoever reads CSV or Parquet rather than JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from tocsin.decide import NEVER, Decision, Spread
from tocsin.desk.ledger import is_exercise
from tocsin.ledger import Recorded
from tocsin.warn import Record

WHOLE, REAL, TEXT, YES = pl.Int64(), pl.Float64(), pl.String(), pl.Boolean()

ENTRIES = {
    "number": WHOLE, "id": TEXT, "type": TEXT, "exercise": YES, "date_from": TEXT, "date_to": TEXT,
    "precision": TEXT, "areas": TEXT, "text": TEXT, "language": TEXT, "author": TEXT, "attributed_to": TEXT,
    "confidence": TEXT, "sources": TEXT, "links": TEXT, "corrected": YES, "recorded_at": TEXT, "leaf": TEXT,
    "entry": TEXT,
}  # fmt: skip
"""Columns of a table of entries; `entry` is the whole of it as canonical JSON (RFC 8785)."""

SCORES = {
    "target": TEXT, "scheme": TEXT, "group": TEXT, "name": TEXT, "measure": TEXT, "value": REAL,
    "reference": REAL, "low_90": REAL, "high_90": REAL, "years": WHOLE, "rows": WHOLE,
}  # fmt: skip
"""Columns of the table of scores.

scheme: `gw`, countries by Gleditsch and Ward, or `views`, those of the VIEWS prediction challenge.
measure: `crps`, `crps_log`, `ign`, `interval`, mean scores of the method (`value`) and of the one it is set
beside (`reference`), lower is better; `crps_ratio`, the geometric mean over years of the ratio of the two,
with its 90 % interval, below 1 is better; `coverage_N`, the share of outcomes within the central N % of the
forecast law.
"""

RULES = {
    "rule": TEXT, "method": TEXT, "trigger": REAL, "first": TEXT, "until": TEXT, "episodes": WHOLE,
    "hits": WHOLE, "misses": WHOLE, "warnings": WHOLE, "false_alarms": WHOLE, "precision": REAL,
    "recall": REAL, "lead_months_median": REAL, "lead_months_low": REAL, "lead_months_high": REAL,
    "area_years": REAL, "return_period_years": REAL, "warnings_per_year": REAL, "base_rate": REAL,
    "thin": YES,
}  # fmt: skip

WATCHES = {
    "as_of": TEXT, "began_at": TEXT, "kept_at": TEXT, "on_its_day": YES, "origin": TEXT, "method": TEXT,
    "digest": TEXT, "on_record": YES, "entry": TEXT, "recorded_at": TEXT,
}  # fmt: skip

SPREADS = ("deaths", "averted", "output", "cost", "loss", "saved", "regret")
PRICES = {
    "response": TEXT, "months": WHOLE, "never": YES,
    **{f"{name}_{part}": REAL for name in SPREADS for part in ("mean", "low_90", "high_90")},
    "best": REAL, "fewest": REAL,
}  # fmt: skip


def entries(found: Sequence[Recorded], corrected: Collection[str]) -> pl.DataFrame:
    """Return entries, one row each. corrected: ids of those that a later one says are wrong."""
    return _frame(
        ENTRIES,
        (
            (
                one.index + 1, one.entry.id, one.entry.type, is_exercise(one.entry),
                one.entry.date.first.isoformat(), one.entry.date.last.isoformat(), one.entry.date.precision,
                " ".join(one.entry.areas), one.entry.text, one.entry.language, one.entry.author,
                one.entry.attributed_to and one.entry.attributed_to.name, one.entry.confidence,
                "; ".join(source.citation for source in one.entry.sources),
                " ".join(f"{link.role}:{link.id}" for link in one.entry.links),
                one.entry.id in corrected, one.recorded_at, one.leaf.hex(), one.entry.canonical().decode(),
            )
            for one in found
        ),
    )  # fmt: skip


def scores(compared: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the scores of the default method, one row a target, group and measure."""
    return _frame(SCORES, (row for one in compared for row in _scored(one)))


def _scored(one: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    about = one["target"], one["scheme"]
    for measure, (own, other) in sorted((one["scores"] or {}).items()):
        yield *about, "all", "all", measure, own, other, None, None, None, one["forecasts"]
    whole = {"all": {"all": one["windows"]}} if one["windows"] else {}
    for group, held in (*whole.items(), *sorted(one["groups"].items())):
        for name, row in held.items():
            interval = row["low"], row["high"], row["years"]
            yield *about, group, name, "crps_ratio", row["value"], None, *interval, row["rows"]
    for row in one["by_window"]:
        head = *about, "year", str(row["year"]), "crps"
        yield *head, row["crps"], row["crps_r"], None, None, None, row["rows"]
    for row in one["coverage"]:
        for level, share in row["randomised"].items():
            head = *about, "horizon", row["horizon"], f"coverage_{level}"
            yield *head, share, row["randomised_r"][level], None, None, None, row["rows"]


def rules(records: Sequence[Record]) -> pl.DataFrame:
    """Return the record of each rule, one row each; keys as in JSON."""
    rows = []
    for record in records:
        held = record.to_dict()
        low, high = record.lead_low, record.lead_high
        held |= {"lead_months_low": low, "lead_months_high": high}
        rows.append(tuple(held[name] for name in RULES))
    return _frame(RULES, rows)


def prices(made: Decision) -> pl.DataFrame:
    """Return a decision, one row a response and moment; money in million dollars, `never` without months."""
    return _frame(
        PRICES,
        (
            (
                priced.option.name, None if moment.months == NEVER else moment.months,
                moment.months == NEVER,
                *(part for name in SPREADS for part in _spread(getattr(moment, name))), moment.best,
                moment.fewest,
            )
            for priced in made.options
            for moment in priced.moments
        ),
    )  # fmt: skip


def _spread(value: Spread) -> tuple[float | None, float | None, float | None]:
    return value.mean, value.low90, value.high90


def _frame(columns: Mapping[str, Any], rows: Any) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(columns), orient="row")
