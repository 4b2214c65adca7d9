"""What each column of a written table holds: its type, unit and limits, and by which sentences it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from tocsin.kinds import KINDS, TARGETS
from tocsin.text import Language, catalogue, say
from tocsin.warn import STATUSES, Act, Confidence


@dataclass(frozen=True)
class Column:
    """What one column holds.

    type:   as the Data Package standard names it. unit: as `tables.unit` says it; None for names and codes.
    limits: constraints of that standard on the values.
    """

    type: str
    unit: str | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Meaning:
    """What a column means, in one language; empty: what it means where it is empty, None if it never is."""

    title: str
    text: str
    unit: str | None
    empty: str | None


_FROM_0, _FROM_1, _SHARE = {"minimum": 0}, {"minimum": 1}, {"minimum": 0, "maximum": 1}
_TEXT, _DAY, _CODE = Column("string"), Column("date"), Column("integer", limits=_FROM_1)
_CHANCE = Column("number", "probability", _SHARE)
_IN_3, _A_MONTH = Column("number", "deaths_quarter", _FROM_0), Column("number", "deaths_month", _FROM_0)
_COUNT, _IN_MONTH = Column("integer", "deaths", _FROM_0), Column("integer", "deaths_month", _FROM_0)
_KIND = Column("string", limits={"enum": list(TARGETS)})

COLUMNS: dict[str, Column] = {
    "rank": _CODE,
    "gw": _CODE,
    "country_id": _CODE,
    "priogrid_gid": _CODE,
    "iso3": Column("string", limits={"pattern": "[A-Z]{3}"}),
    "name_en": _TEXT,
    "name_fr": _TEXT,
    "status": Column("string", limits={"enum": ["assessed", "not assessed"]}),
    "deaths_last_3": Column("integer", "deaths_quarter", _FROM_0),
    "expected_next_3": _IN_3,
    "low_80_next_3": _IN_3,
    "high_80_next_3": _IN_3,
    "p_25_next_3": _CHANCE,
    "p_25_next_3_other_method": _CHANCE,
    "p_25_next_3_month_before": _CHANCE,
    "change": Column("number", "difference", {"minimum": -1, "maximum": 1}),
    "months_last_12": Column("string", "deaths_month", {"pattern": r"(\d+|-)( (\d+|-)){0,11}"}),
    "method": _TEXT,
    "target": _KIND,
    "step": Column("integer", "months", _FROM_1),
    "month_id": _CODE,
    "month": Column("yearmonth"),
    "assessed": Column("boolean"),
    "mean": _A_MONTH,
    "median": _A_MONTH,
    "low_50": _A_MONTH,
    "high_50": _A_MONTH,
    "low_80": _A_MONTH,
    "high_80": _A_MONTH,
    "low_90": _A_MONTH,
    "high_90": _A_MONTH,
    "p_1": _CHANCE,
    "p_25": _CHANCE,
    "p_100": _CHANCE,
    "p_1000": _CHANCE,
    "draw": Column("integer", limits=_FROM_0),
    "outcome": _IN_MONTH,
    "origin_date": _DAY,
    "hubverse_target": Column("string", limits={"enum": ["deaths", *(f"deaths_{kind}" for kind in KINDS)]}),
    "horizon": Column("integer", "months", _FROM_1),
    "target_end_date": _DAY,
    "location": _TEXT,
    "output_type": Column("string", limits={"enum": ["sample"]}),
    "output_type_id": _TEXT,
    "value": _IN_MONTH,
    "replay_month": Column("yearmonth"),
    "track": _TEXT,
    "label": _TEXT,
    "as_of": _DAY,
    "origin": Column("yearmonth"),
    "replay_assessed": Column("boolean"),
    "deaths_12": _COUNT,
    "replay_p_25_next_3": _CHANCE,
    "replay_rank": _CODE,
    "of": _CODE,
    "replay_expected_next_3": _IN_3,
    "replay_low_80_next_3": _IN_3,
    "replay_high_80_next_3": _IN_3,
    "replay_p_25_next_3_other_method": _CHANCE,
    "warnings": _TEXT,
    "deaths_revealed": _IN_MONTH,
    "deaths_sb": _IN_MONTH,
    "deaths_ns": _IN_MONTH,
    "deaths_os": _IN_MONTH,
    "level": Column("string", limits={"enum": ["cell", "admin1"]}),
    "area": _TEXT,
    "draws": _CODE,
    "message": _TEXT,
    "warning": _TEXT,
    "act": Column("string", limits={"enum": list(get_args(Act))}),
    "warnings_status": Column("string", limits={"enum": list(STATUSES)}),
    "series": _TEXT,
    "rule": _TEXT,
    "kind": _KIND,
    "window_first": _DAY,
    "window_last": _DAY,
    "deaths_needed": _COUNT,
    "deaths_so_far": _COUNT,
    "probability": _CHANCE,
    "probability_before": _CHANCE,
    "base_rate": _CHANCE,
    "trigger": _CHANCE,
    "likelihood_en": _TEXT,
    "likelihood_fr": _TEXT,
    "confidence": Column("string", limits={"enum": list(get_args(Confidence))}),
    "headline_en": _TEXT,
    "headline_fr": _TEXT,
    "issued_at": Column("datetime"),
    "issued_by": _TEXT,
    "data_as_of": _DAY,
    "data_age_days": Column("integer", "days"),
    "inputs_sha256": Column("string", limits={"pattern": "[0-9a-f]{64}"}),
}
"""Every column by its name; one that means something else in a table or a replay, by that name before it."""

_OF_A_REPLAY = ("months", "countries")

KEYS: dict[str, tuple[str, ...]] = {
    "ranking": ("gw",),
    "forecasts": ("method", "gw", "month_id"),
    "draws": ("method", "gw", "month_id", "draw"),
    "views": ("month_id", "country_id", "draw"),
    "hubverse": ("origin_date", "target", "horizon", "location", "output_type", "output_type_id"),
    "warnings": ("message",),
    "months": ("month", "track"),
    "countries": ("month", "track", "gw"),
    "places": (),
}
"""The tables, and the columns that tell the rows of each apart where they are never empty."""


def key(table: str, name: str) -> str:
    """Return the key in `COLUMNS` of a column of a table; KeyError where nothing says what it means."""
    own = f"{'replay' if table in _OF_A_REPLAY else table}_{name}"
    found = own if own in COLUMNS else name
    if found not in COLUMNS:
        raise KeyError(f"{table}: {name}")
    return found


def meaning(table: str, name: str, language: Language | None = None) -> Meaning:
    """Return what a column of a table means; KeyError as `key`."""
    at = key(table, name)
    unit = COLUMNS[at].unit
    can_be_empty = f"column.{at}.empty" in catalogue("en", "tables")
    return Meaning(
        title=say(f"tables.column.{at}.title", language),
        text=say(f"tables.column.{at}.is", language),
        unit=None if unit is None else say(f"tables.unit.{unit}", language),
        empty=say(f"tables.column.{at}.empty", language) if can_be_empty else None,
    )
