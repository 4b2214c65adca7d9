"""The ledger as the pages read it: proofs checked against keys, entries recorded once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.desk import ledger as desk
from tocsin.errors import BadInput, UnknownName
from tocsin.ledger import Ledger, Place, entry, examples, make_key


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with every example entry in its ledger, unsigned."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.delenv("TOCSIN_LEDGER_URL", raising=False)
    with Ledger.open(_place(tmp_path)) as held:
        held.extend([entry(values) for values in examples().values()])
    return tmp_path


def _place(home: Path) -> Place:
    return Place(None, home / "ledger.sqlite", home)


def _signed(home: Path) -> None:
    """Sign the ledger with a new key."""
    make_key(home, "desk")
    with Ledger.open(_place(home), create=False) as held:
        held.sign()


def test_an_unsigned_proof_is_good_and_says_that_nobody_signed(home: Path) -> None:
    checked = desk.one(home, "mali-2012-dismissal").checked
    assert checked.good
    assert checked.signed is None


def test_a_proof_under_a_known_key_names_it(home: Path) -> None:
    _signed(home)
    checked = desk.one(home, "mali-2012-dismissal").checked
    assert (checked.good, checked.signed) == (True, "desk")


def test_a_signature_that_was_touched_up_is_told(home: Path) -> None:
    _signed(home)
    with Ledger.open(_place(home), create=False) as held:
        recorded, proof = held.entry("mali-2012-dismissal"), held.prove("mali-2012-dismissal")
        signed = proof.checkpoint.splitlines()[-1]
        other = "A" if signed[-3] != "A" else "B"
        broken = proof.checkpoint.replace(signed, f"{signed[:-3]}{other}{signed[-2:]}")
        forged = dataclasses.replace(proof, checkpoint=broken)
        checked = desk.check(held, recorded, forged)
    assert checked.bad_signature
    assert not checked.good


@pytest.mark.parametrize("field", ["leaf", "path", "root"])
def test_a_proof_of_something_else_is_not_good(home: Path, field: str) -> None:
    with Ledger.open(_place(home), create=False) as held:
        recorded, proof = held.entry("mali-2012-dismissal"), held.prove("mali-2012-dismissal")
        wrong = "00" * 32
        changed = {field: (wrong, *proof.path[1:]) if field == "path" else wrong}
        assert desk.check(held, recorded, proof).good
        assert not desk.check(held, recorded, dataclasses.replace(proof, **changed)).good


def test_a_search_counts_all_and_shows_one_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "SHOWN", 6)
    count = len(examples())
    pages = [desk.search(home, page=number) for number in range(1, desk.search(home).pages + 1)]
    assert sum(len(page.entries) for page in pages) == count
    assert {page.found for page in pages} == {count}
    days = [one.entry.date.first for page in pages for one in page.entries]
    assert days == sorted(days, reverse=True)
    assert desk.search(home, page=99) == pages[-1], "beyond the last page is the last"


def test_filters_must_all_hold(home: Path) -> None:
    every = desk.search(home, type="dismissal", area="Mali", party="US AMBASSADOR", text="exaggerated")
    assert [one.entry.id for one in every.entries] == ["mali-2012-dismissal"]
    assert desk.search(home, type="dismissal", area="Chad").found == 0
    assert desk.search(home, type="dismissal", party="nobody").found == 0
    with pytest.raises(UnknownName):
        desk.search(home, type="opera")


def test_every_party_of_an_entry_is_found_by_its_name(home: Path) -> None:
    for values in examples().values():
        made = entry(values)
        names = [party["name"] for party in _parties(made.content())]
        for name in (*names, made.author):
            assert made.id in [one.entry.id for one in desk.matching(home, party=name)], (made.id, name)


def _parties(plain: object) -> Iterator[dict[str, str]]:
    inner = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    if isinstance(plain, dict) and "name" in plain:
        yield plain
    for one in inner:
        yield from _parties(one)


def test_the_same_content_is_recorded_once_and_another_under_its_id_is_refused(home: Path) -> None:
    made = entry(examples()["event"] | {"id": "again", "text": "It happened."})
    assert desk.record(home, [made]) == ("again", True)
    assert desk.record(home, [made]) == ("again", False)
    other = entry(examples()["event"] | {"id": "again", "text": "It happened otherwise."})
    with pytest.raises(BadInput, match="again"):
        desk.record(home, [other])


def test_nobody_may_give_an_entry_an_id_that_a_warning_of_a_rule_may_need(home: Path) -> None:
    made = entry(examples()["event"] | {"id": "tocsin-plain-gw432-2012-01-alert"})
    with pytest.raises(BadInput, match="ids that begin with tocsin-"):
        desk.record(home, [made])
    with Ledger.open(_place(home)) as held:
        assert len(held) == len(examples())


def test_without_a_ledger_there_is_nothing_and_nothing_is_made(tmp_path: Path) -> None:
    assert desk.search(tmp_path).found == 0
    assert desk.verified(tmp_path) is None
    for ask in (lambda: desk.one(tmp_path, "x"), lambda: desk.bundle(tmp_path)):
        with pytest.raises(UnknownName):
            ask()
    assert not list(tmp_path.iterdir())


def test_a_form_asks_first_for_what_is_needed(home: Path) -> None:
    needed = [spec.required for spec in desk.asked("commitment")]
    assert needed == sorted(needed, reverse=True)
    assert not {"type", "links", "digest"} & {spec.name for spec in desk.asked("commitment")}
    assert [spec.name for spec in desk.asked("forecast") if spec.name == "digest" and spec.required]
    with pytest.raises(UnknownName):
        desk.asked("opera")
