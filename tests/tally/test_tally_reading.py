"""Files of another source, read: what counts, what is left out, what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from tally_files import ACLED, HDX, acled, answer, event, hdx, hdx_row

from tocsin import months, tally
from tocsin.errors import BadFile, BadRow, NotAssessed

LATE = dt.date(2022, 3, 1)
MALI, ISRAEL, KOSOVO = 432, 666, 347
ROW = hdx_row("MLI", "2021-01", 1, 1)


def rows_of(found: tally.Reading) -> list[tuple[int, str, int, int]]:
    return [
        (gw, months.label(month), events, deaths) for gw, month, events, deaths in found.table.iter_rows()
    ]


def test_political_violence_alone_is_counted_and_nothing_twice(tmp_path: Path) -> None:
    file = hdx(
        tmp_path / "hdx.csv",
        [
            hdx_row("MLI", "2021-01", 5, 9),
            hdx_row("MLI", "2021-01", 3, 7, sort="civilian_targeting"),
            hdx_row("MLI", "2021-01", 40, "", sort="demonstration"),
        ],
    )
    assert rows_of(tally.read(file, had_on=LATE)) == [(MALI, "2021-01", 5, 9)]


def test_districts_are_summed_and_a_row_of_the_whole_country_stands_before_them(tmp_path: Path) -> None:
    file = hdx(
        tmp_path / "hdx.csv",
        [
            hdx_row("MLI", "2021-01", 1, 2, district="Gao"),
            hdx_row("MLI", "2021-01", 2, 3, district="Kidal"),
            hdx_row("MLI", "2021-01", 2, 3, district="Kidal"),
            hdx_row("NER", "2021-01", 4, 4),
            hdx_row("NER", "2021-01", 1, 1, district="Diffa"),
        ],
    )
    assert rows_of(tally.read(file, had_on=LATE)) == [(MALI, "2021-01", 3, 5), (436, "2021-01", 4, 4)]


def test_a_row_of_zeros_is_a_zero_and_no_row_is_nothing_known(tmp_path: Path) -> None:
    rows = [hdx_row("MLI", "2021-01", 0, 0), hdx_row("MLI", "2021-03", 1, 1)]
    found = tally.read(hdx(tmp_path / "hdx.csv", rows), had_on=LATE)
    assert rows_of(found) == [(MALI, "2021-01", 0, 0), (MALI, "2021-03", 1, 1)]
    assert found.countries == 1
    assert str(found.span) == "2021-01:2021-03"


def test_a_country_told_of_demonstrations_alone_is_not_told_of(tmp_path: Path) -> None:
    rows = [hdx_row("MLI", "2021-01", 1, 1), hdx_row("NER", "2021-01", 4, "", sort="demonstration")]
    assert rows_of(tally.read(hdx(tmp_path / "hdx.csv", rows), had_on=LATE)) == [(MALI, "2021-01", 1, 1)]


@pytest.mark.parametrize(
    ("had_on", "last"),
    [("2021-03-06", "2021-01"), ("2021-03-07", "2021-02"), ("2021-04-07", "2021-03")],
)
def test_a_month_counts_once_it_was_over_for_a_week_when_the_file_was_had(
    tmp_path: Path, had_on: str, last: str
) -> None:
    rows = [hdx_row("MLI", f"2021-0{n}", n, n) for n in (1, 2, 3)]
    found = tally.read(hdx(tmp_path / "hdx.csv", rows), had_on=dt.date.fromisoformat(had_on))
    assert months.label(found.span.last) == last
    assert [months.label(m) for m in found.under_way] == [f"2021-0{n}" for n in range(int(last[-1]) + 1, 4)]


def test_a_file_of_a_running_month_has_nothing_to_count(tmp_path: Path) -> None:
    file = hdx(tmp_path / "hdx.csv", [hdx_row("MLI", "2021-03", 1, 1)])
    with pytest.raises(NotAssessed) as caught:
        tally.read(file, had_on=dt.date(2021, 3, 10))
    assert caught.value.key == "tally.nothing_over"


def test_israel_and_palestine_are_told_together_or_not_at_all(tmp_path: Path) -> None:
    both = [hdx_row("ISR", "2021-01", 1, 2), hdx_row("PSE", "2021-01", 3, 4)]
    alone = [hdx_row("PSE", "2021-02", 5, 6), hdx_row("MLI", "2021-01", 0, 0)]
    found = tally.read(hdx(tmp_path / "hdx.csv", both + alone), had_on=LATE)
    assert rows_of(found) == [(MALI, "2021-01", 0, 0), (ISRAEL, "2021-01", 4, 6)]
    assert found.alone


def test_territories_are_named_and_land_goes_to_the_state_of_the_month(tmp_path: Path) -> None:
    rows = [
        hdx_row("GUF", "2021-01", 1, 2), hdx_row("XKX", "2021-01", 1, 1), hdx_row("SSD", "2010-01", 1, 3),
        hdx_row("SDN", "2010-01", 1, 4),
    ]  # fmt: skip
    found = tally.read(hdx(tmp_path / "hdx.csv", rows), had_on=LATE)
    assert rows_of(found) == [(KOSOVO, "2021-01", 1, 1), (625, "2010-01", 2, 7)]
    assert list(found.elsewhere) == [("GUF", 2)]


EVENTS = [
    event("MLI1", "2021-01-05", 3),
    event("MLI2", "28 January 2021", 4, kind="Violence against civilians", sub="Attack"),
    event("MLI3", "2021-01-30", 5, kind="Riots", sub="Mob violence"),
    event("MLI4", "2021-01-30", 6, kind="Riots", sub="Violent demonstration"),
    event("MLI5", "2021-02-03", 0, kind="Protests", sub="Peaceful protest"),
    event(
        "MLI6", "2021-03-03", 1, kind="Explosions/Remote violence", sub="Shelling/artillery/missile attack"
    ),
]


@pytest.mark.parametrize("write", [acled, answer])
def test_events_are_summed_by_month_and_a_month_of_protests_alone_is_a_zero(
    tmp_path: Path, write: object
) -> None:
    file = write(tmp_path / "events", EVENTS)  # type: ignore[operator]
    found = tally.read(file, had_on=LATE)
    assert rows_of(found) == [(MALI, "2021-01", 3, 12), (MALI, "2021-02", 0, 0), (MALI, "2021-03", 1, 1)]
    assert found.layout == "acled"
    assert found.lacking == ()


def test_of_an_event_told_twice_the_last_change_counts(tmp_path: Path) -> None:
    events = [event("MLI1", "2021-01-05", 9, changed="2021-03-20"), event("MLI1", "2021-01-05", 3)]
    for order in (events, events[::-1]):
        assert rows_of(tally.read(acled(tmp_path / "e.csv", order), had_on=LATE)) == [(MALI, "2021-01", 1, 3)]


def test_an_export_is_not_taken_to_be_younger_than_its_last_change_unless_someone_says_so(
    tmp_path: Path,
) -> None:
    events = [event("MLI1", "2021-02-05", 3, changed="2021-02-20"), event("MLI2", "2021-01-05", 1)]
    events[1]["timestamp"] = events[0]["timestamp"]
    file = acled(tmp_path / "e.csv", events)
    assert str(tally.read(file, had_on=LATE).span) == "2021-01:2021-01"
    assert str(tally.read(file, had_on=LATE, stated=True).span) == "2021-01:2021-02"


def test_what_may_be_a_selection_is_told(tmp_path: Path) -> None:
    found = tally.read(acled(tmp_path / "e.csv", [event("MLI1", "2021-01-05", 3)]), had_on=LATE)
    assert found.lacking == ("Explosions/Remote violence", "Violence against civilians")


def test_a_country_without_a_number_goes_by_its_name(tmp_path: Path) -> None:
    events = [event("KOS1", "2021-01-05", 3, iso=0, country="Kosovo")]
    assert rows_of(tally.read(acled(tmp_path / "e.csv", events), had_on=LATE)) == [(KOSOVO, "2021-01", 1, 3)]


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (hdx_row("Mali", "2021-01", 1, 1), "location_code", "Mali"),
        (hdx_row("MLI", "2021-01", 1, 1, sort="riots"), "event_type", "riots"),
        (hdx_row("MLI", "2021-01", "few", 1), "events", "few"),
        (hdx_row("MLI", "2021-01", 1, -1), "fatalities", "-1"),
        (hdx_row("MLI", "2021-01", 1, ""), "fatalities", ""),
        (ROW.replace("2021-01-31", "2021-01-10"), "reference_period_end", "2021-01-10"),
        (ROW.replace("2021-01-01", "2021-01-02"), "reference_period_start", "2021-01-02"),
        (ROW.replace("2021-01-01", "January"), "reference_period_start", "January"),
        (ROW.replace(",0,p", ",7,p"), "admin_level", "7"),
    ],
)  # fmt: skip
def test_a_broken_row_refuses_the_file_by_line_column_and_value(
    tmp_path: Path, row: str, column: str, value: str
) -> None:
    file = hdx(tmp_path / "hdx.csv", [hdx_row("NER", "2021-01", 1, 1), row])
    with pytest.raises(BadRow) as caught:
        tally.read(file, had_on=LATE)
    said = str(caught.value)
    assert f"hdx.csv, line 4, column {column}" in said
    assert f'"{value}"' in said


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"event_type": "Battle-No change of territory"}, "event_type"),
        ({"event_date": "31 February 2021"}, "event_date"),
        ({"fatalities": ""}, "fatalities"),
        ({"event_id_cnty": ""}, "event_id_cnty"),
        ({"iso": "", "country": ""}, "country"),
    ],
)
def test_a_broken_event_refuses_the_file(tmp_path: Path, changes: dict[str, str], column: str) -> None:
    file = acled(tmp_path / "e.csv", [EVENTS[0], event("MLI9", "2021-01-05", 1) | changes])
    with pytest.raises(BadRow, match=f"e.csv, line 3, column {column}"):
        tally.read(file, had_on=LATE)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("", "sources.empty_file"),
        ("<html>", "sources.html"),
        ("PK\x03\x04", "tally.not_csv"),
        ("a,b\n1,2\n", "tally.unknown_layout"),
        (HDX.replace("fatalities,", "") + "\n", "tally.columns_missing"),
        (HDX.replace("warning", "events") + "\n" + hdx_row("MLI", "2021-01", 1, 1), "sources.column_twice"),
        (ACLED.replace(",", ";") + "\n", "sources.separator"),
        (ACLED + "\n", "sources.header_only"),
        (HDX + "\n" + hdx_row("MLI", "2021-01", 1, 1)[:-9], "sources.cut_short"),
        ('{"data": []}', "tally.not_an_answer"),
        ('{"data": [1', "sources.json_damaged"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str, key: str) -> None:
    (tmp_path / "file").write_text(content, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        tally.read(tmp_path / "file", had_on=LATE)
    assert caught.value.key == key
    assert "ucdp.uu.se" not in str(caught.value)


def test_an_answer_that_lacks_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        tally.read(answer(tmp_path / "e.json", EVENTS, count=7), had_on=LATE)
    assert caught.value.key == "tally.answer_incomplete"


def test_a_row_of_too_few_fields_is_refused(tmp_path: Path) -> None:
    file = hdx(tmp_path / "hdx.csv", ["MLI,N,N", hdx_row("MLI", "2021-01", 1, 1)])
    with pytest.raises(BadRow, match="3/19"):
        tally.read(file, had_on=LATE)


def test_a_file_of_no_country_known_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAssessed) as caught:
        tally.read(hdx(tmp_path / "hdx.csv", [hdx_row("GUF", "2021-01", 1, 1)]), had_on=LATE)
    assert caught.value.key == "tally.no_country"


def test_the_same_file_in_another_order_is_the_same_tally(tmp_path: Path) -> None:
    rows = [hdx_row(code, f"2021-0{n}", n, n) for code in ("NER", "MLI", "DZA") for n in (3, 1, 2)]
    one, other = (
        tally.read(hdx(tmp_path / name, made), had_on=LATE).table
        for name, made in (("a.csv", rows), ("b.csv", rows[::-1]))
    )
    assert one.equals(other)
    assert dict(one.schema) == tally.SCHEMA
