"""The form: asks for each field, asks again for what cannot be used, and records only what was agreed to."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from tocsin.cli import main
from tocsin.ledger import TYPES, Entry, Ledger, ask_entry, entry, examples, fields
from tocsin.text import set_language

TODAY = dt.date(2024, 5, 2)


def answered(type: str, answers: dict[str, list[str]]) -> tuple[Entry, list[str], list[str]]:
    """Return the entry that answers by label make, the labels asked in order, and what was said."""
    asked: list[str] = []
    told: list[str] = []
    left = {label: iter(given) for label, given in answers.items()}

    def ask(label: str, about: str) -> str:
        assert about
        asked.append(label)
        return next(left.get(label, iter(())), "")

    return ask_entry(type, ask=ask, tell=told.append, today=TODAY), asked, told


ANSWERS = {
    "Date": ["2012-03-21"],
    "Areas": ["Mali"],
    "Text": ["Soldiers seize power."],
    "Sources": ["A bulletin; Another"],
    "Author": ["Desk"],
    "Confidence": ["high"],
    "Form": ["coup"],
}


def test_a_whole_entry_is_asked_for() -> None:
    made, asked, _ = answered("event", {**ANSWERS, "Actors": ["Soldiers; Guards"], "Deaths": ["2"]})
    assert asked == [spec.label for spec in fields("event") if spec.name != "type"]
    assert made == entry(
        type="event", date="2012-03-21", areas="MLI", text="Soldiers seize power.", language="en",
        sources=["A bulletin", "Another"], author="Desk", confidence="high", form="coup",
        actors=["Soldiers", "Guards"], deaths=2,
    )  # fmt: skip


def test_what_cannot_be_used_is_asked_again() -> None:
    made, asked, told = answered(
        "event", {**ANSWERS, "Areas": ["Atlantis", "MLI"], "Author": ["", "Desk"], "Deaths": ["many", "3"]}
    )
    assert (asked.count("Areas"), asked.count("Author"), asked.count("Deaths")) == (2, 2, 2)
    assert any("Atlantis" in line for line in told)
    assert made.content()["deaths"] == 3


def test_what_does_not_fit_together_is_asked_again() -> None:
    answers = {**ANSWERS, "By": ["A ministry"], "Reason": ["other"], "Links": ["answers:w-1"]}
    del answers["Form"]
    made, asked, told = answered("dismissal", {**answers, "Which reason": ["", "It was Friday"]})
    assert made.content()["reason_text"] == "It was Friday"
    assert asked.count("Which reason") == 2
    assert asked.count("Text") == 1
    assert any("reason_text" in line for line in told)


def test_a_date_to_come_is_asked_again() -> None:
    made, asked, _ = answered("event", {**ANSWERS, "Date": ["2030", "2012"]})
    assert made.date.first.year == 2012
    assert asked.count("Date") == 2


def test_choices_may_be_given_in_the_reader_s_words() -> None:
    set_language("fr")
    try:
        labels = {
            "Nature": ["coup d'État"], "Date": ["2012-printemps"], "Zones": ["Mali"], "Texte": ["Un putsch."],
            "Sources": ["Un bulletin"], "Auteur": ["Bureau"], "Confiance": ["élevée"],
        }  # fmt: skip
        made, _, _ = answered("event", labels)
    finally:
        set_language("en")
    assert made.content()["form"] == "coup"
    assert made.content()["date"]["precision"] == "season"
    assert (made.confidence, made.language) == ("high", "fr")


@pytest.mark.parametrize("type", list(TYPES))
def test_every_field_of_every_type_is_described(type: str) -> None:
    specs = fields(type)
    assert {spec.name for spec in specs} >= set(examples()[type])
    for spec in specs:
        assert spec.label
        assert spec.about


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr("builtins.input", lambda prompt="": lines.pop(0) if lines else _end())
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return lines


def _end() -> str:
    raise EOFError


def lines_of(type: str, answers: dict[str, str]) -> list[str]:
    return [answers.get(spec.name, "") for spec in fields(type) if spec.name != "type"]


EVENT = {
    "date": "2012-03-21", "areas": "MLI", "text": "A coup.", "sources": "A bulletin", "author": "Desk",
    "confidence": "high", "form": "coup",
}  # fmt: skip


@pytest.mark.parametrize(("answer", "recorded"), [("y", 1), ("n", 0), ("", 0)])
def test_the_command_records_what_was_agreed_to(typed: list[str], answer: str, recorded: int) -> None:
    typed += [*lines_of("event", EVENT), answer]
    Ledger.open().close()
    assert main(["ledger", "add", "--type", "event"]) == (0 if recorded else 2)
    with Ledger.open() as ledger:
        assert len(ledger) == recorded


def test_input_that_ends_early_records_nothing(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    typed += lines_of("event", EVENT)[:4]
    assert main(["ledger", "add", "--type", "event"]) == 2
    assert "Nothing was recorded" in capsys.readouterr().err
    typed += ["rumour", *lines_of("event", EVENT), "y"]
    assert main(["ledger", "add", "--type", "rumour"]) == 2
