"""Entries: their canonical bytes, ids, dates, areas and shorthand forms."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ledger_standin import dismissal, values, warning

from tocsin.ledger import TYPES, When, entry, examples, fields, parse_entries, write_yaml
from tocsin.ledger.entries import Money


def test_the_closed_list_of_types_is_that_of_the_record() -> None:
    assert set(TYPES) == {
        "warning", "notice", "acceptance", "dismissal", "decision", "action", "request", "commitment",
        "denial", "fulfilment", "agreement", "deployment", "capacity", "trigger", "assessment", "outcome",
        "correction", "event", "control", "forecast",
    }  # fmt: skip


def test_there_is_an_example_of_every_type_and_it_is_an_entry() -> None:
    held = examples()
    assert set(held) == set(TYPES)
    for type, told in held.items():
        assert entry(told).type == type


def test_examples_in_french_differ_in_what_people_write_freely_alone() -> None:
    for english, french in zip(examples("en").values(), examples("fr").values(), strict=True):
        assert list(english) == list(french)
        assert (english["language"], french["language"]) == ("en", "fr")
        assert english["text"] != french["text"]
        assert entry(french).type == english["type"]
        for spec in fields(english["type"]):
            if spec.choices or spec.name in ("id", "date", "areas", "links", "review", "start", "strength"):
                assert english.get(spec.name) == french.get(spec.name), spec.name


@pytest.mark.parametrize("type", list(TYPES))
def test_an_entry_comes_back_from_its_canonical_bytes_and_from_yaml(type: str) -> None:
    made = entry(examples()[type])
    assert entry(json.loads(made.canonical())) == made
    (again,) = parse_entries(write_yaml(made.content()).encode(), name="x.yaml")
    assert entry(again).canonical() == made.canonical()


def test_the_same_content_has_the_same_bytes_however_it_was_written() -> None:
    short = entry(values(date="2012-03", areas="Mali", sources="A bulletin"))
    long = entry(
        dict(
            reversed(
                values(
                    date={"precision": "month", "from": "2012-03-01", "to": "2012-03-31"},
                    areas=["gw:432"],
                    sources=[{"citation": "A bulletin", "url": None}],
                    links=[],
                ).items()
            )
        )
    )
    assert short.canonical() == long.canonical()
    assert b"null" not in short.canonical()
    assert b"[]" not in short.canonical()


def test_canonical_bytes_are_those_of_rfc_8785() -> None:
    made = entry(warning(text="é€ x", probability=0.25, kind="sb", threshold=25))
    whole = made.canonical().decode()
    keys = list(json.loads(whole))
    assert keys == sorted(keys)
    assert '"text":"é€ x"' in whole
    assert '"probability":0.25' in whole
    assert ": " not in whole


def test_an_id_is_made_from_the_content_alone() -> None:
    first, again = entry(values(None)), entry(values(None))
    other = entry(values(None, text="Soldiers seize power at night."))
    assert first.id == again.id != other.id
    assert first.id.startswith("event-2012-03-21-")


@pytest.mark.parametrize(
    ("written", "precision", "first", "last"),
    [
        ("2012-03-21", "day", "2012-03-21", "2012-03-21"),
        ("2012-02", "month", "2012-02-01", "2012-02-29"),
        ("2012-spring", "season", "2012-03-01", "2012-05-31"),
        ("2012-printemps", "season", "2012-03-01", "2012-05-31"),
        ("2011-winter", "season", "2011-12-01", "2012-02-29"),
        ("2014-autumn", "season", "2014-09-01", "2014-11-30"),
        ("2012", "year", "2012-01-01", "2012-12-31"),
        (2012, "year", "2012-01-01", "2012-12-31"),
        (dt.date(2012, 3, 21), "day", "2012-03-21", "2012-03-21"),
        ("2011-12/2012-02", "range", "2011-12-01", "2012-02-29"),
        ("2012-10-05/2012", "range", "2012-10-05", "2012-12-31"),
    ],
)
def test_dates_as_they_may_be_written(written: object, precision: str, first: str, last: str) -> None:
    when = When.model_validate(written)
    assert (when.precision, when.first.isoformat(), when.last.isoformat()) == (precision, first, last)


@pytest.mark.parametrize(
    ("names", "first", "last"),
    [
        (("spring", "printemps"), "2012-03-01", "2012-05-31"),
        (("summer", "été", "ete"), "2012-06-01", "2012-08-31"),
        (("autumn", "automne"), "2012-09-01", "2012-11-30"),
        (("winter", "hiver"), "2012-12-01", "2013-02-28"),
    ],
)
def test_a_season_is_the_same_three_months_in_either_language(
    names: tuple[str, ...], first: str, last: str
) -> None:
    for name in names:
        when = entry(values(date=f"2012-{name}")).date
        assert (when.precision, when.first.isoformat(), when.last.isoformat()) == ("season", first, last)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 3000))
@example(dt.date(2012, 1, 1), 90)
def test_a_date_written_short_is_the_same_date(first: dt.date, days: int) -> None:
    last = first + dt.timedelta(days=days)
    for told in (
        When.model_validate(f"{first}/{last}"),
        When.model_validate(first),
        When.model_validate(f"{first:%Y-%m}"),
        When.model_validate(first.year),
    ):
        assert When.model_validate(str(told)) == told


@pytest.mark.parametrize(
    "written", ["2012/9999", "9999-12-30/9999-12-31", "9999", "0999", "0999-03", "0999-summer"]
)
def test_the_first_and_last_years_are_written_as_any_other(written: str) -> None:
    assert str(When.model_validate(written)) == written


def test_dates_are_said_in_both_languages() -> None:
    assert When.model_validate("2012-spring").said("fr") == "printemps 2012"
    assert When.model_validate("2011-12/2012-02").said("en") == "2011-12 to 2012-02"
    assert When.model_validate("2011-12/2012-02").said("fr") == "de 2011-12 à 2012-02"


@pytest.mark.parametrize(
    ("given_area", "held"),
    [("MLI", "gw:432"), ("Mali", "gw:432"), (432, "gw:432"), ("gw:432", "gw:432"), ("Tchad", "gw:483"),
     ("gid:146512", "gid:146512"), ("pcode:ML09@2023", "pcode:ML09@2023")],
)  # fmt: skip
def test_areas_as_they_may_be_written(given_area: object, held: str) -> None:
    assert entry(values(areas=[given_area])).areas == (held,)


@pytest.mark.parametrize(
    "amount",
    ["1500.75 USD", "0.4 EUR", "13000000 USD", "0.0000001 USD", "1000000000000000 XOF", "0 USD"],
)
def test_money_is_shown_as_it_was_recorded(amount: str) -> None:
    assert str(Money.model_validate(amount)) == amount


def test_one_party_is_a_list_of_one_and_keeps_its_actor_id() -> None:
    one = entry(dismissal(by={"name": "AQIM", "actor": 539}))
    assert one.content()["by"] == [{"name": "AQIM", "actor": 539}]
    assert entry(dismissal(by=["A ministry"])) == entry(dismissal())


def test_text_is_kept_in_one_unicode_form() -> None:
    composed, apart = entry(values(text="Événement")), entry(values(text="Événement"))
    assert composed.canonical() == apart.canonical()


def test_entries_cannot_be_changed() -> None:
    made = entry(values())
    with pytest.raises(ValueError, match="frozen"):
        made.text = "Nothing happened."  # type: ignore[misc]


def test_a_promise_may_be_open_if_there_is_a_day_to_look_at_it_again() -> None:
    told = {name: value for name, value in examples()["commitment"].items() if name != "deadline"}
    assert entry({**told, "review": "2013-12-31"}).content()["review"] == "2013-12-31"
    deadline = entry({**told, "review": None, "deadline": "2030"})
    assert deadline.content()["deadline"]["to"] == "2030-12-31"
