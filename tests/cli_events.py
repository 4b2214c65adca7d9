"""A file in the publisher's layout, with invented events."""

from __future__ import annotations

from pathlib import Path

COLUMNS = [
    "id",
    "relid",
    "year",
    "active_year",
    "code_status",
    "type_of_violence",
    "conflict_dset_id",
    "conflict_new_id",
    "conflict_name",
    "dyad_dset_id",
    "dyad_new_id",
    "dyad_name",
    "side_a_dset_id",
    "side_a_new_id",
    "side_a",
    "side_b_dset_id",
    "side_b_new_id",
    "side_b",
    "number_of_sources",
    "source_article",
    "source_office",
    "source_date",
    "source_headline",
    "source_original",
    "where_prec",
    "where_coordinates",
    "where_description",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "geom_wkt",
    "priogrid_gid",
    "country",
    "country_id",
    "region",
    "event_clarity",
    "date_prec",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
    "gwnoa",
    "gwnob",
]


def event(number: int, **changes: object) -> dict[str, object]:
    """Return one invented event in Mali as a row of the publisher's layout."""
    row: dict[str, object] = dict.fromkeys(COLUMNS, "")
    row |= {
        "id": 900000 + number, "relid": f"MLI-2023-1-1-{number}", "year": 2023, "active_year": 1,
        "code_status": "Clear", "type_of_violence": 1, "conflict_dset_id": 1, "conflict_new_id": 1,
        "conflict_name": "Invented", "dyad_dset_id": 1, "dyad_new_id": 1, "dyad_name": "A - B",
        "side_a_dset_id": 1, "side_a_new_id": 1, "side_a": "A", "side_b_dset_id": 2, "side_b_new_id": 2,
        "side_b": "B", "number_of_sources": 1, "where_prec": 1, "where_coordinates": "Gao",
        "where_description": "Gao", "adm_1": "Gao", "latitude": 16.27, "longitude": -0.04,
        "geom_wkt": "POINT (-0.04 16.27)", "priogrid_gid": 153000, "country": "Mali", "country_id": 432,
        "region": "Africa", "event_clarity": 1, "date_prec": 1, "date_start": "2023-10-05 00:00:00.000",
        "date_end": "2023-10-05 00:00:00.000", "deaths_a": 1, "deaths_b": 2, "deaths_civilians": 0,
        "deaths_unknown": 0, "best": 3, "high": 4, "low": 3,
    }  # fmt: skip
    return row | changes


def write_csv(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write events as the publisher's CSV and return the path."""
    lines = [",".join(COLUMNS), *(",".join(str(row[name]) for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
