"""The catalogue: one DuckDB file with a row per vintage, and views for an analyst's own shell."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from tocsin import months
from tocsin.errors import BadInput, BadStore, Busy, Damaged, TocsinError
from tocsin.files import move
from tocsin.months import Span
from tocsin.vault.folder import Folder, says_full, sync, write_empty
from tocsin.vault.vintage import Vintage

LAYOUT = 2

READ = (1, LAYOUT)
"""Layouts that are read here. In the first nothing could be withdrawn; writing brings it to the second."""

VIEWS = 3
"""Which views a catalogue has, kept as the comment on `latest`; those without one are the first."""

_VINTAGES = """
CREATE TABLE vintages (
    sha256 VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    release VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    retrieved_at TIMESTAMP NOT NULL,
    known_at TIMESTAMP NOT NULL CHECK (known_at <= retrieved_at),
    basis VARCHAR NOT NULL,
    first_month VARCHAR NOT NULL,
    last_month VARCHAR NOT NULL,
    countries INTEGER[],
    partial BOOLEAN NOT NULL,
    rows BIGINT NOT NULL,
    flagged BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    shared_ids VARCHAR NOT NULL,
    report VARCHAR NOT NULL,
    events_sha256 VARCHAR NOT NULL,
    tocsin VARCHAR NOT NULL,
    arrival INTEGER NOT NULL,
    withdrawn_at TIMESTAMP,
    reason VARCHAR,
    PRIMARY KEY (sha256, arrival)
);
"""

_TABLES = f"""
CREATE TABLE layout (version INTEGER NOT NULL);
INSERT INTO layout VALUES ({LAYOUT});
{_VINTAGES}
"""

_VIEWS = """
CREATE OR REPLACE VIEW events AS
    SELECT v.publisher, v.release, v.known_at, v.withdrawn_at, e.* EXCLUDE (filename)
    FROM read_parquet('events/*.parquet', filename = true) e JOIN vintages v
    ON parse_filename(e.filename, true)
        = v.sha256 || CASE v.arrival WHEN 1 THEN '' ELSE '-' || v.arrival END;
CREATE OR REPLACE VIEW latest AS
    SELECT e.* FROM (FROM events WHERE withdrawn_at IS NULL) e ANTI JOIN (
        SELECT older.sha256, newer.countries, newer.first_month, newer.last_month,
            newer.first_month <= older.first_month AND newer.last_month >= older.last_month
            AND (newer.countries IS NULL
                 OR (older.countries IS NOT NULL AND list_has_all(newer.countries, older.countries)))
            AS supersedes
        FROM vintages older JOIN vintages newer
        ON newer.publisher = older.publisher AND newer.release = older.release
        AND (newer.known_at, newer.retrieved_at, newer.sha256)
            > (older.known_at, older.retrieved_at, older.sha256)
        AND (older.partial OR NOT newer.partial)
        AND older.withdrawn_at IS NULL AND newer.withdrawn_at IS NULL
    ) later ON later.sha256 = e.sha256 AND (later.supersedes OR (
        (later.countries IS NULL OR list_contains(later.countries, e.country_gw))
        AND strftime(e.date_start, '%Y-%m') BETWEEN later.first_month AND later.last_month));
"""

_COLUMNS = (
    "sha256", "publisher", "release", "name", "format", "bytes", "retrieved_at", "known_at", "basis",
    "first_month", "last_month", "countries", "partial", "rows", "flagged", "refused", "shared_ids",
    "report", "events_sha256", "tocsin", "arrival", "withdrawn_at", "reason",
)  # fmt: skip

_TIMES = ("retrieved_at", "known_at", "withdrawn_at")

_OF_LAYOUT_1 = {"arrival": "1", "withdrawn_at": "NULL::TIMESTAMP", "reason": "NULL::VARCHAR"}
"""What stands in a catalogue of the first layout for the columns that it lacks."""


def create(folder: Folder) -> None:
    """Make an empty catalogue, whole or not at all; call with the write lock held."""
    stage = folder.staging / "catalogue"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    unfinished = stage / folder.catalogue.name
    try:
        with duckdb.connect(str(unfinished)) as connection:
            connection.execute(_TABLES)
            _lay_views(folder, connection)
            # Closing writes it too, but does not say so when the disk is full and nothing was written.
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise _explained(folder, error) from error
    sync(unfinished)
    move(unfinished, folder.catalogue)
    sync(folder.root)
    shutil.rmtree(stage)


def check(folder: Folder, wait: float) -> bool:
    """Raise unless the catalogue is whole and of a layout read here; return if it is the present one."""
    with _open(folder, wait, read_only=True) as connection:
        found = _layout(connection)
        views = connection.execute("SELECT comment FROM duckdb_views() WHERE view_name = 'latest'").fetchone()
    if found not in READ:
        shown = "?" if found is None else found
        raise BadStore("vault.other_layout", path=folder.root, found=shown, known=LAYOUT)
    return found == LAYOUT and views is not None and int(views[0] or 1) >= VIEWS


def renew(folder: Folder) -> None:
    """Bring the catalogue to `LAYOUT` and `VIEWS`; call with the write lock held. Busy if it is in use."""
    with _open(folder, 0.0, read_only=False) as connection:
        connection.begin()
        _renew(folder, connection)
        connection.commit()


def _layout(connection: duckdb.DuckDBPyConnection) -> int | None:
    row = connection.execute("SELECT version FROM layout").fetchone()
    return None if row is None else int(row[0])


def _renew(folder: Folder, connection: duckdb.DuckDBPyConnection) -> None:
    """Lay the present tables and views over earlier ones, within the transaction that is under way."""
    if _layout(connection) != LAYOUT:
        connection.execute("ALTER TABLE vintages RENAME TO vintages_1")
        connection.execute(_VINTAGES)
        connection.execute(f"INSERT INTO vintages SELECT {_selected(1)} FROM vintages_1")
        connection.execute("DROP TABLE vintages_1")
        connection.execute("UPDATE layout SET version = ?", [LAYOUT])
    _lay_views(folder, connection)


def _selected(layout: int | None) -> str:
    """Return the columns of a row of `vintages`, as they are asked for in a layout."""
    lacking = _OF_LAYOUT_1 if layout == 1 else {}
    return ", ".join(lacking.get(name, name) for name in _COLUMNS)


def _lay_views(folder: Folder, connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views, whose tables are found from the folder in which the catalogue is opened."""
    with _searchable(folder) as place:
        connection.execute("SET file_search_path = ?", [place])
        connection.execute(_VIEWS)
        connection.execute(f"COMMENT ON VIEW latest IS '{VIEWS}'")


@contextlib.contextmanager
def _searchable(folder: Folder) -> Iterator[str]:
    """Yield a folder with event tables that DuckDB can be sent to: it looks at one when a view is made."""
    # Its search path is a list parted by commas, which no quoting keeps within a name.
    if "," not in str(folder.root):
        yield str(folder.root)
        return
    with tempfile.TemporaryDirectory() as aside:
        if "," in aside:
            raise BadInput("vault.two_commas", path=folder.root, aside=tempfile.gettempdir())
        (Path(aside) / "events").mkdir()
        write_empty(Path(aside) / "events" / "empty.parquet")
        yield aside


def vintages(folder: Folder, wait: float) -> tuple[Vintage, ...]:
    """Return every vintage, in the order in which they became known."""
    with _open(folder, wait, read_only=True) as connection:
        rows = connection.execute(f"SELECT {_selected(_layout(connection))} FROM vintages").fetchall()
    return tuple(sorted((_from_row(row) for row in rows), key=lambda v: v.order))


def add(folder: Folder, wait: float, vintage: Vintage) -> None:
    """Make a vintage visible: one transaction, on disk when this returns."""
    marks = ", ".join("?" for _ in _COLUMNS)
    _write(folder, wait, f"INSERT INTO vintages ({', '.join(_COLUMNS)}) VALUES ({marks})", _to_row(vintage))


def withdraw(folder: Folder, wait: float, vintage: Vintage) -> None:
    """Put down when and why a vintage is withdrawn: one transaction, on disk when this returns."""
    row = dict(zip(_COLUMNS, _to_row(vintage), strict=True))
    _write(
        folder, wait, "UPDATE vintages SET withdrawn_at = ?, reason = ? WHERE sha256 = ? AND arrival = ?",
        [row[name] for name in ("withdrawn_at", "reason", "sha256", "arrival")],
    )  # fmt: skip


def _write(folder: Folder, wait: float, statement: str, values: list[Any]) -> None:
    """Change the catalogue in one transaction, which first brings one of an earlier layout to the present."""
    with _open(folder, wait, read_only=False) as connection:
        connection.begin()
        if _layout(connection) != LAYOUT:
            _renew(folder, connection)
        connection.execute(statement, values)
        connection.commit()


@contextlib.contextmanager
def _open(folder: Folder, wait: float, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect for one short piece of work, waiting out whoever holds the file."""
    path = folder.catalogue
    deadline = time.monotonic() + wait
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
            break
        except duckdb.Error as error:
            if not _held_elsewhere(error):
                raise _explained(folder, error) from error
            if time.monotonic() >= deadline:
                raise Busy("vault.busy", path=folder.root, seconds=wait) from error
            time.sleep(0.02)
    try:
        yield connection
    except duckdb.Error as error:
        raise _explained(folder, error) from error
    finally:
        with contextlib.suppress(duckdb.Error):
            connection.close()


def _held_elsewhere(error: duckdb.Error) -> bool:
    # Windows words its refusal in the language of the country; DuckDB adds which program has the file open.
    signs = ("Could not set lock", "different configuration", "already open in", "used by another process")
    return any(sign in str(error) for sign in signs)


def _explained(folder: Folder, error: duckdb.Error) -> TocsinError:
    text = str(error).splitlines()[0]
    if says_full(text):
        return TocsinError("vault.disk_full", path=folder.root)
    if any(sign in text for sign in ("Permission denied", "Read-only file system", "Cannot open file")):
        return BadStore("vault.read_only", path=folder.root, reason=text)
    return Damaged("vault.catalogue_damaged", path=folder.catalogue, reason=text)


def _to_row(vintage: Vintage) -> list[Any]:
    values = {
        **{name: getattr(vintage, name) for name in _COLUMNS if hasattr(vintage, name)},
        **{
            name: None if (at := getattr(vintage, name)) is None else at.replace(tzinfo=None)
            for name in _TIMES
        },
        "first_month": months.label(vintage.span.first),
        "last_month": months.label(vintage.span.last),
        "countries": None if vintage.countries is None else list(vintage.countries),
        "shared_ids": json.dumps(dict(vintage.shared_ids), sort_keys=True),
    }
    return [values[name] for name in _COLUMNS]


def _from_row(row: tuple[Any, ...]) -> Vintage:
    values = dict(zip(_COLUMNS, row, strict=True))
    first, last = values.pop("first_month"), values.pop("last_month")
    values["span"] = Span(months.parse(first), months.parse(last))
    for name in _TIMES:
        values[name] = None if values[name] is None else values[name].replace(tzinfo=dt.UTC)
    values["countries"] = None if values["countries"] is None else tuple(values["countries"])
    values["shared_ids"] = tuple(sorted(json.loads(values["shared_ids"]).items()))
    return Vintage(**values)
