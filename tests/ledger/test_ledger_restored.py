"""A ledger that was lost: it comes back from a bundle as it was, or under another name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_standin import NAME, Clock, dismissal, event, warning

from tocsin.cli import main
from tocsin.errors import BadInput
from tocsin.ledger import (
    Checkpoint,
    Ledger,
    SigningKey,
    VerifierKey,
    export_bundle,
    import_bundle,
    make_key,
    open_for,
    trust_key,
)


@pytest.fixture
def told(key: SigningKey, tmp_path: Path, clock: Clock) -> list[str]:
    """Record eight entries in three batches, publish all and a part, and return every checkpoint."""
    notes = []
    with Ledger.open(tmp_path / "lost.sqlite", clock=clock) as ledger:
        for batch in ([warning(), dismissal()], [event(1)], [event(n) for n in range(2, 7)]):
            ledger.extend(batch)
            notes.append(ledger.checkpoint())
            export_bundle(ledger, tmp_path / f"of-{len(ledger)}")
            clock.move(minutes=1)
        export_bundle(ledger, tmp_path / "part", ids=["w-1", "e-3"])
    return notes


@pytest.fixture
def bundle(told: list[str], tmp_path: Path) -> Path:
    return tmp_path / "of-8"


@pytest.fixture
def log(bundle: Path, place: str) -> Iterator[Ledger]:
    """Return the ledger, in either store, that is made for the bundle."""
    with open_for(bundle, place) as opened:
        yield opened


def test_a_lost_ledger_comes_back_byte_for_byte(
    log: Ledger, told: list[str], bundle: Path, tmp_path: Path
) -> None:
    done = import_bundle(log, bundle)
    assert (done.recorded, done.held, done.origin, done.taken_over) == (8, 0, NAME, True)
    for note in told:
        found = log.verify(kept=note)
        assert found.ok, found.problems
    again = export_bundle(log, tmp_path / "again").path
    for name in ("entries.jsonl", "proofs.jsonl", "checkpoint.txt"):
        assert (again / name).read_bytes() == (bundle / name).read_bytes()
    assert log.linked_from("w-1") == [("answers", "d-1", "dismissal")]
    done = import_bundle(log, bundle)
    assert (done.recorded, done.held) == (0, 8)


def test_a_ledger_that_came_back_goes_on(log: Ledger, told: list[str], bundle: Path) -> None:
    import_bundle(log, bundle)
    log.append(event(100))
    assert all(log.verify(kept=note).ok for note in told)


def test_an_older_copy_catches_up(log: Ledger, told: list[str], tmp_path: Path) -> None:
    assert import_bundle(log, tmp_path / "of-3").recorded == 3
    done = import_bundle(log, tmp_path / "of-8")
    assert (done.recorded, done.held, done.taken_over) == (5, 3, True)
    assert all(log.verify(kept=note).ok for note in told)
    assert import_bundle(log, tmp_path / "of-3").recorded == 0


def test_a_home_that_was_lost_too_brings_it_back_once_its_key_is_trusted(
    key: SigningKey, told: list[str], bundle: Path, place: str, home: Path
) -> None:
    shutil.rmtree(home)
    trust_key(home, key.verifier)
    with open_for(bundle, place) as log:
        assert import_bundle(log, bundle).taken_over
        assert log.verify(kept=told[0]).ok
        with pytest.raises(BadInput, match="no signing key"):
            log.append(event(100))


@pytest.mark.parametrize("why", ["part", "stranger", "unsigned"])
def test_what_cannot_come_back_as_it_was_gets_another_name(
    key: SigningKey, bundle: Path, tmp_path: Path, place: str, home: Path, why: str
) -> None:
    if why == "part":
        bundle = tmp_path / "part"
    elif why == "stranger":
        shutil.rmtree(home)
        make_key(home, NAME)
    else:
        note = Checkpoint.of_note((bundle / "checkpoint.txt").read_text())
        (bundle / "checkpoint.txt").write_text(note.text())
    with open_for(bundle, place) as log:
        done = import_bundle(log, bundle)
        assert not done.taken_over
        assert log.origin != NAME
        first = log.entry("w-1").imported
        assert first is not None
        assert first["origin"] == NAME


@pytest.mark.parametrize("held", [0, 1])
@pytest.mark.parametrize("name", ["part", "of-8"])
def test_entries_of_a_log_are_not_recorded_anew_under_its_name(
    told: list[str], tmp_path: Path, place: str, held: int, name: str
) -> None:
    with Ledger.open(place) as log:
        assert log.origin == NAME
        log.extend(event(n) for n in range(50, 50 + held))
        if name == "of-8" and not held:
            assert import_bundle(log, tmp_path / name).taken_over
            return
        with pytest.raises(BadInput, match="two logs of one name"):
            import_bundle(log, tmp_path / name)
        assert len(log) == held


def test_a_bundle_that_is_refused_leaves_no_ledger(bundle: Path, place: str) -> None:
    (bundle / "proofs.jsonl").write_text("")
    assert main(["ledger", "import", str(bundle), "--ledger", place]) == 5
    with pytest.raises(BadInput, match="no ledger"):
        Ledger.open(place, create=False)


def test_the_command_says_which_of_the_two_it_was(
    bundle: Path, tmp_path: Path, place: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "import", str(bundle), "--ledger", place]) == 0
    captured = capsys.readouterr()
    assert f"The log {NAME} was taken over as it was" in " ".join(captured.out.split())
    assert "not checked" not in captured.err
    other = str(tmp_path / "other.sqlite")
    assert main(["ledger", "import", str(tmp_path / "part"), "--ledger", other]) == 0
    assert "recorded anew" in " ".join(capsys.readouterr().out.split())


def test_a_key_given_for_one_import_makes_no_ledger_ones_own(
    key: SigningKey, bundle: Path, place: str, home: Path
) -> None:
    shutil.rmtree(home)
    given = [VerifierKey.parse(str(key.verifier))]
    with open_for(bundle, place, keys=given) as log:
        assert not import_bundle(log, bundle, keys=given).taken_over
        assert log.origin != NAME
