"""History rewritten with its checkpoints: shown by one that was kept, and signed by no key from then on."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_standin import NAME, SIZE, event, fill, rewritten, seal_again, tampering, verify

from tocsin.errors import Damaged
from tocsin.ledger import Ledger, SigningKey, make_key, new_key
from tocsin.ledger.checkpoint import Checkpoint


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
    make_key(home, NAME)
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
    make_key(home, NAME)
    fill(place)
    with tampering(place) as run:
        rewritten(run, 2, text="Nothing happened.")
        seal_again(run, SIZE, checkpoints=True)
    signs_nothing_more(place, "ledger.head_unsigned")


def test_no_entry_signs_a_history_that_its_last_checkpoint_does_not_tell(place: str, home: Path) -> None:
    make_key(home, NAME)
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
    make_key(home, NAME)
    kept = fill(place)
    forger = SigningKey.generate(NAME)
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
    make_key(home, NAME)
    fill(place)
    with tampering(place) as run:
        run(statement)
    signs_nothing_more(place, "ledger.head_differs")


@pytest.mark.parametrize("signed", [False, True])
def test_nothing_is_recorded_in_a_log_whose_name_was_taken_out(place: str, home: Path, signed: bool) -> None:
    if signed:
        make_key(home, NAME)
    fill(place)
    with tampering(place) as run:
        run("DELETE FROM meta WHERE name = 'origin'")
    signs_nothing_more(place, "ledger.head_differs")


def test_no_new_key_signs_a_log_that_lost_a_part_of_its_signatures(place: str, home: Path) -> None:
    make_key(home, NAME)
    kept = fill(place)
    with tampering(place) as run:
        text = Checkpoint.of_note(kept).text()
        run("UPDATE checkpoints SET note = ? WHERE size = ?", text, SIZE)
    (home / "ledger.key").unlink()
    with pytest.raises(Damaged, match="not signed"):
        new_key(place)


def test_a_checkpoint_that_lost_its_signature_is_named(place: str, home: Path) -> None:
    make_key(home, NAME)
    fill(place)
    with tampering(place) as run:
        ((note,),) = run("SELECT note FROM checkpoints WHERE seq = 3")
        run("UPDATE checkpoints SET note = ? WHERE seq = 3", note.rpartition("\n— ")[0])
        ((note,),) = run("SELECT note FROM checkpoints WHERE seq = 4")
        run("UPDATE checkpoints SET note = ? WHERE seq = 4", note[:-8] + "AAAA" + note[-4:])
    found = {(p.kind, p.values["number"]) for p in verify(place).problems}
    assert found == {("signature_none", 4), ("signature_bad", 5)}
