"""Invented events in the publisher's 49-column layout."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

HEADER = [
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id",
    "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources",
    "source_article", "source_office", "source_date", "source_headline", "source_original", "where_prec",
    "where_coordinates", "where_description", "adm_1", "adm_2", "latitude", "longitude", "geom_wkt",
    "priogrid_gid", "country", "country_id", "region", "event_clarity", "date_prec", "date_start",
    "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low",
    "gwnoa", "gwnob",
]  # fmt: skip

NAME = "GEDEvent_v23_0_10.csv"
"""A file named like a Candidate release."""

Row = dict[str, object]


def row(number: int = 1, **values: object) -> Row:
    """Return one sound event of October 2023; `values` replace its columns."""
    sound: Row = {
        "id": number, "relid": f"MLI-2023-1-{number}", "year": 2023, "active_year": "true",
        "code_status": "Clear", "type_of_violence": 1, "conflict_dset_id": 11, "conflict_new_id": 11347,
        "conflict_name": "Mali: Government", "dyad_dset_id": 12, "dyad_new_id": 14620,
        "dyad_name": "Government of Mali - Group", "side_a_dset_id": 72, "side_a_new_id": 72,
        "side_a": "Government of Mali", "side_b_dset_id": 9, "side_b_new_id": 6718, "side_b": "Group",
        "number_of_sources": 1, "source_article": 'He said "enough",\nthen left.',
        "source_office": "Office", "source_date": "2023-10-05",
        "source_headline": "Headline, with comma", "source_original": "", "where_prec": 1,
        "where_coordinates": "Gao town", "where_description": "", "adm_1": "Gao region", "adm_2": "",
        "latitude": 16.27, "longitude": -0.04, "geom_wkt": "POINT (-0.04 16.27)", "priogrid_gid": 153000,
        "country": "Mali", "country_id": 432, "region": "Africa", "event_clarity": 1, "date_prec": 1,
        "date_start": "2023-10-05 00:00:00.000", "date_end": "2023-10-06 00:00:00.000", "deaths_a": 1,
        "deaths_b": 2, "deaths_civilians": 3, "deaths_unknown": 0, "best": 6, "high": 9, "low": 4,
        "gwnoa": 432, "gwnob": "",
    }  # fmt: skip
    assert set(values) <= set(sound), set(values) - set(sound)
    return {**sound, **values}


def text(rows: Iterable[Row], header: Iterable[str] = HEADER) -> str:
    """Return rows as the publisher writes CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(header), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write(folder: Path, rows: Iterable[Row], name: str = NAME, **options: Iterable[str]) -> Path:
    """Write rows as a CSV named like a Candidate release and return its path."""
    return put(folder, text(rows, **options).encode(), name)


def put(folder: Path, content: bytes, name: str = NAME) -> Path:
    """Write a file, whatever it holds, and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path


SOUND = text([row(1), row(2)]).encode()
"""A file of two sound events."""
