"""Entries that cannot be recorded: each is refused with the field, the value and what would be valid."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ledger_standin import dismissal, values, warning

from tocsin.errors import BadInput, UnknownName
from tocsin.ledger import REASONS, ROLES, TYPES, entry, examples


def refusal(told: dict[str, Any]) -> str:
    with pytest.raises(BadInput) as refused:
        entry(told)
    assert refused.value.message("fr") != refused.value.message("en")
    return refused.value.message("en")


def without(type: str, *names: str, **more: Any) -> dict[str, Any]:
    return {k: v for k, v in examples()[type].items() if k not in names} | more


def test_an_unknown_type_lists_the_types() -> None:
    with pytest.raises(UnknownName) as refused:
        entry(values(type="rumour"))
    assert "rumour" in str(refused.value)
    assert all(type in str(refused.value) for type in TYPES)
    assert "type" in refusal({"text": "x"})


def test_an_unknown_reason_lists_the_reasons() -> None:
    said = refusal(dismissal(reason="boring"))
    assert "reason" in said
    assert "boring" in said
    assert all(reason in said for reason in REASONS)


def test_an_unknown_role_lists_the_roles() -> None:
    said = refusal(values(links=["loves:w-1"]))
    assert "links[1].role" in said
    assert all(role in said for role in ROLES)


@pytest.mark.parametrize("type", list(TYPES))
def test_a_field_that_does_not_exist_lists_those_that_do(type: str) -> None:
    said = refusal({**examples()[type], "colour": "red"})
    assert "colour" in said
    assert "confidence" in said


@pytest.mark.parametrize("field", ["date", "areas", "text", "language", "sources", "author", "confidence"])
def test_a_missing_common_field_is_named(field: str) -> None:
    told = values()
    del told[field]
    said = refusal(told)
    assert field in said
    assert "missing" in said


def test_a_commitment_needs_a_test_and_a_deadline_or_review() -> None:
    assert "test is missing" in refusal(without("commitment", "test"))
    assert "test is empty" in refusal(without("commitment", test="  "))
    assert "review" in refusal(without("commitment", "review"))
    assert "before the promise" in refusal(without("commitment", deadline="2011"))


def test_an_answer_names_what_it_answers() -> None:
    roles = {
        "dismissal": "answers", "notice": "answers", "acceptance": "answers", "denial": "denies",
        "fulfilment": "fulfils", "outcome": "resolves", "correction": "corrects",
    }  # fmt: skip
    for type, role in roles.items():
        assert role in refusal(without(type, "links"))
    assert "updates" in refusal(warning(status="cancelled"))


def test_a_list_where_one_value_belongs_is_refused_as_a_list() -> None:
    assert "by takes one value, and is a list of 2" in refusal(warning(by=["A desk", "Another"]))
    assert "recommendation takes one value" in refusal(warning(recommendation=["Act."]))
    assert "parties has too few items" in refusal(without("agreement", parties=[]))


def test_a_reason_of_ones_own_is_told() -> None:
    assert "reason_text" in refusal(dismissal(reason="other"))
    assert entry(dismissal(reason="other", reason_text="It was Friday")).content()["reason_text"]


def test_a_warning_of_a_rule_needs_a_question_that_data_settle() -> None:
    rule = {
        "rule": "onset",
        "question": "25 or more deaths?",
        "kind": "sb",
        "threshold": 25,
        "window": "2012-01/2012-03",
    }
    assert entry(warning(**rule, probability=0.4)).content()["rule"] == "onset"
    for field in ("question", "kind", "threshold", "window"):
        assert field in refusal(warning(**{k: v for k, v in rule.items() if k != field}, probability=0.4))
    assert "result" in refusal(warning(status="resolved", links=["updates:w-0"]))
    assert "result" in refusal(warning(result="came_true"))


def test_a_party_cannot_both_sign_and_not_sign() -> None:
    said = refusal(without("agreement", non_signatories=[{"party": "Government of Mali", "basis": "Events"}]))
    assert "Government of Mali" in said
    assert "parties" in refusal(without("agreement", parties=["Government of Mali"]))


def test_long_text_is_measured_in_bytes() -> None:
    assert "65,536" in refusal(values(text="x" * 1_000_000))
    assert "1,000,000" in refusal(values(text="x" * 1_000_000))
    assert "65,537" in refusal(values(text="é" * 32_768 + "x"))
    assert entry(values(text="é" * 32_768))
    assert "500" in refusal(values(author="x" * 501))
    many = [f"A source {n} " + "x" * 480 for n in range(999)]
    assert "262,144" in refusal(values(sources=many))


@pytest.mark.parametrize(
    "sign",
    ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800", "\ufeff", "\u061c", "\u200e",
     "\u200f", "\u206a", "\ufff9", "\ufffe", "\U000e0041"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["text", "author"])
def test_signs_that_cannot_be_seen_are_refused(sign: str, field: str) -> None:
    said = refusal(values(**{field: f"ab{sign}c"}))
    assert field in said
    assert f"U+{ord(sign):04X}" in said
    assert "position 3" in said
    assert sign not in said


def test_signs_that_some_scripts_need_are_kept() -> None:
    assert entry(values(text="می\u200cخواهم ක්\u200dෂ")).text == "می\u200cخواهم ක්\u200dෂ"


def test_lines_may_break_in_texts_only() -> None:
    assert entry(values(text="One\n\ttwo")).text == "One\n\ttwo"
    assert "U+000A" in refusal(values(author="One\ntwo"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"date": "2012-13"}, "2012-13"),
        ({"date": "2012-02-30"}, "2012-02-30"),
        ({"date": "21/03/2012"}, "21/03/2012"),
        ({"date": "yesterday"}, "yesterday"),
        ({"date": "2012-04/2012-03"}, "before it begins"),
        ({"date": {"precision": "month", "from": "2012-03-02", "to": "2012-03-31"}}, "month"),
        ({"date": {"precision": "season", "from": "2012-04-01", "to": "2012-06-30"}}, "season"),
        ({"date": {"precision": "hour", "from": "2012-03-02", "to": "2012-03-31"}}, "season"),
        ({"date": {"precision": "range", "from": 1, "to": "2012-03-31"}}, "YYYY-MM-DD"),
        ({"areas": ["Atlantis"]}, "Atlantis"),
        ({"areas": []}, "areas"),
        ({"areas": ["Mali\ud800"]}, "Mali�"),
        ({"areas": ["\x1b[31mMali"]}, "�[31mMali"),
        ({"areas": ["x" * 5_000]}, "xx…"),
        ({"\x1b[31mcolour": 1}, "�[31mcolour"),
        ({"areas": ["gid:999999999"]}, "999"),
        ({"areas": ["pcode:ML09"]}, "pcode:ML09@2023"),
        ({"areas": ["SSD"], "date": "1995"}, "South Sudan"),
        ({"id": "Not An Id"}, "Not An Id"),
        ({"id": "../etc"}, "../etc"),
        ({"id": "x" * 121}, "120"),
        ({"language": "English"}, "English"),
        ({"language": False}, "language must be text"),
        ({"sources": [{"citation": "A", "url": "javascript:alert(1)"}]}, "sources[1].url"),
        ({"sources": []}, "sources"),
        ({"sources": [{"url": "https://example.org"}]}, "sources[1].citation"),
        ({"sources": [{"citation": "A", "page": 3}]}, "sources[1].page"),
        ({"confidence": "very"}, "high, moderate, low"),
        ({"deaths": -1}, "at least 0"),
        ({"deaths": "many"}, "whole number"),
        ({"deaths": 10**12}, "at most"),
        ({"text": 7}, "text must be text"),
        ({"text": " \n"}, "text is empty"),
        ({"links": ["w-1"]}, "role:id"),
        ({"links": [{"role": "answers"}]}, "links[1].id"),
        ({"translation": {"language": "fr"}}, "translation.text"),
        ({"actors": 3}, "actors"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value(more: dict[str, Any], expected: str) -> None:
    said = refusal(values(**more))
    assert expected in said
    assert said.isprintable()


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan"), float("inf"), "likely"])
def test_a_probability_lies_between_0_and_1(probability: object) -> None:
    assert "probability" in refusal(warning(probability=probability))


def test_what_is_still_to_come_has_not_happened() -> None:
    day = dt.date(2024, 5, 2)
    dates = {
        "2024-05-02": True, "2024-05-03": False, "2024-05": True, "2024-06": False, "2024": True,
        "2024-04/2024-05-02": True, "2024-04/2024-06": False,
    }  # fmt: skip
    for date, allowed in dates.items():
        made = entry(values(date=date))
        if allowed:
            made.check_present(day)
        else:
            with pytest.raises(
                BadInput, match=r"still to come \(the last day that can be given is 2024-05-02"
            ):
                made.check_present(day)
    late = entry(values(sources=[{"citation": "A", "published": "2025"}]))
    with pytest.raises(BadInput, match=r"sources\[1\]\.published"):
        late.check_present(day)
