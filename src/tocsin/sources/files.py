"""Any file a user may hand over: tell its format by its first bytes, not its name, and read its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from tocsin.errors import BadFile
from tocsin.sources.columns import choose
from tocsin.sources.comma import read_csv, read_zip
from tocsin.sources.pages import read_pages
from tocsin.sources.raw import INDEX, Raw, number_rows

Form = Literal["csv", "json", "parquet", "zip"]

DOWNLOADS = "https://ucdp.uu.se/downloads/"

_HEAD = 4096
_OTHER_BINARY = (b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"RDX", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"%PDF")


def open_any(path: Path) -> Raw:
    """Return the rows of a CSV, ZIP, Parquet or JSON file as found; BadFile if it is none of them."""
    readers = {"csv": read_csv, "json": read_pages, "parquet": _read_parquet, "zip": read_zip}
    return readers[form_of(path)](path)


def form_of(path: Path, *, downloads: str = DOWNLOADS) -> Form:
    """Return which kind of file this is by its first bytes; BadFile if it is none that is read.

    downloads: the address at which its publisher gives it out, for the remedy.
    """
    if not path.is_file():
        raise BadFile("sources.no_such_file", file=str(path))
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise BadFile("sources.empty_file", file=path.name)
    if head.startswith(b"PK"):
        return "zip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OTHER_BINARY):
        raise BadFile("sources.unknown_format", file=path.name)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:256]:
        raise BadFile("sources.utf16", file=path.name)
    if text.startswith(b"<"):
        raise BadFile("sources.html", file=path.name, downloads=downloads)
    if text.startswith((b"{", b"[")):
        return "json"
    return "csv"


def _read_parquet(path: Path) -> Raw:
    try:
        # Polars is handed the open file because it refuses a path that is not UTF-8.
        with path.open("rb") as stream:
            header = list(pl.read_parquet_schema(stream))
            chosen, absent = choose(header, path.name, published=False)
            facts = [name for name in ("ged_version", "coverage") if name in header]
            stream.seek(0)
            table = pl.read_parquet(stream, columns=[*chosen, *facts]).with_row_index(INDEX)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadFile("sources.parquet_damaged", file=path.name) from error
    if not table.height:
        raise BadFile("sources.header_only", file=path.name)
    said = {name: table[name].unique().to_list() for name in facts}
    versions, claims = said.get("ged_version", []), said.get("coverage", [])
    names = (f"gedevents-{versions[0]}",) if len(versions) == 1 else ()
    complete = len(claims) == 1 and str(claims[0]).startswith("complete")
    return Raw(table.drop(facts), "parquet", absent, number_rows, "row", names, complete)
