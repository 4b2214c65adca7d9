"""The log in both stores: what is appended can be proved, and what is refused leaves no trace."""

from __future__ import annotations

import datetime as dt

import pytest
from ledger_standin import Clock, by_definition, dismissal, event, refused, tampering, values, warning

from tocsin.errors import BadInput
from tocsin.ledger import (
    Checkpoint,
    Ledger,
    examples,
    merkle,
)
from tocsin.ledger.entries.words import RESERVED_IDS


def test_a_new_ledger_is_empty_and_agrees_with_itself(ledger: Ledger) -> None:
    assert len(ledger) == 0
    assert ledger.entries() == []
    assert Checkpoint.of_note(ledger.checkpoint()).root == merkle.EMPTY
    assert ledger.verify().ok


def test_a_check_tells_how_far_it_has_come_from_nothing_to_all(ledger: Ledger) -> None:
    ledger.extend(event(number) for number in range(5))
    told: list[float] = []
    assert ledger.verify(progress=told.append).ok
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)


def test_a_receipt_proves_what_was_recorded(ledger: Ledger) -> None:
    receipts = [*ledger.extend([event(0), event(1), event(2)]), ledger.append(event(3))]
    assert [r.index for r in receipts] == [0, 1, 2, 3]
    assert [r.size for r in receipts] == [3, 3, 3, 4]
    for receipt in receipts:
        found, proof = ledger.entry(receipt.id), ledger.prove(receipt.id)
        assert found.entry == event(receipt.index)
        assert merkle.leaf_hash(found.body).hex() == receipt.leaf == proof.leaf
        assert Checkpoint.of_note(receipt.checkpoint).root.hex() == receipt.root
        path = [bytes.fromhex(value) for value in proof.path]
        root = merkle.root_from_inclusion(bytes.fromhex(proof.leaf), proof.index, proof.size, path)
        assert root == Checkpoint.of_note(proof.checkpoint).root == bytes.fromhex(proof.root)
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
        found, leaves = ledger.verify(), [one.leaf for one in ledger.entries()]
    assert found.ok
    assert found.root == by_definition(leaves).hex()


def test_what_is_refused_leaves_the_ledger_as_it_was(ledger: Ledger) -> None:
    ledger.extend([warning(), dismissal()])
    refused(ledger, [event(1), values("a-coup", form="party")], "form")
    refused(ledger, [event(1), warning()], "number 1")
    refused(ledger, [event(1), event(1)], "twice")
    refused(ledger, [event(1), values("late", date="2024-05-03")], "still to come")
    told = 'x, link 2: there is no entry "nothing"'
    refused(ledger, [event(1), values("x", links=["follows:w-1", "follows:nothing"])], told)
    refused(ledger, [values("x", links=["follows:x"])], 'x, link 1: there is no entry "x"')
    refused(ledger, [values("x", links=["follows:y"]), values("y")], 'x, link 1: there is no entry "y"')
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
