"""The shelf: tallies kept in a folder of the vault's home, each under the SHA-256 of the file it came of.

The file itself is not kept: its publisher lets nobody pass its rows on, and they name persons. What is kept
is the tally, what is known of the file, and a digest of both.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tocsin import digest, files, months
from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.months import Span
from tocsin.tally.reading import SCHEMA, Reading, check_day, read
from tocsin.tally.rows import Layout
from tocsin.vault.vintage import Moment, instant

Basis = Literal["retrieved", "stated"]

FOLDER = "tallies"

_META = "tocsin"
_DIGITS = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True)
class Tally:
    """What is known of one tally.

    sha256:   digest of the file it came of; `content` of the tally itself.
    layout:   `hdx` for monthly counts, `acled` for events.
    known_at: from when a read sees it (UTC): when it came (`retrieved_at`), or the end of the day stated;
              `basis` says which.
    span, countries, rows: its months, how many countries and rows it has.
    under_way, elsewhere, alone, lacking: as in `Reading`.
    arrival:  1, or more where the same bytes had been kept and withdrawn before.
    withdrawn_at, reason: from when reads no longer see it, and why; None while they do.
    """

    sha256: str
    content: str
    layout: Layout
    name: str
    retrieved_at: dt.datetime
    known_at: dt.datetime
    basis: Basis
    span: Span
    countries: int
    rows: int
    under_way: tuple[int, ...]
    elsewhere: tuple[tuple[str, int], ...]
    alone: bool
    lacking: tuple[str, ...]
    arrival: int = 1
    withdrawn_at: dt.datetime | None = None
    reason: str | None = None

    @property
    def short(self) -> str:
        """The digest as it is shown, by which it can be named."""
        return self.sha256[:12]

    def seen(self, moment: dt.datetime) -> bool:
        """Return whether a read as of `moment` sees it."""
        return self.known_at <= moment and (self.withdrawn_at is None or self.withdrawn_at > moment)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return asdict(self) | {
            "retrieved_at": self.retrieved_at.isoformat(),
            "known_at": self.known_at.isoformat(),
            "span": str(self.span),
            "under_way": [months.label(month) for month in self.under_way],
            "elsewhere": dict(self.elsewhere),
            "withdrawn_at": None if self.withdrawn_at is None else self.withdrawn_at.isoformat(),
        }


@dataclass(frozen=True)
class Shelf:
    """The tallies of a home; there need be none, and only `add` makes its folder."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.home / FOLDER

    def add(
        self, path: Path | str, *, known_at: dt.date | None = None, again: bool = False
    ) -> tuple[Tally, bool]:
        """Read a file of another source and keep its tally, whole or not at all.

        known_at: the day on which the file was had from its publisher, where that was earlier; None for now.
        again:    keep anew what was withdrawn.
        Returns the tally, and whether it is new: the same bytes twice change nothing. Raises what `read`
        does, BadInput where they are held under another day or were withdrawn, and for a day to come.
        """
        now = dt.datetime.now(dt.UTC)
        day = None if known_at is None else check_day(known_at, now.date())
        found = read(path, had_on=day or now.date(), stated=day is not None)
        held = [one for one in self._all() if one.sha256 == found.digest]
        if held and not (again and held[-1].withdrawn_at):
            _check_same(held[-1], day)
            return held[-1], False
        made = _tally(found, now, day, arrival=len(held) + 1)
        self._write(made, found.table)
        return made, True

    def tallies(self, *, as_of: Moment) -> tuple[Tally, ...]:
        """Return the tallies seen on a day (to its end in UTC) or at an instant, in the order they came."""
        moment = instant(as_of)
        return tuple(one for one in self._all() if one.seen(moment))

    def monthly(self, *, as_of: Moment) -> pl.DataFrame:
        """Return `SCHEMA` with `sha256`: for each country and month what the latest tally of it says.

        Raises Damaged for a tally that is no longer what was kept.
        """
        frames = [
            self._table(one).with_columns(sha256=pl.lit(one.sha256)) for one in self.tallies(as_of=as_of)
        ]
        empty = pl.DataFrame(schema={**SCHEMA, "sha256": pl.String()})
        together = pl.concat([empty, *frames])
        return together.unique(["gw", "month"], keep="last", maintain_order=True).sort("gw", "month")

    def withdraw(self, named: str, *, reason: str) -> Tally:
        """Take back a tally by the first six digits or more of its SHA-256: reads from now on do not see it.

        UnknownName if none is named so; BadInput if several are, if it was withdrawn before, or without a
        reason.
        """
        why = reason.strip()
        if not why:
            raise BadInput("tally.no_reason")
        text = named.strip().lower()
        named_so = [one for one in self._all() if _DIGITS.fullmatch(text) and one.sha256.startswith(text)]
        if not named_so:
            choices = ", ".join(dict.fromkeys(one.short for one in self._all())) or "-"
            raise UnknownName("tally.unknown", value=named, choices=choices)
        left = [one for one in named_so if one.withdrawn_at is None]
        if not left:
            raise BadInput("tally.withdrawn", **_when(named_so[-1]))
        if len(left) > 1:
            raise BadInput("tally.several", value=named, choices=", ".join(one.sha256 for one in left))
        gone = replace(left[0], withdrawn_at=dt.datetime.now(dt.UTC), reason=why)
        self._write(gone, self._table(left[0]))
        return gone

    def _all(self) -> tuple[Tally, ...]:
        return tuple(sorted(self._read_all(), key=lambda one: (one.known_at, one.retrieved_at, one.sha256)))

    def _read_all(self) -> Iterator[Tally]:
        for path in sorted(self.folder.glob("*.parquet")):
            try:
                yield _from_meta(json.loads(pl.read_parquet_metadata(path)[_META]))
            except (pl.exceptions.PolarsError, OSError, KeyError, ValueError, TypeError) as error:
                raise Damaged("tally.damaged", path=path) from error

    def _path(self, one: Tally) -> Path:
        again = f"-{one.arrival}" if one.arrival > 1 else ""
        return self.folder / f"{one.sha256}{again}.parquet"

    def _table(self, one: Tally) -> pl.DataFrame:
        path = self._path(one)
        try:
            table = pl.read_parquet(path)
            kept = _content(table)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise Damaged("tally.damaged", path=path) from error
        if kept != one.content:
            raise Damaged("tally.damaged", path=path)
        return table

    def _write(self, one: Tally, table: pl.DataFrame) -> None:
        meta = json.dumps(one.to_dict(), sort_keys=True, ensure_ascii=False)
        files.write(self._path(one), files.parquet(table, metadata={_META: meta}))


def _tally(found: Reading, now: dt.datetime, day: dt.date | None, arrival: int) -> Tally:
    return Tally(
        sha256=found.digest, content=_content(found.table), layout=found.layout, name=found.file,
        retrieved_at=now, known_at=now if day is None else min(instant(day), now),
        basis="retrieved" if day is None else "stated", span=found.span, countries=found.countries,
        rows=found.table.height, under_way=found.under_way,
        elsewhere=found.elsewhere, alone=found.alone,
        lacking=found.lacking, arrival=arrival,
    )  # fmt: skip


def _content(table: pl.DataFrame) -> str:
    return digest.of_parts(*(table[name].to_numpy() for name in SCHEMA))


def _from_meta(told: dict[str, Any]) -> Tally:
    withdrawn = told["withdrawn_at"]
    return Tally(
        **told
        | {
            "retrieved_at": dt.datetime.fromisoformat(told["retrieved_at"]),
            "known_at": dt.datetime.fromisoformat(told["known_at"]),
            "span": Span.parse(told["span"]),
            "under_way": tuple(months.parse(label) for label in told["under_way"]),
            "elsewhere": tuple(sorted(told["elsewhere"].items())),
            "lacking": tuple(told["lacking"]),
            "withdrawn_at": None if withdrawn is None else dt.datetime.fromisoformat(withdrawn),
        }
    )


def _check_same(held: Tally, day: dt.date | None) -> None:
    if held.withdrawn_at is not None:
        raise BadInput("tally.withdrawn", **_when(held))
    if day is not None and held.known_at.date() != day:
        raise BadInput(
            "tally.held_otherwise", sha256=held.short, known=held.known_at.date().isoformat(),
            day=day.isoformat(),
        )  # fmt: skip


def _when(one: Tally) -> dict[str, object]:
    assert one.withdrawn_at is not None
    at = one.withdrawn_at.isoformat(timespec="seconds")
    return {"sha256": one.short, "at": at, "reason": one.reason}
