"""Control of northern Mali against what is known of 2012 and 2013, and what the answer must never do."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filled_disk import room_for

from tocsin import figures, months
from tocsin.control import Control, Located, control, draw_control, left_out_notes, located, of_events, runs
from tocsin.errors import BadInput, NotAssessed, UnknownName
from tocsin.months import Span
from tocsin.sources.events import SCHEMA
from tocsin.vault import Vault

DAY = dt.date(2026, 1, 1)
CASE = Span.parse("2011-01:2015-12")
GAO, KIDAL, TOMBOUCTOU, BAMAKO = "ML07@2012", "ML08@2012", "ML06@2012", "ML09@2012"


@pytest.fixture(scope="module")
def mali() -> Control:
    return control(432, span=CASE, as_of=DAY, data="figures")


def _held(found: Control, unit: str, month: str) -> float:
    return float(found.probability[found.index(unit), months.parse(month) - found.span.first, 0])


def test_gao_and_kidal_are_lost_in_2012_and_bamako_is_not(mali: Control) -> None:
    for month in ("2012-07", "2012-09", "2012-12"):
        assert mali.state(GAO, months.parse(month))[0] == "beyond"
        assert mali.state(KIDAL, months.parse(month))[0] == "beyond"
        assert mali.state(BAMAKO, months.parse(month))[0] == "held"


def test_the_offensive_of_january_2013_reads_as_contest(mali: Control) -> None:
    assert mali.state(GAO, months.parse("2013-01"))[0] == "contested"
    assert mali.state("ML05@2012", months.parse("2013-01"))[0] == "contested"
    assert _held(mali, TOMBOUCTOU, "2013-01") < _held(mali, TOMBOUCTOU, "2012-06")


def test_the_north_is_not_back_in_the_states_hand_by_late_2014(mali: Control) -> None:
    assert all(
        _held(mali, unit, month) < 0.5
        for unit in (GAO, KIDAL, TOMBOUCTOU)
        for month in ("2014-09", "2014-12")
    )


def test_a_region_without_events_is_unknown_not_calm(mali: Control) -> None:
    assert mali.state("ML03@2012", months.parse("2012-06")) == ("unknown", None)
    assert mali.frame().filter(~pl.col("known"))["state"].unique().to_list() == ["unknown"]


def test_no_month_sees_what_came_after(mali: Control) -> None:
    cut = control(432, span=Span.parse("2011-01:2012-06"), as_of=DAY, data="figures")
    assert np.array_equal(cut.probability, mali.probability[:, : len(cut.span)])
    later = control(432, span=Span.parse("2011-01:2012-06"), as_of=DAY, method="smoothed", data="figures")
    assert not np.allclose(later.probability, cut.probability)
    assert later.to_dict()["hindsight"] is True


def test_what_cannot_be_placed_is_counted(mali: Control) -> None:
    (left,) = mali.left_out
    rows = located(432, level="admin1", as_of=DAY, data="figures").rows.filter(pl.col("month") <= CASE.last)
    placed = rows.filter(pl.col("adm_1").is_not_null())
    assert left.events == rows["events"].sum() - placed["events"].sum() > 0
    assert left.name is None
    (said,) = left_out_notes([mali], "en")
    assert said.startswith("Not placed from 1989-01 to 2015-12, ")
    assert mali.to_dict()["read"] == "1989-01:2015-12"


def test_runs_cover_every_month_once(mali: Control) -> None:
    for unit in mali.units:
        mine = [run for run in runs(mali) if run.unit == unit]
        assert [m for run in mine for m in range(run.first, run.last + 1)] == list(mali.span)
        assert sum(run.events for run in mine) == mali.events[mali.index(unit)].sum()


def test_cells_follow_the_country_of_the_event() -> None:
    found = control(432, span=Span.parse("2012-01:2012-12"), as_of=DAY, level="cell", data="figures")
    assert found.basis == "complete"
    assert len(found.units) == len(set(found.units)) > 20
    assert found.units == tuple(sorted(found.units))
    somalia = control(520, span=Span.parse("2018-01:2018-12"), as_of=DAY, level="cell", data="figures")
    assert somalia.basis == "located"


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ({"gw": 475, "span": CASE}, NotAssessed, "known for Benin.*--level cell"),
        ({"gw": 700, "span": CASE, "level": "cell"}, NotAssessed, "only some on its border"),
        ({"gw": 2, "span": CASE, "level": "cell"}, NotAssessed, "No located events"),
        ({"gw": 432, "span": Span.parse("2021-01:2022-03")}, NotAssessed, "1989-01:2021-12"),
        ({"gw": 432, "span": CASE, "level": "village"}, UnknownName, "admin1, cell"),
        ({"gw": 432, "span": CASE, "method": "guess"}, UnknownName, "filtered, smoothed"),
        ({"gw": 432, "span": CASE, "data": "rumour"}, UnknownName, "vault"),
        ({"gw": 9999, "span": CASE}, UnknownName, "9999"),
        ({"gw": 432, "span": CASE, "as_of": dt.date(2012, 1, 1)}, NotAssessed, "2012-01-01"),
    ],
)  # fmt: skip
def test_bad_input(words: dict[str, object], kind: type[Exception], told: str) -> None:
    given = {"as_of": DAY, "data": "figures", **words}
    with pytest.raises(kind, match=told):
        control(**given)  # type: ignore[arg-type]


def test_months_and_units_outside_the_answer_are_refused(mali: Control) -> None:
    with pytest.raises(NotAssessed, match="2016-01"):
        mali.state(GAO, months.parse("2016-01"))
    with pytest.raises(UnknownName, match="ML99"):
        mali.state("ML99@2012", CASE.first)


def _events(*rows: dict[str, object]) -> pl.DataFrame:
    blank = dict.fromkeys(SCHEMA)
    filled = [
        {**blank, "id": n, "kind": "sb", "country_gw": 432, "best": 3, "where_prec": 1, "flags": [],
         "side_a": "Government of Mali", "side_b": "Group", "deaths_a": 2, "deaths_b": 1, **row}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(filled, schema=SCHEMA)


def test_an_event_table_does_as_well_as_the_figures() -> None:
    day = dt.date(2012, 2, 3)
    events = _events(
        {"date_start": day, "adm_1": "Gao region", "gid": 153024},
        {"date_start": day, "adm_1": "Gao region", "gid": 153024, "where_prec": 5},
        {"date_start": day, "adm_1": "Gao region", "gid": 153024, "where_prec": 4},
        {"date_start": day, "adm_1": "Diffa region", "gid": 153024, "country_gw": 436},
    )
    rows = of_events(events, 432, "admin1")
    source = Located(rows, tuple(Span.parse("2012-01:2012-06")), ("invented",), "complete")
    span = Span.parse("2012-01:2012-06")
    found = control(432, span=span, as_of=DAY, events=source)
    assert found.events[found.index(GAO)].tolist() == [0, 2, 0, 0, 0, 0]
    assert [(left.name, left.events) for left in found.left_out] == [(None, 1)]
    by_cell = control(
        432, span=span, as_of=DAY, level="cell",
        events=Located(of_events(events, 432, "cell"), source.months, ("invented",), "complete"),
    )  # fmt: skip
    assert by_cell.units == (153024,)
    assert by_cell.left_out[0].events == 2


def test_months_not_accounted_for_are_unknown() -> None:
    events = _events({"date_start": dt.date(2012, 2, 3), "adm_1": "Gao region"})
    known = tuple(m for m in Span.parse("2012-01:2012-06") if m != months.parse("2012-03"))
    source = Located(of_events(events, 432, "admin1"), known, ("invented",), "complete")
    found = control(432, span=Span.parse("2012-01:2012-06"), as_of=DAY, events=source)
    said = [found.state(GAO, month)[0] for month in found.span]
    assert said[0] == said[2] == "unknown"
    assert "unknown" not in (said[1], said[3])


def test_cells_count_the_events_placed_too_coarsely_for_them() -> None:
    span = Span.parse("2011-01:2021-12")
    by_cell, whole = (
        control(436, span=span, as_of=DAY, level=level, data="figures") for level in ("cell", "admin1")
    )
    (left,) = by_cell.left_out
    assert (left.events, left.deaths) == (68, 788)
    told = figures.groups(as_of=DAY).rows.filter(pl.col("gw") == 436)["events"].sum()
    placed = located(436, level="cell", as_of=DAY, data="figures").rows.drop_nulls("unit")["events"].sum()
    assert placed + left.events == told
    assert sum(part.events for part in whole.left_out) < left.events


def test_an_empty_vault_does_not_hide_why_the_figures_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    Vault.open()
    with pytest.raises(NotAssessed, match="No located events of United States"):
        control(2, span=CASE, as_of=DAY, level="cell")


def test_the_picture_of_many_cells_shows_those_of_which_something_is_known(tmp_path: Path) -> None:
    found = control(436, span=CASE, as_of=DAY, level="cell", data="figures")
    known = sum(row.any() for row in found.known)
    assert known < 15 < len(found.units)
    draw_control(found, tmp_path / "a.svg", "en")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert f"<!-- Units of which something is known in these months: {known} of {len(found.units)}." in text
    assert "<!-- 148687 (13.25, 3.25) -->" not in text


@pytest.fixture(scope="module", params=["png", "svg"])
def picture(request: pytest.FixtureRequest, mali: Control, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a picture, to read."""
    path = tmp_path_factory.mktemp("picture") / f"a.{request.param}"
    draw_control(mali, path)
    return path


def test_the_picture_is_the_same_every_time(mali: Control, tmp_path: Path, picture: Path) -> None:
    draw_control(mali, tmp_path / picture.name)
    assert (tmp_path / picture.name).read_bytes() == picture.read_bytes()


def test_a_disk_that_fills_leaves_the_picture_that_was_there(
    mali: Control, tmp_path: Path, picture: Path
) -> None:
    path = tmp_path / picture.name
    before = picture.read_bytes()
    path.write_bytes(before)
    told = rf"{re.escape(path.name)} cannot be written: File too large"
    with room_for(len(before) // 2), pytest.raises(BadInput, match=told):
        draw_control(mali, path)
    assert path.read_bytes() == before


def test_the_picture_needs_a_place_and_a_format(mali: Control, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"\.png, \.svg"):
        draw_control(mali, tmp_path / "picture.bmp")
    with pytest.raises(BadInput, match="does not exist"):
        draw_control(mali, tmp_path / "nowhere" / "picture.png")


def test_a_cell_is_called_by_its_centre_as_the_reader_writes_numbers(mali: Control) -> None:
    cells = control(432, span=Span.parse("2012-01:2012-01"), as_of=DAY, level="cell", data="figures")
    row = cells.index(150109)
    assert cells.named(row, "en") == cells.names[row] == "150109 (14.25, −5.75)"
    assert cells.named(row, "fr") == "150109 (14,25\xa0; −5,75)"
    assert mali.named(0, "fr") == mali.names[0]


def test_before_the_first_event_there_is_no_cell_to_draw(tmp_path: Path) -> None:
    none = control(432, span=Span.parse("1990-01:1990-03"), as_of=DAY, level="cell", data="figures")
    with pytest.raises(NotAssessed, match="up to 1990-03"):
        draw_control(none, tmp_path / "picture.png")


def test_a_country_of_numpy_is_that_country_and_a_day_that_is_none_is_refused(mali: Control) -> None:
    other = control(np.int64(432), span=CASE, as_of=DAY, data="figures")  # type: ignore[arg-type]
    assert other.digest == mali.digest
    month = months.parse("2012-07")
    assert mali.state(GAO, np.int64(month)) == mali.state(GAO, month)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="month is '2012-07'"):
        mali.state(GAO, "2012-07")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no day"):
        control(432, span=CASE, as_of="2026-01-01", data="figures")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no span of months"):
        control(432, span="2011-01:2012-12", as_of=DAY, data="figures")  # type: ignore[arg-type]
