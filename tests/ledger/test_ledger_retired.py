"""A key that is retired: good for what it signed until then, and for nothing after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ledger_standin import event

from tocsin.cli import main
from tocsin.errors import BadInput, Damaged
from tocsin.ledger import (
    Ledger,
    SigningKey,
    VerifierKey,
    export_bundle,
    load_public,
    locate,
    make_key,
    new_key,
    public_file,
    read_bundle,
    retire_key,
    trust_key,
)


@pytest.fixture
def away(home: Path, tmp_path: Path) -> Path:
    """Return the home of a colleague; both have a key and trust each other's."""
    folder = tmp_path / "away"
    own, other = make_key(home, "office"), make_key(folder, "colleague")
    trust_key(home, other.verifier)
    trust_key(folder, own.verifier)
    return folder


@pytest.fixture
def left(away: Path) -> VerifierKey:
    return load_public(away)[0]


def record(monkeypatch: pytest.MonkeyPatch, folder: Path, place: str, number: int) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TOCSIN_HOME", str(folder))
        with Ledger.open(place) as ledger:
            ledger.append(event(number))


def test_who_left_is_shut_out_and_what_they_signed_stays_good(
    place: str, home: Path, away: Path, left: VerifierKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(monkeypatch, home, place, 1)
    record(monkeypatch, away, place, 2)
    assert main(["ledger", "key", "retire", str(left), "--ledger", place]) == 0
    with Ledger.open(place) as ledger:
        # The last checkpoint, theirs, is still good, and the ledger goes on from it.
        assert ledger.verify().ok
        ledger.append(event(3))
        assert ledger.verify().ok
    record(monkeypatch, away, place, 4)
    with Ledger.open(place) as ledger:
        kinds = [problem.kind for problem in ledger.verify().problems]
        assert kinds == ["signature_unknown", "last_unsigned"]
        with pytest.raises(Damaged, match="a key that was retired"):
            ledger.append(event(5))
        path = export_bundle(ledger, tmp_path / "bundle").path
    with pytest.raises(Damaged, match="good up to 2 entries"):
        read_bundle(path, keys=[key for key in load_public(home) if key == left])


def test_which_key_signed_which_entries_is_shown(
    place: str, home: Path, away: Path, left: VerifierKey, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    own = next(key for key in load_public(home) if key != left)
    for number, folder in enumerate((home, home, away, home), 1):
        record(monkeypatch, folder, place, number)
    retire_key(home, left, 3)
    capsys.readouterr()

    def told(*words: str) -> str:
        assert main(["ledger", *words, "--ledger", place]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert json.loads(told("verify", "--json"))["signers"] == [
        {"key": str(own), "until": None, "count": 3, "runs": [[1, 2], [4, 4]]},
        {"key": str(left), "until": 3, "count": 1, "runs": [[3, 3]]},
    ]
    assert f"First signed by {own.short}: 3, among the numbers 1 to 4." in told("verify")
    # The last checkpoint is the office's; who signed the entry first is told all the same.
    assert json.loads(told("show", "e-3", "--json"))["signed_by"] == str(left)
    assert f"First signed by {left.name}" in told("show", "e-3")


def test_of_a_ledger_signed_late_the_first_key_signed_all_that_was_there(place: str, home: Path) -> None:
    with Ledger.open(place) as ledger:
        ledger.extend([event(1), event(2)])
        assert (ledger.signer(0), ledger.verify().signers) == (None, ())
    key, _ = new_key(place)
    with Ledger.open(place) as ledger:
        assert (ledger.signer(0), ledger.signer(2)) == (key, None)
        assert [(one.key, one.runs) for one in ledger.verify().signers] == [(key, ((1, 2),))]


def test_a_retired_key_is_kept_and_shown_with_its_end(
    home: Path, left: VerifierKey, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "key", "retire", str(left), "--size", "7"]) == 0
    assert f"{left} until 7\n" in public_file(home).read_text()
    capsys.readouterr()
    main(["ledger", "key", "show"])
    assert f"{left} until 7" in capsys.readouterr().out.replace("\n", " ")
    # Never good for longer, whoever asks again, and not trusted anew by the way.
    for size, until in ((9, 7), (3, 3)):
        assert retire_key(home, left, size).until == until
    with pytest.raises(BadInput, match="good up to 3 entries"):
        trust_key(home, left)
    stranger = SigningKey.generate("stranger").verifier
    assert trust_key(home, stranger)
    assert {key.name: key.until for key in load_public(home)} == {
        "office": None, "colleague": 3, "stranger": None,
    }  # fmt: skip


def test_what_cannot_be_retired_is_named(home: Path, left: VerifierKey) -> None:
    before = public_file(home).read_bytes()
    present = load_public(home)[0]
    for key, size, said in (
        (present, 1, "signs now"),
        (SigningKey.generate("stranger").verifier, 1, "nothing to retire"),
        (left, -1, "cannot be good up to −1"),
    ):
        with pytest.raises(BadInput, match=said):
            retire_key(home, key, size)
    assert public_file(home).read_bytes() == before


@pytest.mark.parametrize("end", [" until", " until x", " until -1", " until 007", " since 3"])
def test_a_line_that_does_not_say_until_when_is_none(home: Path, left: VerifierKey, end: str) -> None:
    public_file(home).write_text(f"{left}{end}\n")
    with pytest.raises(BadInput, match="not a list of public keys"):
        load_public(locate().keys)
