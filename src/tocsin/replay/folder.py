"""The folder of a replay: parts while it walks, then account, tables and ledger."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from tocsin import files, months
from tocsin.bulletin import html, pdf
from tocsin.errors import BadInput
from tocsin.replay.account import account
from tocsin.replay.case import Case, check_span
from tocsin.replay.outlook import COUNTRIES
from tocsin.replay.record import BESIDE, check_ledger
from tocsin.replay.replay import LEDGER, PARTS, Replay, replay
from tocsin.replay.sources import readings, sources, usual_method
from tocsin.tables import NAME as PACKAGE
from tocsin.tables import lines, package
from tocsin.text import LANGUAGES, say
from tocsin.warn import built_in

Progress = Callable[[str, float, float | None], None]

SUMMARY = "replay.json"
MONTHS = "months.csv"
COUNTRIES_FILE = "countries.parquet"
READINGS = "readings.parquet"

COLUMNS = (
    "month", "track", "label", "as_of", "origin", "assessed", "deaths_12", "p_25_next_3", "rank", "of",
    "expected_next_3", "low_80_next_3", "high_80_next_3", "p_25_next_3_other_method", "warnings",
    "deaths_revealed", "deaths_sb", "deaths_ns", "deaths_os",
)  # fmt: skip
"""Columns of the table of months: one row a month and track; what is not known is empty."""

COUNTRY_COLUMNS = {
    "month": pl.String, "track": pl.String, "gw": pl.Int32,
    "p_25_next_3": pl.Float64, "expected_next_3": pl.Float64, "rank": pl.Int32,
}  # fmt: skip
"""Columns of the table of countries, with their types."""


def owned() -> frozenset[str]:
    """Return the names that a folder of results may hold: anything else in it is someone's work."""
    accounts = {f"account.{language}.{kind}" for language in LANGUAGES for kind in ("html", "pdf")}
    ledger = {f"{LEDGER}{end}" for end in ("", *BESIDE)}
    return frozenset(accounts | ledger | {SUMMARY, MONTHS, COUNTRIES_FILE, PACKAGE, PARTS})


def check_folder(out: str | Path) -> Path:
    """Return `out`; BadInput if it is a file, or holds anything but an earlier replay."""
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise BadInput("replay.out_is_file", out=str(out))
    if others := files.foreign(out, owned()):
        raise BadInput("replay.out_holds_others", out=str(out), name=others[0])
    check_ledger(out / LEDGER)
    return out


def write(found: Replay, out: str | Path) -> tuple[str, ...]:
    """Write account (HTML and PDF, both languages), tables and summary, and return the names of the files.

    The same replay gives the same bytes.
    """
    out = Path(out)
    names = []
    for name, content in _files(found):
        files.write(out / name, content)
        names.append(name)
    files.write(out / PACKAGE, _package(found, out))
    return (*names, PACKAGE, LEDGER)


def _files(found: Replay) -> Iterator[tuple[str, bytes]]:
    for language in LANGUAGES:
        document = account(found, language)
        yield f"account.{language}.html", html(document).encode()
        yield f"account.{language}.pdf", pdf(document)
    yield MONTHS, month_table(found).encode()
    facts = {**found.attribution.lines, **lines("countries", COUNTRY_COLUMNS)}
    yield COUNTRIES_FILE, files.parquet(country_table(found), statistics=False, metadata=facts)
    text = json.dumps(found.to_dict(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    yield SUMMARY, text.encode()


def _package(found: Replay, out: Path) -> bytes:
    """Return what the tables in the folder, and their columns, mean."""
    facts = found.to_dict()
    title = found.case.title
    return package(
        out, name="tocsin-replay",
        titles={one: say("replay.package_title", one, case=title.said(one)) for one in LANGUAGES},
        about={one: say("replay.package_about", one) for one in LANGUAGES},
        releases=found.attribution.releases,
        facts={name: facts[name] for name in ("case", "span", "method", "tracks")},
    )  # fmt: skip


def month_table(found: Replay) -> str:
    """Return the months as CSV text, columns as in `COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for step in found.steps:
        for facts in step.outlooks:
            ahead, beside = facts.get("ahead") or {}, facts.get("beside") or {}
            alerts = [m.rule for m in step.messages[facts["track"]] if m.act == "alert"]
            seen = step.revealed or {}
            writer.writerow(
                (
                    months.label(step.month), facts["track"], facts["label"], facts["on"],
                    facts.get("origin"),
                    facts["assessed"], facts.get("deaths_12"), ahead.get("probability"), ahead.get("rank"),
                    ahead.get("of"), ahead.get("expected"), ahead.get("low_80"), ahead.get("high_80"),
                    beside.get("probability"), " ".join(alerts), seen.get("total"), seen.get("sb"),
                    seen.get("ns"), seen.get("os"),
                )
            )  # fmt: skip
    return text.getvalue()


def country_table(found: Replay) -> pl.DataFrame:
    """Return what was forecast for every assessed country, one row a month, track and country.

    Columns: `month`, `track`, `gw`, and of the three months from that month on `p_25_next_3`,
    `expected_next_3`, and the `rank` among countries (empty where one country was forecast alone).
    """
    parts = [
        pl.DataFrame(held, schema=list(COUNTRIES), orient="row").select(
            pl.lit(months.label(step.month)).alias("month"), pl.lit(track.name).alias("track"),
            pl.col("gw").cast(pl.Int32), "p_25_next_3", "expected_next_3",
            pl.col("rank").cast(pl.Int32) if len(held) > 1 else pl.lit(None, pl.Int32).alias("rank"),
        )
        for step in found.steps
        for track in found.tracks
        if len(held := step.world[track.name])
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=COUNTRY_COLUMNS), *parts])


def produce(
    case: Case,
    *,
    out: str | Path,
    data: str = "figures",
    method: str | None = None,
    priced: bool = True,
    as_of: dt.date | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Replay:
    """Walk a case on what ships or is in the vault, write everything into `out`, and return the replay.

    data:  as `sources`. method: the usual one for these data when None.
    as_of: the day whose knowledge is in hand; that of the case's compilation when None.
    out:   new, empty, or of an earlier replay, whose finished months are taken over if nothing has changed.
    """
    out = check_folder(out)
    method = method or usual_method(data)
    day = case.compiled if as_of is None else as_of
    rules = built_in()
    held = sources(case, data, rules, as_of=day)
    check_span(case, held.outcomes.span)
    (out / PARTS).mkdir(parents=True, exist_ok=True)
    table = readings(rules, method, as_of=day, kept=out / PARTS / READINGS, progress=progress)
    found = replay(
        case, held.tracks, outcomes=held.outcomes, groups=held.groups, readings=table, method=method,
        rules=rules, priced=priced, out=out, progress=progress,
    )  # fmt: skip
    progress(say("replay.stage_write"), 0, None)
    write(found, out)
    return found
