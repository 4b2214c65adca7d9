"""The written schema, releases by name, and the days on which they are assumed to have come out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from ged_table import row, write

from tocsin import months
from tocsin.errors import BadInput
from tocsin.sources import FLAGS, MEANING, SCHEMA, Release, check_schema, known_at, read
from tocsin.sources.release import guess
from tocsin.text import LANGUAGES, Language, say

DOCS = Path(__file__).parents[2] / "docs"
CARDS: dict[Language, Path] = {
    language: DOCS / folder / "ucdp-ged.md"
    for language, folder in (
        ("en", "sources"),
        ("fr", "fr/sources"),
    )
}


def test_every_column_and_flag_has_a_meaning_in_both_languages() -> None:
    assert list(MEANING) == list(SCHEMA)
    for language in LANGUAGES:
        assert all(meaning.sentence(language) for meaning in MEANING.values())
        assert all(say(f"sources.flag.{flag}", language) for flag in FLAGS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_holds_the_written_schema(language: Language) -> None:
    """Units and allowed values have words in English alone: the French card says them in its own."""
    lines = CARDS[language].read_text(encoding="utf-8").splitlines()
    for name, (unit, allowed, _) in MEANING.items():
        first, last = f"| `{name}` | {SCHEMA[name]} | ", f" | {MEANING[name].sentence(language)} |"
        (line,) = [line for line in lines if line.startswith(first)]
        assert _spaced(line).endswith(_spaced(last))
        assert language == "fr" or line == f"{first}{unit} | {allowed}{last}"
    for flag in FLAGS:
        (line,) = [line for line in lines if line.startswith(f"| `{flag}` | ")]
        assert _spaced(line) == _spaced(f"| `{flag}` | {say(f'sources.flag.{flag}', language)} |")


def _spaced(text: str) -> str:
    return " ".join(text.split())


def test_an_empty_table_is_an_event_table() -> None:
    assert check_schema(pl.DataFrame(schema=SCHEMA)).height == 0


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (pl.col("best").cast(pl.Int64), "table_schema"),
        (pl.lit(1).alias("more"), "table_schema"),
        (pl.lit(None, pl.Int32).alias("best"), "table_null"),
        (pl.lit(None, pl.List(pl.String)).alias("flags"), "table_null"),
        (pl.col("id").reverse(), "table_order"),
        (pl.lit(1, pl.Int64).alias("id"), "table_order"),
        (pl.lit(-1, pl.Int32).alias("deaths_a"), "table_value"),
        (pl.lit(91.0).alias("latitude"), "table_value"),
        (pl.lit(9, pl.Int8).alias("where_prec"), "table_value"),
        (pl.lit(dt.date(2024, 1, 1)).alias("date_start"), "table_value"),
        (pl.lit(["strange"]).alias("flags"), "table_value"),
    ],
)
def test_what_is_no_event_table(tmp_path: Path, change: pl.Expr, key: str) -> None:
    events = check_schema(read(write(tmp_path, [row(1), row(2)])).events)
    with pytest.raises(BadInput) as caught:
        check_schema(events.with_columns(change))
    assert caught.value.key == f"sources.{key}"


@pytest.mark.parametrize(
    ("name", "product", "span", "day"),
    [
        ("25.1", "ucdp-ged", "1989-01:2024-12", dt.date(2025, 6, 30)),
        ("v17.2", "ucdp-ged", "1989-01:2016-12", dt.date(2017, 6, 30)),
        ("23.0.10", "ucdp-candidate", "2023-10:2023-10", dt.date(2023, 11, 25)),
        ("24.0.12", "ucdp-candidate", "2024-12:2024-12", dt.date(2025, 1, 25)),
        ("25.01.25.06", "ucdp-candidate", "2025-01:2025-06", dt.date(2025, 7, 25)),
    ],
)
def test_releases_by_name(name: str, product: str, span: str, day: dt.date) -> None:
    release = Release.parse(name)
    assert (release.product, str(release.span), known_at(name)) == (product, span, day)
    assert Release.parse(release.name) == release


def test_a_name_that_is_a_number_is_read_as_it_is_written() -> None:
    assert Release.parse(25.1) == Release.parse("25.1")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["5.0", "25", "25.0.13", "25.0.0", "25.06.25.01", "latest", ""])
def test_names_of_no_release(name: str) -> None:
    with pytest.raises(BadInput, match=r"25\.01\.25\.06"):
        Release.parse(name)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("GEDEvent_v23_0_10.csv", "23.0.10"),
        ("gedevent_v25_1.csv", "25.1"),
        ("GEDEvent_v25_01_25_06 (1).csv", "25.01.25.06"),
        ("ged251-csv.zip", "25.1"),
        ("gedevents-25.0.3.jsonl", "25.0.3"),
        ("conflict_data_BGD.csv", None),
        ("merged2511.csv", None),
        ("ged251_mali.csv", None),
        ("GEDEvent_v25_1_mali.csv", None),
        ("GEDEvent_v23_0_10-mali.csv", None),
        ("mali_ged251.csv", None),
        ("mali_GEDEvent_v23_0_10.csv", None),
        ("notGEDEvent_v23_0_10.csv", None),
        ("GEDEvent_v23_0_10.mali.csv", None),
        ("GEDEvent_v23_0_10.part1.csv", None),
        ("ged251/GEDEvent_v25_1.csv", "25.1"),
        ("GEDEvent_v25_1.parquet", "25.1"),
        ("ged251-csv.zip.part", "25.1"),
    ],
)
def test_releases_in_file_names(file: str, name: str | None) -> None:
    found = guess(file)
    assert (found.name if found else None) == name


def test_a_derived_table_may_say_more_in_its_name() -> None:
    name = "ged211_located_global_1989_2020.parquet"
    derived = guess(name, derived=True)
    assert derived is not None
    assert derived.name == "21.1"
    assert guess(name) is None


@pytest.mark.shared
def test_candidate_months_were_on_hand_by_the_day_assumed(shared: Path) -> None:
    """The late choice of day leaves few exceptions, all of one or two days, among the vintages on record."""
    table = pl.read_csv(shared / "data/vintages/mali_by_vintage.csv")
    last = table.group_by("vintage").agg(pl.col("month").max()).sort("vintage")
    for vintage, month in last.iter_rows():
        newest = months.parse(month)
        assumed = known_at(f"{month[2:4]}.0.{int(month[5:])}")
        later = known_at(f"{months.label(newest + 2)[2:4]}.0.{int(months.label(newest + 2)[5:])}")
        assert dt.date.fromisoformat(vintage) >= assumed - dt.timedelta(days=5)
        assert dt.date.fromisoformat(vintage) < later
