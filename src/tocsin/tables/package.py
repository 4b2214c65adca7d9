"""The Data Package of a folder: what each table in it is, what each column means, and of which bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tocsin import digest
from tocsin.figures import attribution
from tocsin.figures.licence import Source
from tocsin.tables.columns import COLUMNS, KEYS, key, meaning
from tocsin.text import LANGUAGES, Language, say

NAME = "datapackage.json"
"""The name that the standard gives the file."""

_PROFILES = "https://datapackage.org/profiles/2.0"
_FORMS = {".csv": ("CSV", "text/csv"), ".parquet": ("Parquet", "application/vnd.apache.parquet")}
"""How a form of a table is called, and its media type."""


def package(
    folder: str | Path, *, name: str, titles: Mapping[Language, str], about: Mapping[Language, str],
    releases: Iterable[str], facts: Mapping[str, Any],
) -> bytes:  # fmt: skip
    """Return what `datapackage.json` says of every CSV and Parquet table in `folder`.

    name, titles, about: of the folder. releases: names of those its tables are made from. facts: what else
    identifies it, as plain values for JSON. The same tables give the same bytes: no time of writing is in it.
    KeyError for a table or column that nothing says the meaning of. Source: Data Package standard, version 2.
    """
    place = {table: place for place, table in enumerate(KEYS)}
    files = [file for file in Path(folder).iterdir() if file.suffix in _FORMS]
    files.sort(key=lambda file: (place[file.stem], file.suffix))
    whose = attribution(releases)
    held: dict[str, Any] = {
        "$schema": f"{_PROFILES}/datapackage.json", "name": name, "languages": list(LANGUAGES),
        **_in_both("title", titles), **_in_both("description", about), **facts,
        "attribution": whose.to_dict(),
    }  # fmt: skip
    if whose.licence is not None:
        # An Open Definition id has hyphens where the licence is written with spaces.
        held["licenses"] = [
            {"name": whose.licence.replace(" ", "-"), "path": whose.licence_url, "title": whose.licence}
        ]
    held["sources"] = [_source(one) for one in whose.sources]
    held["resources"] = [_resource(file) for file in files]
    return (json.dumps(held, ensure_ascii=False, indent=2) + "\n").encode()


def lines(table: str, names: Iterable[str]) -> dict[str, str]:
    """Return what the columns of a table mean as metadata of a Parquet file: `columns`, a list in JSON.

    Each as it stands in the package of a folder. KeyError for a table or column without a meaning.
    """
    return {"columns": json.dumps([_field(table, name) for name in names], ensure_ascii=False)}


def _source(one: Source) -> dict[str, str]:
    if one.publisher is None or one.place is None:
        return {"title": one.release, "version": one.release}
    return {"title": one.publisher, "path": one.place, "version": one.release}


def _resource(file: Path) -> dict[str, Any]:
    table, form = file.stem, file.suffix.removeprefix(".")
    called, media = _FORMS[file.suffix]
    titles = {
        language: f"{say(f'tables.table.{table}.title', language)} ({called})" for language in LANGUAGES
    }
    about = {language: say(f"tables.table.{table}.is", language) for language in LANGUAGES}
    names, reading = _columns(file)
    return {
        "name": f"{table}-{form}", "type": "table", "path": file.name,
        **_in_both("title", titles), **_in_both("description", about),
        "format": form, "mediatype": media, **reading,
        "hash": f"sha256:{digest.of_file(file)}",
        "schema": {
            "$schema": f"{_PROFILES}/tableschema.json",
            "fields": [_field(table, name) for name in names],
            "missingValues": [""],
            "primaryKey": list(KEYS[table]),
        },
    }  # fmt: skip


def _columns(file: Path) -> tuple[list[str], dict[str, Any]]:
    """Return the names of the columns as the file has them, and what a reader must know of a text."""
    if file.suffix == ".parquet":
        return list(pq.read_schema(file).names), {}
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        names, second = next(rows), next(rows, [""])
    tagged = {"commentRows": [2]} if second[0].startswith("#") else {}
    dialect = {"lineTerminator": "\n", **tagged}
    # Not of Parquet, whose size the usual reader of the standard does not learn, and then calls wrong.
    return names, {"encoding": "utf-8", "dialect": dialect, "bytes": file.stat().st_size}


def _field(table: str, name: str) -> dict[str, Any]:
    column = COLUMNS[key(table, name)]
    told = {language: meaning(table, name, language) for language in LANGUAGES}
    texts = {language: _text(one.text, one.empty, language) for language, one in told.items()}
    units = {language: one.unit for language, one in told.items() if one.unit is not None}
    limits = {**({"required": True} if told["en"].empty is None else {}), **column.limits}
    return {
        "name": name, "type": column.type,
        **_in_both("title", {language: one.title for language, one in told.items()}),
        **_in_both("description", texts), **(_in_both("unit", units) if units else {}),
        **({"constraints": limits} if limits else {}),
    }  # fmt: skip


def _text(text: str, empty: str | None, language: Language) -> str:
    return text if empty is None else f"{text} {say('tables.when_empty', language, reason=empty)}"


def _in_both(name: str, said: Mapping[Language, str]) -> dict[str, str]:
    """Return a property in English under its standard name, and in French under one of its own beside it."""
    return {name: said["en"], f"{name}_fr": said["fr"]}
