"""`read`: any file of UCDP events to the one event table, with a report and what it covers."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tocsin import digest, months
from tocsin.errors import BadFile, UnknownName
from tocsin.sources import coverage as covering
from tocsin.sources.check import Checked, check
from tocsin.sources.coverage import Coverage
from tocsin.sources.events import FLAGS
from tocsin.sources.files import open_any
from tocsin.sources.raw import Raw
from tocsin.sources.release import Release, guess
from tocsin.sources.report import LISTED, MISSHAPEN, Refusal, Report, refuse

PUBLISHERS: tuple[str, ...] = ("ucdp",)
"""Publishers whose files can be read."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One file, read and checked.

    events:    the event table (`SCHEMA`), sorted by id.
    report:    rows read, kept, flagged and refused.
    coverage:  where absence of an event is a zero.
    publisher, release: who issued it and under what name; release is None where nothing tells it.
    format:    `ged-csv`, `ged-zip`, `candidate-csv`, `hdx-csv`, `parquet`, `api-json`, or `csv` and `zip`
               where the release is not known.
    digest:    SHA-256 of the file's bytes.
    """

    events: pl.DataFrame
    report: Report
    coverage: Coverage
    publisher: str
    release: str | None
    format: str
    digest: str

    @property
    def known_at(self) -> dt.date | None:
        """The day a named release is *assumed* to have been published: see `tocsin.sources.known_at`."""
        return None if self.release is None else Release.parse(self.release).known_at


def read(
    path: Path | str,
    *,
    publisher: str = "ucdp",
    release: str | None = None,
    skip_bad_rows: bool = False,
    today: dt.date | None = None,
) -> Reading:
    """Return the events of a file: GED or Candidate CSV, GED ZIP, HDX extract, Parquet table or API pages.

    release:       the release's name (`25.1`, `25.0.3`); taken from the file when None.
    skip_bad_rows: keep the good rows and count the others; otherwise one broken row refuses the file.
    today:         the day after which a date lies in the future; the current one when None.

    Raises UnknownName for a publisher, BadFile if the file is not what it should be, BadRow for rows that
    break the schema, BadInput for a release name that is none.
    Source: UCDP GED codebook, https://ucdp.uu.se/downloads/.
    """
    if publisher not in PUBLISHERS:
        raise UnknownName("sources.unknown_publisher", value=publisher, choices=", ".join(PUBLISHERS))
    path = Path(path)
    given = None if release is None else Release.parse(release)
    raw = open_any(path)
    found = given or guess(*raw.names, path.name, derived=raw.layout == "parquet")
    checked = check(raw.table, today or months.today(), raw.misshapen)
    refused = checked.broken.height
    refusals = _refusals(raw, checked)
    if refused and (not skip_bad_rows or not checked.events.height):
        raise refuse(path.name, refusals, refused)
    covered = _coverage(raw, checked.events, found, given)
    outside = _outside(checked.events, covered)
    if found and outside * 2 > checked.events.height:
        share = round(100 * outside / checked.events.height)
        raise BadFile(
            "sources.release_mismatch", file=path.name, release=found.name, span=str(found.span), share=share
        )
    flagged = checked.events["flags"].explode().value_counts().rows() if checked.events.height else []
    counts = dict(flagged)
    report = Report(
        # A name that is not UTF-8 could not be written where reports are kept.
        file=os.fsencode(path.name).decode("utf-8", errors="replace"),
        rows=raw.table.height,
        kept=checked.events.height,
        refused=refused,
        flagged={flag: int(counts.get(flag, 0)) for flag in FLAGS},
        refusals=refusals,
        outside_coverage=outside,
        absent=raw.absent,
    )
    return Reading(
        events=checked.events, report=report, coverage=covered, publisher=publisher,
        release=found.name if found else None, format=_format(raw, found), digest=digest.of_file(path),
    )  # fmt: skip


def _refusals(raw: Raw, checked: Checked) -> tuple[Refusal, ...]:
    if not checked.broken.height:
        return ()
    rows = checked.broken.head(LISTED)
    places = raw.locate(rows["record"].to_list())
    return tuple(
        Refusal(place.number, "", place.misshapen, MISSHAPEN, raw.unit)
        if place.misshapen
        else Refusal(place.number, column, value, key, raw.unit)
        for place, (_, column, value, key) in zip(places, rows.iter_rows(), strict=True)
    )


def _coverage(raw: Raw, events: pl.DataFrame, found: Release | None, given: Release | None) -> Coverage:
    if raw.layout == "hdx":
        return covering.extract(events, found, given.span.last if given else None)
    if raw.layout == "parquet":
        return covering.extract(events, found, None) if raw.complete else covering.fragment(events)
    if found is None or raw.complete is False:
        return covering.fragment(events)
    return covering.whole_release(found)


def _outside(events: pl.DataFrame, covered: Coverage) -> int:
    first, last = months.first_day(covered.span.first), months.last_day(covered.span.last)
    return int((~events["date_start"].is_between(pl.lit(first), pl.lit(last))).sum())


def _format(raw: Raw, found: Release | None) -> str:
    if raw.layout == "hdx":
        return "hdx-csv"
    if raw.layout == "api":
        return "api-json"
    if raw.layout == "parquet" or found is None:
        return raw.layout
    return f"{'candidate' if found.product == 'ucdp-candidate' else 'ged'}-{raw.layout}"
