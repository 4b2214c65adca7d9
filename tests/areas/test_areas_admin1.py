"""Admin-1 units: one code, two places, told apart by the vintage."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import areas, figures, months
from tocsin.errors import BadInput, NotAssessed, UnknownName

MALI, NIGER, IVORY_COAST = 432, 436, 437
EVERY = [
    u
    for gw in areas.admin1_countries()
    for v in areas.vintages(gw)
    for u in areas.admin1_units(gw, vintage=v.vintage)
]


def test_one_code_two_places() -> None:
    assert areas.admin1("ML09", vintage=2012).name == "Bamako"
    assert areas.admin1("ML09", vintage="2023").name == "Taoudenni"
    assert areas.admin1("ML09@2012") != areas.admin1("ML09@2023")
    assert areas.admin1("ML20@2023").name == "Bamako"


def test_a_code_that_changed_its_meaning_must_be_told_apart() -> None:
    with pytest.raises(UnknownName, match=r"ML09@2012 Bamako.*ML09@2023 Taoudenni"):
        areas.admin1("ML09")
    assert areas.admin1("ML08").key == "ML08@2012"


@pytest.mark.parametrize(
    ("month", "name"), [("2012-03", "Bamako"), ("2020-01", "Bamako"), ("2024-01", "Taoudenni")]
)
def test_a_month_decides_the_vintage(month: str, name: str) -> None:
    assert areas.admin1("ML09", month=months.parse(month)).name == name


def test_counts_of_units_by_vintage() -> None:
    assert [len(areas.admin1_units(MALI, vintage=v.vintage)) for v in areas.vintages(MALI)] == [9, 10, 20]
    counts = {gw: len(areas.admin1_units(gw)) for gw in areas.admin1_countries()}
    assert counts == {404: 9, 432: 9, 433: 14, 434: 12, 436: 8, 437: 19, 439: 13, 461: 5}


def test_every_later_unit_lies_in_one_of_the_vintage_before() -> None:
    for gw in areas.admin1_countries():
        for before, after in zip(areas.vintages(gw), areas.vintages(gw)[1:], strict=False):
            held = {u.key for u in areas.admin1_units(gw, vintage=before.vintage)}
            assert all(u.parent in held for u in areas.admin1_units(gw, vintage=after.vintage))


@given(st.sampled_from(EVERY))
def test_a_key_finds_its_unit(unit: areas.Admin1) -> None:
    assert areas.admin1(unit.key) == unit
    assert areas.admin1(unit.name, gw=unit.gw, vintage=unit.vintage) == unit


@pytest.mark.parametrize(
    ("gw", "published", "key"),
    [
        (MALI, "Tombouctou region", "ML06@2012"), (MALI, "TIMBUKTU", "ML06@2012"),
        (MALI, "Segou region", "ML04@2012"), (434, "Alibori department", "BJ01@2019"),
        (MALI, "Ménaka region", "ML07@2012"), (MALI, "Timetrine region", "ML08@2012"),
        (NIGER, "Tillabéri region", "NE006@2006"), (439, "Centre Nord region", "BF49@2020"),
        (404, "Sector Autonomo de Bissau region", "GW-bissau@2012"), (434, "Atakora department", None),
        (IVORY_COAST, "Montagnes district", None), (IVORY_COAST, "Ouest region", None), (MALI, None, None),
    ],
)  # fmt: skip
def test_published_names(gw: int, published: str | None, key: str | None) -> None:
    unit = areas.match_admin1(gw, published)
    assert (unit and unit.key) == key


def test_a_country_is_named_by_its_provinces_as_anywhere_else() -> None:
    assert areas.match_admin1("MLI", "Gao region") == areas.match_admin1(MALI, "Gao region")  # type: ignore[arg-type]
    assert areas.admin1("Gao", gw="Mali") == areas.admin1("Gao", gw=MALI)  # type: ignore[arg-type]
    assert areas.admin1_units("Mali") == areas.admin1_units(MALI)  # type: ignore[arg-type]
    with pytest.raises(NotAssessed, match="Chad"):
        areas.vintages("TCD")  # type: ignore[arg-type]


def test_a_split_off_region_is_found_in_its_own_vintage() -> None:
    assert areas.match_admin1(MALI, "Ménaka region", vintage=2021) == areas.admin1("ML10@2021")


def test_codes_with_three_letters_are_known() -> None:
    assert areas.admin1("NER006").name == "Tillabéri"


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ({"code": "ML33"}, UnknownName, "Closest"),
        ({"code": "Gaoo", "gw": MALI}, UnknownName, "Gao"),
        ({"code": "ML10", "vintage": 2012}, UnknownName, "ML10@2021"),
        ({"code": "ML01", "vintage": 1999}, UnknownName, "2012, 2021, 2023"),
        ({"code": "ML01@2012", "vintage": 2021}, BadInput, "another"),
        ({"code": "Dakar", "gw": 475}, NotAssessed, "Nigeria"),
        ({"code": "Lagunes", "gw": IVORY_COAST, "month": months.parse("2015-01")}, NotAssessed, "2015-01"),
    ],
)  # fmt: skip
def test_bad_input(words: dict[str, object], kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told):
        areas.admin1(**words)  # type: ignore[arg-type]


def test_placing_drops_nothing_and_counts_what_has_no_place() -> None:
    groups = figures.groups(as_of=dt.date(2026, 1, 1)).rows
    placed, lost = areas.place_admin1(groups)
    assert placed.height == groups.height
    assert placed["events"].sum() == groups["events"].sum()
    without = placed.filter(pl.col("admin1").is_null())
    assert sum(u.events for u in lost) == without["events"].sum()
    assert sum(u.deaths for u in lost) == without["deaths"].sum()
    assert {u.name for u in lost if u.gw != IVORY_COAST} == {None}


def test_the_country_is_part_of_the_name() -> None:
    rows = pl.DataFrame({"gw": [IVORY_COAST, 461], "adm_1": ["Savanes region"] * 2, "events": 1, "deaths": 2})
    placed, lost = areas.place_admin1(rows)
    assert placed["admin1"].to_list() == ["CI-savanes@2011", "TG-savanes@2012"]
    assert lost == ()


def test_a_country_without_units_is_counted_not_refused() -> None:
    rows = pl.DataFrame({"gw": [475], "adm_1": ["Borno state"], "events": [3], "deaths": [40]})
    _, lost = areas.place_admin1(rows)
    assert lost == (areas.Unmatched(475, "Borno state", 3, 40),)


def test_a_unit_without_a_checked_code_says_so_in_its_list():
    lists = {(v.gw, v.vintage): v for gw in areas.admin1_countries() for v in areas.vintages(gw)}
    file = Path(areas.__file__).parent / "data" / "hand" / "admin1_vintages.csv"
    with file.open(encoding="utf-8") as lines:
        notes = {(int(row["gw"]), int(row["vintage"])): row["why"] for row in csv.DictReader(lines)}
    for key in lists:
        units = areas.admin1_units(key[0], vintage=key[1])
        without = [unit for unit in units if unit.pcode is None]
        assert len(without) in (0, len(units))
        assert bool(without) == ("no p-codes were found to check against" in notes[key])
        assert all(not unit.code[2:].isdigit() for unit in without)
