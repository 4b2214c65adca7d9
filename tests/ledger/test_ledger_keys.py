"""Keys of a ledger: who signs its checkpoints, whose signatures are good, and what a lost key stops."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_standin import NAME, event, refused

from tocsin.errors import BadInput, Damaged
from tocsin.ledger import (
    Checkpoint,
    Ledger,
    VerifierKey,
    load_key,
    make_key,
    new_key,
    trust_key,
)


def test_checkpoints_are_signed_once_there_is_a_key(place: str, home: Path) -> None:
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
        origin = ledger.origin
    made, size = new_key(place)
    assert size == 1
    with Ledger.open(place) as ledger:
        assert Checkpoint.of_note(made.signed(ledger.checkpoint())).origin == made.name == origin
        receipt = ledger.append(event(1))
        assert Checkpoint.of_note(made.signed(receipt.checkpoint)).size == 2
        found = ledger.verify()
        assert found.ok
        assert (found.signatures, found.checkpoints, found.keys) == (2, 3, 1)


def test_a_key_that_did_not_come_to_sign_signs_when_asked_again(place: str, home: Path) -> None:
    """As after a kill between making a key and signing, or with a key that was made for another ledger."""
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
    key = make_key(home, NAME).verifier
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


def test_who_stops_the_making_of_a_key_leaves_no_half_of_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as there:
        there.setattr("os.fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            make_key(home, NAME)
    assert load_key(home) is None
    assert make_key(home, NAME).name == NAME


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
    key = make_key(home, NAME)
    with Ledger.open(place) as ledger:
        assert ledger.origin == NAME
        assert key.verifier.signed(ledger.append(event(0)).checkpoint)


def test_a_lost_key_stops_recording_and_a_new_one_goes_on(place: str, home: Path) -> None:
    first = make_key(home, NAME).verifier
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
    make_key(home, NAME)
    stranger = make_key(home.parent / "other", NAME).verifier
    with Ledger.open(place) as ledger:
        ledger.append(event(0))
        found = ledger.verify(keys=[stranger])
        assert found.signatures == 0
        assert [p.kind for p in found.problems] == ["last_unsigned"]


def test_keys_of_the_home_are_used(home: Path, tmp_path: Path) -> None:
    with Ledger.open() as ledger:
        assert ledger.name == str(home / "ledger.sqlite")
        assert ledger.known_keys == ()
    key, _ = new_key()
    assert load_key(home).verifier == key  # type: ignore[union-attr]
    with Ledger.open(tmp_path / "else.sqlite") as ledger:
        assert ledger.known_keys == (key,)
        assert VerifierKey.parse(str(key)) == key
