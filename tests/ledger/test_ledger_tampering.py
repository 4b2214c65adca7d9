"""Tampering: whatever is changed behind the ledger's back is found, and named where it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_standin import (
    MORNING,
    SIZE,
    body_of,
    copy_of,
    event,
    named,
    put_body,
    rewritten,
    seal_again,
    tampering,
    verify,
)

from tocsin.ledger import Ledger, merkle

slowly = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@slowly
@given(st.integers(0, SIZE - 1), st.integers(0, 10_000), st.integers(1, 255))
def test_any_flipped_byte_of_an_entry(
    original: Path, tmp_path: Path, index: int, at: int, change: int
) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        touched = bytearray(body_of(run, index))
        touched[at % len(touched)] ^= change
        run("UPDATE entries SET body = CAST(? AS TEXT) WHERE idx = ?", bytes(touched), index)
    found = verify(path)
    assert named(found) == {index}
    assert any(p.kind == "entry" and p.id == f"e-{index}" for p in found.problems)


@slowly
@given(st.sampled_from(["leaf", "node", "note"]), st.data())
def test_any_flipped_byte_of_a_hash_or_checkpoint(
    original: Path, tmp_path: Path, what: str, data: Any
) -> None:
    path = copy_of(original, tmp_path)
    bit, at = data.draw(st.integers(1, 255)), data.draw(st.integers(0, 10_000))
    with tampering(path) as run:
        if what == "leaf":
            index = data.draw(st.integers(0, SIZE - 1))
            ((held,),) = run("SELECT leaf FROM entries WHERE idx = ?", index)
            expected = {index}
        elif what == "node":
            level, index, held = data.draw(st.sampled_from(run("SELECT level, idx, hash FROM nodes")))
            expected = set(range(index << level, (index + 1) << level))
        else:
            seq, held = data.draw(st.sampled_from(run("SELECT seq, note FROM checkpoints")))
            held = held.encode()
            expected = set()
        touched = bytearray(held)
        touched[at % len(touched)] ^= bit
        if what == "leaf":
            run("UPDATE entries SET leaf = ? WHERE idx = ?", bytes(touched), index)
        elif what == "node":
            run("UPDATE nodes SET hash = ? WHERE level = ? AND idx = ?", bytes(touched), level, index)
        else:
            text = touched.decode("utf-8", "replace")
            run("UPDATE checkpoints SET note = ? WHERE seq = ?", text, seq)
    found = verify(path)
    assert not found.ok
    assert expected <= named(found)
    if what == "note":
        # Another size in the newest checkpoint also leaves entries beyond it, which is said without a number.
        assert {n for p in found.problems if (n := p.values.get("number"))} == {seq + 1}


@slowly
@given(st.integers(0, SIZE - 1), st.booleans())
def test_any_dropped_entry(original: Path, tmp_path: Path, index: int, thorough: bool) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        run("DELETE FROM entries WHERE idx = ?", index)
        run("DELETE FROM links WHERE idx = ?", index)
        if thorough:
            for later in range(index + 1, SIZE):
                run("UPDATE entries SET idx = ? WHERE idx = ?", later - 1, later)
                run("UPDATE links SET idx = ? WHERE idx = ?", later - 1, later)
            seal_again(run, SIZE - 1, checkpoints=False)
    found = verify(path)
    assert not found.ok
    # Renumbered as a whole, the loss shows as a checkpoint that no longer fits, or an entry too few.
    assert thorough or index == SIZE - 1 or index in named(found)
    kinds = {p.kind for p in found.problems}
    assert kinds & {"missing", "checkpoint_beyond", "checkpoint_root"}


@slowly
@given(st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=2, unique=True), st.booleans())
def test_any_two_entries_that_change_places(
    original: Path, tmp_path: Path, pair: list[int], thorough: bool
) -> None:
    path = copy_of(original, tmp_path)
    one, two = pair
    with tampering(path) as run:
        for table in ("entries", "links"):
            run(f"UPDATE {table} SET idx = -9 WHERE idx = ?", one)
            run(f"UPDATE {table} SET idx = ? WHERE idx = ?", one, two)
            run(f"UPDATE {table} SET idx = ? WHERE idx = -9", two)
        if thorough:
            seal_again(run, SIZE, checkpoints=False)
    found = verify(path)
    assert not found.ok
    assert named(found) & {one, two}


@slowly
@given(st.integers(0, SIZE - 1), st.sampled_from(["author", "type", "areas", "date_to", "recorded_at", "id"]))
def test_any_changed_column(original: Path, tmp_path: Path, index: int, column: str) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        run(f"UPDATE entries SET {column} = 'touched' WHERE idx = ?", index)
    found = verify(path)
    assert [(p.kind, p.index) for p in found.problems] == [("columns", index)]


def test_a_changed_byte_is_named_in_either_store(filled: str) -> None:
    with tampering(filled) as run:
        put_body(run, 6, body_of(run, 6).replace(b"number 6", b"number 9"))
    found = verify(filled)
    assert [(p.kind, p.index, p.id) for p in found.problems] == [("entry", 6, "e-6")]
    assert "Entry 7 (e-6)" in str(found.problems[0])


def test_a_dropped_entry_is_named_in_either_store(filled: str) -> None:
    with tampering(filled) as run:
        run("DELETE FROM entries WHERE idx = 3")
    assert ("missing", 3) in [(p.kind, p.index) for p in verify(filled).problems]


def test_a_changed_entry_with_its_leaf_is_found_in_the_tree(filled: str) -> None:
    with tampering(filled) as run:
        rewritten(run, 6, text="Nothing happened.")
        run("UPDATE entries SET leaf = ? WHERE idx = 6", merkle.leaf_hash(body_of(run, 6)))
    found = verify(filled)
    assert {p.kind for p in found.problems} == {"node", "checkpoint_root"}
    assert 6 in named(found)
    (node,) = [p for p in found.problems if p.kind == "node"]
    assert (node.index, node.values["last"]) == (6, 8)


def test_a_changed_entry_with_its_whole_tree_is_found_by_the_checkpoints(filled: str) -> None:
    with tampering(filled) as run:
        rewritten(run, 6, text="Nothing happened.")
        seal_again(run, SIZE, checkpoints=False)
    (problem,) = verify(filled).problems
    assert problem.kind == "checkpoint_root"
    # Checkpoints are of 1, 5, 7, 15, 20 and 21 entries: the change lies among entries 6 and 7.
    assert (problem.index, problem.id, problem.values["size"]) == (5, "e-5", 7)


@pytest.mark.parametrize(
    ("told", "forged"),
    [
        (b'"id":"e-5"', b'"id":["e-5"]'), (b'"id":"e-5"', b'"id":{"a":1}'), (b'"id":"e-4"', b'"id":["e-4"]'),
        (b'"role":"follows"', b'"role":7'), (b'"type":"event"', b'"type":null'),
        (b'"author":"Desk"', b'"author":["Desk"]'),
    ],
)  # fmt: skip
def test_a_part_of_another_type_is_named_though_all_else_agrees(
    filled: str, told: bytes, forged: bytes
) -> None:
    with tampering(filled) as run:
        body = body_of(run, 5)
        assert told in body
        put_body(run, 5, body.replace(told, forged))
        seal_again(run, SIZE, checkpoints=True)
    assert [(p.kind, p.index, p.id) for p in verify(filled).problems] == [("unreadable", 5, "e-5")]


def test_a_node_that_is_gone_or_too_many_is_named(filled: str) -> None:
    with tampering(filled) as run:
        run("DELETE FROM nodes WHERE level = 2 AND idx = 1")
        for level, index in ((1, 99), (4, 9)):
            run("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", level, index, bytes(32))
    found = [(p.kind, p.values["level"], p.values["node"]) for p in verify(filled).problems]
    assert sorted(found) == [("node_missing", 2, 1), ("node_stray", 1, 99), ("node_stray", 4, 9)]


@pytest.mark.parametrize("sealed", [False, True])
def test_an_entry_put_in_by_hand_is_named(filled: str, sealed: bool) -> None:
    with tampering(filled) as run:
        body = body_of(run, SIZE - 1).replace(b"e-20", b"e-99")
        run(
            "INSERT INTO entries (idx, id, type, date_from, date_to, author, areas, recorded_at, leaf, body) "
            "SELECT ?, 'e-99', type, date_from, date_to, author, areas, recorded_at, ?, ? "
            "FROM entries WHERE idx = ?",
            SIZE, merkle.leaf_hash(body), body.decode(), SIZE - 1,
        )  # fmt: skip
        run(
            "INSERT INTO links (idx, position, role, target) "
            "SELECT ?, position, role, target FROM links WHERE idx = ?",
            SIZE, SIZE - 1,
        )  # fmt: skip
        if sealed:
            seal_again(run, SIZE + 1, checkpoints=False)
    found = verify(filled)
    assert ("after_checkpoint", SIZE, "e-99") in [(p.kind, p.index, p.id) for p in found.problems]


@pytest.mark.parametrize("place_of_it", [-1, 10**15])
def test_an_entry_put_in_far_away_is_named(filled: str, place_of_it: int) -> None:
    with tampering(filled) as run:
        run("UPDATE entries SET idx = ? WHERE idx = ?", place_of_it, SIZE - 1)
    assert ("inserted", place_of_it) in [(p.kind, p.index) for p in verify(filled).problems]


def test_a_back_dated_entry_is_named_though_all_else_agrees(filled: str) -> None:
    earlier = (MORNING - dt.timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with tampering(filled) as run:
        rewritten(run, 9, recorded_at=earlier)
        run("UPDATE entries SET recorded_at = ? WHERE idx = 9", earlier)
        seal_again(run, SIZE, checkpoints=True)
    assert [(p.kind, p.index, p.id) for p in verify(filled).problems] == [("back_dated", 9, "e-9")]


def test_an_entry_under_the_id_of_another_is_named_with_it_though_all_else_agrees(filled: str) -> None:
    with tampering(filled) as run:
        rewritten(run, 9, id="e-3")
        seal_again(run, SIZE, checkpoints=True)
    found = {p.kind: p for p in verify(filled).problems}
    assert set(found) == {"columns", "twice"}
    assert (found["twice"].index, found["twice"].values) == (9, {"other": 4})


def test_links_that_do_not_agree_are_named(filled: str) -> None:
    with tampering(filled) as run:
        run("UPDATE links SET target = 'e-2' WHERE idx = 5")
        run("INSERT INTO links (idx, position, role, target) VALUES (99, 0, 'answers', 'e-1')")
        run("DELETE FROM links WHERE idx = 7")
    found = [(p.kind, p.index) for p in verify(filled).problems]
    assert sorted(found) == [("links", 5), ("links", 7), ("stray_link", 99)]


def test_a_link_to_nothing_is_named_though_all_else_agrees(filled: str) -> None:
    with tampering(filled) as run:
        body = body_of(run, 5).replace(b'"id":"e-4"', b'"id":"x-4"')
        put_body(run, 5, body)
        run("UPDATE links SET target = 'x-4' WHERE idx = 5")
        seal_again(run, SIZE, checkpoints=True)
    assert [(p.kind, p.index, p.values) for p in verify(filled).problems] == [("link", 5, {"target": "x-4"})]


def test_many_problems_are_counted_and_the_first_named(filled: str) -> None:
    with Ledger.open(filled) as ledger:
        ledger.extend(event(n) for n in range(100, 300))
    with tampering(filled) as run:
        run("UPDATE entries SET author = 'touched'")
    found = verify(filled)
    assert found.count == SIZE + 200
    assert len(found.problems) == 100
