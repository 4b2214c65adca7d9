"""Tampering: whatever is changed behind the ledger's back is found, and named where it is."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_standin import MORNING, Clock, event, tampering

from tocsin.errors import Damaged
from tocsin.ledger import Ledger, SigningKey, Verification, make_key, merkle, new_key
from tocsin.ledger.checkpoint import Checkpoint

SIZE = 21
"""Entries in the ledgers tampered with: more than one full subtree on the right edge."""

Run = Callable[..., list[tuple[Any, ...]]]


def fill(place: str | Path, batches: tuple[int, ...] = (1, 4, 2, 8, 5, 1)) -> str:
    """Fill a ledger with SIZE entries a minute apart and return its last checkpoint."""
    clock = Clock()
    with Ledger.open(place, clock=clock) as ledger:
        number = 0
        for size in batches:
            links = [f"follows:e-{number - 1}"] if number else []
            ledger.extend(event(n, links=links if n == number else []) for n in range(number, number + size))
            number += size
            clock.move(minutes=1)
        assert number == SIZE
        assert ledger.verify().ok
        return ledger.checkpoint()


def verify(place: str | Path, kept: str | None = None) -> Verification:
    with Ledger.open(place, create=False) as ledger:
        return ledger.verify(kept=kept)


def named(found: Verification) -> set[int]:
    """Return the indices of entries that the problems name, ranges included."""
    indices: set[int] = set()
    for problem in found.problems:
        if problem.index is not None:
            last = problem.values.get("last", problem.values.get("size", problem.index + 1))
            indices |= set(range(problem.index, int(str(last))))
        assert problem.message("en") != problem.message("fr")
        if problem.id is not None:
            assert problem.id in problem.message("en")
    return indices


def body_of(run: Run, index: int) -> bytes:
    ((body,),) = run("SELECT body FROM entries WHERE idx = ?", index)
    return body if isinstance(body, bytes) else body.encode()


def put_body(run: Run, index: int, body: bytes) -> None:
    run("UPDATE entries SET body = ? WHERE idx = ?", body.decode(), index)


def seal_again(run: Run, size: int, *, checkpoints: bool) -> None:
    """Make leaves, nodes and, if asked, checkpoints agree with the bodies, as a thorough forger would."""
    leaves = [merkle.leaf_hash(body_of(run, index)) for index in range(size)]
    made = {(level, index): value for level, index, value in merkle.new_nodes(0, leaves, lambda k, i: b"")}
    run("DELETE FROM nodes")
    for (level, index), value in made.items():
        if level:
            run("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", level, index, value)
        else:
            run("UPDATE entries SET leaf = ? WHERE idx = ?", value, index)
    if checkpoints:
        for seq, at, note in run("SELECT seq, size, note FROM checkpoints"):
            if at <= size:
                root = merkle.root(at, lambda level, index: made[level, index])
                text = Checkpoint(note.split("\n")[0], at, root).text()
                run("UPDATE checkpoints SET note = ? WHERE seq = ?", text, seq)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "ledger.sqlite"
    fill(path)
    return path


def copy_of(original: Path, folder: Path) -> Path:
    """Return a copy under a name of its own, so that no journal of another copy lies beside it."""
    return Path(shutil.copy(original, folder / f"{uuid.uuid4().hex}.sqlite"))


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


@pytest.fixture
def filled(place: str) -> str:
    fill(place)
    return place


def rewritten(run: Run, index: int, **changes: str) -> None:
    whole = json.loads(body_of(run, index))
    for name, value in changes.items():
        (whole if name in whole else whole["entry"])[name] = value
    put_body(run, index, rfc8785.dumps(whole))


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
        run("INSERT INTO nodes (level, idx, hash) VALUES (4, 9, ?)", bytes(32))
    kinds = {p.kind: p.values for p in verify(filled).problems}
    assert set(kinds) == {"node_missing", "node_stray"}
    assert (kinds["node_missing"]["level"], kinds["node_missing"]["node"]) == (2, 1)


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


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM checkpoints WHERE seq = 2", "checkpoint_missing"),
        ("UPDATE checkpoints SET note = 'nonsense' WHERE seq = 2", "checkpoint_unreadable"),
        ("UPDATE checkpoints SET size = 6 WHERE seq = 2", "checkpoint_columns"),
        ("UPDATE meta SET value = 'other' WHERE name = 'origin'", "checkpoint_columns"),
        ("DELETE FROM meta WHERE name = 'origin'", "checkpoint_columns"),
    ],
)
def test_a_changed_checkpoint_is_named(filled: str, statement: str, kind: str) -> None:
    with tampering(filled) as run:
        run(statement)
    assert kind in {p.kind for p in verify(filled).problems}


def hidden(statements: list[str], index: str) -> list[str]:
    """Return statements that rebuild an index in part, and then let the schema say that it is whole."""
    return [
        *statements,
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = 'CREATE INDEX {index} ON links (target)' WHERE name = '{index}'",
    ]


PART = "CREATE INDEX links_by_target ON links (target) WHERE target <> 'e-4'"


@pytest.mark.parametrize(
    ("statements", "kind", "what"),
    [
        (hidden(["DROP INDEX links_by_target", PART], "links_by_target"), "pages", "links_by_target"),
        (["DROP INDEX links_by_target", PART], "schema", "links_by_target"),
        (["CREATE INDEX roles ON links (role, target)"], "schema", "roles"),
        (["CREATE VIEW seen AS SELECT * FROM links"], "schema", "seen"),
        (["CREATE TRIGGER links_no_update BEFORE INSERT ON links BEGIN SELECT 1; END"], "schema", "links_no"),
    ],
)  # fmt: skip
def test_an_index_trigger_or_view_that_can_hide_entries_is_named(
    original: Path, tmp_path: Path, statements: list[str], kind: str, what: str
) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        for statement in statements:
            run(statement)
    (problem,) = verify(path).problems
    assert problem.kind == kind
    assert what in problem.message("en")
    assert what in problem.message("fr")


WHOLE = "UPDATE pg_index SET indpred = NULL WHERE indexrelid = '{}'::regclass"


def test_a_table_of_ones_own_hides_nothing(original: Path, tmp_path: Path) -> None:
    path = copy_of(original, tmp_path)
    with tampering(path) as run:
        run("ANALYZE")
        run("CREATE TABLE remarks (entry TEXT, remark TEXT)")
    assert verify(path).ok


@pytest.mark.parametrize(
    ("statements", "kind", "what"),
    [
        (["DROP INDEX links_by_target", PART], "schema", "links_by_target"),
        (["CREATE INDEX roles ON links (role, target)"], "schema", "roles"),
        (["ALTER TABLE links ENABLE ROW LEVEL SECURITY"], "schema", "links"),
        (["CREATE RULE quiet AS ON INSERT TO links DO INSTEAD NOTHING"], "schema", "links"),
        (
            ["CREATE TRIGGER t BEFORE INSERT ON links FOR EACH STATEMENT EXECUTE FUNCTION refuse()"],
            "schema",
            "t",
        ),
        *(
            ([drop, make, WHOLE.format(name)], "index", column)
            for name, drop, make, column in (
                ("links_by_target", "DROP INDEX links_by_target", PART, "links.target"),
                (
                    "entries_id_key", "ALTER TABLE entries DROP CONSTRAINT entries_id_key",
                    "CREATE UNIQUE INDEX entries_id_key ON entries (id) WHERE id <> 'e-4'", "entries.id",
                ),
                (
                    "entries_pkey", "ALTER TABLE entries DROP CONSTRAINT entries_pkey",
                    "CREATE UNIQUE INDEX entries_pkey ON entries (idx) WHERE idx <> 4", "entries.idx",
                ),
            )
        ),
    ],
)  # fmt: skip
def test_what_can_hide_entries_on_a_server_is_named(
    postgres: str, statements: list[str], kind: str, what: str
) -> None:
    fill(postgres)
    with tampering(postgres) as run:
        for statement in statements:
            run(statement)
    first = verify(postgres).problems[0]
    assert (first.kind, first.values) == (kind, {"what": what})


def test_history_rewritten_as_a_whole_shows_against_a_checkpoint_kept(place: str) -> None:
    kept = fill(place)
    with tampering(place) as run:
        rewritten(run, 2, text="Nothing happened.")
        seal_again(run, SIZE, checkpoints=True)
    assert verify(place).ok
    assert [p.kind for p in verify(place, kept).problems] == ["kept_root"]


def test_entries_cut_off_with_their_checkpoints_show_against_a_checkpoint_kept(place: str) -> None:
    kept = fill(place)
    with tampering(place) as run:
        for table in ("entries", "links"):
            run(f"DELETE FROM {table} WHERE idx >= 15")
        run("DELETE FROM checkpoints WHERE size > 15")
        seal_again(run, 15, checkpoints=False)
    assert verify(place).ok
    assert [p.kind for p in verify(place, kept).problems] == ["kept_beyond"]


def test_a_checkpoint_kept_of_a_shorter_log_is_continued(place: str) -> None:
    kept = fill(place)
    with Ledger.open(place) as ledger:
        ledger.extend([event(100), event(101)])
    assert verify(place, kept).kept == SIZE
    assert verify(place, kept).ok
    other = kept.replace(kept.split("\n")[0], "another.example/log")
    assert [p.kind for p in verify(place, other).problems] == ["kept_origin"]


def test_without_the_key_history_cannot_be_rewritten(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    kept = fill(place)
    with tampering(place) as run:
        rewritten(run, 2, text="Nothing happened.")
        seal_again(run, SIZE, checkpoints=True)
    found = verify(place)
    assert {p.kind for p in found.problems} == {"last_unsigned"}
    assert found.signatures == 0
    assert "kept_root" in {p.kind for p in verify(place, kept).problems}


def signs_nothing_more(place: str, key: str) -> None:
    """Check that an append is refused with the sentence of `key`, and that nothing is recorded or signed."""
    with Ledger.open(place, create=False) as ledger:
        before = ledger.verify()
        for ask in (ledger.append, lambda entry: ledger.check([entry])):
            with pytest.raises(Damaged) as refused:
                ask(event(100))
            assert refused.value.key == key
        assert ledger.verify() == before


def test_no_entry_signs_a_history_whose_signatures_were_taken_away(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    fill(place)
    with tampering(place) as run:
        rewritten(run, 2, text="Nothing happened.")
        seal_again(run, SIZE, checkpoints=True)
    signs_nothing_more(place, "ledger.head_unsigned")


def test_no_entry_signs_a_history_that_its_last_checkpoint_does_not_tell(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    fill(place)
    with tampering(place) as run:
        rewritten(run, 2, text="Nothing happened.")
        seal_again(run, SIZE, checkpoints=False)
    signs_nothing_more(place, "ledger.head_differs")
    with Ledger.open(place) as ledger, pytest.raises(Damaged, match="last checkpoint"):
        ledger.sign()
    (home / "ledger.key").unlink()
    with pytest.raises(Damaged, match="last checkpoint"):
        new_key(place)
    assert not (home / "ledger.key").exists()


def test_no_entry_signs_what_a_stranger_signed(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    kept = fill(place)
    forger = SigningKey.generate("example.org/log")
    with tampering(place) as run:
        run("UPDATE checkpoints SET note = ? WHERE size = ?", forger.sign(Checkpoint.of_note(kept)), SIZE)
    signs_nothing_more(place, "ledger.head_unknown")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM checkpoints",
        f"DELETE FROM checkpoints WHERE size = {SIZE}",
        f"UPDATE checkpoints SET note = 'nonsense' WHERE size = {SIZE}",
        "UPDATE meta SET value = 'other' WHERE name = 'origin'",
    ],
)
def test_no_entry_is_signed_after_a_checkpoint_that_is_not_of_the_log(
    place: str, home: Path, statement: str
) -> None:
    make_key(home, "example.org/log")
    fill(place)
    with tampering(place) as run:
        run(statement)
    signs_nothing_more(place, "ledger.head_differs")


def test_no_new_key_signs_a_log_that_lost_a_part_of_its_signatures(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    kept = fill(place)
    with tampering(place) as run:
        text = Checkpoint.of_note(kept).text()
        run("UPDATE checkpoints SET note = ? WHERE size = ?", text, SIZE)
    (home / "ledger.key").unlink()
    with pytest.raises(Damaged, match="not signed"):
        new_key(place)


def test_a_checkpoint_that_lost_its_signature_is_named(place: str, home: Path) -> None:
    make_key(home, "example.org/log")
    fill(place)
    with tampering(place) as run:
        ((note,),) = run("SELECT note FROM checkpoints WHERE seq = 3")
        run("UPDATE checkpoints SET note = ? WHERE seq = 3", note.rpartition("\n— ")[0])
        ((note,),) = run("SELECT note FROM checkpoints WHERE seq = 4")
        run("UPDATE checkpoints SET note = ? WHERE seq = 4", note[:-8] + "AAAA" + note[-4:])
    found = {(p.kind, p.values["number"]) for p in verify(place).problems}
    assert found == {("signature_none", 4), ("signature_bad", 5)}


def test_many_problems_are_counted_and_the_first_named(filled: str) -> None:
    with Ledger.open(filled) as ledger:
        ledger.extend(event(n) for n in range(100, 300))
    with tampering(filled) as run:
        run("UPDATE entries SET author = 'touched'")
    found = verify(filled)
    assert found.count == SIZE + 200
    assert len(found.problems) == 100
