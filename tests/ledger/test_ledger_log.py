"""The log in both stores: what is appended can be found and proved, and what is refused leaves no trace."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_standin import MORNING, Clock, dismissal, event, tampering, values, warning

from tocsin.errors import BadInput, Damaged, UnknownName
from tocsin.ledger import (
    Checkpoint,
    Ledger,
    VerifierKey,
    examples,
    load_key,
    make_key,
    merkle,
    new_key,
    trust_key,
)
from tocsin.ledger.clock import TOLERANCE, latest_day, next_stamp, stamp
from tocsin.ledger.entries.words import RESERVED_IDS


def checkpoint(note: str) -> Checkpoint:
    body, separator, _ = note.rpartition("\n\n")
    return Checkpoint.parse(body + "\n" if separator else note)


def test_a_new_ledger_is_empty_and_agrees_with_itself(ledger: Ledger) -> None:
    assert len(ledger) == 0
    assert ledger.entries() == []
    assert checkpoint(ledger.checkpoint()).root == merkle.EMPTY
    assert ledger.verify().ok


def test_a_receipt_proves_what_was_recorded(ledger: Ledger) -> None:
    receipts = [*ledger.extend([event(0), event(1), event(2)]), ledger.append(event(3))]
    assert [r.index for r in receipts] == [0, 1, 2, 3]
    assert [r.size for r in receipts] == [3, 3, 3, 4]
    for receipt in receipts:
        found, proof = ledger.entry(receipt.id), ledger.prove(receipt.id)
        assert found.entry == event(receipt.index)
        assert merkle.leaf_hash(found.body).hex() == receipt.leaf == proof.leaf
        assert checkpoint(receipt.checkpoint).root.hex() == receipt.root
        path = [bytes.fromhex(value) for value in proof.path]
        root = merkle.root_from_inclusion(bytes.fromhex(proof.leaf), proof.index, proof.size, path)
        assert root == checkpoint(proof.checkpoint).root == bytes.fromhex(proof.root)
    assert ledger.verify().ok


def test_an_earlier_receipt_is_a_prefix_of_what_follows(ledger: Ledger) -> None:
    old = ledger.extend([event(n) for n in range(5)])[-1]
    new = ledger.extend([event(n) for n in range(5, 12)])[-1]
    proof = [bytes.fromhex(value) for value in ledger.prove_growth(5).proof]
    old_root, new_root = bytes.fromhex(old.root), bytes.fromhex(new.root)
    assert merkle.is_consistent(5, old_root, 12, new_root, proof)
    for impossible in (0, 13):
        with pytest.raises(BadInput):
            ledger.prove_growth(impossible)


def test_the_ledger_is_the_same_when_opened_again(place: str, clock: Clock) -> None:
    with Ledger.open(place, clock=clock) as first:
        root, origin = first.extend([event(0), event(1)])[-1].root, first.origin
    with Ledger.open(place, clock=clock, create=False) as again:
        assert again.origin == origin
        assert [one.entry.id for one in again.entries()] == ["e-0", "e-1"]
        assert again.verify().root == root


@pytest.mark.parametrize("batches", [[1] * 9, [9], [4, 1, 4]])
def test_the_tree_does_not_depend_on_how_entries_were_grouped(place: str, batches: list[int]) -> None:
    with Ledger.open(place, clock=Clock()) as ledger:
        number = 0
        for size in batches:
            ledger.extend([event(n) for n in range(number, number + size)])
            number += size
        found = ledger.verify()
    leaves = [one.leaf for one in _open_again(place)]
    assert found.ok
    assert found.root == _definition(leaves).hex()


def _open_again(place: str) -> list:
    with Ledger.open(place, create=False) as ledger:
        return ledger.entries()


def _definition(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(_definition(leaves[:half]), _definition(leaves[half:]))


def refused(ledger: Ledger, given: list, expected: str) -> None:
    before = ledger.verify()
    with pytest.raises(BadInput) as error:
        ledger.extend(given)
    assert expected in str(error.value)
    assert ledger.verify() == before


def test_what_is_refused_leaves_the_ledger_as_it_was(ledger: Ledger) -> None:
    ledger.extend([warning(), dismissal()])
    refused(ledger, [event(1), values("a-coup", form="party")], "form")
    refused(ledger, [event(1), warning()], "number 1")
    refused(ledger, [event(1), event(1)], "twice")
    refused(ledger, [event(1), values("late", date="2024-05-03")], "still to come")
    refused(ledger, [event(1), values("x", links=["follows:nothing"])], "nothing")
    refused(ledger, [values("x", links=["follows:x"])], "x")
    refused(ledger, [values("x", links=["follows:y"]), values("y")], "y")
    refused(ledger, [dismissal("d-2", of="d-1")], "warning, assessment, request")
    with pytest.raises(BadInput, match="nothing"):
        ledger.check([values("x", links=["follows:nothing"])])
    assert ledger.check([values("x", links=["follows:w-1"])]) == 1
    assert len(ledger) == 2
    assert ledger.extend([]) == ()


def test_the_same_entry_without_an_id_is_not_recorded_twice(ledger: Ledger) -> None:
    ledger.append(values(None))
    refused(ledger, [values(None)], "number 1")


def test_links_may_lead_to_entries_given_with_them(ledger: Ledger) -> None:
    ledger.extend([warning(), dismissal(), values("c", type="event", links=["follows:d-1"])])
    assert ledger.linked_from("w-1") == [("answers", "d-1", "dismissal")]
    assert ledger.linked_from("d-1") == [("follows", "c", "event")]


def test_a_correction_leaves_what_it_corrects(ledger: Ledger) -> None:
    ledger.append(event(0))
    right = values("e-0b")
    correction = values("k", type="correction", fault="date", links=["corrects:e-0", "replaced_by:e-0b"])
    del correction["form"]
    ledger.extend([right, correction])
    assert ledger.corrected() == {"e-0"}
    assert ledger.entry("e-0").entry == event(0)
    assert len(ledger) == 3


def _correction(id: str, of: str, date: str) -> dict[str, object]:
    made = values(id, type="correction", fault="fact", date=date, links=[f"corrects:{of}"])
    del made["form"]
    return made


def test_a_correction_counts_from_its_day_on_and_until_it_is_corrected(ledger: Ledger) -> None:
    ledger.extend([event(0), _correction("k2", "e-0", "2013-06-01"), _correction("k3", "k2", "2013-07")])

    def wrong(day: str) -> set[str]:
        return set(ledger.corrected(dt.date.fromisoformat(day)))

    days = ("2013-05-31", "2013-06-01", "2013-06-30", "2013-07-01")
    assert [wrong(day) for day in days] == [set(), {"e-0"}, {"e-0"}, {"k2"}]
    assert ledger.corrected() == {"k2"}
    assert [one.id for one in ledger.uncorrected(dt.date(2013, 6, 1))] == ["k2", "k3"]
    assert [one.id for one in ledger.uncorrected(dt.date(2014, 1, 1))] == ["e-0", "k3"]
    ledger.append(_correction("k4", "k3", "2013-08-01"))
    assert ledger.corrected() == {"k3", "e-0"}


def test_only_a_correction_says_that_an_entry_is_wrong(ledger: Ledger) -> None:
    ledger.extend([event(0), event(1, links=["corrects:e-0"])])
    assert ledger.corrected() == set()


def test_corrections_that_a_forger_made_correct_each_other_come_to_an_end(ledger: Ledger, place: str) -> None:
    ledger.extend([event(0), _correction("k2", "e-0", "2013-06-01"), _correction("k3", "k2", "2013-07")])
    with tampering(place) as run:
        run("INSERT INTO links VALUES (1, 1, 'corrects', 'k3')")
    assert ledger.corrected() == {"k2"}


def test_a_clock_may_lie_behind_by_the_tolerance_and_no_further() -> None:
    last = stamp(MORNING)
    assert next_stamp(MORNING - TOLERANCE, last) == last
    with pytest.raises(BadInput):
        next_stamp(MORNING - TOLERANCE - dt.timedelta(microseconds=1), last)


def test_the_latest_day_is_that_of_islands_fourteen_hours_ahead() -> None:
    for hour, minute, day in ((9, 59, 1), (10, 0, 2)):
        present = dt.datetime(2026, 3, 1, hour, minute, tzinfo=dt.UTC)
        assert latest_day(present) == dt.date(2026, 3, day)


def test_time_does_not_run_backwards(ledger: Ledger, clock: Clock) -> None:
    first = ledger.append(event(0))
    clock.move(seconds=-3)
    second = ledger.append(event(1))
    assert second.recorded_at == first.recorded_at
    clock.move(seconds=-3)
    with pytest.raises(BadInput, match="6 seconds behind"):
        ledger.append(event(2))
    assert len(ledger) == 2
    clock.move(days=1)
    assert ledger.append(event(2)).recorded_at > second.recorded_at
    assert ledger.verify().ok


def test_time_is_told_in_utc_whatever_the_clock_says(ledger: Ledger, clock: Clock) -> None:
    clock.now = MORNING.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert ledger.append(event(0)).recorded_at == "2024-05-02T08:00:00.000000Z"


def test_an_area_is_found_as_it_is_written(ledger: Ledger) -> None:
    areas = ("pcode:ML09@cod_2023", "pcode:ML09@codX2023", "pcode:ML09@COD_2023", "pcode:ML09@cod_2023b")
    ledger.extend(values(f"e-{n}", areas=[area, "MLI"]) for n, area in enumerate(areas))
    for n, area in enumerate(areas):
        assert [one.entry.id for one in ledger.entries(area=area, newest=4)] == [f"e-{n}"]
    assert len(ledger.entries(area="MLI")) == 4


def test_entries_are_found_by_type_area_author_and_date(ledger: Ledger) -> None:
    ledger.extend([
        warning(date="2011-12/2012-02"),
        dismissal(date="2012-03", author="Other desk"),
        values("x", areas=["NER", "gid:1"], date="2012"),
        values("y", areas=["Niger"], date="2013-06-01"),
    ])  # fmt: skip

    def ids(**by: object) -> list[str]:
        return [one.entry.id for one in ledger.entries(**by)]  # type: ignore[arg-type]

    assert ids() == ["w-1", "d-1", "x", "y"]
    assert ids(type="dismissal") == ["d-1"]
    assert ids(area="Niger") == ids(area=436) == ids(area="gw:436") == ["x", "y"]
    assert ids(area="gid:1") == ["x"]
    assert ids(area="gid:146512") == []
    assert ids(author="Other desk") == ["d-1"]
    assert ids(since="2012-03") == ["d-1", "x", "y"]
    assert ids(until="2011") == ["w-1"]
    assert ids(since="2012-02", until="2012-02") == ["w-1", "x"]
    assert ids(newest=2) == ["x", "y"]
    with pytest.raises(UnknownName):
        ids(type="rumour")
    with pytest.raises(BadInput, match="Nowhere"):
        ids(area="Nowhere")
    with pytest.raises(BadInput, match="soon"):
        ids(since="soon")


def test_an_entry_that_is_not_there_is_named(ledger: Ledger) -> None:
    for ask in (ledger.entry, ledger.prove):
        with pytest.raises(UnknownName, match="no-such"):
            ask("no-such")


@pytest.mark.parametrize("id", ["a\x00b", "\udcff", "\x1b[31m", "No", "x" * 200])
def test_what_is_no_id_is_never_looked_for(ledger: Ledger, id: str) -> None:
    for ask in (ledger.entry, ledger.prove):
        with pytest.raises(UnknownName) as refused:
            ask(id)
        assert str(refused.value).isprintable()
    assert ledger.linked_from(id) == []


@pytest.mark.parametrize("author", ["a\x00b", "\udcff", " "])
def test_an_author_is_looked_for_as_one_can_be_written(ledger: Ledger, author: str) -> None:
    ledger.append(values(author="Rene\u0301"))
    assert len(ledger.entries(author="Rene\u0301")) == 1
    with pytest.raises(BadInput, match="author"):
        ledger.entries(author=author)


def test_more_entries_than_can_be_counted_are_all(ledger: Ledger) -> None:
    ledger.append(event(1))
    assert len(ledger.entries(newest=10**20)) == 1


def test_no_entry_has_the_name_of_a_page(ledger: Ledger) -> None:
    from tocsin.web.api import records, writing
    from tocsin.web.pages import ledger as pages

    paths = [route.path for module in (records, writing, pages) for route in module.router.routes]
    places = {path.partition("/ledger/")[2].partition("/")[0] for path in paths}
    assert places - {"", "{id}"} == RESERVED_IDS
    for id in RESERVED_IDS:
        refused(ledger, [values(id)], id)
        with pytest.raises(BadInput, match=id):
            ledger.check([values(id)])


def test_examples_of_every_type_can_be_recorded_in_their_order(place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.extend(examples().values())
        assert ledger.verify().ok
        assert len({one.entry.type for one in ledger.entries()}) == len(examples())


def test_checkpoints_are_signed_once_there_is_a_key(place: str, home: Path) -> None:
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
        origin = ledger.origin
    made, size = new_key(place)
    assert size == 1
    with Ledger.open(place) as ledger:
        assert checkpoint(made.signed(ledger.checkpoint())).origin == made.name == origin
        receipt = ledger.append(event(1))
        assert checkpoint(made.signed(receipt.checkpoint)).size == 2
        found = ledger.verify()
        assert found.ok
        assert (found.signatures, found.checkpoints, found.keys) == (2, 3, 1)


def test_a_key_that_did_not_come_to_sign_signs_when_asked_again(place: str, home: Path) -> None:
    """As after a kill between making a key and signing, or with a key that was made for another ledger."""
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
    key = make_key(home, "example.org/log").verifier
    with Ledger.open(place) as ledger, pytest.raises(Damaged, match="ledger key new"):
        ledger.append(event(1))
    with pytest.raises(BadInput, match="already"):
        new_key(place, name="example.org/other")
    assert new_key(place) == (key, 1)
    with Ledger.open(place) as ledger:
        ledger.append(event(1))
        assert ledger.verify().ok
    with pytest.raises(BadInput, match="already"):
        new_key(place)


def test_two_keys_sign_one_ledger_once_they_trust_each_other(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = tmp_path / "one", tmp_path / "two"
    monkeypatch.setenv("TOCSIN_HOME", str(homes[0]))
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
    first, _ = new_key(place)
    monkeypatch.setenv("TOCSIN_HOME", str(homes[1]))
    with pytest.raises(Damaged, match="ledger key trust"):
        new_key(place)
    assert trust_key(homes[1], first)
    second, _ = new_key(place)
    with Ledger.open(place) as ledger:
        ledger.append(event(1))
        assert ledger.verify().ok
    monkeypatch.setenv("TOCSIN_HOME", str(homes[0]))
    with Ledger.open(place) as ledger, pytest.raises(Damaged, match="ledger key trust"):
        ledger.append(event(2))
    assert trust_key(homes[0], second)
    assert not trust_key(homes[0], second)
    with Ledger.open(place) as ledger:
        ledger.append(event(2))
        found = ledger.verify()
        assert found.ok
        assert (found.signatures, found.keys) == (4, 2)


def test_a_ledger_made_with_a_key_carries_its_name(place: str, home: Path) -> None:
    key = make_key(home, "example.org/log")
    with Ledger.open(place) as ledger:
        assert ledger.origin == "example.org/log"
        assert key.verifier.signed(ledger.append(event(0)).checkpoint)


def test_a_lost_key_stops_recording_and_a_new_one_goes_on(place: str, home: Path) -> None:
    first = make_key(home, "example.org/log").verifier
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
    (home / "ledger.key").unlink()
    with Ledger.open(place) as ledger:
        refused(ledger, [event(1)], "ledger key new")
        assert ledger.verify().signatures == 1
    second, size = new_key(place)
    assert size == 1
    with Ledger.open(place) as ledger:
        ledger.append(event(1))
        found = ledger.verify()
        assert found.ok
        assert found.signatures == 3
        assert not ledger.verify(keys=[first]).ok
        assert ledger.verify(keys=[second]).ok


def test_a_stranger_s_key_verifies_nothing(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    stranger = make_key(home.parent / "other", "example.org/log").verifier
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
        found = ledger.verify(keys=[stranger])
        assert found.signatures == 0
        assert [p.kind for p in found.problems] == ["last_unsigned"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_can_be_recorded_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, text: str, author: str
) -> None:
    with Ledger.open(tmp_path_factory.mktemp("any") / "l.sqlite", clock=Clock()) as ledger:
        try:
            ledger.append(values("x", text=text, author=author))
        except BadInput:
            assert len(ledger) == 0
            return
        held = ledger.entry("x")
        assert held.entry.canonical() in held.body
        assert ledger.entries(author=held.entry.author) == [held]
        assert ledger.verify().ok


def test_keys_of_the_home_are_used(home: Path, tmp_path: Path) -> None:
    with Ledger.open() as ledger:
        assert ledger.name == str(home / "ledger.sqlite")
        assert ledger.known_keys == ()
    key, _ = new_key()
    assert load_key(home).verifier == key  # type: ignore[union-attr]
    with Ledger.open(tmp_path / "else.sqlite") as ledger:
        assert ledger.known_keys == (key,)
        assert VerifierKey.parse(str(key)) == key


def test_a_damaged_entry_is_named_when_it_is_read(place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.extend([event(0), event(1)])
    with tampering(place) as run:
        run("UPDATE entries SET body = '{}' WHERE idx = 1")
    with Ledger.open(place) as ledger, pytest.raises(Damaged, match="2"):
        ledger.entry("e-1")
