"""Pages of the publisher's API: JSON objects with TotalCount, TotalPages and a list of events in Result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl

from tocsin.errors import BadFile
from tocsin.sources.columns import choose
from tocsin.sources.raw import INDEX, Raw, number_rows

_PAGING = {"page", "pagesize"}


def read_pages(path: Path) -> Raw:
    """Return the events of API pages: one page, a list of pages, or one page a line.

    Raises BadFile unless the pages hold as many events as each of them announces in TotalCount: a missing
    page would read as an absence of violence.
    """
    tables: list[pl.DataFrame] = []
    chosen: list[str] = []
    absent: tuple[str, ...] = ()
    announced: int | None = None
    urls: list[str] = []
    for page in _pages(path):
        rows, announced = check_page(page, path.name, announced)
        urls += [str(page[name]) for name in ("NextPageUrl", "PreviousPageUrl") if page.get(name)]
        if rows and not chosen:
            chosen, absent = choose(list(rows[0]), path.name, published=True)
        columns = {name: [_text(row.get(name)) for row in rows] for name in chosen}
        tables.append(pl.DataFrame(columns, schema=dict.fromkeys(chosen, pl.String())))
    found = sum(table.height for table in tables)
    if found != announced:
        raise BadFile("sources.pages_incomplete", file=path.name, found=found, expected=announced or 0)
    if not found:
        raise BadFile("sources.header_only", file=path.name)
    table = pl.concat([table for table in tables if table.height]).with_row_index(INDEX)
    selected = any(set(map(str.lower, parse_qs(urlsplit(url).query))) - _PAGING for url in urls)
    names = tuple(f"gedevents-{urlsplit(url).path.rsplit('/', 1)[-1]}" for url in urls[:1])
    return Raw(table, "api", absent, number_rows, "row", names, complete=False if selected else None)


def check_page(page: object, file: str, announced: int | None) -> tuple[list[dict[str, Any]], int]:
    """Return the events of one page and the total it announces.

    BadFile if it is not a page, or if its total is not what the pages before it `announced`.
    """
    if isinstance(page, dict):
        rows, total = page.get("Result"), page.get("TotalCount")
        if isinstance(total, int) and isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            if announced not in (None, total):
                raise BadFile("sources.total_changed", file=file, before=announced, now=total)
            return rows, total
    raise BadFile("sources.not_a_page", file=file)


def _pages(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            first = stream.readline()
            try:
                page = json.loads(first)
            except json.JSONDecodeError:
                page = json.loads(first + stream.read())
            yield from page if isinstance(page, list) else [page]
            for line in stream:
                if line.strip():
                    yield json.loads(line)
    except json.JSONDecodeError as error:
        raise BadFile("sources.json_damaged", file=path.name, line=error.lineno) from error
    except UnicodeDecodeError as error:
        raise BadFile("sources.json_damaged", file=path.name, line=1) from error


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else str(value)
