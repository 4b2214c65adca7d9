"""One watch, read whole from the folder it wrote, and kept until another takes its place."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from tocsin import areas, months
from tocsin.areas import Country
from tocsin.desk.memory import stamps, vault_stamp
from tocsin.errors import Damaged, NotAssessed, UnknownName
from tocsin.figures import Attribution, attribution
from tocsin.forecast import Forecast
from tocsin.panel import Panel, based, released
from tocsin.tally import Shelf
from tocsin.text import Language
from tocsin.vault.folder import locate
from tocsin.warn import STALE_DAYS
from tocsin.watch import Archive, Row, archive, current_panel
from tocsin.watch.results import FILES, invented, read_forecast

TRIES, PAUSE = 3, 0.1
"""How often results are read that change while they are, and seconds in between."""


@dataclass(frozen=True)
class Line(Row):
    """One country of the ranking, with its names at the origin."""

    country: Country

    @property
    def gw(self) -> int:
        """Its Gleditsch-Ward code."""
        return self.country.gw

    @property
    def iso3(self) -> str:
        """Its ISO code of three letters; its Gleditsch-Ward code where it has none."""
        return self.country.iso3 or str(self.country.gw)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything the pages show of one watch.

    summary: the facts of summary.json. lines: the ranking, assessed countries first, by rank.
    made:    the leading forecast, total of kinds; figures: quantiles and probabilities of every method.
    """

    folder: Path
    summary: Mapping[str, Any]
    lines: tuple[Line, ...]
    made: Forecast
    figures: pl.DataFrame
    mark: tuple[tuple[int, int], ...]

    @property
    def as_of(self) -> dt.date:
        """The day the watch was made for."""
        return dt.date.fromisoformat(self.summary["as_of"])

    @property
    def origin(self) -> int:
        """Month id of the last month of data."""
        return self.made.origin

    @property
    def lag(self) -> int | None:
        """The months of delay that its data were cut by; None for what was read as it stood."""
        found = self.summary.get("lag")
        return None if found is None else int(found)

    @property
    def covered_months(self) -> int | None:
        """The most months that were covered of any country; None for a folder that does not say."""
        found = self.summary.get("covered_months")
        return None if found is None else int(found)

    @property
    def few_months(self) -> Mapping[int, int]:
        """The covered months of each country ranked on few, by code; none for a folder that does not say."""
        return {int(gw): int(count) for gw, count in self.summary.get("few_months", {}).items()}

    @property
    def method(self) -> str:
        """The method that ranks."""
        return self.made.method

    @property
    def digest(self) -> str:
        """SHA-256 of the watch."""
        return str(self.summary["watch_sha256"])

    @cached_property
    def attribution(self) -> Attribution:
        """Whose the data are that it was made from."""
        return attribution(self.summary["releases"])

    def releases(self, language: Language) -> str:
        """Return the names of the releases it was made from, with commas."""
        return released(self.summary["releases"], language)

    def basis(self, language: Language) -> str:
        """Return what its data rest on."""
        return based(self.summary["basis"], language)

    def age(self, today: dt.date) -> int:
        """Return the days between the last day of data and `today`."""
        return (today - months.last_day(self.origin)).days

    def stale(self, today: dt.date) -> bool:
        """Return whether the data are too old (60 days) to say anything about `today`."""
        return self.age(today) > STALE_DAYS

    @property
    def test(self) -> bool:
        """Whether the data are invented, for a test or a demonstration."""
        return invented(self.summary)

    @property
    def panel(self) -> Panel | None:
        """The deaths the watch read, up to its origin; None where the data at hand have changed since."""
        return self._read_from[1]

    @property
    def data(self) -> str:
        """Where the deaths it read are found, as for `panel_of`."""
        return self._read_from[0]

    @cached_property
    def _read_from(self) -> tuple[str, Panel | None]:
        for data in _at_hand():
            with suppress(NotAssessed):
                held = panel_of(self.as_of, self.lag, data).until(self.origin)
                # Beside a forecast stand the figures it was made from, or none: a release that came in since,
                # though known on the same day, would show other deaths than those that were read.
                areas_held, inputs = set(self.made.areas) <= set(held.areas), self.summary["inputs_sha256"]
                if areas_held and held.only(self.made.areas).digest == inputs:
                    return data, held
        return "auto", None

    @cached_property
    def _rows(self) -> dict[str, Line]:
        return {line.iso3: line for line in self.lines}

    def line(self, iso3: str) -> Line:
        """Return the line of a country by its three-letter code; UnknownName if it has none."""
        found = self._rows.get(iso3.upper())
        if found is None:
            raise UnknownName("desk.no_area", value=iso3[:40])
        return found


@dataclass
class Desk:
    """What the pages read, on disk: results of a watch, the home with ledger and warnings, and replays.

    results: folder written by `tocsin watch`. home: Tocsin's folder. replays: folders written by
    `tocsin replay`. today: gives the day.
    """

    results: Path
    home: Path
    replays: tuple[Path, ...] = ()
    today: Callable[[], dt.date] = months.today
    _held: Snapshot | None = field(default=None, repr=False)
    _past: tuple[object, Snapshot] | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _past_lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def current(self) -> Snapshot:
        """Return the watch on disk, read again only when it was replaced.

        NotAssessed where there is none yet; Damaged where its files cannot be read.
        """
        with self._lock:
            mark = _mark(self.results)
            if self._held is None or self._held.mark != mark:
                self._held = _read(self.results)
            return self._held

    def of_day(self, day: str) -> Snapshot:
        """Return the watch of a day, written YYYY-MM-DD: the one on disk, else the last that was kept of it.

        One made on its day goes before one made afterwards. UnknownName, with the days there are, where there
        is none; Damaged where its forecasts do not make its digest, or a watch of the day cannot be read, for
        nobody knows then which of them stands.
        """
        current = self.current()
        if day == current.as_of.isoformat():
            return current
        found = self.archive()
        if spoilt := found.spoilt(day):
            raise spoilt
        held = {one.as_of.isoformat(): one for one in archive.by_day(found.watches).values()}
        if day not in held:
            choices = ", ".join(sorted({current.as_of.isoformat(), *held}))
            raise UnknownName("desk.no_day", value=day[:20], choices=choices)
        chosen = held[day]
        # Checking takes a second: who asks for the watch on disk does not wait for it.
        with self._past_lock:
            mark = chosen.folder, stamps(*(chosen.folder / name for name in FILES))
            if self._past is None or self._past[0] != mark:
                chosen.forecasts()
                self._past = mark, _read(chosen.folder)
            return self._past[1]

    def archive(self) -> Archive:
        """Return the watches that were kept; Damaged where their folder cannot be read."""
        return archive.kept(self.home / archive.NAME)

    def mark(self) -> object:
        """Return what changes with every write to the vault or the home's ledger, warnings and records.

        A ledger in PostgreSQL may be written to by others unseen: its mark is never the same twice.
        """
        if os.environ.get("TOCSIN_LEDGER_URL"):
            return object()
        names = ("ledger.sqlite", "warnings.sqlite")
        written = stamps(
            *(self.home / f"{name}{end}" for name in names for end in ("", "-wal")),
            *sorted((self.home / "records").glob("*.parquet")),
            *tallies(self.home),
        )
        return written, vault_stamp()


def tallies(home: Path) -> tuple[Path, ...]:
    """Return the files of the tallies of a home."""
    return tuple(sorted(Shelf(home).folder.glob("*.parquet")))


def panel_of(as_of: dt.date, lag: int | None, data: str = "auto") -> Panel:
    """Return what a watch of a day read; NotAssessed where it is not at hand.

    lag:  of a past day reconstructed from what is known now, and cut; None for what was read as it stood.
    data: as for `tocsin.watch.current_panel`.
    """
    read = current_panel(known_on(as_of, lag), data)
    return read if lag is None else read.known(as_of, lag)


def known_on(as_of: dt.date, lag: int | None) -> dt.date:
    """Return the day whose knowledge a watch of a day read: today's, where it is a reconstruction."""
    return as_of if lag is None else months.today()


def _at_hand() -> tuple[str, ...]:
    """Return where a watch may have read: first as it does unless told, then as it may be told to."""
    # Opening a vault makes one; asking what is at hand must not.
    return ("auto", "vault", "figures") if locate(None).catalogue.exists() else ("auto",)


def _mark(folder: Path) -> tuple[tuple[int, int], ...]:
    """Return what tells one version of the folder from another."""
    try:
        return tuple((s.st_mtime_ns, s.st_ino) for s in ((folder / name).stat() for name in FILES))
    except OSError as error:
        raise NotAssessed("desk.no_results", folder=str(folder)) from error


def _read(folder: Path) -> Snapshot:
    """Return the watch of a folder; a folder replaced while it is read is read again."""
    for left in range(TRIES - 1, -1, -1):
        before = _mark(folder)
        try:
            found = _parse(folder, before)
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            if left:
                # Files that are being copied over one another are whole a moment later.
                time.sleep(PAUSE)
                continue
            raise Damaged("desk.unreadable", folder=str(folder), reason=str(error)[:200]) from error
        if _mark(folder) == before:
            return found
    raise Damaged("desk.unreadable", folder=str(folder), reason="?")


def _parse(folder: Path, mark: tuple[tuple[int, int], ...]) -> Snapshot:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    origin = months.parse(summary["origin"])
    lines = tuple(_line(row, origin) for row in pl.read_parquet(folder / "ranking.parquet").to_dicts())
    figures = pl.read_parquet(folder / "forecasts.parquet")
    made = read_forecast(folder, summary, summary["method"])
    return Snapshot(folder, summary, lines, made, figures, mark)


def _line(row: Mapping[str, Any], origin: int) -> Line:
    country = areas.country(row["gw"], month=origin)
    history = tuple(None if text == "-" else int(text) for text in row["months_last_12"].split())
    return Line(
        rank=row["rank"], area=row["gw"], country=country, history=history, recent=row["deaths_last_3"],
        expected=row["expected_next_3"], low=row["low_80_next_3"],
        high=row["high_80_next_3"], probability=row["p_25_next_3"], beside=row["p_25_next_3_other_method"],
        before=row["p_25_next_3_month_before"], change=row["change"],
    )  # fmt: skip
