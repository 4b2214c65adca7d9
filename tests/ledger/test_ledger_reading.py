"""Files of entries: JSON, JSON Lines and YAML, and everything they may be instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ledger_standin import values

from tocsin.errors import BadFile
from tocsin.ledger import entry, parse_entries, read_entries


def test_the_same_entries_in_each_form() -> None:
    one, two = values("one"), values("two", date="2012", deaths=3)
    expected = [entry(one), entry(two)]
    yaml = """
- {id: one, type: event, date: 2012-03-21, areas: MLI, text: Soldiers seize power., language: en,
   sources: A bulletin, author: Desk, confidence: high, form: coup}
- id: two
  type: event
  date: 2012
  areas: [MLI]
  text: >-
    Soldiers seize
    power.
  language: en
  sources: [A bulletin]
  author: Desk
  confidence: high
  form: coup
  deaths: 3
"""
    for name, text in (
        ("a.json", json.dumps([one, two], indent=1)),
        ("a.jsonl", json.dumps(one) + "\n\n" + json.dumps(two) + "\n"),
        ("a.yaml", yaml),
        ("stdin", "\ufeff" + json.dumps([one, two])),
    ):
        assert [entry(told) for told in parse_entries(text.encode(), name=name)] == expected, name


def test_words_stay_words_in_yaml() -> None:
    (told,) = parse_entries(
        b"language: no\ntext: 2012-03-21\nauthor: on\nid: 007\nrate: 1e3\nnone: null\n", name="a.yaml"
    )
    assert told == {
        "language": "no",
        "text": "2012-03-21",
        "author": "on",
        "id": "007",
        "rate": 1000.0,
        "none": None,
    }


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.yaml", b"", "no entry"),
        ("a.yaml", b"  \n\n", "no entry"),
        ("a.json", b"[]", "no entry"),
        ("a.yaml", b"a: b: c", "line 1"),
        ("a.yaml", b"a: 1\nb: [1, 2", "line 2"),
        ("a.yaml", b"text: one\ntext: two\n", "text"),
        ("a.yaml", b"a: &x [1]\nb: *x\n", "line 2"),
        ("a.yaml", b"a: !!python/object/apply:os.system [ls]\n", "line 1"),
        ("a.yaml", b"id: a\ndeaths: !!int abc\n", "line 2"),
        ("a.yaml", b"rate: !!float x\n", "float"),
        ("a.yaml", b"date: !!timestamp 2012-99-99\n", "timestamp"),
        ("a.yaml", b"hostages: !!bool maybe\n", "bool"),
        ("a.yaml", b"--- !!map\nid: a\n", "line 1"),
        ("a.yaml", b"text: a\x07b", "U+0007"),
        ("a.yaml", b"just words", "just words"),
        ("a.yaml", b"- a\n- b\n", "item 1"),
        ("a.json", b'{"text": "one",}', "line 1, column"),
        ("a.json", b'{"a": 1, "a": 2}', "field a"),
        ("a.json", b'{"a": NaN}', "NaN"),
        ("a.json", b'{"a": "\xff"}', "byte 8"),
        ("a.jsonl", b'{"a": 1}\n{"a": }\n', "line 2"),
        ("a.json", b"[" * 100_000, "deep"),
        ("a.yaml", b"a: " + b"[" * 5_000, "deep"),
        ("a.json", b'{"a": ' + b"9" * 5_000 + b"}", "9999"),
    ],
)
def test_what_is_not_entries_is_named_with_its_place(name: str, content: bytes, expected: str) -> None:
    with pytest.raises(BadFile) as refused:
        parse_entries(content, name=name)
    assert expected in str(refused.value)
    assert name in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadFile, match=str(path)):
            read_entries(path)


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(BadFile):
        parse_entries(bomb.encode(), name="bomb.yaml")
