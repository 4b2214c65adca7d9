"""Replays: a past crisis month by month, as the folder that `tocsin replay` wrote tells it."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocsin import areas, months
from tocsin.control import MEMORY, Control, control
from tocsin.desk.atlas import path
from tocsin.desk.memory import kept
from tocsin.desk.snapshot import Desk
from tocsin.errors import BadInput, Damaged, NotAssessed, UnknownName
from tocsin.ledger import Ledger, Place, Recorded
from tocsin.maps import control_class, control_legend, country_frame
from tocsin.months import Span
from tocsin.replay.folder import COUNTRIES_FILE
from tocsin.replay.record import in_order
from tocsin.replay.tracks import track_name
from tocsin.text import Language

MAP = 420
RECENT = 12
"""Entries shown of those known in a month, newest first."""


@dataclass(frozen=True, eq=False)
class Played:
    """One replay, as its folder holds it: its summary, and its rows by month and track.

    countries: what was forecast for every country, as `tocsin.replay.folder` writes it; None in an older one.
    """

    name: str
    folder: Path
    summary: Mapping[str, Any]
    months: tuple[str, ...]
    rows: Mapping[str, tuple[dict[str, str], ...]]
    entries: tuple[Recorded, ...]
    countries: pl.DataFrame | None

    @property
    def gw(self) -> int | None:
        """The country's code; None for an older record without it, and without entries."""
        if "gw" in self.summary:
            return int(self.summary["gw"])
        found = next((a for e in self.entries for a in e.entry.areas if a.startswith("gw:")), None)
        return None if found is None else int(found[3:])

    def title(self, language: Language) -> str:
        """Return what the replay is called."""
        return str(self.summary.get("title", {}).get(language, self.name))

    def row(self, month: str, track: str) -> dict[str, str] | None:
        """Return what a track says of a month; None where it says nothing."""
        return next((row for row in self.rows[month] if row["track"] == track), None)

    def track(self, name: str, language: Language) -> str:
        """Return what a track is called: the months by which what was known then lagged behind."""
        for one in self.summary["tracks"]:
            if one["name"] == name:
                return track_name(one["label"], one["lag"], language, revised=name.endswith("revised"))
        return name

    def until(self, month: str) -> tuple[Recorded, ...]:
        """Return the entries that could have been recorded by the end of a month, newest first.

        What tells of a stretch of days, or of a year, is there once its last day is over, as in the ledger
        of the replay: shown from its first day it would give away what was to come.
        """
        last = months.last_day(months.parse(month))
        held = {e.entry.id: e for e in self.entries}
        known = [(day, held[one.id]) for day, one in in_order([e.entry for e in self.entries]) if day <= last]
        return tuple(e for _, e in sorted(known, key=lambda pair: (pair[0], pair[1].index), reverse=True))


@dataclass(frozen=True)
class Timeline:
    """Probabilities of every month by track, and its deaths; None where not assessed or not covered.

    probabilities: by track, [month]. deaths: [month].
    """

    months: tuple[str, ...]
    probabilities: dict[str, tuple[float | None, ...]]
    deaths: tuple[int | None, ...]

    @property
    def most(self) -> int:
        """The most deaths of a month, at least 1."""
        return max((deaths for deaths in self.deaths if deaths), default=1)


@dataclass(frozen=True)
class Ground:
    """The country's provinces as paths, each with its colour, name, state of control and its probability.

    origin: the last month known then, by whose end this was inferred.
    Colour and probability are None where nothing is known: no event in `memory` months.
    """

    shapes: tuple[tuple[str, str | None, str, str, float | None], ...]
    size: tuple[float, float]
    origin: str
    memory: int = MEMORY


def replays(desk: Desk) -> tuple[Played, ...]:
    """Return the replays that are served, in the order in which they were named.

    BadInput where two are of one case: an address names the case alone.
    """
    held: dict[str, Played] = {}
    for one in map(_read, desk.replays):
        other = held.setdefault(one.name, one)
        if other is not one:
            raise BadInput("desk.same_case", case=one.name, first=str(other.folder), second=str(one.folder))
    return tuple(held.values())


def played(desk: Desk, name: str) -> Played:
    """Return one replay by the name of its case; UnknownName if it is not served."""
    held = replays(desk)
    for one in held:
        if one.name == name:
            return one
    raise UnknownName("desk.no_case", value=name[:60], choices=", ".join(r.name for r in held) or "–")


def month_of(found: Played, asked: str) -> str:
    """Return the month asked for, the first without one; UnknownName for one that is not shown."""
    if not asked:
        return found.months[0]
    if asked not in found.months:
        first, last = found.months[0], found.months[-1]
        raise UnknownName("desk.no_month", case=found.name, value=asked[:20], first=first, last=last)
    return asked


def _read(folder: Path) -> Played:
    try:
        stamp = (folder / "replay.json").stat().st_mtime_ns
    except OSError as error:
        reason = error.strerror or str(error)
        raise Damaged("desk.bad_replay", folder=str(folder), reason=reason) from error
    return kept(("replay", str(folder), stamp), lambda: _parse(folder))


def _parse(folder: Path) -> Played:
    try:
        summary = json.loads((folder / "replay.json").read_text(encoding="utf-8"))
        with (folder / "months.csv").open(encoding="utf-8", newline="") as stream:
            table = list(csv.DictReader(stream))
        rows: dict[str, list[dict[str, str]]] = {}
        for row in table:
            rows.setdefault(row["month"], []).append(row)
        name = str(summary["case"])
        if not rows:
            raise ValueError("months.csv")
    except (OSError, ValueError, KeyError) as error:
        raise Damaged("desk.bad_replay", folder=str(folder), reason=str(error)[:120]) from error
    return Played(
        name, folder, summary, tuple(sorted(rows)), {m: tuple(r) for m, r in rows.items()},
        _entries(folder), _countries(folder),
    )  # fmt: skip


def _countries(folder: Path) -> pl.DataFrame | None:
    try:
        return pl.read_parquet(folder / COUNTRIES_FILE)
    except (OSError, pl.exceptions.PolarsError):
        return None


def track_of(found: Played, month: str, asked: str) -> str:
    """Return the track asked for, the first without one; UnknownName for one that is not of the replay."""
    names = [row["track"] for row in found.rows[month]]
    if asked and asked not in names:
        raise UnknownName("desk.no_track", case=found.name, value=asked[:20], choices=", ".join(names))
    return asked or names[0]


def _entries(folder: Path) -> tuple[Recorded, ...]:
    file = folder / "ledger.sqlite"
    if not file.exists():
        return ()
    with Ledger.open(Place(None, file, folder), create=False) as held:
        return tuple(held.entries())


def timeline(found: Played) -> Timeline:
    """Return what every month said, and what it turned out to hold."""
    by_month = [{row["track"]: row["p_25_next_3"] for row in found.rows[month]} for month in found.months]
    return Timeline(
        tuple(found.months),
        {
            track: tuple(float(said[track]) if said.get(track) else None for said in by_month)
            for track in by_month[0]
        },
        tuple(_deaths(found.rows[month][0]["deaths_revealed"]) for month in found.months),
    )


def _deaths(text: str) -> int | None:
    return int(float(text)) if text else None


def ground(found: Played, month: str, track: str, today: dt.date) -> Ground | None:
    """Return who held which province by what a track knew in a month; None where that is not assessed."""
    gw, row = found.gw, found.row(month, track)
    if gw is None or row is None or row["assessed"] != "True":
        return None
    origin = months.parse(row["origin"])

    def made() -> Ground | None:
        try:
            return _drawn(_control(gw, found, today), origin)
        except (NotAssessed, UnknownName):
            return None

    return kept(("ground", str(found.folder), gw, origin, today), made)


def _control(gw: int, found: Played, today: dt.date) -> Control:
    """Return control in every month that was the last known in some month of a replay."""
    held = [row["origin"] for rows in found.rows.values() for row in rows if row["assessed"] == "True"]
    span = Span(months.parse(min(held)), months.parse(max(held)))
    return kept(
        ("control", gw, str(span), today),
        lambda: control(gw, span=span, as_of=today, level="admin1", method="filtered"),
    )


def _drawn(answer: Control, month: int) -> Ground:
    frame = country_frame(answer.gw, month=month)
    scale = MAP / max(frame.right - frame.left, frame.top - frame.bottom)
    corner = np.array([frame.left, frame.top])
    topology, legend = areas.admin1_topology(), control_legend()
    shapes = []
    for shape in topology.shapes:
        if shape.code not in answer.units:
            continue
        name = answer.names[answer.units.index(shape.code)]
        state, chance = answer.state(shape.code, month)
        rings = (frame.place(ring) - corner for ring in topology.rings(shape))
        paths = "".join(path(ring * np.array([scale, -scale])) for ring in rings)
        colour = None if chance is None else legend.colour(control_class(state, chance))
        shapes.append((paths, colour, name, state, chance))
    size = ((frame.right - frame.left) * scale, (frame.top - frame.bottom) * scale)
    return Ground(tuple(shapes), size, months.label(month))
