"""ACLED's events, as its export or its interface gives them out, summed by country and month.

Political violence is what ACLED's own monthly counts call so: battles, explosions and remote violence,
violence against civilians, and the mob violence among riots.
Source: ACLED Codebook, https://acleddata.com/resources/general-guides/.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from tocsin.sources.events import month_id_of
from tocsin.sources.raw import Raw
from tocsin.tally.rows import Rule, sound, whole

POLITICAL = ("Battles", "Explosions/Remote violence", "Violence against civilians")
OTHERS = ("Riots", "Protests", "Strategic developments")
MOB = "Mob violence"

_WRITTEN = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d-%b-%Y")


def monthly(raw: Raw, file: str) -> pl.DataFrame:
    """Return `code`, `month`, `events`, `deaths`: political violence by country and month.

    code: the number of ISO 3166 as text, or the country's name where there is none (Kosovo). A month in which
    a country has no event of any sort has no row. Raises RefusedRows where a row is not what it should be.
    """
    table = sound(raw, file, _rules()).with_columns(
        code=pl.when(whole("iso") > 0).then(whole("iso").cast(pl.String())).otherwise(_text("country")),
        day=_day(), killed=whole("fatalities"), changed=_seconds("timestamp"),
        political=_text("event_type").is_in(POLITICAL) | (_text("sub_event_type") == MOB).fill_null(False),
    ).with_columns(month=month_id_of("day"))  # fmt: skip
    latest = table.sort("changed", nulls_last=False, maintain_order=True)
    events = latest.unique(subset="event_id_cnty", keep="last", maintain_order=True)
    return (
        events.group_by("code", "month")
        .agg(
            events=pl.col("political").sum().cast(pl.Int64()),
            deaths=pl.col("killed").filter("political").sum(),
        )
        .sort("code", "month")
    )  # fmt: skip


def last_change(raw: Raw) -> dt.date | None:
    """Return the day of the last change of any event, which the file cannot be older than."""
    latest = raw.table.select(_seconds("timestamp").max()).item()
    return None if latest is None else dt.datetime.fromtimestamp(latest, dt.UTC).date()


def lacking(raw: Raw) -> tuple[str, ...]:
    """Return the types of political violence of which the file has not one event."""
    found = set(raw.table["event_type"].str.strip_chars())
    return tuple(name for name in POLITICAL if name not in found)


def _seconds(column: str) -> pl.Expr:
    """Return a column of texts as seconds, null where it holds none."""
    return pl.col(column).str.extract(r"^\s*(\d{1,11})\s*$").cast(pl.Int64())


def _rules() -> tuple[Rule, ...]:
    return (
        Rule("tally.row_missing", "event_id_cnty", _text("event_id_cnty").is_null()),
        Rule("tally.row_day", "event_date", _day().is_null()),
        Rule(
            "tally.row_type", "event_type", ~_text("event_type").is_in((*POLITICAL, *OTHERS)).fill_null(False)
        ),
        Rule("tally.row_missing", "country", _text("country").is_null() & whole("iso").is_null()),
        Rule("tally.row_whole", "fatalities", whole("fatalities").is_null()),
    )


def _text(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def _day() -> pl.Expr:
    return pl.coalesce(_text("event_date").str.to_date(written, strict=False) for written in _WRITTEN)
