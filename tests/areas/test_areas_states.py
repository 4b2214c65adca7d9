"""States by date: the cases that go wrong elsewhere, by name."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tocsin import areas
from tocsin.areas.lookup import held
from tocsin.areas.tables import units_table
from tocsin.errors import BadInput, UnknownName
from tocsin.months import month_id, parse


def views(name: str, month: str) -> int | None:
    when = parse(month)
    return areas.country(name, month=when).views_id(when)


def names(*states: areas.Country) -> set[str]:
    return {state.name("en") for state in states}


def test_south_sudan_is_part_of_sudan_until_july_2011() -> None:
    assert areas.by_iso3("SSD", month=parse("2011-06")).gw == 625
    assert areas.by_iso3("SSD", month=parse("2011-07")).gw == 626
    assert (views("Sudan", "2011-06"), views("Sudan", "2011-07")) == (59, 245)
    assert areas.views_id(626, month=parse("2011-07")) == 246
    assert 626 not in areas.neighbours(625, month=parse("2011-06"))
    assert 626 in areas.neighbours(625, month=parse("2011-07"))
    assert 500 in areas.neighbours(625, month=parse("2011-06"))
    assert 500 not in areas.neighbours(625, month=parse("2011-07"))
    assert names(*areas.predecessors(areas.country("South Sudan"))) == {"Sudan"}


def test_yugoslavia_ends_in_april_1992_and_its_code_lives_on_until_2006() -> None:
    yugoslavia = areas.country(345, month=parse("1991-01"))
    assert (yugoslavia.name("en"), yugoslavia.name("fr")) == ("Yugoslavia", "Yougoslavie")
    assert (yugoslavia.iso3, yugoslavia.views_id(parse("1991-01"))) == ("YUG", 188)
    rest = areas.country("Yougoslavie", month=parse("1999-01"))
    assert (rest.gw, rest.iso3, rest.name("fr")) == (345, "SCG", "Serbie-et-Monténégro")
    assert rest.views_id(parse("1999-01")) == 227
    assert names(*areas.successors(yugoslavia)) == {
        "Bosnia and Herzegovina",
        "Croatia",
        "North Macedonia",
        "Serbia and Montenegro",
        "Slovenia",
    }
    assert areas.neighbours(345, month=parse("1990-01")) == (305, 310, 325, 339, 350, 355, 360)


def test_serbia_follows_in_june_2006_without_kosovo_from_february_2008() -> None:
    assert areas.by_ucdp_id(345, month=parse("2006-05")).gw == 345
    assert areas.by_ucdp_id(345, month=parse("2006-06")).gw == 340
    assert areas.by_iso3("SRB", month=parse("1995-01")).gw == 345
    assert (views("Serbia", "2008-01"), views("Serbia", "2008-02")) == (230, 233)
    kosovo = areas.country("Kosovo")
    assert (kosovo.gw, kosovo.iso3, kosovo.m49) == (347, None, None)
    assert areas.by_iso3("XKX", month=parse("2008-01")).gw == 340
    assert areas.by_iso3("XKX", month=parse("2008-02")) == kosovo
    before, after = (areas.area_km2(340, month=parse(m)) for m in ("2008-01", "2008-02"))
    assert before - after == areas.area_km2(347, month=parse("2008-02"))


def test_yemen_unites_in_may_1990() -> None:
    north, south = (areas.country(gw, month=parse("1990-04")) for gw in (678, 680))
    assert (north.name("fr"), south.name("fr")) == ("Yémen du Nord", "Yémen du Sud")
    assert areas.neighbours(678, month=parse("1990-04")) == (670, 680)
    assert areas.neighbours(680, month=parse("1990-04")) == (670, 678, 698)
    assert areas.by_ucdp_id(680, month=parse("1990-05")).gw == 678
    yemen = areas.country("Yemen", month=parse("1990-05"))
    assert areas.predecessors(yemen) == (north, south)
    assert [views("Yemen", m) for m in ("1990-04", "1990-05", "2000-05", "2000-06")] == [196, 240, 240, 124]
    united = areas.area_km2(678, month=parse("1990-05"))
    assert united == sum(areas.area_km2(gw, month=parse("1990-04")) for gw in (678, 680))


def test_czechoslovakia_parts_at_the_end_of_1992() -> None:
    both = areas.country("Tchécoslovaquie")
    assert both.exists(parse("1992-12"))
    assert not both.exists(parse("1993-01"))
    assert names(*areas.successors(both)) == {"Czechia", "Slovakia"}
    assert areas.neighbours(315, month=parse("1989-01")) == (260, 265, 290, 305, 310, 365)
    assert areas.neighbours(316, month=parse("1993-01")) == (260, 290, 305, 317)
    assert areas.area_km2(315, month=parse("1992-12")) == pytest.approx(127_900, rel=0.001)


def test_eritrea_leaves_ethiopia_in_may_1993() -> None:
    assert (views("Ethiopia", "1993-04"), views("Ethiopia", "1993-05")) == (191, 57)
    assert areas.by_iso3("ERI", month=parse("1993-04")).gw == 530
    assert areas.by_iso3("ERI", month=parse("1993-05")).gw == 531
    assert areas.country(530, month=parse("1993-04")).m49 == 230
    assert areas.country(530, month=parse("1993-05")).m49 == 231
    assert names(*areas.successors(areas.country(530, month=parse("1990-01")))) == {"Ethiopia", "Eritrea"}


def test_germany_unites_in_october_1990() -> None:
    west, east = (areas.country(gw, month=parse("1990-09")) for gw in (260, 265))
    assert (west.name("en"), east.name("fr")) == ("West Germany", "Allemagne de l’Est")
    assert areas.country("Allemagne", month=parse("1985-01")) == west
    assert areas.neighbours(265, month=parse("1990-09")) == (260, 290, 315)
    germany = areas.country("Germany", month=parse("1990-10"))
    assert areas.predecessors(germany) == (west, east)
    assert areas.neighbours(260, month=parse("1993-01")) == (210, 211, 212, 220, 225, 290, 305, 316, 390)
    assert (views("Germany", "1990-09"), views("Germany", "1990-10")) == (185, 184)


def test_the_soviet_union_ends_in_december_1991() -> None:
    union = areas.country("URSS")
    assert (union.gw, union.iso3) == (365, "SUN")
    assert areas.by_ucdp_id(365, month=parse("1991-11")) == union
    assert areas.by_ucdp_id(365, month=parse("1991-12")).name("fr") == "Russie"
    assert len(areas.successors(union)) == 15
    assert areas.by_iso3("UKR", month=parse("1991-11")) == union
    assert areas.by_iso3("UKR", month=parse("1991-12")).gw == 369
    assert areas.area_km2(365, month=parse("1989-01")) == pytest.approx(22_402_200, rel=0.005)
    assert 700 in areas.neighbours(365, month=parse("1989-01"))
    assert 700 not in areas.neighbours(365, month=parse("1992-01"))


def test_namibia_and_timor_leste_before_they_were_states() -> None:
    assert areas.by_ucdp_id(565, month=parse("1989-07")).name() == "South Africa"
    assert areas.by_ucdp_id(565, month=parse("1990-03")).name() == "Namibia"
    assert areas.by_iso3("TLS", month=parse("1999-09")).name() == "Indonesia"
    assert areas.by_iso3("TLS", month=parse("2002-05")).name("fr") == "Timor oriental"


def test_countries_of_a_month_hold_each_code_and_each_unit_of_land_once() -> None:
    for month in range(parse("1989-01"), parse("2021-12") + 1):
        codes = [state.gw for state in areas.countries(month=month)]
        assert codes == sorted(set(codes))
        assert set(held(month).values()) == set(codes)


def test_from_2011_on_there_are_the_195_states_of_views_and_vatican_city() -> None:
    states = areas.countries(month=parse("2021-12"))
    assert len(states) == 196
    assert names(*(s for s in states if s.views_id(parse("2021-12")) is None)) == {"Vatican City"}
    assert sum(v.in_challenge for s in states for v in s.views_ids) == 191


def test_records_of_a_code_do_not_overlap() -> None:
    for first, second in pairwise(areas.countries()):
        if first.gw == second.gw:
            assert first.end is not None
            assert first.end < second.start


def test_views_ids_of_a_state_do_not_overlap() -> None:
    for state in areas.countries():
        for first, second in pairwise(state.views_ids):
            assert first.last is not None
            assert first.last < second.first


def test_every_state_has_a_name_and_a_region_in_both_languages() -> None:
    for state in areas.countries():
        for language in ("en", "fr"):
            assert state.name(language).strip(" -") == state.name(language) != ""
            assert " - " not in state.name(language)
            assert "(" not in state.name(language)
            assert state.region_name(language)
    assert areas.country("CIV").name("en") == "Côte d’Ivoire"
    assert areas.country("DR Congo (Zaire)").name("fr") == "République démocratique du Congo"
    assert areas.country("MLI").region_name("fr") == "Afrique"


def test_every_name_leads_back_to_its_state() -> None:
    for state in areas.countries():
        month = max(1, month_id(state.start.year, state.start.month))
        for name in (state.name("en"), state.name("fr"), state.name("fr").upper()):
            assert areas.country(name, month=month).gw == state.gw
            assert areas.country(name).gw == state.gw


@pytest.mark.parametrize(
    ("written", "gw"),
    [
        (432, 432),
        ("432", 432),
        ("mli", 432),
        ("Ivory Coast", 437),
        ("cote d'ivoire", 437),
        ("Congo (Brazzaville)", 484),
        ("Congo (Kinshasa)", 490),
        ("République centrafricaine", 482),
        ("the gambia", 420),
        ("Saint Lucia", 56),
        ("Birmanie", 775),
        ("Swaziland", 572),
        ("Trinité-et-Tobago", 52),
        ("Macedonia, FYR", 343),
        ("Turkey (Ottoman Empire)", 640),
        ("Yemen (South Yemen)", 680),
    ],
)
def test_a_state_is_found_however_it_is_written(written: int | str, gw: int) -> None:
    assert areas.country(written).gw == gw


@pytest.mark.parametrize(
    ("written", "holder", "gw"),
    [
        ("Palestine", "Israel", 666), ("la bande de Gaza", "Israel", 666), ("pse", "Israel", 666),
        ("Sahara occidental", "Morocco", 600), ("Somaliland", "Somalia", 520),
        ("Northern Cyprus", "Cyprus", 352),
    ],
)  # fmt: skip
def test_a_territory_without_a_code_is_refused_with_the_state_it_counts_with(
    written: str, holder: str, gw: int
) -> None:
    with pytest.raises(UnknownName, match=rf"{holder} \(Gleditsch-Ward {gw}\)"):
        areas.country(written)


def test_an_unknown_name_comes_with_the_closest() -> None:
    with pytest.raises(UnknownName, match=r"Closest: Burkina Faso"):
        areas.country("Burkina Fasso")
    with pytest.raises(UnknownName, match=r"Closest: Bosnia and Herzegovina, (?!Bosnia)"):
        areas.country("Bosnia")
    with pytest.raises(UnknownName, match=r"Closest: (North|South) Korea, (North|South) Korea"):
        areas.country("Korea")
    with pytest.raises(UnknownName, match="no name is close"):
        areas.country("xqzw")
    with pytest.raises(UnknownName, match="999"):
        areas.country(999)


@pytest.mark.parametrize("written", ["Congo", "le Congo", "Congo (RDC)"])
def test_a_name_that_two_states_share_is_taken_for_neither(written: str) -> None:
    with pytest.raises(UnknownName, match=r"Congo-Brazzaville \(COG\), DR Congo \(COD\)"):
        areas.country(written)


def test_a_state_outside_its_time_is_refused_with_who_holds_the_land() -> None:
    with pytest.raises(UnknownName, match=r"begins on 1991-09-06.*Soviet Union \(Gleditsch-Ward 365\)"):
        areas.country("Estonia", month=parse("1985-01"))
    with pytest.raises(UnknownName, match=r"ended on 1990-10-02.*Germany \(Gleditsch-Ward 260\)"):
        areas.country(265, month=parse("2000-01"))
    with pytest.raises(UnknownName, match="ended on 1992-12-31"):
        areas.by_iso3("CSK", month=parse("2000-01"))
    with pytest.raises(UnknownName, match="begins on 1984-01-01"):
        areas.by_iso3("BRN", month=parse("1981-01"))


def test_unknown_ids_are_refused() -> None:
    with pytest.raises(UnknownName, match="QQQ"):
        areas.by_iso3("QQQ", month=400)
    with pytest.raises(UnknownName, match="9999"):
        areas.by_ucdp_id(9999, month=400)
    with pytest.raises(UnknownName, match="9999"):
        areas.by_views_id(9999)


def test_a_views_id_resolves_by_month_or_alone() -> None:
    assert areas.by_views_id(57).name() == "Ethiopia"
    assert areas.by_views_id(57, month=parse("1993-05")).name() == "Ethiopia"
    with pytest.raises(UnknownName, match="first month is 1993-05"):
        areas.by_views_id(57, month=parse("1993-04"))
    with pytest.raises(UnknownName, match="last month is 1993-04"):
        areas.by_views_id(191, month=parse("1993-05"))
    with pytest.raises(UnknownName, match="VIEWS has no id for Vatican City"):
        areas.views_id(327, month=400)


def test_every_views_id_leads_to_its_state_and_back() -> None:
    for state in areas.countries():
        for views_id in state.views_ids:
            assert areas.by_views_id(views_id.id, month=views_id.first) == state
            assert areas.views_id(state.gw, month=views_id.first) == views_id.id


def test_reading_states_loads_no_data_frame_library() -> None:
    code = "import sys, tocsin.areas as a; a.country('Mali'); assert 'polars' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_unit_of_land_has_an_area() -> None:
    assert all(unit.area_km2 > 0 for unit in units_table().values())


@pytest.mark.shared
def test_every_country_year_of_ucdp_resolves(shared: Path) -> None:
    path = shared / "data" / "ucdp" / "organizedviolencecy_v25_1_to_2021.csv"
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        month = month_id(int(row["year_cy"]), 12)
        state = areas.by_ucdp_id(int(row["country_id_cy"]), month=month)
        if state.ucdp_id == int(row["country_id_cy"]):
            assert state.region == row["region_cy"]
            # "Congo" alone is refused: the DR Congo goes by it too.
            assert row["country_cy"] == "Congo" or areas.country(row["country_cy"], month=month) == state
        else:
            assert row["country_id_cy"] in {"265", "680"}
            assert row["year_cy"] == "1990"
    assert len(rows) > 6000


@pytest.mark.shared
def test_every_country_of_the_challenge_resolves(shared: Path) -> None:
    with (shared / "data" / "challenge" / "views_country_ids.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    header, *rest = rows
    assert len(rest) == 191
    view, gw = (next(i for i, name in enumerate(header) if part in name) for part in ("country_id", "gl"))
    for row in rest:
        state = areas.by_views_id(int(row[view]), month=parse("2021-12"))
        assert state.gw == int(row[gw])
        assert areas.views_id(state.gw, month=parse("2018-01")) == int(row[view])


def test_codes_and_months_of_numpy_are_those_of_python() -> None:
    gw, month = np.int64(432), np.int64(385)
    assert areas.country(gw, month=month) == areas.country(432, month=385)  # type: ignore[arg-type]
    assert areas.neighbours(gw, month=month) == areas.neighbours(432, month=385)  # type: ignore[arg-type]
    assert areas.views_id(gw, month=month) == areas.views_id(432, month=385)  # type: ignore[arg-type]
    assert areas.by_views_id(50, month=month) == areas.by_views_id(50)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [432.0, None, ("MLI",)])
def test_a_code_is_a_whole_number_or_text(code: object) -> None:
    with pytest.raises(BadInput, match="code is"):
        areas.country(code)  # type: ignore[arg-type]


def test_a_month_in_words_is_refused() -> None:
    with pytest.raises(BadInput, match="month is '2012-01'"):
        areas.country("MLI", month="2012-01")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "month", "gw"),
    [
        ("PSE", "2021-01", 666), (275, "2021-01", 666), ("ESH", "2021-01", 600), (732, "2021-01", 600),
        (466, "2021-01", 432), ("SSD", "2011-06", 625), (728, "2011-06", 625), (728, "2011-07", 626),
        ("XKX", "2021-01", 347),
    ],
)  # fmt: skip
def test_land_is_counted_in_the_figures_of_a_state(code: int | str, month: str, gw: int) -> None:
    assert areas.counted_in(code, month=parse(month)).gw == gw


@pytest.mark.parametrize("code", [254, 0, 99999, "GUF", "Gaza"])
def test_land_in_the_figures_of_no_state_here_is_named(code: int | str) -> None:
    with pytest.raises(UnknownName, match=str(code)):
        areas.counted_in(code, month=parse("2021-01"))
