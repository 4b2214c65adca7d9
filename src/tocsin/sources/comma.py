"""Comma-separated files: the publisher's CSV, alone or in its ZIP, and the HDX extract with its HXL row."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from tocsin.errors import BadFile
from tocsin.files import member, unpacking
from tocsin.sources.columns import COLUMNS, choose
from tocsin.sources.raw import INDEX, Place, Raw

Choose = Callable[[Sequence[str], str], tuple[list[str], tuple[str, ...]]]
"""Takes a header and the file's name; returns the columns to read and those of the layout that are absent."""

_BLOCK = 1 << 22
_LARGEST = 1 << 30
_BOM = codecs.BOM_UTF8.decode()

_QUOTE, _COMMA, _LINE_END = b'",\n'
_TEXT = bytes(byte for byte in range(256) if byte not in (_QUOTE, _COMMA, _LINE_END))


def published(header: Sequence[str], file: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the columns of a release of UCDP; errors as `columns.choose`."""
    return choose(header, file, published=True)


def read_csv(path: Path, *, choosing: Choose = published, known: Collection[str] = COLUMNS) -> Raw:
    """Return the rows of a CSV file in UTF-8; BadFile or BadRow if it cannot be read as one.

    choosing: which columns are read; known: names of columns by which another separator is told.
    """
    return _read(lambda: path.open("rb"), path.name, (), choosing, known)


def read_zip(path: Path) -> Raw:
    """Return the rows of the one CSV file inside a ZIP; BadFile if it is cut short or holds anything else."""
    refusals = unpacking("sources.zip_damaged", "sources.zip_locked", file=path.name)
    with refusals, zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        if any(name.startswith("xl/") for name in names):
            raise BadFile("sources.excel", file=path.name)
        tables = [n for n in names if n.lower().endswith(".csv") and not n.startswith("__MACOSX/")]
        if len(tables) != 1:
            raise BadFile("sources.zip_members", file=path.name, found=", ".join(names) or "-")
        told = {"file": path.name, "member": tables[0]}
        content = member(archive, tables[0], _LARGEST, "sources.zip_too_large", **told)
    file = f"{path.name}/{tables[0]}"
    raw = _read(lambda: io.BytesIO(content), file, (tables[0],), published, COLUMNS)
    return raw if raw.layout == "hdx" else replace(raw, layout="zip")


def record_lines(stream: IO[bytes], records: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield the physical line on which each record begins, and its bytes, for ascending `records`.

    A record ends at the first line end outside quotes. Record -1 is the header; lines count from 1.
    """
    wanted = iter(records)
    target = next(wanted, None)
    record, inside, first, parts = -1, False, 1, list[bytes]()
    for line, content in enumerate(stream, start=1):
        if not inside:
            first, parts = line, []
        if record == target:
            parts.append(content)
        inside ^= bool(content.count(b'"') & 1)
        if inside:
            continue
        if record == target:
            yield first, b"".join(parts)
            target = next(wanted, None)
            if target is None:
                return
        record += 1
    if inside and record == target:
        yield first, b"".join(parts)


def _read(
    open_again: Callable[[], IO[bytes]], file: str, names: tuple[str, ...], choosing: Choose,
    known: Collection[str],
) -> Raw:  # fmt: skip
    with open_again() as stream:
        header = _header(stream.readline(), file, known)
        stream.seek(0)
        misshapen = _scan(stream, file, len(header))
        chosen, absent = choosing(header, file)
        stream.seek(0)
        # Polars does not see fields beyond the last column it is asked for: they are counted in `_scan`. It
        # is handed the open file because it refuses a path that is not UTF-8.
        try:
            table = pl.read_csv(
                stream, columns=chosen, infer_schema=False, row_index_name=INDEX, truncate_ragged_lines=True
            )
        except pl.exceptions.PolarsError as error:
            raise BadFile("sources.unreadable", file=file) from error
    # Empty lines come back as rows of nothing; an HXL row explains the columns and is no event.
    table = table.filter(~pl.all_horizontal(pl.col(chosen).is_null()))
    hashtags = table.head(1).select(pl.col(chosen).str.starts_with("#")).row(0) if table.height else ()
    tagged = any(hashtags) and all(tag in (True, None) for tag in hashtags)
    if tagged:
        table = table.slice(1)
    if not table.height:
        raise BadFile("sources.header_only", file=file)

    def locate(records: Sequence[int]) -> list[Place]:
        with open_again() as stream:
            return [_place(line, content, len(header)) for line, content in record_lines(stream, records)]

    hdx = tagged or ("iso3" in header and "relid" not in header)
    return Raw(table, "hdx" if hdx else "csv", absent, locate, "line", names, misshapen=misshapen)


def _header(line: bytes, file: str, known: Collection[str]) -> list[str]:
    text = line.decode("utf-8", errors="replace").removeprefix(_BOM)
    names = text.rstrip("\r\n")
    try:
        header = next(csv.reader([names]), [])
    except csv.Error as error:
        raise BadFile("sources.line_ends" if "\r" in names else "sources.unreadable", file=file) from error
    if len(header) == 1:
        for sign in (";", "\t", "|"):
            if len(set(text.strip().split(sign)) & set(known)) > 1:
                raise BadFile("sources.separator", file=file, found=repr(sign)[1:-1])
    return header


class _Fields:
    """Counts the fields of every record, block by block, as `_fields` does for one.

    misshapen: the records so far with more or fewer than `width` fields. Those of one field are left out:
               they are empty lines, or lack a value that every row must have.
    open:      the record that the last block did not end (-1: the header), and its commas so far.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.misshapen: list[int] = []
        self.open, self.commas, self.quotes = -1, 0, 0

    def add(self, block: bytes) -> None:
        # Quotes, commas and line ends are a tenth of the bytes: the rest is dropped first, for speed.
        signs = np.frombuffer(block.translate(None, _TEXT), np.uint8)
        quotes = self.quotes + np.cumsum(signs == _QUOTE)
        outside = quotes % 2 == 0
        commas = self.commas + np.cumsum(outside & (signs == _COMMA))
        upto = commas[outside & (signs == _LINE_END)]
        fields = np.diff(upto, prepend=0) + 1
        found = self.open + np.flatnonzero((fields != self.width) & (fields != 1))
        self.misshapen += found[found >= 0].tolist()
        if signs.size:
            self.quotes = int(quotes[-1])
            self.commas = int(commas[-1]) - (int(upto[-1]) if upto.size else 0)
        self.open += upto.size


def _scan(stream: IO[bytes], file: str, width: int) -> tuple[int, ...]:
    """Check that every byte is UTF-8 text, quotes are closed and the last row is whole.

    Returns the records that have more or fewer than `width` fields, ascending.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    records = _Fields(width)
    lines, offset, last = 1, 0, b""
    while block := stream.read(_BLOCK):
        held = decoder.getstate()[0]
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            joined, at = held + block, error.start
            line = lines + joined[:at].count(b"\n")
            byte = f"0x{joined[at]:02X}"
            where = {"line": line, "byte": byte, "offset": offset - len(held) + at}
            raise BadFile("sources.encoding", file=file, **where) from None
        if b"\0" in block:
            line = lines + block[: block.index(b"\0")].count(b"\n")
            raise BadFile("sources.nul", file=file, line=line)
        records.add(block)
        lines += block.count(b"\n")
        offset += len(block)
        last = block[-1:]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BadFile("sources.cut_short", file=file, line=lines) from None
    stream.seek(0)
    if records.quotes & 1:
        raise BadFile("sources.quote_open", file=file, line=_last_line(stream))
    unended = last != b"\n" and records.open >= 0
    if unended and records.commas + 1 < width:
        line, _ = next(record_lines(stream, [records.open]))
        raise BadFile("sources.cut_short", file=file, line=line)
    too_long = unended and records.commas + 1 > width
    return (*records.misshapen, *([records.open] if too_long else ()))


def _last_line(stream: IO[bytes]) -> int:
    """Return the line of the last opening quote of a file whose quotes do not pair."""
    found, inside = 1, False
    for line, content in enumerate(stream, start=1):
        if content.count(b'"') & 1:
            inside = not inside
            found = line if inside else found
    return found


def _place(line: int, content: bytes, width: int) -> Place:
    found = _fields(content)
    return Place(line, "" if found == width else f"{found}/{width}")


def _fields(record: bytes) -> int:
    """Count the fields of a record: every second piece between quotes lies outside them."""
    return 1 + sum(piece.count(b",") for piece in record.split(b'"')[::2])
