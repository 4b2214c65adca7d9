"""Event tables as stored: read with their digest checked, in a fixed order."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from tocsin.errors import Damaged
from tocsin.sources import SCHEMA
from tocsin.sources.events import month_id_of
from tocsin.vault import folder
from tocsin.vault.folder import Folder
from tocsin.vault.vintage import Vintage, standing

WITH_ORIGIN: dict[str, pl.DataType] = {
    **SCHEMA,
    "publisher": pl.String(),
    "release": pl.String(),
    "sha256": pl.String(),
    "known_at": pl.Datetime("us", "UTC"),
}
"""Columns of what the vault returns: the event table, and which vintage each row comes from."""

ORDER = ("publisher", "release", "known_at", "sha256", "id")
"""How returned rows are sorted."""

MONTH = month_id_of("date_start")
"""The month id to which an event belongs: that of its `date_start`."""


def read_table(where: Folder, vintage: Vintage, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return one vintage's events by id; Damaged if the stored table is not what was stored."""
    path = where.table(vintage.stem)
    folder.check_present(path)
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != vintage.events_sha256:
        raise Damaged("vault.bytes_changed", path=path, expected=vintage.events_sha256, found=found)
    return pl.read_parquet(io.BytesIO(content), columns=list(columns or SCHEMA)).sort("id")


def with_origin(where: Folder, vintage: Vintage) -> pl.DataFrame:
    """Return one vintage's events with the columns that say where they come from."""
    return read_table(where, vintage).with_columns(
        publisher=pl.lit(vintage.publisher),
        release=pl.lit(vintage.release),
        sha256=pl.lit(vintage.sha256),
        known_at=pl.lit(vintage.known_at).cast(pl.Datetime("us", "UTC")),
    )


def standing_rows(where: Folder, vintages: Iterable[Vintage]) -> Iterator[pl.DataFrame]:
    """Yield the rows of each standing vintage that no later one corrects.

    The view `latest` of the catalogue says the same in SQL.
    """
    alive = standing(vintages)
    for vintage in alive:
        rows = with_origin(where, vintage)
        for later in alive:
            if later.corrects(vintage):
                rows = rows.filter(~_within(later))
        yield rows


def _within(vintage: Vintage) -> pl.Expr:
    """Return whether a row's country and month are among those that a vintage covers."""
    inside = MONTH.is_between(vintage.span.first, vintage.span.last)
    if vintage.countries is None:
        return inside
    return inside & pl.col("country_gw").is_in(vintage.countries).fill_null(False)


def gather(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows of all frames in the order of `ORDER`."""
    return pl.concat([pl.DataFrame(schema=WITH_ORIGIN), *frames]).sort(ORDER)
