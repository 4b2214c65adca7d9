"""The publisher's columns: their names in the event table, which must be there, which are near misses."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

from tocsin.errors import BadFile

COLUMNS: dict[str, str] = {
    "id": "id",
    "relid": "relid",
    "type_of_violence": "kind",
    "date_start": "date_start",
    "date_end": "date_end",
    "date_prec": "date_prec",
    "country_id": "country_gw",
    "country": "country",
    "adm_1": "adm_1",
    "adm_2": "adm_2",
    "latitude": "latitude",
    "longitude": "longitude",
    "where_prec": "where_prec",
    "priogrid_gid": "gid",
    "conflict_new_id": "conflict_id",
    "conflict_name": "conflict",
    "dyad_new_id": "dyad_id",
    "dyad_name": "dyad",
    "side_a_new_id": "side_a_id",
    "side_a": "side_a",
    "side_b_new_id": "side_b_id",
    "side_b": "side_b",
    "deaths_a": "deaths_a",
    "deaths_b": "deaths_b",
    "deaths_civilians": "deaths_civilians",
    "deaths_unknown": "deaths_unknown",
    "low": "low",
    "best": "best",
    "high": "high",
    "event_clarity": "clarity",
    "code_status": "status",
}
"""Publisher's column -> column of the event table."""

ESSENTIAL: tuple[str, ...] = ("id", "type_of_violence", "date_start", "country_id", "low", "best", "high")
"""Columns without which no file can be read."""

PUBLISHED: tuple[str, ...] = (*ESSENTIAL, "date_end", "date_prec", "where_prec", "latitude", "longitude")
"""Columns that every release of the publisher has; tables derived from one (Parquet) may lack some."""

_NOT_READ: tuple[str, ...] = (
    "year", "active_year", "conflict_dset_id", "dyad_dset_id", "side_a_dset_id", "side_b_dset_id",
    "number_of_sources", "source_article", "source_office", "source_date", "source_headline",
    "source_original", "where_coordinates", "where_description", "geom_wkt", "region", "gwnoa", "gwnob",
    "iso3",
    "ged_version", "coverage", "src",
)  # fmt: skip

_OF_OTHERS = ("event_id_cnty", "location_code")
"""Columns by which files of ACLED are told, which are no releases of UCDP."""

_NEAR = 0.8
_SUGGESTED = 0.5


def choose(header: Sequence[str], file: str, *, published: bool) -> tuple[list[str], tuple[str, ...]]:
    """Return the columns of `header` to read and those of the layout that are absent.

    Raises BadFile where a column stands twice, where one that must be there is missing, and where an absent
    one looks renamed, naming the closest: a column that is read as absent would lose what it holds.
    """
    for name, times in Counter(header).items():
        if times > 1 and name in COLUMNS:
            raise BadFile("sources.column_twice", file=file, column=name)
    strange = [name for name in header if name not in COLUMNS and name not in _NOT_READ]
    absent = [name for name in COLUMNS if name not in header]
    needed = PUBLISHED if published else ESSENTIAL
    closest = {name: _closest(name, strange, _NEAR) for name in absent}
    broken = [name for name in absent if name in needed or closest[name]]
    if broken:
        if set(header) & set(_OF_OTHERS):
            raise BadFile("sources.of_another", file=file)
        if not set(header) & set(COLUMNS):
            found = ", ".join(header[:6]) + (" …" if len(header) > 6 else "")
            raise BadFile("sources.not_events", file=file, found=found)
        columns = ", ".join(_with_closest(name, strange) for name in broken)
        raise BadFile("sources.columns_missing", file=file, columns=columns)
    return [name for name in header if name in COLUMNS], tuple(absent)


def _with_closest(name: str, strange: Sequence[str]) -> str:
    near = _closest(name, strange, _SUGGESTED)
    return f"{name} (≈ {near})" if near else name


def _closest(name: str, strange: Sequence[str], cutoff: float) -> str | None:
    """Return the column that is closest to a name of the layout, whatever its letters; None if none is."""
    small = {other.lower(): other for other in strange}
    near = difflib.get_close_matches(name, small, n=1, cutoff=cutoff)
    return small[near[0]] if near else None
